"""Entries of ours that lead nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples import (
    OWNER,
    RULES,
    address,
    asked,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    machine_id,
    observed,
    reference,
    wanted,
)
from vmapps.core.dangling import dangling
from vmapps.core.declaration import Assignment
from vmapps.core.fleet import resolve
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import catalogue_of
from vmapps.core.resource import Entry, World

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))
VERSION, OLD = reference().id, reference("0.9.0").id


def found(
    *entries: Entry, known: dict[str, str] | None = None, scale_set: str = "", assigned: tuple[Assignment, ...] = ()
) -> list[str]:
    declared = declarations(*NGINX, assignments=assigned)
    one = machine(*entries, scale_set=scale_set)
    world = replace(World.of(iter((*LIVE, one))), references=known or {})
    several = dangling(world, resolve(declared, world), catalogue_of(declared, world, asked(RULES)), asked(RULES))
    return [one.code if isinstance(one, Note) else f"ask {one.id}" for one in several]


OURS = entry("0.9.0", owner=OWNER)


@pytest.mark.parametrize(
    ("row", "entry", "known", "says"),
    [
        ("its version is listed", entry(owner=OWNER), {}, []),
        ("it is not, so it is asked for", OURS, {}, [f"ask {OLD}"]),
        ("it is there all the same", OURS, {OLD.key: "there"}, []),
        ("it is not there", OURS, {OLD.key: "missing"}, ["dangling"]),
        ("that may not be read", OURS, {OLD.key: "unreadable"}, ["reference-not-read"]),
        ("somebody else's is their business", entry("0.9.0"), {}, []),
        ("latest needs its application", entry("latest", owner=OWNER), {}, []),
        ("which is gone", entry("latest", "x", owner=OWNER), {}, [f"ask {reference(application='x').id.parent}"]),
        ("one that cannot be read", entry(reference=None, owner=OWNER), {}, []),
    ],
)
def test_what_leads_nowhere(row: str, entry: Entry, known: dict[str, str], says: list[str]) -> None:
    assert found(entry, known=known) == says


def test_what_is_claimed_and_of_an_application_of_ours_is_ours() -> None:
    assigned = (assignment(wanted()),)
    assert found(entry("0.9.0"), known={OLD.key: "missing"}, assigned=assigned) == ["dangling"]


def test_instances_are_their_set_s_business() -> None:
    assert found(OURS, known={OLD.key: "missing"}, scale_set=str(machine_id("set"))) == []
    assert address("platform").kind == "Gallery"
