"""A rolling upgrade: batch after batch, advanced by whoever looks (specification RollingUpgradeStatusInfo, [UPM])."""

from vmapps_emulator.errors import ArmError
from vmapps_emulator.instances import apply_model, find_instance, instances_of, is_protected, name_of, stale_instances
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, encode, now, section
from vmapps_emulator.world import World

_POLICY: Json = {
    "maxBatchInstancePercent": 20,
    "maxUnhealthyInstancePercent": 20,
    "maxUnhealthyUpgradedInstancePercent": 20,
    "pauseTimeBetweenBatches": "PT0S",
}
_BREACH = "MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade"


def start_rolling(world: World, scale_set: Resource) -> None:
    """Begin with all stale instances. guess: a newer model takes the place of an upgrade that still runs."""
    _begin(scale_set, stale_instances(world, scale_set))


def start_for_all(world: World, scale_set: Resource) -> None:
    """Begin with every instance; a second upgrade beside one that runs is refused [UPM] (guess: the sentence)."""
    if scale_set.hidden.get("rolling", {}).get("code") == "RollingForward":
        text = f"A Rolling Upgrade is already in progress on '{scale_set.body['name']}'."
        raise ArmError(409, "OperationNotAllowed", text)
    _begin(scale_set, [item for item in instances_of(world, scale_set).values() if not is_protected(item)])


def _begin(scale_set: Resource, instances: list[Resource]) -> None:
    pending = [name_of(item) for item in instances]
    if pending:
        moment = now()
        scale_set.hidden["rolling"] = {
            "code": "RollingForward",
            "startTime": moment,
            "lastAction": "Start",
            "lastActionTime": moment,
            "successful": 0,
            "failed": 0,
            "pending": pending,
            "looks": 0,
        }


def advance(world: World, scale_set: Resource) -> None:
    """One look at the set, its instances or its upgrade; after as many as an operation has polls, one batch moves."""
    state: Json = scale_set.hidden.get("rolling", {})
    if state.get("code") != "RollingForward":
        return
    state["looks"] += 1
    if state["looks"] > world.settings.polls:
        state["looks"] = 0
        _move(world, scale_set, state)


def finish_rolling(world: World, scale_set: Resource) -> None:
    """Move all batches at once."""
    state: Json = scale_set.hidden.get("rolling", {})
    while state.get("code") == "RollingForward":
        _move(world, scale_set, state)


def finish_all_rolling(world: World) -> int:
    """End the upgrades of all sets; the number of those that ran."""
    held = [item for item in world.store.below("/subscriptions") if "rolling" in item.hidden]
    running = [item for item in held if item.hidden["rolling"]["code"] == "RollingForward"]
    for scale_set in running:
        finish_rolling(world, scale_set)
    return len(running)


def cancel(scale_set: Resource) -> None:
    """Stop an upgrade where it is."""
    state: Json = scale_set.hidden.get("rolling", {})
    if state.get("code") != "RollingForward":
        text = "There is no ongoing Rolling Upgrade to cancel."  # guess: the sentence
        raise ArmError(409, "OperationNotAllowed", text)
    state |= {"code": "Cancelled", "lastAction": "Cancel", "lastActionTime": now()}


async def get_latest(world: World, request: Request) -> Response:
    """Read the newest upgrade of a set; 404 when there was none (guess: the code)."""
    scale_set = world.store.get(request.target.parent_key)
    if scale_set is None or "rolling" not in scale_set.hidden or request.target.name.lower() != "latest":
        raise ArmError(404, "NotFound", "The entity was not found in this Azure location.")
    advance(world, scale_set)
    return Response(200, encode(_body(scale_set)))


def _move(world: World, scale_set: Resource, state: Json) -> None:
    size = max(1, len(instances_of(world, scale_set)) * int(_policy(scale_set)["maxBatchInstancePercent"]) // 100)
    batch, state["pending"] = state["pending"][:size], state["pending"][size:]
    for name in batch:
        instance = find_instance(world, scale_set, name)
        failure = apply_model(world, scale_set, instance) if instance else None
        state["failed" if failure else "successful"] += 1
    if _is_breached(scale_set, state):
        state |= {"code": "Faulted", "lastActionTime": now()}
    elif not state["pending"]:
        state |= {"code": "Completed", "lastActionTime": now()}


def _is_breached(scale_set: Resource, state: Json) -> bool:
    done = state["failed"] + state["successful"]
    return bool(100 * state["failed"] > done * int(_policy(scale_set)["maxUnhealthyUpgradedInstancePercent"]))


def _policy(scale_set: Resource) -> Json:
    return {**_POLICY, **section(scale_set.properties, "upgradePolicy", "rollingUpgradePolicy")}


def _body(scale_set: Resource) -> Json:
    state: Json = scale_set.hidden["rolling"]
    running = {name: state[name] for name in ("code", "startTime", "lastAction", "lastActionTime")}
    properties: Json = {
        "policy": _policy(scale_set),
        "runningStatus": running,
        "progress": {
            "successfulInstanceCount": state["successful"],
            "failedInstanceCount": state["failed"],
            "inProgressInstanceCount": 0,
            "pendingInstanceCount": len(state["pending"]),
        },
    }
    if state["code"] == "Faulted":
        properties["error"] = {"code": _BREACH, "message": "Too many of the upgraded instances are unhealthy."}
    kind = "Microsoft.Compute/virtualMachineScaleSets/rollingUpgrades"
    head: Json = {"id": f"{scale_set.id}/rollingUpgrades/latest", "name": "latest", "type": kind}
    return {**head, "location": scale_set.location, "properties": properties}
