"""Waves in a plan: each waits for a look at the ones before it, and a rollout in trouble goes no further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vmapps.core.action import Check, Verify
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.declaration import Assignment, Rollout
from vmapps.core.entries import find
from vmapps.core.fleet import Claim, Resolved, is_off
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft, Finding, Question, Topic
from vmapps.core.planning.leftovers import is_ours
from vmapps.core.planning.upgrades import MANUAL
from vmapps.core.resource import Instances, Machine, World
from vmapps.core.rollout import Gate
from vmapps.core.verification import (
    Judgement,
    Unproven,
    Unsuccessful,
    checked,
    checked_instances,
    is_assigned,
    may_change,
)
from vmapps.core.versions import LATEST


@dataclass(frozen=True, slots=True)
class Course:
    """What decides how far rollouts go."""

    resolved: Resolved
    world: World
    asked: Asked


def staged(found: tuple[Finding, ...], assignments: Iterable[Assignment], course: Course) -> Iterator[Finding]:
    """The findings with looks between the waves, without the writes of waves that may not come yet."""
    drafts = [one for one in found if isinstance(one, Draft)]
    dropped: set[int] = set()
    ahead: set[int] = set()
    for assignment in assignments:
        if assignment.rollout is not None and assignment.address in course.resolved.waves:
            mine = [one for one in drafts if one.gate is not None and one.gate.assignment == assignment.address]
            reached = _reached(assignment.address, course)
            ahead.update(id(one) for one in mine if one.gate is not None and one.gate.wave > reached)
            yield from _one(assignment, assignment.rollout, mine, course, dropped)
    for one in found:
        if id(one) not in dropped:
            yield replace(one, ahead=True) if isinstance(one, Draft) and id(one) in ahead else one


def _reached(assignment: Address, course: Course) -> int:
    """The last wave that has come to a machine: what is in a later one was left there on purpose.

    Machines that are off have no wave of their own; and the first wave is never left out.
    """
    world, resolved = course.world, course.resolved
    there = (
        number
        for address, number in resolved.waves[assignment].items()
        if not is_off(address, world) and _has(world.machines[address], _gated(assignment, address, number, course))
    )
    return max(there, default=1)


def _gated(assignment: Address, address: Address, number: int, course: Course) -> tuple[Claim, ...]:
    """What an assignment's wave brings to a machine; what a later wave of another one holds back is not its."""
    return tuple(one for one in course.resolved.placements[address].claims if one.gate == Gate(number, assignment))


def _has(machine: Machine, claims: tuple[Claim, ...]) -> bool:
    """Whether a machine's list has what some claims say, as far as versions go."""
    return bool(claims) and all(
        live is None
        if one.wanted.absent
        else live is not None and live.reference is not None and live.reference.version.lower() == one.version
        for one in claims
        for live in (find(machine, one.key),)
    )


def _one(
    assignment: Assignment, rollout: Rollout, mine: list[Draft], course: Course, dropped: set[int]
) -> Iterator[Finding]:
    """One rollout: its open waves in their order, as far as they may go."""
    options = course.asked.options
    resumed = any(assignment.address.matches(pattern) for pattern in options.resume)
    waves = sorted({draft.gate.wave for draft in mine if draft.gate is not None})
    if waves and waves[0] < len(rollout.waves):
        yield from _unread((one.address for one in mine if one.gate and one.gate.wave == waves[0]), course)
    if waves and not resumed and (back := [one.address for one in mine if _was_put_back(one, assignment, course)]):
        yield _left(mine, waves[0], dropped, _put_back(assignment, back))
        return
    for wave in waves:
        checks = tuple(_checks(assignment.address, wave, course))
        yield from _unread((check.address for check in checks), course)
        failed = tuple(_failed(checks, mine, course))
        if options.through_wave and wave > options.through_wave:
            if options.rollback_on_halt and checks and wave > waves[0]:
                yield _look(assignment, rollout, wave - 1, checks, failed if resumed else ())
            yield _left(mine, wave, dropped, Note("wave-not-reached", assignment.address, "--through-wave"))
            return
        if len(failed) > rollout.max_failures and not resumed:
            yield _left(mine, wave, dropped, _halted(assignment, failed))
            return
        if checks:
            yield _look(assignment, rollout, wave - 1, checks, failed if resumed else ())


