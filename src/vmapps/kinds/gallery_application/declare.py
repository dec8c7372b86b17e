"""A GalleryApplication document as what is wanted."""

from __future__ import annotations

from vmapps.core.resource import Desired
from vmapps.kinds.gallery_application.defaults import with_version_defaults
from vmapps.kinds.kind import Document, Surroundings, put
from vmapps.kinds.shape import address_of, declared, instant, put_common, read_schema, spec_of, wanted_away

SCHEMA = with_version_defaults(read_schema(__package__))


def declare(document: Document, surroundings: Surroundings) -> Desired | None:
    """What is wanted, in the gallery that the document names."""
    project, spec = surroundings.project, document.spec
    gallery = surroundings.gallery_ids[spec["gallery"].lower()]
    arm_id = gallery.child("applications", document.name)
    if document.is_absent:
        return wanted_away(document, arm_id, project)
    body = declared(spec_of(SCHEMA), spec)
    if "endOfLifeDate" in spec:
        put(body, "properties.endOfLifeDate", instant(spec["endOfLifeDate"]))
    initial = put_common(body, document, project)
    return Desired(
        address_of(document.kind, arm_id, project),
        arm_id,
        body,
        project.owner,
        initial=initial,
        needs=(address_of("Gallery", gallery, project),),
        source=(document.span(),),
        protect=spec.get("protect", False),
        retention=spec.get("retention", {}).get("keep"),
    )
