"""GalleryApplication: what the versions of an application have in common."""

from __future__ import annotations

from vmapps.kinds.gallery_application.check import check
from vmapps.kinds.gallery_application.declare import SCHEMA, declare
from vmapps.kinds.gallery_application.export import export
from vmapps.kinds.gallery_application.wire import decode
from vmapps.kinds.kind import Kind, rules_of

KIND = Kind(
    name="GalleryApplication",
    arm_type="galleries/applications",
    family="gallery",
    rules=rules_of(SCHEMA),
    decode=decode,
    declare=declare,
    check=check,
    export=export,
    schema=SCHEMA,
)
