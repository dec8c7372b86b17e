"""`vmapps status`: machines that are well, failed, off, behind or gone; scale sets; what may not be read."""

from __future__ import annotations

import html
import json
from collections import Counter
from typing import Any

import jsonschema
import pytest

from end_to_end.azure_side import SUBSCRIPTION, Arm, machine_id, set_id
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Document, Project, application, document, gallery, link, version

OTHER = "33333333-3333-3333-3333-333333333333"
QUERY = "?sv=2025-11-05&sig=CANARYguest0123456789abcdefghijklmno%3D"
ALLOW = {"effect": "Allow", "actions": ["*"]}


def documents(*targets: dict[str, str], **more: Any) -> tuple[Document, ...]:
    """base, then agent on top of it."""
    wanted: list[dict[str, Any]] = [
        {"application": "platform/base", "version": "1.0.0"},
        {"application": "platform/agent", "version": "1.0.0", "dependsOn": ["platform/base"]},
    ]
    return (
        gallery(),
        application(),
        application("base"),
        version("1.0.0", link()),
        version("1.0.0", link("base"), "platform/base"),
        document("VMAssignment", "tier", {"targets": list(targets), "applications": wanted, **more}),
    )


def on(*machines: str) -> list[dict[str, str]]:
    return [{"virtualMachine": f"rg-web/{one}"} for one in machines]


def profile(entries: list[Any]) -> dict[str, Any]:
    return {"properties": {"applicationProfile": {"galleryApplications": entries}}}


def fails(arm: Arm, *rules: dict[str, Any]) -> None:
    arm.control("PUT", "guest", [{"operation": "install", "result": "fail", **rule} for rule in rules])


def states(ended: Ended) -> dict[str, str]:
    rows = ended.json["rows"]
    return {f"{row['machine'].split('/')[2]}{row['instance'] or ''} {row['application']}": row["state"] for row in rows}


def views(arm: Arm) -> list[str]:
    return [one["path"].lower() for one in arm.requests() if one["path"].lower().endswith("/instanceview")]


