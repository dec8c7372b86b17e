"""A live application as a document."""

from __future__ import annotations

from vmapps.core.resource import Observed
from vmapps.kinds.export import exported
from vmapps.kinds.gallery_application.declare import SCHEMA
from vmapps.kinds.kind import Exported


def export(live: Observed) -> Exported:
    """Its gallery is said by its name, as a Gallery document has it."""
    return exported(SCHEMA, live, {"gallery": live.id.names[0]}, needs=("supportedOSType",))
