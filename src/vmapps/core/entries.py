"""One machine's entries: which are ours, how they look on the wire, how a list is composed and fingerprinted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from vmapps.core.action import Change
from vmapps.core.address import ArmId
from vmapps.core.diff import digest
from vmapps.core.fields import Path, region
from vmapps.core.resource import Body, Entry, Link, Machine, Mark, Reference, Value
from vmapps.core.versions import LATEST

OWNER_KEY, MACHINE_KEY, PREVIOUS_KEY, HALTED_KEY = "vmapps-owner", "vmapps-machine", "previous", "halted"
MARK_KEYS = (OWNER_KEY, MACHINE_KEY, PREVIOUS_KEY, HALTED_KEY)


def machine_hash(machine: ArmId) -> str:
    """The eight hex digits that say for which machine a mark was written (product.md, "Ownership")."""
    return hashlib.sha256(machine.key.encode()).hexdigest()[:8]


def authors_tags(tags: str) -> dict[str, Value]:
    """The keys of the passthrough text that are not our mark."""
    return {key: value for key, value in _json_object(tags).items() if key not in MARK_KEYS}


def _json_object(text: str) -> dict[str, Value]:
    if not text.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def tags_text(author: Mapping[str, Value], mark: Mark) -> str:
    """The passthrough text: the author's keys, then the mark."""
    keys = {**author, OWNER_KEY: mark.owner, MACHINE_KEY: mark.machine}
    if mark.previous:
        keys[PREVIOUS_KEY] = mark.previous
    if mark.halted:
        keys[HALTED_KEY] = mark.halted
    return json.dumps(keys, separators=(",", ":"), ensure_ascii=False)


def on_wire(entry: Entry) -> Body:
    """An entry as it is sent, without what is Azure's own; its link without the query."""
    body: Body = {"packageReferenceId": entry.spelled}
    if entry.order is not None:
        body["order"] = entry.order
    if entry.tags:
        body["tags"] = entry.tags
    if entry.configuration is not None:
        body["configurationReference"] = entry.configuration
    body["treatFailureAsDeploymentFailure"] = entry.fails_deployment
    body["enableAutomaticUpgrade"] = entry.automatic_upgrade
    return body


def path_of(reference: Reference) -> Path:
    """Where a change of this entry stands: `applications["<gallery>/<application>"]`."""
    return ("applications", f"{reference.gallery.name}/{reference.application}")


def key_of(change: Change) -> tuple[str, str] | None:
    """Which entry a change is about, as `Reference.key` has it."""
    body = change.after if isinstance(change.after, dict) else change.before
    reference = Reference.parse(str(body.get("packageReferenceId", ""))) if isinstance(body, dict) else None
    return reference.key if reference else None


def others_digest(
    machine: Machine, changes: Iterable[Change], besides: Iterable[Path] = (), kept: Iterable[Path] = ()
) -> str:
    """A fingerprint of what a machine step depends on besides the entries it edits [architecture decision 5].

    `kept` are the entries of ours (as `path_of` has them) that stay: they are covered whole. `besides` are those that
    earlier steps of the plan edit, and are not covered. The rest is somebody else's, and covered as far as it decides
    what happens in the guest: whether a write empties the list, moves a `latest`, or makes two of one name.
    """
    several, earlier, ours = tuple(changes), set(map(_plain_path, besides)), set(map(_plain_path, kept))
    beside = untouched(machine, several)
    others = [one for one in beside if _path(one) not in earlier]
    staying = sorted(_normal(one) for one in others if _path(one) in ours)
    named = {str(one.path[-1]).rpartition("/")[2].lower() for one in several if one.after is not None}
    foreign = sorted(_weight(one, named) for one in others if _path(one) not in ours)
    empties = not beside and not named
    return digest([*_place(machine), staying, [one for one in foreign if one], empties])


def place_digest(machine: Machine) -> str:
    """The same of a step that goes back: how far the plan got on the rest of the list is not to be known before."""
    return digest(_place(machine))


def _place(machine: Machine) -> list[Value]:
    return [region(machine.location), machine.os_type.lower(), machine.upgrade_mode]