def test_every_state_and_what_was_read_for_it(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    names = ("well", "bad", "off", "bare", "late")
    for name in names:
        arm.machine(name)
    arm.machine("others", {"packageReferenceId": arm.scanner()})
    arm.machine("empty")
    arm.write("POST", f"{machine_id('off')}/deallocate")
    fails(arm, {"machine": "bad", "application": "base", "message": f"no such host https://x.example/p{QUERY}"})
    [*rest, assigned] = documents(*on(*names))
    project.holds(*rest, version("1.1.0", link("1.1.0")), assigned)
    vmapps("apply", project.folder, "--yes").exited(3)
    arm.write("PATCH", machine_id("bare"), profile([]))
    late = json.loads(json.dumps(arm.entries("late")).replace("agent/versions/1.0.0", "agent/versions/1.1.0"))
    arm.control("POST", "settings", {"scriptPolls": 1000})
    arm.send("PATCH", f"{machine_id('late')}?api-version=2024-07-01", profile(late))
    newer = documents(*on("late"))[-1]
    newer["metadata"]["name"] = "newer"
    newer["spec"]["applications"][1]["version"] = "1.1.0"
    assigned["spec"]["targets"] = on(*names[:4])
    project.holds(*rest, version("1.1.0", link("1.1.0")), assigned, newer)
    arm.forget_requests()
    told = vmapps("status", project.folder, "--format", "json").exited(0)
    found = states(told)
    assert found == {
        "bad platform/agent": "skipped",
        "bad platform/base": "failed",
        "bare platform/agent": "not-converged",
        "bare platform/base": "not-converged",
        "late platform/agent": "pending",
        "late platform/base": "installed",
        "off platform/agent": "off",
        "off platform/base": "off",
        "well platform/agent": "installed",
        "well platform/base": "installed",
    }
    assert sorted(path.split("/")[-2] for path in views(arm)) == ["bad", "late", "off", "well"], "one a machine of ours"
    assert told.json["read"] == {"reports": 4, "scaleSets": 0, "foreignLeftOut": 1}
    jsonschema.validate(told.json, json.loads(vmapps("schema", "status").exited(0).out))
    for form in ("text", "json", "markdown"):
        said = vmapps("status", project.folder, "--format", form, "-v").exited(0)
        assert "no such host https://x.example/p" in " ".join(html.unescape(said.out).split())
        assert "CANARYguest" not in said.said


def test_it_folds_at_the_width_of_the_terminal(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    names = [f"web-{number:02}" for number in range(12)]
    for name in names:
        arm.machine(name)
    fails(arm, {"machine": "web-0*", "application": "base", "message": "exit status=1 " * 30})
    project.holds(*documents(*on(*names)))
    vmapps("apply", project.folder, "--yes").exited(3)
    told = vmapps("status", project.folder).exited(0)
    assert told.out.startswith("24 applications on 12 machines: 4 installed, 10 failed, 10 skipped.\n")
    assert "web-07 and 2 more (-v lists them)" in told.out
    assert max(map(len, told.out.splitlines())) <= 80
    assert max(map(len, vmapps("status", project.folder, COLUMNS="60").exited(0).out.splitlines())) <= 60
    assert "web-09" in vmapps("status", project.folder, "-v").exited(0).out
    arm.forget_requests()
    narrow = vmapps("status", project.folder, "--target", "*/web-01", "--state", "failed", "--format", "json").exited(0)
    assert states(narrow) == {"web-01 platform/base": "failed"}
    assert [path.split("/")[-2] for path in views(arm)] == ["web-01"]
    arm.forget_requests()
    unread = vmapps("status", project.folder, "--guest", "none", "--format", "json").exited(0)
    assert set(states(unread).values()) == {"not-read"}
    assert views(arm) == []


@pytest.mark.parametrize("flexible", [False, True])
def test_the_instances_of_a_scale_set(arm: Arm, vmapps: Vmapps, project: Project, flexible: bool) -> None:
    arm.scale_set("Manual", count=3, flexible=flexible)
    name = [one["instanceId"] if not flexible else one["name"] for one in arm.instances()]
    fails(arm, {"machine": arm.instances()[1]["id"], "application": "base"})
    targets = {"virtualMachineScaleSet": "rg-web/web-ss"}
    project.holds(*documents(targets, upgradeInstances=True))
    vmapps("apply", project.folder, "--yes").exited(3)
    arm.forget_requests()
    told = vmapps("status", project.folder, "--format", "json").exited(0)
    by_instance: dict[str, Counter[str]] = {one: Counter() for one in name}
    for row in told.json["rows"]:
        by_instance[row["instance"]][row["state"]] += 1
    assert list(by_instance.values()) == [{"installed": 2}, {"failed": 1, "skipped": 1}, {"installed": 2}]
    lists = [one for one in arm.requests() if "/virtualmachinescalesets/web-ss/" in one["path"].lower()]
    assert (len(views(arm)), len(lists)) == ((3, 0) if flexible else (0, 1))
    assert told.json["read"]["reports"] == 3


def test_what_may_not_be_read_is_said_with_the_rest(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    arm.machine("web-02")
    arm.group("rg-web", subscription=OTHER)
    project.holds(*documents(*on("web-01", "web-02")))
    vmapps("apply", project.folder, "--yes").exited(0)
    project.spec["fleet"] = {"subscriptions": [SUBSCRIPTION, OTHER]}
    project.holds(*documents(*on("web-01", "web-02")))
    vmapps("status", project.folder).exited(0)
    closed = {"effect": "Deny", "actions": ["*"]}
    rows = [ALLOW, closed | {"scope": f"/subscriptions/{OTHER}"}, closed | {"scope": machine_id("web-02")}]
    arm.control("POST", "rbac", rows)
    try:
        told = vmapps("status", project.folder, "--format", "json").exited(1)
    finally:
        arm.control("DELETE", "rbac")
    assert states(told) == {
        "web-01 platform/agent": "installed",
        "web-01 platform/base": "installed",
        "web-02 platform/agent": "not-read",
        "web-02 platform/base": "not-read",
    }
    assert told.json["unseen"] == [OTHER]
    assert [one["address"] for one in told.json["unread"]] == ["VirtualMachine/rg-web/web-02"]
    assert f"subscription {OTHER} of the fleet cannot be read" in told.err
    assert "1 guest could not be read (VirtualMachine/rg-web/web-02)" in told.err


def test_nothing_is_written(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    arm.scale_set("Manual", count=1)
    project.holds(*documents(*on("web-01"), {"virtualMachineScaleSet": "rg-web/web-ss"}))
    arm.forget_requests()
    vmapps("status", project.folder).exited(0)
    assert arm.writes() == []
    assert set_id() not in arm.writes()
