"""Azure's refusals, and the way to Azure being closed, as our own exceptions; no secret gets through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec

from vmapps.azure.hints import LATER, SIGN_IN, SLOWLY, hint
from vmapps.azure.waits import wait
from vmapps.core.resource import without_secrets
from vmapps.errors import Changed, CloudFailure, Conflicted, Denied, Missing, Refused, Throttled, Unreachable

BY_STATUS: Mapping[int, type[CloudFailure]] = MappingProxyType(
    {401: Denied, 403: Denied, 404: Missing, 408: Unreachable, 409: Conflicted, 412: Changed, 429: Throttled}
)

BY_CODE: Mapping[str, type[CloudFailure]] = MappingProxyType(
    {
        "AuthorizationFailed": Denied,
        "LinkedAuthorizationFailed": Denied,
        "RequestDisallowedByPolicy": Denied,
        "PreconditionFailed": Changed,
        "Conflict": Conflicted,
        "AnotherOperationInProgress": Conflicted,
        "TooManyRequests": Throttled,
        "InternalServerError": Unreachable,
        "InternalExecutionError": Unreachable,
        "PropertyChangeNotAllowed": Refused,
        "MissingSubscriptionRegistration": Refused,
    }
)
"""What the code says better than the status: every kind of refusal may come as 409, or with 200 at the end of an
operation [azure-facts 4.3, 4.6]."""

URL = re.compile(r"https?://[^\s'\"<>\\]+", re.IGNORECASE)
SECRETS = re.compile(
    r"""sig(?:=|%3d)[^\s&'"<>]+
      | \bBearer\s+[\w.~+/=-]{8,}
      | \b(?:AccountKey|SharedAccessSignature|SharedAccessKey)=[^\s;'"]+
      | \bSharedKey\s+\S+
      | \beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?
      | \b(?:access_token|refresh_token|client_secret|client_assertion|password)["']?\s*[:=]\s*["']?[^\s"',}&]+""",
    re.IGNORECASE | re.VERBOSE,
)

NETWORK_WORDS = (
    ("certificate verify failed", "its certificate is not trusted", "give the CA with --ca-file"),
    ("wrong version number", "it does not speak TLS", "check the endpoint's scheme"),
    ("ssl", "the TLS connection failed", "check the endpoint and --ca-file"),
    ("refused", "the connection was refused", "is it running, and is the port right?"),
    ("resolve", "the host is not known", "check the endpoint's name"),
    ("name or service not known", "the host is not known", "check the endpoint's name"),
    ("getaddrinfo", "the host is not known", "check the endpoint's name"),
    ("proxy", "the proxy did not let us through", "check HTTPS_PROXY and NO_PROXY"),
    ("timed out", "no answer in time", "try again"),
    ("timeout", "no answer in time", "try again"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names ignore case, `body` is whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Detail(msgspec.Struct):
    """One of an error's details."""

    code: str | None = None
    message: str | None = None


class Said(msgspec.Struct):
    """Azure's error object [azure-facts 4.6]."""

    code: str | None = None
    message: str | None = None
    target: str | None = None
    details: list[Detail] | None = None


class _Envelope(Said):
    """The error is wrapped, but for some throttled answers [azure-facts 5.2]."""

    error: Said | None = None


_read = msgspec.json.Decoder(_Envelope)

GARBLED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises for an answer that nobody can read."""


def scrubbed(text: str) -> str:
    """The text without anything that could be a secret: URLs lose their query, signatures and tokens their value."""
    return SECRETS.sub("***", URL.sub(lambda found: without_secrets(found[0]), text))


def failure(answer: Answer, scope: str) -> CloudFailure:
    """The failure that an answer of status 3xx, 4xx or 5xx is."""
    try:
        envelope = _read.decode(answer.body)
        said = envelope.error or envelope
    except GARBLED:
        said = Said()
    return explained(said, scope, answer)


def explained(said: Said, scope: str, answer: Answer) -> CloudFailure:
    """The failure that Azure's error object describes."""
    code = said.code or ""
    kind = _kind(answer.status, code)
    message = _sentence(said) or f"HTTP status {answer.status}, without a word from Azure"
    headers = answer.headers
    found = kind(
        message,
        scope=scrubbed(scope),
        code=scrubbed(code),
        status=answer.status,
        target=scrubbed(said.target or ""),
        request_id=scrubbed(headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id") or ""),
        hint=_asked_to_wait(answer) or hint(code, message) or _hint_of_status(answer),
    )
    if isinstance(found, Throttled):
        found.wait = wait(headers, datetime.now(UTC)) or 0.0
    return found


def _sentence(said: Said) -> str:
    """Message and first details message in one line, without secrets."""
    first = next((detail.message for detail in said.details or () if detail.message), "")
    message = said.message or ""
    text = f"{message} ({first})" if message and first and first not in message else message or first
    return scrubbed(" ".join(text.split()))


def _kind(status: int, code: str) -> type[CloudFailure]:
    if code in BY_CODE and status not in (401, 403, 412, 429):
        return BY_CODE[code]
    if status < 300 and code.endswith("NotFound"):
        return Missing
    return BY_STATUS.get(status, Unreachable if status >= 500 else Refused)


def _asked_to_wait(answer: Answer) -> str:
    """Throttled answers have the codes of other things too [azure-facts 5.2]: the status says more."""
    if answer.status != 429:
        return ""
    seconds = answer.headers.get("Retry-After")
    return f"Azure says: try again in {scrubbed(seconds)} seconds" if seconds else SLOWLY


def _hint_of_status(answer: Answer) -> str:
    if answer.status == 401:
        return SIGN_IN
    if answer.status >= 500:
        return LATER
    if 300 <= answer.status < 400:
        return "it answered with a redirect, which is never followed: check the endpoint"
    return ""


@contextmanager
def spoken(scope: str, endpoint: str) -> Iterator[None]:
    """Run a call of the SDK; its exceptions leave as ours. `endpoint` is named when there was no answer."""
    from azure.core import exceptions as azure

    try:
        yield
    except azure.ClientAuthenticationError as error:
        raise _rejected(error, scope) if error.response else _unknown_caller(error, endpoint) from error
    except azure.HttpResponseError as error:
        raise _rejected(error, scope) if error.response else _cut_off(error, endpoint) from error
    except azure.AzureError as error:
        raise _cut_off(error, endpoint) from error


def _unknown_caller(error: Exception, endpoint: str) -> CloudFailure:
    """No credential of azure-identity worked; its first line says so, the rest is a list of what was tried."""
    first = str(error).strip().partition("\n")[0]
    return Denied(scrubbed(first) or "no sign-in worked", scope=endpoint, hint=SIGN_IN)


def _cut_off(error: Exception, endpoint: str) -> CloudFailure:
    """There was no answer, or only a part of it."""
    text = " ".join(str(error).split())
    for word, message, advice in NETWORK_WORDS:
        if word in text.lower():
            return Unreachable(message, scope=endpoint, hint=advice)
    return Unreachable(f"no whole answer ({scrubbed(text)})", scope=endpoint, hint="try again")


def _rejected(error: Exception, scope: str) -> CloudFailure:
    """An answer that the SDK itself turned into an exception (the blob client does)."""
    response = getattr(error, "response", None)
    headers: Mapping[str, str] = getattr(response, "headers", {})
    code = getattr(error, "error_code", None) or headers.get("x-ms-error-code") or ""
    message = str(getattr(error, "message", "") or error).partition("RequestId:")[0]
    answer = Answer(int(getattr(response, "status_code", 0) or 0), headers, b"")
    return explained(Said(code=str(getattr(code, "value", code)), message=message), scope, answer)
