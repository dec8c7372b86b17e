"""When an answer of the emulator equals a recorded one: status, async headers, body without volatile values."""

import re
from typing import Any

_GROUP = re.compile(r"(/resourceGroups/)[^/]+", re.IGNORECASE)

Json = dict[str, Any]

HEADERS = ("azure-asyncoperation", "location", "etag")

# Values that differ between two runs of the service itself.
_VOLATILE = {
    "endTime",
    "forceUpdateTag",
    "principalId",
    "publicNames",
    "publishedDate",
    "startTime",
    "tenantId",
    "time",
    "timeCreated",
    "uniqueName",
    "vmId",
}


def normalised(value: Any) -> Any:
    """A body without volatile values: the key stays, the value goes."""
    if isinstance(value, dict):
        return {key: "*" if key in _VOLATILE else normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalised(item) for item in value]
    return value


def listed(value: Any) -> Any:
    """A list without the resource group's name in ids: the recorder masked it in small letters only."""
    if isinstance(value, dict) and isinstance(value.get("value"), list):
        items = [{**item, "id": _GROUP.sub(r"\1*", item["id"])} for item in value["value"]]
        return {**value, "value": items}
    return value


def operation_shape(body: Json) -> Json:
    """An operation's body: its name is a fresh GUID."""
    return {**normalised(body), "name": "*"}


def machine_shape(body: Any) -> Any:
    """What this emulator vouches for in a machine: identity, state, profile, VMAppExtension, ETag."""
    if not isinstance(body, dict):
        return body
    if "value" in body:
        return [machine_shape(item) for item in body["value"]]
    if "properties" not in body:
        return body
    shape = {name: body.get(name) for name in ("name", "id", "type", "location", "tags", "etag")}
    properties = body["properties"]
    shape |= {name: properties.get(name) for name in ("provisioningState", "applicationProfile")}
    extensions = [item for item in body.get("resources") or [] if item["name"] == "VMAppExtension"]
    return {**shape, "extension": normalised(extensions)}


def difference(one: Any, other: Any, path: str = "$") -> list[str]:
    """The paths at which two bodies differ, with the kind of difference."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = [f"{path}.{name}: missing" for name in one.keys() - other.keys()]
        found += [f"{path}.{name}: added" for name in other.keys() - one.keys()]
        for name in one.keys() & other.keys():
            found += difference(one[name], other[name], f"{path}.{name}")
        return sorted(found)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for at in range(len(one)) for line in difference(one[at], other[at], f"{path}[]")]
    return [] if one == other else [f"{path}: value"]
