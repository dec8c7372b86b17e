"""Plans as they occur, written down."""

from __future__ import annotations

from dataclasses import replace

from vmapps.core.action import (
    Action,
    Assign,
    Change,
    Check,
    Create,
    Delete,
    Discard,
    Update,
    UpgradeInstances,
    Upload,
    Verify,
)
from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Span, error, warning
from vmapps.core.plan import Expectation, Note, Options, Plan, ProjectId, Step
from vmapps.core.resource import Body, Link, Value

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
PROJECT = ProjectId("contoso-platform", "contoso-platform.7f3a9c12", SUBSCRIPTION)
GALLERY = ArmId(SUBSCRIPTION, "rg-galleries", ("galleries",), ("platform",))
NGINX = GALLERY.child("applications", "nginx")
PACKAGE = "9f2c" + "0" * 60
STORE = "https://contosopkgs.blob.core.windows.net/vm-packages/sha256/"
INSTALL = """#!/bin/sh
set -e
tar -xzf nginx.tar.gz
install -d /opt/nginx /etc/nginx/conf.d
cp -r nginx/* /opt/nginx/
cp nginx.conf /etc/nginx/nginx.conf
id nginx >/dev/null 2>&1 || useradd --system nginx
chown -R nginx: /opt/nginx
install -m 644 nginx.service /etc/systemd/system/
systemctl daemon-reload
systemctl enable nginx
systemctl restart nginx
systemctl is-active nginx
echo "installed $(/opt/nginx/sbin/nginx -v 2>&1)"
"""


def put(path: str, value: Value) -> Change:
    return Change(tuple(path.split(".")), None, value)


def machine(number: int, group: str = "rg-web") -> tuple[Address, ArmId]:
    name = f"web-{number:02}"
    arm_id = ArmId(SUBSCRIPTION, group, ("virtualMachines",), (name,))
    return Address("VirtualMachine", (group, name)), arm_id


def entry(application: str, version: str, machine: str = "", **more: Value) -> Body:
    reference = GALLERY.child("applications", application).child("versions", version)
    mark = f'{{"vmapps-owner":"{PROJECT.owner}","vmapps-machine":"{machine}"}}'
    switches: Body = {"treatFailureAsDeploymentFailure": False, "enableAutomaticUpgrade": False}
    return {"packageReferenceId": str(reference), "tags": mark, **switches, **more}


def edit(application: str, before: Value, after: Value) -> Change:
    return Change(("applications", f"platform/{application}"), before, after)


def assign(number: int, *edits: Change, guest: tuple[str, ...], because: str, needs: tuple[str, ...] = ()) -> Step:
    address, arm_id = machine(number)
    source = (Span("manifests/web.yaml", 3, 5),)
    return Step(f"{address}#1", address, arm_id, Assign(edits), because, guest, needs, source)


def step(address: Address, arm_id: ArmId | None, action: Action, because: str) -> Step:
    place = () if isinstance(action, Delete | Discard) else (Span("manifests/nginx.yaml", 1, 1),)
    return Step(f"{address}#1", address, arm_id, action, because, source=place, expects=Expectation((), "d" * 64))


