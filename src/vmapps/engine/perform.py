"""One step as a small machine: read and settle, write, ask, confirm. Each turn is a request or two, never a wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from vmapps.core.action import Assign, Check, Delete, UpgradeInstances, Verify
from vmapps.core.address import ArmId
from vmapps.core.fields import Rules
from vmapps.core.fleet import AUTOMATIC
from vmapps.core.outcome import Applied, Failed, Outcome, Stale
from vmapps.core.plan import Step
from vmapps.core.resource import Instances, Machine, Seen
from vmapps.core.settle import Busy, Drop, Moved, Push, Put, PutEntries, Remove, Retag, Send, Settled, is_done, settle
from vmapps.core.settle import Write as CloudWrite
from vmapps.core.verification import expected_of
from vmapps.engine.events import Observer, nobody
from vmapps.engine.look import (
    AT_ONCE,
    MOST_LOOKS,
    Lacking,
    Reports,
    concluded,
    is_halted,
    looked_at,
    of_instances,
    reports_of,
    seen_by,
)
from vmapps.engine.ports import Broken, Cloud, Done, Running, Ticket
from vmapps.errors import Changed, CloudFailure, Conflicted, Throttled, Unreachable

MOST_AGAIN = 3
"""How often a write is composed anew after somebody wrote in between [architecture decision 5]."""

MOST_TRIES = 3
"""How often a reading may not show yet what Azure says is done."""

MOST_UNHEARD = 20
"""How many questions in a row may go unanswered before a running write is given up."""

CHILDREN_TRIES = 36
"""How often a parent's delete is tried after its children's: together about 3 minutes [azure-facts 3.7]."""

FORMER_CHILDREN_TRIES = 5
"""The same for a parent whose children an earlier run deleted: together about 20 seconds."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Read, settle, send the write.

    `tries` counts the conflicts that were met so far, `raced` the newer ETags. `known` is the machine as it was read
    before: its ETag, sent with the write, tells whether it still is.
    """

    tries: int = 0
    known: Machine | None = None
    raced: int = 0


@dataclass(frozen=True, slots=True)
class Asking:
    """The write was accepted: ask how it is doing; `unheard` counts questions in a row that got no answer."""

    ticket: Ticket
    unheard: int = 0


@dataclass(frozen=True, slots=True)
class Looking:
    """It is as it should be in Azure: ask the guest whether it worked.

    `by_instance`: it is the model of a scale set that Azure brings to all instances, and each has a guest.
    """

    tries: int = 0
    by_instance: bool = False


@dataclass(frozen=True, slots=True)
class Checking:
    """Ask the guests of earlier waves that are `left`; `open` are asked again, `failed` are without success."""

    left: tuple[Check, ...]
    failed: tuple[Lacking, ...] = ()
    open: tuple[Check, ...] = ()
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Confirming:
    """Azure says it is done: read whether it is."""

    tries: int = 0


Phase: TypeAlias = Writing | Asking | Confirming | Looking | Checking


@dataclass(frozen=True, slots=True)
class Later:
    """Take the next turn after `wait` seconds; `held` says that it waits for room in one of Azure's buckets."""

    phase: Phase
    wait: float = 0.0
    held: Throttled | None = None


Turn: TypeAlias = Later | Outcome


def take_turn(step: Step, phase: Phase, cloud: Cloud, rules: Mapping[str, Rules], tell: Observer = nobody) -> Turn:
    """Do what is next for a step; a refusal is an outcome, never an exception. `tell` hears what guests say.

    A turn for which there is no room is taken again later, however much later: that is no try that failed.
    """
    known = rules.get(step.address.kind, Rules())
    try:
        match phase:
            case Writing():
                return _write(step, phase, cloud, known)
            case Asking(ticket, unheard):
                return _ask(ticket, unheard, cloud)
            case Confirming(tries):
                return _confirm(step, tries, cloud, known, tell)
            case Looking():
                return _look(step, phase, cloud, tell)
            case Checking():
                return _check(step, phase, cloud, tell)
            case _ as never:
                assert_never(never)
    except Throttled as held:
        return _put_off(phase, held, cloud)
    except CloudFailure as failure:
        return Failed(failure, begun=not isinstance(phase, Writing))


def _put_off(phase: Phase, held: Throttled, cloud: Cloud) -> Later:
    return Later(phase, held.wait or cloud.settling, held)


def _write(step: Step, phase: Writing, cloud: Cloud, rules: Rules) -> Turn:
    if isinstance(step.action, Verify):
        return Later(Checking(step.action.checks), step.action.pause)
    if phase.known is not None and phase.known.etag:
        verdict = settle(step, phase.known, rules)
        if isinstance(verdict, PutEntries):
            return _send(step, verdict, phase, cloud)
    fresh = _fresh(step, cloud)
    verdict = settle(step, fresh, rules)
    match verdict:
        case Settled():
            return Applied(changed=False)
        case Moved(why):
            return Stale(why)
        case Busy():
            return _busy(step, replace(phase, known=None), fresh, cloud.settling)
        case PutEntries():
            return _send(step, verdict, replace(phase, known=fresh if isinstance(fresh, Machine) else None), cloud)
        case Put() | Retag() | Remove() | Send() | Push() | Drop():
            return _send(step, verdict, replace(phase, known=None), cloud)
        case _ as never:
            assert_never(never)


def _busy(step: Step, phase: Writing, fresh: Seen | None, settling: float) -> Turn:
    """Azure is at it, as long as it takes; that it begins to upgrade a set's instances is not waited for so long."""
    if not isinstance(fresh, Instances) or fresh.rolling:
        return Later(phase, settling)
    if phase.tries + 1 < MOST_LOOKS:
        return Later(replace(phase, tries=phase.tries + 1), settling)
    hint = "is the set's health probe or extension in order? The next plan goes on where this one stopped"
    message = "Azure has not begun to bring the new model to the instances"
    return Failed(CloudFailure(message, scope=str(step.resource), code="NotFollowed", hint=hint))


