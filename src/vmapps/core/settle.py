"""Right before a write: compare what is there now with what the plan saw, and compose the write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from vmapps.core.action import Assign, Change, Create, Delete, Discard, Update, UpgradeInstances, Upload, Verify
from vmapps.core.address import ArmId
from vmapps.core.diff import agrees, digest_of, only_tags
from vmapps.core.entries import composed, find, key_of, looks_like
from vmapps.core.fields import Ownership, Rules, at, spelled, with_value
from vmapps.core.machine_fits import is_beyond, machine_fits, unedited
from vmapps.core.plan import Step
from vmapps.core.resource import Body, Instance, Instances, Link, Machine, Observed, Seen


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole gallery resource; links in the body are slots that the cloud fills."""

    id: ArmId
    body: Body


@dataclass(frozen=True, slots=True)
class Retag:
    """Replace the tags of a gallery resource, and send nothing else: its package need not be readable for that."""

    id: ArmId
    tags: Body


@dataclass(frozen=True, slots=True)
class PutEntries:
    """Replace a machine's list of applications.

    An entry is either bytes, written exactly as they were read, or a body of ours whose links are slots that the
    cloud fills. `etag` goes into If-Match.
    """

    id: ArmId
    entries: tuple[bytes | Body, ...]
    etag: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete a gallery resource."""

    id: ArmId


@dataclass(frozen=True, slots=True)
class Send:
    """Upload a package, if it is not there yet."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Push:
    """Bring a scale set's model to these instances [azure-facts 3.9, manualupgrade]."""

    id: ArmId
    instances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """Delete a package from the store."""

    sha256: str


Write: TypeAlias = Put | Retag | PutEntries | Remove | Send | Push | Drop


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing to write: the object is as the step leaves it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Nothing may be written: the object is not as the plan saw it, `why` says what differs."""

    why: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Azure is still working on an earlier write of the object: read again later."""


Verdict: TypeAlias = Settled | Moved | Busy | Write


def settle(step: Step, fresh: Seen | None, rules: Rules) -> Verdict:
    """What a step has to write, given what is there right now.

    The body of a write is composed here, from the fresh read, so that a plan needs to hold neither bodies nor
    other people's entries [architecture decision 4].
    """
    if isinstance(fresh, Observed) and fresh.is_busy:
        return Busy()
    match step.action:
        case Upload() | Discard() | Verify():
            return _unconditional(step.action)
        case Assign():
            return _assign(step, fresh)
        case Create():
            return _create(step, fresh, rules)
        case Update():
            return _update(step, fresh, rules)
        case Delete():
            return _delete(step, fresh, rules)
        case UpgradeInstances():
            return _upgrade(step.action, fresh)
        case _ as never:
            assert_never(never)


def _unconditional(action: Upload | Discard | Verify) -> Verdict:
    """What depends on nothing that could be read first; a look writes nothing."""
    if isinstance(action, Verify):
        return Settled()
    return Send(action.sha256) if isinstance(action, Upload) else Drop(action.sha256)


def is_done(step: Step, fresh: Seen | None, rules: Rules) -> bool:
    """Whether an object is as the step leaves it: the confirming read after a write asks this."""
    match step.action:
        case Upload() | Discard() | Verify():
            return True
        case Delete():
            return fresh is None
        case UpgradeInstances():
            return isinstance(fresh, Instances) and not _old(step.action, fresh)
        case Assign(changes):
            return isinstance(fresh, Machine) and all(
                looks_like(find(fresh, key_of(change)), change.after, exactly=False) for change in changes
            )
        case Create(changes) | Update(changes):
            return isinstance(fresh, Observed) and fresh.is_sound and all(_has(fresh, one, rules) for one in changes)
        case _ as never:
            assert_never(never)


def fits(step: Step, fresh: Seen | None, rules: Rules) -> bool:
    """Whether an object is still as the plan saw it."""
    match step.action:
        case Upload() | Discard() | UpgradeInstances() | Verify():
            return True  # what they depend on is looked at right before
        case Create():
            return fresh is None
        case Assign(changes):
            return isinstance(fresh, Machine) and machine_fits(step, fresh, changes)
        case Update(changes) | Delete(changes):
            return isinstance(fresh, Observed) and not _moved_fields(step, fresh, changes, rules)
        case _ as never:
            assert_never(never)


def _create(step: Step, fresh: Seen | None, rules: Rules) -> Verdict:
    if fresh is None:
        return Put(_id(step), _with(step, {}, rules))
    if is_done(step, fresh, rules):
        return Settled()
    return Moved("it is there already, and not as the plan would leave it")


