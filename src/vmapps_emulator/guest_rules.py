"""Which scripts fail: rules set through the control plane, the first that matches decides; default success."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.guest_plan import REMOVE_FOR_UPDATE, Step


class GuestRule(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """How the scripts end that match machine (id or name), application, version and operation."""

    machine: str = "*"
    application: str = "*"
    version: str = "*"
    operation: Literal["*", "install", "update", "remove"] = "*"
    result: Literal["fail", "succeed", "reboot", "crash"] = "fail"
    exit_code: int = 1
    message: str | None = None
    times: int | None = None
    polls: int | None = None

    def matches(self, machine: str, step: Step) -> bool:
        """Whether this script is meant; names without regard to case."""
        if self.times == 0:
            return False
        operation = "remove" if step.operation == REMOVE_FOR_UPDATE else step.operation.lower()
        wanted = self.machine.lower()
        return (
            (fnmatchcase(machine, wanted) or fnmatchcase(machine.rpartition("/")[2], wanted))
            and fnmatchcase(step.entry.application.lower(), self.application.lower())
            and fnmatchcase(step.entry.version, self.version)
            and self.operation in ("*", operation)
        )


@dataclass(slots=True)
class GuestRules:
    """The rules in force."""

    rules: list[GuestRule] = field(default_factory=list)

    def replace(self, entries: Any) -> None:
        """Take new rules as JSON (a list, or ``{"rules": [...]}``) in place of the old."""
        wanted = entries.get("rules") if isinstance(entries, dict) else entries
        try:
            self.rules = msgspec.convert(wanted, list[GuestRule])
        except msgspec.ValidationError as error:
            raise ArmError(400, "InvalidGuestRule", str(error)) from None

    def add(self, rules: list[GuestRule]) -> None:
        """Take more rules, behind those in force."""
        self.rules.extend(rules)

    def outcome(self, machine: str, step: Step) -> int | str:
        """How one script ends on one machine: an exit code, ``reboot``, ``crash`` or what went wrong instead."""
        rule = self._rule(machine, step)
        if rule is None:
            return 0
        if rule.times is not None:
            rule.times -= 1
        if rule.result != "fail":
            return 0 if rule.result == "succeed" else rule.result
        return rule.message or rule.exit_code

    def duration(self, machine: str, step: Step) -> int | None:
        """How many polls one script takes, if a rule says it."""
        rule = self._rule(machine, step)
        return None if rule is None else rule.polls

    def _rule(self, machine: str, step: Step) -> GuestRule | None:
        return next((rule for rule in self.rules if rule.matches(machine, step)), None)
