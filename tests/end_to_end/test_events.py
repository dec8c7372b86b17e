"""What happened to web-17? The events of real runs, every line held to the published schema."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from end_to_end.azure_side import AGENT, Arm, machine_id
from end_to_end.command import Vmapps, ended
from end_to_end.projects import Project, application, assignment, gallery, link, linked, packaged, version
from end_to_end.proxy import Asked, Proxy
from vmapps.render import event_json

VALID = jsonschema.Draft202012Validator(json.loads(event_json.schema()))
Line = dict[str, Any]


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Callable[[], list[Line]]]:
    """Reads the events; at the end every line is held to the schema."""

    def read() -> list[Line]:
        return [json.loads(one) for one in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]

    yield read
    for line in read():
        VALID.validate(line)


def named(lines: list[Line], name: str, **fields: str) -> list[Line]:
    return [one for one in lines if one["event"] == name and fields.items() <= one.items()]


def test_what_happened_to_one_machine(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, events: Callable[[], list[Line]]
) -> None:
    for name in ("web-16", "web-17"):
        arm.machine(name)
    arm.control(
        "PUT", "guest", [{"machine": machine_id("web-17"), "operation": "install", "result": "fail", "exitCode": 7}]
    )
    project.holds(*linked("web-16", "web-17"))
    words = "apply", project.folder, "--yes", "--events", "events.jsonl"
    vmapps.through(listener.url)(*words, "--format", "json").exited(3)
    lines = events()
    assert [one["event"] for one in lines[:2]] == ["runStarted", "request"]
    assert named(lines, "planned")[0]["project"]["owner"] == "shop.a1b2c3d4"
    [run] = {one["run"] for one in lines}

    ours = [one for one in lines if one.get("address") == "VirtualMachine/rg-web/web-17"]
    assert {one["step"] for one in ours} == {"VirtualMachine/rg-web/web-17#1"}
    assert [ours[0]["event"], ours[-1]["event"]] == ["stepStarted", "stepFinished"]
    assert {one["method"] for one in named(ours, "request")} == {"GET", "PATCH"}
    [write] = named(ours, "request", method="PATCH")
    assert (write["status"], write["path"].lower()) == (200, machine_id("web-17").lower())
    assert named(ours, "waiting")
    [verified] = named(ours, "verified")
    assert [(one["application"], one["version"], one["state"]) for one in verified["applications"]] == [
        ("agent", "1.0.0", "failed")
    ]
    assert "exit status=7" in verified["applications"][0]["message"]
    failure = ours[-1]["failure"]
    assert (ours[-1]["outcome"], failure["code"]) == ("failed", "FailedInGuest")
    assert named(lines, "stepFinished", address="VirtualMachine/rg-web/web-16")[0]["outcome"] == "applied"
    assert (lines[-1]["event"], lines[-1]["exitCode"], lines[-1]["changed"]) == ("runEnded", 3, True)

    sent = [
        (one.headers["x-ms-correlation-request-id"], one.headers["x-ms-client-request-id"]) for one in listener.asked
    ]
    assert {correlation for correlation, _ in sent} == {run}
    assert len(set(sent)) == len(sent) == len(named(lines, "request"))
    assert {one["clientRequestId"] for one in named(lines, "request")} == {client for _, client in sent}
    assert all("?" not in one["path"] for one in named(lines, "request"))
    assert all("step" in one for one in named(lines, "request") if one["method"] != "GET")


def test_azure_s_request_id_is_in_report_and_events(
    arm: Arm, vmapps: Vmapps, project: Project, events: Callable[[], list[Line]]
) -> None:
    arm.fault(method="PUT", path=f"{AGENT}/versions/1.0.0", status=400, code="InvalidParameter", message="No.")
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    done = vmapps("apply", project.folder, "--yes", "--events", "events.jsonl", "--format", "json").exited(3)
    lines = events()
    [refused] = [one for one in named(lines, "request") if one["status"] == 400]
    [failed] = named(lines, "stepFinished", outcome="failed")
    [told] = [one for one in done.json["results"] if one["outcome"] == "failed"]
    assert refused["requestId"] == failed["failure"]["requestId"] == told["failure"]["requestId"] != ""
    assert named(lines, "stepFinished", outcome="skipped")[0]["becauseOf"] == failed["step"]


def test_every_try_is_told(arm: Arm, vmapps: Vmapps, project: Project, events: Callable[[], list[Line]]) -> None:
    arm.fault(method="PUT", path=AGENT, status=503, times=2)
    project.holds(gallery(), application())
    vmapps("apply", project.folder, "--yes", "--events", "events.jsonl").exited(0)
    writes = [one for one in named(events(), "request", method="PUT") if one["path"] == AGENT]
    assert [one["status"] for one in writes] == [503, 503, 201]
    assert len({one["clientRequestId"] for one in writes}) == 1
    assert {one["address"] for one in writes} == {"GalleryApplication/platform/agent"}


def test_looks_between_waves_and_scale_sets_and_uploads_and_retries_and_saved_plans(
    arm: Arm, with_blobs: Vmapps, project: Project, events: Callable[[], list[Line]]
) -> None:
    names = [f"web-{number:02}" for number in range(3)]
    for name in names:
        arm.machine(name, {"packageReferenceId": arm.scanner()})
    project.package()
    *rest, rolled = packaged(*names)
    rolled["spec"]["rollout"] = {"waves": [1, "100%"], "maxFailures": 3}
    arm.control("PUT", "guest", [{"application": "agent", "operation": "install", "result": "fail", "times": 1}])
    project.holds(*rest, rolled)
    with_blobs("plan", project.folder, "--out", "plan.json").exited(0)
    said = "--events", "events.jsonl"
    with_blobs("apply", "plan.json", "--project", project.folder, *said).exited(3)
    with_blobs("retry", "--project", project.folder, "--yes", *said).exited(0)
    with_blobs("apply", project.folder, "--yes", *said).exited(0)
    lines = events()
    assert [one["command"] for one in named(lines, "runStarted")] == ["apply", "retry", "apply"]
    assert [one["exitCode"] for one in named(lines, "runEnded")] == [3, 0, 0]
    assert {one["action"] for one in named(lines, "stepFinished")} == {"upload", "create", "assign", "verify"}
    looks = [one for one in named(lines, "verified") if one["step"].startswith("VMAssignment/")]
    assert {one["address"] for one in looks} < {f"VirtualMachine/rg-web/{name}" for name in names}
    assert {one["wave"] for one in named(lines, "stepStarted") if "wave" in one} == {1, 2}
    plan = json.loads((with_blobs.folder / "plan.json").read_text(encoding="utf-8"))
    assert named(lines, "planned")[0]["fingerprint"] == plan["fingerprint"]["plan"]


def test_throttling_is_told_whose_it_is(
    arm: Arm, vmapps: Vmapps, project: Project, events: Callable[[], list[Line]]
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    arm.fault(method="PATCH", path="*/web-01", throttle=True, retryAfter=1)
    arm.fault(method="GET", path="*/virtualMachines", throttle=True, retryAfter=1)
    vmapps("apply", project.folder, "--yes", "--events", "events.jsonl").exited(0)
    refused = [one for one in named(events(), "throttled") if one["refused"] and one["seconds"] >= 1]
    assert {one.get("address") for one in refused} == {None, "VirtualMachine/rg-web/web-01"}


def test_a_rollback_leaves_a_trail_too(
    arm: Arm, vmapps: Vmapps, project: Project, events: Callable[[], list[Line]]
) -> None:
    arm.machine("web-01")
    for number in ("1.0.0", "1.1.0"):
        both = version("1.0.0", link()), version("1.1.0", link("1.1.0"))
        project.holds(gallery(), application(), *both, assignment(number, "web-01"))
        vmapps("apply", project.folder, "--yes").exited(0)
    words = "rollback", "agents", "--project", project.folder, "--yes", "--events", "events.jsonl"
    vmapps(*words).exited(0)
    assert named(events(), "runStarted")[0]["command"] == "rollback"
    [back] = named(events(), "verified")
    assert [(one["version"], one["state"]) for one in back["applications"]] == [("1.0.0", "installed")]


def test_who_is_killed_leaves_whole_lines(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, events: Callable[[], list[Line]]
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    gate = listener.gate(lambda asked: asked.method == "PATCH", after=True)
    words = "apply", project.folder, "--yes", "--events", "events.jsonl"
    with vmapps.through(listener.url).running(*words) as process:
        gate.wait()
        process.kill()
        process.wait()
    killed = events()
    assert killed[-1]["address"] == "VirtualMachine/rg-web/web-01"
    assert not named(killed, "runEnded")
    vmapps(*words).exited(0)
    assert len(events()) > len(killed)
    assert (events()[-1]["event"], events()[-1]["exitCode"]) == ("runEnded", 0)


def to_the_application(asked: Asked) -> bool:
    return asked.method == "PUT" and "/applications/agent?" in asked.path


@pytest.mark.parametrize("presses", [1, 2])
def test_a_stop_is_told(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, events: Callable[[], list[Line]], presses: int
) -> None:
    project.holds(gallery(), application(), version("1.0.0", link()))
    gate = listener.gate(to_the_application)
    words = "apply", project.folder, "--yes", "--events", "events.jsonl"
    with vmapps.through(listener.url).running(*words) as process:
        gate.wait()
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert "Stopping" in process.stderr.readline()
        if presses == 1:
            listener.open()
        else:
            process.send_signal(signal.SIGTERM)
        ended(process).exited(143)
    lines = events()
    assert [one["reason"] for one in named(lines, "stopping")] == ["asked"]
    assert [one["outcome"] for one in named(lines, "stepFinished")] == [
        "applied",
        "applied" if presses == 1 else "inFlight",
        "notBegun",
    ]
    assert lines[-1]["exitCode"] == 143


def test_a_reader_that_hangs_up_does_not_end_the_run(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    pipe = vmapps.folder / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []

    def read() -> None:
        with pipe.open(encoding="utf-8") as stream:
            heard.extend(stream.readline() for _ in range(3))

    reader = threading.Thread(target=read)
    reader.start()
    done = vmapps("apply", project.folder, "--yes", "--events", "pipe").exited(0)
    reader.join()
    assert json.loads(heard[0])["event"] == "runStarted"
    assert done.err.count("the events cannot be written: Broken pipe") == 1
    assert len(arm.entries("web-01")) == 1


def test_scale_sets_instances_have_their_names(
    arm: Arm, vmapps: Vmapps, project: Project, events: Callable[[], list[Line]]
) -> None:
    arm.scale_set("Manual")
    on_set = assignment("1.0.0")
    on_set["spec"] |= {"targets": [{"virtualMachineScaleSet": "rg-web/web-ss"}], "upgradeInstances": True}
    project.holds(gallery(), application(), version("1.0.0", link()), on_set)
    vmapps("apply", project.folder, "--yes", "--events", "events.jsonl").exited(0)
    told = named(events(), "verified", address="VirtualMachineScaleSet/rg-web/web-ss")
    assert len({one["instance"] for one in told}) == len(told) == 3
    assert {one["applications"][0]["state"] for one in told} == {"installed"}
