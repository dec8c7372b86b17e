"""Decide what happens to galleries, applications and versions: one pair of wanted and live at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from vmapps.core.action import Change, Create, Update
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.diagnostic import error
from vmapps.core.diff import compare, digest_of
from vmapps.core.fields import STATE, Ownership, Path, Rules, at, leaves, spelled
from vmapps.core.plan import Expectation, Note
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.reasons import because
from vmapps.core.planning.regions import stored_as, stored_otherwise, without_regions
from vmapps.core.resource import CONTENT_TAG, OWNER_TAG, Desired, Link, Observed, Value
from vmapps.core.versions import next_free


def decide(
    wanted: Desired, live: Observed | None, asked: Asked, siblings: Mapping[Address, tuple[str, ...]]
) -> Iterator[Finding]:
    """What to do about one declared resource; `siblings` are the names declared or live beside it, by parent."""
    if live is None:
        yield create(wanted, asked)
    elif live.owner and not asked.is_ours(live.owner) and not asked.may_take(live.owner):
        yield _other_owner(wanted, live)
    else:
        yield from _there(wanted, live, asked, siblings)


def _there(
    wanted: Desired, live: Observed, asked: Asked, siblings: Mapping[Address, tuple[str, ...]]
) -> Iterator[Finding]:
    """A resource that is there and ours, or may become ours."""
    changes = _changes(wanted, live, asked)
    if refused := _refused(wanted, live, changes, asked, siblings):
        yield refused
    elif not live.owner and not asked.options.adopt:
        yield _unmarked(wanted, changes)
    else:
        yield from _uncleared(wanted, live, asked)
        yield from _update(wanted, live, (*changes, *_marks(wanted, live), *_unfinished(live)), asked)


def _changes(wanted: Desired, live: Observed, asked: Asked) -> tuple[Change, ...]:
    found = compare(wanted.body, live.body, asked.rules_of(wanted.address))
    return _without_moved_package(wanted, live, found)


def fixed_changes(wanted: Desired, live: Observed, asked: Asked) -> str:
    """The fields that differ and never change in place, in one text; "" when there are none [azure-facts 1.7]."""
    changes = _changes(wanted, live, asked)
    fixed = (spelled(change.path) for change in _fixed(changes, asked.rules_of(wanted.address)))
    other_content = bool(wanted.content and live.content) and wanted.content != live.content
    unnamed = "something published that is no longer declared" if other_content else ""
    return ", ".join((*fixed, *stored_otherwise(changes))) or unnamed


def _fixed(changes: tuple[Change, ...], rules: Rules) -> list[Change]:
    return [change for change in changes if rules.of(change.path).ownership is Ownership.FIXED]


def create(wanted: Desired, asked: Asked) -> Draft:
    """The resource as it is declared, with what is sent on creation only, and our marks."""
    rules = asked.rules_of(wanted.address)
    fields = dict(leaves(wanted.initial, rules)) | dict(leaves(wanted.body, rules)) | dict(_tags(wanted))
    changes = tuple(Change(path, None, fields[path]) for path in sorted(fields))
    return Draft(
        wanted.address,
        wanted.id,
        Create(changes),
        "it is declared and not in Azure",
        source=wanted.source,
        uses=wanted.needs,
    )


def _tags(wanted: Desired) -> Iterator[tuple[Path, str]]:
    yield ("tags", OWNER_TAG), wanted.owner
    if wanted.content:
        yield ("tags", CONTENT_TAG), wanted.content


def _marks(wanted: Desired, live: Observed) -> Iterator[Change]:
    """The marks that the live object lacks."""
    seen = {OWNER_TAG: live.owner, CONTENT_TAG: live.content}
    for path, mark in _tags(wanted):
        if seen[path[1]] != mark:
            yield Change(path, seen[path[1]] or None, mark)


def _unfinished(live: Observed) -> Iterator[Change]:
    """A resource whose last write failed is written again, one that is being written is waited for.

    It is there, but of no use yet: what needs it has to come after.
    """
    if not live.is_sound or live.is_busy:
        yield Change(STATE, live.state, "Succeeded")


def _without_moved_package(wanted: Desired, live: Observed, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The same content under another URL (the store moved) is no change."""
    if not wanted.content or wanted.content != live.content:
        return changes
    return tuple(change for change in changes if not isinstance(change.after, Link))


