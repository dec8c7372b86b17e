"""When an answer of the emulator equals a recorded one: status, async headers, body without volatile values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_GROUP = re.compile(r"(/resourceGroups/)[^/]+", re.IGNORECASE)

# What the service makes up in names of its own, such as those of disks.
_TOKEN = re.compile(r"[0-9a-fA-F]{32}")

Json = dict[str, Any]

HEADERS = ("azure-asyncoperation", "location", "etag")

# Values that differ between two runs of the service itself: ids, times, tokens, placement.
_VOLATILE = {
    "endTime",
    "exactVersion",
    "forceUpdateTag",
    "placementGroupId",
    "platformFaultDomain",
    "platformUpdateDomain",
    "principalId",
    "publicNames",
    "publishedDate",
    "startTime",
    "tenantId",
    "time",
    "timeCreated",
    "uniqueId",
    "uniqueName",
    "vmAgentVersion",
    "vmId",
}


@dataclass(frozen=True, order=True)
class Difference:
    """One place where two answers differ: the type of the resource, the path in it, and how."""

    resource: str
    path: str
    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.resource} {self.path} {self.kind}"


def normalised(value: Any) -> Any:
    """A body without volatile values: the key stays, the value goes."""
    if isinstance(value, dict):
        return {key: "*" if key in _VOLATILE else normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalised(item) for item in value]
    return _TOKEN.sub("*", value) if isinstance(value, str) else value


def listed(value: Any) -> Any:
    """A list in the order of ids, without the group's name in them: the recorder masked it in small letters only."""
    if isinstance(value, dict) and isinstance(value.get("value"), list):
        items = [{**item, "id": _GROUP.sub(r"\1*", item["id"])} if "id" in item else item for item in value["value"]]
        return {**value, "value": sorted(items, key=lambda item: str(item.get("id", "")).lower())}
    return value


def operation_shape(body: Any) -> Any:
    """An operation's body: its name is a fresh GUID. A monitor's answer may have none."""
    return {**normalised(body), "name": "*"} if isinstance(body, dict) else {}


def core(body: Any) -> Any:
    """What decides about applications: identity, state, profile, VMAppExtension, ETag, model state of instances."""
    if not isinstance(body, dict):
        return body
    if isinstance(body.get("value"), list):
        return [core(item) for item in body["value"]]
    if not isinstance(body.get("properties"), dict):
        return normalised(body) if "error" in body else {}
    shape = {name: body.get(name) for name in ("name", "id", "type", "location", "tags", "etag", "instanceId")}
    properties = body["properties"]
    model = properties.get("virtualMachineProfile") or properties
    named = ("provisioningState", "latestModelApplied", "protectionPolicy", "orchestrationMode")
    shape |= {name: properties.get(name) for name in named}
    shape["applicationProfile"] = model.get("applicationProfile")
    extensions = body.get("resources") or (model.get("extensionProfile") or {}).get("extensions") or []
    return {**shape, "extension": normalised([item for item in extensions if item["name"] == "VMAppExtension"])}


def differences(resource: str, one: Any, other: Any, path: str = "$") -> Iterator[Difference]:
    """Where two bodies differ; the items of a list answer are each a resource of their own."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            below = f"{path}.{name}"
            if name not in other:
                yield Difference(resource, below, "missing")
            elif name not in one:
                yield Difference(resource, below, "added")
            else:
                yield from differences(resource, one[name], other[name], below)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        inside = "$" if path == "$.value" else f"{path}[]"
        for at in range(len(one)):
            yield from differences(resource, one[at], other[at], inside)
    elif one != other:
        yield Difference(resource, path, "value", f"{str(one)[:60]} -> {str(other)[:60]}")
