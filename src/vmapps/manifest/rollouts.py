"""An assignment's rollout: its waves, and what a schema cannot say about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from vmapps.core.declaration import Rollout, Wave
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.kinds.kind import Document

UNITS = {"s": 1, "m": 60, "h": 3600}
EVERYTHING = "100%"


def rollout_of(fields: Mapping[str, Any]) -> Rollout:
    """The rollout that the fields of `spec.rollout` say."""
    pause = fields.get("pause", "0s")
    return Rollout(
        tuple(_wave(one) for one in fields["waves"]),
        pause=float(int(pause[:-1]) * UNITS[pause[-1]]),
        max_failures=fields.get("maxFailures", 0),
        skip_off=fields.get("offMachines") == "skip",
        all_at_once=fields.get("automaticSets") == "allAtOnce",
    )


def _wave(item: Any) -> Wave:
    if isinstance(item, int):
        return Wave(most=item)
    if isinstance(item, str):
        return Wave(percent=int(item.removesuffix("%")))
    return Wave(locations=tuple(item["locations"]))


def rollout_problems(document: Document) -> Iterator[Diagnostic]:
    """The last wave takes everything, and no wave takes less than the one before it."""
    waves = document.spec.get("rollout", {}).get("waves", ())
    if not waves:
        return
    where = ("spec", "rollout", "waves")
    if waves[-1] != EVERYTHING:
        summary = f"the last wave is {waves[-1]}, so some machines would have no wave"
        yield error("rollout-waves", summary, document.span(*where, str(len(waves) - 1)), hint=f"end with {EVERYTHING}")
    for kind in (int, str):
        several = [(at, _size(one)) for at, one in enumerate(waves) if isinstance(one, kind)]
        for (_, before), (at, after) in pairwise(several):
            if after <= before:
                summary = f"wave {at + 1} ({waves[at]}) takes no more than an earlier one: waves are cumulative"
                yield error("rollout-waves", summary, document.span(*where, str(at)), hint="let every wave be larger")


def _size(item: Any) -> int:
    return item if isinstance(item, int) else int(item.removesuffix("%"))
