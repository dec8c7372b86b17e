"""Machines with equal lists go into one assignment; its name comes from what they are called."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from vmapps.core.address import Address, natural
from vmapps.core.entries import machine_hash
from vmapps.core.resource import Machine

LONGEST_NAME = 80
"""Of an assignment's document."""

LARGEST = 4000
"""Machines of one assignment, so that its file stays readable, for vmapps too."""

DIGITS_AND_SEPARATORS = "0123456789-_."


@dataclass(frozen=True, slots=True)
class Listed:
    """A machine with its entries as an assignment says them, in plain data.

    `told` is what they leave out, `ignored` names foreign applications that are nobody's business here.
    """

    machine: Machine
    items: tuple[Mapping[str, Any], ...]
    told: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Machines of one kind whose lists are equal, in the order of their names, and what is left out of which."""

    name: str
    machines: tuple[Machine, ...]
    items: tuple[Mapping[str, Any], ...]
    told: Mapping[str, tuple[Address, ...]]
    ignored: tuple[str, ...] = ()


def grouped(lists: Iterable[Listed]) -> tuple[Group, ...]:
    """The groups in the order of their names; the order of the input does not matter."""
    together: dict[tuple[str, str], list[Listed]] = defaultdict(list)
    for one in sorted(lists, key=lambda it: it.machine.address):
        if one.items:
            together[one.machine.address.kind, json.dumps(one.items, sort_keys=True)].append(one)
    parts = [several[at : at + LARGEST] for several in together.values() for at in range(0, len(several), LARGEST)]
    named = _named(sorted(parts, key=lambda part: (-len(part), part[0].machine.address)))
    found = (_group(name, part) for name, part in named.items())
    return tuple(sorted(found, key=lambda group: natural(group.name)))


def _group(name: str, several: list[Listed]) -> Group:
    machines = tuple(one.machine for one in several)
    ignored = {glob for one in several for glob in one.ignored}
    return Group(name, machines, several[0].items, told_by(several), tuple(sorted(ignored)))


def told_by(several: Iterable[Listed]) -> Mapping[str, tuple[Address, ...]]:
    """What is told, and of which machines."""
    found: dict[str, list[Address]] = defaultdict(list)
    for one in several:
        for text in one.told:
            found[text].append(one.machine.address)
    return {text: tuple(sorted(where)) for text, where in sorted(found.items())}


def _named(parts: Iterable[list[Listed]]) -> Mapping[str, list[Listed]]:
    """A name for each; where two would be called alike, the smaller group adds its first machine."""
    taken: dict[str, tuple[str, list[Listed]]] = {}
    for part in parts:
        first = part[0].machine
        base = _common_name([one.machine for one in part])
        ways = (base, plain_name(f"{base}.{first.id.name}"), f"{base[: LONGEST_NAME - 9]}-{machine_hash(first.id)}")
        name = next(way for way in ways if way.lower() not in taken)
        taken[name.lower()] = (name, part)
    return dict(taken.values())


def _common_name(machines: list[Machine]) -> str:
    """What the machines' names begin with, else the resource group they share, else `fleet`."""
    if len(machines) == 1:
        return name_of(machines[0])
    stem = plain_name(_beginning([one.id.name.lower() for one in machines]).rstrip(DIGITS_AND_SEPARATORS))
    if len(stem) > 1:
        return stem
    groups = {one.id.resource_group.lower() for one in machines}
    return plain_name(groups.pop()) or "fleet" if len(groups) == 1 else "fleet"


def _beginning(names: list[str]) -> str:
    """What all names begin with: what the first and the last of them do, in the order of letters."""
    pairs = zip(min(names), max(names), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def name_of(machine: Machine) -> str:
    """What one machine's assignment is called: `group.machine`, with a digest where a name takes other letters."""
    whole = f"{machine.id.resource_group}.{machine.id.name}"
    plain = plain_name(whole)
    if plain == whole and not machine.address.subscription:
        return plain
    return f"{plain[: LONGEST_NAME - 9]}-{machine_hash(machine.id)}"


def plain_name(text: str) -> str:
    """The text in the letters that a document's name takes, and no longer than it may be; "" when nothing is left."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "-" for one in text)
    return plain.strip("._-")[:LONGEST_NAME].rstrip("._-")
