"""A small estate in which one plan holds every action there is, among galleries, entries and packages of others."""

from __future__ import annotations

import json
from typing import Any

from end_to_end.azure_side import COMPUTE, GALLERIES, PLATFORM, SUBSCRIPTION, Arm, machine_id, version_body
from end_to_end.projects import OWNER, Document, Project, application, document, gallery, link, version
from vmapps.core.address import ArmId
from vmapps.core.entries import machine_hash

CONSENT = "--prune", "--allow-reinstall", "--allow-replace", "GalleryApplication/platform/tool"
"""What the plan needs to be told; `apply`'s own options come besides."""

OTHERS = "others.ffff0000"
WAVE = "web-01", "web-02", "web-03"
SETS = {"web-ss": "Uniform", "api-ss": "Flexible"}
ROLLING = "roll-ss"
OURS = "agent", "base", "legacy", "tool", "new"


def set_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-web/{COMPUTE}/virtualMachineScaleSets/{name}"


TARGETS = (
    *(machine_id(name) for name in (*WAVE, "db-01")),
    *(set_id(name) for name in (*SETS, ROLLING)),
)


def before() -> tuple[Document, ...]:
    """What an earlier commit declared."""
    return (
        gallery(description="the old words"),
        gallery("attic"),
        application(),
        version(),
        application("base"),
        version("1.0.0", link("base"), "platform/base"),
        application("legacy"),
        version("1.0.0", application="platform/legacy"),
        application("tool", supportedOSType="Windows"),
        version("1.0.0", link("tool"), "platform/tool"),
        _assigned("agents", WAVE, _wanted("agent", "1.0.0"), rollout={"waves": [1, "100%"]}),
        _assigned("bases", ("web-01", "web-03"), {**_wanted("base", "1.0.0"), "order": 4}),
        _assigned("legacies", ("web-02", "web-03"), _wanted("legacy", "1.0.0")),
        _on_sets("1.0.0"),
    )


def after() -> tuple[Document, ...]:
    """What today's commit declares: something of every kind is new, other, moved, replaced, taken away or gone."""
    regions = [{"name": "westeurope"}, {"name": "northeurope"}]
    gone = {"application": "platform/base", "state": "absent"}
    return (
        gallery(description="the new words"),
        gallery("fresh"),
        application(description="what runs everywhere"),
        version(targetRegions=regions),
        version("1.1.0"),
        application("base"),
        version("1.0.0", link("base"), "platform/base"),
        application("tool", supportedOSType="Linux"),
        version("1.0.0", link("tool"), "platform/tool"),
        application("new", gallery="fresh"),
        version("1.0.0", link("new"), "fresh/new"),
        _assigned("agents", WAVE, _wanted("agent", "1.1.0"), rollout={"waves": [1, "100%"]}),
        _assigned("bases", ("web-03",), _wanted("base", "1.0.0")),
        _assigned("no-bases", ("web-01",), gone),
        _assigned("news", ("web-02", "db-01"), {"application": "fresh/new", "version": "1.0.0", "order": 2}),
        _on_sets("1.1.0"),
    )


def _wanted(name: str, number: str) -> dict[str, Any]:
    return {"application": f"platform/{name}", "version": number}


def _assigned(name: str, machines: tuple[str, ...], *wanted: Any, **more: Any) -> Document:
    targets = [{"virtualMachine": f"rg-web/{one}"} for one in machines]
    return document("VMAssignment", name, {"targets": targets, "applications": [*wanted], **more})


def _on_sets(number: str) -> Document:
    targets = [{"virtualMachineScaleSet": f"rg-web/{name}"} for name in (*SETS, ROLLING)]
    return document(
        "VMAssignment",
        "on-sets",
        {"targets": targets, "applications": [_wanted("agent", number)], "upgradeInstances": True},
    )


