"""One signed-in azure-cli, and what it finds at the emulator."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
BELOW = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute"


@dataclass
class Az:
    """One signed-in azure-cli and the emulator that it talks to."""

    command: str
    environment: dict[str, str]
    log: Path

    def __call__(self, *arguments: str) -> Any:
        """Run a command; what it prints, as JSON."""
        ended = self.run(*arguments)
        assert ended.returncode == 0, f"az {' '.join(arguments)}\n{ended.stderr}"
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever that is."""
        line = [self.command, *arguments, "--only-show-errors"]
        return subprocess.run(line, env=self.environment, capture_output=True, text=True, timeout=100, check=False)

    def requests(self) -> list[dict[str, Any]]:
        """What the emulator was asked so far."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


def seed() -> dict[str, Any]:
    """A machine and two scale sets that az finds."""
    disk = {"osType": "Linux", "name": "disk", "createOption": "FromImage"}
    profile = {"storageProfile": {"osDisk": disk}}
    head = {"location": "eastus"}
    machine = {**head, "id": f"{BELOW}/virtualMachines/vm", "properties": profile}
    sku = {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": 1}
    model = {"storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}}}
    body = {"upgradePolicy": {"mode": "Manual"}, "virtualMachineProfile": model, "orchestrationMode": "Uniform"}
    scale_set = {**head, "id": f"{BELOW}/virtualMachineScaleSets/set", "sku": sku, "properties": body}
    return {"resources": [machine, scale_set]}
