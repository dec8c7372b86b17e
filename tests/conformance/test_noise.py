"""What Azure was seen to answer, exported and planned against itself: no plan, and nothing lost in silence."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.examples import examples
from conformance.noise import (
    RULES,
    Trial,
    errors_of,
    exported,
    live_bodies,
    project,
    rows,
    seen,
    steps_of,
    through_the_command,
    tried,
)
from conformance.recordings import oracle_folder
from specification.watch import WATCH
from vmapps.core.fields import Ownership, at, leaves, spelled
from vmapps.core.fields import Path as FieldPath
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Machine, Observed, World
from vmapps.kinds.catalog import KINDS
from vmapps.manifest.load import load

ADOPTED = {"tags.vmapps-owner", "tags.vmapps-content", "properties.provisioningState"}
"""What an adoption changes: the marks; and an answer to a PUT shows the object while Azure still works on it."""

AZURES = (
    "properties.identifier",
    "properties.replicationStatus",
    "properties.sharingStatus",
    "identity.principalId",
    "identity.tenantId",
    "properties.sharingProfile.communityGalleryInfo.communityGalleryEnabled",
    "properties.sharingProfile.communityGalleryInfo.publicNames",
)
"""Azure alone writes these [azure-facts 1.1, 10], besides what the kinds' rules know."""


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, ...]:
    return planned(tmp_path_factory, Options())


def planned(tmp_path_factory: pytest.TempPathFactory, options: Options) -> tuple[Trial, ...]:
    folder = oracle_folder()
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no recordings at {folder}: set VMAPPS_ORACLE")
        pytest.skip(f"no recordings at {folder}: set VMAPPS_ORACLE")
    bodies = live_bodies(folder)
    known = {body["id"].lower(): body for body in reversed(bodies)}
    return tuple(tried(body, known, tmp_path_factory.mktemp("noise"), options) for body in bodies)


def test_every_live_object_plans_nothing(trials: tuple[Trial, ...]) -> None:
    exceptions = rows()
    noisy = [
        trial
        for trial in trials
        if not all(any(row.covers(trial.kind, one) for row in exceptions) for one in trial.problems)
    ]
    WATCH.notes.append(report(trials))
    assert not noisy, "\n".join(map(str, noisy))


def report(trials: tuple[Trial, ...]) -> str:
    total = Counter(trial.kind for trial in trials)
    quiet = Counter(trial.kind for trial in trials if not trial.problems)
    shares = ", ".join(f"{kind} {quiet[kind]}/{count}" for kind, count in sorted(total.items()))
    return f"live objects whose export plans nothing: {quiet.total()}/{total.total()} ({shares})"


def test_every_live_object_through_the_command_plans_nothing(
    trials: tuple[Trial, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What `vmapps export` writes: no exceptions, as what cannot be said is left out and told."""
    bodies = live_bodies(oracle_folder())
    known = {body["id"].lower(): body for body in reversed(bodies)}
    assert len(bodies) == len(trials)
    declared = 0
    for body in bodies:
        made, plan = through_the_command(body, known, tmp_path_factory.mktemp("export"))
        noise = [*errors_of(plan), *(steps_of(plan) if isinstance(plan, Plan) else ())]
        assert not noise, f"{body['id']}: {noise}"
        is_said = any(one.document is not None for one in made.pieces)
        is_of_a_set = bool(getattr(seen(body), "scale_set", ""))
        assert is_said or made.left or is_of_a_set, f"{body['id']} is lost in silence"
        declared += is_said
    WATCH.notes.append(f"live objects that vmapps export declares, planning nothing: {declared}/{len(bodies)}")
    assert declared > len(bodies) * 0.8


def test_something_of_every_kind_is_quiet(trials: tuple[Trial, ...]) -> None:
    """No kind is all exceptions."""
    assert trials
    assert {trial.kind for trial in trials if not trial.problems} == {trial.kind for trial in trials}


@pytest.mark.skipif(not examples(), reason="the exceptions are official examples")
def test_every_exception_is_needed_and_says_why(trials: tuple[Trial, ...]) -> None:
    said = [(trial.kind, problem) for trial in trials for problem in trial.problems]
    for row in rows():
        assert len(row.reason) > 20
        assert any(row.covers(*one) for one in said), f"nothing says {row.says}"


def test_nothing_is_lost_in_silence(trials: tuple[Trial, ...]) -> None:
    silent = [f"{trial.live.address} {path}" for trial in trials for path in unexplained(trial)]
    assert not silent


def unexplained(trial: Trial) -> Iterator[str]:
    """What is live and neither declared, nor told, nor Azure's own or default."""
    if trial.declared is None:
        return
    if isinstance(trial.live, Machine):
        said = sum(len(one.applications) for one in trial.declared.assignments)
        told = {text.partition(":")[0] for text in trial.exported.lost if "stays as it is" in text}
        yield from [f"{len(trial.live.entries)} entries"] * (said + len(told) != len(trial.live.entries))
        return
    (wanted,) = (one for one in trial.declared.resources if one.address == trial.live.address)
    rules = KINDS[trial.kind].rules
    declared = {path for path, _ in leaves(wanted.body, rules)}
    for path, value in leaves(trial.live.body, rules):
        if value not in (None, [], {}) and path not in declared and not is_explained(path, trial.live, trial):
            yield spelled(path)


def is_explained(path: FieldPath, live: Observed, trial: Trial) -> bool:
    rules, name = KINDS[trial.kind].rules, spelled(path)
    is_azures = any(rules.of(path[:end]).ownership is Ownership.READ_ONLY for end in range(1, len(path) + 1))
    is_default = rules.normal(path, at(live.body, path)) == rules.normal(path, None)
    is_told = any(text.startswith(name) for text in trial.exported.lost)
    return is_azures or is_default or is_told or name.startswith(AZURES)


def test_adopting_changes_marks_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    adopted = [one for one in planned(tmp_path_factory, Options(adopt=True)) if one.declared is not None]
    assert adopted
    for trial in adopted:
        if isinstance(trial.live, Machine):
            assert not trial.problems, str(trial)
        for problem in trial.problems:
            _, action, fields = problem.split(" ", 2)
            assert action == "Update", str(trial)
            assert set(fields.split(", ")) <= ADOPTED, str(trial)


def test_a_live_object_that_differs_is_not_quiet(tmp_path: Path) -> None:
    """The measure can fail: what is planned against another object is a change."""
    arm_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/r/providers/Microsoft.Compute"
    body = {"id": f"{arm_id}/galleries/g", "location": "westus", "properties": {"description": "one"}}
    declared = load(project(tmp_path, arm_id.split("/")[2], [exported(seen(body)).document]))
    other = seen({**body, "properties": {"description": "two"}})
    plan = make_plan(declared, World.of(iter([other])), RULES, Options(adopt=True))
    assert any("properties.description" in one for one in (*steps_of(plan), *errors_of(plan)))
