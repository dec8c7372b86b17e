"""Spans of a run and of its steps, in this process; a whole run in a process of its own is in tests/end_to_end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.core.settings import settings
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from render import cases
from scripted_server import Reply, Script
from vmapps.azure import tracing
from vmapps.azure.arm import Means
from vmapps.azure.cloud import open_azure
from vmapps.core.address import ArmId
from vmapps.core.outcome import Abandoned, Applied, Failed, Outcome, Skipped, Stale
from vmapps.core.settle import Remove
from vmapps.engine.events import Finished, Started, Stopping
from vmapps.errors import Refused, Unreachable

HOME = "11111111-1111-1111-1111-111111111111"
GALLERY = ArmId(HOME, "rg", ("galleries",), ("platform",))
STEP = cases.CREATE_GALLERY
EXPORTER = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def provider() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)


@pytest.fixture
def wanted() -> Iterator[None]:
    EXPORTER.clear()
    settings.tracing_enabled = True
    yield
    settings.tracing_enabled.unset_value()


def found() -> dict[str, ReadableSpan]:
    return {span.name: span for span in EXPORTER.get_finished_spans()}


def test_nobody_wants_them() -> None:
    assert tracing.spans("apply", "r") is None
    assert tracing.tracing() == ()


@pytest.mark.usefixtures("wanted")
def test_without_the_api_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azure.core.instrumentation.get_tracer", lambda **_: None)
    assert tracing.spans("apply", "r") is None


@pytest.mark.usefixtures("wanted")
@pytest.mark.parametrize(
    ("outcome", "ok", "code"),
    [
        (Applied(), True, None),
        (Failed(Refused("secret", scope="", code="Conflict", request_id="r-1")), False, "Conflict"),
        (Failed(Unreachable("secret", scope="")), False, "Unreachable"),
        (Skipped("x#1"), False, None),
        (Stale("secret"), False, None),
        (Abandoned(in_flight=False), False, None),
    ],
)
def test_a_step_s_span_says_how_it_ended(outcome: Outcome, ok: bool, code: str | None) -> None:
    spans = tracing.spans("apply", "run-1")
    assert spans is not None
    for event in (Started(STEP), Stopping(), Finished(STEP, outcome, 1.0), Finished(cases.UPLOAD, outcome, 1.0)):
        spans(event)
    spans.end(0 if ok else 3)
    step, run = found()["create"], found()["vmapps apply"]
    assert step.parent is not None
    assert step.parent.span_id == run.context.span_id
    assert step.attributes is not None
    assert step.attributes["vmapps.address"] == "Gallery/platform"
    assert step.attributes.get("error.type") == code
    assert (step.status.is_ok, run.status.is_ok) == (ok, ok)
    assert "secret" not in step.to_json() + run.to_json()


@pytest.mark.usefixtures("wanted")
def test_requests_stand_within_their_step_or_within_the_run(server: Script) -> None:
    spans = tracing.spans("apply", "run-1")
    assert spans is not None
    spans(Started(STEP))
    server.says(Reply(404))
    with open_azure(server.url, home=HOME, means=Means(spans=spans)) as cloud:
        assert cloud.read(GALLERY) is None
        cloud.on_behalf_of(STEP).begin(Remove(GALLERY))
    spans.end(130)
    parents = {name: span.parent.span_id for name, span in found().items() if span.parent}
    assert parents["GET"] == found()["vmapps apply"].context.span_id
    assert parents["DELETE"] == found()["create"].context.span_id
    assert "traceparent" in {name.lower() for name in server.asked[0].headers}


@pytest.mark.usefixtures("wanted")
def test_a_lost_connection_quotes_no_query() -> None:
    with open_azure("http://127.0.0.1:9", home=HOME) as cloud, pytest.raises(Unreachable):
        cloud.read(GALLERY)
    span = found()["GET"]
    assert span.status.description == "ServiceRequestError: no answer"
    assert "refused" not in span.to_json()