def _refused(
    wanted: Desired,
    live: Observed,
    changes: tuple[Change, ...],
    asked: Asked,
    siblings: Mapping[Address, tuple[str, ...]],
) -> Finding | None:
    """A change that Azure does not allow in place [azure-facts 1.7]."""
    fields = fixed_changes(wanted, live, asked)
    if not fields:
        return None
    span, subject = wanted.source[0] if wanted.source else None, str(wanted.address)
    if wanted.content:
        *parent, version = wanted.address.name
        free = next_free(version, siblings.get(Address("", tuple(parent), wanted.address.subscription), ()))
        summary = f"{wanted.address} is published with other content ({fields}); a published version cannot change"
        stored = stored_as(changes)
        declare = f"declare storageAccountType: {stored}, as it is stored; or " if stored else ""
        hint = f"{declare}publish it as {free or 'another version'}"
        return error("content-changed", summary, span, hint=hint, subject=subject)
    fixed = _fixed(changes, asked.rules_of(wanted.address))
    told = "; ".join(f"{spelled(one.path)}: {_quoted(one.before)} -> {_quoted(one.after)}" for one in fixed)
    hint = f"declare what is there; or --allow-replace {wanted.address} deletes it with all below and creates it anew"
    return error("cannot-change", f"{wanted.address} cannot change in place: {told}", span, hint=hint, subject=subject)


def _quoted(value: Value) -> str:
    return json.dumps(value.url if isinstance(value, Link) else value, ensure_ascii=False, default=str)


def _other_owner(wanted: Desired, live: Observed) -> Finding:
    span = wanted.source[0] if wanted.source else None
    summary = f"{wanted.address} belongs to '{live.owner}'"
    return error(
        "other-owner", summary, span, hint=f"--adopt --from {live.owner} takes it over", subject=str(wanted.address)
    )


def _unmarked(wanted: Desired, changes: tuple[Change, ...]) -> Finding:
    if not changes:
        return Note("not-adopted", wanted.address, "equals its manifest, but carries no mark: --adopt makes it ours")
    span = wanted.source[0] if wanted.source else None
    fields = ", ".join(spelled(change.path) for change in changes)
    summary = f"{wanted.address} is there, not ours, and differs from its manifest ({fields})"
    return error("not-adopted", summary, span, hint="--adopt makes it ours and changes it", subject=str(wanted.address))


def _uncleared(wanted: Desired, live: Observed, asked: Asked) -> Iterator[Note]:
    """What is set and no longer declared, where Azure has no way to clear it [azure-facts 1.7]."""
    for path, rule in asked.rules_of(wanted.address).fields.items():
        value = at(live.body, path)
        if rule.uncleared and value is not None and at(wanted.body, path) is None:
            text = f"{spelled(path)} stays {_quoted(value)}: Azure cannot clear it"
            yield Note("cannot-clear", wanted.address, text)


def _update(wanted: Desired, live: Observed, changes: tuple[Change, ...], asked: Asked) -> Iterator[Finding]:
    if not changes:
        yield Note("unchanged", wanted.address, "is what its manifest says")
        return
    rules = asked.rules_of(wanted.address)
    moved = {change.path for change in changes}
    still = [(path, value) for path, value in leaves(wanted.body, rules) if path not in moved]
    kept = tuple(sorted(path for path, _ in still))
    slots = tuple((path, value) for path, value in still if isinstance(value, Link))
    draft = Draft(
        wanted.address,
        wanted.id,
        Update(changes),
        because(changes, rules),
        source=wanted.source,
        uses=wanted.needs,
        expects=Expectation(kept, digest_of(kept, live.body, rules), slots),
    )
    yield from without_regions(draft, wanted, live, rules)
