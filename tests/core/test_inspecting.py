"""What drift looks at, and what it says of what could not be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    OWNER,
    RULES,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    machine_address,
    observed,
    reference,
    resource_id,
    wanted,
)
from vmapps.core.drift import Drift
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.inspecting import drift_from, inspected
from vmapps.core.planning.findings import questions_of
from vmapps.core.resource import Listed, World

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))
DECLARED = declarations(*NGINX, assignments=(assignment(wanted()),))
WEB = machine_address()
WELL = GuestReport((InGuest("nginx", "1.0.0", State.INSTALLED),))
OURS = machine(entry(owner=OWNER))


def world(*seen: Listed, **more: Any) -> World:
    return replace(World.of(iter(seen)), **more)


def drift(there: World, guest: str = "all") -> Drift:
    return drift_from(DECLARED, there, RULES, inspected(DECLARED, there, RULES, guest))


@pytest.mark.parametrize(("guest", "asked"), [("all", ["report"]), ("auto", []), ("none", [])])
def test_all_guests_are_asked_unless_otherwise_said(guest: str, asked: list[str]) -> None:
    found = questions_of(inspected(DECLARED, world(*LIVE, OURS), RULES, guest))
    assert [str(one.topic) for one in found] == asked


def test_auto_asks_what_a_plan_asks() -> None:
    failed = replace(OURS, state="Failed")
    assert len(questions_of(inspected(DECLARED, world(*LIVE, failed), RULES, "auto"))) == 1
    assert questions_of(inspected(DECLARED, world(*LIVE, failed), RULES, "none")) == ()


def test_no_drift_and_how_much_was_read() -> None:
    found = drift(world(*LIVE, OURS, reports={WEB: WELL}))
    assert (found.drifted, found.is_whole, found.guests, found.scale_sets) == (False, True, 1, 0)
    assert "guest-not-read" not in {note.code for note in found.notes}


def test_failed_in_the_guest_is_drift_once() -> None:
    bad = GuestReport((InGuest("nginx", "1.0.0", State.FAILED, "exit 1"),))
    found = drift(world(*LIVE, OURS, reports={WEB: bad}))
    assert [(str(item.cls), item.application) for item in found.items] == [("failed", "platform/nginx")]
    assert "guest-failed" not in {note.code for note in found.notes}


def test_guests_that_nobody_asked_are_said() -> None:
    found = drift(world(*LIVE, OURS), "none")
    [note] = [note for note in found.notes if note.code == "guest-not-read"]
    assert note.text.startswith("1 guest was not asked whether it worked")
    both = declarations(*NGINX, assignments=(assignment(wanted(), to=("web-01", "web-02")),))
    there = world(*LIVE, OURS, machine(entry(owner=OWNER, on="web-02"), name="web-02"))
    notes = drift_from(both, there, RULES, inspected(both, there, RULES, "none")).notes
    assert next(note.text for note in notes if note.code == "guest-not-read").startswith("2 guests were")


def test_a_guest_that_could_not_be_read_is_not_one_that_nobody_asked() -> None:
    found = drift(world(*LIVE, OURS, unread={WEB: "Denied"}))
    assert (dict(found.unread), found.is_whole) == ({WEB: "Denied"}, False)
    assert "guest-not-read" not in {note.code for note in found.notes}


def test_what_is_not_seen_is_not_missing() -> None:
    """The list of versions is closed: the rest is compared."""
    path = f"{resource_id('platform', 'nginx')}/versions"
    found = drift(world(LIVE[0], LIVE[1], machine(), closed={path: "Denied"}))
    assert [(str(item.cls), item.address.kind) for item in found.items] == [("missing", "VirtualMachine")]
    assert dict(found.closed) == {path: "Denied"}
    assert not found.is_whole
    everything = str(resource_id("platform")).rpartition("/")[0]
    assert [item.address.kind for item in drift(world(machine(), closed={everything: "Denied"})).items] == [
        "VirtualMachine"
    ]


def test_a_subscription_that_could_not_be_read_is_said_once() -> None:
    found = drift(world(*LIVE, OURS, unseen=("2222",)))
    assert (found.unseen, found.is_whole) == (("2222",), False)
    assert "not-seen" not in {one.code for one in found.diagnostics}


def test_a_reference_that_leads_nowhere_is_asked_for_and_is_drift() -> None:
    old = machine(entry("0.9.0", owner=OWNER))
    assert [str(one.id) for one in questions_of(inspected(DECLARED, world(*LIVE, old), RULES, "none"))] == [
        str(reference("0.9.0").id)
    ]
    known = {reference("0.9.0").id.key: "missing"}
    found = drift(world(*LIVE, old, references=known, reports={WEB: WELL}))
    assert [str(item.cls) for item in found.items] == ["changed", "dangling"]


@pytest.mark.parametrize(("exclusive", "drifted"), [(True, True), (False, False)])
def test_an_orphan_on_a_list_that_is_ours_alone(exclusive: bool, drifted: bool) -> None:
    declared = declarations(*NGINX, assignments=(assignment(wanted(), exclusive=exclusive),))
    known = {reference("2.0.0", "old").id.key: "there"}
    one = machine(entry(owner=OWNER), entry("2.0.0", "old", owner=OWNER))
    there = world(*LIVE, one, references=known, reports={WEB: WELL})
    found = drift_from(declared, there, RULES, inspected(declared, there, RULES, "none"))
    assert [str(item.cls) for item in found.items] == ["orphaned"]
    assert found.drifted is drifted
