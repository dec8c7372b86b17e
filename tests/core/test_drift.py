from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    HERE,
    OWNER,
    RULES,
    address,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    observed,
    version_body,
    wanted,
)
from vmapps.core.action import Assign, Change, Discard, Verify
from vmapps.core.diagnostic import error, warning
from vmapps.core.drift import Drift
from vmapps.core.drifting import drift_of
from vmapps.core.explain_live import Standing
from vmapps.core.plan import Note, Options
from vmapps.core.planning.findings import Draft, Question, Topic
from vmapps.core.planning.make import weigh
from vmapps.core.resource import Desired, Entry, Instance, Instances, Observed, Seen, World
from vmapps.core.status import Condition, Row

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))


def drift(*seen: Seen, declared: tuple[Desired, ...] = NGINX, assigned: bool = True) -> Drift:
    one = (assignment(wanted()),) if assigned else ()
    return drift_of(weigh(declarations(*declared, assignments=one), World.of(iter(seen)), RULES, Options()))


def told(found: Drift) -> list[tuple[str, str]]:
    return [(str(item.cls), str(item.address)) for item in found.items]


OURS = machine(entry(owner=OWNER))


def version(**more: Any) -> Observed:
    return observed("platform", "nginx", "1.0.0", **more)


ON_WEB = "VirtualMachine/rg-web/web-01"
TWO_REGIONS = version_body(regions=("eastus", "westeurope"))
VERSION = "GalleryApplicationVersion/platform/nginx/1.0.0"


@pytest.mark.parametrize(
    ("row", "seen", "items"),
    [
        ("all as declared", (*LIVE, OURS), []),
        ("a foreign entry is none", (*LIVE, machine(entry(owner=OWNER), entry(application="x"))), []),
        ("a kept orphan is apart", (*LIVE, OURS, observed("Tools")), [("orphaned", "Gallery/Tools")]),
        ("one that Azure still writes is none", (*LIVE[:2], version(state="Updating"), OURS), []),
        ("a version is missing", (*LIVE[:2], OURS), [("missing", VERSION)]),
        ("an entry is missing", (*LIVE, machine()), [("missing", ON_WEB)]),
        ("an entry has another version", (*LIVE, machine(entry("0.9.0", owner=OWNER))), [("changed", ON_WEB)]),
        ("other content", (*LIVE[:2], version(content="x"), OURS), [("changed", VERSION)]),
        ("another owner's", (*LIVE[:2], version(owner="x.1"), OURS), [("changed", VERSION)]),
        (
            "a managed field",
            (*LIVE[:2], version(body=TWO_REGIONS), OURS),
            [("changed", VERSION)],
        ),
        ("an entry of another owner", (*LIVE, machine(entry(owner="x.1"))), [("changed", ON_WEB)]),
        ("a failed version", (*LIVE[:2], version(state="Failed"), OURS), [("changed", VERSION)]),
    ],
)
def test_rows(row: str, seen: tuple[Seen, ...], items: list[tuple[str, str]]) -> None:
    found = drift(*seen)
    assert told(found) == items
    assert not found.diagnostics


def test_what_keeps_us_from_comparing_is_an_error() -> None:
    found = drift(*LIVE)
    assert [one.code for one in found.diagnostics] == ["no-such-machine"]


def test_notes_are_kept_and_everything_is_in_order() -> None:
    found = drift(observed("Tools"), *LIVE[1:], OURS)
    assert told(found) == [("missing", "Gallery/platform"), ("orphaned", "Gallery/Tools")]
    assert [note.code for note in found.notes] == ["unchanged", "unchanged", "unchanged", "matched"]


def test_findings_without_an_address_are_problems() -> None:
    problem = error("not-adopted", "something", HERE)
    assert drift_of([problem]) == Drift(diagnostics=(problem,))


def test_a_delete_or_an_upload_is_no_drift() -> None:
    found = weigh(declarations(*NGINX[:2]), World.of(iter(LIVE)), RULES, Options(prune=True))
    assert drift_of(found).items == ()
    empty = drift(declared=NGINX, assigned=False)
    assert told(empty) == [("missing", str(one.address)) for one in NGINX]


