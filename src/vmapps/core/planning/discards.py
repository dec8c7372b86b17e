"""Packages of ours in the store that nothing names any more: versions keep their own copies [azure-facts 2.2]."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vmapps.core.action import Delete, Discard
from vmapps.core.address import Address
from vmapps.core.declaration import Declarations
from vmapps.core.planning.findings import Draft
from vmapps.core.resource import Body, Link, Value, World

NAMED = re.compile(r"/sha256/([0-9a-f]{64})$")
"""How a package is named in a store (`declaration.blob_name`)."""


def discards(declarations: Declarations, world: World, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Every stored package that no manifest, no live version that stays and no machine's entry names.

    The next write of a version needs its package again, so one that stays keeps it.
    """
    gone = {draft.address: draft for draft in drafts if isinstance(draft.action, Delete)}
    named = {package.sha256 for package in declarations.packages}
    leaving: dict[str, list[Address]] = {}
    for address, one in world.resources.items():
        for sha256 in _named(one.body):
            if address in gone:
                leaving.setdefault(sha256, []).append(address)
            else:
                named.add(sha256)
    links = (entry.configuration for machine in world.machines.values() for entry in machine.entries)
    named.update(found[1] for link in links if link and (found := NAMED.search(link.url)))
    for sha256 in sorted((world.stored or frozenset()) - named):
        yield Draft(
            Address("Package", (sha256[:12],)),
            None,
            Discard(sha256),
            "no manifest, version or machine names it any more",
            uses=tuple(sorted(leaving.get(sha256, ()))),
        )


def _named(body: Body) -> Iterator[str]:
    """The packages that a body's links name."""
    for link in _links(body):
        if found := NAMED.search(link.url):
            yield found[1]


def _links(value: Value) -> Iterator[Link]:
    if isinstance(value, Link):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _links(inner)
