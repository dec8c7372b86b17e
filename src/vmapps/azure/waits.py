"""How long an answer asks us to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite

WAITS = (("x-ms-retry-after-ms", 1000.0), ("retry-after-ms", 1000.0), ("Retry-After", 1.0))


def wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that the service asks us to wait; None when it does not say."""
    for name, parts in WAITS:
        text = headers.get(name)
        if text:
            return _seconds(text, parts, now)
    return None


def _seconds(text: str, parts: float, now: datetime) -> float | None:
    """A number, or an HTTP date."""
    try:
        seconds = float(text) / parts
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if isfinite(seconds) else None
