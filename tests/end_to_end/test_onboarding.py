"""The first days, as docs/onboarding.md tells them: three teams take over what is theirs; nothing is reinstalled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import local_azure
from end_to_end import old_gallery
from end_to_end.azure_side import Arm
from end_to_end.command import Vmapps
from end_to_end.old_gallery import HOME, MACHINES, machine
from specification.watch import WATCH

SUBSCRIPTION = ("--subscription", HOME)
VERSION_1_2_0 = 'version: "1.2.0"'
ROLLOUT = """\
  rollout:
    waves: [1, 100%]
"""


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arm]:
    """An emulator of this module's own, with the old gallery in it."""
    seed = tmp_path_factory.mktemp("old") / "seed.json"
    seed.write_text(json.dumps(old_gallery.seed()), encoding="utf-8")
    with local_azure.emulator("--seed", str(seed)) as url:
        arm = Arm(url)
        arm.control("POST", "settings", {"polls": 0, "retryAfterMs": 0})
        yield arm


@pytest.fixture
def run(azure: Arm, tmp_path: Path) -> Vmapps:
    return Vmapps(tmp_path, azure.url, "")


def scripts(azure: Arm) -> list[dict[str, str]]:
    """Everything that was started in any guest since the beginning."""
    found: list[dict[str, str]] = azure.control("GET", "guest")["scripts"]
    return found


def steps(run: Vmapps, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("plan", *words, "--format", "json").exited(0).json["steps"]
    return found


def test_the_first_days(azure: Arm, run: Vmapps, tmp_path: Path) -> None:
    everywhere = [machine(tier, at) for tier, count in MACHINES.items() for at in range(1, count + 1)]
    before = {one: azure.raw_entries(one) for one in everywhere[::9]}
    azure.forget_requests()

    # The platform team takes the gallery, and the machines' entries of its own applications.
    told = run("export", "shared", *SUBSCRIPTION, "--no-assignments", "--out", "platform").exited(0)
    assert told.out.startswith("Wrote 14 files to platform: 1 gallery, 12 applications, 36 versions, 0 assignments.")
    told = run("export", "shared/platform-*", "--out", "platform").exited(0)
    assert told.out.startswith("Wrote 2 files to platform (5 unchanged): ")
    assert "2 assignments of 200 machines" in told.out
    # The other teams take the entries of theirs.
    for team, count in (("web", 80), ("data", 60)):
        told = run("export", "--unmanaged", f"shared/{team}-*", *SUBSCRIPTION, "--out", team).exited(0)
        assert f"of {count} machines" in told.out
    exporting = len(azure.requests())
    assert {one["method"] for one in azure.requests()} == {"GET"}

    for team in ("platform", "web", "data"):
        assert steps(run, team) == []
    adopted = steps(run, "platform", "--adopt")
    assert {change["path"] for step in adopted for change in step["changes"]} <= {
        "tags.vmapps-owner",
        "tags.vmapps-content",
    }
    assert len(adopted) == 1 + 12 + 36
    azure.forget_requests()
    run("apply", "platform", "--adopt", "--yes").exited(0)
    for team in ("web", "data"):
        assert "Nothing to do" in run("apply", team, "--adopt", "--yes").exited(0).out
    adopting = azure.writes()
    assert len(adopting) == 49
    assert {one.partition(" ")[0] for one in adopting} == {"PATCH"}, "no package has to be readable again"
    assert not [one for one in adopting if "/virtualmachines" in one.lower()]
    assert scripts(azure) == [], "nothing ran in any guest"

    # The first change: a new nginx, on the ten canaries, one first.
    nginx = tmp_path / "platform" / "manifests" / "shared" / "web-nginx.yaml"
    text = nginx.read_text(encoding="utf-8")
    nginx.write_text(f"{text}---\n{newest(text).replace('1.2.0', '1.3.0')}", encoding="utf-8")
    assert [step["address"] for step in steps(run, "platform")] == ["GalleryApplicationVersion/shared/web-nginx/1.3.0"]
    run("apply", "platform", "--yes").exited(0)
    canaries = tmp_path / "web" / "manifests" / "assignments" / "web-canary.yaml"
    text = canaries.read_text(encoding="utf-8")
    assert text.count(VERSION_1_2_0) == 1
    canaries.write_text(text.replace(VERSION_1_2_0, VERSION_1_2_0.replace("1.2.0", "1.3.0")) + ROLLOUT, "utf-8")
    waves = [step["wave"] for step in steps(run, "web", "--adopt") if step["action"] == "assign"]
    assert waves == [1] + [2] * 9
    azure.forget_requests()
    run("apply", "web", "--adopt", "--yes").exited(0)
    changing = [one for one in azure.writes() if "/virtualmachines" in one.lower()]
    assert len(changing) == 10

    ran = [(one["machine"], one["applicationName"], one["version"], one["operation"]) for one in scripts(azure)]
    written = [(machine("web-canary", at).lower(), "web-nginx", "1.3.0", "Update") for at in range(1, 11)]
    assert sorted(ran) == sorted(written), "ten updates, and nothing else ran anywhere"
    for team in ("platform", "web", "data"):
        run("drift", team).exited(0)
    assert all(azure.raw_entries(one) == raw for one, raw in before.items() if "canary" not in one)
    for at in (1, 10):
        agent = azure.raw_entries(machine("web-canary", at))[0]
        assert "/security/applications/agent/versions/latest" in agent
        assert "vmapps" not in agent, "what Azure Policy added is as it was"
    WATCH.notes.append(
        f"onboarding: {len(everywhere)} machines, 12 applications, 3 teams; {exporting} requests to export, "
        f"{len(adopting)} writes to adopt (0 of machines), 10 machines changed in 2 waves, reinstalls: 0"
    )


def newest(text: str) -> str:
    """The last document of a file."""
    return text.rpartition("---\n")[2]
