"""What Azure and the guests are after a plan, from the documentation and the agent's source, not from the planner.

A write of a machine replaces its list; at an unchanged packageReferenceId a field that is not sent keeps its value
(recordings). The agent compares versions only: removals first, then by order, then the rest (guest-agent.md 3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vmapps.core.action import Assign, Create, Delete, Update, UpgradeInstances
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Entry, Instances, Link, Machine, Mark, Observed, Reference, World

Failing = frozenset[tuple[str, str]]


def simulate(plan: Plan, world: World, failing: Failing = frozenset()) -> Iterator[World]:
    """The world after each step."""
    for step in plan.steps:
        world = after(step, world, failing)
        yield world


def after(step: Step, world: World, failing: Failing) -> World:
    match step.action:
        case Create(changes):
            made = _resource(step, {}, changes)
            return replace(world, resources={**world.resources, step.address: made})
        case Update(changes):
            old = world.resources[step.address]
            return replace(world, resources={**world.resources, step.address: _resource(step, old.body, changes)})
        case Delete():
            left = {address: one for address, one in world.resources.items() if address != step.address}
            assert not any(_is_child(one, step) for one in left.values()), "Azure refuses to delete a parent"
            return replace(world, resources=left)
        case Assign(changes):
            return _assigned(step, changes, world, failing)
        case UpgradeInstances(names):
            return _upgraded(step, names, world)
        case _:
            return world


def _is_child(one: Observed, step: Step) -> bool:
    return step.resource is not None and one.id != step.resource and one.id.parent == step.resource


def _resource(step: Step, body: Any, changes: Any) -> Observed:
    assert step.resource is not None
    whole = json.loads(json.dumps(body, default=lambda link: {"link": link.url}))
    whole = _links(whole)
    for change in changes:
        here = whole
        for part in change.path[:-1]:
            here = here.setdefault(part, {})
        if change.path[0] == "tags":
            here.update({name: here.pop(name) for name in list(here) if name.lower() == change.path[-1].lower()})
        here[change.path[-1]] = change.after
    tags = whole.get("tags", {})
    state = "" if len(step.resource.names) == 2 else "Succeeded"
    if state:
        whole.setdefault("properties", {})["provisioningState"] = state
    owner, content = tags.get("vmapps-owner", ""), tags.get("vmapps-content", "")
    return Observed(step.address, step.resource, whole, owner, content, state)


def _links(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"link"}:
            return Link(value["link"])
        return {name: _links(inner) for name, inner in value.items()}
    return [_links(one) for one in value] if isinstance(value, list) else value


def _assigned(step: Step, changes: Any, world: World, failing: Failing) -> World:
    machine = world.machines[step.address]
    edits = {_application((change.after or change.before)["packageReferenceId"]): change.after for change in changes}
    entries: list[Entry] = []
    for one in machine.entries:
        name = _application(one.spelled) if one.reference else one.spelled
        if name not in edits:
            entries.append(one)
        elif (body := edits.pop(name)) is not None:
            entries.append(_entry(body, one))
    entries.extend(_entry(body, None) for body in edits.values() if body is not None)
    written = replace(machine, entries=tuple(entries), etag=machine.etag + "1")
    machines = {**world.machines, step.address: written}
    if machine.is_scale_set:
        return replace(world, machines=machines, instances=_stale(written, world))
    report = enabled(written, world, failing)
    return replace(world, machines=machines, reports={**world.reports, step.address: report})


def _application(spelled: str) -> str:
    return spelled.lower().rpartition("/versions/")[0]


def _entry(body: Any, old: Entry | None) -> Entry:
    same = old is not None and old.spelled.lower() == body["packageReferenceId"].lower()
    tags = body.get("tags", "")
    marks = json.loads(tags)
    return Entry(
        Reference.parse(body["packageReferenceId"]),
        body["packageReferenceId"],
        order=body.get("order", old.order if same and old else None),
        fails_deployment=body["treatFailureAsDeploymentFailure"],
        automatic_upgrade=body["enableAutomaticUpgrade"],
        configuration=body.get("configurationReference", old.configuration if same and old else None),
        tags=tags,
        mark=Mark(marks["vmapps-owner"], marks["vmapps-machine"], marks.get("previous", ""), marks.get("halted", "")),
        raw=json.dumps(body, default=lambda link: link.url).encode(),
    )


def _stale(machine: Machine, world: World) -> dict[Any, Instances]:
    """Automatic sets upgrade themselves, Rolling ones begin to, Manual ones wait."""
    known = world.instances[machine.address]
    automatic = machine.upgrade_mode == "Automatic"
    several = tuple(replace(one, latest=automatic and not one.is_protected) for one in known.instances)
    return {**world.instances, machine.address: replace(known, instances=several)}


def _upgraded(step: Step, names: tuple[str, ...], world: World) -> World:
    known = world.instances[step.address]
    assert not any(one.is_protected for one in known.instances if one.name in names)
    several = tuple(replace(one, latest=True) if one.name in names else one for one in known.instances)
    return replace(world, instances={**world.instances, step.address: replace(known, instances=several)})


def enabled(machine: Machine, world: World, failing: Failing) -> GuestReport:
    """One run of the agent: removals, ordered groups, the rest."""
    before = {one.application: one for one in world.reports.get(machine.address, GuestReport()).applications}
    goals = [one for one in machine.entries if one.reference is not None]
    names = {one.reference.application for one in goals if one.reference}
    registry = {name: one for name, one in before.items() if name in names}
    failed_at: int | None = None
    ordered = sorted((one for one in goals if one.order is not None), key=lambda one: one.order or 0)
    for one in [*ordered, *(one for one in goals if one.order is None)]:
        assert one.reference is not None
        name, version = one.reference.application, one.reference.version
        old = registry.get(name)
        if version == "latest" or (old is not None and old.version == version):
            continue
        if one.order is not None and failed_at is not None and one.order > failed_at:
            registry[name] = InGuest(name, version, State.SKIPPED, "skipped, lower order operation failed")
        elif (name, version) in failing:
            registry[name] = InGuest(name, version, State.FAILED, "Install FAILED Error executing command")
            failed_at = one.order if one.order is not None and failed_at is None else failed_at
        else:
            registry[name] = InGuest(name, version, State.INSTALLED, "Install SUCCESS")
    return GuestReport(tuple(registry[name] for name in sorted(registry)))
