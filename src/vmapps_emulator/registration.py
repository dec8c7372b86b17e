"""Resource providers of a subscription: their state, and what an unregistered one refuses."""

from vmapps_emulator.errors import ArmError
from vmapps_emulator.paths import PROVIDER
from vmapps_emulator.wire import Json, Request, Response
from vmapps_emulator.world import World

_NAMESPACES = {
    name.lower(): name for name in (PROVIDER, "Microsoft.Network", "Microsoft.Resources", "Microsoft.Storage")
}
_KINDS = (
    "galleries",
    "galleries/applications",
    "galleries/applications/versions",
    "virtualMachines",
    "virtualMachines/extensions",
    "virtualMachineScaleSets",
    "virtualMachineScaleSets/virtualMachines",
    "locations/operations",
)
_REGIONS = ("East US", "East US 2", "West US", "West US 2", "West US 3", "Central US", "North Europe", "West Europe")
# As the service lists them (facts/service_errors.json), and what came later.
_GALLERY_VERSIONS = ("2025-03-03", "2024-03-03", "2023-07-03", "2022-08-03", "2022-03-03", "2022-01-03", "2021-10-01")
_COMPUTE_VERSIONS = ("2024-11-01", "2024-07-01", "2024-03-01", "2023-09-01", "2022-11-01", "2022-08-01", "2021-07-01")


async def get_provider(world: World, request: Request) -> Response:
    """One provider with its state; a namespace that nobody knows is ARM's 404."""
    shown = _provider(world, request)
    key = _key(request)
    if world.registrations.get(key) == "Registering":
        world.registrations[key] = "Registered"
    return Response(200, shown)


async def list_providers(world: World, request: Request) -> Response:
    """All providers of a subscription."""
    subscription = request.target.subscription
    return Response(200, {"value": [_shown(world, subscription, name) for name in _NAMESPACES.values()]})


async def register(world: World, request: Request) -> Response:
    """Register: ``Registering`` until it is read once (guess: in Azure it takes minutes)."""
    return _change(world, request, "Registering", "Registered")


async def unregister(world: World, request: Request) -> Response:
    """Unregister: at once (guess)."""
    return _change(world, request, "Unregistered", "Unregistered")


def demand_registered(world: World, request: Request) -> None:
    """Refuse a write of a subscription that has not registered the provider (ARM's own text)."""
    target = request.target
    is_write = request.method in ("PUT", "PATCH", "DELETE", "POST") and target.kind not in (
        "register",
        "unregister",
        "",
    )
    if is_write and target.provider and world.registrations.get(_key(request)) in ("Unregistered", "NotRegistered"):
        namespace = _NAMESPACES.get(target.provider, target.provider)
        text = (
            f"The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for "
        )
        raise ArmError(409, "MissingSubscriptionRegistration", f"{text}how to register subscriptions.")


def _change(world: World, request: Request, new: str, kept: str) -> Response:
    key = _key(request)
    if world.registrations.get(key, "Registered") != kept:
        world.registrations[key] = new
    return Response(200, _provider(world, request))


def _provider(world: World, request: Request) -> Json:
    namespace = _NAMESPACES.get(request.target.provider)
    if namespace is None:
        text = f"The resource namespace '{request.target.provider}' is invalid."
        raise ArmError(404, "InvalidResourceNamespace", text)
    return _shown(world, request.target.subscription, namespace)


def _key(request: Request) -> str:
    return f"{request.target.subscription}/{request.target.provider}".lower()


def _shown(world: World, subscription: str, namespace: str) -> Json:
    state = world.registrations.get(f"{subscription}/{namespace}".lower(), "Registered")
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": state,
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [_type(name) for name in _KINDS] if namespace == PROVIDER else [],
    }


def _type(name: str) -> Json:
    versions = _GALLERY_VERSIONS if name.startswith("galleries") else _COMPUTE_VERSIONS
    return {"resourceType": name, "locations": _REGIONS, "apiVersions": versions, "capabilities": "None"}
