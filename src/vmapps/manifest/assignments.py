"""A VMAssignment document as the assignment that the planner resolves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Project, Selector, Target, Wanted
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.shape import address_of


def assignment_of(document: Document, around: Surroundings, foreign: frozenset[ArmId]) -> Assignment:
    """The assignment; in a gallery that is not ours, only Azure knows the versions."""
    spec = document.spec
    applications = (wanted_of(document, at, around, foreign) for at in range(len(spec["applications"])))
    return Assignment(
        Address(document.kind, (document.name,)),
        tuple(target_of(document, at, around.project) for at in range(len(spec["targets"]))),
        tuple(applications),
        document.span(),
    )


def target_of(document: Document, at: int, project: Project) -> Target:
    """One target: a machine, or a selector with what it is expected to find."""
    target = document.spec["targets"][at]
    span = document.span("spec", "targets", str(at))
    if "virtualMachine" in target:
        return Target(span, machine=machine_of(target["virtualMachine"], project))
    expect = target.get("expect", {})
    return Target(
        span,
        selector=_selector(target["selector"]),
        at_least=expect.get("atLeast"),
        at_most=expect.get("atMost"),
    )


def machine_of(text: str, project: Project) -> Address:
    """The address of `resourceGroup/name` or of an ARM id."""
    arm_id = ArmId.parse(text) if text.startswith("/") else None
    if arm_id is None:
        return Address("VirtualMachine", tuple(text.split("/")))
    elsewhere = arm_id.subscription.lower() != project.subscription.lower()
    name = (arm_id.resource_group, arm_id.name)
    return Address("VirtualMachine", name, arm_id.subscription if elsewhere else "")


def _selector(fields: Mapping[str, Any]) -> Selector:
    tags = fields.get("tags", {})
    return Selector(
        kinds=tuple(fields.get("kinds", ("VirtualMachine",))),
        resource_groups=tuple(fields.get("resourceGroups", ())),
        names=tuple(fields.get("names", ())),
        tags={name: (value,) if isinstance(value, str) else tuple(value) for name, value in tags.items()},
        os_type=fields.get("osType", ""),
        locations=tuple(fields.get("locations", ())),
        exclude=_selector(fields["not"]) if "not" in fields else None,
    )


def application_id(text: str, around: Surroundings) -> ArmId | None:
    """The ARM id of an application, from `gallery/application` or from itself; None for an unknown gallery."""
    if text.startswith("/"):
        return ArmId.parse(text)
    gallery, name = text.split("/")
    found = around.gallery_ids.get(gallery.lower())
    return found.child("applications", name) if found else None


def wanted_of(document: Document, at: int, around: Surroundings, foreign: frozenset[ArmId]) -> Wanted:
    """One application of an assignment; its references are known to resolve."""
    entry = document.spec["applications"][at]
    arm_id = application_id(entry["application"], around)
    assert arm_id is not None
    reference = entry.get("configurationReference")
    return Wanted(
        address_of("GalleryApplication", arm_id, around.project),
        arm_id.parent,
        entry["version"],
        document.span("spec", "applications", str(at)),
        live=entry.get("from") == "live" or arm_id.parent in foreign,
        order=entry.get("order"),
        fails_deployment=entry.get("treatFailureAsDeploymentFailure", False),
        configuration=around.link(reference) if reference else None,
        tags=entry.get("tags", {}),
    )
