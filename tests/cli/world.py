"""A world without Azure for the command line: what it would load, plan and execute is said by the test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from render import cases
from vmapps.cli import wiring
from vmapps.cli.main import run
from vmapps.cli.options import Common
from vmapps.core.declaration import Declarations, Package, Project, Store
from vmapps.core.drift import Drift
from vmapps.core.outcome import Applied, Outcome, Report
from vmapps.core.plan import Options, Plan
from vmapps.core.resource import Machine
from vmapps.core.resource import World as Live
from vmapps.core.status import Status, View
from vmapps.engine.events import Ended, Finished, Observer, Started
from vmapps.engine.prepare import Prepared
from vmapps.engine.recheck import Rechecked
from vmapps.engine.stop import Stop

STORE = Store("https://contoso.blob.core.windows.net", "packages")
PROJECT = Project("contoso-platform", "7f3a9c12", "AzurePublic", cases.SUBSCRIPTION, store=STORE)
PACKAGE = Package(cases.PACKAGE, 10, Path("packages/nginx.tar.gz"), "packages/nginx.tar.gz")


@dataclass
class Lock:
    """A lock that is held until the test says that it is lost."""

    broke: Any = None
    lost: str = ""
    kept: bool = False
    released: bool = False
    watcher: Any = None

    def keep(self) -> None:
        self.kept = True

    def release(self) -> None:
        self.released = True

    def on_lost(self, watcher: Any) -> None:
        self.watcher = watcher
        if self.lost:
            watcher(self.lost)

    def lose(self, why: str) -> None:
        self.lost = why
        if self.watcher:
            self.watcher(why)


@dataclass
class World:
    """What the fakes answer, and what they were asked."""

    declared: Declarations | Exception = field(default_factory=lambda: Declarations(PROJECT, packages=(PACKAGE,)))
    plan: Plan | Exception = cases.PLANS["everything"]
    drift: Drift = Drift()
    guest: str = ""
    status: Status | Exception = Status()
    view: View | None = None
    live: Live = field(default_factory=Live)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failure: BaseException | None = None
    stale: Exception | None = None
    blobs: frozenset[str] = frozenset()
    events: list[str] = field(default_factory=list)
    asked: Options | None = None
    common: Common = field(default_factory=Common)
    on_execute: Any = None
    lock: Lock = field(default_factory=Lock)
    holders: list[Any] = field(default_factory=list)
    breaking: bool = False
    known: tuple[Machine, ...] = ()

    def declarations(self, path: Path, common: Common) -> Declarations:
        self.events.append(f"load {path}")
        self.common = common
        return raised_or(self.declared)

    @contextmanager
    def cloud(self, declared: Declarations, common: Common) -> Iterator[World]:
        self.common = common
        yield self
        self.events.append("closed")

    def lease(self, project: Project, common: Common, me: Any, *, breaking: bool) -> Any:
        """Who stands in `holders` has it, one look after the other; then it is ours."""
        self.breaking = breaking
        return raised_or(self.holders.pop(0)) if self.holders else self.lock

    def present(self, packages: Any) -> frozenset[str]:
        return self.blobs & frozenset(packages)

    def prepared(self, declared: Declarations, azure: Any, options: Options, common: Common) -> Prepared:
        self.asked = options
        return Prepared(replace(raised_or(self.plan), options=options), self.live)

    def drifted(self, declared: Declarations, azure: Any, guest: str, common: Common) -> Drift:
        self.guest = guest
        return raised_or(self.drift)

    def status_of(self, declared: Declarations, azure: Any, view: View, common: Common) -> Status:
        self.view = view
        return raised_or(self.status)

    def retried(self, declared: Declarations, azure: Any, options: Options, common: Common) -> Plan:
        self.events.append("retried")
        return self.prepared(declared, azure, options, common).plan

    def recheck(self, plan: Plan, azure: Any, common: Common) -> Rechecked:
        self.events.append("recheck")
        raised_or(self.stale)
        return Rechecked()

    def execute(
        self,
        plan: Plan,
        azure: Any,
        observer: Observer,
        stop: Stop,
        common: Common,
        done: frozenset[str] = frozenset(),
        known: Iterable[Machine] = (),
    ) -> Report:
        self.known = tuple(known)
        self.events.append(f"execute {len(plan.steps)}")
        raised_or(self.failure)
        results = []
        for step in plan.steps:
            observer(Started(step))
            if self.on_execute:
                self.on_execute(step, stop)
            outcome = self.outcomes.get(step.id, Applied())
            observer(Finished(step, outcome, 1.0))
            results.append((step, outcome))
        report = Report(tuple(results), stop.soft)
        observer(Ended(report))
        return report


def raised_or(answer: Any) -> Any:
    """What a fake answers: an exception is raised."""
    if isinstance(answer, BaseException):
        raise answer
    return answer


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


class Commands:
    """Runs commands in a world."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Said:
        self._capsys.readouterr()
        code = run(arguments)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


def faked(monkeypatch: pytest.MonkeyPatch) -> World:
    """The wiring answers from a world."""
    world = World()
    for name in ("declarations", "cloud", "lease", "prepared", "drifted", "retried", "recheck", "execute"):
        monkeypatch.setattr(wiring, name, getattr(world, name))
    monkeypatch.setattr(wiring, "status", world.status_of)
    return world
