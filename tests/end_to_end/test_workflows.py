"""The workflows for GitHub: what their jobs do, done here, for events as GitHub sends them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from end_to_end.azure_side import PLATFORM, Arm, machine_id
from end_to_end.conftest import NOWHERE
from end_to_end.github_side import EXAMPLES, NAME, GitHub, Runner, github
from end_to_end.projects import Project, linked

OURS = {"pull_request": {"number": 7, "head": {"repo": {"full_name": NAME}}}}
FORK = {"pull_request": {"number": 8, "head": {"repo": {"full_name": "mallory/platform"}}}}
PREVIEW, APPLY, DRIFT = "vmapps-preview.yml", "vmapps-apply.yml", "vmapps-drift.yml"


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with github() as state:
        yield state


@pytest.fixture
def runner(tmp_path: Path, project: Project, hub: GitHub, arm: Arm, azurite: str) -> Runner:
    project.holds(*linked("web-01"))
    arm.machine("web-01")
    arm.forget_requests()
    return Runner(tmp_path, project.folder, hub, arm.url, azurite)


def previewed(runner: Runner, run: str = "501") -> Any:
    return runner.run(PREVIEW, "plan", OURS, RUN=run)


def merged(hub: GitHub, sha: str, *runs: int) -> None:
    hub.merged = [{"number": 7, "merged_at": "2026-01-01T00:00:00Z", "head": {"sha": sha}}]
    hub.runs = [{"id": run, "head_sha": sha} for run in runs]


def test_a_preview_comments_once_and_keeps_its_plan(runner: Runner, hub: GitHub, arm: Arm) -> None:
    hub.comments[7] = [{"id": number, "body": "looks good"} for number in range(130)]
    before = arm.requests()
    for run in ("501", "502"):
        ran = previewed(runner, run)
        assert ran.code == 0, ran.said
    ours = [one["body"] for one in hub.comments[7] if one["body"] != "looks good"]
    assert len(ours) == 1
    assert ours[0].startswith("<!-- vmapps plan shop.a1b2c3d4 -->\n")
    assert "**Plan: 0 to upload, 3 to create, 0 to update, 1 machine to write, 0 to delete.**" in ours[0]
    assert "`agent: install 1.0.0` on 1 machine" in ours[0].replace("platform/agent", "agent")
    assert hub.calls == ["POST issues/7/comments", "PATCH issues/comments/1130"]
    assert all(request["method"] == "GET" for request in arm.requests()[len(before) :])
    assert (runner.folder / "summary.md").read_text(encoding="utf-8").count("vmapps plan") == 2


def test_a_fork_is_validated_and_gets_nothing_else(runner: Runner, hub: GitHub) -> None:
    assert runner.run(PREVIEW, "plan", FORK, RUN="1").skipped
    ran = runner.run(PREVIEW, "validate", FORK, RUN="1")
    assert (ran.code, hub.calls) == (0, [])
    whole = yaml.safe_load((EXAMPLES / PREVIEW).read_text(encoding="utf-8"))
    assert whole["permissions"] == {}
    assert whole["jobs"]["validate"]["permissions"] == {"contents": "read"}
    assert "azure/login" not in ran.used
    assert not any(word in str(whole["jobs"]["validate"]) for word in ("secrets.", "vars.", "token"))


def test_a_preview_that_fails_says_so_in_the_same_comment(runner: Runner, hub: GitHub, project: Project) -> None:
    previewed(runner)
    project.file("manifests/all.yaml", "kind: Galery\n")
    ran = previewed(runner)
    assert ran.code == 1
    (told,) = hub.comments[7]
    assert told["body"].startswith("<!-- vmapps plan failed -->\n")
    assert "manifests/all.yaml:1:" in told["body"]
    project.holds(*linked("web-01"))
    assert previewed(runner).code == 0
    (told,) = hub.comments[7]
    assert told["body"].startswith("<!-- vmapps plan shop.a1b2c3d4 -->\n")


def test_what_was_approved_is_applied_on_merge(runner: Runner, hub: GitHub, arm: Arm) -> None:
    previewed(runner)
    merged(hub, "abc123", 400, 501)
    ran = runner.run(APPLY, "apply", {}, GITHUB_SHA="fff")
    assert ran.code == 0, ran.said
    assert ran.used[-1] == "azure/login"
    assert "agent/versions/1.0.0" in arm.raw(machine_id("web-01"))
    report = hub.comments[7][-1]["body"]
    assert report.startswith("<!-- vmapps apply shop.a1b2c3d4 -->\n")
    assert "**Applied 4.**" in report


def test_a_plan_that_azure_moved_away_from_is_not_applied(runner: Runner, hub: GitHub, arm: Arm) -> None:
    previewed(runner)
    merged(hub, "abc123", 501)
    arm.write("PUT", PLATFORM, {"location": "westeurope", "properties": {"description": "somebody else's"}})
    ran = runner.run(APPLY, "apply", {}, GITHUB_SHA="fff")
    assert ran.code == 4
    report = hub.comments[7][-1]["body"]
    assert report.startswith("<!-- vmapps apply failed -->\n")
    assert "the plan is stale: Gallery/platform changed since it was made" in report


@pytest.mark.parametrize(
    ("requests", "runs", "words"),
    [(0, (), "merges 0 pull requests, not one"), (1, (), "no preview of #7 at abc123 went well")],
)
def test_without_an_approved_plan_nothing_is_applied(
    runner: Runner, hub: GitHub, arm: Arm, requests: int, runs: tuple[int, ...], words: str
) -> None:
    merged(hub, "abc123", *runs)
    hub.merged = hub.merged[:requests]
    ran = runner.run(APPLY, "apply", {}, GITHUB_SHA="fff")
    assert ran.code == 1
    assert words in ran.said
    assert "azure/login" not in ran.used
    assert arm.requests() == []


def test_drift_opens_updates_and_closes_one_issue(runner: Runner, hub: GitHub, arm: Arm, with_blobs: Any) -> None:
    hub.issues = [{"number": 1, "state": "open", "body": "hello"}, {"number": 2, "state": "open", "pull_request": {}}]
    with_blobs("apply", runner.checkout, "--yes").exited(0)
    assert runner.run(DRIFT, "drift", {}).code == 0
    assert hub.calls == []
    arm.write("PATCH", PLATFORM, {"properties": {"description": "by hand"}})
    arm.write("PATCH", machine_id("web-01"), {"properties": {"applicationProfile": {"galleryApplications": []}}})
    for _ in range(2):
        assert runner.run(DRIFT, "drift", {}).code == 0
    assert hub.calls == ["POST issues", "PATCH issues/3"]
    assert hub.issues[2]["title"] == "Azure is not what main declares"
    assert "VirtualMachine/rg-web/web-01" in hub.issues[2]["body"]
    with_blobs("apply", runner.checkout, "--yes").exited(0)
    assert runner.run(DRIFT, "drift", {}).code == 0
    assert hub.calls[2:] == ["PATCH issues/3"]
    assert [one["state"] for one in hub.issues] == ["open", "open", "closed"]


def test_drift_that_cannot_be_told_fails_and_says_why(runner: Runner, hub: GitHub) -> None:
    ran = Runner(runner.folder, runner.checkout, hub, "http://127.0.0.1:9", NOWHERE).run(DRIFT, "drift", {})
    assert ran.code == 1
    assert "the connection was refused" in hub.issues[0]["body"]
