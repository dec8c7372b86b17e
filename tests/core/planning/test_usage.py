"""Which versions are in use, once a plan is done and while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.planning.machine_samples import KNOWN
from samples import entry, gallery_id, machine, machine_address, reference, version_body
from vmapps.core.action import Assign, Change
from vmapps.core.entries import on_wire, path_of
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.usage import held_by, used_by
from vmapps.core.resource import Entry, Instance, Instances, Machine, World

ONE, TWO = entry("1.0.0"), entry("2.0.0")
WEB = machine_address()
IDS = {
    reference(version, name).id.key: f"{name} {version}"
    for name in ("nginx", "agent")
    for version in ("1.0.0", "2.0.0")
}


def change(before: Entry | None, after: Entry | None) -> Change:
    named = (after or before).reference  # type: ignore[union-attr]
    assert named is not None
    return Change(path_of(named), on_wire(before) if before else None, on_wire(after) if after else None)


def draft(*changes: Change, turn: int = 0, name: str = "web-01") -> Draft:
    one = machine(name=name)
    return Draft(one.address, one.id, Assign(changes), "why", turn=turn)


def world(*machines: Machine, **more: Any) -> World:
    return replace(World.of(iter(machines)), **more)


def users(
    *machines: Machine, drafts: tuple[Draft, ...] = (), catalogue: Catalogue = KNOWN, **more: Any
) -> dict[str, list[str]]:
    """Versions with the names of the machines that need them."""
    found = used_by(world(*machines, **more), drafts, catalogue)
    return {IDS.get(one, one): [where.name[1] for where in where_] for one, where_ in found.items()}


UNKNOWN = entry(reference=reference("1.0.0", "strange", "theirs"))
STRANGE_ID = reference("1.0.0", "strange", "theirs").id.key


@pytest.mark.parametrize(
    ("row", "entries", "drafts", "found"),
    [
        ("nothing", (), (), {}),
        ("what is there", (ONE,), (), {"nginx 1.0.0": ["web-01"]}),
        ("of galleries nobody read, too", (UNKNOWN,), (), {STRANGE_ID: ["web-01"]}),
        ("what will be there", (ONE,), (draft(change(ONE, TWO)),), {"nginx 2.0.0": ["web-01"]}),
        ("what comes", (), (draft(change(None, TWO)),), {"nginx 2.0.0": ["web-01"]}),
        ("what goes", (ONE,), (draft(change(ONE, None)),), {}),
        (
            "what another entry's change leaves alone",
            (ONE, entry("1.0.0", "agent")),
            (draft(change(ONE, TWO)),),
            {"agent 1.0.0": ["web-01"], "nginx 2.0.0": ["web-01"]},
        ),
        (
            "the last of several writes counts",
            (ONE,),
            (draft(change(None, TWO), turn=1), draft(change(ONE, None))),
            {"nginx 2.0.0": ["web-01"]},
        ),
        ("what cannot be read says nothing", (entry(reference=None),), (), {}),
        ("latest means the newest", (entry("Latest"),), (), {"nginx 2.0.0": ["web-01"]}),
        ("a write of another machine", (ONE,), (draft(change(ONE, TWO), name="db"),), {"nginx 1.0.0": ["web-01"]}),
    ],
)
def test_what_a_virtual_machine_needs_once_the_plan_is_done(
    row: str, entries: tuple[Entry, ...], drafts: tuple[Draft, ...], found: dict[str, list[str]]
) -> None:
    assert users(machine(*entries), drafts=drafts) == found


def test_latest_may_mean_any_version_where_none_is_known_to_count() -> None:
    hidden = version_body(excludeFromLatest=True)
    catalogue = replace(KNOWN, versions={reference().key: (("1.0.0", hidden), ("2.0.0", hidden))})
    there = {"nginx 1.0.0": ["web-01"], "nginx 2.0.0": ["web-01"]}
    assert users(machine(entry("latest")), catalogue=catalogue) == there


def test_latest_means_what_counts_in_the_machine_s_region() -> None:
    here = version_body(targetRegions=[{"name": "West Europe", "excludeFromLatest": True}])
    catalogue = replace(KNOWN, versions={reference().key: (("1.0.0", version_body()), ("2.0.0", here))})
    live = (machine(entry("latest")), machine(entry("latest"), name="db", location="eastus"))
    assert users(*live, catalogue=catalogue) == {"nginx 1.0.0": ["web-01"], "nginx 2.0.0": ["db"]}


def test_latest_goes_on_with_what_it_means_today_until_the_next_one_is_there() -> None:
    """The next one may fail to be published; the one before it must not be gone then."""
    catalogue = replace(KNOWN, live={reference().key: (("1.0.0", version_body()),)})
    there = {"nginx 1.0.0": ["web-01"], "nginx 2.0.0": ["web-01"]}
    assert users(machine(entry("latest")), catalogue=catalogue) == there


def test_machines_are_sorted_and_each_is_named_once() -> None:
    several = (machine(ONE, name="b"), machine(ONE, entry("1.0.0", "agent"), name="a"))
    assert users(*several) == {"nginx 1.0.0": ["a", "b"], "agent 1.0.0": ["a"]}


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("Manual", {"nginx 1.0.0": ["web-01"], "nginx 2.0.0": ["web-01"]}),
        ("Rolling", {"nginx 1.0.0": ["web-01"], "nginx 2.0.0": ["web-01"]}),
        ("Automatic", {"nginx 2.0.0": ["web-01"]}),
    ],
)
def test_instances_may_go_on_with_what_the_model_named_before(mode: str, found: dict[str, list[str]]) -> None:
    assert users(machine(ONE, upgrade_mode=mode), drafts=(draft(change(ONE, TWO)),)) == found


def instances(*reported: tuple[str, str], latest: bool = False) -> dict[Any, Instances]:
    guest = GuestReport(tuple(InGuest(name, version, State.INSTALLED) for name, version in reported))
    several = (Instance("0", latest=latest, report=guest), Instance("1", latest=False))
    return {WEB: Instances(machine().id, several)}


@pytest.mark.parametrize(
    ("row", "reported", "latest", "found"),
    [
        ("an older version", (("nginx", "1.0.0"),), False, {"nginx 1.0.0": ["web-01"]}),
        ("in other letters", (("NGINX", "1.0.0"),), False, {"nginx 1.0.0": ["web-01"]}),
        ("an instance that is up to date says nothing new", (("nginx", "1.0.0"),), True, {}),
        ("a version that nobody knows", (("nginx", "0.1.0"),), False, {}),
        ("an application that nobody knows", (("strange", "1.0.0"),), False, {}),
    ],
)
def test_what_a_lagging_instance_reports_is_in_use(
    row: str, reported: tuple[tuple[str, str], ...], latest: bool, found: dict[str, list[str]]
) -> None:
    one = machine(upgrade_mode="Manual")
    assert users(one, instances=instances(*reported, latest=latest)) == found


def test_a_reported_name_means_every_gallery_that_has_it() -> None:
    """The guest does not say which gallery an application is from."""
    tools = reference("1.0.0", "nginx", "Tools")
    catalogue = replace(KNOWN, versions={**KNOWN.versions, tools.key: (("1.0.0", version_body()),)})
    one = machine(upgrade_mode="Manual")
    found = users(one, catalogue=catalogue, instances=instances(("nginx", "1.0.0")))
    assert found == {"nginx 1.0.0": ["web-01"], tools.id.key: ["web-01"]}


def held(entries: tuple[Entry, ...], *drafts: Draft, these: tuple[str, ...] = ("1.0.0",)) -> list[str]:
    ids = frozenset(reference(one).id.key for one in these)
    found = held_by(world(machine(*entries)), drafts, KNOWN, ids)
    assert all(where == (WEB,) for where in found.values())
    return sorted(IDS[one] for one in found)


@pytest.mark.parametrize(
    ("row", "entries", "drafts", "these", "found"),
    [
        ("held before and after", (ONE,), (), ("1.0.0",), ["nginx 1.0.0"]),
        ("let go before it goes", (ONE,), (draft(change(ONE, TWO)),), ("1.0.0",), []),
        ("removed before it goes", (ONE,), (draft(change(ONE, None)),), ("1.0.0",), []),
        ("comes when it is back", (TWO,), (draft(change(TWO, ONE)),), ("1.0.0",), []),
        ("from one of them to another", (ONE,), (draft(change(ONE, TWO)),), ("1.0.0", "2.0.0"), ["nginx 1.0.0"]),
        ("another version", (TWO,), (), ("1.0.0",), []),
        ("what latest means", (entry("latest"),), (), ("2.0.0",), ["nginx 2.0.0"]),
        ("what latest does not mean", (entry("latest"),), (), ("1.0.0",), []),
    ],
)
def test_who_holds_what_has_to_go_and_come_back(
    row: str, entries: tuple[Entry, ...], drafts: tuple[Draft, ...], these: tuple[str, ...], found: list[str]
) -> None:
    assert held(entries, *drafts, these=these) == found


def test_a_namesake_in_another_gallery_is_another_version() -> None:
    other = entry(reference=replace(reference(), gallery=gallery_id("Tools")))
    assert held((other,)) == []
