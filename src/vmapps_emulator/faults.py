"""Trouble on request: the rules in force, and the trouble that comes by chance, the same for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.fault_rules import ForeignWrite, OperationFault, Rule
from vmapps_emulator.guest_rules import GuestRule
from vmapps_emulator.wire import Request

_GUEST_FIELDS = ("machine", "application", "version", "result")
_CHANCES: tuple[tuple[float, Callable[[], Rule]], ...] = (
    (0.04, lambda: Rule(throttle=True)),
    (0.02, lambda: Rule(status=503, code="ServiceUnavailable", retry_after=1)),
    (0.02, lambda: Rule(status=500)),
    (0.01, lambda: Rule(drop="before")),
    (0.01, lambda: Rule(drop="after")),
)


class Cut(Exception):
    """The connection ends here, without an answer."""


@dataclass(slots=True)
class Met:
    """What one request meets: what happens around it, and what it gets in place of an answer."""

    answer: Rule | None = None
    writes: list[ForeignWrite] = field(default_factory=list)
    lag: int = 0
    latency: int = 0
    skew: int = 0

    def take(self, rule: Rule) -> None:
        """Add what a rule does."""
        if rule.is_answer:
            self.answer = rule
        if rule.write is not None:
            self.writes.append(rule.write)
        self.lag += rule.lag
        self.latency += rule.latency
        self.skew += rule.skew


@dataclass(slots=True)
class Faults:
    """The rules in force, in order; the first that refuses or cuts a request decides."""

    rules: list[Rule] = field(default_factory=list)
    chance: Random | None = None

    def add(self, entries: Any) -> list[GuestRule]:
        """Take rules as JSON (a list, or ``{"rules": [...]}``); those for scripts in the guest are handed back."""
        wanted = entries.get("rules") if isinstance(entries, dict) else entries
        if not isinstance(wanted, list):
            raise ArmError(400, "InvalidFault", "Expected a list of rules, or an object with 'rules'.")
        is_guest = [isinstance(item, dict) and any(name in item for name in _GUEST_FIELDS) for item in wanted]
        try:
            rules = msgspec.convert(
                [item for item, is_it in zip(wanted, is_guest, strict=True) if not is_it], list[Rule]
            )
            guest = msgspec.convert(
                [item for item, is_it in zip(wanted, is_guest, strict=True) if is_it], list[GuestRule]
            )
        except msgspec.ValidationError as error:
            raise ArmError(400, "InvalidFault", str(error)) from None
        for rule in rules:
            rule.check()
        self.rules.extend(rules)
        return guest

    def meet(self, request: Request) -> Met:
        """What this request meets; every rule that bites is counted."""
        met = Met()
        for rule in self.rules:
            is_decided = rule.is_answer and met.answer is not None
            if rule.operation is None and not is_decided and rule.matches(request) and rule.bites():
                met.take(rule)
        self._forget_spent()
        if met.answer is None:
            met.answer = self._by_chance()
        return met

    def for_operation(self, request: Request) -> OperationFault | None:
        """How the operation that this request starts is to end, if a rule says so."""
        for rule in self.rules:
            if rule.operation is not None and rule.matches(request) and rule.bites():
                self._forget_spent()
                return rule.operation
        return None

    def _forget_spent(self) -> None:
        if any(rule.is_spent for rule in self.rules):
            self.rules = [rule for rule in self.rules if not rule.is_spent]

    def _by_chance(self) -> Rule | None:
        if self.chance is None:
            return None
        drawn = self.chance.random()
        for share, make in _CHANCES:
            if drawn < share:
                return make()
            drawn -= share
        return None
