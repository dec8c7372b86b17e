"""What answers say about buckets: how much is left in them, and which one was empty [azure-facts 5.1 to 5.3]."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import ceil

import msgspec

from vmapps.azure.buckets import Allowance
from vmapps.azure.failures import GARBLED, Answer
from vmapps.azure.policies import MINUTE

REMAINING = "x-ms-ratelimit-remaining-"
RESOURCE = f"{REMAINING}resource"
PROVIDER = "microsoft.compute/"

KEPT = 0.1
"""The part of a bucket of unknown refill that is not drawn at once: below it, requests go one by one [5.3 RULE]."""

WINDOW = re.compile(r"(\d+)Min$")


class _Detail(msgspec.Struct):
    code: str | None = None
    target: str | None = None


class _Error(msgspec.Struct):
    details: list[_Detail] | None = None


class _Refusal(_Error):
    error: _Error | None = None


_read = msgspec.json.Decoder(_Refusal)


def remaining(headers: Mapping[str, str]) -> dict[str, int]:
    """Policy -> what is left, as one answer tells it; what is not understood is left out."""
    found = dict(_of_provider(headers.get(RESOURCE) or ""))
    for kind in ("subscription-reads", "subscription-writes", "subscription-deletes"):
        told = headers.get(f"{REMAINING}{kind}") or ""
        if told.strip().isdigit():
            found[kind] = int(told)
    return found


def _of_provider(text: str) -> Iterator[tuple[str, int]]:
    """`Microsoft.Compute/UpdateVMResource;11,…`: one of a name that comes twice is the smaller."""
    least: dict[str, int] = {}
    for part in text.split(","):
        name, _, left = part.strip().partition(";")
        if name.lower().startswith(PROVIDER) and left.strip().isdigit():
            policy = name[len(PROVIDER) :]
            least[policy] = min(int(left), least.get(policy, int(left)))
    yield from least.items()


def empty(answer: Answer) -> tuple[str, ...]:
    """The policies that a 429 names as used up; none when it does not say.

    Compute names it in the details, whose error may lack its wrapper; ARM says 0 in its header.
    """
    try:
        said = _read.decode(answer.body)
        details = (said.error or said).details or []
    except GARBLED:
        details = []
    named = tuple(one.target for one in details if one.code == "TooManyRequests" and one.target)
    return named or tuple(policy for policy, left in remaining(answer.headers).items() if left == 0)


def reserve(largest: int) -> int:
    """What of a bucket of unknown refill is not drawn at once."""
    return ceil(largest * KEPT)


def allowance(policy: str, largest: int) -> Allowance:
    """A bucket that no documentation names: its largest remainder, which comes back in the time its name tells.

    `CreateUpdateGallery3Min` says three minutes; a minute when the name says nothing.
    """
    found = WINDOW.search(policy)
    window = float(found[1]) * MINUTE if found and int(found[1]) else MINUTE
    size = max(1, largest)
    return Allowance(size, 1, window / size)