def _halted(assignment: Assignment, failed: tuple[Address, ...]) -> Note:
    count = f"{len(failed)} without success at the declared version: {_some(failed)}"
    ways = f"--resume {assignment.address} goes on all the same, `vmapps rollback {assignment.address}` goes back"
    return Note("halted", assignment.address, f"{count}; {ways}")


def _was_put_back(draft: Draft, assignment: Assignment, course: Course) -> bool:
    """Whether a rollout that halted took a machine back from the version that is declared still."""
    machine = course.world.machines[draft.address]
    claims = course.resolved.placements[draft.address].claims
    mine = [one for one in claims if one.gate is not None and one.gate.assignment == assignment.address]
    return any(
        live is not None
        and live.mark is not None
        and live.mark.halted.lower() == claim.version
        and is_ours(machine, live, course.asked)
        for claim in mine
        for live in (find(machine, claim.key),)
    )


def _put_back(assignment: Assignment, back: list[Address]) -> Note:
    several = tuple(dict.fromkeys(back))
    text = f"{len(several)} put back from the declared version when it halted: {_some(several)}"
    return Note("halted", assignment.address, f"{text}; --resume {assignment.address} tries it again")


def _some(names: tuple[Address, ...]) -> str:
    return ", ".join(map(str, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _left(mine: list[Draft], wave: int, dropped: set[int], why: Note) -> Note:
    """The writes of this wave and all later ones are left out."""
    out = [draft for draft in mine if draft.gate is not None and draft.gate.wave >= wave]
    dropped.update(id(draft) for draft in out)
    machines = len({draft.address for draft in out})
    count = "1 machine" if machines == 1 else f"{machines} machines"
    return replace(why, text=f"wave {wave} and what follows ({count}) is not planned: {why.text}")


def _look(
    assignment: Assignment, rollout: Rollout, wave: int, checks: tuple[Check, ...], accepted: tuple[Address, ...]
) -> Draft:
    machines = "1 machine" if len(checks) == 1 else f"{len(checks)} machines"
    return Draft(
        assignment.address,
        None,
        Verify(checks, rollout.max_failures, rollout.pause, accepted),
        f"the next wave begins when at most {rollout.max_failures} of {machines} so far are without success",
        source=(assignment.span,),
        turn=wave,
        gate=Gate(wave, assignment.address),
    )


def _checks(assignment: Address, wave: int, course: Course) -> Iterator[Check]:
    """What the guests of the waves before this one should report."""
    for address, number in sorted(course.resolved.waves[assignment].items()):
        claims = _gated(assignment, address, number, course) if number < wave else ()
        wanted = tuple(_expected(one) for one in claims if not one.wanted.absent)
        if wanted:
            machine = course.world.machines[address]
            stay = machine.upgrade_mode == MANUAL and not course.resolved.placements[address].upgrade_instances
            yield Check(machine.id, address, wanted, machine.is_scale_set, stay)


def _expected(claim: Claim) -> tuple[str, str]:
    return claim.wanted.application_name, "" if claim.version == LATEST else claim.version


def _unread(machines: Iterable[Address], course: Course) -> Iterator[Question]:
    """The guests of an unfinished rollout are asked (product.md, "--guest auto").

    Those of the first open wave too: one that is off is not the canary.
    """
    if course.asked.options.guest == "none":
        return
    for address in machines:
        machine: Machine = course.world.machines[address]
        known = course.world.instances if machine.is_scale_set else course.world.reports
        if address not in known:
            yield Question(Topic.INSTANCES if machine.is_scale_set else Topic.REPORT, address, machine.id)


def _failed(checks: tuple[Check, ...], mine: list[Draft], course: Course) -> Iterator[Address]:
    """Of the machines that this plan does not write: those without success at the declared version.

    That is what their guests say; or their list has another version, and nothing will change that.
    """
    written = {draft.address for draft in mine}
    for check in checks:
        machine = course.world.machines[check.address]
        if check.address in written or is_off(check.address, course.world):
            continue
        if not is_assigned(check, machine):
            yield check.address
        elif check.is_scale_set:
            known = course.world.instances.get(check.address, Instances(check.machine))
            yield from (name for name, one in checked_instances(check, known) if _is_bad(one))
        elif check.address in course.world.reports:
            judged = checked(check, course.world.reports[check.address])
            yield from (name for name, one in judged if _is_bad(one))


def _is_bad(judged: Judgement) -> bool:
    """Whether a guest has ended without success; one that is at it, or that could not begin yet, has not."""
    return isinstance(judged, Unsuccessful | Unproven) and not may_change(judged)
