"""Links are slots until the moment of the write: here they become URLs, SAS and all, and then bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from vmapps.core.resource import Body, Link, Value
from vmapps.errors import Refused


def filled(body: Body, urls: Callable[[Link], str]) -> bytes:
    """The body as JSON; every link is the URL that `urls` gives for it."""
    return msgspec.json.encode(_plain(body, urls))


def filled_entries(entries: tuple[bytes | Body, ...], urls: Callable[[Link], str]) -> bytes:
    """The JSON array of a machine's entries: bytes stay byte for byte."""
    return b"[%b]" % b",".join(entry if isinstance(entry, bytes) else filled(entry, urls) for entry in entries)


def manifest_link(link: Link, links: Mapping[str, str]) -> str:
    """The whole URL that the manifest gives for a slot; a link that is no slot is its own URL."""
    if not link.digest:
        return link.url
    if link.digest not in links:
        raise Refused("the manifests no longer hold this link", scope=link.url, hint="plan again")
    return links[link.digest]


def _plain(value: Value, urls: Callable[[Link], str]) -> Any:
    if isinstance(value, Link):
        return urls(value)
    if isinstance(value, dict):
        return {name: _plain(inner, urls) for name, inner in value.items()}
    return [_plain(inner, urls) for inner in value] if isinstance(value, list) else value
