"""The guest's application manager, simulated: scripts are not run, their outcomes are given (guest-agent.md 3, 4)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from vmapps_emulator.guest_plan import (
    CLEANUP,
    FAILED,
    INSTALL,
    NO_ACTION,
    NUMBERS,
    REMOVE,
    SKIPPED,
    UPDATE,
    Entry,
    Goal,
    Plan,
    Step,
    make_plan,
)
from vmapps_emulator.guest_rules import GuestRules
from vmapps_emulator.wire import Json

_MOST_REBOOTS = 3

Outcome = str | Literal[0]
"""How a script ends: 0, or its error text, or one of the two words below."""
REBOOT, CRASH = "reboot", "crash"

Script = Callable[[Step], Outcome]


class Ended(Exception):
    """The manager's process ended in the middle of a script."""


@dataclass(frozen=True, slots=True)
class Report:
    """One enable's status: what the agent passes on to the instance view."""

    is_success: bool
    message: str


@dataclass(slots=True)
class Guest:
    """The manager on one machine: its registry, and the status that it last wrote."""

    registry: dict[str, Entry] = field(default_factory=dict)
    report: Report | None = None
    data_folder: str = "/var/lib/waagent/Microsoft.CPlat.Core.VMApplicationManagerLinux"

    def enable(self, goals: list[Goal], script: Script) -> Report | None:
        """One run: None when the process ended (reboot, crash) before it wrote a status."""
        run = _Run(self, script)
        try:
            run.execute(make_plan(self.registry, goals))
        except Ended:
            return None
        self.report = run.report()
        return self.report


@dataclass(slots=True)
class Guests:
    """The guests of all machines by the machine's id in lower case, and the outcomes asked for."""

    rules: GuestRules = field(default_factory=GuestRules)
    by_machine: dict[str, Guest] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def of(self, machine: str) -> Guest:
        """A machine's guest, new at the first call."""
        return self.by_machine.setdefault(machine, Guest())

    def forget(self, machine: str) -> None:
        """The machine is gone."""
        self.by_machine.pop(machine, None)
        self.stopped.discard(machine)


class _Run:
    """The state of one enable."""

    def __init__(self, guest: Guest, script: Script) -> None:
        self.guest = guest
        self.script = script
        self.performed: list[Json] = []
        self.errors: list[str] = []
        self.flagged: list[str] = []

    def execute(self, plan: Plan) -> None:
        """Removals, orders ascending until one fails, the rest always."""
        for step in plan.removals:
            self._perform(step)
        has_failed = False
        for group in plan.ordered:
            if has_failed:
                self._skip(group)
            else:
                outcomes = [self._perform_all(steps) for steps in group]
                has_failed = not all(outcomes)
        for steps in plan.unordered:
            self._perform_all(steps)

    def report(self) -> Report:
        """The status: error only when a flagged install or update failed in this run (4.4)."""
        state = [
            {"applicationName": entry.application, "version": entry.version, "result": entry.result}
            for _, entry in sorted(self.guest.registry.items())
        ]
        errors = ""
        if self.flagged:
            names = "".join(f"{name}\n" for name in self.flagged)
            errors = "Install/Update failed for VMApps with 'TreatFailureAsDeploymentFailure' set to true:\n"
            errors += f"{names}Additional errors: {': '.join(reversed(self.errors))}\n"
        body = {"CurrentState": state, "ActionsPerformed": self.performed, "Errors": errors}
        word = "failed" if self.flagged else "succeeded"
        return Report(not self.flagged, f"Enable {word}: {_go_json(body)}")

    def _perform_all(self, steps: list[Step]) -> bool:
        return all(self._perform(step) for step in steps)

    def _skip(self, group: list[list[Step]]) -> None:
        for first, *_ in group:
            first.entry.operation = SKIPPED
            first.entry.result = "skipped, lower order operation failed"
            self.guest.registry[first.entry.application] = first.entry
            self._note(first, first.operation, "Skipped, lower order operation failed")

    def _perform(self, step: Step) -> bool:
        """One operation: the registry names it before it runs and its result after it (2.2, 3.3)."""
        entry, operation = step.entry, step.operation
        if operation == CLEANUP:
            self.guest.registry.pop(entry.application, None)
            self._note(step, operation, "SUCCESS")
            return True
        entry.operation = operation
        self.guest.registry[entry.application] = entry
        error = self._run(step)
        entry.operation = FAILED if error else NO_ACTION
        entry.result = f"{operation} FAILED {error}" if error else f"{operation} SUCCESS"
        if operation == REMOVE:
            self.guest.registry.pop(entry.application, None)
        self._note(step, operation, error or "SUCCESS")
        if error:
            self._fail(step, error)
        return not error

    def _run(self, step: Step) -> str:
        """The error text of an operation, empty when it went well."""
        entry, operation = step.entry, step.operation
        if entry.reboots == _MOST_REBOOTS:
            entry.reboots = 0
            text = f"The {operation} operation on application {entry.application} has resulted in 3 reboots. "
            return f"{text}Cannot complete command."
        if operation not in entry.commands:
            return f"Unexpected Action to perform encountered {NUMBERS[operation]}"
        folder = f"{self.guest.data_folder}/{entry.application}/{entry.version}"
        outcome = self.script(step)
        if outcome == CRASH:
            raise Ended
        entry.folder = folder
        if outcome == REBOOT:
            self._reboot(step)
        entry.reboots = 0
        return str(outcome) if outcome else ""

    def _reboot(self, step: Step) -> None:
        entry = step.entry
        what = "Rerun operation after reboot." if entry.reruns else "No further action taken."
        entry.result = f"Reboot detected during '{step.operation}' operation. {what}"
        if entry.reruns:
            entry.reboots += 1
        else:
            entry.operation = NO_ACTION
        raise Ended

    def _fail(self, step: Step, error: str) -> None:
        self.errors.append(error)
        if step.is_flagged and step.operation in (INSTALL, UPDATE):
            self.flagged.append(step.entry.application)

    def _note(self, step: Step, operation: str, result: str) -> None:
        self.performed.append(
            {
                "package": step.entry.application,
                "version": step.entry.version,
                "operation": operation,
                "result": result,
                "treatFailureAsDeploymentFailure": step.is_flagged,
                "timestamp": "",
            }
        )


def _go_json(body: Json) -> str:
    """JSON as Go writes it with an indent of one space."""
    text = json.dumps(body, indent=1, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
