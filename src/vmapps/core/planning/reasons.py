"""Why a resource is changed, in one sentence."""

from __future__ import annotations

from vmapps.core.action import Change
from vmapps.core.diff import explain
from vmapps.core.fields import STATE, Rules, spelled
from vmapps.core.resource import BUSY, CONTENT_TAG, OWNER_TAG


def because(changes: tuple[Change, ...], rules: Rules) -> str:
    """What differs, in one sentence."""
    if all(change.path[0] == "tags" and change.path[-1] in (OWNER_TAG, CONTENT_TAG) for change in changes):
        return "it becomes ours: only the mark is added"
    told = [_told(change, rules) for change in changes if change.path[-1] not in (OWNER_TAG, CONTENT_TAG)]
    return "; ".join(told)


def _told(change: Change, rules: Rules) -> str:
    if change.path == STATE:
        return "Azure is still working on it" if change.before in BUSY else "its last write failed"
    inside = explain(change, rules)
    return f"{spelled(change.path)} differs" + (f" ({', '.join(inside)})" if inside else "")
