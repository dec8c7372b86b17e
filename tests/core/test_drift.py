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
from vmapps.core.action import Discard, Verify
from vmapps.core.diagnostic import error
from vmapps.core.drift import Drift, drift_of
from vmapps.core.plan import Options
from vmapps.core.planning.findings import Draft, Question, Topic
from vmapps.core.planning.make import weigh
from vmapps.core.resource import Desired, Entry, Instance, Instances, Observed, Seen, World

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))


def drift(*seen: Seen, declared: tuple[Desired, ...] = NGINX, assigned: bool = True) -> Drift:
    one = (assignment(wanted()),) if assigned else ()
    return drift_of(weigh(declarations(*declared, assignments=one), World.of(iter(seen)), RULES, Options()))


def told(found: Drift) -> list[tuple[str, str]]:
    return [(item.kind, str(item.address)) for item in found.items]


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
        ("a kept orphan is none", (*LIVE, OURS, observed("Tools")), []),
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
    assert told(found) == [("missing", "Gallery/platform")]
    assert [note.code for note in found.notes] == ["kept", "unchanged", "unchanged", "unchanged", "matched"]


def test_findings_without_an_address_are_problems() -> None:
    problem = error("not-adopted", "something", HERE)
    assert drift_of([problem]) == Drift((), (), (problem,))


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
    assert drift_of([Question(Topic.STORE, address("platform")), look, package]) == Drift(())
