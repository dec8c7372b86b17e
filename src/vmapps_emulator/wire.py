"""Requests and responses as plain data: what the rooms see of HTTP."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.paths import Target

if TYPE_CHECKING:
    from vmapps_emulator.world import World

Json = dict[str, Any]

encode = msgspec.json.encode

_API_VERSION = re.compile(r"^\d{4}-\d{2}-\d{2}(-(preview|alpha|beta|privatepreview))?$", re.IGNORECASE)


@dataclass(slots=True)
class Request:
    """One call: header and query names in lower case, the path as sent."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    base: str = ""
    target: Target = field(default_factory=Target)
    body: Json | None = None

    @property
    def api_version(self) -> str:
        """The api-version as sent, or the empty text."""
        return self.query.get("api-version", "")

    def address(self, query: dict[str, str]) -> str:
        """The absolute address of this call with another query."""
        return f"{self.base}{quote(self.path)}?{urlencode(query, safe='$')}"

    def demand_api_version(self) -> None:
        """Refuse a call without a dated api-version; every date is accepted."""
        if not self.api_version:
            text = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", text)
        if not _API_VERSION.match(self.api_version):
            raise ArmError(400, "InvalidApiVersionParameter", f"The api-version '{self.api_version}' is invalid.")

    def json(self) -> Json:
        """The body as an object, or ARM's refusal of it; after its admission, without read-only fields."""
        if self.body is not None:
            return self.body
        try:
            body = msgspec.json.decode(self.raw or b"null")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            text = f"The request content was invalid and could not be deserialized: '{error}'."
            raise ArmError(400, "InvalidRequestContent", text) from None
        if not isinstance(body, dict):
            text = "The request content was invalid and could not be deserialized: 'an object was expected'."
            raise ArmError(400, "InvalidRequestContent", text)
        return body


@dataclass(slots=True)
class Response:
    """One answer; ``body`` may be encoded already."""

    status: int = 200
    body: Json | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The bytes that go out."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else encode(self.body)


Handler = Callable[["World", Request], Awaitable[Response]]


def now() -> str:
    """The time as the provider writes it: seven digits of a second and an offset."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0+00:00"


def section(body: Json, *names: str) -> Json:
    """The object at a path of a body, or an empty one; anything but an object is refused."""
    here: Any = body
    for at, name in enumerate(names):
        here = here.get(name)
        if here is None:
            return {}
        if not isinstance(here, dict):
            path = ".".join(names[: at + 1])
            raise ArmError(400, "InvalidRequestContent", f"The value of '{path}' must be an object.", path)
    return here  # type: ignore[no-any-return]
