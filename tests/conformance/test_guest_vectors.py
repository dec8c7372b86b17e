"""The simulated guest against the given vectors: operations, registry and status of each."""

import json
import os
from typing import Any

import pytest

from conformance.recordings import oracle_folder
from vmapps_emulator.guest import CRASH, REBOOT, Guest
from vmapps_emulator.guest_plan import Entry, Goal, Step

# Not built yet: custom actions, failing downloads, and what goes wrong before a plan is made.
NOT_COVERED = ("action-", "critical-", "install-download-fails-and-command-fails")


def vectors() -> list[dict[str, Any]]:
    path = oracle_folder() / "facts" / "guest-agent-vectors.json"
    if not path.is_file():
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(path)
        return []
    return json.loads(path.read_text(encoding="utf-8"))


COVERED = [vector for vector in vectors() if not vector["name"].startswith(NOT_COVERED)]


def entry(name: str, values: dict[str, Any]) -> Entry:
    version = values["version"]
    return Entry(
        name,
        version,
        values.get("install", f"install {name} {version}"),
        values.get("update", f"update {name} {version}"),
        values.get("remove", f"remove {name} {version}"),
        values.get("ongoingOperation", "NoAction"),
        values.get("result", ""),
        values.get("downloadDir", ""),
        values.get("rebootBehavior") == "Rerun",
        values.get("numRebootsOccurred", 0),
    )


def goals(vector: dict[str, Any]) -> list[Goal]:
    return [
        Goal(
            entry(wish["applicationName"], wish), wish.get("order"), wish.get("treatFailureAsDeploymentFailure", False)
        )
        for wish in vector["goal"]
    ]


class Scripts:
    """Outcomes by command line, and what was run."""

    def __init__(self, failing: dict[str, Any]) -> None:
        self.failing = failing.get("commands", {})
        self.run: list[tuple[str, str, str, str, Any]] = []

    def __call__(self, step: Step) -> Any:
        command = step.entry.commands[step.operation]
        ending = self.failing.get(command, 0)
        self.run.append((step.operation, step.entry.application, step.entry.version, command, ending))
        if ending in (0, REBOOT, CRASH):
            return ending
        return f"Error executing command '{command}': command terminated with exit status={ending}"


def removals_first(operations: list[Any]) -> list[Any]:
    """Removals are made in no order: compare them sorted."""
    removed = sorted(item for item in operations if item[0] == "Remove")
    return removed + [item for item in operations if item[0] != "Remove"]


@pytest.mark.parametrize("vector", COVERED, ids=[vector["name"] for vector in COVERED])
def test_the_guest_follows_the_vector(vector: dict[str, Any]):
    guest = Guest(data_folder="$DATA")
    guest.registry = {name: entry(name, values) for name, values in vector["before"]["registry"].items()}
    scripts = Scripts(vector["failing"])
    report = guest.enable(goals(vector), scripts)

    ran = [operation for operation in vector["expected_operations"] if operation["run"] is not None]
    wanted = [(item["op"], item["app"], item["version"], item["run"], item["exit"]) for item in ran]
    assert removals_first(scripts.run) == removals_first(wanted)
    assert guest.registry == {name: entry(name, held) for name, held in vector["expected_registry"]["registry"].items()}
    status = vector["expected_status_results"]
    if "ended_by" in status:
        assert report is None
    elif status["written"]:
        assert report is not None
        assert report.is_success == (status["status"] == "success")
        body = json.loads(report.message.partition(": ")[2])
        assert {name: body[name] for name in ("CurrentState", "ActionsPerformed", "Errors")} == {
            name: status[name] for name in ("CurrentState", "ActionsPerformed", "Errors")
        }


@pytest.mark.skipif(not COVERED, reason="no vectors: set VMAPPS_ORACLE")
def test_most_vectors_are_covered():
    assert len(COVERED) >= 55
