"""A fleet as years leave it: 500 machines, ids in several letters, failed and missing versions, lists of all sorts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from end_to_end.azure_side import COMPUTE

Json = dict[str, Any]
HOME = "33333333-3333-3333-3333-333333333333"
AWAY = "44444444-4444-4444-4444-444444444444"
SAS = "?sv=2024-11-04&se=2026-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=CANARYmessy0123456789abcdefghijk%3D"
MACHINES = 500

APPLICATIONS = {
    "platform": ("base", "nginx", "agent", "monitor", "certs", "Gallery"),
    "Tools": ("agent", "curl", "backup"),
    "security": ("scanner",),
}
GROUPS = {"platform": "rg-galleries", "Tools": "rg-Tools", "security": "rg-security", "images": "rg-images"}
NUMBERS = ("1.0.0", "1.0.7", "1.10.0", "2.0.0")


def gallery_id(name: str, subscription: str = HOME) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{GROUPS[name]}/{COMPUTE}/galleries/{name}"


def version_id(gallery: str, application: str, number: str) -> str:
    return f"{gallery_id(gallery)}/applications/{application}/versions/{number}"


def seed() -> Json:
    """The emulator's seed."""
    return {"resources": [*_galleries(), *_machines(), *_sets()]}


def _galleries() -> Iterator[Json]:
    for name in GROUPS:
        yield {
            "id": gallery_id(name),
            "location": "West Europe" if name == "Tools" else "westeurope",
            "tags": {"Team": name, "hidden-title": "x"},
            "properties": {"description": f"Applications: ${{{name}}} #1"} if name != "images" else {},
        }
        for application in APPLICATIONS.get(name, ()):
            yield from _application(name, application)


def _application(gallery: str, application: str) -> Iterator[Json]:
    # the parent's name in other letters, as some clients wrote it
    shouted = gallery_id(gallery).replace(gallery, gallery.upper()) if application == "nginx" else gallery_id(gallery)
    yield {
        "id": f"{shouted}/applications/{application}",
        "location": "westeurope",
        "properties": {
            "supportedOSType": "Windows" if application == "backup" else "Linux",
            "endOfLifeDate": "2030-12-31T00:00:00+00:00",
            "description": f"{application}:\n  of many words, # and more",
        },
    }
    for at, number in enumerate(NUMBERS):
        yield _version(gallery, application, number, at)


def _version(gallery: str, application: str, number: str, at: int) -> Json:
    regions = ["West Europe", "northeurope"] if at else ["westeurope"]
    profile: Json = {
        "source": {"mediaLink": f"https://old.blob.core.windows.net/p/{application}-{number}.tar.gz{SAS}"},
        "manageActions": {
            "install": f"mkdir -p /opt/${{NAME}}\ntar -xzf {application}.tar.gz\n",
            "update": "sh ./update.sh",
            "remove": "rm -rf /opt/x",
        },
        "settings": {"packageFileName": f"{application}.tar.gz"},
        "targetRegions": [{"name": one, "storageAccountType": "Standard_ZRS"} for one in regions],
        "storageAccountType": "Standard_ZRS",
    }
    if application == "certs":
        profile["source"]["defaultConfigurationLink"] = f"https://old.blob.core.windows.net/p/certs.conf{SAS}"
        profile["settings"]["configFileName"] = "certs.conf"
    failed = application == "curl" and number == "1.10.0"
    tags = {"Build": "010", "owner": "yes", "empty": ""} if at == 2 else {}
    properties = {"publishingProfile": profile, "provisioningState": "Failed" if failed else "Succeeded"}
    return {"id": version_id(gallery, application, number), "location": "westeurope", "tags": tags} | {
        "properties": properties
    }


ODD = ("yes", "null", "1e3", "0x1F", "No", "007", "1.5", "on")
"""Names that YAML could take for something else."""


def machine_name(at: int) -> str:
    if at < len(ODD):
        return ODD[at]
    role = ("web", "api", "db")[at % 3]
    return f"{role}-{at:03}"


