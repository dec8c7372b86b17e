"""Two runs at once: of one project they are kept apart by the lock; of two projects on one machine both arrive."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from end_to_end.azure_side import Arm
from end_to_end.command import Vmapps, ended
from end_to_end.projects import Project, document, gallery, link, linked, version
from end_to_end.proxy import Answer, Asked, Proxy, proxy_to


def is_first_write(asked: Asked) -> bool:
    return asked.method == "PUT" and "/galleries/platform?" in asked.path


def is_renewal(asked: Asked) -> bool:
    return asked.headers.get("x-ms-lease-action") == "renew"


@pytest.fixture
def held(arm: Arm, project: Project) -> Project:
    """A project that has something to do on a machine."""
    arm.machine("web-01")
    return project.holds(*linked("web-01"))


def test_the_second_run_of_a_project_is_refused_and_told_who_has_it(
    arm: Arm, with_blobs: Vmapps, held: Project, listener: Proxy
) -> None:
    gate = listener.gate(is_first_write)
    with with_blobs.through(listener.url).running(
        "apply", held.folder, "--yes", GITHUB_SERVER_URL="https://g.example", GITHUB_REPOSITORY="a/b", GITHUB_RUN_ID="7"
    ) as first:
        gate.wait()
        arm.forget_requests()
        second = with_blobs("apply", held.folder, "--yes").exited(1)
        second.complained(
            "another run of shop.a1b2c3d4 holds the lock", "https://g.example/a/b/actions/runs/7", "since 2"
        )
        assert arm.requests() == [], "nothing was read, let alone written"
        with_blobs("retry", "--project", held.folder, "--yes").exited(1)
        with_blobs("plan", held.folder).exited(0)
        with_blobs("drift", held.folder).exited(2)
        listener.open()
        ended(first).exited(0)
    with_blobs("apply", held.folder, "--yes").exited(0)


def test_a_saved_plan_is_refused_too(with_blobs: Vmapps, held: Project, listener: Proxy) -> None:
    with_blobs("plan", held.folder, "--out", held.folder / "plan.json").exited(0)
    gate = listener.gate(is_first_write)
    with with_blobs.through(listener.url).running("apply", held.folder, "--yes") as first:
        gate.wait()
        with_blobs("apply", held.folder / "plan.json", "--project", held.folder).exited(1)
        listener.open()
        ended(first).exited(0)


def test_who_waits_goes_on_when_the_other_is_done(with_blobs: Vmapps, held: Project, listener: Proxy) -> None:
    gate = listener.gate(is_first_write)
    with with_blobs.through(listener.url).running("apply", held.folder, "--yes") as first:
        gate.wait()
        with with_blobs.running("apply", held.folder, "--yes", "--lock-wait", "80") as second:
            assert second.stderr is not None
            assert second.stderr.readline().startswith("Waiting for another run of shop.a1b2c3d4: ")
            listener.open()
            ended(first).exited(0)
            assert "Nothing to do" in ended(second).exited(0).out


def test_the_lock_of_a_run_that_was_killed_can_be_broken_at_once(
    arm: Arm, with_blobs: Vmapps, held: Project, listener: Proxy
) -> None:
    gate = listener.gate(is_first_write)
    with with_blobs.through(listener.url).running("apply", held.folder, "--yes") as first:
        gate.wait()
        first.kill()
        assert first.wait() == -signal.SIGKILL
    with_blobs("apply", held.folder, "--yes").exited(1)
    second = with_blobs("apply", held.folder, "--yes", "--break-lock").exited(0)
    assert second.err.startswith("Broke the lock of ")
    assert len(arm.entries("web-01")) == 1
    with_blobs("apply", held.folder, "--yes").exited(0)


def test_an_interrupted_run_gives_the_lock_back(with_blobs: Vmapps, held: Project, listener: Proxy) -> None:
    gate = listener.gate(is_first_write)
    with with_blobs.through(listener.url).running("apply", held.folder, "--yes") as first:
        gate.wait()
        first.send_signal(signal.SIGTERM)
        assert first.stderr is not None
        assert "Stopping" in first.stderr.readline()
        listener.open()
        ended(first).exited(143)
    with_blobs("apply", held.folder, "--yes").exited(0)


def test_a_run_whose_lock_was_broken_begins_nothing_new(
    arm: Arm, with_blobs: Vmapps, held: Project, listener: Proxy
) -> None:
    """It learns so when it renews the lock: after 20 seconds at the latest."""
    with proxy_to(with_blobs.blobs) as storage:
        gate = listener.gate(is_first_write, after=True)
        renewal = storage.gate(is_renewal)
        with with_blobs.through(listener.url, storage.url).running("apply", held.folder, "--yes") as first:
            gate.wait()
            second = with_blobs("apply", held.folder, "--yes", "--break-lock", "--target", "Gallery/*").exited(0)
            assert "Broke the lock of " in second.err
            renewal.wait()
            storage.open()
            assert first.stderr is not None
            assert "The lock was lost: it was taken over by " in first.stderr.readline()
            assert "Stopping" in first.stderr.readline()
            listener.open()
            done = ended(first).exited(3)
    assert "Applied 1, not begun 3. Stopped before the end." in done.out
    assert arm.entries("web-01") == []


def test_a_package_store_that_cannot_be_written_is_an_error_with_a_way_out(
    arm: Arm, with_blobs: Vmapps, held: Project
) -> None:
    arm.forget_requests()
    with proxy_to() as storage:
        storage.instead = lambda _asked: Answer(403, {"x-ms-error-code": "AuthorizationPermissionMismatch"})
        denied = with_blobs.through(blobs=f"{storage.url}/devstoreaccount1")
        denied("apply", held.folder, "--yes").exited(1).complained(
            "the project's lock cannot be taken", "Storage Blob Data Contributor", "--no-lock"
        )
        assert arm.requests() == []
        denied("apply", held.folder, "--yes", "--no-lock").exited(0)


def test_without_a_package_store_it_says_that_nothing_keeps_two_apart(vmapps: Vmapps, held: Project) -> None:
    del held.spec["packageStore"]
    held.holds(*linked("web-01"))
    done = vmapps("apply", held.folder, "--yes", VMAPPS_NO_LOCK="", VMAPPS_BLOB_ENDPOINT="").exited(0)
    assert done.err.splitlines() == ["Nothing keeps two runs of this project apart: spec.packageStore is not there."]


def neighbour(tmp_path: Path, container: str, *machines: str) -> Project:
    """Another project, with its own gallery and application, on the same machines."""
    other = Project(tmp_path / "neighbour", container)
    other.head["metadata"] |= {"name": "neighbour", "id": "0f0f0f0f"}
    theirs = document("GalleryApplication", "probe", {"gallery": "tools", "supportedOSType": "Linux"})
    wanted = {"application": "tools/probe", "version": "1.0.0"}
    targets = [{"virtualMachine": f"rg-web/{one}"} for one in machines]
    assigned = document("VMAssignment", "probes", {"targets": targets, "applications": [wanted]})
    return other.holds(gallery("tools"), theirs, version("1.0.0", link(), "tools/probe"), assigned)


def both_are_there(arm: Arm, *machines: str) -> bool:
    names = {frozenset(one["packageReferenceId"].split("/")[-3] for one in arm.entries(name)) for name in machines}
    return names == {frozenset({"agent", "probe"})}


def test_two_projects_write_the_same_machines_at_the_same_time(
    arm: Arm, with_blobs: Vmapps, project: Project, tmp_path: Path, container: str
) -> None:
    machines = tuple(f"web-{number:02}" for number in range(1, 13))
    for name in machines:
        arm.machine(name)
    project.holds(*linked(*machines))
    other = neighbour(tmp_path, container, *machines)
    with (
        with_blobs.running("apply", project.folder, "--yes") as first,
        with_blobs.running("apply", other.folder, "--yes") as second,
    ):
        ended(first).exited(0)
        ended(second).exited(0)
    assert both_are_there(arm, *machines)


def is_machine_write(asked: Asked) -> bool:
    return asked.method == "PATCH"


def test_a_neighbour_that_writes_between_our_read_and_our_write_is_carried_along(
    arm: Arm, with_blobs: Vmapps, held: Project, tmp_path: Path, container: str, listener: Proxy
) -> None:
    """What we read is old when our write arrives: 412, read again, the same fingerprint, written."""
    other = neighbour(tmp_path, container, "web-01")
    gate = listener.gate(is_machine_write)
    with with_blobs.through(listener.url).running("apply", held.folder, "--yes") as first:
        gate.wait()
        with_blobs("apply", other.folder, "--yes").exited(0)
        listener.open()
        ended(first).exited(0)
    statuses = [one["status"] for one in arm.requests() if one["method"] == "PATCH"]
    assert statuses == [200, 412, 200]
    assert both_are_there(arm, "web-01")


@pytest.mark.parametrize(("times", "code", "entries"), [(3, 0, 1), (4, 3, 0)])
def test_a_busy_neighbour_is_met_again_three_times(
    arm: Arm, vmapps: Vmapps, held: Project, times: int, code: int, entries: int
) -> None:
    """Each time somebody writes between our read and our write; after the fourth the step is stale, and said."""
    arm.fault(
        method="PATCH", path="*/virtualMachines/web-01", times=times, write={"body": {"tags": {"by": "a neighbour"}}}
    )
    done = vmapps("apply", held.folder, "--yes").exited(code)
    assert ("others keep writing it" in done.out) == (code == 3)
    assert len(arm.entries("web-01")) == entries
    vmapps("apply", held.folder, "--yes").exited(0)
    assert len(arm.entries("web-01")) == 1
