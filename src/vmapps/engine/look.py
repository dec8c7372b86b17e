"""Ask the guests, after a write and between the waves of a rollout. Each turn is a bounded number of requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from vmapps.core.action import Check, UpgradeInstances, Verify
from vmapps.core.address import Address
from vmapps.core.guest import GuestReport
from vmapps.core.guest_hints import guest_hint
from vmapps.core.outcome import HALTED, Applied, Failed, Outcome
from vmapps.core.plan import Step
from vmapps.core.resource import Instances, Machine
from vmapps.core.verification import (
    Expected,
    Judgement,
    Pending,
    Proven,
    Unfinished,
    Unproven,
    Unsuccessful,
    checked,
    checked_instances,
    expected_of,
    is_assigned,
    judge,
    may_change,
    named,
    returning,
    together,
)
from vmapps.core.verified import answers
from vmapps.engine.events import Observer, Verified
from vmapps.engine.ports import Cloud
from vmapps.errors import CloudFailure, Throttled

MOST_LOOKS = 150
"""How often a guest is asked after a write: with 4 seconds in between, ten minutes."""

MOST_UNREPORTED = 10
"""The same for a guest that has reported nothing at all."""

AT_ONCE = 16
"""Guests that one turn of a look between waves asks."""

SILENT = "the guest has not reported the result yet"


Reports: TypeAlias = Mapping[str, GuestReport | None]
"""By instance; a virtual machine's own is the one without a name."""


def looked_at(step: Step, tries: int, reports: Reports, tell: Observer) -> Outcome | None:
    """How a written machine's guests ended it, from their reports; None when they have to be asked again."""
    ended = _ended(step, tries, reports)
    if ended is not None:
        _tell(step, step.address, expected_of(step.action), reports, tell)
    return ended


def _ended(step: Step, tries: int, reports: Reports) -> Outcome | None:
    expected, back = expected_of(step.action), returning(step)
    judged = together(named(name, judge(expected, report, back)) for name, report in reports.items())
    if may_change(judged) and tries + 1 < _patience(judged, reports):
        return None
    match judged:
        case Proven(remark):
            return Applied(remark=remark)
        case Pending(why) | Unproven(why):
            return Applied(pending=why)
        case Unfinished():
            return Applied(pending=SILENT)
        case Unsuccessful(why):
            return Failed(_in_guest(step, why), begun=True)
        case _ as never:
            assert_never(never)


def _patience(judged: Judgement, reports: Reports) -> int:
    """How many looks are worth it: fewer where the guest has told nothing, or that it could not begin."""
    return MOST_LOOKS if isinstance(judged, Unfinished) and any(reports.values()) else MOST_UNREPORTED


def _tell(step: Step, address: Address, expected: Expected, reports: Reports, tell: Observer) -> None:
    for name, report in reports.items():
        tell(Verified(step, address, name, answers(expected, report)))


def reports_of(step: Step, cloud: Cloud, *, by_instance: bool = False) -> Reports:
    """What the guests of a written machine report now; `by_instance`: those of the set whose model was written."""
    if step.resource is None:
        return {}
    if isinstance(step.action, UpgradeInstances):
        return of_instances(step.action, cloud.instances(step.resource) or Instances(step.resource))
    if by_instance:
        found = cloud.instances(step.resource) or Instances(step.resource)
        return {one.name: one.report for one in found.instances if not one.is_protected}
    return {"": cloud.report(step.resource)}


def of_instances(action: UpgradeInstances, found: Instances) -> Reports:
    """What the guests of a step's instances report."""
    return {one.name: one.report for one in found.instances if one.name in action.instances}


def _in_guest(step: Step, why: str) -> CloudFailure:
    return CloudFailure(why, scope=str(step.resource), code="FailedInGuest", hint=guest_hint(why))


@dataclass(frozen=True, slots=True)
class Lacking:
    """A machine, or an instance, without success."""

    address: Address
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a turn of a look between waves found: who is without success, and whose guests are asked again.

    When there was no room for one of the questions, `held` says when there is, and `left` whom it is about and after.
    """

    failed: tuple[Lacking, ...] = ()
    open: tuple[Check, ...] = ()
    left: tuple[Check, ...] = ()
    held: Throttled | None = None


def seen_by(step: Step, checks: tuple[Check, ...], tries: int, cloud: Cloud, tell: Observer) -> Seen:
    """Ask some machines' guests; those that are off do not count, those that are at it are asked again later."""
    failed: list[Lacking] = []
    still: list[Check] = []
    for at, check in enumerate(checks):
        try:
            judged, reports = _standing(check, cloud)
            is_open = any(may_change(one) and tries + 1 < _patience(one, reports) for _, one in judged)
            is_again = is_open and _is_written(check, cloud)
        except Throttled as held:
            return Seen(tuple(failed), tuple(still), checks[at:], held)
        if is_again:
            still.append(check)
        else:
            _tell(step, check.address, check.applications, reports, tell)
            failed.extend(_lacking(judged))
    return Seen(tuple(failed), tuple(still))


def _lacking(judged: Iterable[tuple[Address, Judgement]]) -> Iterator[Lacking]:
    for name, one in judged:
        match one:
            case Unsuccessful(why) | Unproven(why):
                yield Lacking(name, why)
            case Unfinished():
                yield Lacking(name, "its guest does not report what was assigned")
            case Proven() | Pending():
                continue
            case _ as never:
                assert_never(never)


def _standing(check: Check, cloud: Cloud) -> tuple[tuple[tuple[Address, Judgement], ...], Reports]:
    """What the guests of a machine say, and what that means."""
    if check.is_scale_set:
        known = cloud.instances(check.machine) or Instances(check.machine)
        return checked_instances(check, known), {one.name: one.report for one in known.instances}
    report = cloud.report(check.machine)
    return checked(check, report), {"": report}


def _is_written(check: Check, cloud: Cloud) -> bool:
    """Whether there is something to wait for: a guest never reports what its list does not say."""
    machine = cloud.read(check.machine)
    return isinstance(machine, Machine) and is_assigned(check, machine)


def is_halted(action: Verify, failed: tuple[Lacking, ...]) -> bool:
    """Whether more are without success than may be; those that --resume accepted do not count."""
    return len({one.address for one in failed} - set(action.accepted)) > action.max_failures


def concluded(step: Step, action: Verify, failed: tuple[Lacking, ...]) -> Outcome:
    """Whether the next wave may begin."""
    if not is_halted(action, failed):
        return Applied(changed=False)
    new = [one for one in failed if one.address not in action.accepted]
    names = ", ".join(str(one.address) for one in new[:3]) + (f" and {len(new) - 3} more" if len(new) > 3 else "")
    instances_count = any(check.is_scale_set for check in action.checks)
    total = "" if instances_count else f" of {len(action.checks)} machines"
    message = f"wave {step.wave}: {len(new)}{total} without success ({names})"
    message = f"{message}; {new[0].address}: {new[0].why}"
    hint = f"mend them or declare another version; --resume {step.address} goes on all the same"
    return Failed(CloudFailure(message, scope=str(step.address), code=HALTED, hint=hint))
