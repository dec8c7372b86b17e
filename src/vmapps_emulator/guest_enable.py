"""One enable of the manager: the plan carried out, step by step (guest-agent.md 3.2 to 3.9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vmapps_emulator import guest_texts
from vmapps_emulator.guest_plan import (
    CLEANUP,
    FAILED,
    INSTALL,
    NO_ACTION,
    NUMBERS,
    REMOVE,
    SKIPPED,
    UPDATE,
    Action,
    Entry,
    Goal,
    Plan,
    Step,
)
from vmapps_emulator.wire import Json

_MOST_REBOOTS = 3

REBOOT, CRASH, NOT_STARTED = "reboot", "crash", "not started"
Outcome = int | str
"""How a script ends: its exit code, ``reboot``, ``crash``, or what went wrong instead."""

Script = Callable[[Step], Outcome]


class Ended(Exception):
    """The manager's process ended in the middle of a script; the message is how."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong around the manager: the host's last HTTP status by application, unreadable input."""

    metadata: Mapping[str, int] = field(default_factory=dict)
    downloads: Mapping[tuple[str, str], int] = field(default_factory=dict)
    settings: str | None = None
    registry: str | None = None


@dataclass(slots=True)
class Touch:
    """What one operation did to the machine; ``command`` is None when no script was started."""

    operation: str
    application: str
    version: str
    command: str | None = None
    folder: str = ""
    downloads: list[str] = field(default_factory=list)
    ending: Outcome | None = None
    deleted: str = ""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Enable:
    """The state of one enable; ``registry`` is the machine's own and changes as it goes."""

    registry: dict[str, Entry]
    tick: int
    script: Script
    trouble: Trouble
    data_folder: str
    performed: list[Json] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)

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

    def act(self, goals: list[Goal]) -> None:
        """Custom actions newer than the stored tick, by their ticks across applications, until one fails (3.9)."""
        wanted = [
            (action, self.registry[goal.application])
            for goal in goals
            if goal.application in self.registry
            for action in goal.actions
            if action.tick > self.tick
        ]
        for action, entry in sorted(wanted, key=lambda pair: pair[0].tick):
            ending = self._act(action, entry)
            self.tick = action.tick
            if ending != 0:
                return
            self._note(Step(action.name, entry), "SUCCESS", action.timestamp)

    def message(self) -> str:
        """The status of a run that came to its end (4.2)."""
        state = [
            {"applicationName": entry.application, "version": entry.version, "result": entry.result}
            for _, entry in sorted(self.registry.items())
        ]
        errors = guest_texts.flagged_errors(self.flagged, self.errors)
        body = {"CurrentState": state, "ActionsPerformed": self.performed, "Errors": errors}
        return f"Enable {'failed' if self.flagged else 'succeeded'}: {guest_texts.go_json(body)}"

    def _perform_all(self, steps: list[Step]) -> bool:
        return all(self._perform(step) for step in steps)

    def _skip(self, group: list[list[Step]]) -> None:
        for first, *_ in group:
            first.entry.operation = SKIPPED
            first.entry.result = guest_texts.SKIPPED_RESULT
            self.registry[first.entry.application] = first.entry
            self._note(first, guest_texts.SKIPPED_ACTION)

    def _perform(self, step: Step) -> bool:
        """One operation: the registry names it before it runs and its result after it (2.2, 3.3)."""
        entry, operation = step.entry, step.operation
        touch = Touch(operation, entry.application, entry.version)
        self.touches.append(touch)
        if operation == CLEANUP:
            self.registry.pop(entry.application, None)
            self._note(step, "SUCCESS")
            return True
        entry.operation = operation
        self.registry[entry.application] = entry
        error = self._run(step, touch)
        entry.operation = FAILED if error else NO_ACTION
        entry.result = f"{operation} FAILED {error}" if error else f"{operation} SUCCESS"
        if operation == REMOVE:
            self.registry.pop(entry.application, None)
            touch.deleted = self._folder(entry)
        self._note(step, error or "SUCCESS")
        if error:
            self._fail(step, error)
        return not error

    def _run(self, step: Step, touch: Touch) -> str:
        """The error text of an operation, empty when it went well; newer errors stand before older ones."""
        entry, operation = step.entry, step.operation
        if entry.reboots == _MOST_REBOOTS:
            entry.reboots = 0
            return guest_texts.reboot_limit(operation, entry.application)
        if operation not in entry.commands:
            return f"Unexpected Action to perform encountered {NUMBERS[operation]}"
        touch.folder, touch.command = self._folder(entry), step.command
        errors = self._download(entry, touch) if operation != REMOVE else []
        ending = touch.ending = self.script(step)
        if ending == CRASH:
            raise Ended(CRASH)
        entry.folder = touch.folder
        if ending == REBOOT:
            self._reboot(step)
        entry.reboots = 0
        if ending != 0:
            errors.append(guest_texts.command_error(step.command, ending))
        return ": ".join(reversed(errors))

    def _folder(self, entry: Entry) -> str:
        return f"{self.data_folder}/{entry.application}/{entry.version}"

    def _download(self, entry: Entry, touch: Touch) -> list[str]:
        """The errors of the downloads; the script runs whatever they say (3.3)."""
        errors = []
        for kind, name in entry.files:
            path = f"{touch.folder}/{name}"
            touch.downloads.append(path)
            status = self.trouble.downloads.get((kind, entry.application))
            if status is not None:
                errors.append(guest_texts.download_error(kind, path, status))
        return errors

    def _reboot(self, step: Step) -> None:
        entry = step.entry
        entry.result = guest_texts.reboot_result(step.operation, entry.reruns)
        if entry.reruns:
            entry.reboots += 1
        else:
            entry.operation = NO_ACTION
        raise Ended(REBOOT)

    def _act(self, action: Action, entry: Entry) -> Outcome:
        """One action's script; an application without a folder has nowhere to start it."""
        touch = Touch(f"CustomAction:{action.name}", entry.application, entry.version, action.script, entry.folder)
        touch.environment = action.environment
        self.touches.append(touch)
        step = Step(action.name, entry, script=action.script)
        touch.ending = self.script(step) if entry.folder else NOT_STARTED
        if touch.ending in (REBOOT, CRASH):
            raise Ended(str(touch.ending))
        return touch.ending

    def _fail(self, step: Step, error: str) -> None:
        self.errors.append(error)
        if step.is_flagged and step.operation in (INSTALL, UPDATE):
            self.flagged.append(step.entry.application)

    def _note(self, step: Step, result: str, timestamp: str = "") -> None:
        self.performed.append(
            {
                "package": step.entry.application,
                "version": step.entry.version,
                "operation": step.operation,
                "result": result,
                "treatFailureAsDeploymentFailure": step.is_flagged,
                "timestamp": timestamp,
            }
        )
