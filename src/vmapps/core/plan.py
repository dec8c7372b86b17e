"""The plan: a value that prints, compares, and survives JSON. What executes is exactly what it says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from vmapps.core.action import VERBS, Action, Assign, Change, changes_of, verb
from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.fields import Path
from vmapps.core.resource import Link


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a step depends on besides the fields it changes.

    `paths` are the declared fields that it leaves alone, `digest` is the sha256 of their values when the plan was
    made. For a machine the digest covers the entries of ours that stay (`kept`), its location, OS type and upgrade
    mode, and what of others' entries decides what happens in the guest; what earlier writes of the same plan edit
    (`paths`) is left out. `slots` are links that stay as they are but have to be sent again, as the
    whole resource is written. `later` is what later steps make of the same: where that is so already, an earlier
    run of this plan got further than this step.
    """

    paths: tuple[Path, ...] = ()
    digest: str = ""
    slots: tuple[tuple[Path, Link], ...] = ()
    later: tuple[Change, ...] = ()
    kept: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One write or upload.

    `id` is `address#n`; `resource` the ARM id that is written (None for an upload); `because` one sentence;
    `guest` what will happen on the machine, one line an application; `needs` the ids of steps that come first;
    `source` the manifest places that asked for it. `waits` are the ids of steps that end before, whatever becomes of
    them. With `only_if` it is carried out only when one of these looks between waves halts its rollout; when none does,
    it is not needed.
    """

    id: str
    address: Address
    resource: ArmId | None
    action: Action
    because: str
    guest: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    source: tuple[Span, ...] = ()
    wave: int | None = None
    expects: Expectation = Expectation()
    waits: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()

    @property
    def verb(self) -> str:
        """The action's name."""
        return verb(self.action)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is not a step but worth knowing: unchanged, kept, foreign, not-adopted, cannot-clear, …"""

    code: str
    address: Address
    text: str


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of the planner.

    `accept` are the numbers of --accept (`deletes`, `machines`); `adopt_from` another owner whose objects are
    taken over; `targets` and `excludes` are address globs, and so is `allow_replace` (what may be deleted and
    created anew). `allow_reinstall`: an application may be removed and installed again to
    clear a field. `metadata_now`: write also what changes nothing in the guest. `guest` is which machines' reports
    are read: auto, none or all. `rollout` is asDeclared or single (no waves), `through_wave` the last wave to write
    (0: all), and `resume` are globs of assignments whose failures so far are accepted. `rollback_on_halt`: what a
    rollout's waves changed is put back when it halts.
    """

    prune: bool = False
    adopt: bool = False
    adopt_from: str = ""
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    accept: tuple[tuple[str, int], ...] = ()
    allow_replace: tuple[str, ...] = ()
    allow_reinstall: bool = False
    metadata_now: bool = False
    guest: str = "auto"
    rollout: str = "asDeclared"
    through_wave: int = 0
    resume: tuple[str, ...] = ()
    rollback_on_halt: bool = False


@dataclass(frozen=True, slots=True)
class ProjectId:
    """Which project a plan belongs to."""

    name: str
    owner: str
    subscription: str


@dataclass(frozen=True, slots=True)
class Plan:
    """An ordered list of steps, with what was noticed on the way.

    With an error among the `diagnostics` there are no steps. `refusals` are the safety guard's: the steps are
    there to be looked at, but may not be applied (exit 5).
    """

    project: ProjectId
    options: Options = Options()
    steps: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    refusals: tuple[Diagnostic, ...] = field(default=())

    @property
    def errored(self) -> bool:
        """Whether planning found an error."""
        return any(diagnostic.is_error for diagnostic in self.diagnostics)

    @property
    def applyable(self) -> bool:
        """Whether there is something to apply and nothing against it."""
        return bool(self.steps) and not self.errored and not self.refusals

    @property
    def is_empty(self) -> bool:
        """Whether live Azure is what the manifests say."""
        return not self.steps and not self.errored

    @property
    def summary(self) -> dict[str, int]:
        """Steps by verb and notes by code; every verb is there, also with 0. Steps of `only_if` are counted apart."""
        verbs = Counter(step.verb for step in self._certain)
        notes = Counter(note.code for note in self.notes)
        conditional = len(self.steps) - verbs.total()
        told = {"conditional": conditional} if conditional else {}
        return {**{name: verbs[name] for name in VERBS.values()}, **told, **dict(sorted(notes.items()))}

    @property
    def _certain(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.only_if)

    @property
    def deletes(self) -> int:
        """Deleted resources plus removed entries, as `safety.maxDeletes` counts them."""
        return sum(_removals(step) for step in self._certain)

    @property
    def machines(self) -> int:
        """Machines that are written outside waves, as `safety.maxMachines` counts them."""
        return len({one.address for one in self._certain if one.verb in ("assign", "upgrade") and one.wave is None})


def _removals(step: Step) -> int:
    if step.verb == "delete":
        return 1
    return sum(change.after is None for change in changes_of(step.action)) if isinstance(step.action, Assign) else 0
