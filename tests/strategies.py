"""Projects and worlds to plan with: small, shrinkable, from a handful of names in several spellings.

A *tame* scenario is mostly one that can be applied; a wild one also has other owners, conflicts, dangling
references and objects that Azure still works on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from hypothesis import strategies as st

from memory_cloud import Box, MemoryCloud
from samples import (
    ELSEWHERE,
    GROUP,
    HERE,
    OWNER,
    PROJECT,
    declarations,
    desired,
    machine_address,
    machine_id,
    mark_text,
    resource_id,
    sha256,
    version_body,
    wanted,
)
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Declarations, Package, Selector, Target
from vmapps.core.plan import Options
from vmapps.core.resource import Body, Desired, Link, Value

GALLERIES = {"platform": ("nginx", "Agent"), "Tools": ("curl", "Vim")}
VERSIONS = ("1.0.0", "1.0.1", "1.10.0", "2.0.0")
MACHINES = ("web-01", "web-02", "DB-1")
REGIONS = (("westeurope",), ("westeurope", "northeurope"))
OUTSIDE = ArmId(ELSEWHERE, "rg-policy", ("galleries",), ("agents",))

booleans = st.booleans()
words = st.sampled_from(["", "a", "A", "nginx", "web-01", "web-1", "1.2", "ünï", "a b", 'q"uote', "a.b", "²", "x\n"])
names = st.one_of(words.filter(bool), st.text(min_size=1, max_size=6).filter(lambda text: "/" not in text))
paths = st.lists(st.one_of(words, st.text(max_size=5)), min_size=1, max_size=4).map(tuple)
subscriptions = st.sampled_from(["", ELSEWHERE])
addresses = st.builds(
    Address,
    st.sampled_from(["Gallery", "VirtualMachine", "GalleryApplication"]),
    st.lists(names, min_size=1, max_size=3).map(tuple),
    subscriptions,
)
versions = st.builds(
    lambda *parts: ".".join(map(str, parts)), *(st.one_of(st.integers(0, 3), st.integers(0, 2**31 - 1)),) * 3
)
plain_values: st.SearchStrategy[Value] = st.recursive(
    st.one_of(st.none(), booleans, st.integers(-3, 3), words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)
bodies: st.SearchStrategy[Body] = st.dictionaries(
    st.sampled_from(["location", "tags", "properties", "identity"]),
    st.one_of(words, st.dictionaries(words.filter(bool), plain_values, max_size=3)),
    max_size=3,
)
options = st.builds(Options, prune=booleans, adopt=booleans)


@st.composite
def arm_ids(draw: st.DrawFn) -> ArmId:
    part = st.text("abcXYZ019-_.", min_size=1, max_size=5)
    depth = draw(st.integers(1, 3))
    types = ("galleries", "applications", "versions")[:depth]
    return ArmId(draw(part), draw(part), types, tuple(draw(part) for _ in types))


@st.composite
def spelled(draw: st.DrawFn, text: str) -> str:
    """The same name in other letters: Azure ignores their case and may change it."""
    return draw(st.sampled_from([text, text.upper(), text.lower()]))


@dataclass(frozen=True)
class Scenario:
    """What is declared, and what a cloud holds before the first plan."""

    declarations: Declarations
    things: tuple[tuple[ArmId, dict[str, Any], str], ...] = ()
    boxes: tuple[Box, ...] = ()
    blobs: frozenset[str] = frozenset()
    links: dict[str, str] = field(default_factory=dict)

    def cloud(self, **more: Any) -> MemoryCloud:
        """A new cloud in the state of the beginning."""
        cloud = MemoryCloud(**more)
        for thing in self.things:
            cloud.seed(*thing)
        for box in self.boxes:
            cloud.add(replace(box, entries=list(box.entries)))
        cloud.blobs.update(self.blobs)
        cloud.links.update(self.links)
        return cloud


def on_wire(value: Value) -> Any:
    """A declared body as Azure holds it: links are URLs with a signature."""
    if isinstance(value, Link):
        return f"{value.url}?sv=1&sig=old"
    if isinstance(value, dict):
        return {name: on_wire(inner) for name, inner in value.items()}
    return [on_wire(one) for one in value] if isinstance(value, list) else value


@st.composite
def resources(draw: st.DrawFn, *, tame: bool) -> tuple[list[Desired], list[tuple[ArmId, dict[str, Any], str]]]:
    """Declared galleries, applications and versions, and live ones: parents always before their children."""
    declared: list[Desired] = []
    live: list[tuple[ArmId, dict[str, Any], str]] = []
    for gallery, applications in GALLERIES.items():
        is_declared, is_live = _grow(draw, (gallery,), declared, live, (True, True), tame=tame)
        for application in applications if is_declared or is_live else ():
            above = _grow(draw, (gallery, application), declared, live, (is_declared, is_live), tame=tame)
            for version in VERSIONS if any(above) else ():
                _grow(draw, (gallery, application, version), declared, live, above, tame=tame)
    return declared, live


def _grow(
    draw: st.DrawFn,
    path: tuple[str, ...],
    declared: list[Desired],
    live: list[tuple[ArmId, dict[str, Any], str]],
    above: tuple[bool, bool],
    *,
    tame: bool,
) -> tuple[bool, bool]:
    """Maybe declare a resource, maybe have it in Azure; says which."""
    is_declared = above[0] and draw(booleans)
    is_live = above[1] and draw(booleans)
    if not (is_declared or is_live):
        return False, False
    body = _declared_body(draw, path)
    if is_declared:
        tags = {"Team": draw(st.sampled_from(["web", "db"]))} if draw(booleans) else {}
        declared.append(desired(*path, body={**body, **({"tags": tags} if tags else {})}, content="-".join(path)))
    if is_live:
        live.append(_live(draw, path, body, is_declared=is_declared, tame=tame))
    return is_declared, is_live


def _declared_body(draw: st.DrawFn, path: tuple[str, ...]) -> Body:
    if len(path) < 3:
        properties: Body = {"supportedOSType": "Linux"} if len(path) == 2 else {}
        if draw(booleans):
            properties["description"] = draw(st.sampled_from(["one", "two"]))
        return {"properties": properties} if properties else {}
    body = version_body("-".join(path), regions=draw(st.sampled_from(REGIONS)))
    profile: Any = body["properties"]["publishingProfile"]  # type: ignore[index,call-overload]
    if draw(booleans):
        profile["manageActions"]["update"] = "sh update.sh"
    if draw(st.integers(0, 3)) == 3:
        profile["excludeFromLatest"] = True
    if draw(st.integers(0, 3)) == 3:
        profile["endOfLifeDate"] = "2030-01-01"
    return body


def _live(
    draw: st.DrawFn, path: tuple[str, ...], body: Body, *, is_declared: bool, tame: bool
) -> tuple[ArmId, dict[str, Any], str]:
    owners = [OWNER, OWNER, "old", ""] if tame or not is_declared else [OWNER, "old", "", "other.1"]
    owner = draw(st.sampled_from(owners))
    wire: dict[str, Any] = {"location": "West Europe", **on_wire(body)}
    if len(path) < 3 and owner and draw(booleans):
        wire.setdefault("properties", {})["description"] = draw(st.sampled_from(["one", "three"]))
    content = "-".join(path) if tame or draw(booleans) else "other"
    marks = {"vmapps-owner": owner, "vmapps-content": f"v1:sha256:{sha256(content)}"} if owner else {}
    if len(path) < 3:
        marks.pop("vmapps-content", None)
    wire["tags"] = {**marks, **draw(st.sampled_from([{}, {"team": "db"}, {"hidden-link": "x"}]))}
    states = ["Succeeded"] * 4 + ["Failed"] + ([] if tame else ["Updating", "Deleting"])
    letters = tuple(draw(spelled(name)) if is_declared else name for name in path)
    parents = resource_id(*letters)
    return parents, wire, draw(st.sampled_from(states if is_declared and owner else ["Succeeded"]))


@st.composite
def entries(draw: st.DrawFn, machine: str, live: list[ArmId], *, tame: bool) -> list[bytes]:
    """A machine's list: ours, unmarked ones, copies of another machine's, other people's, unreadable ones."""
    chosen: dict[str, ArmId] = {}
    for version in live:
        if draw(booleans):
            chosen[version.names[1].lower()] = version
    if not tame and draw(booleans):
        chosen["nginx"] = resource_id("platform", "nginx", "9.9.9")
    found = [_entry(draw, machine, version, tame=tame) for version in chosen.values()]
    if draw(booleans):
        outside = str(OUTSIDE.child("applications", "monitor").child("versions", "latest"))
        found.append(
            b'{ "order":3, "packageReferenceId" : "%b", "tags":"not json", "unknown":[1.0] }' % outside.encode()
        )
    if draw(booleans):
        found.append(b'{"packageReferenceId":"gone"}' if draw(booleans) else b'{"packageReferenceId":null, "tags":""}')
    return found


