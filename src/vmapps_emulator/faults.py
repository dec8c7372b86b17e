"""Trouble on request: refusals, cut connections and operations that fail, by rules that count down."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.operations import Failure, Finish
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response


class Cut(Exception):
    """The connection ends here, without an answer."""


class OperationFault(msgspec.Struct, forbid_unknown_fields=True):
    """How an operation is to end: Failed, with this error."""

    code: str
    message: str = "The operation was made to fail."


class Rule(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """One fault. It lets ``after`` matching requests pass, then bites ``times`` times (null: always).

    Exactly one of ``status`` (with code, message, body, retryAfter), ``drop`` and ``operation`` says what happens.
    """

    method: str = "*"
    path: str = "*"
    after: int = 0
    times: int | None = 1
    status: int | None = None
    code: str = "InternalServerError"
    message: str = "The emulator was asked to fail this request."
    body: Any = None
    retry_after: int | None = None
    drop: str | None = None
    operation: OperationFault | None = None

    def matches(self, request: Request) -> bool:
        """Method and path, both without regard to case; ``*`` in a path spans slashes."""
        if self.method not in ("*", request.method):
            return False
        return fnmatchcase(request.path.lower(), self.path.lower())

    def bites(self) -> bool:
        """Count one match; whether the fault happens now."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    @property
    def is_spent(self) -> bool:
        """Whether it will never bite again."""
        return self.times == 0

    def answer(self) -> Response:
        """The refusal."""
        body: Json = self.body if self.body is not None else ArmError(0, self.code, self.message).body()
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Response(self.status or 500, body, headers)


@dataclass(slots=True)
class Faults:
    """The rules in force, in order; the first that matches a request decides."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, entries: Any) -> None:
        """Take rules as JSON (a list, or ``{"rules": [...]}``)."""
        wanted = entries.get("rules") if isinstance(entries, dict) else entries
        try:
            rules = msgspec.convert(wanted, list[Rule])
        except msgspec.ValidationError as error:
            raise ArmError(400, "InvalidFault", str(error)) from None
        for rule in rules:
            _check(rule)
        self.rules.extend(rules)

    def for_request(self, request: Request) -> Rule | None:
        """The refusal or cut that this request meets, if any."""
        return self._next(request, lambda rule: rule.operation is None)

    def ending(self, request: Request, resource: Resource, finish: Finish) -> Finish:
        """The end of an operation that this request starts: its own, or a failure."""
        rule = self._next(request, lambda rule: rule.operation is not None)
        if rule is None or rule.operation is None:
            return finish
        failure = Failure(rule.operation.code, rule.operation.message)

        def fail() -> Failure:
            if "provisioningState" in resource.properties:
                resource.set_state("Failed")
            return failure

        return fail

    def _next(self, request: Request, wanted: Any) -> Rule | None:
        for rule in self.rules:
            if wanted(rule) and rule.matches(request) and rule.bites():
                self.rules = [kept for kept in self.rules if not kept.is_spent]
                return rule
        return None


def _check(rule: Rule) -> None:
    chosen = [rule.status is not None, rule.drop is not None, rule.operation is not None]
    if sum(chosen) != 1:
        raise ArmError(400, "InvalidFault", "A rule has exactly one of 'status', 'drop' and 'operation'.")
    if rule.drop not in (None, "before", "after"):
        raise ArmError(400, "InvalidFault", "'drop' is 'before' or 'after'.")
    if (rule.times is not None and rule.times < 1) or rule.after < 0:
        raise ArmError(400, "InvalidFault", "'times' counts from 1 (null: always), 'after' from 0.")
