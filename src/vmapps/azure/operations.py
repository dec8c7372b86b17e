"""Writes that go on after they were accepted: where to ask, when, and what the answer means [azure-facts 4.3]."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vmapps.azure.failures import GARBLED, Answer, Said, explained, failure
from vmapps.azure.waits import wait
from vmapps.engine.ports import Broken, Done, Progress, Running, Ticket
from vmapps.errors import CloudFailure

USUAL_WAIT = 4.0
"""Seconds between two questions when the service does not say: Compute allows 15 a minute [azure-facts 5.2]."""

GOOD, BAD = ("succeeded",), ("failed", "canceled", "cancelled")
"""The words an operation ends with; every other word means that it is still running."""


class _Properties(msgspec.Struct, rename="camel"):
    provisioning_state: str | None = None


class _Operation(msgspec.Struct):
    """The body of an Azure-AsyncOperation; a resource's own body has `properties` instead of `status`."""

    status: str | None = None
    error: Said | None = None
    properties: _Properties | None = None


_read = msgspec.json.Decoder(_Operation)


def ticket(answer: Answer, arm_id: str, resource_url: str, now: datetime) -> Ticket:
    """What to ask about a write that was accepted.

    In this order: Azure-AsyncOperation, Location, and when there is neither, the resource's own provisioningState
    (recordings hold such answers for machines). A resource without one, as an application, is done.
    """
    poll = answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location") or ""
    if not poll and _state(_body(answer)) not in ("", *GOOD):
        poll = resource_url
    if not poll:
        return Ticket(arm_id)
    asked = wait(answer.headers, now)
    return Ticket(arm_id, poll, USUAL_WAIT if asked is None else asked)


def progress(answer: Answer, asked: Ticket, resource_url: str, now: datetime) -> Progress:
    """What the answer to one question means; raises CloudFailure when it is no answer to it.

    An operation that is forgotten counts as done: whether the write succeeded is seen by reading.
    """
    if answer.status in (404, 410, 204):
        return Done()
    if answer.status >= 300:
        raise failure(answer, asked.id)
    body = _body(answer)
    ended = (body.status or "").lower()
    if not ended and asked.poll == resource_url:
        ended = _state(body)
    if ended in BAD:
        return Broken(_why(body, ended, asked.id, answer))
    if ended in GOOD or (not ended and answer.status != 202):
        return Done()
    seconds = wait(answer.headers, now)
    return Running(USUAL_WAIT if seconds is None else seconds)


def _body(answer: Answer) -> _Operation:
    """The body; an empty or foreign one says nothing."""
    try:
        return _read.decode(answer.body)
    except GARBLED:
        return _Operation()


def _state(body: _Operation) -> str:
    return ((body.properties and body.properties.provisioning_state) or "").lower()


def _why(body: _Operation, ended: str, scope: str, answer: Answer) -> CloudFailure:
    """The reason that a failed operation gives; HTTP 200 with Failed is a failure."""
    said = body.error or Said(code=ended.capitalize(), message=f"the operation ended as {ended} and gave no reason")
    return explained(said, scope, answer)
