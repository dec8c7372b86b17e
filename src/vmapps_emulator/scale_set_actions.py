"""POSTs on scale sets and instances: 202, Location and Azure-AsyncOperation (recordings tmc_vmss, test_vmss_*)."""

from collections.abc import Callable

from vmapps_emulator.errors import ArmError, missing_parameter
from vmapps_emulator.guest_runs import run_guest
from vmapps_emulator.instance_calls import WORD, demand_instance, scale_set_above
from vmapps_emulator.instances import (
    apply_model,
    delete_instances,
    instances_of,
    is_protected,
    reimage,
)
from vmapps_emulator.operations import Failure
from vmapps_emulator.power import DEALLOCATED, RUNNING, STOPPED, set_power
from vmapps_emulator.rolling import cancel, finish_rolling, start_for_all
from vmapps_emulator.scale_set_model import model_of
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Handler, Request, Response
from vmapps_emulator.world import World

Act = Callable[[World, Resource, Resource], Failure | None]


def _upgrade(world: World, scale_set: Resource, instance: Resource) -> Failure | None:
    """One instance of a manual upgrade; it counts in the set's ETag (guess from 4 -> 6 for two instances)."""
    if is_protected(instance):
        return None
    scale_set.write_etag()
    return apply_model(world, scale_set, instance)


def _stop(world: World, _scale_set: Resource, instance: Resource) -> None:
    set_power(world, instance, STOPPED)


def _deallocate(world: World, _scale_set: Resource, instance: Resource) -> None:
    set_power(world, instance, DEALLOCATED)


def _start(world: World, _scale_set: Resource, instance: Resource) -> Failure | None:
    set_power(world, instance, RUNNING)
    return run_guest(world, instance)


def _again(world: World, _scale_set: Resource, instance: Resource) -> Failure | None:
    return run_guest(world, instance)


_EACH: dict[str, Act] = {
    "start": _start,
    "restart": _start,
    "poweroff": _stop,
    "deallocate": _deallocate,
    "redeploy": _start,
    "reimage": reimage,
    "reimageall": reimage,
}
ON_SETS = (*_EACH, "manualupgrade", "reapply", "delete", "setorchestrationservicestate")
ROLLING = ("osrollingupgrade", "extensionrollingupgrade")
ON_INSTANCES = (*_EACH, "simulateeviction")
_NEED_IDS = ("manualupgrade", "delete")


def on_set(name: str) -> Handler:
    """The handler of an action on a scale set, for the instances that its body names."""

    async def act(world: World, request: Request) -> Response:
        scale_set = scale_set_above(world, request)
        chosen = _chosen(world, request, scale_set, is_needed=name in _NEED_IDS)
        # Recording tmc_vmss_base_2: an orchestration service's state changes beside a reimage that runs.
        about = Resource(scale_set.key, scale_set.body, ()) if name == "setorchestrationservicestate" else scale_set
        world.operations.settle_resource(about)
        return world.begin(request, about, 202, lambda: _carry_out(world, name, scale_set, chosen), word=WORD)

    return act


def on_instance(name: str) -> Handler:
    """The handler of an action on one instance."""

    async def act(world: World, request: Request) -> Response:
        scale_set = scale_set_above(world, request)
        instance = demand_instance(world, scale_set, request.target.names[1])
        if name == "simulateeviction":
            return _evict(world, scale_set, instance)
        world.operations.settle_resource(instance)
        return world.begin(request, instance, 202, lambda: _EACH[name](world, scale_set, instance), word=WORD)

    return act


async def start_rolling(world: World, request: Request) -> Response:
    """Roll over every instance, for a new image or extension; the operation lasts as long as the upgrade.

    extensionRollingUpgrade: recording test_vmss_extension_debian.
    """
    scale_set = scale_set_above(world, request)
    start_for_all(world, scale_set)
    return world.begin(request, scale_set, 202, lambda: finish_rolling(world, scale_set), word=WORD)


async def cancel_rolling(world: World, request: Request) -> Response:
    """Stop the rolling upgrade that runs."""
    scale_set = scale_set_above(world, request)
    if request.target.name.lower() != "cancel":
        raise ArmError(405, "MethodNotAllowed", "The requested resource does not support http method 'POST'.")
    cancel(scale_set)
    return world.begin(request, scale_set, 202, lambda: None, word=WORD)


def _evict(world: World, scale_set: Resource, instance: Resource) -> Response:
    """204 at once for a spot machine, else 409 (recording test_vmss_simulate_eviction)."""
    given = {**model_of(scale_set), **instance.properties}
    if given.get("priority") != "Spot":
        text = "Operation 'simulateEviction' is allowed only for Spot Virtual Machines"
        raise ArmError(409, "OperationNotAllowed", text)
    if given.get("evictionPolicy") == "Delete":
        delete_instances(world, scale_set, [instance])
    else:
        set_power(world, instance, DEALLOCATED)
    return Response(204)


def _carry_out(world: World, name: str, scale_set: Resource, chosen: list[Resource]) -> Failure | None:
    held = [item for item in chosen if world.store.get(item.key) is item]
    if name == "delete":
        delete_instances(world, scale_set, held)
    act = {"manualupgrade": _upgrade, "reapply": _again, **_EACH}.get(name)
    failures = [act(world, scale_set, item) for item in held] if act else []
    return next((failure for failure in failures if failure), None)


def _chosen(world: World, request: Request, scale_set: Resource, *, is_needed: bool) -> list[Resource]:
    """The named instances; ``*`` or, where ids may be absent, none means all."""
    ids = request.json().get("instanceIds") if request.raw.strip() not in (b"", b"null") else None
    if ids is None and is_needed:
        raise missing_parameter("instanceIds")
    if not ids or "*" in ids:
        return list(instances_of(world, scale_set).values())
    return [demand_instance(world, scale_set, name) for name in dict.fromkeys(ids)]
