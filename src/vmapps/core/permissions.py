"""What a plan needs to be allowed, and what grants allow: Azure's rules of roles, as pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from vmapps.core.action import Assign, Change, Create, Delete, Discard, Update, UpgradeInstances, Upload, Verify
from vmapps.core.address import Address, ArmId
from vmapps.core.entries import untouched
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Machine, Reference, World

COMPUTE = "Microsoft.Compute"
ASSIGN_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
VERSION_READ = f"{COMPUTE}/galleries/applications/versions/read"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role allows: its actions without its notActions, in Azure's globs."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Whether this role alone allows an action; nothing is case-sensitive."""
        return _named(action, self.actions) and not _named(action, self.not_actions)


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """An action that a step takes at a scope (an ARM id, or a subscription's path); `address` is the step's."""

    action: str
    scope: str
    address: Address

    @property
    def places(self) -> tuple[str, ...]:
        """Where a role may have been granted: the resource group, which always can be asked, then the thing itself."""
        found = ArmId.parse(self.scope)
        if found is None:
            return (self.scope,)
        return f"/subscriptions/{found.subscription}/resourceGroups/{found.resource_group}", self.scope


def _named(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def needs_of(plan: Plan, world: World) -> tuple[Need, ...]:
    """Every action that carrying the plan out takes [azure-facts 6.2], with the linked read of a machine's versions."""
    found = {need for step in plan.steps for need in _needs(step, world)}
    return tuple(sorted(found))


def lacking(needs: Iterable[Need], grants: Callable[[str], tuple[Grant, ...]]) -> tuple[Need, ...]:
    """The needs that no role allows, wherever it was granted; `grants` are those in force at a scope."""
    return tuple(need for need in needs if not _is_allowed(need, grants))


def unreadable(world: World) -> tuple[Need, ...]:
    """The versions that planning was not let read: their machines are blocked, and no step of the plan writes them."""
    closed = {key for key, known in world.references.items() if known == "unreadable"}
    entries = ((one, entry.reference) for one in world.machines.values() for entry in one.entries if entry.reference)
    found = ((one, reference.id) for one, reference in entries if closed & {reference.id.key, reference.id.parent.key})
    return tuple(sorted(Need(VERSION_READ, str(version), one.address) for one, version in found))


def _is_allowed(need: Need, grants: Callable[[str], tuple[Grant, ...]]) -> bool:
    return any(grant.allows(need.action) for place in need.places for grant in grants(place))


def _needs(step: Step, world: World) -> Iterator[Need]:
    at = step.resource
    match step.action:
        case Create(changes) | Update(changes) if at is not None:
            yield from _of(step, at, "write", "read", "capsOperations")
            yield from (Need(ASSIGN_IDENTITY, one, step.address) for one in _identities(changes))
        case Delete() if at is not None:
            yield from _of(step, at, "delete", "read", "capsOperations")
        case Assign() if at is not None:
            yield from _of(step, at, "write", "read", "operations")
            yield from (Need(VERSION_READ, version, step.address) for version in _linked(step, world))
        case UpgradeInstances(pushed=pushed) if at is not None:
            yield Need(f"{_type(at)}/virtualMachines/read", str(at), step.address)
            if pushed:
                yield Need(f"{_type(at)}/manualUpgrade/action", str(at), step.address)
        case Verify(checks):
            for one in checks:
                below = "virtualMachines/read" if one.is_scale_set else "instanceView/read"
                yield Need(f"{_type(one.machine)}/{below}", str(one.machine), one.address)
        case Upload() | Discard() | Create() | Update() | Delete() | Assign() | UpgradeInstances():
            return  # the package store has roles of its own


def _of(step: Step, at: ArmId, verb: str, read: str, operations: str) -> Iterator[Need]:
    """To write a resource, to read it again, and to ask how the write is doing."""
    yield Need(f"{_type(at)}/{verb}", str(at), step.address)
    yield Need(f"{_type(at)}/{read}", str(at), step.address)
    yield Need(f"{COMPUTE}/locations/{operations}/read", f"/subscriptions/{at.subscription}", step.address)


def _type(at: ArmId) -> str:
    return "/".join((at.provider, *at.types))


def _identities(changes: Iterable[Change]) -> Iterator[str]:
    """The ids of the identities that a write gives to a gallery [azure-facts 6.2, identity on gallery]."""
    for change in changes:
        if change.path[:1] == ("identity",) and change.after is not None:
            after = change.after if isinstance(change.after, dict) else {}
            inner = after.get("userAssignedIdentities")
            names = (*change.path, *after, *(inner if isinstance(inner, dict) else ()))
            yield from (name for name in names if "/userassignedidentities/" in name.lower())


def _linked(step: Step, world: World) -> Iterator[str]:
    """Each version that the machine refers to after the write: who writes a machine has to be able to read them all."""
    changes = step.action.changes if isinstance(step.action, Assign) else ()
    bodies = (change.after for change in changes if isinstance(change.after, dict))
    put = (Reference.parse(str(body.get("packageReferenceId", ""))) for body in bodies)
    yield from (str(one.id) for one in put if one is not None)
    machine = world.machines.get(step.address)
    if isinstance(machine, Machine):
        yield from (str(one.reference.id) for one in untouched(machine, changes) if one.reference)
