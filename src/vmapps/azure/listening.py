"""Every request to Azure Resource Manager is counted, and told to whoever listens; so is every try of one."""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vmapps.azure.failures import scrubbed
from vmapps.engine.events import Observer, Requested, nobody

if TYPE_CHECKING:
    from azure.core.pipeline.policies import HTTPPolicy

REQUEST, CLIENT, CORRELATION = "x-ms-request-id", "x-ms-client-request-id", "x-ms-correlation-request-id"
STEP = "step"
"""The option of a request, and the place in its context, that say whose it is."""


class Tally:
    """How many requests left this process, by method; retries count."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, method: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[method] += 1

    def counts(self) -> dict[str, int]:
        """Method -> how many."""
        with self._lock:
            return dict(self._counts)


def listening(tally: Tally, listener: Observer) -> HTTPPolicy[Any, Any]:
    """The policy that counts and tells; its place is below the retries, so that it sees every try."""
    from azure.core.pipeline.policies import HTTPPolicy

    class Listening(HTTPPolicy[Any, Any]):
        def send(self, request: Any) -> Any:
            # the option is taken away before the transport sees it; a second try finds it in the context
            request.context[STEP] = request.context.options.pop(STEP, None) or request.context.get(STEP)
            tally.add(request.http_request.method)
            if listener is nobody:
                return self.next.send(request)
            began, answer = time.monotonic(), None
            try:
                answer = self.next.send(request)
                return answer
            finally:
                listener(_told(request, answer, time.monotonic() - began))

    return Listening()


def _told(request: Any, answer: Any, took: float) -> Requested:
    """What may be said about a request: its path without the query, which may hold a signature, and the ids."""
    asked = request.http_request
    headers = answer.http_response.headers if answer else {}
    return Requested(
        step=request.context[STEP],
        method=asked.method,
        path=scrubbed(urlsplit(asked.url).path),
        status=answer.http_response.status_code if answer else 0,
        took=took,
        request_id=scrubbed(headers.get(REQUEST) or ""),
        client_request_id=asked.headers.get(CLIENT) or "",
        correlation_id=scrubbed(headers.get(CORRELATION) or ""),
    )
