"""Reading: lists page by page into small values, one object at a time when it matters."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from vmapps.azure.arm import Arm, absent, expect, unexpected
from vmapps.azure.failures import GARBLED
from vmapps.azure.families import below, of
from vmapps.core.address import ArmId
from vmapps.core.resource import Listed, Machine
from vmapps.engine.ports import Scope, Sighting
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Kind


class Page(msgspec.Struct):
    """One page of a list; it may be empty and still not be the last [azure-facts 4.5]."""

    value: list[msgspec.Raw]
    next_link: str | None = msgspec.field(name="nextLink", default=None)


_read_page = msgspec.json.Decoder(Page)


def survey(arm: Arm, scope: Scope, home: str) -> tuple[Sighting, ...]:
    """Everything in a scope; raises CloudFailure, Missing when what is to be listed does not exist."""
    kind = KINDS[scope.kind]
    found = [seen(kind, item, home, scope.path) for item in items(arm, scope.path, kind.family)]
    for one in found:
        locate(arm, one)
    return tuple(Sighting(one, below(one.id)) for one in found)


def locate(arm: Arm, one: Listed) -> None:
    """Requests about a machine are counted in its region."""
    if isinstance(one, Machine):
        arm.located(one.id, one.location)


def items(arm: Arm, path: str, family: str, query: str = "", *, follows: bool = False) -> Iterator[msgspec.Raw]:
    """The items of a list, over all its pages; raises Refused when they go round in a circle.

    `follows`: the list is a later part of one question.
    """
    url, known = arm.url(path, family, query), set[str]()
    while url:
        if url in known:
            raise unexpected(path)
        follows = follows or bool(known)
        known.add(url)
        answer = expect(arm.ask("GET", url, follows=follows), path)
        try:
            page = _read_page.decode(answer.body)
        except GARBLED as error:
            raise unexpected(path) from error
        yield from page.value
        url = page.next_link or ""


def read(arm: Arm, arm_id: ArmId, home: str) -> Listed | None:
    """One object as it is now; None when it is not there."""
    kind, scope = of(arm_id), str(arm_id)
    body = body_of(arm, scope, kind.family)
    if body is None:
        return None
    found = seen(kind, body, home, scope)
    locate(arm, found)
    return found


def body_of(arm: Arm, path: str, family: str, query: str = "", *, follows: bool = False) -> bytes | None:
    """One answer; None when what is asked for is not there."""
    answer = arm.ask("GET", arm.url(path, family, query), follows=follows)
    return None if absent(answer, path) else expect(answer, path).body


def seen(kind: Kind, raw: bytes | msgspec.Raw, home: str, scope: str) -> Listed:
    """One item as a value; an item that is not what its kind expects is Azure's mistake, or not Azure."""
    try:
        return kind.decode(raw, home)
    except GARBLED as error:
        raise unexpected(scope) from error
