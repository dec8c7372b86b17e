"""Fleets to plan for: several owners, versions, regions, scale sets, copies of marks, guests in trouble."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from samples import (
    ELSEWHERE,
    HERE,
    OWNER,
    PROJECT,
    RULES,
    address,
    application_body,
    declarations,
    desired,
    entry,
    gallery_id,
    machine_address,
    machine_id,
    mark_text,
    observed,
    version_body,
    wanted,
)
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Declarations, Selector, Target, Wanted
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Options
from vmapps.core.resource import Desired, Entry, Instance, Instances, Machine, Mark, Observed, Reference, World

APPLICATIONS = ("base", "nginx", "agent")
VERSIONS = ("1.0.0", "1.1.0", "2.0.0")
PLACES = ("westeurope", "northeurope")
OUTSIDE = ArmId(ELSEWHERE, "rg-policy", ("galleries",), ("theirs",))
SET_ID = ArmId(PROJECT.subscription, "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
SET = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))
booleans = st.booleans()
rarely = st.integers(0, 4).map(lambda number: number == 4)
seldom = st.integers(0, 24).map(lambda number: number == 24)


@dataclass(frozen=True)
class Fleet:
    """What is declared, what is there, and which installs fail in the guest."""

    declarations: Declarations
    world: World
    options: Options
    failing: frozenset[tuple[str, str]]
    rules: Any = None

    @property
    def known_rules(self) -> Any:
        return self.rules or RULES


@st.composite
def resources(draw: st.DrawFn) -> tuple[list[Desired], list[Observed]]:
    declared = [desired("platform", protect=draw(rarely))]
    live = [observed("platform")]
    for name in APPLICATIONS:
        system = draw(st.sampled_from(["Linux"] * 20 + ["Windows"]))
        keep = draw(st.sampled_from([None, None, 0, 1]))
        declared.append(desired("platform", name, retention=keep, body=application_body()))
        if draw(booleans) or name == "nginx":
            owner = draw(st.sampled_from([OWNER] * 20 + ["old", "old", "", "other.1"]))
            live.append(observed("platform", name, owner=owner, body=application_body(supportedOSType=system)))
            for number in VERSIONS:
                _version(draw, name, number, declared, live, owner)
        else:
            declared.append(desired("platform", name, "1.0.0", body=_body(draw, name, "1.0.0"), content=name))
    return declared, live


def _version(
    draw: st.DrawFn, name: str, number: str, declared: list[Desired], live: list[Observed], owner: str
) -> None:
    body = _body(draw, name, number)
    content = f"{name}-{number}"
    if draw(booleans):
        is_absent = draw(seldom)
        one = desired("platform", name, number, body=body, content=content, absent=is_absent)
        declared.append(one)
    if draw(booleans):
        state = draw(st.sampled_from(["Succeeded"] * 5 + ["Failed"]))
        there = body if draw(st.integers(0, 5)) else _body(draw, name, number)
        said = content if draw(st.integers(0, 20)) else "something else"
        live.append(observed("platform", name, number, owner=owner, content=said, body=there, state=state))


def _body(draw: st.DrawFn, name: str, number: str) -> Any:
    regions = PLACES if draw(booleans) else PLACES[:1]
    body: Any = version_body(f"{name}-{number}", regions=regions)
    profile = body["properties"]["publishingProfile"]
    if draw(booleans):
        profile["manageActions"]["update"] = "sh update.sh"
    if draw(seldom):
        profile["excludeFromLatest"] = True
    if draw(seldom):
        profile["targetRegions"][0]["excludeFromLatest"] = True
    if draw(booleans):
        body["properties"]["safetyProfile"] = {"allowDeletionOfReplicatedLocations": draw(booleans)}
    return body


@st.composite
def entries(draw: st.DrawFn, arm_id: ArmId, live: list[Observed]) -> tuple[Entry, ...]:
    """A machine's list: ours, unmarked ones, copies, other people's, one that nobody can read."""
    found: list[Entry] = []
    for name in APPLICATIONS:
        numbers = [one.id.name for one in live if len(one.id.names) == 3 and one.id.names[1] == name]
        if not numbers or draw(booleans):
            continue
        number = draw(st.sampled_from([*numbers, *numbers, "latest"]))
        owner = draw(st.sampled_from([OWNER] * 20 + ["", "", "other.1"]))
        found.append(_entry(draw, Reference(gallery_id(), name, number), owner, arm_id))
    if draw(rarely):
        number = draw(st.sampled_from(["3.0.0", "latest"]))
        found.append(_entry(draw, Reference(OUTSIDE, "monitor", number), "", arm_id))
    if draw(rarely):
        found.append(Entry(None, "gone", raw=b'{"packageReferenceId":"gone"}'))
    return tuple(found)


def _entry(draw: st.DrawFn, reference: Reference, owner: str, arm_id: ArmId) -> Entry:
    from vmapps.core.entries import machine_hash

    on = arm_id if draw(st.integers(0, 3)) else machine_id("template")
    mark = Mark(owner, machine_hash(on)) if owner else None
    tags = f'{{"vmapps-owner":"{owner}","vmapps-machine":"{machine_hash(on)}"}}' if owner else ""
    spelled = str(reference.id)
    return Entry(
        reference,
        spelled,
        order=draw(st.sampled_from([None, None, 1, 2, 3])),
        fails_deployment=draw(rarely),
        automatic_upgrade=draw(rarely),
        tags=tags,
        mark=mark,
        raw=b'{"packageReferenceId":"%b"}' % spelled.encode(),
    )


@st.composite
def machines(draw: st.DrawFn, live: list[Observed]) -> tuple[list[Machine], dict[Address, Instances]]:
    found = []
    for name in ("web-01", "web-02"):
        arm_id = machine_id(name)
        place = PLACES[1] if draw(seldom) else PLACES[0]
        found.append(
            Machine(machine_address(name), arm_id, place, "Linux", {"role": "web"}, draw(entries(arm_id, live)), '"1"')
        )
    mode = draw(st.sampled_from(["Manual", "Rolling", "Automatic"]))
    kind = draw(st.sampled_from(["Uniform", "Flexible"]))
    listed = draw(entries(SET_ID, live))
    found.append(
        Machine(
            SET,
            SET_ID,
            PLACES[0],
            "Linux",
            {"role": "web"},
            listed,
            '"1"',
            orchestration=kind,
            upgrade_mode=mode,
            traits={"size": "b2s"},
        )
    )
    several = tuple(
        Instance(str(number), draw(booleans) or mode == "Automatic", draw(rarely), {"size": "b2s"})
        for number in range(2)
    )
    if kind == "Flexible":
        name = "web-ss_1"
        found.append(
            Machine(
                machine_address(name),
                machine_id(name),
                PLACES[0],
                "Linux",
                {"role": "web"},
                listed,
                '"1"',
                scale_set=str(SET_ID),
            )
        )
    return found, {SET: Instances(SET_ID, several, "Completed" if mode == "Rolling" else "")}


@st.composite
def wishes(draw: st.DrawFn, declared: list[Desired]) -> tuple[Wanted, ...]:
    found: list[Wanted] = []
    for name in APPLICATIONS:
        numbers = [
            one.id.name for one in declared if len(one.id.names) == 3 and one.id.names[1] == name and not one.absent
        ]
        if not numbers or draw(rarely):
            continue
        how = draw(st.sampled_from(["exact", "exact", "exact", "latest", "latest", "1.x", "absent", "follow"]))
        version = {"exact": draw(st.sampled_from(numbers)), "absent": "", "follow": "latest"}.get(how, how)
        order = draw(st.sampled_from([None, None, 0, 5]))
        before = tuple(one.application for one in found if not one.absent and draw(booleans)) if order is None else ()
        found.append(
            wanted(
                version,
                name,
                order=None if how == "absent" else order,
                absent=how == "absent",
                follow_latest=how == "follow",
                automatic_upgrade=how == "follow" and draw(booleans),
                depends_on=() if how == "absent" else before,
                live=draw(rarely),
                fails_deployment=draw(rarely),
            )
        )
    return tuple(found)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """A project, a world, and what is asked."""
    declared, live = draw(resources())
    there, instances = draw(machines(live))
    wanted_ones = draw(wishes(declared))
    target = draw(
        st.sampled_from(
            [
                Target(HERE, selector=Selector(kinds=("VirtualMachine", "VirtualMachineScaleSet"))),
                Target(HERE, selector=Selector(tags={"role": ("web",)})),
                Target(HERE, machine=SET),
                Target(HERE, machine=machine_address("web-01")),
            ]
        )
    )
    whole = Assignment(
        Address("VMAssignment", ("web",)),
        (target,),
        wanted_ones,
        HERE,
        exclusive=draw(rarely),
        ignore=draw(st.sampled_from([(), ("theirs/*",)])),
        upgrade_instances=draw(booleans),
    )
    assigned = (whole,) if wanted_ones and draw(st.integers(0, 5)) else ()
    options = Options(
        prune=draw(booleans),
        adopt=draw(booleans),
        adopt_from="other.1" if draw(rarely) else "",
        allow_replace=draw(st.sampled_from([(), (), ("*",), ("GalleryApplicationVersion/*",)])),
        allow_reinstall=draw(booleans),
        metadata_now=draw(booleans),
    )
    world = World.of(iter([*live, *there]))
    known = ("there", "there", "missing", "unreadable")
    references = {
        one.key: draw(st.sampled_from(known))
        for one in (OUTSIDE.child("applications", "monitor"), Reference(OUTSIDE, "monitor", "3.0.0").id)
    }
    failing = frozenset((name, number) for name in APPLICATIONS for number in VERSIONS if draw(rarely))
    reports = {one.address: draw(report(one)) for one in there if not one.is_scale_set}
    full = replace(world, references=references, instances=instances, reports=reports)
    return Fleet(declarations(*declared, assignments=assigned), full, options, failing)


@st.composite
def report(draw: st.DrawFn, one: Machine) -> GuestReport:
    """What the guest says about the list that the machine has: mostly that all is well."""
    states = st.sampled_from([State.INSTALLED] * 4 + [State.FAILED, State.SKIPPED])
    found = [
        InGuest(item.reference.application, item.reference.version, draw(states))
        for item in one.entries
        if item.reference and item.reference.version != "latest"
    ]
    return GuestReport(tuple(found))


__all__ = ["SET", "Fleet", "address", "entry", "fleets", "mark_text"]