def _update(step: Step, fresh: Seen | None, rules: Rules) -> Verdict:
    if not isinstance(fresh, Observed):
        return Moved("it is gone")
    if is_done(step, fresh, rules):
        return Settled()
    changes = step.action.changes if isinstance(step.action, Update) else ()
    if moved := _moved_fields(step, fresh, changes, rules):
        return Moved(moved)
    body = _with(step, rules.sendable(fresh.body), rules)
    tags = body.get("tags")
    return Retag(_id(step), tags) if only_tags(changes) and isinstance(tags, dict) else Put(_id(step), body)


def _delete(step: Step, fresh: Seen | None, rules: Rules) -> Verdict:
    if fresh is None or is_replaced(step, fresh, rules):
        return Settled()
    marks = [change.before for change in step.action.changes] if isinstance(step.action, Delete) else []
    if not isinstance(fresh, Observed) or fresh.owner not in marks:
        return Moved("it does not carry our mark any more")
    return Remove(_id(step))


def is_replaced(step: Step, fresh: Seen, rules: Rules) -> bool:
    """Whether what should be deleted is already what a later step of the same plan creates in its place."""
    later = step.expects.later
    return bool(later) and isinstance(fresh, Observed) and all(_has(fresh, one, rules) for one in later)


ELSE = (
    "its location, OS, upgrade mode or another application of ours changed meanwhile, or what others did to its list "
    "changes what this write would set off"
)


def _assign(step: Step, fresh: Seen | None) -> Verdict:
    if not isinstance(fresh, Machine):
        return Moved("the machine is gone")
    changes = step.action.changes if isinstance(step.action, Assign) else ()
    if is_done(step, fresh, Rules()) or is_beyond(step, fresh):
        return Settled()
    if not unedited(step, fresh, changes):
        return Moved("an application that this step changes was changed meanwhile")
    if not machine_fits(step, fresh, changes):
        return Moved(ELSE)
    return PutEntries(fresh.id, composed(fresh, changes), fresh.etag)


ENDED = ("Completed", "Cancelled", "Faulted")
"""How a rolling upgrade can end [azure-facts 3.9]."""


def _upgrade(action: UpgradeInstances, fresh: Seen | None) -> Verdict:
    """A push of what is still old; for a rolling upgrade, which is Azure's to do, patience."""
    if not isinstance(fresh, Instances):
        return Moved("the scale set is gone")
    old = _old(action, fresh)
    if not old:
        return Settled()
    names = ", ".join(one.name for one in old)
    if not action.pushed:
        if fresh.rolling in ENDED:
            return Moved(f"the rolling upgrade ended ({fresh.rolling}) and left {names} on the old model")
        return Busy()
    if protected := [one.name for one in old if one.is_protected]:
        return Moved(f"{', '.join(protected)} is now protected from the scale set's actions")
    return Push(fresh.id, tuple(one.name for one in old))


def _old(action: UpgradeInstances, fresh: Instances) -> list[Instance]:
    """The step's instances that do not run the newest model; one that is gone needs nothing."""
    return [one for one in fresh.instances if one.name in action.instances and not one.latest]


def _moved_fields(step: Step, fresh: Observed, changes: tuple[Change, ...], rules: Rules) -> str:
    """Which fields are not as the plan saw them, in one sentence; "" when all are."""
    moved = [
        spelled(change.path)
        for change in changes
        if rules.of(change.path).ownership is not Ownership.READ_ONLY  # what Azure alone writes moves on by itself
        and rules.normal(change.path, change.before) != rules.normal(change.path, at(fresh.body, change.path))
    ]
    if moved:
        return f"{', '.join(moved)} changed meanwhile"
    if digest_of(step.expects.paths, fresh.body, rules) != step.expects.digest:
        return "a field that the manifest declares changed meanwhile"
    return ""


def _has(fresh: Observed, change: Change, rules: Rules) -> bool:
    if isinstance(change.after, Link) and change.after.blob:
        return True  # the content mark speaks for the package; its URL may be spelled in another way
    return agrees(change, fresh.body, rules)


def _with(step: Step, body: Body, rules: Rules) -> Body:
    """A body with the step's changes and slots in it; what Azure alone writes is left out."""
    changes = step.action.changes if isinstance(step.action, (Create, Update)) else ()
    for change in changes:
        if rules.of(change.path).ownership is not Ownership.READ_ONLY:
            body = with_value(body, change.path, change.after)
    for path, link in step.expects.slots:
        body = with_value(body, path, link)
    return body


def _id(step: Step) -> ArmId:
    if step.resource is None:
        raise ValueError(f"{step.id} writes nothing that has an id")
    return step.resource
