"""From a document's fields to the shape of the wire, by the notes in the kind's schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Project
from vmapps.core.resource import Body, Desired
from vmapps.kinds.kind import Document, put


def read_schema(package: str) -> dict[str, Any]:
    """The schema.json beside a kind's code; it ships in the wheel."""
    text = resources.files(package).joinpath("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def spec_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a document's schema that describes its `spec`."""
    spec: Mapping[str, Any] = schema["properties"]["spec"]
    return spec


def declared(shape: Mapping[str, Any], fields: Mapping[str, Any]) -> Body:
    """Every field that has a place on the wire, put there; vmapps' own fields have none."""
    body: Body = {}
    _put_declared(body, shape, fields)
    return body


def _put_declared(body: Body, shape: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        field = shape.get("properties", {}).get(name, {})
        path = field.get("x-vmapps", {}).get("path")
        if path is not None:
            put(body, path, value)
        elif isinstance(value, dict):
            _put_declared(body, field, value)


def put_common(body: Body, document: Document, project: Project) -> Body:
    """Put the tags (the project's under the document's); the body that is sent only on create comes back.

    A location that the document does not say is the project's, and never compared: nobody declared it here.
    """
    tags = merged_tags(project.tags, document.spec.get("tags", {}))
    put(body, "tags", dict(tags) or None)
    initial: Body = {}
    if "location" not in document.spec:
        put(initial, "location", project.location or None)
    return initial


def merged_tags(below: Mapping[str, str], above: Mapping[str, str]) -> Mapping[str, str]:
    """Both maps in one; tag names ignore case [azure-facts 10], and the upper one's spelling and value win."""
    taken = {name.lower() for name in above}
    return {**{name: value for name, value in below.items() if name.lower() not in taken}, **above}


def address_of(kind: str, arm_id: ArmId, project: Project) -> Address:
    """The address of a gallery or of what is in it: with its subscription when that is not the project's own."""
    foreign = arm_id.subscription.lower() != project.subscription.lower()
    return Address(kind, arm_id.names, arm_id.subscription if foreign else "")


def wanted_away(document: Document, arm_id: ArmId, project: Project) -> Desired:
    """A resource that is to be deleted: nothing else that its document says counts."""
    address = address_of(document.kind, arm_id, project)
    return Desired(address, arm_id, {}, project.owner, source=(document.span(),), absent=True)


def instant(text: str) -> str:
    """A date or moment as Azure's date-time: a date is its midnight, a moment without a zone is UTC.

    Raises ValueError when the text is neither.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"'{text}' is out of range") from error
    return moment.isoformat().replace("+00:00", "Z")
