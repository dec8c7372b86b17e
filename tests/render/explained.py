"""Explanations as they occur: the plans of `cases`, with a world and manifests that go with them."""

from __future__ import annotations

from dataclasses import replace

from render import cases
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Declarations, Project, Selector, Target, Wanted
from vmapps.core.diagnostic import Span, warning
from vmapps.core.entries import machine_hash
from vmapps.core.explain import Explanation, explanation
from vmapps.core.plan import Plan
from vmapps.core.resource import Desired, Entry, Machine, Mark, Observed, Reference, World

PROJECT = Project("contoso-platform", "7f3a9c12", "AzurePublic", cases.SUBSCRIPTION)
OWNER = PROJECT.owner
OTHERS = Mark("other.1", machine_hash(cases.machine(1)[1]))
SECRET = "sig=c4n4ry"


def entry(application: str, version: str, mark: Mark | None = None, gallery: ArmId = cases.GALLERY) -> Entry:
    reference = Reference(gallery, application, version)
    return Entry(reference, str(reference.id), mark=mark)


def web(number: int, *entries: Entry) -> Machine:
    address, arm_id = cases.machine(number)
    return Machine(address, arm_id, "westeurope", "Linux", state="Succeeded", entries=entries)


def live(address: Address, arm_id: ArmId, owner: str, state: str = "Succeeded") -> Observed:
    return Observed(address, arm_id, {}, owner, state=state)


def wanted(application: str, version: str, line: int) -> Wanted:
    address = Address("GalleryApplication", ("platform", application))
    return Wanted(address, cases.GALLERY, version, Span("manifests/web.yaml", line, 5))


BASE = Address("GalleryApplication", ("platform", "base"))
OLD_VERSION = cases.DELETE_VERSION.address
SET = Machine(
    cases.MODEL.address,
    cases.SCALE_SET,
    "westeurope",
    "Linux",
    state="Updating",
    upgrade_mode="Manual",
    orchestration="Uniform",
)
ROLLING = replace(
    SET, address=cases.FOLLOWED.address, id=replace(cases.SCALE_SET, names=("api-ss",)), upgrade_mode="Rolling"
)
UNREADABLE = Entry(None, f"https://contosopkgs.blob.core.windows.net/p?sv=1&{SECRET}")
WORLD = World.of(
    iter(
        (
            live(BASE, cases.GALLERY.child("applications", "base"), OWNER, ""),
            live(OLD_VERSION, cases.GALLERY.child("applications", "base").child("versions", "1.2.0"), OWNER),
            live(Address("Gallery", ("theirs",)), replace(cases.GALLERY, names=("theirs",)), "other.1", "Failed"),
            web(1, entry("base", "1.3.0"), entry("tool", "2.0.0", OTHERS), entry("agent", "3.1.0"), UNREADABLE),
            *(web(number, entry("base", "1.3.0")) for number in range(2, 14)),
            SET,
            ROLLING,
        )
    )
)
TARGETS = (Target(Span("manifests/web.yaml", 1, 5), selector=Selector()),)
WEB = Assignment(
    Address("VMAssignment", ("web",)),
    TARGETS,
    (wanted("base", "1.4.0", 3), wanted("nginx", "1.26.2", 5)),
    Span("manifests/web.yaml", 1, 1),
)
DECLARED = Declarations(
    PROJECT,
    tuple(
        Desired(step.address, step.resource, {}, OWNER, source=step.source)
        for step in (cases.CREATE_APPLICATION, cases.CREATE_VERSION, cases.UPDATE_VERSION)
        if step.resource is not None
    ),
    assignments=(WEB,),
)
EVERYTHING = replace(
    cases.PLANS["everything"],
    diagnostics=(warning("doubtful", f"the link https://h/p?{SECRET} expires soon", Span("manifests/web.yaml", 4, 2)),),
)


def explained(pattern: str, plan: Plan = EVERYTHING) -> Explanation:
    return explanation(plan, WORLD, pattern, DECLARED)


EXPLANATIONS = {
    "machine": explained("VirtualMachine/rg-web/web-01"),
    "version": explained("GalleryApplicationVersion/platform/nginx/*"),
    "assignment": explained("VMAssignment/web"),
    "silent": explained("Gallery/theirs"),
    "turns": explained("VirtualMachine*/rg-web/*-*s", cases.PLANS["turns"]),
    "package": explained("Package/*"),
    "refused": explained(str(OLD_VERSION), cases.PLANS["refused"]),
    "errors": explained("GalleryApplication/platform/base", cases.PLANS["errors"]),
    "fleet": explained(
        cases.CREATE_VERSION.id, replace(cases.PLANS["fleet"], steps=(*cases.RESOURCES, *cases.PLANS["fleet"].steps))
    ),
}
