"""Small things to plan with, named as people say them. The rules are azure-facts 1.7, written down once more."""

from __future__ import annotations

import hashlib
from typing import Any

from vmapps.core.address import Address, ArmId
from vmapps.core.asked import Asked
from vmapps.core.declaration import Assignment, Declarations, Package, Project, Store, Target, Wanted
from vmapps.core.diagnostic import Span
from vmapps.core.fields import Field, Ownership, Rules
from vmapps.core.plan import Options
from vmapps.core.resource import Body, Desired, Entry, Link, Machine, Mark, Observed, Reference

HOME = "11111111-1111-1111-1111-111111111111"
ELSEWHERE = "99999999-9999-9999-9999-999999999999"
GROUP = "rg-galleries"
STORE = Store("https://pkgs.blob.core.windows.net", "packages")
PROJECT = Project("contoso", "7f3a", "AzurePublic", HOME, GROUP, "westeurope", store=STORE, former_owners=("old",))
OWNER = PROJECT.owner
HERE = Span("vmapps.yaml", 1, 1)

FIXED = Field(Ownership.FIXED)
PROFILE = ("properties", "publishingProfile")
RULES = {
    "Gallery": Rules(
        {
            ("location",): Field(Ownership.FIXED, "region"),
            ("identity", "userAssignedIdentities"): Field(compare="armIds", whole=True),
            ("properties", "sharingProfile", "permissions"): Field(Ownership.FIXED, default="Private"),
        }
    ),
    "GalleryApplication": Rules(
        {
            ("location",): Field(Ownership.FIXED, "region"),
            ("properties", "supportedOSType"): FIXED,
            ("properties", "endOfLifeDate"): Field(compare="instant"),
            ("properties", "customActions"): Field(whole=True),
        }
    ),
    "GalleryApplicationVersion": Rules(
        {
            ("location",): Field(Ownership.FIXED, "region"),
            (*PROFILE, "source", "mediaLink"): Field(Ownership.FIXED, "link"),
            (*PROFILE, "source", "defaultConfigurationLink"): Field(Ownership.FIXED, "link"),
            **{(*PROFILE, "manageActions", name): FIXED for name in ("install", "update", "remove")},
            **{
                (*PROFILE, "settings", name): FIXED
                for name in ("packageFileName", "configFileName", "scriptBehaviorAfterReboot")
            },
            (*PROFILE, "storageAccountType"): Field(Ownership.FIXED, default="Standard_LRS"),
            (*PROFILE, "storageAccountStrategy"): FIXED,
            (*PROFILE, "replicationMode"): Field(Ownership.FIXED, default="Full"),
            (*PROFILE, "advancedSettings"): Field(Ownership.FIXED, whole=True),
            (*PROFILE, "customActions"): Field(Ownership.FIXED, whole=True),
            (*PROFILE, "targetRegions"): Field(compare="regions", whole=True),
            (*PROFILE, "excludeFromLatest"): Field(default=False),
            (*PROFILE, "enableHealthCheck"): Field(default=False),
            (*PROFILE, "endOfLifeDate"): Field(compare="instant"),
        }
    ),
}
KINDS = ("Gallery", "GalleryApplication", "GalleryApplicationVersion")


def gallery_id(name: str = "platform", subscription: str = HOME) -> ArmId:
    return ArmId(subscription, GROUP, ("galleries",), (name,))


def resource_id(*names: str) -> ArmId:
    """The id of a gallery, an application or a version, by how many names there are."""
    return ArmId(HOME, GROUP, ("galleries", "applications", "versions")[: len(names)], names)


def address(*names: str) -> Address:
    return Address(KINDS[len(names) - 1], names)


def machine_id(name: str = "web-01", group: str = "rg-web") -> ArmId:
    return ArmId(HOME, group, ("virtualMachines",), (name,))


def machine_address(name: str = "web-01", group: str = "rg-web") -> Address:
    return Address("VirtualMachine", (group, name))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def package(text: str = "nginx", *, is_here: bool = True) -> Package:
    from pathlib import PurePath

    name = f"packages/{text}.tar.gz"
    return Package(sha256(text), len(text) or 1, PurePath(name) if is_here else None, name)


def version_body(content: str = "nginx", *, regions: tuple[str, ...] = ("westeurope",), **profile: Any) -> Body:
    """What an author declares of a version; `content` names its package."""
    return {
        "properties": {
            "publishingProfile": {
                "source": {"mediaLink": STORE.link(sha256(content))},
                "manageActions": {"install": "sh install.sh", "remove": "sh remove.sh"},
                "targetRegions": [
                    {"name": name, "regionalReplicaCount": 1, "storageAccountType": "Standard_LRS"} for name in regions
                ],
                **profile,
            }
        }
    }


