"""One rule of trouble: which requests it means, when it bites, what it does."""

from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.operations import Failure, Finish
from vmapps_emulator.store import Resource
from vmapps_emulator.throttle import arm_refusal, compute_refusal
from vmapps_emulator.throttle_policies import allowances, policy_of
from vmapps_emulator.wire import Json, Request, Response


class OperationFault(msgspec.Struct, forbid_unknown_fields=True):
    """How an operation is to end: Failed with ``code`` and ``message``, or it vanishes.

    A vanished operation answers 404 from the poll after ``polls`` polls on; ``vanish`` says whether that is before
    or after it took effect.
    """

    code: str | None = None
    message: str = "The operation was made to fail."
    vanish: Literal["before", "after"] | None = None
    polls: int = 0

    def ending(self, resource: Resource, finish: Finish) -> Finish:
        """What takes the place of an operation's own end."""
        if self.vanish == "after":
            return finish
        failure = Failure(self.code or "OperationNotFound", self.message)

        def fail() -> Failure:
            if "provisioningState" in resource.properties:
                resource.set_state("Failed")
            return failure

        return fail


class ForeignWrite(msgspec.Struct, forbid_unknown_fields=True):
    """What another client writes right before the request that is served: a body, or one more entry of a profile."""

    method: Literal["PUT", "PATCH", "DELETE"] = "PATCH"
    path: str | None = None
    body: Json | None = None
    entry: Json | None = None


class Rule(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """One fault. It lets ``after`` matching requests pass, then bites ``times`` times (null: always).

    Exactly one of these says what happens.

    ``status`` (with code, message, body, retryAfter): this refusal. ``throttle``: 429 in the words of Compute
    (true: of the policy that counts the request; a text: of that policy) or of ARM (``"arm"``). ``token``: 401 for an
    expired token. ``drop``: the connection ends before or after the effect. ``operation``: the operation that the
    request starts fails or vanishes. ``lag``: so many lists of the resource's collection still show the state before
    this write. ``write``: another client writes first. ``skew``: the ``Date`` is off by so many seconds.
    ``latency``: so many milliseconds of delay.
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
    throttle: bool | str = False
    token: Literal["expired"] | None = None
    drop: Literal["before", "after"] | None = None
    operation: OperationFault | None = None
    lag: int = 0
    write: ForeignWrite | None = None
    skew: int = 0
    latency: int = 0

    @property
    def is_answer(self) -> bool:
        """Whether it decides what the caller sees in place of an answer."""
        return self.status is not None or bool(self.throttle or self.token or self.drop)

    def matches(self, request: Request) -> bool:
        """Method and path, both without regard to case; ``*`` in a path spans slashes."""
        if self.method.upper() not in ("*", request.method):
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

    def answer(self, request: Request) -> Response:
        """The refusal."""
        if self.token:
            return _expired()
        if self.throttle:
            return self._throttled(request)
        body: Json = self.body if self.body is not None else ArmError(0, self.code, self.message).body()
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Response(self.status or 500, body, headers)

    def check(self) -> None:
        """Refuse a rule that says nothing, or more than one thing."""
        chosen = (self.status is not None, self.throttle, self.token, self.drop, self.operation)
        around = (self.lag, self.write, self.skew, self.latency)
        if sum(map(bool, chosen + around)) != 1:
            text = "'status', 'throttle', 'token', 'drop', 'operation', 'lag', 'write', 'skew' and 'latency'"
            raise ArmError(400, "InvalidFault", f"A rule has exactly one of {text}.")
        if (self.times is not None and self.times < 1) or self.after < 0:
            raise ArmError(400, "InvalidFault", "'times' counts from 1 (null: always), 'after' from 0.")
        if min(self.lag, self.latency, self.retry_after or 0) < 0:
            raise ArmError(400, "InvalidFault", "'lag', 'latency' and 'retryAfter' are not negative.")
        if self.operation and (self.operation.code is None) == (self.operation.vanish is None):
            raise ArmError(400, "InvalidFault", "An operation has either a 'code' to fail with or 'vanish'.")
        if self.write and self.write.method != "DELETE" and (self.write.body is None) == (self.write.entry is None):
            raise ArmError(400, "InvalidFault", "A foreign write has either a 'body' or an 'entry'.")

    def _throttled(self, request: Request) -> Response:
        wait = 1 if self.retry_after is None else self.retry_after
        counted = policy_of(request.method, request.target) if self.throttle is True else None
        if self.throttle == "arm" or (self.throttle is True and counted is None):
            return arm_refusal(request, wait)
        if counted is None:
            return compute_refusal(str(self.throttle), 800, wait)
        first = allowances(counted)[0]
        return compute_refusal(first.name, first.size, wait)


def _expired() -> Response:
    """401 as ARM words it (azure-facts 4.6 has the code; guess: the sentence and the challenge)."""
    text = "The access token expiry UTC time '1/1/2024 12:00:00 AM' is earlier than current UTC time "
    text += "'1/1/2024 12:05:00 AM'."
    challenge = 'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token", '
    challenge += 'error_description="The access token has expired."'
    return Response(401, ArmError(401, "ExpiredAuthenticationToken", text).body(), {"WWW-Authenticate": challenge})
