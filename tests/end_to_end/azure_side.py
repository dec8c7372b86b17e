"""What stands behind the endpoints, seen and changed without vmapps: the emulator and the blobs."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.error import HTTPError

from azure.storage.blob import BlobServiceClient

from vmapps.azure.blobs import AZURITE_ACCOUNT, AZURITE_KEY

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
COMPUTE = "providers/Microsoft.Compute"
GALLERIES = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-galleries/{COMPUTE}/galleries"
PLATFORM = f"{GALLERIES}/platform"
AGENT = f"{PLATFORM}/applications/agent"
SCANNER = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-security/{COMPUTE}/galleries/security/applications/scanner"
VERSIONS = {
    "galleries": "2024-03-03",
    "virtualMachines": "2024-07-01",
    "virtualMachineScaleSets": "2024-07-01",
    "resourceGroups": "2021-04-01",
}


def machine_id(name: str, group: str = "rg-web", subscription: str = SUBSCRIPTION) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/{COMPUTE}/virtualMachines/{name}"


def set_id(name: str = "web-ss") -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-web/{COMPUTE}/virtualMachineScaleSets/{name}"


@dataclass(frozen=True)
class Arm:
    """The emulator: its control plane, and ARM as any other client speaks it."""

    url: str

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Message, bytes]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.headers, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def control(self, method: str, name: str, body: Any = None) -> Any:
        status, _, content = self.send(method, f"/emulator/{name}", body)
        assert status == 200, content
        return json.loads(content)

    def write(self, method: str, arm_id: str, body: Any = None) -> None:
        """One write, done when this returns."""
        status, headers, content = self.send(method, self._whole(arm_id), body)
        assert status < 300, content
        if headers.get("Azure-AsyncOperation"):
            self.control("POST", "settle")

    def read(self, arm_id: str) -> Any:
        status, _, content = self.send("GET", self._whole(arm_id))
        assert status in (200, 404), content
        return json.loads(content) if status == 200 else None

    def raw(self, arm_id: str) -> str:
        return self.send("GET", self._whole(arm_id))[2].decode()

    def fault(self, **rule: Any) -> None:
        self.control("POST", "faults", [rule])

    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "requests")["requests"]
        return found

    def writes(self) -> list[str]:
        """What was written since the log was cleared: `PUT …/galleries/platform`, refused ones too."""
        return [f"{one['method']} {one['path']}" for one in self.requests() if one["method"] != "GET"]

    def forget_requests(self) -> None:
        self.control("DELETE", "requests")

    def group(self, *names: str, subscription: str = SUBSCRIPTION) -> None:
        for name in names:
            self.write("PUT", f"/subscriptions/{subscription}/resourceGroups/{name}", {"location": "westeurope"})

    def machine(self, name: str, *entries: Any, os_type: str = "Linux", **body: Any) -> str:
        """A machine, with entries that others gave it; its id."""
        disk = {"osType": os_type, "createOption": "FromImage"}
        properties: dict[str, Any] = {"storageProfile": {"osDisk": disk}}
        if entries:
            properties["applicationProfile"] = {"galleryApplications": list(entries)}
        self.write("PUT", machine_id(name), {"location": "westeurope", "properties": properties, **body})
        return machine_id(name)

    def scale_set(self, mode: str, *entries: Any, count: int = 3, flexible: bool = False, size: str = "B2s") -> str:
        """A scale set with some instances; its id."""
        model: dict[str, Any] = {
            "osProfile": {"computerNamePrefix": "web", "adminUsername": "me", "adminPassword": "secret"},
            "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
            "networkProfile": {"networkInterfaceConfigurations": []},
        }
        if entries:
            model["applicationProfile"] = {"galleryApplications": list(entries)}
        properties = {
            "orchestrationMode": "Flexible" if flexible else "Uniform",
            "upgradePolicy": {"mode": mode},
            "virtualMachineProfile": model,
        }
        sku = {"name": f"Standard_{size}", "tier": "Standard", "capacity": count}
        self.write("PUT", set_id(), {"location": "westeurope", "sku": sku, "properties": properties})
        return set_id()

    def instances(self) -> list[Any]:
        """The scale set's instances."""
        return list(json.loads(self.send("GET", self._whole(f"{set_id()}/virtualMachines"))[2])["value"])

    def in_guests(self) -> list[dict[str, str]]:
        """What the guest of each instance has: application -> version."""
        machines = self.control("GET", "guest")["machines"]
        held = [machines.get(one["id"].lower(), []) for one in self.instances()]
        return [{entry["applicationName"]: entry["version"] for entry in one} for one in held]

    def entries(self, name: str) -> list[Any]:
        profile = self.read(machine_id(name))["properties"].get("applicationProfile", {})
        found: list[Any] = profile.get("galleryApplications", [])
        return found

    def raw_entries(self, arm_id: str) -> list[str]:
        """Each entry of a machine exactly as the answer spells it."""
        text = self.raw(arm_id)
        _, found, rest = text.partition('"galleryApplications":[')
        spelled = []
        while found and not rest.startswith("]"):
            _, end = json.JSONDecoder().raw_decode(rest)
            spelled.append(rest[:end])
            rest = rest[end:].lstrip(", ")
        return spelled

    def installed(self, arm_id: str) -> dict[str, str]:
        """What the guest reports: application -> version, successes only."""
        view = json.loads(self.send("GET", self._whole(f"{arm_id}/instanceView"))[2])
        message = view["extensions"][0]["statuses"][0]["message"]
        state = json.loads(message.partition(": ")[2])["CurrentState"]
        return {one["applicationName"]: one["version"] for one in state if one["result"].endswith("SUCCESS")}

    def scanner(self) -> str:
        """Another team's version, for foreign entries; its id."""
        gallery, _, _ = SCANNER.partition("/applications/")
        self.group("rg-security")
        self.write("PUT", gallery, {"location": "westeurope"})
        self.write("PUT", SCANNER, {"location": "westeurope", "properties": {"supportedOSType": "Linux"}})
        self.write("PUT", f"{SCANNER}/versions/2.0.0", version_body("https://security.blob.core.windows.net/p/s"))
        return f"{SCANNER}/versions/2.0.0"

    def _whole(self, arm_id: str) -> str:
        kind = next((one for one in VERSIONS if f"/{COMPUTE}/{one}" in arm_id), "resourceGroups")
        return f"{arm_id}?api-version={VERSIONS[kind]}"


def version_body(link: str, **more: Any) -> Any:
    profile = {"source": {"mediaLink": link}, "manageActions": {"install": "sh install.sh", "remove": "sh remove.sh"}}
    properties = {"publishingProfile": {**profile, "targetRegions": [{"name": "West Europe"}]}}
    return {"location": "westeurope", "properties": properties, **more}


@contextmanager
def blobs_of(account: str) -> Iterator[BlobServiceClient]:
    """The package store, read by the account's owner."""
    key = {"account_name": AZURITE_ACCOUNT, "account_key": AZURITE_KEY}
    with BlobServiceClient(account, credential=key, api_version="2025-11-05") as service:
        yield service
