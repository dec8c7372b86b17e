"""A Gallery document as what is wanted."""

from __future__ import annotations

from vmapps.core.address import ArmId
from vmapps.core.declaration import Project
from vmapps.core.resource import Desired
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.shape import address_of, declared, put_common, read_schema, spec_of, wanted_away

SCHEMA = read_schema(__package__)


def gallery_id(document: Document, project: Project) -> ArmId:
    """The ARM id: the document's subscription and resource group, or the project's."""
    subscription = document.spec.get("subscription", project.subscription)
    group = document.spec.get("resourceGroup", project.resource_group)
    return ArmId(subscription, group, ("galleries",), (document.name,))


def declare(document: Document, surroundings: Surroundings) -> Desired | None:
    """What is wanted; nothing of a gallery that another team manages."""
    if not document.spec.get("managed", True):
        return None
    project = surroundings.project
    arm_id = gallery_id(document, project)
    if document.is_absent:
        return wanted_away(document, arm_id, project)
    body = declared(spec_of(SCHEMA), document.spec)
    initial = put_common(body, document, project)
    return Desired(
        address_of(document.kind, arm_id, project),
        arm_id,
        body,
        project.owner,
        initial=initial,
        source=(document.span(),),
        protect=document.spec.get("protect", False),
    )
