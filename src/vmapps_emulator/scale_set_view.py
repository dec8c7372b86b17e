"""A scale set's instance view: how many instances are in which state (specification, azure-facts 5)."""

from collections import Counter

from vmapps_emulator.extension import NAME, extension_of
from vmapps_emulator.instance_calls import scale_set_above
from vmapps_emulator.instance_view import instance_view, provisioning
from vmapps_emulator.instances import instances_of
from vmapps_emulator.rolling import advance
from vmapps_emulator.wire import Json, Request, Response, encode
from vmapps_emulator.world import World


async def get_view(world: World, request: Request) -> Response:
    """Counts only, as azure-facts 3.5 says."""
    scale_set = scale_set_above(world, request)
    advance(world, scale_set)
    machines: Counter[str] = Counter()
    extensions: Counter[str] = Counter()
    for instance in instances_of(world, scale_set).values():
        machines.update(status["code"] for status in instance_view(world, instance)["statuses"])
        own = extension_of(instance)
        if own is not None:
            extensions[f"ProvisioningState/{own['properties']['provisioningState'].lower()}"] += 1
    body: Json = {"virtualMachine": {"statusesSummary": _counts(machines)}}
    if extensions:
        body["extensions"] = [{"name": NAME, "statusesSummary": _counts(extensions)}]
    body["statuses"] = [provisioning(scale_set)]
    return Response(200, encode(body))


def _counts(counter: Counter[str]) -> list[Json]:
    return [{"code": code, "count": count} for code, count in counter.items()]