def application_body(**properties: Any) -> Body:
    return {"properties": {"supportedOSType": "Linux", **properties}}


def desired(*names: str, body: Body | None = None, content: str = "nginx", **more: Any) -> Desired:
    """A declared gallery, application or version."""
    own = ({}, application_body(), version_body(content))[len(names) - 1] if body is None else body
    initial: Body = {"location": "westeurope"}
    needs = (address(*names[:-1]),) if names[:-1] else ()
    mark = ""
    if len(names) == 3:
        needs = (*needs, package(content).address)
        mark = f"v1:sha256:{sha256(content)}"
    return Desired(
        address(*names),
        resource_id(*names),
        own,
        OWNER,
        **{"initial": initial, "content": mark, "needs": needs, "source": (HERE,), **more},
    )


def observed(
    *names: str, owner: str = OWNER, content: str = "nginx", state: str = "Succeeded", **more: Any
) -> Observed:
    """The live twin of `desired(*names)`; `body` has the author's fields, Azure's own are added."""
    own = more.pop("body", ({}, application_body(), version_body(content))[len(names) - 1])
    mark = f"v1:sha256:{sha256(content)}" if len(names) == 3 and owner else ""
    marks = {"vmapps-owner": owner, "vmapps-content": mark}
    body = {"location": "westeurope", "tags": {name: value for name, value in marks.items() if value}, **own}
    properties = {**body.get("properties", {}), "provisioningState": state}
    return Observed(
        address(*names), resource_id(*names), {**body, "properties": properties}, owner, mark, state, **more
    )


def reference(version: str = "1.0.0", application: str = "nginx", gallery: str = "platform") -> Reference:
    return Reference(gallery_id(gallery), application, version)


def machine_hash(name: str = "web-01", group: str = "rg-web") -> str:
    """Product.md, "Ownership": 8 hex of sha256 of the lower-case machine id."""
    return sha256(str(machine_id(name, group)).lower())[:8]


def mark_text(owner: str = OWNER, machine: str = "web-01", **author: str) -> str:
    import json

    return json.dumps({**author, "vmapps-owner": owner, "vmapps-machine": machine_hash(machine)}, separators=(",", ":"))


def entry(
    version: str = "1.0.0", application: str = "nginx", *, owner: str = "", on: str = "web-01", **more: Any
) -> Entry:
    """An entry of a machine; with an `owner` it carries that owner's mark for the machine `on`."""
    refers = more.pop("reference", reference(version, application))
    tags = more.pop("tags", mark_text(owner, on) if owner else "")
    mark = Mark(owner, machine_hash(on)) if owner else None
    spelled = str(refers.id) if refers else "nothing"
    return Entry(refers, spelled, tags=tags, mark=mark, raw=b'{"packageReferenceId":"%b"}' % spelled.encode(), **more)


def machine(*entries: Entry, name: str = "web-01", **more: Any) -> Machine:
    plain = {"location": "westeurope", "os_type": "Linux", "etag": '"1"', **more}
    return Machine(machine_address(name), machine_id(name), entries=entries, **plain)


def wanted(version: str = "1.0.0", application: str = "nginx", gallery: str = "platform", **more: Any) -> Wanted:
    return Wanted(address(gallery, application), gallery_id(gallery), version, more.pop("span", HERE), **more)


def assignment(*applications: Wanted, to: tuple[str, ...] = ("web-01",), name: str = "web", **more: Any) -> Assignment:
    targets = more.pop("targets", tuple(Target(HERE, machine=machine_address(one)) for one in to))
    return Assignment(Address("VMAssignment", (name,)), targets, applications, HERE, **more)


def declarations(*resources: Desired, assignments: tuple[Assignment, ...] = (), **more: Any) -> Declarations:
    """A project; the packages are those that its versions name."""
    project = more.pop("project", PROJECT)
    blobs = sorted({link.blob for one in resources for link in links_of(one.body) if link.blob})
    named = more.pop("packages", ())
    known = {one.sha256: one for one in named}
    packages = tuple(known.get(blob) or _anonymous(blob) for blob in blobs)
    return Declarations(project, resources, packages, assignments, **more)


def _anonymous(blob: str) -> Package:
    from pathlib import PurePath

    return Package(blob, 7, PurePath("packages/some.tar.gz"), "packages/some.tar.gz")


def links_of(body: Body) -> list[Link]:
    """Every link in a body."""
    found: list[Link] = []
    for value in body.values():
        if isinstance(value, Link):
            found.append(value)
        elif isinstance(value, dict):
            found.extend(links_of(value))
    return found


def asked(rules: Any = RULES, **options: Any) -> Asked:
    return Asked(OWNER, PROJECT.former_owners, Options(**options), rules)
