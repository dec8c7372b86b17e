"""`vmapps drift`: classes and exit codes, what is apart, what is ignored, what may not be read; and what was read."""

from __future__ import annotations

import html
import json
from typing import Any

import jsonschema
import pytest

from end_to_end.azure_side import AGENT, SUBSCRIPTION, Arm, machine_id
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Document, Project, link, linked, version
from end_to_end.test_status import ALLOW, OTHER, documents, fails, on, profile, views

APPLY = "apply", "--yes"
WEB = "VirtualMachine/rg-web/web-01"


def run(vmapps: Vmapps, project: Project, *words: str) -> Ended:
    return vmapps(words[0], project.folder, *words[1:])


def classes(ended: Ended) -> list[tuple[str, str]]:
    items = ended.json["drift"]
    return [(item["class"], (item["instance"] or item["address"].split("/")[-1])) for item in items]


def notes(ended: Ended) -> dict[str, int]:
    found: dict[str, int] = ended.json["summary"]["notes"]
    return {code: number for code, number in found.items() if code not in ("matched", "unchanged")}


def rolled(*waves: Any) -> dict[str, Any]:
    return {"rollout": {"waves": list(waves)}}


def test_every_class_and_what_is_apart(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    names = ("bad", "bare", "off", "old", "well")
    for name in names:
        arm.machine(name, *([{"packageReferenceId": arm.scanner()}] if name == "well" else []))
    arm.write("POST", f"{machine_id('off')}/deallocate")
    fails(arm, {"machine": "bad", "application": "base", "message": "exit status=7 <b>|</b>"})
    [*rest, assigned] = documents(*on(*names))
    older = version("0.9.0", link("0.9.0"))
    project.holds(*rest, older, assigned)
    run(vmapps, project, *APPLY).exited(3)
    arm.write("PATCH", machine_id("bare"), profile([]))
    entries = json.dumps(arm.entries("old"))
    arm.write(
        "PATCH", machine_id("old"), profile(json.loads(entries.replace("agent/versions/1.0.0", "agent/versions/0.9.0")))
    )
    arm.write("DELETE", f"{AGENT}/versions/0.9.0")
    project.holds(*rest, assigned)
    arm.forget_requests()
    told = run(vmapps, project, "drift", "--format", "json").exited(2)
    assert classes(told) == [
        ("failed", "bad"),
        ("failed", "bad"),
        ("missing", "bare"),
        ("missing", "bare"),
        ("changed", "old"),
        ("dangling", "old"),
    ]
    assert notes(told) == {"foreign": 1, "pending": 2}
    assert arm.writes() == []
    assert sorted(path.split("/")[-2] for path in views(arm)) == ["bad", "off", "old", "well"], "all that carry ours"
    assert told.json["read"] == {"reports": 4, "scaleSets": 0}
    jsonschema.validate(told.json, json.loads(vmapps("schema", "drift").exited(0).out))
    text = run(vmapps, project, "drift").exited(2).out
    assert "platform/base 1.0.0 failed in the guest: Install FAILED" in " ".join(text.split())
    assert "Apart from drift: 1 foreign, 2 pending." in text
    assert text.endswith(
        "Drift: 6 differences (1 changed, 2 missing, 1 dangling, 2 failed); fields are\n  shown live -> declared.\n"
    )
    markdown = run(vmapps, project, "drift", "--format", "markdown").exited(2).out
    assert "<b>" not in markdown
    assert "exit status=7 <b>|</b>" in html.unescape(markdown)
    arm.forget_requests()
    silent = run(vmapps, project, "drift", "--guest", "none", "--only", "failed", "--format", "json").exited(0)
    assert (classes(silent), views(arm)) == ([], [])
    assert notes(silent)["guest-not-read"] == 1


def test_kept_orphans_are_no_drift_but_on_lists_that_are_ours_alone(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    [*rest, assigned] = documents(*on("web-01"))
    project.holds(*rest, assigned)
    run(vmapps, project, *APPLY).exited(0)
    assigned["spec"]["applications"] = assigned["spec"]["applications"][:1]
    project.holds(*rest, assigned)
    told = run(vmapps, project, "drift", "--format", "json").exited(0)
    assert (classes(told), told.json["drifted"]) == ([("orphaned", "web-01")], False)
    assert "orphaned VirtualMachine/rg-web/web-01: platform/agent 1.0.0" in run(vmapps, project, "drift").exited(0).out
    assigned["spec"]["ownership"] = "exclusive"
    project.holds(*rest, assigned)
    run(vmapps, project, "drift").exited(2)
    run(vmapps, project, "drift", "--ignore", "orphaned").exited(0)


def test_rules_leave_drift_out_until_their_day(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    for name in ("web-01", "lab-01"):
        arm.machine(name)
    project.holds(*documents(*on("web-01", "lab-01")))
    run(vmapps, project, *APPLY).exited(0)
    gallery = AGENT.partition("/applications/")[0]
    body = arm.read(gallery)
    arm.write("PUT", gallery, {**body, "tags": {**body["tags"], "costCentre": "1"}})
    arm.write("PATCH", machine_id("lab-01"), profile([]))
    project.spec["tags"] = {"costCentre": "2"}
    rules = [
        {"address": "VirtualMachine/*/lab-*", "until": "2999-12-31", "reason": "rebuilt at night"},
        {"class": "changed", "field": "tags.*"},
        {"address": "VirtualMachine/*/web-*"},
    ]
    project.spec["drift"] = {"ignore": rules}
    project.holds(*documents(*on("web-01", "lab-01")))
    told = run(vmapps, project, "drift", "--format", "json").exited(0)
    assert len(told.json["ignored"]) >= 3
    assert any(one["by"].endswith(": rebuilt at night") for one in told.json["ignored"])
    assert notes(told)["ignore-unused"] == 1
    rules[0]["until"] = "2020-01-01"
    project.holds(*documents(*on("web-01", "lab-01")))
    over = run(vmapps, project, "drift").exited(2)
    assert "missing VirtualMachine/rg-web/lab-01" in over.out
    assert "this rule of spec.drift.ignore ended on 2020-01-01" in over.err
    assert "ended on 2020-01-01" not in run(vmapps, project, "drift", "-q").exited(2).err


def test_waves_that_are_not_reached_are_no_drift(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    for number in range(4):
        arm.machine(f"web-{number}")
    targets = on(*(f"web-{number}" for number in range(4)))
    project.holds(*documents(*targets, **rolled(1, "100%")))
    run(vmapps, project, *APPLY).exited(0)
    [*rest, assigned] = documents(*targets, **rolled(1, "100%"))
    assigned["spec"]["applications"][1]["version"] = "1.1.0"
    project.holds(*rest, version("1.1.0", link("1.1.0")), assigned)
    run(vmapps, project, "drift").exited(2)
    run(vmapps, project, *APPLY, "--through-wave", "1").exited(0)
    told = run(vmapps, project, "drift", "--format", "json").exited(0)
    assert (classes(told), notes(told)) == ([], {"wave-not-reached": 3})
    run(vmapps, project, *APPLY).exited(0)
    run(vmapps, project, "drift").exited(0)


@pytest.mark.parametrize("flexible", [False, True])
def test_a_failed_instance_of_a_scale_set_is_drift(arm: Arm, vmapps: Vmapps, project: Project, flexible: bool) -> None:
    arm.scale_set("Manual", count=2, flexible=flexible)
    bad = arm.instances()[1]
    fails(arm, {"machine": bad["id"], "application": "base"})
    project.holds(*documents({"virtualMachineScaleSet": "rg-web/web-ss"}, upgradeInstances=True))
    run(vmapps, project, *APPLY).exited(3)
    told = run(vmapps, project, "drift", "--format", "json").exited(2)
    name = bad["name"] if flexible else bad["instanceId"]
    assert classes(told) == [("failed", name)] * 2
    assert told.json["read"]["reports"] >= 2


def test_what_may_not_be_read_is_exit_1_and_both_are_said(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    arm.machine("web-02")
    arm.group("rg-web", subscription=OTHER)
    project.spec["fleet"] = {"subscriptions": [SUBSCRIPTION, OTHER]}
    project.holds(*linked("web-01", "web-02"))
    run(vmapps, project, *APPLY).exited(0)
    arm.write("PATCH", machine_id("web-01"), profile([]))
    deny: Document = {"effect": "Deny", "actions": ["*"]}
    versions = {"effect": "Deny", "actions": ["Microsoft.Compute/galleries/applications/versions/read"]}

    def drift(*rows: Document, code: int = 1) -> Ended:
        arm.control("POST", "rbac", [ALLOW, *rows])
        try:
            return run(vmapps, project, "drift", "--format", "json").exited(code)
        finally:
            arm.control("DELETE", "rbac")

    subscription = drift(deny | {"scope": f"/subscriptions/{OTHER}"})
    assert (classes(subscription), subscription.json["unseen"]) == ([("missing", "web-01")], [OTHER])
    assert f"subscription {OTHER} of the fleet cannot be read" in subscription.err
    guest = drift(deny | {"scope": machine_id("web-02")})
    assert (classes(guest), len(guest.json["unread"])) == ([("missing", "web-01")], 1)
    assert "1 guest could not be read (VirtualMachine/rg-web/web-02)" in guest.err
    closed = drift(versions | {"scope": f"/subscriptions/{SUBSCRIPTION}"})
    assert [one for one in classes(closed) if one[0] != "missing"] == []
    assert (classes(closed), len(closed.json["closed"])) == ([("missing", "web-01")], 1)
    assert "not compared, because it could not be read" in closed.err
    assert classes(drift(code=2)) == [("missing", "web-01")]
