"""A live gallery as a document."""

from __future__ import annotations

from vmapps.core.resource import Observed
from vmapps.kinds.export import exported
from vmapps.kinds.gallery.declare import SCHEMA
from vmapps.kinds.kind import Exported


def export(live: Observed) -> Exported:
    """Its subscription is said when it is not the project's own, its resource group always."""
    elsewhere = {"subscription": live.id.subscription} if live.address.subscription else {}
    return exported(SCHEMA, live, {**elsewhere, "resourceGroup": live.id.resource_group})
