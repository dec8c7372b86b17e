"""GalleryApplicationVersion: a package, its commands, and where it is replicated to."""

from __future__ import annotations

from vmapps.kinds.gallery_application_version.check import check
from vmapps.kinds.gallery_application_version.declare import SCHEMA, declare
from vmapps.kinds.gallery_application_version.export import export
from vmapps.kinds.gallery_application_version.wire import decode
from vmapps.kinds.kind import Kind, rules_of

KIND = Kind(
    name="GalleryApplicationVersion",
    arm_type="galleries/applications/versions",
    family="gallery",
    rules=rules_of(SCHEMA),
    decode=decode,
    declare=declare,
    check=check,
    export=export,
    schema=SCHEMA,
)
