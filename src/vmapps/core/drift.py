"""The same comparison as a plan, read as a report: where live Azure is not what the repository declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from vmapps.core.action import Assign, Change, Create, Delete, Discard, Update, UpgradeInstances, Upload, Verify
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, in_order
from vmapps.core.fields import STATE
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft, Finding, Question
from vmapps.core.resource import BUSY
from vmapps.core.rollout import Gate

DRIFTED = {
    "region-held": "changed",
    "region-in-use": "changed",
    "cannot-delete": "changed",
    "content-changed": "changed",
    "cannot-change": "changed",
    "not-adopted": "changed",
    "other-owner": "changed",
}
"""Planning errors that mean that a live object differs: for drift they are findings, not errors."""

UNEXPECTED = "unexpected"
"""The note about a foreign entry in a list that is exclusively ours: there it is drift (product.md)."""


@dataclass(frozen=True, slots=True)
class DriftItem:
    """One difference. `kind` is `changed` (a managed field) or `missing` (declared, and not there)."""

    kind: str
    address: Address
    text: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """Every difference; what is worth knowing but no drift; and what kept us from comparing (errors)."""

    items: tuple[DriftItem, ...]
    notes: tuple[Note, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def drift_of(findings: Iterable[Finding]) -> Drift:
    """Read what a planning run (without --prune and --adopt) found as drift."""
    items: list[DriftItem] = []
    notes: list[Note] = []
    others: list[Diagnostic] = []
    for found in findings:
        match found:
            case Question() | Draft(undoes=Gate()):
                continue
            case Draft(gate=Gate(wave, assignment), ahead=True):
                notes.append(Note("wave-not-reached", found.address, f"{found.because} (wave {wave} of {assignment})"))
            case Draft():
                items.extend(_drafted(found))
            case Note() if found.code == UNEXPECTED:
                items.append(DriftItem("changed", found.address, found.text))
            case Note():
                notes.append(found)
            case Diagnostic() if found.code in DRIFTED and found.subject:
                text = found.summary.removeprefix(f"{found.subject} ")
                items.append(DriftItem(DRIFTED[found.code], Address.parse(found.subject), text))
            case Diagnostic():
                others.append(found)
    items.sort(key=lambda item: (item.address, item.kind, item.text))
    notes.sort(key=lambda note: (note.address, note.code, note.text))
    return Drift(tuple(items), tuple(notes), in_order(others))


def _drafted(draft: Draft) -> Iterator[DriftItem]:
    match draft.action:
        case Upload() | Discard() | Verify():
            return
        case Delete() if draft.source:
            yield DriftItem("changed", draft.address, "declared absent, and still there")
        case Delete():
            return
        case UpgradeInstances(instances):
            several = "1 instance runs" if len(instances) == 1 else f"{len(instances)} instances run"
            yield DriftItem("changed", draft.address, f"{several} an older model")
        case Create():
            yield DriftItem("missing", draft.address, "declared, and not in Azure")
        case Update(changes) if all(change.path == STATE and change.before in BUSY for change in changes):
            return
        case Update(changes):
            yield DriftItem("changed", draft.address, draft.because, changes)
        case Assign(changes):
            kind = "missing" if all(change.before is None for change in changes) else "changed"
            yield DriftItem(kind, draft.address, draft.because, changes)
        case _ as never:
            assert_never(never)
