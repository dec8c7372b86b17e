"""The shape of a saved plan, strictly: an unknown or missing key, or another type, is an error."""

from __future__ import annotations

from typing import Any

import msgspec

from vmapps.core.action import Change
from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Severity, Span
from vmapps.core.fields import Path, parse_path
from vmapps.core.plan import Expectation, Note, Options, Plan, ProjectId, Step
from vmapps.core.resource import Link
from vmapps.render.action_json import action_of
from vmapps.render.value_json import value_of


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What every part has in common."""


class ToolPart(Strict, frozen=True):
    """Who made the plan."""

    name: str
    version: str


class ProjectPart(Strict, frozen=True):
    """Whose plan it is."""

    name: str
    owner: str
    subscription: str


class OptionsPart(Strict, frozen=True):
    """What was asked of the planner."""

    prune: bool
    adopt: bool
    adopt_from: str
    targets: tuple[str, ...]
    excludes: tuple[str, ...]
    accept: dict[str, int]
    allow_replace: tuple[str, ...]
    allow_reinstall: bool
    metadata_now: bool
    guest: str
    rollout: str
    through_wave: int
    resume: tuple[str, ...]
    rollback_on_halt: bool

    def options(self) -> Options:
        """As the core has it."""
        return Options(
            self.prune,
            self.adopt,
            self.adopt_from,
            self.targets,
            self.excludes,
            tuple(sorted(self.accept.items())),
            self.allow_replace,
            self.allow_reinstall,
            self.metadata_now,
            self.guest,
            self.rollout,
            self.through_wave,
            self.resume,
            self.rollback_on_halt,
        )


class ChangePart(Strict, frozen=True):
    """One field before and after."""

    path: str
    before: Any
    after: Any

    def change(self) -> Change:
        """As the core has it."""
        return Change(parse_path(self.path), value_of(self.before), value_of(self.after))


class SlotPart(Strict, frozen=True):
    """A link that is sent again as it is."""

    path: str
    link: dict[str, str]

    def slot(self) -> tuple[Path, Link]:
        """As the core has it."""
        match value_of(self.link):
            case Link() as link:
                return parse_path(self.path), link
            case _:
                raise ValueError("a slot is filled with a link")


class ObjectPart(Strict, frozen=True):
    """What a step expects besides its changes."""

    resource: str | None
    paths: tuple[str, ...]
    digest: str
    slots: tuple[SlotPart, ...]
    later: tuple[ChangePart, ...]
    kept: tuple[str, ...]
    waits: tuple[str, ...]

    def expectation(self) -> Expectation:
        """As the core has it."""
        paths = tuple(map(parse_path, self.paths))
        slots = tuple(part.slot() for part in self.slots)
        later, kept = tuple(part.change() for part in self.later), tuple(map(parse_path, self.kept))
        return Expectation(paths, self.digest, slots, later, kept)

    def arm_id(self) -> ArmId | None:
        """The object that is written."""
        if self.resource is None:
            return None
        if (found := ArmId.parse(self.resource)) is None:
            raise ValueError(f"'{self.resource}' is not a resource id")
        return found


class FingerprintPart(Strict, frozen=True):
    """The seal, and what execution needs."""

    plan: str
    objects: dict[str, ObjectPart]


class StepPart(Strict, frozen=True):
    """One write or upload."""

    id: str
    address: str
    action: str
    because: str
    changes: tuple[ChangePart, ...]
    guest: tuple[str, ...]
    needs: tuple[str, ...]
    source: tuple[str, ...]
    wave: int | None
    only_if: tuple[str, ...]

    def step(self, seen: ObjectPart) -> Step:
        """As the core has it."""
        return Step(
            self.id,
            Address.parse(self.address),
            seen.arm_id(),
            action_of(self.action, tuple(part.change() for part in self.changes)),
            self.because,
            self.guest,
            self.needs,
            tuple(map(Span.parse, self.source)),
            self.wave,
            seen.expectation(),
            seen.waits,
            self.only_if,
        )


class NotePart(Strict, frozen=True):
    """Worth knowing."""

    code: str
    address: str
    text: str

    def note(self) -> Note:
        """As the core has it."""
        return Note(self.code, Address.parse(self.address), self.text)


class DiagnosticPart(Strict, frozen=True):
    """A problem, or with `guard` a refusal."""

    severity: Severity
    code: str
    summary: str
    source: str | None
    hint: str
    subject: str
    guard: bool

    def diagnostic(self) -> Diagnostic:
        """As the core has it."""
        span = None if self.source is None else Span.parse(self.source)
        return Diagnostic(self.severity, self.code, self.summary, span, self.hint, self.subject)


class PlanDocument(Strict, frozen=True):
    """The whole file."""

    format_version: int
    tool: ToolPart
    project: ProjectPart
    options: OptionsPart
    fingerprint: FingerprintPart
    steps: tuple[StepPart, ...]
    notes: tuple[NotePart, ...]
    diagnostics: tuple[DiagnosticPart, ...]
    summary: dict[str, int]
    applyable: bool

    def plan(self) -> Plan:
        """The plan; raises ValueError for what no type can say."""
        seen = self.fingerprint.objects
        if len(self.steps) != len(seen) or any(part.id not in seen for part in self.steps):
            raise ValueError("its steps and their fingerprints are not the same")
        return Plan(
            ProjectId(self.project.name, self.project.owner, self.project.subscription),
            self.options.options(),
            tuple(part.step(seen[part.id]) for part in self.steps),
            tuple(part.note() for part in self.notes),
            tuple(part.diagnostic() for part in self.diagnostics if not part.guard),
            tuple(part.diagnostic() for part in self.diagnostics if part.guard),
        )
