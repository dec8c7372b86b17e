"""One run under fire, and what has to hold once the fire is out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from end_to_end.command import Ended
from soak import everything
from soak.fire import Trouble, drawn
from soak.killed import Model, is_a_bug, said
from soak.moment import Moment, broken, entries
from soak.stage import SETTINGS, Stage, Watch

UNDER_FIRE = 0, 1, 3
"""How an apply may end under fire: it was lucky, nothing was changed, or something did not succeed."""


@dataclass(frozen=True)
class Burnt:
    """A run with the trouble of one kind (or mixed), drawn from a seed."""

    kind: str
    seed: int

    def __str__(self) -> str:
        return f"fire:{self.kind}:{self.seed}"


def burnt(stage: Stage, run: Burnt, model: Model) -> list[str]:
    """Apply under fire, put it out, apply once more; what does not hold then."""
    trouble, draw = drawn(run.kind, run.seed), Random(str(run))
    stage.reset()
    stage.arm.control("POST", "settings", SETTINGS | trouble.settings)
    stage.arm.control("POST", "faults", trouble.rules)
    stage.arm.control("PUT", "guest", trouble.guests)
    wrong = []
    for _ in range(draw.choice([1, 1, 2])):
        parallelism = "--parallelism", draw.choice(["1", "2", "8"])
        ended = stage.apply(Watch(trouble.kill_at, blobs=trouble.blobs), *parallelism)
        wrong += [f"under fire: {said(ended)}"] if not _is_allowed(ended) else []
    _put_out(stage)
    hurt = stage.moment()
    wrong += [f"under fire, dangling: {one}" for one in hurt.dangling()]
    return wrong + list(_healed(stage, trouble, hurt, model))


def _is_allowed(ended: Ended) -> bool:
    return ended.code in (*UNDER_FIRE, -signal.SIGKILL) and not is_a_bug(ended)


def _put_out(stage: Stage) -> None:
    """The end of all faults; scripts that failed have failed."""
    stage.arm.control("DELETE", "faults")
    stage.arm.control("PUT", "guest", [])
    stage.arm.control("POST", "settings", {"dropEntryTags": False, "deleteLag": 0, **SETTINGS})


def _healed(stage: Stage, trouble: Trouble, hurt: Moment, model: Model) -> Iterator[str]:
    """One apply, and an empty plan. Where a script failed, `retry` comes first: no apply tries a version again."""
    if trouble.guests:
        retried = stage.retry()
        if is_a_bug(retried) or retried.code not in (0, 1):
            yield f"retry: {said(retried)}"
    last = stage.apply(None, *(("--resume", "*") if trouble.guests else ()))
    if last.code != 0 or is_a_bug(last):
        yield f"the last apply: {said(last)}"
    empty = stage.plan("--detailed-exitcode")
    if empty.code != 0 or is_a_bug(empty):
        yield f"the plan is not empty: {said(empty)}"
    stage.arm.control("POST", "settle")
    yield from broken(_with_added(stage.start, hurt), stage.moment(), model.end, is_peaceful=False)


def _with_added(start: Moment, hurt: Moment) -> Moment:
    """The start, with the entries that another team added meanwhile."""
    added = {
        key: [one for one in entries(body) if '"by" : "fire' in str(one.get("tags"))]
        for key, body in hurt.resources.items()
        if key in {name.lower() for name in everything.TARGETS}
    }
    return start.with_entries(added)
