"""What a caller may do at a scope: Permissions - List of Microsoft.Authorization (REST reference, 2022-04-01)."""

from vmapps_emulator.errors import ArmError
from vmapps_emulator.rbac import caller
from vmapps_emulator.wire import Request, Response
from vmapps_emulator.world import World

_SUFFIX = "/providers/microsoft.authorization/permissions"
_READ = "Microsoft.Authorization/permissions/read"


def is_about_permissions(request: Request) -> bool:
    """Whether a call asks what its caller may do somewhere."""
    return request.path.rstrip("/").lower().endswith(_SUFFIX)


async def list_permissions(world: World, request: Request) -> Response:
    """The caller's permissions at a subscription, a resource group or a resource, from the table of roles.

    guess: who has no role that may read permissions is refused; a resource that is not there has its group's.
    """
    if request.method != "GET":
        raise ArmError(
            405, "MethodNotAllowed", f"The requested resource does not support http method '{request.method}'."
        )
    scope, identity = request.path.rstrip("/")[: -len(_SUFFIX)], caller(request)
    if not world.rbac.may(identity, _READ, scope):
        text = f"The client '{identity}' with object id '{identity}' does not have authorization to perform action "
        raise ArmError(403, "AuthorizationFailed", f"{text}'{_READ}' over scope '{scope}' or the scope is invalid.")
    return Response(200, {"value": world.rbac.permissions(identity, scope)})