UPLOAD = step(
    Address("Package", (PACKAGE[:12],)),
    None,
    Upload(PACKAGE, 4_404_019, "packages/nginx-1.26.2.tar.gz"),
    "a version needs it and the package store does not have it",
)
CREATE_GALLERY = step(
    Address("Gallery", ("platform",)),
    GALLERY,
    Create(
        (
            put("location", "westeurope"),
            put("properties.description", "Platform team's applications"),
            put("tags.costCentre", "4711"),
            put("tags.vmapps-owner", PROJECT.owner),
        )
    ),
    "it is declared and not in Azure",
)
CREATE_APPLICATION = step(
    Address("GalleryApplication", ("platform", "nginx")),
    NGINX,
    Create((put("location", "westeurope"), put("properties.supportedOSType", "Linux"))),
    "it is declared and not in Azure",
)
CREATE_VERSION = step(
    Address("GalleryApplicationVersion", ("platform", "nginx", "1.26.2")),
    NGINX.child("versions", "1.26.2"),
    Create(
        (
            put("properties.publishingProfile.source.mediaLink", Link(STORE + PACKAGE, blob=PACKAGE)),
            put("properties.publishingProfile.manageActions.install", INSTALL),
            put("properties.publishingProfile.manageActions.remove", "sh ./install.sh --remove"),
            put(
                "properties.publishingProfile.targetRegions",
                [
                    {"name": "westeurope", "regionalReplicaCount": 2, "excludeFromLatest": False},
                    {"name": "northeurope", "regionalReplicaCount": 1, "excludeFromLatest": False},
                ],
            ),
        )
    ),
    "it is declared and not in Azure",
)
UPDATE_VERSION = step(
    Address("GalleryApplicationVersion", ("platform", "base", "1.4.0")),
    GALLERY.child("applications", "base").child("versions", "1.4.0"),
    Update(
        (
            Change(
                ("properties", "publishingProfile", "targetRegions"),
                [{"name": "westeurope", "regionalReplicaCount": 2}, {"name": "northeurope", "regionalReplicaCount": 1}],
                [{"name": "westeurope", "regionalReplicaCount": 3}, {"name": "northeurope", "regionalReplicaCount": 1}],
            ),
            Change(("properties", "publishingProfile", "excludeFromLatest"), False, True),
            Change(("properties", "publishingProfile", "endOfLifeDate"), "2027-12-31T00:00:00Z", None),
            Change(("tags", "a.b"), "x", 'y "quoted" \x1b[31m'),
        )
    ),
    "targetRegions, excludeFromLatest, endOfLifeDate and tags differ",
)
DELETE_VERSION = step(
    Address("GalleryApplicationVersion", ("platform", "base", "1.2.0")),
    GALLERY.child("applications", "base").child("versions", "1.2.0"),
    Delete((Change(("tags", "vmapps-owner"), PROJECT.owner, None),)),
    "it carries our mark, is no longer declared, and no machine refers to it",
)
INSTALLED = "it is assigned and not on the machine"


def web(number: int) -> Step:
    return assign(
        number,
        edit("base", entry("base", "1.3.0", str(number)), entry("base", "1.4.0", str(number))),
        edit("nginx", None, entry("nginx", "1.26.2", str(number), order=2)),
        guest=("platform/base: update 1.3.0 -> 1.4.0 (runs 1.4.0's update script)", "platform/nginx: install 1.26.2"),
        because=f"platform/base: version 1.3.0 -> 1.4.0; platform/nginx: {INSTALLED}",
        needs=(CREATE_VERSION.id,),
    )


REORDER = assign(
    99,
    edit("base", entry("base", "1.4.0"), entry("base", "1.4.0", order=1, treatFailureAsDeploymentFailure=True)),
    edit("old", entry("old", "1.0.0"), None),
    guest=("platform/base: no effect in the guest: same version (1.4.0)", "platform/old: remove 1.0.0"),
    because="platform/base: order none -> 1; platform/old: it carries our mark and is no longer assigned",
)


def again(first: Step, action: Action, because: str, guest: tuple[str, ...] = ()) -> Step:
    """A second step at the same address, after the first."""
    return replace(first, id=f"{first.address}#2", action=action, because=because, guest=guest, needs=(first.id,))


REPLACED = replace(DELETE_VERSION, because="its package is replaced under the same number (--allow-replace)")
CREATED_AGAIN = again(REPLACED, CREATE_APPLICATION.action, "it is declared and not in Azure")


def taken_off(number: int) -> Step:
    return assign(
        number,
        edit("nginx", entry("nginx", "1.26.2", str(number), order=2), None),
        guest=("platform/nginx: remove 1.26.2 (runs its remove script)",),
        because="platform/nginx: order 2 -> none, which a write cannot clear (--allow-reinstall)",
    )


def put_back(number: int) -> Step:
    action = Assign((edit("nginx", None, entry("nginx", "1.26.2", str(number))),))
    guest = ("platform/nginx: install 1.26.2",)
    return again(taken_off(number), action, "platform/nginx: put back without order", guest)


