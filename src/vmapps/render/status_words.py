"""What the text and the markdown of a status have in common: its numbers, and rows that say the same as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vmapps.core.address import natural
from vmapps.core.explain_live import Standing
from vmapps.core.status import FOREIGN, Condition, Row, Status
from vmapps.render.words import count

RETRIED = (Condition.FAILED, Condition.SKIPPED)
WELL_FIRST = (Condition.INSTALLED, *(one for one in Condition if one is not Condition.INSTALLED))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that say the same of different machines, or of several applications on the same ones.

    The first row stands for all; `applications` are `platform/nginx 1.26.2`.
    """

    row: Row
    subjects: tuple[str, ...]
    applications: tuple[str, ...]

    @property
    def where(self) -> str:
        """`3 machines`, or `3 instances` of scale sets."""
        return count(len(self.subjects), "instance" if self.row.instance else "machine")


def groups(rows: Iterable[Row]) -> list[Group]:
    """Equal rows folded, the worst conditions first."""
    machines: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        said = (row.condition, row.application, row.declared, row.model, row.guest, row.message, row.standing)
        machines.setdefault((*said, bool(row.instance)), []).append(row)
    found: dict[tuple[object, ...], list[list[Row]]] = {}
    for several in machines.values():
        first = several[0]
        found.setdefault((first.condition, aside(first), first.message, _subjects(several)), []).append(several)
    order = list(Condition)
    made = [Group(one[0][0], _subjects(one[0]), tuple(named(rows[0]) for rows in one)) for one in found.values()]
    return sorted(made, key=lambda one: (order.index(one.row.condition), one.applications))


def _subjects(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row.subject for row in rows)


def named(row: Row) -> str:
    """An application at its version."""
    return f"{row.application} {row.version}".rstrip()


def counted(rows: Iterable[Row]) -> str:
    """`9 installed, 1 failed`: how many rows are in which condition, those that are well first."""
    found = Counter(row.condition for row in rows)
    return ", ".join(f"{found[one]} {one}" for one in WELL_FIRST if found[one])


def by_application(rows: Iterable[Row]) -> Mapping[tuple[str, str], list[Row]]:
    """The rows of each application at each version, in order."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda one: (one.application.lower(), natural(one.version))):
        found.setdefault((row.application, row.version), []).append(row)
    return found


def headline(status: Status) -> str:
    """The whole in one line."""
    rows = status.all_rows
    if not rows:
        return "Nothing of this project is on a machine that was looked at."
    machines = count(len({row.subject for row in rows}), "machine")
    return f"{count(len(rows), 'application')} on {machines}: {counted(rows)}."


def aside(row: Row) -> str:
    """What differs from a plain application at its version."""
    found = []
    if row.standing in FOREIGN:
        found.append("not ours")
    elif row.standing is Standing.CLAIMED:
        found.append("not adopted")
    elif not row.declared:
        found.append("no longer assigned")
    if row.declared and row.condition is Condition.NOT_CONVERGED:
        found.append(f"the model has {row.model}" if row.model else "not in the model")
    shown = (row.version, row.model) if row.condition is Condition.NOT_CONVERGED else (row.version,)
    if row.guest and row.guest not in shown:
        found.append(f"the guest {'had' if row.condition is Condition.OFF else 'has'} {row.guest}")
    return "; ".join(found)


def footnotes(status: Status) -> list[str]:
    """What was read for it, and what is not shown."""
    lists = f", some in the lists of {count(status.scale_sets, 'scale set')}" if status.scale_sets else ""
    notes = [f"Read {count(status.guests, 'guest report')}{lists}."]
    if status.foreign:
        notes.append(f"Not shown: {count(status.foreign, 'application')} of others (--foreign shows them).")
    if any(row.condition in RETRIED and row.standing is Standing.OURS for row in status.rows):
        notes.append("`vmapps retry ADDRESS` tries failed and skipped installs again.")
    return notes
