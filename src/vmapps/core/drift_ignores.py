"""Drift that somebody said not to report: by class for one run, by rules of the project until a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from vmapps.core.action import Change
from vmapps.core.address import Address
from vmapps.core.declaration import Ignore
from vmapps.core.diagnostic import Diagnostic, in_order, warning
from vmapps.core.drift import Drift, DriftClass, DriftItem, Ignored
from vmapps.core.entries import authors_tags
from vmapps.core.fields import spelled
from vmapps.core.plan import Note
from vmapps.core.resource import Value

WRAPPINGS = ("properties", "publishingProfile")
"""What Azure wraps fields in, and manifests do not have: a rule may leave it out."""


def narrowed(
    drift: Drift,
    rules: Iterable[Ignore],
    today: date,
    *,
    project: Address,
    only: tuple[DriftClass, ...] = (),
    without: tuple[DriftClass, ...] = (),
) -> Drift:
    """The drift without what the project's rules and the options (`only`, `without`) leave out.

    A rule whose `until` is before `today` leaves nothing out any more, and is a warning; one that matches nothing
    is a note.
    """
    several = tuple(rules)
    current = [rule for rule in several if rule.until is None or today <= rule.until]
    used: set[Ignore] = set()
    items: list[DriftItem] = []
    ignored: list[Ignored] = []
    for item in drift.items:
        rest = _ruled(item, current, used, ignored)
        if rest is not None and (option := _left_out(rest, only, without)):
            ignored.append(Ignored(rest, option))
        elif rest is not None:
            items.append(rest)
    return replace(
        drift,
        items=tuple(items),
        notes=(*drift.notes, *(_unused(rule, project) for rule in current if rule not in used)),
        diagnostics=in_order([*drift.diagnostics, *(_expired(rule) for rule in several if rule not in current)]),
        ignored=tuple(ignored),
    )


def _ruled(item: DriftItem, rules: list[Ignore], used: set[Ignore], ignored: list[Ignored]) -> DriftItem | None:
    """What the rules leave of an item; a rule about a field may leave some of its changes."""
    for rule in rules:
        if rule.cls not in ("", item.cls) or not _names(rule, item):
            continue
        gone = tuple(one for one in item.changes if not rule.field or _is_about(one, rule.field))
        if rule.field and not gone:
            continue
        used.add(rule)
        rest = tuple(one for one in item.changes if one not in gone)
        by = f"{rule.span}{f': {rule.reason}' if rule.reason else ''}"
        ignored.append(Ignored(_with(item, gone) if rest else item, by))
        if not rest:
            return None
        item = _with(item, rest)
    return item


def _with(item: DriftItem, changes: tuple[Change, ...]) -> DriftItem:
    """The item with some of its changes, and the part of its sentence that is about them."""
    if len(changes) == len(item.changes):
        return item
    names = [spelled(change.path) for change in changes]
    parts = [part for part in item.text.split("; ") if any(part.startswith(f"{name} ") for name in names)]
    text = "; ".join(parts) or f"{', '.join(names)} differs"
    return replace(item, changes=changes, text=text)


def _names(rule: Ignore, item: DriftItem) -> bool:
    """Whether a rule's glob names the item's address, with or without its instance or application."""
    if not rule.address:
        return True
    texts = (str(item.address), item.subject, f"{item.subject}/{item.application}")
    return any(fnmatchcase(text.lower(), rule.address.lower()) for text in texts)


def _is_about(change: Change, glob: str) -> bool:
    """Whether everything that differs has a name that the glob matches."""
    fields = list(_fields(change))
    return bool(fields) and all(any(fnmatchcase(name.lower(), glob.lower()) for name in names) for names in fields)


def _fields(change: Change) -> Iterator[tuple[str, ...]]:
    """The names of each field that differs: as the manifests and as Azure has it.

    Of an entry: `order`, and `platform/nginx.order`; `version` for its reference.
    """
    if change.path[:1] != ("applications",):
        inner = list(change.path)
        for wrapping in WRAPPINGS:
            if len(inner) > 1 and inner[0] == wrapping:
                inner.pop(0)
        yield ".".join(inner), ".".join(change.path)
        return
    before, after = (side if isinstance(side, dict) else {} for side in (change.before, change.after))
    for key in sorted(before.keys() | after.keys()):
        if _plain(key, before.get(key)) != _plain(key, after.get(key)):
            name = "version" if key == "packageReferenceId" else key
            yield name, f"{change.path[-1]}.{name}"


def _plain(key: str, value: Value) -> Value:
    """A field without our mark, and false as the default it is."""
    if key == "tags" and isinstance(value, str):
        return authors_tags(value) or None
    return value or None


def _left_out(item: DriftItem, only: tuple[DriftClass, ...], without: tuple[DriftClass, ...]) -> str:
    if item.cls in without:
        return f"--ignore {item.cls}"
    return f"--only {','.join(only)}" if only and item.cls not in only else ""


def _unused(rule: Ignore, project: Address) -> Note:
    return Note("ignore-unused", project, f"the rule of spec.drift.ignore at {rule.span} matches nothing")


def _expired(rule: Ignore) -> Diagnostic:
    hint = "remove it, or set a later day if it is still meant"
    summary = f"this rule of spec.drift.ignore ended on {rule.until}, and leaves nothing out any more"
    return warning("drift-ignore-expired", summary, rule.span, hint=hint)
