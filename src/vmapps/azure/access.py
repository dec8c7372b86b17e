"""Who we are, what we may, and what a subscription knows: what `doctor` asks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from vmapps.azure.arm import Arm, expect, unexpected
from vmapps.azure.clients import credential
from vmapps.azure.clouds import CLOUDS
from vmapps.azure.failures import GARBLED, spoken
from vmapps.azure.read import items
from vmapps.core.doctor import Provider
from vmapps.core.permissions import Grant

VERSIONS = {"authorization": "2022-04-01", "resources": "2021-04-01"}
"""The api-versions of what is not Compute's [REST reference: Permissions, Providers]."""

CLAIMS = ("upn", "unique_name", "appid", "oid", "tid")


class _Permission(msgspec.Struct, rename="camel"):
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()


class _Type(msgspec.Struct, rename="camel"):
    resource_type: str
    api_versions: tuple[str, ...] = ()


class _Provider(msgspec.Struct, rename="camel"):
    registration_state: str = ""
    resource_types: tuple[_Type, ...] = ()


def grants(arm: Arm, scope: str) -> tuple[Grant, ...]:
    """What the caller's roles allow at a resource group or a resource; raises CloudFailure.

    Deny assignments and Azure Policy are not in it.
    """
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    try:
        found = [msgspec.json.decode(one, type=_Permission) for one in items(_elsewhere(arm), path, "authorization")]
    except GARBLED as error:
        raise unexpected(path) from error
    return tuple(Grant(one.actions, one.not_actions) for one in found)


def provider(arm: Arm, subscription: str, *, register: bool = False) -> Provider:
    """Microsoft.Compute in a subscription; with `register` it is registered first. Raises CloudFailure."""
    path, asked = f"/subscriptions/{subscription}/providers/Microsoft.Compute", _elsewhere(arm)
    if register:
        expect(arm.ask("POST", asked.url(f"{path}/register", "resources")), path)
    body = expect(arm.ask("GET", asked.url(path, "resources")), path).body
    try:
        found = msgspec.json.decode(body, type=_Provider)
    except GARBLED as error:
        raise unexpected(path) from error
    versions = {one.resource_type.lower(): one.api_versions for one in found.resource_types}
    return Provider(found.registration_state, versions)


def who(cloud: str, ca_file: str = "", signed_in: Any = None) -> Mapping[str, str]:
    """Who is signed in, as the claims of an ARM token say: names and ids, nothing that opens a door.

    Raises CloudFailure when no sign-in works.
    """
    names = CLOUDS[cloud]
    with spoken(names.authority, names.authority):
        token = (signed_in or credential(cloud, ca_file)).get_token(names.audience).token
    return claims(token)


def claims(token: str) -> Mapping[str, str]:
    """The names and ids in a JSON web token, unverified; nothing when it is none."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=dict[str, Any])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return {}
    return {name: str(found[name]) for name in CLAIMS if isinstance(found.get(name), str)}


def _elsewhere(arm: Arm) -> Arm:
    return replace(arm, versions={**arm.versions, **VERSIONS})