def write(project: Project, documents: tuple[Document, ...]) -> None:
    """The project's files."""
    project.spec["safety"] = {"maxDeletes": 50, "maxDeletePercent": 100}
    for number in ("1.0.0", "1.1.0"):
        project.package(number)
    content = b"#!/bin/sh\necho legacy\n"
    if any(one["metadata"]["name"] == "legacy" for one in documents):
        legacy = next(one for one in documents if one["spec"].get("application") == "platform/legacy")
        legacy["spec"]["source"] = {"package": "../packages/legacy.sh"}
    project.file("packages/legacy.sh", content)
    project.holds(*documents)


def others(arm: Arm) -> None:
    """What is not ours, before we come."""
    arm.group("rg-galleries", "rg-web")
    entry = _foreign_entry(arm.scanner())
    marked = {"tags": {"vmapps-owner": OTHERS, "costCentre": "9"}}
    collector = _published(arm, f"{GALLERIES}/theirs", "collector", "3.0.0", marked)
    _published(arm, f"{GALLERIES}/byhand", "gadget", "1.0.0", {})
    theirs = {"packageReferenceId": collector, "tags": json.dumps({"vmapps-owner": OTHERS, "vmapps-machine": "0"})}
    by_hand = {"packageReferenceId": f"{GALLERIES}/byhand/applications/gadget/versions/1.0.0"}
    arm.machine("web-01", entry, theirs, tags={"role": "web", "odd": "a  b"})
    arm.machine("web-02", by_hand, entry)
    arm.machine("web-03")
    arm.machine("db-01", theirs)
    arm.machine("db-02", entry, by_hand)
    for name, mode in SETS.items():
        _scale_set(arm, name, mode, "Manual", 2, entry)
    _scale_set(arm, ROLLING, "Uniform", "Rolling", 1)


def others_in_ours(arm: Arm) -> None:
    """What others put into our own gallery once it is there, and a copy of one of our machines."""
    _published(arm, PLATFORM, "guest-made", "9.9.9", {}, is_new=False)
    arm.write(
        "PUT", f"{PLATFORM}/applications/agent/versions/0.9.0", version_body("https://x.blob.core.windows.net/p/a")
    )
    mark = {"vmapps-owner": OWNER, "vmapps-machine": _hash("web-02")}
    copied = {"packageReferenceId": f"{PLATFORM}/applications/agent/versions/1.0.0", "tags": json.dumps(mark)}
    arm.machine("clone-01", copied)


def _hash(name: str) -> str:
    found = ArmId.parse(machine_id(name))
    assert found is not None
    return machine_hash(found)


def _foreign_entry(reference: str) -> dict[str, Any]:
    """As Azure Policy's agents are assigned; the tags are spelled as no program of ours spells them."""
    return {"packageReferenceId": reference, "order": 1, "tags": '{ "team" :"security", "n": 1e2}'}


def _published(arm: Arm, parent: str, name: str, number: str, more: Any, *, is_new: bool = True) -> str:
    body = {"location": "westeurope", **more}
    if is_new:
        arm.write("PUT", parent, body)
    arm.write("PUT", f"{parent}/applications/{name}", {**body, "properties": {"supportedOSType": "Linux"}})
    whole = f"{parent}/applications/{name}/versions/{number}"
    arm.write("PUT", whole, version_body("https://elsewhere.blob.core.windows.net/p/x", **more))
    return whole


def _scale_set(arm: Arm, name: str, orchestration: str, mode: str, count: int, *entries: Any) -> None:
    model: dict[str, Any] = {
        "osProfile": {"computerNamePrefix": name[:3], "adminUsername": "me", "adminPassword": "secret"},
        "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
        "networkProfile": {"networkInterfaceConfigurations": []},
    }
    if entries:
        model["applicationProfile"] = {"galleryApplications": list(entries)}
    properties = {"orchestrationMode": orchestration, "upgradePolicy": {"mode": mode}, "virtualMachineProfile": model}
    sku = {"name": "Standard_B2s", "tier": "Standard", "capacity": count}
    arm.write("PUT", set_id(name), {"location": "westeurope", "sku": sku, "properties": properties})
