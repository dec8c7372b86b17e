"""Everything that an explanation may point at, looked up by address: steps, notes, manifests, what is live."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.declaration import Assignment, Declarations, Package
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.explain_live import Live, LivePackage, live_machine, live_resource
from vmapps.core.fleet import NOBODYS, Claim, Resolved, resolve
from vmapps.core.plan import Note, Plan, Step
from vmapps.core.planning.catalogue import Catalogue, catalogue_of
from vmapps.core.resource import Desired, World

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A plan with what it was made from; `places` says of every diagnostic in which declarations it lies."""

    plan: Plan
    world: World
    declarations: Declarations
    asked: Asked
    catalogue: Catalogue
    resolved: Resolved
    steps: Mapping[Address, tuple[Step, ...]]
    notes: Mapping[Address, tuple[Note, ...]]
    by_id: Mapping[str, Step]
    dependents: Mapping[str, tuple[Step, ...]]
    declared: Mapping[Address, Desired]
    packages: Mapping[Address, Package]
    assignments: Mapping[Address, Assignment]
    places: Mapping[Diagnostic, frozenset[Span]]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address that can be explained, in order."""
        stored = (Address("Package", (sha256[:12],)) for sha256 in self.world.stored or ())
        targets = (target.machine for one in self.assignments.values() for target in one.targets if target.machine)
        known = (self.steps, self.notes, self.declared, self.packages, self.assignments)
        live = (self.world.resources, self.world.machines)
        return tuple(sorted({*stored, *targets, *(address for found in (*known, *live) for address in found)}))

    def claims(self, machine: Address) -> tuple[Claim, ...]:
        """What the assignments say about a machine."""
        return self.resolved.placements.get(machine, NOBODYS).claims

    def live(self, address: Address) -> Live | None:
        """What is live there; None when nothing is, or nobody looked."""
        if (resource := self.world.resources.get(address)) is not None:
            return live_resource(resource, self.asked)
        if (machine := self.world.machines.get(address)) is not None:
            claimed = frozenset(claim.key for claim in self.claims(address))
            return live_machine(machine, claimed, self.catalogue, self.asked)
        return LivePackage(self._stored(address)) if address.kind == "Package" else None

    def _stored(self, address: Address) -> bool | None:
        prefix = address.name[0].lower()
        if any(sha256.startswith(prefix) for sha256 in (*self.world.blobs, *(self.world.stored or ()))):
            return True
        uploaded = any(step.verb == "upload" for step in self.steps.get(address, ()))
        return False if uploaded or self.world.stored is not None else None


def evidence(plan: Plan, world: World, declarations: Declarations) -> Evidence:
    """Look everything up once."""
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, plan.options, {})
    needs = ((need, step) for step in plan.steps for need in step.needs)
    return Evidence(
        plan,
        world,
        declarations,
        asked,
        catalogue_of(declarations, world, asked),
        resolve(declarations, world),
        _grouped((step.address, step) for step in plan.steps),
        _grouped((note.address, note) for note in plan.notes),
        {step.id: step for step in plan.steps},
        _grouped(needs),
        {one.address: one for one in declarations.resources},
        {one.address: one for one in declarations.packages},
        {one.address: one for one in declarations.assignments},
        _places(plan, declarations),
    )


def _grouped(pairs: Iterable[tuple[_Key, _Item]]) -> Mapping[_Key, tuple[_Item, ...]]:
    found: dict[_Key, list[_Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return {key: tuple(items) for key, items in found.items()}


def _places(plan: Plan, declarations: Declarations) -> Mapping[Diagnostic, frozenset[Span]]:
    """A place has a beginning and no end: a diagnostic lies in the document, and in the item of it, begun last."""
    documents = sorted(_documents(declarations))
    items = sorted({*documents, *_items(declarations)})
    return {
        one: frozenset({one.span, *_begun_last(one.span, documents), *_begun_last(one.span, items)})
        for one in plan.diagnostics
        if one.span is not None
    }


def _documents(declarations: Declarations) -> Iterator[Span]:
    yield declarations.project.span
    yield from (span for one in declarations.resources for span in one.source[:1])
    yield from (one.span for one in declarations.assignments)


def _items(declarations: Declarations) -> Iterator[Span]:
    for one in declarations.assignments:
        yield from (wanted.span for wanted in one.applications)
        yield from (target.span for target in one.targets)


def _begun_last(span: Span, begun: list[Span]) -> tuple[Span, ...]:
    """The last of the beginnings in the same file that does not come after the place."""
    at = bisect_right(begun, span)
    return tuple(one for one in begun[max(at - 1, 0) : at] if one.file == span.file)
