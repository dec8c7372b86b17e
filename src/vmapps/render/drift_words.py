"""What the text and the markdown of a drift have in common: its numbers, and differences that say the same as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vmapps.core.drift import Drift, DriftClass, DriftItem
from vmapps.render.entry_text import entry_lines, is_entry
from vmapps.render.paint import Paint
from vmapps.render.value_text import change_lines
from vmapps.render.words import count

NONE = "No drift: live Azure is what the manifests say."
NOT_YET = "No drift; what is pending, halted or in a wave not reached is no drift."
NOT_WHOLE = "No drift in what could be read and compared; not everything could."
LEGEND = "; fields are shown live -> declared."
APART = {"foreign": "foreign", "pending": "pending", "wave-not-reached": "in waves not reached", "halted": "halted"}
"""Notes that stand beside the drift, in words."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Differences that say the same of several machines: the first stands for all; `lines` are its changes."""

    item: DriftItem
    subjects: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def where(self) -> str:
        """The subject, or how many there are: `on 3 machines`."""
        if len(self.subjects) == 1:
            return self.subjects[0]
        on_machine = self.item.application or self.item.cls in (DriftClass.DANGLING, DriftClass.FAILED)
        noun = "instance" if self.item.instance else "machine" if on_machine else "object"
        return f"on {count(len(self.subjects), noun)}"


def alike(items: Iterable[DriftItem], paint: Paint, *, verbose: bool) -> list[Alike]:
    """Equal differences folded, by class; what is no drift comes last."""
    found: dict[tuple[DriftClass, str, bool, tuple[str, ...]], list[DriftItem]] = {}
    for item in items:
        key = (item.cls, item.text, item.is_drift, _changes(item, paint, verbose=verbose))
        found.setdefault(key, []).append(item)
    several = [Alike(one[0], tuple(item.subject for item in one), lines) for (*_, lines), one in found.items()]
    order = list(DriftClass)
    return sorted(several, key=lambda one: (not one.item.is_drift, order.index(one.item.cls)))


def _changes(item: DriftItem, paint: Paint, *, verbose: bool) -> tuple[str, ...]:
    entries = [change for change in item.changes if is_entry(change)]
    fields = [change for change in item.changes if not is_entry(change)]
    return (*entry_lines(entries, paint), *change_lines(fields, paint, verbose=verbose))


def counted(items: Iterable[DriftItem]) -> str:
    """`1 changed, 2 missing`."""
    found = Counter(item.cls for item in items)
    return ", ".join(f"{found[one]} {one}" for one in DriftClass if found[one])


def summary_line(drift: Drift) -> str:
    """How much has drifted, in one line."""
    drifted = [item for item in drift.items if item.is_drift]
    if not drifted:
        return NOT_WHOLE if not drift.is_whole else NOT_YET if _is_on_its_way(drift) else NONE
    return f"Drift: {count(len(drifted), 'difference')} ({counted(drifted)}){LEGEND}"


def _is_on_its_way(drift: Drift) -> bool:
    return any(note.code in APART and note.code != "foreign" for note in drift.notes)


def beside(drift: Drift) -> list[str]:
    """What is apart from the drift, what was left out, and how much was read; a line each."""
    codes = Counter(note.code for note in drift.notes)
    apart = [f"{codes[code]} {words}" for code, words in APART.items() if codes[code]]
    orphans = sum(not item.is_drift for item in drift.items)
    apart += [f"{orphans} no longer declared"] if orphans else []
    lines = [f"Apart from drift: {', '.join(apart)}."] if apart else []
    if drift.ignored:
        left_out = counted(one.item for one in drift.ignored)
        lines.append(f"Ignored: {count(len(drift.ignored), 'difference')} ({left_out}).")
    lists = f", some in the lists of {count(drift.scale_sets, 'scale set')}" if drift.scale_sets else ""
    lines.append(f"Read {count(drift.guests, 'guest report')}{lists}.")
    if any(item.cls is DriftClass.FAILED for item in drift.items):
        lines.append("`vmapps retry ADDRESS` tries failed and skipped installs again.")
    return lines
