"""Names of things: our addresses and Azure's resource ids. Both compare without regard to case.

An address is what people type and plans print (`Gallery/platform`, `VirtualMachine/rg-web/web-01`); an ARM id
is what Azure is asked for. ARM ids are case-insensitive and Compute may change their case [azure-facts 1.5].
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache, total_ordering
from typing import TypeAlias

SUBSCRIPTION = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


Key: TypeAlias = tuple[str, str, tuple[str, ...]]
Order: TypeAlias = tuple[str, str, tuple[tuple[tuple[int, str], ...], ...], tuple[str, ...]]


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Address:
    """`Kind/name/…`, with the subscription after the kind when it is not the project's own."""

    kind: str
    name: tuple[str, ...]
    subscription: str = ""

    key: Key = field(init=False, repr=False)
    """What equality and hashing go by: everything in lower case."""

    def __post_init__(self) -> None:
        # Kept rather than computed: a large fleet compares its addresses millions of times.
        key = (self.kind.lower(), self.subscription.lower(), tuple(part.lower() for part in self.name))
        object.__setattr__(self, "key", key)

    @property
    def order(self) -> Order:
        """The sort key: like `key`, but 1.10.0 comes after 1.9.0; `web-1` and `web-01` are two names still."""
        return _order(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Address) -> bool:
        return self.order < other.order

    def __str__(self) -> str:
        middle = (self.subscription,) if self.subscription else ()
        return "/".join((self.kind, *middle, *self.name))

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address; raises ValueError when there is no kind or no name."""
        kind, *rest = text.split("/")
        subscription = rest.pop(0) if rest and SUBSCRIPTION.match(rest[0]) else ""
        if not kind or not rest or not all(rest):
            raise ValueError(f"'{text}' is not an address such as Gallery/platform")
        return cls(kind, tuple(rest), subscription)

    def matches(self, pattern: str) -> bool:
        """Whether a glob such as `VirtualMachine/rg-web/*` names this address; case is ignored."""
        return fnmatchcase(str(self).lower(), pattern.lower())


@lru_cache(maxsize=65536)
def _order(key: Key) -> Order:
    kind, subscription, name = key
    return kind, subscription, tuple(natural(part) for part in name), name


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key in which runs of digits count as numbers."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part)


@dataclass(frozen=True, slots=True, eq=False)
class ArmId:
    """A resource id below a resource group: `types` and `names` run in parallel, `provider` owns the first."""

    subscription: str
    resource_group: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    provider: str = "Microsoft.Compute"

    @classmethod
    def parse(cls, text: str) -> ArmId | None:
        """Read an id; None when the text is not one."""
        parts = text.strip("/").split("/")
        if len(parts) < 8 or len(parts) % 2 or not all(parts):
            return None
        words = tuple(part.lower() for part in parts[:6:2])
        if words != ("subscriptions", "resourcegroups", "providers"):
            return None
        return cls(parts[1], parts[3], tuple(parts[6::2]), tuple(parts[7::2]), parts[5])

    @property
    def name(self) -> str:
        """The last name."""
        return self.names[-1]

    @property
    def type(self) -> str:
        """The resource type in lower case, such as `galleries/applications`."""
        return "/".join(self.types).lower()

    @property
    def key(self) -> str:
        """The whole id in lower case: what equality and hashing go by."""
        return str(self).lower()

    @property
    def parent(self) -> ArmId:
        """The id one level up; a top-level resource is its own parent."""
        if len(self.types) == 1:
            return self
        return ArmId(self.subscription, self.resource_group, self.types[:-1], self.names[:-1], self.provider)

    def child(self, kind: str, name: str) -> ArmId:
        """The id of a resource below this one."""
        types, names = (*self.types, kind), (*self.names, name)
        return ArmId(self.subscription, self.resource_group, types, names, self.provider)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArmId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        tail = "/".join(f"{kind}/{name}" for kind, name in zip(self.types, self.names, strict=True))
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/{self.provider}/{tail}"
