"""OpenTelemetry, where the SDK's tracing is switched on: a span for the run, one for each step, and those of requests.

Switched on means what it means for the SDK: AZURE_TRACING_ENABLED, or AZURE_SDK_TRACING_IMPLEMENTATION and its plug-in.
Where spans go is the business of whoever starts vmapps (`opentelemetry-instrument vmapps apply`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vmapps import __version__
from vmapps.core.outcome import Abandoned, Failed, Outcome, Skipped, Stale
from vmapps.core.plan import Step
from vmapps.engine.events import Event, Finished, Started

if TYPE_CHECKING:
    from azure.core.pipeline.policies import DistributedTracingPolicy
    from azure.core.tracing.opentelemetry import OpenTelemetryTracer
    from opentelemetry.trace import Span

FLUSH = 500
"""Milliseconds that spans have to leave in when a run ends: an interrupted process does not wait for them later."""


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of a run. It listens to the run's events; requests stand `within` their step's, or within the run's."""

    tracer: OpenTelemetryTracer
    run: Span
    steps: dict[str, Span] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Begin and end the spans of steps."""
        match event:
            case Started(step):
                with self.within(None):
                    told = {"vmapps.step": step.id, "vmapps.address": str(step.address), "vmapps.action": step.verb}
                    self.steps[step.id] = self.tracer.start_span(step.verb, attributes=told)
            case Finished(step, outcome) if step.id in self.steps:
                span = self.steps.pop(step.id)
                self._conclude(span, outcome)
                span.end()
            case _:
                pass

    @contextmanager
    def within(self, step: Step | None) -> Iterator[None]:
        """What happens now in this thread belongs to a step, or to none in particular."""
        span = self.steps.get(step.id, self.run) if step else self.run
        with self.tracer.use_span(span, end_on_exit=False):
            yield

    def end(self, exit_code: int) -> None:
        """The run is over, and so is every step that nobody waits for any more."""
        from opentelemetry import trace

        for span in self.steps.values():
            span.end()
        self.run.set_attribute("vmapps.exit_code", exit_code)
        if exit_code:
            self.tracer.set_span_error_status(self.run)
        self.run.end()
        if callable(flush := getattr(trace.get_tracer_provider(), "force_flush", None)):
            flush(FLUSH)

    def _conclude(self, span: Span, outcome: Outcome) -> None:
        """How a step ended; of a failure only its code and Azure's id: texts may quote anything."""
        span.set_attribute("vmapps.outcome", type(outcome).__name__.lower())
        if isinstance(outcome, Failed):
            span.set_attribute("error.type", outcome.failure.code or type(outcome.failure).__name__)
            span.set_attribute("az.service_request_id", outcome.failure.request_id)
        if isinstance(outcome, Failed | Skipped | Stale | Abandoned):
            self.tracer.set_span_error_status(span)


def is_wanted() -> bool:
    """Whether the SDK's tracing is switched on."""
    from azure.core.settings import settings

    return bool(settings.tracing_enabled())


def spans(command: str, run: str) -> Spans | None:
    """The spans of a run that begins; None when nobody wants them, or opentelemetry-api is not there to make them."""
    from azure.core.instrumentation import get_tracer

    tracer = get_tracer(library_name="vmapps", library_version=__version__) if is_wanted() else None
    if tracer is None:
        return None
    return Spans(tracer, tracer.start_span(f"vmapps {command}", attributes={"vmapps.run": run}))


def tracing() -> tuple[DistributedTracingPolicy[Any, Any], ...]:
    """The policy that makes a span of every request, if that is wanted: the SDK's own, without the texts of errors.

    The text of a lost connection quotes the URL with its query, and that of an operation's URL is a signature.
    """
    if not is_wanted():
        return ()
    from azure.core.exceptions import ServiceRequestError
    from azure.core.pipeline.policies import DistributedTracingPolicy

    class Tracing(DistributedTracingPolicy[Any, Any]):
        def on_exception(self, request: Any) -> None:
            with suppress(ServiceRequestError):
                try:
                    raise ServiceRequestError("no answer") from None
                finally:
                    super().on_exception(request)

    return (Tracing(),)
