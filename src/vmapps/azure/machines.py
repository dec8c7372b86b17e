"""What is read of machines beyond their lists: a scale set's instances, a guest's report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from vmapps.azure.arm import Arm, unexpected
from vmapps.azure.failures import GARBLED, scrubbed
from vmapps.azure.families import of
from vmapps.azure.read import body_of, items, read, seen
from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport
from vmapps.core.resource import Instances, Machine
from vmapps.engine.ports import Inspected
from vmapps.errors import Refused
from vmapps.kinds.virtual_machine.wire import decode_report
from vmapps.kinds.virtual_machine_scale_set.instances import decode_instance, decode_rolling

WITH_VIEW = "$expand=instanceView"
"""What makes a machine, and a list of instances, tell of their guests too: one request instead of one more each."""

T = TypeVar("T")


def instances(arm: Arm, arm_id: ArmId, home: str) -> Instances | None:
    """The instances of a scale set with their guests' reports; None when the set is not there.

    The rolling upgrade is read before the instances: when it has ended, what they say is what it left.
    """
    model = read(arm, arm_id, home)
    if model is None:
        return None
    if not isinstance(model, Machine) or not model.is_scale_set:
        raise Refused("not a scale set", scope=str(arm_id))
    rolling = _rolling(arm, arm_id) if model.upgrade_mode == "Rolling" else ""
    path, family = f"{arm_id}/virtualMachines", of(arm_id).family
    listed = items(arm, path, family, WITH_VIEW, follows=True)
    found = (_decoded(partial(decode_instance, raw, model), path) for raw in listed)
    return Instances(model.id, tuple(replace(one, report=_without_secrets(one.report)) for one in found), rolling)


def report(arm: Arm, arm_id: ArmId) -> GuestReport | None:
    """What a virtual machine's guest reports; None when it says nothing about applications, or is not there."""
    scope = f"{arm_id}/instanceView"
    body = body_of(arm, scope, of(arm_id).family)
    return None if body is None else _without_secrets(_decoded(partial(decode_report, body), scope))


def inspect(arm: Arm, arm_id: ArmId, home: str) -> Inspected | None:
    """A machine and its guest's report in one request [azure-facts 4.7]; a scale set's model has no guest."""
    kind, scope = of(arm_id), str(arm_id)
    if kind.decode_view is None:
        found = read(arm, arm_id, home)
        return Inspected(found) if isinstance(found, Machine) else None
    body = body_of(arm, scope, kind.family, WITH_VIEW)
    if body is None:
        return None
    machine = seen(kind, body, home, scope)
    told = _without_secrets(_decoded(partial(kind.decode_view, body), scope))
    return Inspected(machine, told) if isinstance(machine, Machine) else None


def _rolling(arm: Arm, arm_id: ArmId) -> str:
    """The state of the last rolling upgrade; "" when there never was one, which is a 404."""
    scope = f"{arm_id}/rollingUpgrades/latest"
    body = body_of(arm, scope, of(arm_id).family, follows=True)
    return "" if body is None else _decoded(partial(decode_rolling, body), scope)


def _without_secrets(told: GuestReport | None) -> GuestReport | None:
    """The report with its texts scrubbed: an error quotes the whole command, which may hold a signature."""
    if told is None:
        return None
    return replace(
        told,
        applications=tuple(replace(one, message=scrubbed(one.message)) for one in told.applications),
        performed=tuple(replace(one, message=scrubbed(one.message)) for one in told.performed),
        error=scrubbed(told.error),
    )


def _decoded(decode: Callable[[], T], scope: str) -> T:
    try:
        return decode()
    except GARBLED as error:
        raise unexpected(scope) from error
