"""Five hundred machines as years left them: exported, adopted, and nothing happens on any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import local_azure
from end_to_end import messy
from end_to_end.azure_side import Arm
from end_to_end.command import Ended, Vmapps

FLEET = ("--fleet", messy.HOME, "--fleet", messy.AWAY)
EXPORT = ("export", "platform", "tools", "--unmanaged", "security", "--subscription", messy.HOME, *FLEET)


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arm]:
    """An emulator of this module's own, with the messy fleet in it."""
    seed = tmp_path_factory.mktemp("messy") / "seed.json"
    seed.write_text(json.dumps(messy.seed()), encoding="utf-8")
    with local_azure.emulator("--seed", str(seed)) as url:
        yield Arm(url)


@pytest.fixture
def run(azure: Arm, tmp_path: Path) -> Vmapps:
    azure.control("POST", "reset")
    azure.control("POST", "settings", {"polls": 0, "retryAfterMs": 0})
    azure.forget_requests()
    return Vmapps(tmp_path, azure.url, "")


def files(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.yaml"))
    }


def notes(plan: Ended) -> set[str]:
    return {note["code"] for note in plan.json["notes"]}


def test_export_adopt_and_nothing_is_reinstalled(azure: Arm, run: Vmapps, tmp_path: Path) -> None:
    told = run(*EXPORT, "--out", "live", "--format", "json").exited(0)
    assert told.json["documents"] == {
        "Gallery": 3,
        "GalleryApplication": 9,
        "GalleryApplicationVersion": 31,
        "VMAssignment": len(told.json["written"]) - 14,
    }
    assert 430 < told.json["machines"] < messy.MACHINES
    asked = azure.requests()
    # 2 subscriptions x (machines by 200, scale sets), galleries, 2 + 1 lists of applications, 9 + 1 of versions,
    # and the other team's resource group: as many requests as there are pages
    assert {one["method"] for one in asked} == {"GET"}
    assert len(asked) == 3 + 1 + 2 + 1 + 2 + 1 + 9 + 1 + 1

    run("validate", "live").exited(0)
    plan = run("plan", "live", "--format", "json").exited(0)
    assert plan.json["steps"] == []
    assert notes(plan) == {"not-adopted", "foreign", "matched"}
    assert not [one for one in plan.json["diagnostics"] if one["severity"] == "error"]

    plan = run("plan", "live", "--adopt", "--format", "json").exited(0)
    assert {change["path"] for step in plan.json["steps"] for change in step["changes"]} <= {
        "tags.vmapps-owner",
        "tags.vmapps-content",
    }
    assert {step["action"] for step in plan.json["steps"]} == {"update"}
    assert len(plan.json["steps"]) == 2 + 9 + 31

    azure.forget_requests()
    run("apply", "live", "--adopt", "--yes").exited(0)
    assert not [one for one in azure.writes() if "/virtualmachine" in one.lower()], "no machine was written"
    plan = run("plan", "live", "--format", "json").exited(0)
    assert plan.json["steps"] == []
    assert notes(plan) == {"not-adopted", "foreign", "matched", "unchanged"}
    run("drift", "live").exited(0)
    assert azure.control("GET", "guest")["scripts"] == [], "nothing ran in any guest"
    assert not [name for name, text in files(tmp_path / "live").items() if "CANARY" in text or "sig=" in text]


def test_the_same_world_gives_the_same_bytes(run: Vmapps, tmp_path: Path) -> None:
    first = run(*EXPORT, "--out", "one").exited(0)
    run(*EXPORT, "--out", "two", "--parallelism", "1").exited(0)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert one.pop("vmapps.yaml") != two.pop("vmapps.yaml"), "each project has an id of its own"
    assert one == two
    again = run("export", "platform", "Tools", "--unmanaged", "security", "--out", "one").exited(0)
    assert again.out.startswith("Wrote 0 files to one (")
    assert "CANARY" not in first.said + again.said