def _entry(draw: st.DrawFn, machine: str, version: ArmId, *, tame: bool) -> bytes:
    owners = ["", OWNER, OWNER, "old"] + ([] if tame else ["other.1"])
    owner = draw(st.sampled_from(owners))
    on = draw(st.sampled_from([machine, machine, "another"]))
    body: dict[str, Any] = {"packageReferenceId": draw(spelled(str(version)))}
    if owner:
        body["tags"] = mark_text(owner, on)
    if draw(booleans):
        body["order"] = draw(st.integers(0, 2))
    if draw(booleans):
        body["treatFailureAsDeploymentFailure"] = draw(booleans)
    if draw(st.integers(0, 3)) == 3:
        body["configurationReference"] = "https://conf.blob.core.windows.net/c/app.conf"
    return json.dumps(body).encode()


@st.composite
def assignments(draw: st.DrawFn, declared: list[Desired], *, tame: bool) -> tuple[Assignment, ...]:
    """Assignments of declared applications; tame ones never disagree about an application."""
    applications = [one.address.name for one in declared if len(one.address.name) == 2]
    wishes = {}
    for gallery, application in applications:
        own = [
            one.address.name[2] for one in declared if one.address.name[:2] == (gallery, application) and one.content
        ]
        if own and draw(st.integers(0, 3)):
            wishes[gallery, application] = (
                draw(st.sampled_from([*own, *own, "latest", "1.x"])),
                draw(st.sampled_from([None, 1])),
                draw(booleans),
            )
    found = []
    for name in draw(st.sampled_from([(), ("web",), ("web", "all")])):
        chosen = [key for key in wishes if draw(st.integers(0, 3))]
        items = []
        for gallery, application in chosen:
            version, order, fails = wishes[gallery, application]
            if not tame and draw(st.integers(0, 5)) == 5:
                version = "1.0.0"
            items.append(wanted(version, application, gallery, order=order, fails_deployment=fails))
        if items:
            found.append(Assignment(Address("VMAssignment", (name,)), draw(targets()), tuple(items), HERE))
    return tuple(found)


