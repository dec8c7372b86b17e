"""One request to Azure Resource Manager, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vmapps.azure.clients import compute_client
from vmapps.azure.clouds import CLOUDS, checked, origin
from vmapps.azure.failures import Answer, failure, spoken
from vmapps.azure.listening import Tally
from vmapps.core.plan import Step
from vmapps.core.resource import without_secrets
from vmapps.engine.events import Observer, nobody
from vmapps.errors import CloudFailure, Refused

if TYPE_CHECKING:
    from azure.mgmt.compute import ComputeManagementClient

NOWHERE = ("subscriptionnotfound", "invalidsubscriptionid")
"""404s that say more than 'it is not there': they are never read as an absence."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An endpoint and the client that speaks to it. `versions` are the api-versions by family, `step` is whose work it
    does.
    """

    endpoint: str
    client: ComputeManagementClient
    tally: Tally
    versions: Mapping[str, str]
    step: Step | None = None

    def url(self, path: str, family: str, query: str = "") -> str:
        """The whole URL of a path, in the family's api-version; `query` asks for more than usual."""
        more = f"&{query}" if query else ""
        return f"{self.endpoint}{quote(path, safe='/()')}?api-version={self.versions[family]}{more}"

    def ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request; raises CloudFailure when there is no answer, or the URL is not the endpoint's own."""
        if not self.owns(url):
            raise Refused(
                "Azure named an address at another host; it was not asked",
                scope=without_secrets(url),
                hint=f"only {self.endpoint} gets a token",
            )
        from azure.core.rest import HttpRequest

        whole = {"Accept": "application/json", **(headers or {})}
        if body:
            whole["Content-Type"] = "application/json"
        # the SDK takes braces in a URL for names of its own
        request = HttpRequest(method, url.replace("{", "%7B").replace("}", "%7D"), headers=whole, content=body or None)
        with spoken(without_secrets(url), self.endpoint):
            response = self.client.send_request(request, step=self.step)
            return Answer(response.status_code, response.headers, response.content)

    def owns(self, url: str) -> bool:
        """Whether the URL is at the endpoint's own scheme, host and port: nothing else gets a token."""
        try:
            return origin(url) == origin(self.endpoint)
        except ValueError:
            return False

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()


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
    return Arm(url, client, tally, versions)


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
