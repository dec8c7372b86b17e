"""What the soak looks at can be wrong: each thing that must hold is broken here once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from end_to_end.azure_side import GALLERIES, PLATFORM, machine_id
from end_to_end.projects import OWNER
from soak.moment import Moment, broken
from vmapps.core.address import ArmId
from vmapps.core.entries import machine_hash

THEIRS, OURS = f"{GALLERIES}/theirs".lower(), f"{PLATFORM}/applications/agent/versions/1.0.0".lower()
WEB = machine_id("web-01").lower()


def start() -> Moment:
    arm_id = ArmId.parse(WEB)
    assert arm_id is not None
    mark = {"vmapps-owner": OWNER, "vmapps-machine": machine_hash(arm_id)}
    listed = [
        {"packageReferenceId": OURS, "tags": '{"team": 1}'},
        {"packageReferenceId": OURS, "tags": json.dumps(mark)},
    ]
    bodies = {
        THEIRS: {"tags": {"vmapps-owner": "others"}, "properties": {}},
        OURS: {"tags": {"vmapps-owner": OWNER}, "properties": {}},
        WEB: {"tags": {"role": "web"}, "properties": {"applicationProfile": {"galleryApplications": listed}}},
    }
    registry = {"agent": {"version": "1.0.0", "operation": "NoAction", "result": "Install SUCCESS"}}
    resources = [{"key": key, "body": body} for key, body in bodies.items()]
    script = {"machine": WEB, "applicationName": "agent", "version": "1.0.0", "operation": "Install"}
    return Moment({"resources": resources, "guests": {WEB: {"registry": registry}}}, {"sha256/x": (b"x", {})}, [script])


def at(moment: Moment, key: str) -> Any:
    return next(one for one in moment.state["resources"] if one["key"] == key)["body"]


def listed(moment: Moment) -> Any:
    return at(moment, WEB)["properties"]["applicationProfile"]["galleryApplications"]


def lose(moment: Moment, key: str) -> None:
    moment.state["resources"] = [one for one in moment.state["resources"] if one["key"] != key]


def test_what_did_not_change_holds() -> None:
    assert [*broken(start(), start(), start())] == []


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("foreign", lambda end: at(end, THEIRS)["properties"].update(description="x")),
        ("foreign", lambda end: listed(end)[0].update(tags='{"team":1}')),
        ("foreign", lambda end: listed(end).pop(0)),
        ("foreign", lambda end: at(end, WEB)["tags"].pop("role")),
        ("deleted, and not ours", lambda end: lose(end, THEIRS)),
        ("dangling", lambda end: lose(end, OURS)),
        ("ours", lambda end: at(end, OURS)["properties"].update(description="x")),
        ("ours", lambda end: listed(end)[1].update(order=3)),
        ("guest", lambda end: end.state["guests"][WEB]["registry"]["agent"].update(version="2")),
        ("scripts", lambda end: end.scripts.append(end.scripts[0])),
    ],
)
def test_what_must_hold_is_seen_when_it_does_not(what: str, change: Callable[[Moment], Any]) -> None:
    end = start()
    change(end)
    assert what in {one.partition(":")[0] for one in broken(start(), end, start())}


def test_a_package_that_is_gone_is_seen() -> None:
    [found] = broken(start(), replace(start(), blobs={}), start())
    assert found.startswith("package: sha256/x")


def test_another_way_to_the_same_is_no_fault_where_there_was_trouble() -> None:
    end = start()
    end.scripts.append(end.scripts[0])
    end.state["guests"][WEB]["registry"]["agent"]["result"] = "Update SUCCESS"
    assert [*broken(start(), end, start(), is_peaceful=False)] == []
