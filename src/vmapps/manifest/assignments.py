"""A VMAssignment document as the assignment that the planner resolves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Project, Selector, Target, Wanted
from vmapps.core.resource import Link
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.shape import address_of
from vmapps.manifest.rollouts import rollout_of

MACHINES = {"virtualMachine": "VirtualMachine", "virtualMachineScaleSet": "VirtualMachineScaleSet"}
"""The kind of a machine by the field that names it."""


def assignment_of(document: Document, around: Surroundings, foreign: frozenset[ArmId]) -> Assignment:
    """The assignment; in a gallery that is not ours, only Azure knows the versions."""
    spec = document.spec
    return Assignment(
        Address(document.kind, (document.name,)),
        tuple(target_of(document, at, around.project) for at in range(len(spec["targets"]))),
        tuple(wanted_of(document, at, around, foreign) for at in range(len(spec["applications"]))),
        document.span(),
        exclusive=spec.get("ownership") == "exclusive",
        ignore=tuple(spec.get("ignore", ())),
        upgrade_instances=spec.get("upgradeInstances", False),
        rollout=rollout_of(spec["rollout"]) if "rollout" in spec else None,
    )


def target_of(document: Document, at: int, project: Project) -> Target:
    """One target: a machine, or a selector with what it is expected to find."""
    target = document.spec["targets"][at]
    span = document.span("spec", "targets", str(at))
    if machine := machine_of(target, project):
        return Target(span, machine=machine)
    expect = target.get("expect", {})
    return Target(
        span,
        selector=_selector(target["selector"]),
        at_least=expect.get("atLeast"),
        at_most=expect.get("atMost"),
    )


def machine_of(target: Mapping[str, str], project: Project) -> Address | None:
    """The address of the virtual machine or scale set that a target names; None for a selector."""
    kind, text = next(((MACHINES[field], text) for field, text in target.items() if field in MACHINES), ("", ""))
    if not kind:
        return None
    arm_id = ArmId.parse(text) if text.startswith("/") else None
    if arm_id is None:
        return Address(kind, tuple(text.split("/")))
    elsewhere = arm_id.subscription.lower() != project.subscription.lower()
    return Address(kind, (arm_id.resource_group, arm_id.name), arm_id.subscription if elsewhere else "")


def _selector(fields: Mapping[str, Any]) -> Selector:
    tags = fields.get("tags", {})
    return Selector(
        kinds=tuple(fields.get("kinds", ("VirtualMachine",))),
        resource_groups=tuple(fields.get("resourceGroups", ())),
        names=tuple(fields.get("names", ())),
        tags={name: (value,) if isinstance(value, str) else tuple(value) for name, value in tags.items()},
        os_type=fields.get("osType", ""),
        locations=tuple(fields.get("locations", ())),
        exclude=_selector({"kinds": (), **fields["not"]}) if "not" in fields else None,
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
    follows = entry.get("followLatest", False)
    return Wanted(
        _address(entry["application"], around),
        arm_id.parent,
        entry.get("version", "latest" if follows else ""),
        document.span("spec", "applications", str(at)),
        live=entry.get("from") == "live" or arm_id.parent in foreign,
        order=entry.get("order"),
        fails_deployment=entry.get("treatFailureAsDeploymentFailure", False),
        configuration=_configuration(document, at, around),
        tags=entry.get("tags", {}),
        depends_on=tuple(_address(text, around) for text in entry.get("dependsOn", ())),
        absent=entry.get("state") == "absent",
        follow_latest=follows,
        automatic_upgrade=entry.get("enableAutomaticUpgrade", False),
    )


def _address(text: str, around: Surroundings) -> Address:
    """The address of an application that is known to resolve."""
    arm_id = application_id(text, around)
    assert arm_id is not None
    return address_of("GalleryApplication", arm_id, around.project)


def _configuration(document: Document, at: int, around: Surroundings) -> Link | None:
    """A URL as it is written, or the lasting link of a local file."""
    entry = document.spec["applications"][at]
    if "configurationReference" in entry:
        return around.link(entry["configurationReference"])
    if "configuration" not in entry:
        return None
    package = around.package(document, ("spec", "applications", str(at), "configuration"))
    assert package is not None
    assert around.project.store is not None
    return around.project.store.lasting_link(package.sha256)
