"""Azure says: too many requests. The command waits as long as it is told to, says so, and can be stopped."""

from __future__ import annotations

import json
import signal

import pytest

from end_to_end.azure_side import Arm
from end_to_end.command import Vmapps, ended
from end_to_end.projects import Project, linked


@pytest.fixture
def shop(arm: Arm, project: Project) -> Project:
    """Two machines, one application from a link."""
    for name in ("web-01", "web-02"):
        arm.machine(name)
    arm.forget_requests()
    return project.holds(*linked("web-01", "web-02"))


def refused(arm: Arm) -> list[str]:
    return [f"{one['method']} {one['path'].rpartition('/')[2]}" for one in arm.requests() if one["status"] == 429]


def test_a_refused_write_is_sent_again_when_azure_said(arm: Arm, vmapps: Vmapps, shop: Project) -> None:
    arm.fault(method="PATCH", path="*/web-01", throttle=True, retryAfter=1)
    trail = shop.folder / "events.jsonl"
    done = vmapps("apply", shop.folder, "--yes", "-v", "--events", trail).exited(0)
    assert refused(arm) == ["PATCH web-01"]
    held = [one for one in map(json.loads, trail.read_text().splitlines()) if one["event"] == "throttled"]
    assert (held[0]["refused"], held[0]["address"]) == (True, "VirtualMachine/rg-web/web-01")
    assert "UpdateVM" in held[0]["bucket"]
    lines = [line for line in done.err.splitlines() if line.startswith("Azure asks to wait 1.")]
    assert len(lines) == 1
    assert "VirtualMachine/rg-web/web-01: " in lines[0]
    assert [len(arm.entries(name)) for name in ("web-01", "web-02")] == [1, 1]


def test_a_refused_list_is_waited_for(arm: Arm, vmapps: Vmapps, shop: Project) -> None:
    arm.fault(method="GET", path="*/virtualMachines", throttle=True, retryAfter=1)
    done = vmapps("plan", shop.folder, "-v").exited(0)
    assert refused(arm) == ["GET virtualMachines"]
    assert "Azure asks to wait 1." in done.err
    assert "2 machines to write" in done.out


def test_a_machine_is_written_with_two_requests_and_its_polls(arm: Arm, vmapps: Vmapps, shop: Project) -> None:
    vmapps("apply", shop.folder, "--yes").exited(0)
    about = [one for one in arm.requests() if one["path"].endswith("/web-01") or "/web-01/" in one["path"]]
    assert [one["method"] for one in about] == ["PATCH", "GET"]
    assert about[0]["ifMatch"]


def test_a_saved_plan_reads_each_machine_once_more(arm: Arm, vmapps: Vmapps, shop: Project) -> None:
    vmapps("plan", shop.folder, "--out", shop.folder / "plan.json").exited(0)
    arm.forget_requests()
    vmapps("apply", shop.folder / "plan.json", "--project", shop.folder).exited(0)
    about = [one["method"] for one in arm.requests() if "/web-01" in one["path"]]
    assert about == ["GET", "PATCH", "GET"]


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_signal_ends_a_long_wait(arm: Arm, vmapps: Vmapps, shop: Project, command: str) -> None:
    arm.fault(method="GET", path="*/virtualMachines", throttle=True, retryAfter=1200)
    yes = ["--yes"] if command == "apply" else []
    with vmapps.running(command, shop.folder, "-v", *yes) as process:
        assert process.stderr is not None
        assert "Azure asks to wait 20 min" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        done = ended(process).exited(143)
    assert done.err.strip() == "Interrupted: nothing was changed."
    assert arm.writes() == []


def test_a_write_that_has_to_wait_is_let_go_by_a_stop(arm: Arm, vmapps: Vmapps, shop: Project) -> None:
    arm.fault(method="PATCH", path="*/web-01", throttle=True, retryAfter=1200)
    with vmapps.running("apply", shop.folder, "--yes", "-v") as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("Azure asks to wait 20 min"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        done = ended(process).exited(130)
    assert "not begun ~ VirtualMachine/rg-web/web-01" in done.out
    assert len(arm.entries("web-01")) == 0