def test_what_manifests_cannot_say_stands_where_it_belongs(run: Vmapps, tmp_path: Path) -> None:
    run(*EXPORT, "--out", "live").exited(0)
    found = files(tmp_path / "live" / "manifests")
    assert "# - GalleryApplicationVersion/Tools/curl/1.10.0 is left out: it is of no use" in found["Tools/curl.yaml"]
    assert "the link lost its signature" in found["platform/base.yaml"]
    whole = " ".join("".join(found.values()).replace("\n#   ", " ").split())
    for text in (
        "Tools/backup/2.0.0 is left out: the install command has several lines; cmd.exe runs one",
        "platform/certs 9.9.9: its version does not exist; while the entry is there, Azure refuses every write",
        "Tools/curl 1.10.0: the publication of its version failed",
        "Tools/agent 1.0.0: another entry's application is called 'agent' too",
        "Tools/gone 1.0.0: its application is not there any more",
        "Tools/backup 1.0.0: a manifest has enableAutomaticUpgrade only for versions/latest",
        "Tools/curl 2.0.0: it carries the mark of 'other.1'",
        "its version is not replicated to North Europe, where the machine is",
        "its application is for Linux, the machine runs Windows",
        "platform/nginx: configurationReference: its query is left out",
        "security/scanner: it looks like what Azure Policy adds",
    ):
        assert text in whole, text
    assert 'virtualMachine: "rg-api/1e3"' not in whole
    assert "managed: false" in found["security/gallery.yaml"]
    assert "assignments/ss.yaml" in found, "scale sets have assignments of their own"
    assert f"/subscriptions/{messy.AWAY}/resourceGroups/rg-web/" in whole, "of another subscription by their ids"


def test_other_peoples_entries_are_ignored_unless_their_gallery_is_asked_for(run: Vmapps, tmp_path: Path) -> None:
    run("export", "platform/base", "--subscription", messy.HOME, "--machines", "rg-web/*", "--out", "web").exited(0)
    found = files(tmp_path / "web" / "manifests")
    assert {name for name in found if not name.startswith("assignments/")} == {
        "platform/gallery.yaml",
        "platform/base.yaml",
    }
    whole = "".join(found.values())
    assert "security/scanner latest is of what was not exported: it stays as it is" in whole
    assert "ignore:\n    - security/scanner\n" in whole
    assert "rg-api" not in whole
    plan = run("plan", "web", "--format", "json").exited(0)
    assert plan.json["steps"] == []


def test_without_assignments_no_machine_is_read(azure: Arm, run: Vmapps, tmp_path: Path) -> None:
    run("export", "--no-assignments", "--subscription", messy.HOME, "--out", "catalogue").exited(0)
    assert not [one for one in azure.requests() if "/virtualmachine" in one["path"].lower()]
    found = files(tmp_path / "catalogue" / "manifests")
    assert not [name for name in found if name.startswith(("assignments/", "images/"))]
    assert "security/scanner.yaml" in found


def test_nothing_is_written_over_unasked(run: Vmapps, tmp_path: Path) -> None:
    catalogue = ("export", "platform", "--no-assignments", "--out", "live")
    run(*catalogue, "--subscription", messy.HOME).exited(0)
    edited = tmp_path / "live" / "manifests" / "platform" / "base.yaml"
    edited.write_text("# mine\n", encoding="utf-8")
    before = files(tmp_path / "live")
    refused = run("export", "platform", "Tools", "--no-assignments", "--out", "live").exited(1)
    refused.complained("base.yaml would be written over; nothing was written")
    assert files(tmp_path / "live") == before
    run(*catalogue, "--force").exited(0)
    assert edited.read_text(encoding="utf-8") != "# mine\n"
    assert not list((tmp_path / "live").glob(".vmapps-export-*"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("export", "--out", "new"), 64, "say where the galleries are with --subscription"),
        (("export", "--out", "new", "--subscription", "mine"), 64, "is not a subscription's id"),
        (("export", "nothing", "--out", "new", "--subscription", messy.HOME), 1, "no gallery is called 'nothing'"),
        (("export", "--out", "new", "--subscription", messy.HOME, "--name", "a b"), 64, "--name: 'a b' is not"),
    ],
)
def test_what_cannot_be_exported_is_said(
    run: Vmapps, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in run(*words).exited(code).err
    assert not (tmp_path / "new").exists()


def test_a_fleet_that_cannot_be_read_is_no_fleet(azure: Arm, run: Vmapps, tmp_path: Path) -> None:
    azure.fault(method="GET", path=f"/subscriptions/{messy.AWAY}/*", times=None, status=403, code="AuthorizationFailed")
    try:
        refused = run(*EXPORT, "--out", "new").exited(1)
    finally:
        azure.control("DELETE", "faults")
    refused.complained(f"the machines of subscription {messy.AWAY} cannot be read; nothing was written")
    assert not (tmp_path / "new").exists()
