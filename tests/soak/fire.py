"""Trouble of every kind, drawn from a seed: what it does to Azure, to the package store, and to the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from end_to_end.azure_side import GALLERIES, PLATFORM, SCANNER, machine_id
from soak import everything

Rule = dict[str, Any]
WHERE = "*/galleries/*", "*/versions/*", "*/virtualmachines/*", "*/virtualmachinescalesets/*", "*perations/*", "*"
WRITTEN = "*/galleries/*", "*/applications/*", "*/versions/*", "*/virtualmachines/*", "*/virtualmachinescalesets/*"
WRITES = "PUT", "PATCH", "DELETE", "POST"
GADGET = f"{GALLERIES}/byhand/applications/gadget/versions/1.0.0"
ADDED: Mapping[str, str] = MappingProxyType(
    {
        machine_id("web-01"): GADGET,
        machine_id("web-03"): f"{SCANNER}/versions/2.0.0",
        machine_id("db-01"): GADGET,
        everything.set_id("web-ss"): GADGET,
        everything.set_id("roll-ss"): f"{SCANNER}/versions/2.0.0",
    }
)
"""Where another team adds an entry of its own while we write."""


@dataclass
class Trouble:
    """What is to go wrong in one run, as the emulator takes it; `blobs`: how the n-th request to the store goes."""

    rules: list[Rule] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    guests: list[Rule] = field(default_factory=list)
    blobs: dict[int, str] = field(default_factory=dict)
    kill_at: int = 0


def throttle(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 4)):
        rule = _some(draw, WHERE, most=5) | {
            "throttle": draw.choice([True, "arm"]),
            "retryAfter": draw.choice([0, 0, 1]),
        }
        trouble.rules.append(rule)


def server_errors(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 4)):
        trouble.rules.append(_some(draw, WHERE, most=6) | {"status": draw.choice([500, 502, 503, 504, 408])})


def cut_before(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 3)):
        trouble.rules.append(_some(draw, WHERE, most=5) | {"drop": "before"})


def cut_after(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 3)):
        trouble.rules.append(_some(draw, WHERE, most=5) | {"drop": "after", "method": draw.choice([*WRITES, "*"])})


def operations_fail(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 3)):
        code = draw.choice(["InternalExecutionError", "OperationPreempted", "AllocationFailed", "Conflict"])
        trouble.rules.append(_a_write(draw) | {"operation": {"code": code, "message": "it was made to fail"}})


def operations_vanish(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 3)):
        vanish = {"vanish": draw.choice(["before", "after"]), "polls": draw.randint(0, 2)}
        trouble.rules.append(_a_write(draw) | {"operation": vanish})


def lagging_lists(draw: Random, trouble: Trouble) -> None:
    for _ in range(draw.randint(1, 4)):
        trouble.rules.append(_a_write(draw) | {"lag": draw.randint(1, 6)})


def dropped_tags(_draw: Random, trouble: Trouble) -> None:
    trouble.settings["dropEntryTags"] = True


def foreign_entries(draw: Random, trouble: Trouble) -> None:
    """Another team assigns something of its own, right before we read or write that machine."""
    for target in draw.sample(sorted(ADDED), draw.randint(1, len(ADDED))):
        entry = {"packageReferenceId": ADDED[target], "tags": f'{{"by" : "fire {draw.randint(1, 99)}"}}'}
        method = draw.choice(["PATCH", "GET"])
        rule = {"method": method, "path": target.lower(), "after": draw.randint(0, 1), "write": {"entry": entry}}
        trouble.rules.append(rule)


def foreign_changes(draw: Random, trouble: Trouble) -> None:
    """Somebody changes or deletes what is ours, by hand."""
    described = {"method": "PATCH", "path": PLATFORM, "body": {"properties": {"description": "by hand"}}}
    deleted = {"method": "DELETE", "path": f"{GALLERIES}/fresh/applications/new"}
    gone = {"method": "DELETE", "path": f"{PLATFORM}/applications/tool/versions/1.0.0"}
    for write in draw.sample([described, deleted, gone], draw.randint(1, 3)):
        trouble.rules.append(_some(draw, WHERE, most=1) | {"write": write})


def expired_token(draw: Random, trouble: Trouble) -> None:
    trouble.rules.append(_some(draw, WHERE, most=4) | {"token": "expired"})


def failing_scripts(draw: Random, trouble: Trouble) -> None:
    """A script fails once, on a machine where it can be tried again."""
    failing = {"application": "agent", "version": "1.1.0", "operation": "update"}
    others = {"application": "new", "operation": "install"}
    bases = {"machine": "web-03", "application": "base", "operation": draw.choice(["install", "remove"])}
    chosen = draw.choice([failing | {"machine": draw.choice(everything.WAVE)}, others, bases])
    result = draw.choice(["fail", "fail", "reboot", "crash"])
    trouble.guests.append(chosen | {"machine": chosen.get("machine", "web-02"), "result": result, "times": 1})


def slow(draw: Random, trouble: Trouble) -> None:
    trouble.settings |= {"polls": 3, "scriptPolls": draw.randint(0, 2), "replicationPolls": 2, "deleteLag": 1}


def store_errors(draw: Random, trouble: Trouble) -> None:
    way = draw.choice(["503", "500", "before", "after"])
    first = draw.randint(1, 8)
    trouble.blobs |= dict.fromkeys(range(first, first + draw.randint(1, 5)), way)


KINDS: Mapping[str, Callable[[Random, Trouble], None]] = MappingProxyType(
    {
        one.__name__.replace("_", "-"): one
        for one in (
            throttle, server_errors, cut_before, cut_after, operations_fail, operations_vanish, lagging_lists,
            dropped_tags, foreign_entries, foreign_changes, expired_token, failing_scripts, slow, store_errors,
        )
    }
)  # fmt: skip
MIXED = "mixed"


def drawn(kind: str, seed: int) -> Trouble:
    """The trouble of a kind, of several (`one+another`), or of some and perhaps a kill (`mixed`)."""
    draw, trouble = Random(f"{kind}/{seed}"), Trouble()
    names = draw.sample(sorted(KINDS), draw.randint(2, 5)) if kind == MIXED else kind.split("+")
    for name in names:
        KINDS[name](draw, trouble)
    if kind == MIXED:
        trouble.kill_at = draw.choice([0, 0, draw.randint(20, 180)])
    return trouble


def _some(draw: Random, paths: tuple[str, ...], *, most: int) -> Rule:
    return {"path": draw.choice(paths), "after": draw.randint(0, 30), "times": draw.randint(1, most)}


def _a_write(draw: Random) -> Rule:
    return {"method": draw.choice(WRITES), "path": draw.choice(WRITTEN), "after": draw.randint(0, 3)}
