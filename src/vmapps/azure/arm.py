"""One request to Azure Resource Manager, and what came back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from vmapps.azure.clients import compute_client
from vmapps.azure.clouds import CLOUDS, checked, origin
from vmapps.azure.failures import Answer, failure, spoken
from vmapps.azure.listening import Tally
from vmapps.azure.policies import asked
from vmapps.azure.throttle import Held, Sent, Throttle
from vmapps.azure.tracing import Spans
from vmapps.azure.waits import wait
from vmapps.core.address import ArmId
from vmapps.core.plan import Step
from vmapps.core.resource import without_secrets
from vmapps.engine.events import Observer, nobody
from vmapps.errors import CloudFailure, Refused, Throttled

if TYPE_CHECKING:
    from azure.mgmt.compute import ComputeManagementClient

NOWHERE = ("subscriptionnotfound", "invalidsubscriptionid")
"""404s that say more than 'it is not there': they are never read as an absence."""


FOLLOWING = 5.0
"""Seconds that the second and later requests of one question wait where they are: begun again, it would cost more."""


def untold(_held: Held) -> None:
    """Nobody wants to know of waits."""


@dataclass(frozen=True, slots=True)
class Means:
    """What an endpoint is asked with: the buckets, how to wait, who is told of a wait of the asking thread, and the
    trace that requests are part of.
    """

    throttle: Throttle = field(default_factory=Throttle)
    pause: Callable[[float], None] = time.sleep
    told: Callable[[Held], None] = untold
    spans: Spans | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """An endpoint and the client that speaks to it. `versions` are the api-versions by family, `step` is whose work it
    does.

    A request for which Azure has no room waits up to `patience` seconds; it is Throttled when that is too short.
    """

    endpoint: str
    client: ComputeManagementClient
    tally: Tally
    versions: Mapping[str, str]
    step: Step | None = None
    means: Means = field(default_factory=Means)
    patience: float = inf

    def impatient(self) -> Arm:
        """The same endpoint for callers who come back themselves: no request waits where it is."""
        return replace(self, patience=0.0)

    def located(self, arm_id: ArmId, location: str) -> None:
        """Remember where a resource is: Compute counts by region [azure-facts 5.2]."""
        self.means.throttle.located(arm_id.key, location)

    def room(self, method: str, url: str) -> float:
        """How many such requests could be sent now."""
        return self.means.throttle.room(asked(method, urlsplit(url).path))

    def url(self, path: str, family: str, query: str = "") -> str:
        """The whole URL of a path, in the family's api-version; `query` asks for more than usual."""
        more = f"&{query}" if query else ""
        return f"{self.endpoint}{quote(path, safe='/()')}?api-version={self.versions[family]}{more}"

    def ask(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        follows: bool = False,
    ) -> Answer:
        """Send one request, as soon as Azure has room for it; a 429 is sent again when Azure said.

        Raises CloudFailure when there is no answer, or the URL is not the endpoint's own; Throttled, when the wait is
        longer than our patience. `follows`: it is not the first request of one question.
        """
        if not self.owns(url):
            raise Refused(
                "Azure named an address at another host; it was not asked",
                scope=without_secrets(url),
                hint=f"only {self.endpoint} gets a token",
            )
        path = urlsplit(url).path
        key, request = f"{method} {url}", asked(method, path)
        patience = max(self.patience, FOLLOWING) if follows else self.patience
        while True:
            turn = self.means.throttle.admit(key, request)
            if isinstance(turn, Sent):
                try:
                    answer = self._send(method, url, body, headers or {})
                except BaseException:
                    self.means.throttle.unheard(turn)
                    raise
                refused = self.means.throttle.heard(turn, answer) or _postponed(answer)
                if refused is None:
                    return answer
                self._wait(refused, patience, path, answer)
            else:
                self._wait(turn, patience, path)

    def _wait(self, held: Held, patience: float, path: str, answer: Answer | None = None) -> None:
        """Wait, or raise Throttled with when to come back."""
        if held.wait > patience:
            said = failure(answer, path).message if answer else f"there is no room: {held.bucket} is used up"
            late = Throttled(said, scope=path, status=answer.status if answer else 0)
            late.wait, late.sure, late.bucket = held.look_in, held.wait, held.bucket
            late.refused, late.again = held.refused, held.again
            raise late
        if not held.again:
            self.means.told(held)
        self.means.pause(held.look_in)

    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        from azure.core.rest import HttpRequest

        whole = {"Accept": "application/json", **headers}
        if body:
            whole["Content-Type"] = "application/json"
        # the SDK takes braces in a URL for names of its own
        request = HttpRequest(method, url.replace("{", "%7B").replace("}", "%7D"), headers=whole, content=body or None)
        with spoken(without_secrets(url), self.endpoint), self.within():
            response = self.client.send_request(request, step=self.step)
            return Answer(response.status_code, response.headers, response.content)

    def within(self) -> AbstractContextManager[None]:
        """What happens now is part of the step's trace."""
        return self.means.spans.within(self.step) if self.means.spans else nullcontext()

    def owns(self, url: str) -> bool:
        """Whether the URL is at the endpoint's own scheme, host and port: nothing else gets a token."""
        try:
            return origin(url) == origin(self.endpoint)
        except ValueError:
            return False

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()


def _postponed(answer: Answer) -> Held | None:
    """A server error that says when to come back: this request is sent again then, every other one goes on."""
    seconds = wait(answer.headers, datetime.now(UTC)) if answer.status >= 500 else None
    return None if seconds is None else Held("a service that is not well", seconds, refused=True, look_in=seconds)


def open_arm(
    endpoint: str,
    versions: Mapping[str, str],
    *,
    subscription: str,
    cloud: str,
    parallelism: int,
    ca_file: str,
    credential: Any = None,
    run: str = "",
    listener: Observer = nobody,
    means: Means | None = None,
) -> Arm:
    """The endpoint of a cloud, or the one given; `listener` is told of every request, `run` is sent with each."""
    url = checked(endpoint or CLOUDS[cloud].endpoint)
    tally = Tally()
    client = compute_client(
        url,
        subscription=subscription,
        parallelism=parallelism,
        tally=tally,
        cloud=cloud,
        signed_in=credential,
        ca_file=ca_file,
        run=run,
        listener=listener,
    )
    return Arm(url, client, tally, versions, means=means or Means())


def absent(answer: Answer, scope: str) -> bool:
    """Whether the answer says that the object is not there, its parent or resource group neither."""
    return answer.status == 404 and failure(answer, scope).code.lower() not in NOWHERE


def expect(answer: Answer, scope: str) -> Answer:
    """The answer when it is a good one; else raises the CloudFailure that it is."""
    if answer.status < 300:
        return answer
    raise failure(answer, scope)


def unexpected(scope: str) -> CloudFailure:
    """What was answered is not what Azure answers."""
    return Refused("the answer is not what Azure sends", scope=scope, hint="is this an Azure endpoint?")
