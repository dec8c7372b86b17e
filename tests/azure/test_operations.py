"""Where to ask about a write, when, and what the answer means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from vmapps.azure.failures import Answer
from vmapps.azure.operations import progress, ticket, wait
from vmapps.engine.ports import Broken, Done, Running, Ticket
from vmapps.errors import Conflicted, Denied, Refused, Throttled

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ID, RESOURCE, POLL = "/subscriptions/s/x", "https://arm/subscriptions/s/x?api-version=1", "https://arm/operations/1"


def answer(status: int = 200, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "60"}, 60),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"retry-after-ms": "250", "Retry-After": "60"}, 0.25),
        ({"x-ms-retry-after-ms": "20", "retry-after-ms": "250"}, 0.02),
    ],
)
def test_the_services_wait_is_obeyed(headers: dict[str, str], seconds: float | None) -> None:
    assert wait(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (answer(201, Azure_AsyncOperation=POLL, Location="https://arm/l"), Ticket(ID, POLL, 4)),
        (answer(202, Location=POLL, Retry_After="60"), Ticket(ID, POLL, 60)),
        (answer(200, {"properties": {"provisioningState": "Updating"}}), Ticket(ID, RESOURCE, 4)),
        (answer(200, {"properties": {"provisioningState": "Failed"}}), Ticket(ID, RESOURCE, 4)),
        (answer(200, {"properties": {"provisioningState": "Succeeded"}}), Ticket(ID)),
        (answer(201, {"properties": {"supportedOSType": "Linux"}}), Ticket(ID)),
        (answer(204), Ticket(ID)),
        (answer(200, ["odd"]), Ticket(ID)),
    ],
)
def test_what_is_asked_next(accepted: Answer, expected: Ticket) -> None:
    assert ticket(accepted, ID, RESOURCE, NOW) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (answer(200, {"status": "InProgress"}), Running(4)),
        (answer(200, {"status": "Replicating"}, Retry_After="60"), Running(60)),
        (answer(202, {"status": "InProgress"}, x_ms_retry_after_ms="20"), Running(0.02)),
        (answer(202), Running(4)),
        (answer(200, {"status": "Succeeded"}), Done()),
        (answer(200, {"properties": {"provisioningState": "Updating"}}), Done()),
        (answer(200), Done()),
        (answer(204), Done()),
        (answer(404, {"error": {"code": "NotFound"}}), Done()),
    ],
)
def test_what_an_operation_says(said: Answer, expected: object) -> None:
    assert progress(said, Ticket(ID, POLL), RESOURCE, NOW) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [("Updating", Running(4)), ("Creating", Running(4)), ("Succeeded", Done())],
)
def test_a_resource_that_is_asked_itself(state: str, expected: object) -> None:
    said = answer(200, {"properties": {"provisioningState": state}})
    assert progress(said, Ticket(ID, RESOURCE), RESOURCE, NOW) == expected


@pytest.mark.parametrize("word", ["Failed", "Canceled", "Cancelled", "failed"])
def test_an_operation_that_failed_says_why_although_the_status_is_200(word: str) -> None:
    error = {"code": "Conflict", "message": "Busy at https://x/y?sig=CANARY"}
    said = progress(answer(200, {"status": word, "error": error}), Ticket(ID, POLL), RESOURCE, NOW)
    assert isinstance(said, Broken)
    assert type(said.failure) is Conflicted
    assert said.failure.message == "Busy at https://x/y"
    assert said.failure.hint
    assert "CANARY" not in str(said.failure)


def test_an_operation_that_failed_without_a_reason() -> None:
    said = progress(answer(200, {"status": "Canceled"}), Ticket(ID, POLL), RESOURCE, NOW)
    assert isinstance(said, Broken)
    assert type(said.failure) is Refused
    assert str(said.failure) == f"{ID}: Canceled: the operation ended as canceled and gave no reason"


@pytest.mark.parametrize(("status", "kind"), [(401, Denied), (429, Throttled)])
def test_a_question_that_is_refused_says_nothing_about_the_write(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        progress(answer(status), Ticket(ID, POLL), RESOURCE, NOW)
