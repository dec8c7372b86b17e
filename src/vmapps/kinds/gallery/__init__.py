"""Gallery: where applications live."""

from __future__ import annotations

from vmapps.kinds.gallery.check import check
from vmapps.kinds.gallery.declare import SCHEMA, declare
from vmapps.kinds.gallery.export import export
from vmapps.kinds.gallery.wire import decode
from vmapps.kinds.kind import Kind, rules_of

KIND = Kind(
    name="Gallery",
    arm_type="galleries",
    family="gallery",
    rules=rules_of(SCHEMA),
    decode=decode,
    declare=declare,
    check=check,
    export=export,
    schema=SCHEMA,
)
