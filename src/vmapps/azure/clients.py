"""The SDK's clients as we want them: no long waits, no redirects, no hidden writes, no token where none belongs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmapps import __version__
from vmapps.azure.clouds import CLOUDS, is_loopback
from vmapps.azure.listening import CORRELATION, Tally, listening
from vmapps.azure.tracing import tracing
from vmapps.azure.waits import wait
from vmapps.engine.events import Observer, nobody
from vmapps.errors import Error

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential
    from azure.core.pipeline.policies import RetryPolicy
    from azure.core.pipeline.transport import RequestsTransport
    from azure.mgmt.compute import ComputeManagementClient

for _library in ("azure", "msal", "urllib3"):
    # without a handler Python prints their warnings: what they warn of is in our exceptions already
    logging.getLogger(_library).addHandler(logging.NullHandler())

RETRIES = 3
"""How often a request is sent again that met a server error or no answer. One that says how long to wait is not:
that, and every 429, is azure.arm's to treat, which holds no worker."""

CONNECT_SECONDS, READ_SECONDS = 10, 120


class Nobody:
    """The credential for this machine's own endpoints: it has no token to give."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Never asked, because the policy that would ask is not there."""
        raise Error(f"a token for {', '.join(scopes)} was wanted where none may be sent")


@cache
def credential(cloud: str, ca_file: str = "") -> TokenCredential:
    """Whoever is signed in: environment, workload identity, managed identity, az login …; found once a process."""
    from azure.identity import DefaultAzureCredential

    trust: dict[str, Any] = {"connection_verify": ca_file} if ca_file else {}
    return DefaultAzureCredential(authority=CLOUDS[cloud].authority, **trust)


def transport(url: str, parallelism: int, ca_file: str = "") -> RequestsTransport:
    """Connections for so many threads at once; proxies of the environment are not used for this machine."""
    import requests
    from azure.core.pipeline.transport import RequestsTransport

    if ca_file and not Path(ca_file).is_file():
        raise Error(f"{ca_file}: there is no such CA file")
    session = requests.Session()
    session.trust_env = not is_loopback(url)
    session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=max(10, parallelism)))
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=max(10, parallelism)))
    return RequestsTransport(
        session=session,
        connection_verify=ca_file or True,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
    )


def retries(url: str) -> RetryPolicy[Any, Any]:
    """What is done about server errors and lost connections, in no other place: the SDK's own policy."""
    from azure.core.pipeline.policies import RetryPolicy

    class Patience(RetryPolicy[Any, Any]):
        def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
            answer = response.http_response
            is_ours = answer.status_code == 429 or wait(answer.headers, datetime.now(UTC)) is not None
            return not is_ours and super().is_retry(settings, response)

    return Patience(retry_total=RETRIES, retry_backoff_factor=0.02 if is_loopback(url) else 0.8, retry_backoff_max=30)


def compute_client(
    url: str,
    *,
    subscription: str,
    parallelism: int,
    tally: Tally,
    cloud: str,
    signed_in: Any,
    ca_file: str = "",
    run: str = "",
    listener: Observer = nobody,
) -> ComputeManagementClient:
    """The real client; its policies are listed here, so that nothing else is done to a request.

    Left out of the SDK's own list: redirects (a token must not follow one), registering the resource provider on
    a 409 (a plan must not write), decoding (lists are read by msgspec).
    """
    from azure.core.pipeline import policies
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy, ARMHttpLoggingPolicy

    silent = is_loopback(url)
    who = Nobody() if silent else signed_in or credential(cloud, ca_file)
    sign_in = () if silent else (ARMChallengeAuthenticationPolicy(who, CLOUDS[cloud].audience),)
    return ComputeManagementClient(
        who,
        subscription,
        base_url=url,
        transport=transport(url, parallelism, ca_file),
        policies=[
            policies.RequestIdPolicy(),
            policies.HeadersPolicy({CORRELATION: run} if run else {}),
            policies.UserAgentPolicy(user_agent=f"vmapps/{__version__}"),
            policies.ProxyPolicy(),
            retries(url),
            *sign_in,
            listening(tally, listener),
            *tracing(),
            ARMHttpLoggingPolicy(),
        ],
    )