def _look(step: Step, phase: Looking, cloud: Cloud, tell: Observer) -> Turn:
    """Ask the guest; again later, when its report does not show the result yet."""
    return _judged(step, phase, reports_of(step, cloud, by_instance=phase.by_instance), cloud, tell)


def _judged(step: Step, phase: Looking, reports: Reports, cloud: Cloud, tell: Observer) -> Turn:
    again = replace(phase, tries=phase.tries + 1)
    return looked_at(step, phase.tries, reports, tell) or Later(again, cloud.settling)


def _check(step: Step, phase: Checking, cloud: Cloud, tell: Observer) -> Turn:
    """The next few guests of a look between waves; its end when there are no more."""
    if not isinstance(step.action, Verify):
        raise TypeError(f"{step.id} is no look")
    seen = seen_by(step, phase.left[:AT_ONCE], phase.tries, cloud, tell)
    left = (*seen.left, *phase.left[AT_ONCE:])
    failed, again = (*phase.failed, *seen.failed), (*phase.open, *seen.open)
    if is_halted(step.action, failed) or not (left or again):
        return concluded(step, step.action, failed)
    if seen.held is not None:
        return _put_off(Checking(left, failed, again, phase.tries), seen.held, cloud)
    if left:
        return Later(Checking(left, failed, again, phase.tries))
    return Later(Checking(again, failed, tries=phase.tries + 1), cloud.settling)


def _fresh(step: Step, cloud: Cloud) -> Seen | None:
    """What a step's verdict depends on, as it is right now."""
    if step.resource is None:
        return None
    if isinstance(step.action, UpgradeInstances):
        return cloud.instances(step.resource)
    return cloud.read(step.resource)


def _send(step: Step, write: CloudWrite, phase: Writing, cloud: Cloud) -> Turn:
    """Send a write; one that there is no room for is sent later as it is, when an ETag tells whether it still fits."""
    try:
        ticket = cloud.begin(write)
    except Changed:
        if phase.raced < MOST_AGAIN:
            return Later(Writing(phase.tries, raced=phase.raced + 1))
        return Stale("others keep writing it: every attempt met a newer ETag")
    except Conflicted as failure:
        return _conflict(step, failure, phase, cloud.settling)
    except Unreachable as failure:
        return Failed(failure, begun=failure.status == 0)
    except Throttled as held:
        return _put_off(phase, held, cloud)
    return Later(Asking(ticket), ticket.wait) if ticket.poll else Later(Confirming())


def _conflict(step: Step, failure: Conflicted, phase: Writing, settling: float) -> Turn:
    """A conflict that passes by itself is tried again, after a fresh read.

    A parent may still be said to have children for seconds after the last one is gone [azure-facts 3.7]; another
    operation on the same object ends [azure-facts 4.6]. Every other conflict is a refusal.
    """
    has_children = failure.code == "CannotDeleteResource" and isinstance(step.action, Delete)
    is_busy = failure.code == "AnotherOperationInProgress" or "in progress" in failure.message.lower()
    most = CHILDREN_TRIES if is_busy or step.needs else FORMER_CHILDREN_TRIES
    if (has_children or is_busy) and phase.tries < most:
        return Later(Writing(phase.tries + 1, raced=phase.raced), settling)
    return Failed(failure)


def _ask(ticket: Ticket, unheard: int, cloud: Cloud) -> Turn:
    """A question without an answer says nothing about the write: Azure goes on, so it is asked again."""
    try:
        progress = cloud.check(ticket)
    except Unreachable:
        if unheard + 1 >= MOST_UNHEARD:
            raise
        return Later(Asking(ticket, unheard + 1), cloud.settling)
    match progress:
        case Running(wait):
            return Later(Asking(ticket), wait)
        case Done():
            return Later(Confirming())
        case Broken(failure):
            return Failed(failure, begun=True)


def _confirm(step: Step, tries: int, cloud: Cloud, rules: Rules, tell: Observer) -> Turn:
    """Read whether it is as it should be; for a machine the same read tells what its guest reports."""
    if step.resource is None:
        return Applied()
    fresh, reports = _outcome_of(step, step.resource, cloud)
    if is_done(step, fresh, rules):
        if not expected_of(step.action):
            return Applied()
        if isinstance(fresh, Machine) and fresh.is_scale_set:
            is_followed = fresh.upgrade_mode == AUTOMATIC
            return _look(step, Looking(by_instance=True), cloud, tell) if is_followed else Applied()
        return _judged(step, Looking(), reports, cloud, tell)
    if tries + 1 < MOST_TRIES:
        return Later(Confirming(tries + 1), cloud.settling)
    message = "Azure reported success, but reading shows another state"
    hint = "another writer or a policy may have changed it; plan again"
    failure = CloudFailure(message, scope=str(step.resource), code="NotConfirmed", hint=hint)
    return Failed(failure, begun=True)


def _outcome_of(step: Step, resource: ArmId, cloud: Cloud) -> tuple[Seen | None, Reports]:
    """What a step wrote as it is now, and what the guests that it concerns report."""
    match step.action:
        case Assign():
            found = cloud.inspect(resource)
            return (found.machine, {"": found.report}) if found else (None, {})
        case UpgradeInstances() as action:
            instances = cloud.instances(resource)
            return instances, of_instances(action, instances) if instances else {}
        case _:
            return cloud.read(resource), {}
