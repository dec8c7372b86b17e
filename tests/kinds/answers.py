"""Azure's answers, and what the kinds export of them."""

from __future__ import annotations

import json
from typing import Any

from kinds.samples import HOME
from vmapps.core.resource import Listed
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Exported

ELSEWHERE = "22222222-2222-2222-2222-222222222222"
COMPUTE = f"/subscriptions/{HOME}/resourceGroups/rg/providers/Microsoft.Compute"
GALLERY = f"{COMPUTE}/galleries/platform"
VERSION = f"{GALLERY}/applications/nginx/versions/1.0.0"


def exported(body: dict[str, Any], kind: str = "Gallery", home: str = HOME) -> Exported:
    """What a kind makes of one answer of Azure's."""
    return export_of(KINDS[kind].decode(json.dumps(body).encode(), home))


def export_of(live: Listed) -> Exported:
    export = KINDS[live.address.kind].export
    assert export is not None
    return export(live)


def spec(found: Exported) -> dict[str, Any]:
    assert found.document is not None
    return dict(found.document["spec"])
