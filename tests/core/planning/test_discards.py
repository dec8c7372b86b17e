"""Packages of ours in the store that nothing names any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples import (
    STORE,
    declarations,
    desired,
    entry,
    machine,
    observed,
    package,
    sha256,
)
from vmapps.core.action import Change, Delete, Discard, Update
from vmapps.core.declaration import Declarations, Package
from vmapps.core.planning.discards import discards
from vmapps.core.planning.findings import Draft
from vmapps.core.resource import Body, Link, Listed, World

NAMES = ("platform", "nginx", "1.0.0")
VERSION = observed(*NAMES)
NOTHING = declarations()
DELETED = Draft(VERSION.address, VERSION.id, Delete(), "why")
UPDATED = Draft(VERSION.address, VERSION.id, Update((Change(("x",), 1, 2),)), "why")


def world(*live: Listed, stored: tuple[str, ...] | None = ("nginx",)) -> World:
    found = frozenset(sha256(one) for one in stored) if stored is not None else None
    return replace(World.of(iter(live)), stored=found)


def discarded(declared: Declarations, there: World, *drafts: Draft) -> list[Draft]:
    return list(discards(declared, there, drafts))


def named(*several: Package) -> Declarations:
    return replace(NOTHING, packages=several)


def with_configuration(link: Link) -> Listed:
    return machine(entry(configuration=link))


CONF = STORE.link(sha256("nginx"))
WITH_CONFIGURATION: Body = {"properties": {"publishingProfile": {"source": {"defaultConfigurationLink": CONF}}}}
IN_A_LIST: Body = {"properties": {"more": [{"link": CONF}, "text", 3]}}


@pytest.mark.parametrize(
    ("row", "declared", "there", "drafts", "gone"),
    [
        ("nothing names it", NOTHING, world(), (), True),
        ("a manifest names it", named(package("nginx")), world(), (), False),
        ("a manifest names another one", named(package("other")), world(), (), True),
        ("a live version names it", NOTHING, world(VERSION), (), False),
        ("a live version's configuration", NOTHING, world(observed(*NAMES, body=WITH_CONFIGURATION)), (), False),
        ("a link inside of a list", NOTHING, world(observed("platform", body=IN_A_LIST)), (), False),
        ("a version that goes", NOTHING, world(VERSION), (DELETED,), True),
        (
            "a version that goes, of a package that is declared",
            named(package("nginx")),
            world(VERSION),
            (DELETED,),
            False,
        ),
        (
            "one that goes and one that stays",
            NOTHING,
            world(VERSION, observed("platform", "nginx", "2.0.0")),
            (DELETED,),
            False,
        ),
        ("a version that is changed needs it again", NOTHING, world(VERSION), (UPDATED,), False),
        ("a machine's configuration", NOTHING, world(with_configuration(CONF)), (), False),
        ("a machine's configuration, elsewhere", NOTHING, world(with_configuration(Link("https://a/b"))), (), True),
        ("the store was not listed", NOTHING, world(stored=None), (), False),
        ("the store has nothing of ours", NOTHING, world(stored=()), (), False),
    ],
)
def test_what_is_discarded(
    row: str, declared: Declarations, there: World, drafts: tuple[Draft, ...], gone: bool
) -> None:
    found = discarded(declared, there, *drafts)
    assert [one.action for one in found] == ([Discard(sha256("nginx"))] if gone else [])


def test_a_stored_package_counts_whatever_store_its_link_names() -> None:
    """The store may have moved; the name is the content."""
    moved = Link(f"https://old.blob.core.windows.net/x/sha256/{sha256('nginx')}")
    assert discarded(NOTHING, world(with_configuration(moved))) == []


def test_it_goes_after_the_versions_that_named_it() -> None:
    other = observed("platform", "nginx", "0.9.0")
    found = discarded(NOTHING, world(VERSION, other), DELETED, replace(DELETED, address=other.address))
    assert [one.uses for one in found] == [(other.address, VERSION.address)]
    assert [one.uses for one in discarded(NOTHING, world())] == [()]


def test_several_go_in_one_order_and_are_named_by_their_content() -> None:
    found = discarded(NOTHING, world(stored=("b", "a", "c")))
    assert [one.address for one in found] == [package(one).address for one in sorted("abc", key=sha256)]
    assert {(one.resource, one.because) for one in found} == {
        (None, "no manifest, version or machine names it any more")
    }


def test_what_is_declared_and_not_live_is_named_by_its_package() -> None:
    assert discarded(declarations(desired("platform"), desired("platform", "nginx"), desired(*NAMES)), world()) == []
