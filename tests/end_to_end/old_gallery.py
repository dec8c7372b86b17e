"""A company before its first day with vmapps: one gallery, 12 applications, 3 teams, 200 machines, a policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from end_to_end.azure_side import COMPUTE

Json = dict[str, Any]
HOME = "55555555-5555-5555-5555-555555555555"
GALLERY = f"/subscriptions/{HOME}/resourceGroups/rg-galleries/{COMPUTE}/galleries/shared"
SECURITY = f"/subscriptions/{HOME}/resourceGroups/rg-security/{COMPUTE}/galleries/security"
TEAMS = {
    "platform": ("base", "certs", "logging", "monitor"),
    "web": ("nginx", "php", "varnish", "probe"),
    "data": ("postgres", "redis", "backup", "etl"),
}
NUMBERS = ("1.0.0", "1.1.0", "1.2.0")
SAS = "?sv=2024-11-04&se=2026-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=CANARYonboarding0123456789abcdefgh%3D"
MACHINES = {"web": 70, "web-canary": 10, "data": 60, "office": 60}


def application(team: str, name: str) -> str:
    return f"{GALLERY}/applications/{team}-{name}"


def machine(tier: str, at: int) -> str:
    group = f"rg-{tier.partition('-')[0]}"
    return f"/subscriptions/{HOME}/resourceGroups/{group}/{COMPUTE}/virtualMachines/{tier}-{at:02}"


def seed() -> Json:
    """The emulator's seed."""
    return {"resources": [*_gallery(), *_security(), *_machines()]}


def _gallery() -> Iterator[Json]:
    yield {"id": GALLERY, "location": "westeurope", "properties": {"description": "Everybody's applications"}}
    for team, names in TEAMS.items():
        for name in names:
            yield {"id": application(team, name), "location": "westeurope", "properties": {"supportedOSType": "Linux"}}
            for number in NUMBERS:
                yield _version(application(team, name), number, f"{team}-{name}")


def _version(arm_id: str, number: str, name: str) -> Json:
    profile = {
        "source": {"mediaLink": f"https://old.blob.core.windows.net/packages/{name}-{number}.tar.gz{SAS}"},
        "manageActions": {
            "install": f"tar -xzf {name}.tar.gz && sh ./install.sh",
            "update": f"tar -xzf {name}.tar.gz && sh ./install.sh --update",
            "remove": "sh ./remove.sh",
        },
        "settings": {"packageFileName": f"{name}.tar.gz"},
        "targetRegions": [{"name": "West Europe", "regionalReplicaCount": 1}],
    }
    return {"id": f"{arm_id}/versions/{number}", "location": "westeurope", "properties": {"publishingProfile": profile}}


def _security() -> Iterator[Json]:
    """Another department's gallery; Azure Policy puts its agent on every machine."""
    agent = f"{SECURITY}/applications/agent"
    yield {"id": SECURITY, "location": "westeurope"}
    yield {"id": agent, "location": "westeurope", "properties": {"supportedOSType": "Linux"}}
    yield _version(agent, "4.0.0", "agent")


def _machines() -> Iterator[Json]:
    for tier, count in MACHINES.items():
        for at in range(1, count + 1):
            yield {
                "id": machine(tier, at),
                "location": "westeurope",
                "properties": {
                    "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
                    "applicationProfile": {"galleryApplications": list(_entries(tier, at))},
                },
            }


def _entries(tier: str, at: int) -> Iterator[Json]:
    injected = {"order": 1, "treatFailureAsDeploymentFailure": True}
    yield {"packageReferenceId": f"{SECURITY}/applications/agent/versions/latest", **injected}
    yield _entry("platform", "base", NUMBERS[at % 2], order=1)
    yield _entry("platform", "monitor", "1.2.0")
    if tier.startswith("web"):
        yield _entry("web", "nginx", "1.2.0" if tier == "web-canary" else "1.1.0", order=2)
        yield _entry("web", "php", "1.0.0", order=3)
    if tier == "data":
        yield _entry("data", "postgres", NUMBERS[at % 3], order=2)
        yield _entry("data", "backup", "1.1.0", order=9)


def _entry(team: str, name: str, number: str, **more: Any) -> Json:
    return {"packageReferenceId": f"{application(team, name)}/versions/{number}", **more}