def machine_id(at: int) -> str:
    name, subscription = machine_name(at), AWAY if at % 25 == 9 else HOME
    group = f"rg-{('web', 'api', 'db')[at % 3]}"
    whole = f"/subscriptions/{subscription}/resourceGroups/{group}/{COMPUTE}/virtualMachines/{name}"
    return whole.replace(group, group.upper()).replace("resourceGroups", "RESOURCEGROUPS") if at % 7 == 3 else whole


def _machines() -> Iterator[Json]:
    for at in range(MACHINES - 4):
        system = "Windows" if at % 31 == 30 else "Linux"
        yield {
            "id": machine_id(at),
            "location": ("westeurope", "North Europe")[at % 11 == 10],
            "tags": {"Role": "web", "env": ("prod", "test")[at % 2]},
            "properties": {
                "storageProfile": {"osDisk": {"osType": system, "createOption": "FromImage"}},
                "provisioningState": "Failed" if at % 40 == 39 else "Succeeded",
                "applicationProfile": {"galleryApplications": list(_entries(at))},
            },
        }


def _entries(at: int) -> Iterator[Json]:
    """Lists that are alike in groups, and odd ones here and there."""
    if at % 50 == 49:
        return
    base = version_id("platform", "base", NUMBERS[at % 2])
    yield {"packageReferenceId": base.upper() if at % 13 == 12 else base, "order": 1}
    if at % 3 == 0:
        link = f"https://conf.blob.core.windows.net/c/nginx.conf{SAS}"
        tags = '{"team": "web"}'
        yield {"packageReferenceId": version_id("platform", "nginx", "1.10.0"), "order": 2, "tags": tags} | {
            "configurationReference": link,
            "treatFailureAsDeploymentFailure": True,
        }
    if at % 3 == 1:
        yield {"packageReferenceId": version_id("platform", "monitor", "latest"), "enableAutomaticUpgrade": True}
    yield from _odd_entries(at)
    yield {"packageReferenceId": version_id("security", "scanner", "latest"), "order": 1} | {
        "treatFailureAsDeploymentFailure": True
    }


def _odd_entries(at: int) -> Iterator[Json]:
    if at % 29 == 5:
        yield {"packageReferenceId": version_id("platform", "certs", "9.9.9")}
    if at % 37 == 6:
        yield {"packageReferenceId": version_id("Tools", "curl", "1.10.0"), "tags": "not json"}
    if at % 41 == 7:
        yield {"packageReferenceId": version_id("platform", "agent", "2.0.0")}
        yield {"packageReferenceId": version_id("Tools", "agent", "1.0.0")}
    if at % 43 == 8:
        yield {"packageReferenceId": version_id("Tools", "gone", "1.0.0")}
    if at % 47 == 9:
        yield {"packageReferenceId": version_id("Tools", "backup", "1.0.0"), "enableAutomaticUpgrade": True}
    if at % 53 == 10:
        mark = '{"vmapps-owner":"other.1","vmapps-machine":"00000000"}'
        yield {"packageReferenceId": version_id("Tools", "curl", "2.0.0"), "tags": mark, "order": 5}


def _sets() -> Iterator[Json]:
    for at, mode in enumerate(("Uniform", "Flexible")):
        head = f"/subscriptions/{HOME}/resourceGroups/rg-web/{COMPUTE}"
        entries = [{"packageReferenceId": version_id("platform", "base", "1.0.7"), "order": 1}]
        yield {
            "id": f"{head}/virtualMachineScaleSets/ss-{mode.lower()}",
            "location": "westeurope",
            "sku": {"name": "Standard_B2s", "tier": "Standard", "capacity": 2},
            "properties": {
                "orchestrationMode": mode,
                "upgradePolicy": {"mode": "Manual"},
                "virtualMachineProfile": {
                    "osProfile": {"computerNamePrefix": f"ss{at}", "adminUsername": "me"},
                    "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
                    "networkProfile": {"networkInterfaceConfigurations": []},
                    "applicationProfile": {"galleryApplications": entries},
                },
            },
        }
