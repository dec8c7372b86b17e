"""What could not be read, as the part of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmapps.core.address import Address
from vmapps.render.json_text import Tree


def unread_trees(unread: Mapping[Address, str], unseen: Sequence[str], closed: Mapping[str, str]) -> dict[str, Tree]:
    """Guests by address, subscriptions of the fleet, and lists of galleries by their path."""
    return {
        "unread": [{"address": str(address), "reason": unread[address]} for address in sorted(unread)],
        "unseen": list(unseen),
        "closed": [{"path": path, "reason": closed[path]} for path in sorted(closed)],
    }
