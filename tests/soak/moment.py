"""One moment of Azure, guests and package store, seen whole; and what must hold between moments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from end_to_end.projects import OWNER
from soak import everything
from vmapps.core.address import ArmId
from vmapps.core.entries import machine_hash

MACHINES = "/virtualmachines/", "/virtualmachinescalesets/"
TIMES = ("etag", "timeCreated", "publishedDate", "vmId", "uniqueId", "identifier")
"""What differs between two runs that did the same: when, and who was counted when."""


@dataclass(frozen=True)
class Moment:
    """`state` is the emulator's whole state, `blobs` name -> content and metadata, `scripts` what guests ran."""

    state: Any
    blobs: Mapping[str, tuple[bytes, Any]]
    scripts: list[Any]

    @property
    def resources(self) -> dict[str, Any]:
        """Every resource's body by its id in lower case."""
        return {one["key"]: one["body"] for one in self.state["resources"]}

    def foreign(self) -> dict[str, str]:
        """What is not ours, spelled out.

        Of a gallery, an application, a version: all of it. Of a machine: the entries of others in their order, and
        everything that is no list of applications.
        """
        bodies = self.resources
        plain = {key: body for key, body in bodies.items() if not is_machine(key) and owner(body) != OWNER}
        machines = {key: body for key, body in bodies.items() if is_machine(key) and "/extensions/" not in key}
        return {key: json.dumps(body) for key, body in plain.items()} | {
            key: json.dumps([others(key, body), without_list(body)]) for key, body in machines.items()
        }

    def dangling(self) -> list[str]:
        """References of machines and models to versions that do not exist."""
        there = self.resources
        named = [
            (key, str(one.get("packageReferenceId")))
            for key, body in there.items()
            if is_machine(key)
            for one in entries(body)
        ]
        return [f"{key} -> {one}" for key, one in named if _version(one) not in there]

    def ours(self) -> dict[str, str]:
        """What is ours as it ends up, whenever and in however many writes it came about."""
        bodies = self.resources
        plain = {key: body for key, body in bodies.items() if not is_machine(key) and owner(body) == OWNER}
        listed = {key: mine(key, body) for key, body in bodies.items() if is_machine(key)}
        return {key: json.dumps(timeless(body), sort_keys=True) for key, body in (plain | listed).items()}

    def ran(self) -> Counter[tuple[str, str, str, str]]:
        """The scripts that guests ran, counted."""
        names = "machine", "applicationName", "version", "operation"
        ours = (one for one in self.scripts if one["applicationName"] in everything.OURS)
        return Counter(tuple(str(one[name]) for name in names) for one in ours)  # type: ignore[misc]

    def guests(self) -> dict[str, Any]:
        """What each guest has of ours: application -> version, whether it is in trouble, what it says."""
        return {
            machine: {
                name: (one["version"], one["operation"], one["result"])
                for name, one in guest["registry"].items()
                if name in everything.OURS
            }
            for machine, guest in self.state["guests"].items()
        }

    def with_entries(self, added: Mapping[str, list[Any]]) -> Moment:
        """The same with more entries of others at the ends of lists."""
        state = json.loads(json.dumps(self.state))
        for one in state["resources"]:
            if added.get(one["key"]):
                holder = one["body"]["properties"]
                holder = holder.get("virtualMachineProfile", holder)
                profile = holder.setdefault("applicationProfile", {"galleryApplications": []})
                profile["galleryApplications"].extend(added[one["key"]])
        return replace(self, state=state)


def is_machine(key: str) -> bool:
    return any(kind in key for kind in MACHINES)


def owner(body: Any) -> str:
    return str((body.get("tags") or {}).get("vmapps-owner", ""))


def entries(body: Any) -> list[Any]:
    """The list of a machine, or of a scale set's model."""
    properties = body["properties"]
    holder = properties.get("virtualMachineProfile") or properties
    found: list[Any] = (holder.get("applicationProfile") or {}).get("galleryApplications") or []
    return found


