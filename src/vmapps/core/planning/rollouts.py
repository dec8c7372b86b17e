"""Waves in a plan: each waits for a look at the ones before it, and a rollout in trouble goes no further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vmapps.core.action import Check, Verify
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.declaration import Assignment, Rollout
from vmapps.core.fleet import Claim, Resolved
from vmapps.core.guest import State
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft, Finding, Question, Topic
from vmapps.core.resource import Machine, World
from vmapps.core.rollout import Gate
from vmapps.core.versions import LATEST


@dataclass(frozen=True, slots=True)
class Course:
    """What decides how far rollouts go."""

    resolved: Resolved
    world: World
    catalogue: Catalogue
    asked: Asked


def staged(found: tuple[Finding, ...], assignments: Iterable[Assignment], course: Course) -> Iterator[Finding]:
    """The findings with looks between the waves, without the writes of waves that may not come yet."""
    drafts = [one for one in found if isinstance(one, Draft)]
    dropped: set[int] = set()
    for assignment in assignments:
        if assignment.rollout is not None and assignment.address in course.resolved.waves:
            mine = [one for one in drafts if one.gate is not None and one.gate.assignment == assignment.address]
            yield from _one(assignment, assignment.rollout, mine, course, dropped)
    yield from (one for one in found if id(one) not in dropped)


def _one(
    assignment: Assignment, rollout: Rollout, mine: list[Draft], course: Course, dropped: set[int]
) -> Iterator[Finding]:
    """One rollout: its open waves in their order, as far as they may go."""
    options = course.asked.options
    resumed = any(assignment.address.matches(pattern) for pattern in options.resume)
    for wave in sorted({draft.gate.wave for draft in mine if draft.gate is not None}):
        checks = tuple(_checks(assignment.address, wave, course))
        yield from _unread(checks, course)
        failed = tuple(_failed(checks, mine, course.catalogue))
        if options.through_wave and wave > options.through_wave:
            yield _left(mine, wave, dropped, Note("wave-not-reached", assignment.address, "--through-wave"))
            return
        if len(failed) > rollout.max_failures and not resumed:
            yield _left(mine, wave, dropped, _halted(assignment, failed))
            return
        if checks:
            yield _look(assignment, rollout, wave - 1, checks, failed if resumed else ())


def _halted(assignment: Assignment, failed: tuple[Address, ...]) -> Note:
    names = ", ".join(map(str, failed[:3])) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
    count = f"{len(failed)} without success at the declared version: {names}"
    return Note("halted", assignment.address, f"{count}; --resume {assignment.address} goes on all the same")


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
        claims = course.resolved.placements[address].claims if number < wave else ()
        wanted = [one for one in claims if assignment in one.assignments and not one.wanted.absent]
        if wanted:
            machine = course.world.machines[address]
            yield Check(machine.id, address, tuple(_expected(one) for one in wanted), machine.is_scale_set)


def _expected(claim: Claim) -> tuple[str, str]:
    return claim.wanted.application_name, "" if claim.version == LATEST else claim.version


def _unread(checks: tuple[Check, ...], course: Course) -> Iterator[Question]:
    """The guests of an unfinished rollout are asked (product.md, "--guest auto")."""
    if course.asked.options.guest == "none":
        return
    for check in checks:
        machine: Machine = course.world.machines[check.address]
        known = course.world.instances if machine.is_scale_set else course.world.reports
        if check.address not in known:
            yield Question(Topic.INSTANCES if machine.is_scale_set else Topic.REPORT, check.address, machine.id)


def _failed(checks: tuple[Check, ...], mine: list[Draft], catalogue: Catalogue) -> Iterator[Address]:
    """The machines that were written before, and whose guest reports failure at the declared version."""
    written = {draft.address for draft in mine}
    for check in checks:
        report = catalogue.reports.get(check.address)
        if check.address in written or report is None:
            continue
        seen = {one.application.lower(): one for one in report.applications}
        troubled = (seen.get(name.lower()) for name, _ in check.applications)
        versions = {name.lower(): version for name, version in check.applications}
        if any(
            one is not None
            and one.state in (State.FAILED, State.SKIPPED)
            and versions[one.application.lower()] in ("", one.version)
            for one in troubled
        ):
            yield check.address