SCALE_SET = ArmId(SUBSCRIPTION, "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
MODEL = step(
    Address("VirtualMachineScaleSet", ("rg-web", "web-ss")),
    SCALE_SET,
    Assign((edit("nginx", None, entry("nginx", "1.26.2", "ss")),)),
    f"platform/nginx: {INSTALLED}",
)
PUSHED = again(
    MODEL,
    UpgradeInstances(tuple(map(str, range(14))), pushed=True),
    "14 instances are behind the model, and upgradeInstances is on",
    ("platform/nginx: install 1.26.2",),
)
FOLLOWED = step(
    Address("VirtualMachineScaleSet", ("rg-web", "api-ss")),
    ArmId(SUBSCRIPTION, "rg-web", ("virtualMachineScaleSets",), ("api-ss",)),
    UpgradeInstances(("api_0", "api_3"), pushed=False),
    "its policy is Rolling: Azure brings the model to 2 instances in batches",
)
DISCARDED = step(
    Address("Package", ("77" * 6,)), None, Discard("77" * 32), "no manifest, version or machine names it any more"
)
NOTES = (
    Note("kept", Address("Gallery", ("sandbox",)), "no longer declared; --prune deletes it"),
    Note("unchanged", Address("GalleryApplication", ("platform", "base")), "is what its manifest says"),
    Note("foreign", machine(1)[0], "platform/agent 3.1.0 is not ours: left as it is"),
)
WARNING = warning("end-of-life", "endOfLifeDate is in the past", Span("manifests/base.yaml", 7, 18))
RESOURCES = (UPLOAD, CREATE_GALLERY, CREATE_APPLICATION, CREATE_VERSION, UPDATE_VERSION)

ROLLOUT = Address("VMAssignment", ("web-tier",))


def updated(number: int, wave: int, *needs: str) -> Step:
    change = edit("base", entry("base", "1.3.0", str(number)), entry("base", "1.4.0", str(number)))
    because = "platform/base: version 1.3.0 -> 1.4.0"
    return replace(assign(number, change, guest=(GUEST,), because=because, needs=needs), wave=wave)


def rolled_back(number: int) -> Step:
    change = edit("base", entry("base", "1.4.0", str(number)), entry("base", "1.3.0", str(number)))
    back = "platform/base: downgrade 1.4.0 -> 1.3.0: runs 1.3.0's update script"
    step = assign(number, change, guest=(back,), because="the rollout halted: back to what this plan found")
    return replace(step, id=f"{step.address}#2", wave=1, only_if=(LOOK.id,))


GUEST = "platform/base: update 1.3.0 -> 1.4.0 (runs 1.4.0's update script)"
LOOK = Step(
    f"{ROLLOUT}#1",
    ROLLOUT,
    None,
    Verify((Check(machine(1)[1], machine(1)[0], (("base", "1.4.0"),)),), pause=600),
    "the next wave begins when at most 0 of 1 machine so far are without success",
    source=(Span("manifests/web.yaml", 3, 5),),
    wave=1,
    waits=(f"{machine(1)[0]}#1",),
)
STAGED = (updated(1, 1), updated(2, 1), LOOK, updated(3, 2, LOOK.id), rolled_back(1), rolled_back(2))

PLANS = {
    "rollout": Plan(PROJECT, Options(rollback_on_halt=True), STAGED),
    "nothing": Plan(PROJECT, notes=(NOTES[1],)),
    "everything": Plan(
        PROJECT,
        Options(prune=True),
        (*RESOURCES, web(1), REORDER, DELETE_VERSION),
        NOTES,
        (WARNING,),
    ),
    "fleet": Plan(PROJECT, steps=tuple(web(number) for number in range(1, 41))),
    "turns": Plan(
        PROJECT,
        steps=(
            REPLACED,
            CREATED_AGAIN,
            *(taken_off(number) for number in (1, 2)),
            *(put_back(number) for number in (1, 2)),
            MODEL,
            PUSHED,
            FOLLOWED,
            DISCARDED,
        ),
        notes=(
            Note("metadata-waits", machine(3)[0], "platform/base: tags differ; written with its next change"),
            Note("cannot-clear", machine(3)[0], "platform/base 1.4.0 keeps order 2 until its next version"),
        ),
    ),
    "halted": Plan(
        PROJECT,
        notes=(
            Note("halted", Address("VMAssignment", ("web-tier",)), "wave 2 is not planned: 1 without success"),
            *(
                Note("guest-failed", machine(n)[0], "platform/base 1.4.0 failed in the guest (boom)")
                for n in range(1, 6)
            ),
            NOTES[1],
        ),
    ),
    "pair": Plan(PROJECT, steps=(web(1), web(2))),
    "errors": Plan(
        PROJECT,
        diagnostics=(
            WARNING,
            error(
                "content-changed",
                "GalleryApplicationVersion/platform/nginx/1.26.2 is published with other content",
                Span("manifests/nginx.yaml", 12, 3),
                hint="publish it as 1.26.3",
            ),
            error("other-owner", "Gallery/shared belongs to 'other.1'", subject="Gallery/shared"),
        ),
    ),
    "refused": Plan(
        PROJECT,
        Options(prune=True),
        (DELETE_VERSION,),
        refusals=(
            error(
                "too-many-deletes",
                "the plan deletes 12 objects, safety.maxDeletes is 10",
                Span("vmapps.yaml", 20, 3),
                hint="--accept deletes=12",
            ),
        ),
    ),
}
