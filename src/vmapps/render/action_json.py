"""What a step does, as the changes of its JSON document, and read back from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from vmapps.core.action import (
    VERBS,
    Action,
    Assign,
    Change,
    Check,
    Create,
    Delete,
    Discard,
    Update,
    UpgradeInstances,
    Upload,
    Verify,
)
from vmapps.core.address import Address, ArmId
from vmapps.core.resource import Body, Value


def told(action: Action) -> tuple[Change, ...]:
    """An action as changes: its own, or its terms with nothing before them."""
    match action:
        case Upload(sha256, size, file):
            return _terms({"sha256": sha256, "size": size, "file": file})
        case UpgradeInstances(instances, pushed, applications):
            return _terms({"instances": [*instances], "pushed": pushed, "applications": {**dict(applications)}})
        case Verify():
            return _terms(_look(action))
        case Discard(sha256):
            return (Change(("sha256",), sha256, None),)
        case Create() | Update() | Delete() | Assign():
            return action.changes
        case _:
            assert_never(action)


def _terms(terms: Body) -> tuple[Change, ...]:
    return tuple(Change((name,), None, value) for name, value in terms.items())


def _look(action: Verify) -> Body:
    accepted: list[Value] = [str(one) for one in action.accepted]
    machines: list[Value] = [_machine(one) for one in action.checks]
    return {"machines": machines, "maxFailures": action.max_failures, "pause": action.pause, "accepted": accepted}


def _machine(check: Check) -> Body:
    return {
        "machine": str(check.machine),
        "address": str(check.address),
        "applications": {**dict(check.applications)},
        "isScaleSet": check.is_scale_set,
        "olderStay": check.older_stay,
    }


def action_of(verb: str, changes: tuple[Change, ...]) -> Action:
    """Read it back; raises ValueError when the changes are not those of such an action."""
    if verb not in READ:
        raise ValueError(f"'{verb}' is no action")
    return READ[verb](changes)


def _upload(changes: tuple[Change, ...]) -> Upload:
    match _after(changes):
        case {"sha256": str(sha256), "size": int(size), "file": str(file)}:
            return Upload(sha256, size, file)
        case _:
            raise ValueError("an upload tells its sha256, size and file")


def _upgrade(changes: tuple[Change, ...]) -> UpgradeInstances:
    match _after(changes):
        case {"instances": list(names), "pushed": bool(pushed), "applications": dict(applications)}:
            return UpgradeInstances(_texts(names), pushed, _versions(applications))
        case _:
            raise ValueError("an upgrade tells its instances, who pushes, and what they get")


def _verify(changes: tuple[Change, ...]) -> Verify:
    match _after(changes):
        case {"machines": list(machines), "maxFailures": int(most), "pause": pause, "accepted": list(accepted)} if (
            isinstance(pause, int | float)
        ):
            checks = tuple(map(_check, machines))
            return Verify(checks, most, pause, tuple(Address.parse(one) for one in _texts(accepted)))
        case _:
            raise ValueError("a look tells its machines, how many may fail, its pause and what is accepted")


def _check(machine: Value) -> Check:
    match machine:
        case {
            "machine": str(text),
            "address": str(where),
            "applications": dict(found),
            "isScaleSet": bool(many),
            "olderStay": bool(stay),
        } if arm_id := ArmId.parse(text):
            return Check(arm_id, Address.parse(where), _versions(found), many, stay)
        case _:
            raise ValueError("a look names each machine, its address and its applications")


def _discard(changes: tuple[Change, ...]) -> Discard:
    match {".".join(change.path): change.before for change in changes}:
        case {"sha256": str(sha256)}:
            return Discard(sha256)
        case _:
            raise ValueError("a discard tells its sha256")


def _after(changes: tuple[Change, ...]) -> Mapping[str, Value]:
    return {".".join(change.path): change.after for change in changes}


def _texts(values: list[Value]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("a list of names holds something else")
    return tuple(map(str, values))


def _versions(applications: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(applications, _texts([*applications.values()]), strict=True))


READ: Mapping[str, Callable[[tuple[Change, ...]], Action]] = {
    VERBS[Upload]: _upload,
    VERBS[Create]: Create,
    VERBS[Update]: Update,
    VERBS[Delete]: Delete,
    VERBS[Assign]: Assign,
    VERBS[UpgradeInstances]: _upgrade,
    VERBS[Verify]: _verify,
    VERBS[Discard]: _discard,
}
