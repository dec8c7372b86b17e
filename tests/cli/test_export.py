"""`vmapps export`, with a cloud in memory and the real rooms around it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.world import Commands
from memory_cloud import Box, MemoryCloud
from samples import ELSEWHERE, HOME, application_body, desired, machine_id, version_body
from strategies import on_wire
from vmapps.cli import wiring
from vmapps.core.resource import Desired
from vmapps.engine.ports import Scope, Sighting
from vmapps.errors import Denied

SUBSCRIPTION = ("--subscription", HOME)


class Azure(MemoryCloud):
    """Lists are asked for by their real paths here."""

    closed = ""
    asked: list[Scope]

    def survey(self, scope: Scope) -> Sequence[Sighting]:
        self.asked.append(scope)
        if self.closed and self.closed in scope.path:
            raise Denied("no", scope=scope.path, status=403)
        if scope.kind.startswith("VirtualMachine"):
            return super().survey(Scope(scope.kind, "machines")) if scope.kind == "VirtualMachine" else ()
        return super().survey(Scope("Gallery", "galleries") if scope.path.endswith("/galleries") else scope)


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, vmapps: Commands) -> Azure:
    cloud = Azure()
    cloud.asked = []
    publish(cloud, desired("platform"))
    publish(cloud, desired("platform", "nginx", body=application_body()))
    publish(cloud, desired("platform", "nginx", "1.0.0", body=version_body("a")))
    reference = str(desired("platform", "nginx", "1.0.0").id)
    for name in ("web-01", "web-02"):
        cloud.add(Box(machine_id(name), [json.dumps({"packageReferenceId": reference}).encode()]))

    @contextmanager
    def opened(*_: Any) -> Iterator[Azure]:
        yield cloud

    monkeypatch.setattr(wiring, "cloud", opened)
    return cloud


def publish(cloud: MemoryCloud, one: Desired, owner: str = "") -> None:
    tags = {"vmapps-owner": owner} if owner else {}
    cloud.seed(one.id, {"location": "westeurope", **on_wire(one.body), "tags": tags})


def test_a_new_project(azure: Azure, vmapps: Commands) -> None:
    said = vmapps("export", *SUBSCRIPTION, "--out", "infra", "-v")
    assert (said.code, said.err) == (0, "")
    first = "Wrote 4 files to infra: 1 gallery, 1 application, 1 version, 1 assignment of 2 machines.\n"
    assert said.out.startswith(first)
    assert "  + manifests/assignments/web.yaml\n" in said.out
    assert "vmapps plan --adopt infra" in said.out
    assert vmapps("validate", "infra").code == 0
    [metadata] = [line for line in Path("infra/vmapps.yaml").read_text().splitlines() if "name:" in line]
    assert metadata == "  name: infra"


def test_a_project_that_is_there_keeps_its_file_and_its_marks(azure: Azure, vmapps: Commands) -> None:
    vmapps("export", *SUBSCRIPTION, "--out", ".", "--name", "mine", "--no-assignments")
    project = Path("vmapps.yaml").read_text()
    owner = f"mine.{project.partition('id: ')[2].split()[0].strip(chr(39) + chr(34))}"
    publish(azure, desired("platform"), owner)
    said = vmapps("export", "--out", ".", "--format", "json")
    assert said.code == 0
    told = json.loads(said.out)
    assert (told["newProject"], told["written"]) == (False, ["manifests/assignments/web.yaml"])
    assert told["unchanged"] == ["manifests/platform/gallery.yaml", "manifests/platform/nginx.yaml"]
    assert told["leftOut"] == []
    assert Path("vmapps.yaml").read_text() == project


def test_a_gallery_of_another_project_is_only_read(azure: Azure, vmapps: Commands) -> None:
    publish(azure, desired("platform"), "other.1")
    said = vmapps("export", *SUBSCRIPTION, "--out", ".")
    assert "it belongs to 'other.1', so it is only read here: Gallery/platform" in said.out
    assert "managed: false" in Path("manifests/platform/gallery.yaml").read_text()
    assert "application: platform/nginx" in Path("manifests/assignments/web.yaml").read_text()
    assert not Path("manifests/platform/nginx.yaml").exists()


def test_several_subscriptions_and_one_resource_group(azure: Azure, vmapps: Commands) -> None:
    fleet = ("--fleet", HOME, "--fleet", ELSEWHERE, "--fleet", HOME.upper())
    vmapps("export", *SUBSCRIPTION, *fleet, "--resource-group", "rg-g", "--out", ".")
    text = Path("vmapps.yaml").read_text()
    assert f"  fleet:\n    subscriptions:\n      - {HOME.upper()}\n      - {ELSEWHERE}\n" in text
    assert "  resourceGroup: rg-g\n" in text
    assert [one.path.partition("providers/")[0] for one in azure.asked if one.kind == "Gallery"][:1] == [
        f"/subscriptions/{HOME}/resourceGroups/rg-g/"
    ]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 64, "say where the galleries are with --subscription"),
        (("--subscription", "x"), 64, "'x' is not a subscription's id"),
        (("--subscription", HOME, "--fleet", "x"), 64, "'x' is not a subscription's id"),
        (("--subscription", HOME, "--name", "a b"), 64, "--name: 'a b' is not 1 to 63 letters"),
        (("--subscription", HOME, "tools"), 1, "no gallery is called 'tools' there"),
        (("--subscription", HOME, "--unmanaged", "theirs"), 1, "no gallery is called 'theirs' there"),
    ],
)
def test_what_makes_no_sense_is_said(
    azure: Azure, vmapps: Commands, words: tuple[str, ...], code: int, told: str
) -> None:
    said = vmapps("export", *words, "--out", "new")
    assert said.code == code
    assert told in said.err
    assert not Path("new").exists()


@pytest.mark.parametrize("more", [("--subscription", ELSEWHERE), ("--name", "other"), ("--fleet", ELSEWHERE)])
def test_what_the_project_says_is_not_said_again(azure: Azure, vmapps: Commands, more: tuple[str, str]) -> None:
    vmapps("export", *SUBSCRIPTION, "--out", ".")
    said = vmapps("export", "--out", ".", *more)
    assert (said.code, more[0] in said.err) == (64, True)


def test_an_empty_subscription_has_nothing_to_export(azure: Azure, vmapps: Commands) -> None:
    azure.things.clear()
    azure.boxes.clear()
    said = vmapps("export", *SUBSCRIPTION, "--out", "new")
    assert (said.code, said.out) == (1, "")
    assert "there is nothing to export; nothing was written" in said.err
    azure.seed(desired("images").id, {"location": "westeurope", "tags": {}})
    said = vmapps("export", *SUBSCRIPTION, "--out", "new")
    assert "there is nothing to export: it holds no VM applications (Gallery/images)" in said.err


def test_a_fleet_that_cannot_be_read(azure: Azure, vmapps: Commands) -> None:
    azure.closed = "/virtualMachines"
    said = vmapps("export", *SUBSCRIPTION, "--out", "new")
    assert said.code == 1
    assert f"the machines of subscription {HOME} cannot be read; nothing was written" in said.err


def test_a_broken_project_file_is_said(azure: Azure, vmapps: Commands) -> None:
    Path("vmapps.yaml").write_text("kind: Project\n")
    said = vmapps("export", "--out", ".")
    assert said.code == 1
    assert "vmapps.yaml:1:1: error" in said.err


def test_a_file_is_not_written_over(azure: Azure, vmapps: Commands) -> None:
    vmapps("export", *SUBSCRIPTION, "--out", ".")
    file = Path("manifests/platform/nginx.yaml")
    file.write_text("mine\n")
    said = vmapps("export", "--out", ".")
    assert (said.code, file.read_text()) == (1, "mine\n")
    assert "manifests/platform/nginx.yaml would be written over; nothing was written" in said.err
    assert vmapps("export", "--out", ".", "--force", "-q").out.startswith("Wrote 1 file to . (2 unchanged): ")
    assert file.read_text() != "mine\n"
