"""From options to a loaded project and a cloud. Everything that costs time to import is imported here, late."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vmapps.cli import speak
from vmapps.cli.observing import observer
from vmapps.cli.options import Common
from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations, Project
from vmapps.core.drift import Drift
from vmapps.core.fields import Rules
from vmapps.core.outcome import Report
from vmapps.core.plan import Options, Plan
from vmapps.core.resource import Machine
from vmapps.core.status import Status, View
from vmapps.engine.events import Observer, Throttled, nobody
from vmapps.engine.ports import Cloud, Scope
from vmapps.engine.stop import Stop

if TYPE_CHECKING:
    from vmapps.azure.blobs import PackageStore
    from vmapps.azure.cloud import AzureCloud
    from vmapps.azure.lease import Holder, Lease
    from vmapps.azure.throttle import Held
    from vmapps.azure.tracing import Spans
    from vmapps.core.planning.aiming import Aim, Rollback
    from vmapps.engine.prepare import Prepared
    from vmapps.engine.recheck import Rechecked
    from vmapps.manifest.edit_files import Sheets
    from vmapps.manifest.edit_release import New
    from vmapps.manifest.edit_versions import Wish


def declarations(path: Path, common: Common) -> Declarations:
    """The project at a path; raises Invalid with every problem of every file."""
    from vmapps.manifest.load import load

    return load(path, common.variables, today=today(), blob_endpoint=common.blob_endpoint or None)


def spans(command: str, common: Common) -> Spans | None:
    """The spans of a run, if the SDK's tracing is switched on."""
    from vmapps.azure import tracing

    made = tracing.spans(command, common.run)
    if made is None and tracing.is_wanted():
        speak.tell("The SDK's tracing is switched on, but opentelemetry-api is not installed: there are no spans.")
    return made


@contextmanager
def cloud(declared: Declarations, common: Common) -> Iterator[AzureCloud]:
    """Azure, or an emulator, as the options say; its connections are closed at the end."""
    from vmapps.azure.arm import Means
    from vmapps.azure.cloud import open_azure

    terminal = observer(0, common)

    def told(held: Held) -> None:
        event = Throttled(held.bucket, held.wait, refused=held.refused)
        common.trail(event)
        terminal(event)

    project = declared.project
    with open_azure(
        common.endpoint,
        home=project.subscription,
        cloud=project.cloud,
        store=_store(project, common),
        links=declared.links,
        packages={package.sha256: package for package in declared.packages},
        versions=common.api_version,
        parallelism=common.parallelism,
        ca_file=common.ca_file or "",
        run=common.run,
        listener=common.trail if common.trail.is_kept else nobody,
        means=Means(told=told, spans=common.spans),
    ) as azure:
        yield azure


def _store(project: Project, common: Common) -> PackageStore | None:
    """Where packages go, if the project has a place for them; AZURE_STORAGE_KEY is the account's key."""
    from vmapps.azure.blobs import open_store
    from vmapps.azure.cloud import utc_now

    if project.store is None:
        return None
    return open_store(
        project.store,
        owner=project.owner,
        cloud=project.cloud,
        now=utc_now,
        key=os.environ.get("AZURE_STORAGE_KEY", ""),
        ca_file=common.ca_file or "",
        parallelism=common.parallelism,
    )


def lease(project: Project, common: Common, me: Holder, *, breaking: bool) -> Lease | Holder:
    """The lock of a project that has a package store, or who holds it; raises CloudFailure."""
    from vmapps.azure.lease import Lease, take

    store = _store(project, common)
    if store is None:
        raise ValueError(f"{project.owner} has no package store")
    try:
        found = take(store, me, breaking=breaking)
    except BaseException:
        store.close()
        raise
    if not isinstance(found, Lease):
        store.close()
    return found


def rules() -> Mapping[str, Rules]:
    """The field rules of every kind."""
    from vmapps.kinds.catalog import KINDS

    return {name: kind.rules for name, kind in KINDS.items()}


def scopes(declared: Declarations) -> Sequence[Scope]:
    """Everything that has to be listed: the galleries' resource groups, and the fleet's subscriptions."""
    from vmapps.azure.families import fleet_scopes, gallery_scope

    project = declared.project
    galleries = [one.id for one in declared.resources if one.id.type == "galleries"] + [*declared.foreign_galleries]
    groups = [(gallery.subscription, gallery.resource_group) for gallery in galleries]
    if project.resource_group:
        groups.append((project.subscription, project.resource_group))
    places = {(subscription.lower(), group.lower()): (subscription, group) for subscription, group in groups}
    fleet = {one.lower(): one for one in project.fleet or (project.subscription,)}
    return [
        *(gallery_scope(*places[key]) for key in sorted(places)),
        *(scope for key in sorted(fleet) for scope in fleet_scopes(fleet[key])),
    ]


