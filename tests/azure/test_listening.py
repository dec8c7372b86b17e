"""Requests as they are told: every try, whose it is, with its ids and without secrets."""

from __future__ import annotations

from typing import Any

import pytest

from render import cases
from scripted_server import Reply, Script
from vmapps.azure.cloud import AzureCloud, open_azure
from vmapps.core.address import ArmId
from vmapps.engine.events import Event, Requested
from vmapps.errors import Unreachable

HOME = "11111111-1111-1111-1111-111111111111"
GALLERY = ArmId(HOME, "rg", ("galleries",), ("platform",))
FOUND = {"id": str(GALLERY), "name": "platform", "location": "westus"}


def heard(server: Script, *replies: Reply | None, step: Any = None) -> list[Requested]:
    """What is told of reading a gallery while the server answers this."""
    told: list[Event] = []
    server.says(*replies)
    with open_azure(server.url, home=HOME, run="run-1", listener=told.append) as cloud:
        asking: AzureCloud = cloud.on_behalf_of(step) if step else cloud
        if replies[-1] is None:
            with pytest.raises(Unreachable):
                asking.read(GALLERY)
        else:
            assert asking.read(GALLERY) is not None
    return [one for one in told if isinstance(one, Requested)]


def test_a_request_is_told_with_its_ids(server: Script) -> None:
    headers = {"x-ms-request-id": "r-1", "x-ms-correlation-request-id": "c-1"}
    [told] = heard(server, Reply(body=FOUND, headers=headers), step=cases.CREATE_GALLERY)
    assert (told.step, told.method, told.path, told.status) == (cases.CREATE_GALLERY, "GET", str(GALLERY), 200)
    assert (told.request_id, told.correlation_id) == ("r-1", "c-1")
    assert told.client_request_id == server.asked[0].headers["x-ms-client-request-id"] != ""
    assert server.asked[0].headers["x-ms-correlation-request-id"] == "run-1"
    assert told.took >= 0


def test_what_is_read_for_a_plan_belongs_to_no_step(server: Script) -> None:
    assert [one.step for one in heard(server, Reply(body=FOUND))] == [None]


def test_every_try_belongs_to_the_step(server: Script) -> None:
    told = heard(server, Reply(503), Reply(503), Reply(body=FOUND), step=cases.CREATE_GALLERY)
    assert [one.status for one in told] == [503, 503, 200]
    assert {one.step for one in told} == {cases.CREATE_GALLERY}
    assert len({one.client_request_id for one in told}) == 1


def test_a_request_without_an_answer_has_the_status_0(server: Script) -> None:
    assert {(one.status, one.request_id) for one in heard(server, None)} == {(0, "")}


def test_an_id_that_is_no_id_is_scrubbed(server: Script) -> None:
    secret = "https://x/y?sv=1&sig=C4N4RY"
    [told] = heard(server, Reply(body=FOUND, headers={"x-ms-request-id": secret}))
    assert told.request_id == "https://x/y"


def test_requests_are_counted_when_nobody_listens(server: Script) -> None:
    server.says(Reply(body=FOUND))
    with open_azure(server.url, home=HOME) as cloud:
        cloud.read(GALLERY)
        assert cloud.requests() == {"GET": 1}
    assert "x-ms-correlation-request-id" not in server.asked[0].headers
