"""The whole job on this machine: publish, assign, nothing left to do; break something; repair exactly that.

Starts the emulator and Azurite, shows every command it runs with what it prints, and stops what it started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from local_azure import REPOSITORY, azurite, emulator

MACHINE = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-web"
    "/providers/Microsoft.Compute/virtualMachines/web-02"
)
GALLERY = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-galleries"
    "/providers/Microsoft.Compute/galleries/platform"
)
PROJECT = "examples/manifests"


def main() -> int:
    """Play the demo; 0 when every command ended as it should."""
    os.chdir(REPOSITORY)
    with azurite() as blobs, emulator("--seed", "examples/fleet.json") as arm:
        environment = {**os.environ, "VMAPPS_ENDPOINT": arm, "VMAPPS_BLOB_ENDPOINT": blobs}
        say("A repository of manifests, and an Azure that knows nothing of them yet.")
        vmapps(environment, "validate", PROJECT)
        vmapps(environment, "plan", PROJECT)
        say("Apply it. (In a terminal it would ask; a pipeline says --yes.)")
        vmapps(environment, "apply", PROJECT, "--yes")
        say("Nothing is left to do: a second plan is empty.")
        vmapps(environment, "plan", PROJECT, "--detailed-exitcode")
        say(
            "Behind our back somebody writes web-02's list of applications without our entry,\n"
            "as `az vm application set` does, and edits the gallery's description."
        )
        drop_our_entry(arm)
        patch(arm, f"{GALLERY}?api-version=2024-03-03", {"properties": {"description": "edited by hand"}})
        vmapps(environment, "drift", PROJECT, expected=2)
        say("The next plan repairs exactly that, and leaves the other team's entry alone.")
        vmapps(environment, "apply", PROJECT, "--yes")
        vmapps(environment, "plan", PROJECT, "--detailed-exitcode")
        say("Done. Emulator and Azurite are stopped.")
    return 0


def say(text: str) -> None:
    """A heading of the demo."""
    print("\n" + "\n".join(f"# {line}" for line in text.splitlines()), flush=True)


def vmapps(environment: dict[str, str], *arguments: str, expected: int = 0) -> None:
    """Run a command as a user would, shown with its output; leaves with its code when it is not the expected one."""
    print(f"\n$ vmapps {' '.join(arguments)}", flush=True)
    command = [str(Path(sys.executable).parent / "vmapps"), *arguments]
    code = subprocess.run(command, env=environment, check=False).returncode
    if code != expected:
        sys.exit(f"demo: vmapps {arguments[0]} ended with {code}, not {expected}")


def drop_our_entry(arm: str) -> None:
    """Write the list of web-02 with the other team's entry only."""
    path = f"{MACHINE}?api-version=2024-07-01"
    with urllib.request.urlopen(arm + path) as answer:
        profile = json.load(answer)["properties"]["applicationProfile"]
    theirs = [one for one in profile["galleryApplications"] if "/galleries/security/" in one["packageReferenceId"]]
    patch(arm, path, {"properties": {"applicationProfile": {"galleryApplications": theirs}}})


def patch(arm: str, path: str, body: object) -> None:
    """Send one PATCH, and wait until Azure has done it."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(arm + path, json.dumps(body).encode(), headers, method="PATCH")
    with urllib.request.urlopen(request) as answer:
        operation = answer.headers.get("Azure-AsyncOperation")
    while operation:
        with urllib.request.urlopen(operation) as answer:
            if json.load(answer)["status"] != "InProgress":
                return


if __name__ == "__main__":
    sys.exit(main())
