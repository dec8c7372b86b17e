"""What carries our mark and is no longer declared."""

from __future__ import annotations

from typing import Any

import pytest

from samples import OWNER, address, asked, machine_address, observed, resource_id
from vmapps.core.action import Delete
from vmapps.core.address import Address
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.orphans import Fates, orphans
from vmapps.core.resource import Observed

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
