"""Is a machine as a step of the plan expects it, or already further?"""

from __future__ import annotations

from vmapps.core.action import Change, changes_of
from vmapps.core.entries import differ, find, key_of, looks_like, others_digest, place_digest
from vmapps.core.plan import Step
from vmapps.core.resource import Machine


def is_beyond(step: Step, machine: Machine) -> bool:
    """Whether the machine already is as later steps of the same plan leave it, where that can be told."""
    later = step.expects.later
    before = {change.path: change.before for change in changes_of(step.action)}
    can_tell = bool(later) and all(differ(before.get(one.path), one.after) for one in later)
    return can_tell and all(looks_like(find(machine, key_of(one)), one.after, exactly=True) for one in later)


def machine_fits(step: Step, machine: Machine, changes: tuple[Change, ...]) -> bool:
    """Whether a machine is as the plan saw it, as far as the step depends on that."""
    expects = step.expects
    if step.only_if:
        return unedited(step, machine, changes) and expects.digest == place_digest(machine)
    digest = others_digest(machine, changes, expects.paths, expects.kept)
    return unedited(step, machine, changes) and expects.digest == digest


def unedited(step: Step, machine: Machine, changes: tuple[Change, ...]) -> bool:
    """Whether every entry that a step edits is as the plan saw it.

    A step that goes back finds what this very plan wrote, with fields that it may have kept without sending them.
    """
    exactly = not step.only_if
    return all(looks_like(find(machine, key_of(change)), change.before, exactly=exactly) for change in changes)
