"""What galleries, applications and versions have in common on the wire."""

from __future__ import annotations

from typing import Any

import msgspec

from vmapps.core.address import Address, ArmId
from vmapps.core.resource import CONTENT_TAG, OWNER_TAG, Body, Link, Observed

SECRET_LINKS = ("mediaLink", "defaultConfigurationLink")
"""The URLs under publishingProfile.source: Azure answers them with their SAS in plain text [azure-facts 2.3]."""

ENVELOPE = ("id", "name", "type", "etag")
"""What a body is wrapped in: it names the resource, it does not describe it."""

_read = msgspec.json.Decoder(dict[str, Any])


def observed(raw: bytes | msgspec.Raw, kind: str, home: str) -> Observed:
    """Read one gallery resource; raises msgspec.MsgspecError when it is none."""
    body = _read.decode(raw)
    arm_id = resource_id(body.get("id"))
    tags = body.get("tags")
    state = _below(body, "properties").get("provisioningState")
    return Observed(
        address=Address(kind, arm_id.names, below(arm_id, home)),
        id=arm_id,
        body=_without_secrets({name: value for name, value in body.items() if name not in ENVELOPE}),
        owner=_tag(tags, OWNER_TAG),
        content=_tag(tags, CONTENT_TAG),
        state=state if isinstance(state, str) else "",
    )


def resource_id(text: object) -> ArmId:
    """The id of an item; raises msgspec.ValidationError when it is not one."""
    found = ArmId.parse(text) if isinstance(text, str) else None
    if found is None:
        raise msgspec.ValidationError(f"'{text}' is not the id of a resource")
    return found


def below(arm_id: ArmId, home: str) -> str:
    """The subscription as an address shows it: nothing when it is the project's own."""
    return "" if arm_id.subscription.lower() == home.lower() else arm_id.subscription


def _tag(tags: object, name: str) -> str:
    """A tag's value; tag names ignore case [azure-facts 10]."""
    if not isinstance(tags, dict):
        return ""
    return next((str(value) for key, value in tags.items() if key.lower() == name), "")


def _below(body: Body, *path: str) -> Body:
    """The map at a path; empty when there is none."""
    for name in path:
        inner = body.get(name)
        body = inner if isinstance(inner, dict) else {}
    return body


def _without_secrets(body: Body) -> Body:
    """The body with its package URLs as links without their query. The body was just decoded: nobody else has it."""
    source = _below(body, "properties", "publishingProfile", "source")
    for name in SECRET_LINKS:
        url = source.get(name)
        if isinstance(url, str):
            source[name] = Link.seen(url)
    return body