def others(key: str, body: Any) -> list[Any]:
    """The entries without our mark of this very machine."""
    return [one for one in entries(body) if not _is_ours(key, one)]


def mine(key: str, body: Any) -> list[Any]:
    """The entries with our mark of this very machine; their order means nothing, what is tried again comes last."""
    found = (one for one in entries(body) if _is_ours(key, one))
    return sorted(found, key=lambda one: str(one["packageReferenceId"]))


def _is_ours(key: str, entry: Any) -> bool:
    arm_id = ArmId.parse(key)
    try:
        mark = json.loads(entry.get("tags") or "{}")
    except ValueError:
        return False
    assert arm_id is not None
    return mark.get("vmapps-owner") == OWNER and mark.get("vmapps-machine") == machine_hash(arm_id)


def without_list(body: Any) -> Any:
    """A machine without its list, and without what every write of it changes."""
    written = "applicationProfile", "provisioningState", "instanceView", "latestModelApplied", "timeCreated"
    return _without(body, {*written, "etag", "resources", "extensionProfile"})


def timeless(value: Any) -> Any:
    return _without(value, set(TIMES))


def _without(value: Any, names: set[str]) -> Any:
    match value:
        case dict():
            return {name: _without(one, names) for name, one in value.items() if name not in names}
        case list():
            return [_without(one, names) for one in value]
        case str() if "&sig=" in value:
            return value.partition("?")[0]
        case _:
            return value


def _version(reference: str) -> str:
    whole = reference.lower()
    return whole.partition("/versions/latest")[0]


def broken(start: Moment, end: Moment, model: Moment, *, is_peaceful: bool = True) -> Iterator[str]:
    """What does not hold at the end of a run that began at `start`; `model` is how an undisturbed run ends.

    Where it was `peaceful` in Azure and in the guests, these did exactly the same as well.
    """
    instances = _instances_of_sets(start)
    yield from (f"dangling: {one}" for one in end.dangling())
    yield from _changed("foreign", start.foreign(), end.foreign(), but=instances)
    yield from (f"deleted, and not ours: {one}" for one in _lost(start, end))
    yield from _changed("ours", model.ours(), end.ours(), but=instances)
    yield from _changed("package", model.blobs, end.blobs)
    if not is_peaceful:
        yield from _changed("guest", _versions(model), _versions(end))
        return
    yield from _changed("guest", model.guests(), end.guests())
    if end.ran() != model.ran():
        yield f"scripts: more {dict(end.ran() - model.ran())}, fewer {dict(model.ran() - end.ran())}"


def _versions(moment: Moment) -> dict[str, Any]:
    """What is installed, whichever way it came.

    Not on the instances of a set in Rolling mode: whether Azure upgrades them once it took the model and the
    operation failed all the same is Azure's own.
    """
    return {
        machine: {name: (version, operation) for name, (version, operation, _) in held.items()}
        for machine, held in moment.guests().items()
        if f"/{everything.ROLLING}/" not in machine
    }


def _changed(
    word: str, before: Mapping[str, Any], after: Mapping[str, Any], but: frozenset[str] = frozenset()
) -> Iterator[str]:
    for key in sorted((before.keys() | after.keys()) - but):
        if before.get(key) != after.get(key):
            yield f"{word}: {key}:\n  {before.get(key)}\n  {after.get(key)}"


def _lost(start: Moment, end: Moment) -> list[str]:
    gone = start.resources.keys() - end.resources.keys()
    return sorted(key for key in gone if is_machine(key) or owner(start.resources[key]) != OWNER)


def _instances_of_sets(start: Moment) -> frozenset[str]:
    """Instances get what the model of their set says: theirs is no list of its own."""
    bodies = start.resources
    nested = {key for key in bodies if key.count("/virtualmachines/") and "/virtualmachinescalesets/" in key}
    return frozenset(nested | {key for key, body in bodies.items() if body["properties"].get("virtualMachineScaleSet")})
