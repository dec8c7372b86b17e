"""What a field is: who may change it, how two values of it are compared, what its absence means.

This is data (built from the `x-vmapps` notes in each kind's schema), so that the differ has no `if` for any kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from vmapps.core.resource import Body, Link, Value, without_secrets

Path: TypeAlias = tuple[str, ...]
PLAIN = re.compile(r"[A-Za-z_][\w-]*")
SEGMENT = re.compile(r'\.?([A-Za-z_][\w-]*)|\[("(?:[^"\\]|\\.)*")\]')


def spelled(path: Path) -> str:
    """A path for people and plans: `properties.publishingProfile.replicaCount`, `tags["a.b"]`."""
    text = ""
    for part in path:
        text += (f".{part}" if text else part) if PLAIN.fullmatch(part) else f"[{json.dumps(part)}]"
    return text


def parse_path(text: str) -> Path:
    """Read a spelled path back; raises ValueError when it is not one."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = SEGMENT.match(text, at)
        if found is None:
            raise ValueError(f"'{text}' is not a field path")
        parts.append(found[1] if found[1] is not None else str(json.loads(found[2])))
        at = found.end()
    return tuple(parts)


class Ownership(StrEnum):
    """Who decides a field's value."""

    MANAGED = "managed"
    """the author may change it in place"""
    FIXED = "fixed"
    """Azure refuses to change it, or may not be trusted to [azure-facts 1.7]"""
    READ_ONLY = "readOnly"
    """Azure's own: never compared, never sent"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field's rule.

    `whole` fields (lists, free maps) are compared and replaced as one value; an `uncleared` one can be set and moved,
    but never be taken away again.
    """

    ownership: Ownership = Ownership.MANAGED
    compare: str = "exact"
    default: Value = None
    whole: bool = False
    uncleared: bool = False


STATE: Path = ("properties", "provisioningState")

AZURES_OWN: tuple[Path, ...] = (
    ("id",),
    ("name",),
    ("type",),
    ("etag",),
    ("systemData",),
    STATE,
    ("properties", "identifier"),
    ("properties", "replicationStatus"),
    ("properties", "sharingStatus"),
    ("properties", "publishingProfile", "publishedDate"),
)
"""Read-only in every kind, whatever its schema says [azure-facts 10]."""

AZURES = Field(Ownership.READ_ONLY)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one kind, by path; a path that has none is managed and compared exactly."""

    fields: Mapping[Path, Field] = field(default_factory=dict)

    def of(self, path: Path) -> Field:
        """The rule of a path."""
        return self.fields.get(path) or (AZURES if path in AZURES_OWN else Field())

    @property
    def read_only(self) -> tuple[Path, ...]:
        """The paths that only Azure writes."""
        ours = (path for path, rule in self.fields.items() if rule.ownership is Ownership.READ_ONLY)
        return (*ours, *(path for path in AZURES_OWN if path not in self.fields))

    def sendable(self, body: Body) -> Body:
        """A live body without what Azure alone writes."""
        for path in self.read_only:
            body = without(body, path)
        return body

    def normal(self, path: Path, value: Value) -> Value:
        """The value in the form in which two spellings of the same thing are equal; absent becomes the default."""
        rule = self.of(path)
        return NORMAL[rule.compare](rule.default if value is None else value)


def leaves(body: Body, rules: Rules, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Every declared field of a body with its value; maps are entered unless their rule says `whole`."""
    for name, value in body.items():
        here = (*path, name)
        if isinstance(value, dict) and not rules.of(here).whole:
            yield from leaves(value, rules, here)
        else:
            yield here, value


def at(body: Body, path: Path) -> Value:
    """The value at a path, None when there is nothing. Tag names are looked up without regard to case."""
    value: Value = body
    for depth, part in enumerate(path):
        if not isinstance(value, dict):
            return None
        if depth == 1 and path[0] == "tags":
            value = next((found for name, found in value.items() if name.lower() == part.lower()), None)
        else:
            value = value.get(part)
    return value


def with_value(body: Body, path: Path, value: Value) -> Body:
    """A copy of the body in which the path has this value."""
    first, *rest = path
    if first == "tags" and rest:
        tags = body.get("tags")
        kept = (
            {name: old for name, old in tags.items() if name.lower() != rest[0].lower()}
            if isinstance(tags, dict)
            else {}
        )
        return {**body, "tags": {**kept, rest[0]: value}}
    if not rest:
        return {**body, first: value}
    inner = body.get(first)
    return {**body, first: with_value(inner if isinstance(inner, dict) else {}, tuple(rest), value)}


def without(body: Body, path: Path) -> Body:
    """A copy of the body that lacks the path."""
    first, *rest = path
    inner = body.get(first)
    if not rest:
        return {name: value for name, value in body.items() if name != first}
    return {**body, first: without(inner, tuple(rest))} if isinstance(inner, dict) else body


def region(name: Value) -> Value:
    """`West US` and `westus` are the same region [azure-facts 10]."""
    return name.replace(" ", "").lower() if isinstance(name, str) else name


def _link(value: Value) -> Value:
    if isinstance(value, Link):
        return value.key
    return Link(without_secrets(value)).key if isinstance(value, str) else value


def _instant(value: Value) -> Value:
    """A moment in UTC; a date is its midnight; text that is no moment stays as it is."""
    try:
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return value


def _regions(value: Value) -> Value:
    """Target regions: a set keyed by normal name; an absent replica count is 1, an absent exclusion is false."""
    if not isinstance(value, list):
        return value
    regions = {str(region(item.get("name"))): item for item in value if isinstance(item, dict)}
    return [_one_region(name, regions[name]) for name in sorted(regions)]


def _one_region(name: str, item: dict[str, Value]) -> Value:
    plain: Body = {"regionalReplicaCount": 1, "excludeFromLatest": False}
    return {**plain, **{key: value for key, value in item.items() if value is not None}, "name": name}


def _lower_keys(value: Value) -> Value:
    """A map keyed by ARM ids: only the ids count, whatever Azure answers beside them."""
    return [*sorted(name.lower() for name in value)] if isinstance(value, dict) else value


def _same(value: Value) -> Value:
    return value


NORMAL: Mapping[str, Callable[[Value], Value]] = {
    "exact": _same,
    "region": region,
    "regions": _regions,
    "link": _link,
    "instant": _instant,
    "armIds": _lower_keys,
}
"""How values are compared, by the name used in the schemas' `x-vmapps.compare`."""
