"""Killed, interrupted, terminated in the middle: what is there afterwards, and what was said on the way out."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from end_to_end.azure_side import AGENT, PLATFORM, Arm
from end_to_end.command import Ended, Vmapps, ended
from end_to_end.projects import Project, linked, packaged
from end_to_end.proxy import Asked, Proxy, proxy_to

MACHINES = "web-01", "web-02", "web-03"
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


def to(method: str, *parts: str) -> Callable[[Asked], bool]:
    """The requests of one method whose path holds all these words."""
    return lambda asked: asked.method == method and all(part in asked.path for part in parts)


WRITES = {
    "gallery": to("PUT", "/galleries/platform?"),
    "application": to("PUT", "/applications/agent?"),
    "version": to("PUT", "/versions/"),
    "first-machine": to("PATCH", "/virtualMachines/web-01"),
    "last-machine": to("PATCH", "/virtualMachines/web-03"),
}
POLLS = {"gallery-poll": to("GET", "/capsOperations/"), "machine-poll": to("GET", "/operations/")}
CASES = [
    *(pytest.param(point, False, id=f"before-Azure-heard-of-the-{name}") for name, point in WRITES.items()),
    *(pytest.param(point, True, id=f"after-Azure-took-the-{name}") for name, point in WRITES.items()),
    *(pytest.param(point, False, id=f"at-a-{name}") for name, point in POLLS.items()),
]


@pytest.mark.parametrize(("point", "after"), CASES)
def test_killed_in_the_middle_a_next_apply_converges(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, point: Callable[[Asked], bool], *, after: bool
) -> None:
    for name in MACHINES:
        arm.machine(name)
    project.holds(*linked(*MACHINES))
    gate = listener.gate(point, after=after)
    with vmapps.through(listener.url).running("apply", project.folder, "--yes", "--parallelism", "2") as process:
        gate.wait()
        process.kill()
        assert process.wait() == -signal.SIGKILL
    vmapps("apply", project.folder, "--yes").exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)
    assert [len(arm.entries(name)) for name in MACHINES] == [1, 1, 1]


BLOB_POINTS = {
    "block": [to("PUT", "restype=container"), to("PUT", "comp=block&"), to("PUT", "comp=blocklist")],
    "page": [to("PUT", "/sha256/"), to("PUT", "comp=page"), to("PUT", "/sha256/", "comp=metadata")],
}
BLOB_CASES = [(kind, at, True) for kind in BLOB_POINTS for at in range(3)] + [("block", 2, False), ("page", 2, False)]


@pytest.mark.parametrize(("kind", "at", "after"), BLOB_CASES)
def test_killed_while_uploading_a_next_apply_converges(
    arm: Arm, with_blobs: Vmapps, project: Project, kind: str, at: int, *, after: bool
) -> None:
    arm.machine("web-01")
    project.package()
    project.spec["packageStore"]["blobType"] = kind
    project.holds(*packaged("web-01"))
    with proxy_to(with_blobs.blobs) as storage:
        gate = storage.gate(BLOB_POINTS[kind][at], after=after)
        with with_blobs.through(blobs=storage.url).running("apply", project.folder, "--yes") as process:
            gate.wait()
            process.kill()
    with_blobs("apply", project.folder, "--yes", "--break-lock").exited(0)
    with_blobs("plan", project.folder, "--detailed-exitcode").exited(0)
    assert arm.installed(arm.machine("web-01")) == {"agent": "1.0.0"}


@pytest.mark.parametrize(("number", "code"), SIGNALS, ids=["SIGINT", "SIGTERM"])
def test_the_first_signal_drains_and_reports(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, number: signal.Signals, code: int
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    gate = listener.gate(to("PUT", "/applications/agent?"))
    with vmapps.through(listener.url).running("apply", project.folder, "--yes") as process:
        gate.wait()
        process.send_signal(number)
        until_it_stops(process, listener)
        done = ended(process).exited(code)
    assert done.out.partition("Plan: ")[2].splitlines()[1:] == [
        "applied   + Gallery/platform",
        "applied   + GalleryApplication/platform/agent",
        "not begun + GalleryApplicationVersion/platform/agent/1.0.0",
        "not begun ~ VirtualMachine/rg-web/web-01",
        "Applied 2, not begun 2. Stopped before the end.",
    ]
    assert arm.read(AGENT) is not None
    assert arm.read(f"{AGENT}/versions/1.0.0") is None


def until_it_stops(process: subprocess.Popen[str], listener: Proxy) -> None:
    """The signal is noticed at latest when the coordinator looks again: give it that, then let Azure answer."""
    assert process.stderr is not None
    assert "Stopping" in process.stderr.readline()
    listener.open()


@pytest.mark.parametrize(("number", "code"), SIGNALS, ids=["SIGINT", "SIGTERM"])
def test_the_second_signal_leaves_within_a_second_and_names_what_is_in_flight(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, number: signal.Signals, code: int
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    gate = listener.gate(to("PUT", "/applications/agent?"))
    with vmapps.through(listener.url).running("apply", project.folder, "--yes") as process:
        gate.wait()
        process.send_signal(number)
        assert process.stderr is not None
        assert "Stopping" in process.stderr.readline()
        process.send_signal(number)
        done = left(process).exited(code)
    assert "Left at once. Azure may still be doing: GalleryApplication/platform/agent." in done.err
    assert done.out.partition("Plan: ")[2].splitlines()[1:] == [
        "applied   + Gallery/platform",
        "in flight + GalleryApplication/platform/agent",
        "            Azure may still be doing it; the next plan shows what became of it",
        "not begun + GalleryApplicationVersion/platform/agent/1.0.0",
        "not begun ~ VirtualMachine/rg-web/web-01",
        "Applied 1, in flight 1, not begun 2. Stopped before the end.",
    ]


def left(process: subprocess.Popen[str]) -> Ended:
    """It must leave although the answer it waits for never comes: the gate stays shut for a minute."""
    out, err = process.communicate(timeout=20)
    return Ended(process.returncode, out, err)


@pytest.mark.parametrize(("number", "code"), SIGNALS, ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("command", ["plan", "drift"])
def test_a_signal_while_nothing_is_written_says_so(
    vmapps: Vmapps, project: Project, listener: Proxy, command: str, number: signal.Signals, code: int
) -> None:
    project.holds(*linked("web-01"))
    gate = listener.gate(to("GET", "/galleries"))
    with vmapps.through(listener.url).running(command, project.folder) as process:
        gate.wait()
        process.send_signal(number)
        listener.open()
        done = ended(process).exited(code)
    assert done.err.strip() == "Interrupted: nothing was changed."
    assert done.out == ""


def test_a_signal_between_plan_and_first_write_changes_nothing(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    gate = listener.gate(lambda asked: asked.method == "GET" and asked.path.startswith(f"{PLATFORM}?"))
    with vmapps.through(listener.url).running("apply", project.folder, "--yes", "--format", "json") as process:
        gate.wait()
        process.send_signal(signal.SIGTERM)
        listener.open()
        done = ended(process).exited(143)
    assert done.json["interrupted"]
    assert done.json["summary"]["notBegun"] == 3


def test_a_reader_that_hangs_up_changes_nothing(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    with vmapps.running("apply", project.folder, "--yes") as process:
        assert process.stdout is not None
        process.stdout.close()
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert process.returncode == 0
    assert len(arm.entries("web-01")) == 1
