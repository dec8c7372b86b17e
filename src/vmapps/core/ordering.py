"""`dependsOn` becomes `order`, machine by machine: Azure knows orders only [azure-facts 3.1]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vmapps.core.address import Address
from vmapps.core.declaration import Wanted
from vmapps.core.diagnostic import Span
from vmapps.core.resource import Machine

FIRST = 1
"""The order of what others depend on and nobody ordered. Absent is not 0: unordered applications come last."""

LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Ordered:
    """One application on a machine, as far as order goes: its key, what is wanted of it, where that stands."""

    key: tuple[str, str]
    wanted: Wanted
    span: Span


@dataclass(frozen=True, slots=True)
class Disorder:
    """Why no order can be given to an application; `about` is a sentence that the machine's address ends."""

    code: str
    about: str
    span: Span
    hint: str


@dataclass(slots=True)
class _Machine:
    """The orders that are given so far."""

    by_name: Mapping[tuple[str, str, str], Ordered]
    foreign: Mapping[tuple[str, str, str], int | None]
    given: dict[tuple[str, str, str], int | None] = field(default_factory=dict)
    problems: list[Disorder] = field(default_factory=list)


def orders(
    claims: tuple[Ordered, ...], machine: Machine, home: str
) -> tuple[Mapping[tuple[str, str], int | None], tuple[Disorder, ...]]:
    """Every claimed application's order by its key; None is unordered, which is not 0.

    An explicit order stays. What depends on others comes after each of them, also after an entry of somebody else,
    which has to have an order for that. `home` is the project's own subscription.
    """
    by_name = {_name(one.wanted.application, home): one for one in claims if not one.wanted.absent}
    claimed = {one.key for one in claims}
    others = (entry for entry in machine.entries if entry.reference and entry.reference.key not in claimed)
    foreign = {
        (
            one.reference.gallery.subscription.lower(),
            one.reference.gallery.name.lower(),
            one.reference.key[1],
        ): one.order
        for one in others
        if one.reference
    }
    state = _Machine(by_name, foreign)
    needed = {_name(one, home) for claim in by_name.values() for one in claim.wanted.depends_on}
    for name in sorted(by_name):
        _order_of(name, state, needed, home, ())
    found = {by_name[name].key: order for name, order in state.given.items()}
    return found, tuple(dict.fromkeys(state.problems))


def _name(application: Address, home: str) -> tuple[str, str, str]:
    gallery, name = application.key[2]
    return application.key[1] or home.lower(), gallery, name


def _order_of(
    name: tuple[str, str, str],
    state: _Machine,
    needed: set[tuple[str, str, str]],
    home: str,
    above: tuple[tuple[str, str, str], ...],
) -> int | None:
    """The order of a claimed application; `above` are those that are being ordered because they depend on it."""
    if name in state.given:
        return state.given[name]
    one = state.by_name[name]
    if name in above:
        names = " -> ".join(f"{gallery}/{application}" for _, gallery, application in (*above, name))
        hint = "one of them has to come first"
        state.problems.append(Disorder("dependency-cycle", f"{names} is a circle on", one.span, hint))
        return None
    order = one.wanted.order
    if one.wanted.depends_on:
        after = list(_befores(one, state, needed, home, (*above, name)))
        order = max([FIRST, *(before + 1 for before in after)])
        if order > LARGEST:
            about = f"{name[1]}/{name[2]} would need an order beyond {LARGEST} on"
            state.problems.append(Disorder("order-too-large", about, one.span, "lower the order of what it depends on"))
            order = LARGEST
    elif order is None and name in needed:
        order = FIRST
    state.given[name] = order
    return order


def _befores(
    one: Ordered,
    state: _Machine,
    needed: set[tuple[str, str, str]],
    home: str,
    above: tuple[tuple[str, str, str], ...],
) -> Iterator[int]:
    """The orders of what an application depends on."""
    for dependency in one.wanted.depends_on:
        name = _name(dependency, home)
        mine, other = "/".join(one.wanted.application.name), "/".join(dependency.name)
        if name in state.by_name:
            order = _order_of(name, state, needed, home, above)
            if order is not None:
                yield order
        elif name not in state.foreign:
            about = f"{mine} depends on {other}, which is neither assigned to nor on"
            hint = f"assign {other} to the same machines"
            state.problems.append(Disorder("unassigned-dependency", about, one.span, hint))
        elif (order := state.foreign[name]) is not None:
            yield order
        else:
            about = f"{mine} depends on {other}, which is not ours and has no order, so it is installed last on"
            hint = f"assign {other} here, or drop the dependency"
            state.problems.append(Disorder("unordered-dependency", about, one.span, hint))