def _path(entry: Entry) -> Path:
    """Where an entry stands, whatever its case; nowhere when its reference cannot be read."""
    return _plain_path(path_of(entry.reference)) if entry.reference else ()


def _plain_path(path: Path) -> Path:
    return tuple(part.lower() for part in path)


def _weight(entry: Entry, named: set[str]) -> str:
    """What of somebody else's entry has a say in what our write sets off; "" when nothing has.

    A write makes Azure resolve `latest` anew [azure-facts 3.3]; the guest tells applications apart by name only [3.5].
    """
    reference = entry.reference
    if reference is None:
        return ""
    moves, clashes = reference.version.lower() == LATEST, reference.application.lower() in named
    return f"{'/'.join(reference.key)} {moves} {clashes}" if moves or clashes else ""


def untouched(machine: Machine, changes: Iterable[Change]) -> tuple[Entry, ...]:
    """The machine's entries that no change edits."""
    edited = {key_of(change) for change in changes}
    return tuple(one for one in machine.entries if one.reference is None or one.reference.key not in edited)


def _normal(entry: Entry) -> str:
    link = entry.configuration.key if entry.configuration else ""
    return digest(
        [entry.spelled.lower(), entry.order, entry.fails_deployment, entry.automatic_upgrade, link, entry.tags]
    )


def find(machine: Machine, key: tuple[str, str] | None) -> Entry | None:
    """The machine's entry of one gallery and application."""
    return next((entry for entry in machine.entries if entry.reference and entry.reference.key == key), None)


def looks_like(entry: Entry | None, body: Value, *, exactly: bool) -> bool:
    """Whether an entry is as a change's `before` (`exactly`) or `after` says.

    After a write an optional field that was not sent may have kept its old value, and Azure may not keep our mark:
    neither makes a difference [recordings: profile writes; product.md, "Ownership"].
    """
    if entry is None or not isinstance(body, dict):
        return entry is None and body is None
    live = on_wire(entry)
    fields = ("order", "configurationReference") if exactly else [key for key in OPTIONAL if key in body]
    if any(_plain(live.get(key)) != _plain(body.get(key)) for key in (*REQUIRED, *fields)):
        return False
    tags = body.get("tags")
    return not (entry.tags and tags) or entry.tags == tags or authors_tags(entry.tags) == authors_tags(str(tags))


def differ(before: Value, after: Value) -> bool:
    """Whether an entry that left and came back can be told from what was there, whatever its mark says."""
    sides = [side for side in (before, after) if isinstance(side, dict)]
    first, *rest = ({name: value for name, value in side.items() if name != "tags"} for side in sides)
    return any(first != one for one in rest)


REQUIRED = ("packageReferenceId", "treatFailureAsDeploymentFailure", "enableAutomaticUpgrade")
OPTIONAL = ("order", "configurationReference")


def _plain(value: Value) -> Value:
    if isinstance(value, Link):
        return value.key
    return value.lower() if isinstance(value, str) else value


def composed(machine: Machine, changes: Iterable[Change]) -> tuple[bytes | Body, ...]:
    """The machine's whole list with our changes in it: foreign entries as their own bytes, in their own places."""
    edits = {key_of(change): change.after for change in changes}
    entries: list[bytes | Body] = []
    for entry in machine.entries:
        key = entry.reference.key if entry.reference else None
        if key is None or key not in edits:
            entries.append(_as_read(entry))
        elif isinstance(after := edits.pop(key), dict):
            entries.append(after)
    return (*entries, *(after for after in edits.values() if isinstance(after, dict)))


def _as_read(entry: Entry) -> bytes | Body:
    """A foreign entry's own bytes.

    A link that came back without its query may have lost its SAS on the way out: re-sending it would store it
    without. An omitted field keeps its value, so it is left out [recordings: profile writes; product.md, "Links"].
    """
    if entry.configuration is None:
        return entry.raw
    fields = json.loads(entry.raw)
    if "?" in str(fields.get("configurationReference", "")):
        return entry.raw
    return {key: value for key, value in fields.items() if key != "configurationReference"}