def prepared(declared: Declarations, azure: Cloud, options: Options, common: Common) -> Prepared:
    """The plan, and the world it was made from."""
    from vmapps.engine.prepare import prepare

    return prepare(declared, azure, options, rules=rules(), scopes=scopes(declared), parallelism=common.parallelism)


def retried(declared: Declarations, azure: Cloud, options: Options, common: Common) -> Plan:
    """The plan that tries again what failed or was skipped."""
    from vmapps.core.planning.retrying import retries
    from vmapps.engine.prepare import prepare

    known, places = rules(), scopes(declared)
    made = prepare(
        declared, azure, options, rules=known, scopes=places, parallelism=common.parallelism, weighing=retries
    )
    return made.plan


def rolled_back(
    declared: Declarations, azure: Cloud, rollback: Rollback, options: Options, common: Common
) -> tuple[Plan, Aim | None]:
    """The plan that puts an assignment's machines back, and the version they go to; None when that cannot be said."""
    from vmapps.core.planning.aiming import Aim, aim_of
    from vmapps.core.planning.rolling_back import rolled_back as weighing
    from vmapps.engine.prepare import prepare

    known, project = rules(), declared.project
    made = prepare(
        declared,
        azure,
        options,
        rules=known,
        scopes=scopes(declared),
        parallelism=common.parallelism,
        weighing=partial(weighing, rollback),
    )
    asked = Asked(project.owner, project.former_owners, options, known)
    aim = aim_of(rollback, declared, made.world, asked)
    return made.plan, aim if isinstance(aim, Aim) else None


def releasing(project: Path, new: New, wishes: tuple[Wish, ...], common: Common) -> Sheets:
    """The project's files as they are when they declare the version, and assignments ask for it; not written yet."""
    from vmapps.manifest.edit_release import declare

    sheets = asking(project, wishes, common)
    declare(sheets, new)
    return sheets


@contextmanager
def store(declared: Declarations, common: Common) -> Iterator[PackageStore | None]:
    """The project's package store; None when it has none."""
    found = _store(declared.project, common)
    try:
        yield found
    finally:
        if found is not None:
            found.close()


def asking(project: Path, wishes: tuple[Wish, ...], common: Common) -> Sheets:
    """The project's files as they are when its assignments ask for these versions; nothing is written yet."""
    from vmapps.manifest.edit_files import Sheets
    from vmapps.manifest.edit_versions import ask

    sheets = Sheets.of(project, common.variables)
    ask(sheets, wishes, common.variables)
    return sheets


def drifted(declared: Declarations, azure: Cloud, guest: str, common: Common) -> Drift:
    """Where live Azure is not what is declared; `guest` is whose reports are read."""
    from vmapps.core.inspecting import drift_from, inspected
    from vmapps.engine.prepare import MOST_REPORTS, look

    known = rules()
    world, findings = look(
        declared,
        azure,
        lambda world: inspected(declared, world, known, guest),
        rules=known,
        scopes=scopes(declared),
        parallelism=common.parallelism,
        most=MOST_REPORTS if guest == "auto" else None,
        read_only=True,
    )
    return drift_from(declared, world, known, findings)


def today() -> date:
    """The day it is, for rules that end."""
    return datetime.now(UTC).date()


def status(declared: Declarations, azure: Cloud, view: View, common: Common) -> Status:
    """Which machine has which version, and did it install."""
    from vmapps.core.stock import questions, status_of
    from vmapps.engine.prepare import look

    known = rules()

    world, _ = look(
        declared,
        azure,
        lambda world: questions(declared, world, known, view),
        rules=known,
        scopes=scopes(declared),
        parallelism=common.parallelism,
        read_only=True,
    )
    return status_of(declared, world, known, view)


def recheck(plan: Plan, azure: Cloud, common: Common) -> Rechecked:
    """What an earlier run has gone past, and the machines as they are; raises SavedPlanUnusable when one is not."""
    from vmapps.engine import recheck as again

    return again.recheck(plan, azure, rules=rules(), parallelism=common.parallelism)


def execute(
    plan: Plan,
    azure: Cloud,
    observer: Observer,
    stop: Stop,
    common: Common,
    done: frozenset[str] = frozenset(),
    known: Iterable[Machine] = (),
) -> Report:
    """Carry the plan out; `done` are the steps that an earlier run has gone past, `known` machines just read."""
    from vmapps.engine import execute as engine

    return engine.execute(
        plan,
        azure,
        rules=rules(),
        observer=observer,
        stop=stop,
        parallelism=common.parallelism,
        done=done,
        fail_fast=common.fail_fast,
        known={one.id: one for one in known},
    )