SET = machine(entry(owner=OWNER), upgrade_mode="Manual")
BEHIND = (Instance("0", latest=False), Instance("1", latest=True))


def weighed(*seen: Seen, instances: tuple[Instance, ...] = (), **more: Any) -> Drift:
    """The drift of a fleet whose assignment says more."""
    world = replace(World.of(iter(seen)), instances={SET.address: Instances(SET.id, instances)} if instances else {})
    declared = declarations(*NGINX, assignments=(assignment(wanted(), **more),))
    return drift_of(weigh(declared, world, RULES, Options()))


@pytest.mark.parametrize(
    ("row", "push", "instances", "items"),
    [
        ("instances are behind, and we push", True, BEHIND, [("changed", ON_WEB)]),
        ("instances are behind, and nobody pushes", False, BEHIND, []),
        ("none is behind", True, BEHIND[1:], []),
        ("nobody asked yet", True, (), []),
    ],
)
def test_instances_that_run_an_older_model(
    row: str, push: bool, instances: tuple[Instance, ...], items: list[tuple[str, str]]
) -> None:
    found = weighed(*LIVE, SET, instances=instances, upgrade_instances=push)
    assert told(found) == items
    assert [item.text for item in found.items] == ["1 instance runs an older model"] * len(items)


@pytest.mark.parametrize(("exclusive", "items"), [(True, [("changed", ON_WEB)]), (False, [])])
def test_a_foreign_entry_is_drift_where_the_list_is_ours_alone(exclusive: bool, items: list[tuple[str, str]]) -> None:
    one = machine(entry(owner=OWNER), entry(application="agent"))
    assert told(weighed(*LIVE, one, exclusive=exclusive)) == items


def test_what_is_ignored_is_no_drift_on_an_exclusive_list() -> None:
    one = machine(entry(owner=OWNER), entry(application="agent"))
    assert told(weighed(*LIVE, one, exclusive=True, ignore=("*/agent",))) == []


@pytest.mark.parametrize(
    ("row", "seen", "items"),
    [
        ("still there", LIVE, [("changed", VERSION)]),
        ("gone", LIVE[:2], []),
        ("still there and in use", (*LIVE, machine(entry())), [("changed", VERSION)]),
    ],
)
def test_what_is_declared_absent_and_still_there(
    row: str, seen: tuple[Seen, ...], items: list[tuple[str, str]]
) -> None:
    absent = (*NGINX[:2], replace(NGINX[2], absent=True))
    assert told(drift(*seen, declared=absent, assigned=False)) == items


@pytest.mark.parametrize(
    ("row", "entries", "items"),
    [
        ("an application declared absent is still on the list", (entry(owner=OWNER),), [("changed", ON_WEB)]),
        ("it is gone", (), []),
    ],
)
def test_an_entry_that_is_declared_absent(row: str, entries: tuple[Entry, ...], items: list[tuple[str, str]]) -> None:
    declared = declarations(*NGINX, assignments=(assignment(wanted("", absent=True)),))
    found = drift_of(weigh(declared, World.of(iter((*LIVE, machine(*entries)))), RULES, Options()))
    assert told(found) == items


def test_questions_and_looks_are_no_drift() -> None:
    look = Draft(address("platform"), None, Verify(()), "why")
    package = Draft(address("platform"), None, Discard("ab"), "why")
    assert drift_of([Question(Topic.STORE, address("platform")), look, package]) == Drift()


def row(condition: Condition, **more: Any) -> Row:
    given = {"declared": "1.0.0", "model": "1.0.0", "instance": "", "machine": OURS.address, **more}
    return Row(application="platform/nginx", condition=condition, **given)


FAILED, NOTE = "failed", "note"


