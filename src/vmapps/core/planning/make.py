"""The whole way from declarations and a world to a plan: resolve, decide, upload, link, arrange. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from vmapps.core.action import Assign, Delete, changes_of
from vmapps.core.address import Address, ArmId
from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Diagnostic, error, in_order, warning
from vmapps.core.fields import Rules
from vmapps.core.fleet import AUTOMATIC, NOBODYS, Resolved, resolve
from vmapps.core.plan import Note, Options, Plan, ProjectId
from vmapps.core.planning import regions, replacing, undoing
from vmapps.core.planning.arrange import arrange
from vmapps.core.planning.catalogue import Catalogue, catalogue_of
from vmapps.core.planning.discards import discards
from vmapps.core.planning.findings import Draft, Finding, Question, Topic, drafts_of
from vmapps.core.planning.fitness import Misfit, folded
from vmapps.core.planning.machines import decide as decide_machine
from vmapps.core.planning.orphans import Fates, orphans
from vmapps.core.planning.resources import decide as decide_resource
from vmapps.core.planning.rollouts import Course, staged
from vmapps.core.planning.sources import unreadable
from vmapps.core.planning.unmatched import unmatched
from vmapps.core.planning.uploads import uploads
from vmapps.core.planning.usage import Users, held_by, used_by
from vmapps.core.resource import Desired, Observed, World

SINGLE = "single"
"""`--rollout single`: every rollout as one wave."""


def make_plan(declarations: Declarations, world: World, rules: Mapping[str, Rules], options: Options) -> Plan:
    """Everything that has to happen so that live Azure becomes what is declared; same input, same bytes."""
    project = declarations.project
    found = weigh(declarations, world, rules, options)
    return plan_of(ProjectId(project.name, project.owner, project.subscription), options, found)


def weigh(
    declarations: Declarations, world: World, rules: Mapping[str, Rules], options: Options
) -> tuple[Finding, ...]:
    """Drafts, notes, diagnostics and questions about everything declared, live or ours; no order yet."""
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, options, rules)
    resolved = resolve(declarations, world, staged=options.rollout != SINGLE)
    catalogue = catalogue_of(declarations, world, asked)
    wanted = {one.address: one for one in declarations.resources}
    anew = replacing.replaced(wanted, world, asked)
    findings: list[Finding] = [*declarations.warnings, *resolved.diagnostics, *_matched(resolved)]
    findings.extend(_resources(declarations, world, anew, asked))
    on_machines = tuple(_machines(world, resolved, catalogue, asked))
    findings.extend(staged(on_machines, declarations.assignments, Course(resolved, world, asked)))
    findings.extend(_deletes(declarations, world, anew, catalogue, asked, drafts_of(findings)))
    findings.extend(_consequences(declarations, world, anew, catalogue, drafts_of(findings)))
    findings.extend(_beside(declarations, world, asked, drafts_of(findings)))
    findings.extend(unmatched(declarations, world, options))
    packages = {package.sha256: package for package in declarations.packages}
    findings.extend(uploads(drafts_of(findings), packages, world.blobs))
    if options.rollback_on_halt:
        known = undoing.Known(world, resolved, catalogue, project.store, project.owner)
        findings.extend(undoing.undone(drafts_of(findings), known))
    return tuple(findings)


def plan_of(project: ProjectId, options: Options, findings: Iterable[Finding]) -> Plan:
    """The findings as a plan; with an error among them there are no steps."""
    found = tuple(findings)
    notes = [one for one in found if isinstance(one, Note)]
    diagnostics = [one for one in found if isinstance(one, Diagnostic)]
    errored = any(diagnostic.is_error for diagnostic in diagnostics)
    steps = () if errored else arrange(drafts_of(found))
    ordered = tuple(sorted(notes, key=lambda note: (note.address, note.code, note.text)))
    return Plan(project, options, steps, ordered, in_order(diagnostics))


def _matched(resolved: Resolved) -> Iterator[Note]:
    """Which machines each assignment means today: a reader of the plan sees what a selector found."""
    for assignment, machines in resolved.matched.items():
        yield Note("matched", assignment, ", ".join(map(str, machines)) or "no machine")


def _resources(declarations: Declarations, world: World, anew: frozenset[Address], asked: Asked) -> Iterator[Finding]:
    siblings = _siblings((*declarations.resources, *world.resources.values()))
    for wanted in sorted(declarations.resources, key=lambda one: one.address):
        live = world.resources.get(wanted.address)
        if wanted.address in anew or (wanted.absent and live is not None):
            continue
        if wanted.absent:
            yield Note("unchanged", wanted.address, "is not there, as declared")
            continue
        found = tuple(decide_resource(wanted, live, asked, siblings))
        if drafts_of(found) and not asked.covers(wanted.address):
            yield Note("excluded", wanted.address, "differs, and is left out by --target or --exclude")
        else:
            yield from found


def _siblings(everything: Iterable[Desired | Observed]) -> Mapping[Address, tuple[str, ...]]:
    """The names below each parent, so that a next free version number can be named."""
    names: dict[Address, list[str]] = defaultdict(list)
    for one in everything:
        *parent, name = one.address.name
        names[Address("", tuple(parent), one.address.subscription)].append(name)
    return {parent: tuple(found) for parent, found in names.items()}


def _machines(world: World, resolved: Resolved, catalogue: Catalogue, asked: Asked) -> Iterator[Finding]:
    misfits: list[Misfit] = []
    for address, machine in world.machines.items():
        placement = resolved.placements.get(address, NOBODYS)
        if placement is NOBODYS and not machine.entries:
            continue
        decided = decide_machine(machine, placement, catalogue, asked)
        misfits.extend(decided.misfits)
        yield from decided.findings
    yield from folded(misfits)


def _deletes(
    declarations: Declarations,
    world: World,
    anew: frozenset[Address],
    catalogue: Catalogue,
    asked: Asked,
    drafts: tuple[Draft, ...],
) -> Iterator[Finding]:
    """What goes: replaced, declared absent, or no longer declared. Galleries of others are only read."""
    wanted = {one.address: one for one in declarations.resources}
    yield from replacing.drafts(anew, wanted, world, asked)
    live = {
        address: one
        for address, one in world.resources.items()
        if _root(one.id) not in declarations.foreign_galleries and address not in anew
    }
    fates = Fates(
        frozenset(address for address, one in wanted.items() if not one.absent),
        live,
        used_by(world, drafts, catalogue),
        {address: one for address, one in wanted.items() if one.absent},
        {address: one.retention for address, one in wanted.items() if one.retention is not None},
        world.unseen,
    )
    yield from orphans(fates, asked)


def _root(arm_id: ArmId) -> ArmId:
    return arm_id if arm_id.parent == arm_id else _root(arm_id.parent)


def _consequences(
    declarations: Declarations, world: World, anew: frozenset[Address], catalogue: Catalogue, drafts: tuple[Draft, ...]
) -> Iterator[Finding]:
    """What the writes mean for machines and for each other."""
    ids = replacing.going_and_coming(anew, declarations.resources, world)
    yield from replacing.in_use(anew, held_by(world, drafts, catalogue, ids) if anew else {}, world)
    shrinking = [draft for draft in drafts if draft.shrinks]
    users: Users = used_by(world, drafts, catalogue) if shrinking else {}
    yield from regions.in_use(shrinking, users, world.machines)
    yield from unreadable(drafts, catalogue)
    yield from _left_out(drafts, declarations, world)


def _left_out(drafts: Iterable[Draft], declarations: Declarations, world: World) -> Iterator[Diagnostic]:
    """A step that needs what is not there, and that --target or --exclude keeps from being made."""
    written = list(drafts)
    made = {draft.address for draft in written} | world.resources.keys()
    absent = {one.address for one in declarations.resources} - made
    for draft in written:
        for address in sorted(absent.intersection(draft.uses)):
            summary = f"{draft.address} needs {address}, which is not there and is left out"
            yield error("needs-left-out", summary, hint=f"add --target {address}", subject=str(draft.address))


def _beside(declarations: Declarations, world: World, asked: Asked, drafts: tuple[Draft, ...]) -> Iterator[Finding]:
    """What else has to be read or said, given what the plan would do."""
    yield from (_unseen(one) for one in world.unseen)
    project = Address("Project", (declarations.project.name,))
    if asked.options.prune and declarations.project.store is not None:
        if world.stored is None:
            yield Question(Topic.STORE, project)
        if world.store_unread:
            text = f"the package store could not be listed, so no package is discarded: {world.store_unread}"
            yield Note("not-seen", project, text)
        yield from (draft for draft in discards(declarations, world, drafts) if asked.covers(draft.address))
    deletes_versions = any(isinstance(one.action, Delete) and len(one.address.name) == 3 for one in drafts)
    if deletes_versions:
        yield from _lagging(world)
    yield from guests_not_read(drafts, declarations, world)


def guests_not_read(drafts: Iterable[Draft], declarations: Declarations, world: World) -> Iterator[Note]:
    """What is said of scripts on machines whose guests were not asked is not quite certain."""
    if unread := len(_changed(drafts, world) - world.reports.keys()):
        machines = "1 machine" if unread == 1 else f"{unread} machines"
        text = f"the guests of {machines} were not asked: what is said of scripts takes earlier installs for granted"
        project = Address("Project", (declarations.project.name,))
        yield Note("guest-not-read", project, f"{text} (--guest all asks them)")


def _unseen(subscription: str) -> Diagnostic:
    summary = f"the machines of subscription {subscription} could not be read: nothing there is planned"
    hint = "no version is deleted meanwhile; grant Reader there, or take it out of fleet.subscriptions"
    return warning("not-seen", summary, hint=hint, subject=subscription)


def _lagging(world: World) -> Iterator[Question]:
    """Before versions are deleted: do instances that lag behind their set's model still run them?"""
    for address, machine in world.machines.items():
        lags = machine.is_scale_set and machine.upgrade_mode != AUTOMATIC
        if lags and address not in world.instances:
            yield Question(Topic.INSTANCES, address, machine.id)


def _changed(drafts: Iterable[Draft], world: World) -> set[Address]:
    """The virtual machines on which an application that is there is changed or removed."""
    assigning = (draft for draft in drafts if isinstance(draft.action, Assign))
    changing = (one for one in assigning if any(change.before is not None for change in changes_of(one.action)))
    return {one.address for one in changing if not world.machines[one.address].is_scale_set}
