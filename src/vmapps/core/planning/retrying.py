"""Installs that failed or were skipped, tried again: off the list, then back on it [guest-agent.md 3.1].

The guest does not try a version twice; only an application that left its list and came back is new to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Diagnostic, Severity, error
from vmapps.core.entries import find
from vmapps.core.explain import nearest
from vmapps.core.fields import Rules
from vmapps.core.fleet import Claim, Placement, Resolved, resolve
from vmapps.core.guest import State
from vmapps.core.plan import Options
from vmapps.core.planning.catalogue import Catalogue, catalogue_of
from vmapps.core.planning.claimed import anew, no_reinstall, trouble
from vmapps.core.planning.findings import Finding, Question, Topic, drafts_of
from vmapps.core.planning.leftovers import is_ours, ours
from vmapps.core.planning.verdicts import Verdict, told
from vmapps.core.planning.writes import writes
from vmapps.core.resource import Entry, Machine, World


def retries(
    declarations: Declarations, world: World, rules: Mapping[str, Rules], options: Options
) -> tuple[Finding, ...]:
    """Two writes for each machine that `options` leaves in and whose guest reports trouble; nothing else is planned.

    What is refused does not stop the rest, unless a target asks for nothing else; a target that names no machine of
    ours is an error.
    """
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, options, rules)
    resolved = resolve(declarations, world, staged=False)
    catalogue = catalogue_of(declarations, world, asked)
    found: list[Finding] = []
    for address, placement in resolved.placements.items():
        if asked.covers(address):
            found.extend(_on(world.machines[address], placement, catalogue, asked))
    refusals = _beside_others(found) if drafts_of(found) else found
    return (*resolved.diagnostics, *_nowhere(resolved, options), *refusals)


def _beside_others(found: Iterable[Finding]) -> Iterator[Finding]:
    """Refusals as warnings: what can be tried again is."""
    for one in found:
        yield replace(one, severity=Severity.WARNING) if isinstance(one, Diagnostic) else one


def _nowhere(resolved: Resolved, options: Options) -> Iterator[Diagnostic]:
    """Targets that name no machine with an assignment."""
    for pattern in options.targets:
        if not any(address.matches(pattern) for address in resolved.placements):
            close = ", ".join(map(str, nearest(pattern, resolved.placements)))
            hint = f"nearest are {close}" if close else "a machine is named as in VirtualMachine/rg-web/web-01"
            yield error("no-such-machine", f"no machine with an assignment is '{pattern}'", hint=hint, subject=pattern)


def _on(machine: Machine, placement: Placement, catalogue: Catalogue, asked: Asked) -> Iterator[Finding]:
    if machine.is_scale_set:
        yield from _scale_set(machine, placement, catalogue)
        return
    if machine.address not in catalogue.reports:
        yield Question(Topic.REPORT, machine.address, machine.id)
        return
    verdicts = []
    for claim in placement.claims:
        live = find(machine, claim.key)
        if live is None or not _is_retried(machine, live, claim, catalogue, asked):
            continue
        if refusal := no_reinstall(machine, live):
            yield _refused(machine, claim, live, refusal)
        else:
            verdicts.append(_verdict(machine, claim, live, catalogue, asked))
    if verdicts:
        yield from writes(machine, verdicts, ours(machine, placement.claims, asked), catalogue)


def _is_retried(machine: Machine, live: Entry, claim: Claim, catalogue: Catalogue, asked: Asked) -> bool:
    """Whether an entry of ours is at its declared version, and that version is in trouble."""
    is_there = live.reference is not None and live.reference.version.lower() == claim.version
    is_own = is_ours(machine, live, asked) or (live.mark is None and claim.key in catalogue.owned)
    return is_there and is_own and trouble(machine, claim, catalogue) is not None


def _verdict(machine: Machine, claim: Claim, live: Entry, catalogue: Catalogue, asked: Asked) -> Verdict:
    seen = trouble(machine, claim, catalogue)
    word = "was skipped" if seen is not None and seen.state is State.SKIPPED else "failed"
    return anew(machine, claim, live, catalogue, asked, f"{told(live)} {word} in the guest")


def _refused(machine: Machine, claim: Claim, live: Entry, why: str) -> Diagnostic:
    summary = f"{told(live)} on {machine.address} cannot be tried again: {why}"
    hint = "publish and assign a new version, or assign another application to the machine first"
    return error("no-retry", summary, claim.spans[0], hint=hint, subject=str(machine.address))


def _scale_set(machine: Machine, placement: Placement, catalogue: Catalogue) -> Iterator[Finding]:
    """A model has no single instances: its ways out are named, where an instance reports trouble."""
    known = catalogue.instances.get(machine.address)
    if known is None:
        yield Question(Topic.INSTANCES, machine.address, machine.id)
        return
    names = {claim.wanted.application_name.lower(): claim for claim in placement.claims}
    for one in known.instances:
        for app in one.report.applications if one.report is not None else ():
            claim = names.get(app.application.lower())
            if claim is not None and app.state in (State.FAILED, State.SKIPPED):
                summary = f"{app.application} {app.version} {app.state} on instance {one.name} of {machine.address}"
                hint = "reimage the instance, or publish and assign a new version: a scale set's entry is not retried"
                yield error("no-retry", summary, claim.spans[0], hint=hint, subject=str(machine.address))
