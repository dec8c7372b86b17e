"""Texts that a pattern cannot describe: versions, ranges, moments, URLs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from vmapps.core.versions import is_wish, number
from vmapps.kinds.shape import instant

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[-+][0-9]{2}:[0-9]{2})?)?"
)


def is_version(text: str) -> bool:
    """Three int32 numbers [azure-facts 1.3]."""
    return number(text) is not None


def is_instant(text: str) -> bool:
    """A date, or a date with a time, that exists."""
    if not MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(instant(text))
    except ValueError:
        return False
    return True


def is_day(text: str) -> bool:
    """A date that exists."""
    return len(text) == len("2027-03-31") and is_instant(text)


def is_url(text: str) -> bool:
    """An absolute http or https URL with a host, without spaces or quotes."""
    if re.search(r"[\s\"'<>\\^`{|}]", text):
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(host) and not parts.username


def is_blob_url(text: str) -> bool:
    """A URL that names something below its host, and no part of a page."""
    return is_url(text) and len(urlsplit(text).path) > 1 and "#" not in text


def in_text(is_right: Callable[[str], bool]) -> Callable[[object], bool]:
    """A check of texts as a schema's `format`: what is no text is said by `type`."""
    return lambda value: not isinstance(value, str) or is_right(value)


FORMATS = {
    "vmapps-version": in_text(is_version),
    "vmapps-wanted-version": in_text(is_wish),
    "vmapps-instant": in_text(is_instant),
    "vmapps-day": in_text(is_day),
    "vmapps-url": in_text(is_url),
    "vmapps-blob-url": in_text(is_blob_url),
}
"""The checks by the name used in the schemas' `format`."""
