"""The same comparison as a plan, read as a report, with what the guests say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias, assert_never

from vmapps.core.action import (
    Assign,
    Change,
    Create,
    Delete,
    Discard,
    Update,
    UpgradeInstances,
    Upload,
    Verify,
    changes_of,
)
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, in_order
from vmapps.core.drift import Drift, DriftClass, DriftItem
from vmapps.core.explain_live import Standing
from vmapps.core.fields import STATE
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft, Finding, Question
from vmapps.core.resource import BUSY
from vmapps.core.rollout import Gate
from vmapps.core.status import Condition, Row

Told: TypeAlias = DriftItem | Note | Diagnostic

DRIFTED = frozenset(
    {
        "region-held",
        "region-in-use",
        "cannot-delete",
        "content-changed",
        "cannot-change",
        "not-adopted",
        "other-owner",
    }
)
"""Planning errors that mean that a live object was changed: for drift they are findings, not errors."""

NOTED = {
    "unexpected": DriftClass.CHANGED,
    "blocked": DriftClass.CHANGED,
    "dangling": DriftClass.DANGLING,
    "kept": DriftClass.ORPHANED,
}
"""Notes of a plan that are differences all the same: nothing repairs them by itself."""

GUEST_FAILED = "guest-failed"
WAVE_NOT_REACHED = "wave-not-reached"
PENDING = (Condition.PENDING, Condition.OFF, Condition.NOT_REPORTED)
BEHIND = Condition.NOT_CONVERGED
IN_TROUBLE = (Condition.FAILED, Condition.SKIPPED)


def drift_of(findings: Iterable[Finding], rows: Iterable[Row] = (), sole: Collection[Address] = ()) -> Drift:
    """Read what a planning run (without --prune and --adopt) found as drift, with what the guests say (`rows`).

    `sole` are the machines whose lists are exclusively ours.
    """
    told = [one for found in findings for one in _told(found, sole)]
    changed = {one.address for one in told if isinstance(one, DriftItem)}
    told.extend(one for row in rows for one in _in_guest(row, changed))
    items = [one for one in told if isinstance(one, DriftItem)]
    notes = [one for one in told if isinstance(one, Note)]
    items.sort(key=lambda one: (one.address, one.instance, one.cls, one.application, one.text))
    notes.sort(key=lambda one: (one.address, one.code, one.text))
    return Drift(tuple(items), tuple(notes), in_order([one for one in told if isinstance(one, Diagnostic)]))


def _told(found: Finding, sole: Collection[Address]) -> Iterator[Told]:
    match found:
        case Question() | Draft(undoes=Gate()):
            return
        case Draft(gate=Gate(wave, assignment), ahead=True):
            yield Note(WAVE_NOT_REACHED, found.address, f"{found.because} (wave {wave} of {assignment})")
        case Draft():
            yield from _drafted(found)
        case Note(code, address, text) if code in NOTED:
            is_drift = NOTED[code] is not DriftClass.ORPHANED or address in sole
            yield DriftItem(NOTED[code], address, text, is_drift=is_drift)
        case Note():
            if found.code != GUEST_FAILED:
                yield found
        case Diagnostic() if found.code in DRIFTED and found.subject:
            text = found.summary.removeprefix(f"{found.subject} ")
            yield DriftItem(DriftClass.CHANGED, Address.parse(found.subject), text)
        case Diagnostic():
            yield found
        case _ as never:
            assert_never(never)


def _drafted(draft: Draft) -> Iterator[DriftItem]:
    address, changed = draft.address, DriftClass.CHANGED
    match draft.action:
        case Upload() | Discard() | Verify():
            return
        case Delete() if draft.source:
            yield DriftItem(changed, address, "declared absent, and still there")
        case Delete():
            return
        case UpgradeInstances(instances):
            several = "1 instance runs" if len(instances) == 1 else f"{len(instances)} instances run"
            yield DriftItem(changed, address, f"{several} an older model")
        case Create():
            yield DriftItem(DriftClass.MISSING, address, "declared, and not in Azure")
        case Update(changes) if all(change.path == STATE and change.before in BUSY for change in changes):
            return
        case Update(changes):
            yield DriftItem(changed, address, draft.because, changes)
        case Assign(changes):
            yield from (_entry(draft, change) for change in changes)
        case _ as never:
            assert_never(never)


def _entry(draft: Draft, change: Change) -> DriftItem:
    """One application of a machine; why is told for each of them, one after the other."""
    name = change.path[-1]
    several = "|".join(re.escape(one.path[-1]) for one in changes_of(draft.action))
    parts = re.split(rf"; (?=(?:{several}): )", draft.because, flags=re.IGNORECASE)
    own = [part for part in parts if part.lower().startswith(f"{name}: ".lower())]
    cls = DriftClass.MISSING if change.before is None else DriftClass.CHANGED
    return DriftItem(cls, draft.address, "; ".join(own) or draft.because, (change,), name)


def _in_guest(row: Row, changed: Collection[Address]) -> Iterator[DriftItem | Note]:
    """What a guest says: drift when ours failed at its declared version; what cannot be told yet is a note."""
    what = f"{row.application} {row.version}"
    where = f" (instance {row.instance})" if row.instance else ""
    says = f": {row.message}" if row.message else ""
    if not row.declared:
        return
    if row.condition in IN_TROUBLE and row.standing is Standing.OURS:
        has = f" (the guest has {row.guest})" if row.guest not in ("", row.declared) else ""
        text = f"{what} {row.condition} in the guest{has}{says}"
        yield DriftItem(DriftClass.FAILED, row.machine, text, (), row.application, row.instance)
    elif row.condition in IN_TROUBLE:
        yield Note(GUEST_FAILED, row.machine, f"{what} {row.condition} in the guest, and is not ours{where}{says}")
    elif row.condition in PENDING or (row.instance and row.machine not in changed and row.condition is BEHIND):
        yield Note("pending", row.machine, f"{what} is {row.condition}{where}{says}")
