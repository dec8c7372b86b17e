"""The whole way from declarations and a world to a plan: resolve, decide, upload, link, arrange. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from vmapps.core.action import Assign
from vmapps.core.address import Address, ArmId
from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Diagnostic, error, in_order
from vmapps.core.entries import untouched
from vmapps.core.fields import Rules, at, leaves, with_value
from vmapps.core.fleet import Resolved, resolve
from vmapps.core.guest_effects import Scripts
from vmapps.core.plan import Note, Options, Plan, ProjectId
from vmapps.core.planning.arrange import arrange
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.fitness import Misfit, folded, unfit
from vmapps.core.planning.machines import Catalogue
from vmapps.core.planning.machines import decide as decide_machine
from vmapps.core.planning.orphans import orphans
from vmapps.core.planning.resources import decide as decide_resource
from vmapps.core.planning.uploads import uploads
from vmapps.core.resource import Body, Desired, Machine, Observed, Reference, World


def make_plan(declarations: Declarations, world: World, rules: Mapping[str, Rules], options: Options) -> Plan:
    """Everything that has to happen so that live Azure becomes what is declared; same input, same bytes."""
    project = declarations.project
    found = weigh(declarations, world, rules, options)
    return plan_of(ProjectId(project.name, project.owner, project.subscription), options, found)


def weigh(
    declarations: Declarations, world: World, rules: Mapping[str, Rules], options: Options
) -> tuple[Finding, ...]:
    """Drafts, notes and diagnostics of everything declared, live or ours; no order yet."""
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, options, rules)
    resolved = resolve(declarations, world)
    findings: list[Finding] = [*declarations.warnings, *resolved.diagnostics]
    findings.extend(_resources(declarations, world, asked))
    findings.extend(_machines(declarations, world, resolved, asked))
    users = _used_by(world, drafts_of(findings))
    findings.extend(_orphans(declarations, world, users, asked))
    findings.extend(_left_out(drafts_of(findings), declarations, world))
    packages = {package.sha256: package for package in declarations.packages}
    findings.extend(uploads(drafts_of(findings), packages, world.blobs))
    return tuple(findings)


def _orphans(
    declarations: Declarations, world: World, users: Mapping[str, tuple[Address, ...]], asked: Asked
) -> Iterator[Finding]:
    """Galleries of others are only read: nothing in them is an orphan of ours."""
    declared = frozenset(one.address for one in declarations.resources)
    live = {
        address: one for address, one in world.resources.items() if _root(one.id) not in declarations.foreign_galleries
    }
    return orphans(declared, live, users, asked)


def _root(arm_id: ArmId) -> ArmId:
    return arm_id if arm_id.parent == arm_id else _root(arm_id.parent)


def _left_out(drafts: Iterable[Draft], declarations: Declarations, world: World) -> Iterator[Diagnostic]:
    """A step that needs what is not there, and that --target or --exclude keeps from being made."""
    written = list(drafts)
    made = {draft.address for draft in written} | world.resources.keys()
    absent = {one.address for one in declarations.resources} - made
    for draft in written:
        for address in sorted(absent.intersection(draft.uses)):
            summary = f"{draft.address} needs {address}, which is not there and is left out"
            yield error("needs-left-out", summary, hint=f"add --target {address}", subject=str(draft.address))


def drafts_of(findings: Iterable[Finding]) -> tuple[Draft, ...]:
    """The drafts among the findings."""
    return tuple(found for found in findings if isinstance(found, Draft))


def plan_of(project: ProjectId, options: Options, findings: Iterable[Finding]) -> Plan:
    """The findings as a plan; with an error among them there are no steps."""
    found = tuple(findings)
    notes = [one for one in found if isinstance(one, Note)]
    diagnostics = [one for one in found if isinstance(one, Diagnostic)]
    errored = any(diagnostic.is_error for diagnostic in diagnostics)
    steps = () if errored else arrange(drafts_of(found))
    ordered = tuple(sorted(notes, key=lambda note: (note.address, note.code, note.text)))
    return Plan(project, options, steps, ordered, in_order(diagnostics))


def _resources(declarations: Declarations, world: World, asked: Asked) -> Iterator[Finding]:
    siblings = _siblings((*declarations.resources, *world.resources.values()))
    for wanted in sorted(declarations.resources, key=lambda one: one.address):
        found = decide_resource(wanted, world.resources.get(wanted.address), asked, siblings)
        if isinstance(found, Draft) and not asked.covers(wanted.address):
            yield Note("excluded", wanted.address, "differs, and is left out by --target or --exclude")
        else:
            yield found


def _siblings(everything: Iterable[Desired | Observed]) -> Mapping[Address, tuple[str, ...]]:
    """The names below each parent, so that a next free version number can be named."""
    names: dict[Address, list[str]] = defaultdict(list)
    for one in everything:
        *parent, name = one.address.name
        names[Address("", tuple(parent), one.address.subscription)].append(name)
    return {parent: tuple(found) for parent, found in names.items()}


def _machines(declarations: Declarations, world: World, resolved: Resolved, asked: Asked) -> Iterator[Finding]:
    bodies = _bodies(declarations, world, asked)
    catalogue = _catalogue(declarations, world, asked, bodies)
    misfits: list[Misfit] = []
    for address, machine in world.machines.items():
        claims = resolved.claims.get(address, ())
        if not claims and not machine.entries:
            continue
        misfits.extend(unfit(machine, claims, bodies))
        yield from decide_machine(machine, claims, catalogue, asked)
    yield from folded(misfits)


def _bodies(declarations: Declarations, world: World, asked: Asked) -> Mapping[Address, Body]:
    """Every resource as it is or will be: what is declared, and what is live where nothing is declared."""
    live = {address: one.body for address, one in world.resources.items()}
    return live | {one.address: _will_be(one, live.get(one.address), asked) for one in declarations.resources}


def _will_be(wanted: Desired, live: Body | None, asked: Asked) -> Body:
    """What is declared, on top of what is there: a field that nobody declares keeps its value."""
    body = wanted.initial if live is None else live
    for path, value in leaves(wanted.body, asked.rules_of(wanted.address)):
        body = with_value(body, path, value)
    return body


def _catalogue(declarations: Declarations, world: World, asked: Asked, bodies: Mapping[Address, Body]) -> Catalogue:
    everything: tuple[Desired | Observed, ...] = (*declarations.resources, *world.resources.values())
    ids = {one.address: one.id for one in everything}
    live = {address: one.owner for address, one in world.resources.items()}
    ours = {one.address: one.owner for one in declarations.resources if one.address not in live} | live
    owned = {
        (ids[address].parent.key, ids[address].name.lower())
        for address, owner in ours.items()
        if len(address.name) == 2 and asked.is_ours(owner)
    }
    update = ("properties", "publishingProfile", "manageActions", "update")
    scripts = {
        ids[address].key: Scripts(bool(at(bodies[address], update))) for address in ids if len(address.name) == 3
    }
    return Catalogue(frozenset(owned), scripts, {ids[address].key: address for address in ids})


def _used_by(world: World, drafts: Iterable[Draft]) -> Mapping[str, tuple[Address, ...]]:
    """Which machines will refer to which version (lower-case ARM id) once these drafts are done."""
    edits = {draft.address: draft.action for draft in drafts if isinstance(draft.action, Assign)}
    versions = _versions(world)
    users: dict[str, list[Address]] = defaultdict(list)
    for address, machine in world.machines.items():
        for reference in _references_after(machine, edits.get(address)):
            # `latest` may mean any version of the application, so all of them are in use.
            is_latest = reference.version.lower() == "latest"
            for one in versions.get(reference.key, ()) if is_latest else (reference.id.key,):
                users[one].append(address)
    return {one: tuple(sorted(set(found))) for one, found in users.items()}


def _references_after(machine: Machine, action: Assign | None) -> Iterator[Reference]:
    changes = action.changes if action else ()
    yield from (entry.reference for entry in untouched(machine, changes) if entry.reference)
    bodies = (change.after for change in changes if isinstance(change.after, dict))
    found = (Reference.parse(str(body["packageReferenceId"])) for body in bodies)
    yield from (reference for reference in found if reference is not None)


def _versions(world: World) -> Mapping[tuple[str, str], list[str]]:
    """The live versions (lower-case ARM ids) of every application, by `Reference.key`."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in world.resources.values():
        if len(one.id.names) == 3:
            application = one.id.parent
            found[application.parent.key, application.name.lower()].append(one.id.key)
    return found
