"""A machine's entries for people: `+ platform/nginx 1.26.2 (order: 2)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmapps.core.action import Change
from vmapps.core.entries import authors_tags
from vmapps.core.resource import Reference, Value
from vmapps.render.paint import MARKS, Paint
from vmapps.render.safe import shown
from vmapps.render.value_text import compact

REFERENCE = "packageReferenceId"
TAGS = "tags"


def is_entry(change: Change) -> bool:
    """Whether the change is about an entry of a machine, not about a field of a resource."""
    return change.path[:1] == ("applications",)


def entry_lines(changes: Sequence[Change], paint: Paint) -> list[str]:
    """One line an application: put, changed or dropped."""
    return [_entry(change, paint) for change in changes]


def _entry(change: Change, paint: Paint) -> str:
    before, after = _fields(change.before), _fields(change.after)
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    versions = [_version(fields) for fields in (before, after) if fields]
    versions = versions[:1] if len(set(versions)) == 1 else versions
    details = _details(before, after) if after else ""
    text = f"{shown(change.path[-1] if change.path else '')} {' -> '.join(versions)}".rstrip()
    return f"{paint(sign, MARKS[sign])} {text}{f' ({details})' if details else ''}"


def _fields(value: Value) -> dict[str, Value]:
    """An entry's fields without its mark; false is Azure's default for each of its booleans, so it says nothing."""
    entry = value if isinstance(value, dict) else {}
    tags = entry.get(TAGS)
    fields = {**entry, TAGS: authors_tags(tags) if isinstance(tags, str) else tags}
    return {name: fields[name] for name in sorted(fields) if fields[name] not in (None, False, {})}


def _version(fields: Mapping[str, Value]) -> str:
    spelled = fields.get(REFERENCE)
    found = Reference.parse(spelled) if isinstance(spelled, str) else None
    return shown(found.version if found else str(spelled or "?"))


def _details(before: Mapping[str, Value], after: Mapping[str, Value]) -> str:
    names = sorted((before.keys() | after.keys()) - {REFERENCE})
    if not before:
        return ", ".join(f"{shown(name)}: {compact(after[name])}" for name in names)
    different = [name for name in names if before.get(name) != after.get(name)]
    return ", ".join(
        f"{shown(name)}: {_said(before, after, name)} -> {_said(after, before, name)}" for name in different
    )


def _said(fields: Mapping[str, Value], others: Mapping[str, Value], name: str) -> str:
    if name in fields:
        return compact(fields[name])
    return "false" if others.get(name) is True else "(none)"
