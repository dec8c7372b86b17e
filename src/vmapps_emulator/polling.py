"""Reading an operation: by Azure-AsyncOperation (a status body) or by Location (202 until it is done)."""

from vmapps_emulator.errors import ArmError
from vmapps_emulator.operations import Operation
from vmapps_emulator.wire import Request, Response
from vmapps_emulator.world import World


async def get_operation(world: World, request: Request) -> Response:
    """One poll."""
    operation = world.operations.poll(request.target.name, world.settings.polls)
    if operation is None:
        raise ArmError(404, "NotFound", "The entity was not found in this Azure location.")
    waiting = world.waiting() if operation.is_running else {}
    if request.query.get("monitor", "").lower() == "true":
        return _monitored(request, operation, waiting)
    return Response(200, operation.body(), waiting)


def _monitored(request: Request, operation: Operation, waiting: dict[str, str]) -> Response:
    """guess: a failed operation answers its error with 409 here; no recording follows a Location to a failure."""
    if operation.is_running:
        return Response(202, None, {**waiting, "Location": request.address(request.query)})
    if operation.failure is not None:
        raise ArmError(409, operation.failure.code, operation.failure.message)
    return Response(200)
