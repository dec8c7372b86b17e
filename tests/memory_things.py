"""Galleries, applications and versions in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import memory_rules as azure
from samples import HOME
from vmapps.core.address import Address, ArmId
from vmapps.core.resource import Observed

NAMES = {1: "Gallery", 2: "GalleryApplication", 3: "GalleryApplicationVersion"}


@dataclass
class Thing:
    """A gallery, application or version; `state` is "" for applications, whose writes are synchronous."""

    id: ArmId
    body: dict[str, Any]
    state: str = "Succeeded"

    def see(self) -> Observed:
        """As a list shows it."""
        elsewhere = "" if self.id.subscription == HOME else self.id.subscription
        return Observed(
            Address(NAMES[len(self.id.names)], self.id.names, elsewhere),
            self.id,
            azure.seen_body(self.body, self.state),
            azure.tag(self.body, "vmapps-owner"),
            azure.tag(self.body, "vmapps-content"),
            self.state,
        )
