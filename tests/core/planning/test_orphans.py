"""What carries our mark and is no longer declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import ELSEWHERE, HERE, OWNER, address, asked, desired, machine_address, observed, resource_id
from vmapps.core.action import Delete
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.orphans import Fates, is_below, orphans
from vmapps.core.resource import Desired, Observed

GALLERY, APPLICATION, VERSION = ("g",), ("g", "a"), ("g", "a", "1.0.0")
TREE = (observed(*GALLERY), observed(*APPLICATION), observed(*VERSION))


def found(
    *live: Observed,
    declared: tuple[tuple[str, ...], ...] = (),
    used: tuple[tuple[str, ...], ...] = (),
    **options: Any,
) -> tuple[list[str], list[str]]:
    """The names that are deleted, in order, and those that are kept."""
    users: dict[str, tuple[Address, ...]] = {resource_id(*one).key: (machine_address(),) for one in used}
    names = frozenset(address(*one) for one in declared)
    everything = {one.address: one for one in live}
    findings = list(orphans(Fates(names, everything, users), asked(**{"prune": True, **options})))
    deleted = [one for one in findings if isinstance(one, Draft) and isinstance(one.action, Delete)]
    kept = [one for one in findings if isinstance(one, Note) and one.code == "kept"]
    assert len(deleted) + len(kept) == len(findings)
    return ["/".join(one.address.name) for one in deleted], ["/".join(one.address.name) for one in kept]


@pytest.mark.parametrize(
    ("row", "live", "more", "deleted", "kept"),
    [
        ("from the leaves up", TREE, {}, ["g/a/1.0.0", "g/a", "g"], []),
        ("without --prune", TREE, {"prune": False}, [], ["g/a/1.0.0", "g/a", "g"]),
        ("a declared version", TREE, {"declared": (VERSION,)}, [], ["g/a", "g"]),
        ("a version that is to be created", TREE[:2], {"declared": (VERSION,)}, [], ["g/a", "g"]),
        ("a declared gallery", TREE, {"declared": (GALLERY,)}, ["g/a/1.0.0", "g/a"], []),
        ("a version in use", TREE, {"used": (VERSION,)}, [], ["g/a/1.0.0", "g/a", "g"]),
        ("an unmarked version", (*TREE[:2], observed(*VERSION, owner="")), {}, [], ["g/a", "g"]),
        ("another owner's version", (*TREE[:2], observed(*VERSION, owner="x.1")), {}, [], ["g/a", "g"]),
        ("another owner's gallery", (observed("g", owner="x.1"), *TREE[1:]), {}, ["g/a/1.0.0", "g/a"], []),
        ("a former name's", (observed("g", owner="old"),), {}, ["g"], []),
        ("left out", TREE, {"excludes": ("*/1.0.0",)}, [], ["g/a/1.0.0", "g/a", "g"]),
        ("targeted", TREE, {"targets": ("GalleryApplicationVersion/*",)}, ["g/a/1.0.0"], ["g/a", "g"]),
    ],
)
def test_orphans(
    row: str, live: tuple[Observed, ...], more: dict[str, Any], deleted: list[str], kept: list[str]
) -> None:
    assert found(*live, **more) == (deleted, kept)


def test_a_sibling_in_use_keeps_only_its_own() -> None:
    other = observed("g", "a", "2.0.0")
    assert found(*TREE, other, used=(VERSION,)) == (["g/a/2.0.0"], ["g/a/1.0.0", "g/a", "g"])


def test_a_delete_waits_for_what_is_below_and_names_the_mark() -> None:
    everything = {one.address: one for one in TREE}
    drafts = [one for one in orphans(Fates(frozenset(), everything, {}), asked(prune=True)) if isinstance(one, Draft)]
    assert [draft.uses for draft in drafts] == [(), (address(*VERSION),), (address(*APPLICATION),)]
    assert all(isinstance(draft.action, Delete) and draft.action.changes[0].before == OWNER for draft in drafts)


@pytest.mark.parametrize(("users", "words"), [(1, "web-0 refers to it"), (3, "web-0 and 2 more refer to it")])
def test_a_kept_version_names_who_uses_it(users: int, words: str) -> None:
    machines = tuple(machine_address(f"web-{n}") for n in range(users))
    live = {one.address: one for one in TREE}
    (note, *_) = orphans(Fates(frozenset(), live, {resource_id(*VERSION).key: machines}), asked(prune=True))
    assert isinstance(note, Note)
    assert note.text.endswith(words)


NEWER, OLDER = observed("g", "a", "1.10.0"), observed("g", "a", "1.9.0")
SEVERAL = (*TREE, OLDER, NEWER)


def leaving(*names: str, **more: Any) -> Desired:
    return replace(desired(*names), absent=True, **more)


def fates(*live: Observed, absent: tuple[Desired, ...] = (), used: tuple[str, ...] = (), **more: Any) -> Fates:
    users: dict[str, tuple[Address, ...]] = {resource_id("g", "a", one).key: (machine_address(),) for one in used}
    declared = frozenset(address(*one) for one in more.pop("declared", ()))
    return Fates(declared, {one.address: one for one in live}, users, {one.address: one for one in absent}, **more)


def told(found: Fates, **options: Any) -> dict[str, str]:
    """What becomes of each live resource."""
    several = {}
    for one in orphans(found, asked(**options)):
        if isinstance(one, Diagnostic):
            several[one.subject.partition("/")[2]] = f"{one.code}: {one.summary.partition(', but ')[2]}"
        elif isinstance(one, Note):
            several["/".join(one.address.name)] = one.code
        elif isinstance(one, Draft):
            several["/".join(one.address.name)] = "deleted"
    return several


@pytest.mark.parametrize(
    ("row", "found", "options", "version"),
    [
        ("needs no --prune", fates(*TREE, absent=(leaving(*VERSION),)), {}, "deleted"),
        (
            "is left out",
            fates(*TREE, absent=(leaving(*VERSION),)),
            {"excludes": ("*/1.0.0",)},
            "excluded",
        ),
        (
            "in use",
            fates(*TREE, absent=(leaving(*VERSION),), used=("1.0.0",)),
            {},
            "cannot-delete: VirtualMachine/rg-web/web-01 refers to it",
        ),
        (
            "not ours",
            fates(*TREE[:2], observed(*VERSION, owner="x.1"), absent=(leaving(*VERSION),)),
            {},
            "cannot-delete: it is not ours",
        ),
        (
            "not ours, and nobody's",
            fates(*TREE[:2], observed(*VERSION, owner=""), absent=(leaving(*VERSION),)),
            {},
            "cannot-delete: it is not ours",
        ),
        (
            "a subscription could not be read",
            fates(*TREE, absent=(leaving(*VERSION),), unseen=("sub-b", "sub-c")),
            {},
            "cannot-delete: machines in sub-b, sub-c could not be looked at, and may refer to it",
        ),
    ],
)
def test_a_version_declared_absent(row: str, found: Fates, options: dict[str, Any], version: str) -> None:
    assert told(found, **options)["g/a/1.0.0"] == version


def test_an_absent_application_goes_with_what_is_declared_absent_below_it() -> None:
    both = fates(*TREE, absent=(leaving(*APPLICATION), leaving(*VERSION)))
    assert told(both) == {"g/a/1.0.0": "deleted", "g/a": "deleted", "g": "kept"}


def test_an_absent_application_does_not_take_what_is_below_it_along() -> None:
    """What is below is no longer declared, but nobody said --prune."""
    alone = fates(*TREE, absent=(leaving(*APPLICATION),))
    assert told(alone)["g/a"] == "cannot-delete: it holds GalleryApplicationVersion/g/a/1.0.0"
    assert told(alone)["g/a/1.0.0"] == "kept"
    assert told(alone, prune=True) == {"g/a/1.0.0": "deleted", "g/a": "deleted", "g": "deleted"}


def test_a_declared_child_keeps_its_absent_parent() -> None:
    found = fates(*TREE, absent=(leaving(*APPLICATION),), declared=(VERSION,))
    assert told(found)["g/a"] == "cannot-delete: what is declared needs it"


@pytest.mark.parametrize(
    ("owner", "hint"), [(OWNER, "remove what needs it first"), ("x.1", "--adopt it as it is first")]
)
def test_why_an_absent_one_stays_has_a_place_and_a_way_out(owner: str, hint: str) -> None:
    live = (*TREE[:2], observed(*VERSION, owner=owner))
    found = fates(*live, absent=(leaving(*VERSION),), used=("1.0.0",) if owner == OWNER else ())
    (problem,) = (one for one in orphans(found, asked()) if isinstance(one, Diagnostic))
    assert (problem.hint, problem.span) == (hint, HERE)


def test_the_delete_of_an_absent_one_names_its_place() -> None:
    (draft,) = (one for one in orphans(fates(*TREE, absent=(leaving(*VERSION),)), asked()) if isinstance(one, Draft))
    assert (draft.because, draft.source) == ("it is declared absent", (HERE,))


@pytest.mark.parametrize(
    ("keep", "more", "deleted"),
    [
        (0, {}, {"1.0.0", "1.9.0", "1.10.0"}),
        (1, {}, {"1.0.0", "1.9.0"}),
        (2, {}, {"1.0.0"}),
        (9, {}, set()),
        (1, {"declared": (("g", "a", "1.10.0"),)}, {"1.0.0"}),
        (1, {"absent": (leaving("g", "a", "1.10.0"),)}, {"1.10.0", "1.0.0"}),
        (1, {"used": ("1.0.0",)}, {"1.9.0"}),
    ],
)
def test_the_newest_undeclared_versions_stay_as_numbers_not_as_text(
    keep: int, more: dict[str, Any], deleted: set[str]
) -> None:
    found = told(fates(*SEVERAL, retention={address(*APPLICATION): keep}, **more), prune=True)
    assert {name.rpartition("/")[2] for name, fate in found.items() if fate == "deleted"} - {"g", "a"} == deleted


def test_retention_says_why_and_counts_only_what_is_ours() -> None:
    foreign = observed("g", "a", "9.0.0", owner="x.1")
    found = fates(*SEVERAL, foreign, retention={address(*APPLICATION): 1})
    texts = {one.address.name[-1]: one.text for one in orphans(found, asked(prune=True)) if isinstance(one, Note)}
    assert texts["1.10.0"] == "no longer declared; its application's retention keeps it"
    assert told(found, prune=True)["g/a/1.9.0"] == "deleted"


def test_without_prune_retention_changes_nothing() -> None:
    found = fates(*SEVERAL, retention={address(*APPLICATION): 1})
    assert set(told(found).values()) == {"kept"}


def test_a_subscription_that_could_not_be_read_keeps_versions_but_not_what_is_empty() -> None:
    """A machine there may need any version."""
    versions = fates(*TREE, unseen=("sub-b",))
    assert told(versions, prune=True) == {"g/a/1.0.0": "kept", "g/a": "kept", "g": "kept"}
    assert told(fates(*TREE[:2], unseen=("sub-b",)), prune=True) == {"g/a": "deleted", "g": "deleted"}


@pytest.mark.parametrize(
    ("one", "above", "below"),
    [
        (VERSION, GALLERY, True),
        (VERSION, APPLICATION, True),
        (APPLICATION, APPLICATION, False),
        (GALLERY, APPLICATION, False),
        (("g", "ab", "1.0.0"), APPLICATION, False),
        (("G", "A", "1.0.0"), APPLICATION, True),
    ],
)
def test_what_is_below(one: tuple[str, ...], above: tuple[str, ...], below: bool) -> None:
    assert is_below(address(*one), address(*above)) is below
    elsewhere = replace(address(*one), subscription=ELSEWHERE)
    assert not is_below(elsewhere, address(*above))
