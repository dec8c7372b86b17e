"""What is around a project: who we are, what we may, what a subscription knows. Imported late, as in `wiring`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vmapps.cli.options import Common
from vmapps.core.declaration import Project
from vmapps.core.doctor import Provider
from vmapps.core.permissions import Grant

if TYPE_CHECKING:
    from vmapps.azure.cloud import AzureCloud


def who(project: Project, common: Common) -> Mapping[str, str] | None:
    """Who is signed in; None where the endpoint is on this machine, which gets no token. Raises CloudFailure."""
    from vmapps.azure.access import who
    from vmapps.azure.clouds import is_loopback

    if common.endpoint and is_loopback(common.endpoint):
        return None
    return who(project.cloud, common.ca_file or "")


def provider(azure: AzureCloud, subscription: str, *, register: bool = False) -> Provider:
    """Microsoft.Compute in a subscription; with `register` it is registered first."""
    from vmapps.azure.access import provider

    return provider(azure.arm, subscription, register=register)


def grants(azure: AzureCloud, scope: str) -> tuple[Grant, ...]:
    """What the caller's roles allow there; raises CloudFailure."""
    from vmapps.azure.access import grants

    return grants(azure.arm, scope)


def pinned(azure: AzureCloud) -> Mapping[str, str]:
    """The api-versions that we ask in, by the resource types that are written."""
    from vmapps.kinds.catalog import KINDS

    return {kind.arm_type: azure.arm.versions[kind.family] for kind in KINDS.values() if kind.arm_type}