@st.composite
def targets(draw: st.DrawFn) -> tuple[Target, ...]:
    if draw(booleans):
        return (Target(HERE, selector=Selector(tags={"role": ("web",)}, resource_groups=("RG-*",))),)
    some = draw(st.lists(st.sampled_from(MACHINES[:2]), min_size=1, max_size=2, unique=True))
    return tuple(Target(HERE, machine=machine_address(name)) for name in some)


@st.composite
def scenarios(draw: st.DrawFn, *, tame: bool = True) -> Scenario:
    """A project and the cloud that it meets."""
    declared, live = draw(resources(tame=tame))
    sound = [arm_id for arm_id, _, state in live if len(arm_id.names) == 3 and state == "Succeeded"]
    boxes = []
    for name in MACHINES[: 3 if not tame else draw(st.integers(2, 3))]:
        tags = {draw(st.sampled_from(["Role", "role"])): draw(st.sampled_from(["web", "db"]))}
        listed = draw(entries(name, sound, tame=tame))
        set_id = "a scale set" if not tame and draw(st.integers(0, 5)) == 5 else ""
        boxes.append(Box(machine_id(name), listed, tags=tags, scale_set=set_id))
    blobs = sorted({one.blob for resource in declared for one in _links(resource.body)})
    there = draw(st.sets(st.sampled_from(blobs))) if blobs else set()
    here = tame or draw(booleans)
    files = tuple(Package(one, 7, PurePath("packages/some") if here else None, "packages/some") for one in blobs)
    claimed = draw(assignments(declared, tame=tame))
    project = replace(PROJECT, resource_group=GROUP)
    whole = declarations(*declared, assignments=claimed, project=project, packages=files)
    return Scenario(whole, tuple(live), tuple(boxes), frozenset(there))


def _links(body: Body) -> list[Link]:
    from samples import links_of

    return links_of(body)
