"""Package links: one on loopback is asked for with a real request, one elsewhere is never contacted."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from vmapps_emulator.errors import ArmError, invalid

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DENIED = (401, 403, 404, 409)
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a version: its address, the field it stands in and the size allowed there (azure-facts 2.1)."""

    uri: str
    target: str
    limit: int = 2 * _GIB

    def check_shape(self) -> None:
        """The address is absolute (service_errors.json, verbatim)."""
        parts = urlsplit(self.uri)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise invalid(f"Source uri: '{self.uri}' must be an absolute uri.", self.target)

    @property
    def is_local(self) -> bool:
        """Whether it may be contacted at all."""
        return urlsplit(self.uri).hostname in _LOOPBACK

    @property
    def has_query(self) -> bool:
        """Whether it carries a SAS."""
        return bool(urlsplit(self.uri).query)


class Blobs:
    """The client that reads links; created at the first need."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def check(self, link: Link, with_identity: bool) -> None:
        """Refuse a version whose link cannot be read, in the words of azure-facts 3.11.

        guess: the refusals are answers to the PUT (400 InvalidParameter), not failed operations.
        guess: a gallery with an identity reads a link without SAS that is denied anonymously; storage answers such
        a call 404 or 409 as well as 401 and 403, and the emulator cannot sign in to see more.
        """
        link.check_shape()
        if not link.is_local:
            return
        answer = await self._head(link)
        if with_identity and not link.has_query and answer.status_code in _DENIED:
            return
        _refuse(link, answer)

    async def close(self) -> None:
        """End the client's connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _head(self, link: Link) -> httpx.Response:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, verify=False, timeout=10)  # noqa: S501 - loopback
        try:
            answer = await self._client.head(link.uri)
            if answer.status_code in (405, 501):
                answer = await self._client.get(link.uri, headers={"Range": "bytes=0-0"})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(link, f"{type(error).__name__}") from None
        return answer


def _refuse(link: Link, answer: httpx.Response) -> None:
    if answer.status_code == 404:
        raise invalid(f"The blob referenced by source uri {link.uri} does not exist.", link.target)
    if answer.status_code in (401, 403):
        raise invalid(f"The SAS is not valid for source uri {link.uri}", link.target)
    if not answer.is_success:
        raise _unreachable(link, f"({answer.status_code}) {answer.reason_phrase}")
    kind = answer.headers.get("x-ms-blob-type", "BlockBlob")
    if kind == "AppendBlob":
        text = f"{kind} blob type is not supported for replication operation. "
        raise invalid(text + "Only page blobs and block blobs are supported.", link.target)
    _refuse_size(link, _size(answer))


def _refuse_size(link: Link, size: int) -> None:
    if size == 0:
        raise invalid(f"The blob referenced by source uri {link.uri} is empty.", link.target)
    if size > link.limit:
        text = f"The blob referenced by source uri {link.uri} is too large: size = {size}. "
        raise invalid(f"{text}The maximum blob size allowed is '{link.limit // _GIB} GB'.", link.target)


def _size(answer: httpx.Response) -> int:
    whole = answer.headers.get("content-range", "").rpartition("/")[2] or answer.headers.get("content-length", "1")
    return int(whole) if whole.isdigit() else 1


def _unreachable(link: Link, why: str) -> ArmError:
    text = f"The gallery application version url {link.uri} cannot be accessed due to the following error: {why}. "
    return invalid(
        text + "Ensure that the blob exists and that it is either publicly accessible or is a SAS url with read "
        "privileges.",
        link.target,
    )