@pytest.mark.parametrize(
    ("name", "told", "becomes", "text"),
    [
        ("well", row(Condition.INSTALLED), "", ""),
        ("failed", row(Condition.FAILED, message="exit 1"), FAILED, "platform/nginx 1.0.0 failed in the guest: exit 1"),
        ("skipped", row(Condition.SKIPPED), FAILED, "platform/nginx 1.0.0 skipped in the guest"),
        (
            "an older one stands in the way",
            row(Condition.FAILED, guest="0.9.0"),
            FAILED,
            "platform/nginx 1.0.0 failed in the guest (the guest has 0.9.0)",
        ),
        ("on an instance", row(Condition.FAILED, instance="3"), FAILED, "platform/nginx 1.0.0 failed in the guest"),
        ("not ours", row(Condition.FAILED, standing=Standing.CLAIMED), NOTE, "failed in the guest, and is not ours"),
        ("nobody's any more", row(Condition.FAILED, declared=""), "", ""),
        ("pending", row(Condition.PENDING), NOTE, "platform/nginx 1.0.0 is pending"),
        ("off", row(Condition.OFF), NOTE, "platform/nginx 1.0.0 is off"),
        ("silent", row(Condition.NOT_REPORTED), NOTE, "platform/nginx 1.0.0 is not-reported"),
        ("not asked", row(Condition.NOT_READ), "", ""),
        ("not converged: the plan says so", row(Condition.NOT_CONVERGED), "", ""),
        ("an instance that lags", row(Condition.NOT_CONVERGED, instance="3"), NOTE, "is not-converged (instance 3)"),
    ],
)
def test_what_the_guests_say(name: str, told: Row, becomes: str, text: str) -> None:
    found = drift_of([], [told])
    assert [str(item.cls) for item in found.items] == [becomes] * (becomes == FAILED)
    assert len(found.notes) == (becomes == NOTE)
    assert all(text in one.text for one in (*found.items, *found.notes))
    assert all(item.subject.endswith(told.instance) for item in found.items)


def test_instances_of_a_set_that_differs_say_nothing_more() -> None:
    lags = row(Condition.NOT_CONVERGED, instance="3")
    found = drift_of([Note("unexpected", OURS.address, "x")], [lags])
    assert (len(found.items), found.notes) == (1, ())


@pytest.mark.parametrize(("sole", "is_drift"), [((), False), ((OURS.address,), True)])
def test_an_orphan_is_drift_where_the_list_is_ours_alone(sole: tuple[Any, ...], is_drift: bool) -> None:
    found = drift_of([Note("kept", OURS.address, "x"), Note("guest-failed", OURS.address, "y")], sole=sole)
    assert [(str(item.cls), item.is_drift) for item in found.items] == [("orphaned", is_drift)]
    assert found.drifted is is_drift
    assert found.notes == (), "what a guest says is in the rows"


def test_each_application_of_a_machine_is_one_difference() -> None:
    two = (wanted(), wanted("2.0.0", "agent"))
    resources = (*NGINX, desired("platform", "agent"), desired("platform", "agent", "2.0.0"))
    declared = declarations(*resources, assignments=(assignment(*two),))
    live = (*LIVE, observed("platform", "agent"), observed("platform", "agent", "2.0.0"))
    world = World.of(iter((*live, machine(entry("0.9.0", owner=OWNER)))))
    found = drift_of(weigh(declared, world, RULES, Options()))
    assert [(str(item.cls), item.application, item.text) for item in found.items] == [
        ("changed", "platform/nginx", "platform/nginx: version 0.9.0 -> 1.0.0"),
        ("missing", "platform/agent", "platform/agent: it is assigned and not on the machine"),
    ]
    assert [len(item.changes) for item in found.items] == [1, 1]


def test_a_sentence_that_names_no_application_stays_whole() -> None:
    change = Change(("applications", "platform/nginx"), None, {})
    [item] = drift_of([Draft(OURS.address, None, Assign((change,)), "because")]).items
    assert item.text == "because"


def test_a_machine_that_cannot_be_written_has_drifted_all_the_same() -> None:
    assert told(drift_of([Note("blocked", OURS.address, "differs")])) == [("changed", ON_WEB)]


@pytest.mark.parametrize(
    ("name", "found", "is_whole"),
    [
        ("all", Drift(), True),
        ("a warning", Drift(diagnostics=(warning("w", "x"),)), True),
        ("an error", Drift(diagnostics=(error("e", "x"),)), False),
        ("a guest", Drift(unread={OURS.address: "x"}), False),
        ("a subscription", Drift(unseen=("x",)), False),
        ("a list", Drift(closed={"x": "x"}), False),
    ],
)
def test_what_is_whole(name: str, found: Drift, is_whole: bool) -> None:
    assert found.is_whole is is_whole
    assert not found.drifted
