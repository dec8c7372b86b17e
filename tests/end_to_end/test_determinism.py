"""The same input gives the same bytes, whatever the files are called; and reading costs pages, not machines."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import local_azure
from end_to_end.azure_side import COMPUTE, Arm
from end_to_end.command import Vmapps
from end_to_end.projects import Document, Project, application, assignment, gallery, link, packaged, version

FLEET = "00000000-0000-0000-0000-000000000000"
REGIONS = [{"name": name} for name in ("westeurope", "eastus", "southeastasia")]


def fleet_project(project: Project) -> Project:
    """An application for every Linux web server of the synthetic fleet."""
    project.spec["subscription"] = FLEET
    several = [version(number, link(number), targetRegions=REGIONS) for number in ("1.0.0", "1.1.0")]
    servers = assignment("1.1.0")
    servers["spec"]["targets"] = [{"selector": {"tags": {"role": "web"}, "osType": "Linux"}}]
    return project.holds(gallery(), application(), *several, servers)


def test_a_plan_is_the_same_bytes_again_and_under_other_hash_seeds(
    arm: Arm, with_blobs: Vmapps, examples: Path
) -> None:
    arm.control("POST", "reset")
    for form in ("text", "json"):
        runs = [with_blobs("plan", examples, "-v", "--format", form, PYTHONHASHSEED=seed) for seed in ("1", "2")]
        assert len({run.exited(0).out for run in runs}) == 1


def test_a_plan_is_the_same_bytes_over_shuffled_and_renamed_files(
    arm: Arm, with_blobs: Vmapps, project: Project
) -> None:
    names = "web-01", "web-02", "web-03"
    for name in names:
        arm.machine(name)
    project.package()
    documents = [*packaged(*names), gallery("tools"), application("editor", gallery="tools")]
    plans = [
        written(project, with_blobs, {"a": documents}),
        written(project, with_blobs, {"a": documents[::-1]}),
        written(project, with_blobs, {f"{9 - at}-file": [one] for at, one in enumerate(documents)}),
    ]
    assert len({text for text, _ in plans}) == 1
    assert len({json.dumps(placeless(tree)) for _, tree in plans}) == 1


def written(project: Project, vmapps: Vmapps, files: dict[str, list[Document]]) -> tuple[str, Any]:
    """The plan, as text and as JSON, of documents in these files."""
    for old in project.folder.glob("manifests/*"):
        old.unlink()
    for name, documents in files.items():
        project.holds(*documents, file=f"manifests/{name}.yaml")
    text = vmapps("plan", project.folder).exited(0).out
    return text, vmapps("plan", project.folder, "--format", "json").exited(0).json


def placeless(tree: Any) -> Any:
    """A plan without the places in files, and without the seal that covers them."""
    tree["fingerprint"].pop("plan")
    for step in tree["steps"]:
        step.pop("source")
    return tree


@pytest.mark.parametrize(("machines", "pages"), [(300, 2), (2000, 10)])
def test_reading_a_fleet_costs_pages_not_machines(vmapps: Vmapps, project: Project, machines: int, pages: int) -> None:
    fleet_project(project)
    with local_azure.emulator("--fleet", str(machines)) as url:
        arm = Arm(url)
        arm.group("rg-galleries", subscription=FLEET)
        arm.forget_requests()
        plan = vmapps.through(url)("plan", project.folder, "--format", "json").exited(0).json
        assert plan["summary"]["assign"] == len([one for one in range(machines) if one % 6 == 0])
        assert read_lists(arm) == {"galleries": 1, "virtualMachines": pages, "virtualMachineScaleSets": 1}


def test_the_requests_of_an_apply_and_of_an_empty_one(vmapps: Vmapps, project: Project) -> None:
    fleet_project(project)
    with local_azure.emulator("--fleet", "300") as url:
        arm, run = Arm(url), vmapps.through(url)
        arm.group("rg-galleries", subscription=FLEET)
        arm.forget_requests()
        run("apply", project.folder, "--yes").exited(0)
        methods = Counter(one["method"] for one in arm.requests())
        assert (methods["PUT"], methods["PATCH"]) == (4, 50)
        # the plan's 4 lists; each resource read before and after its write; 3 polls of each write but the
        # application's, which is done at once
        assert methods["GET"] == 4 + 2 * 4 + 3 * 53 + 50, "and each machine once, after its write, with its guest"

        lists = {"galleries": 1, "applications": 1, "versions": 1, "virtualMachines": 2, "virtualMachineScaleSets": 1}
        looks = {"instanceView": 50}
        for command, also in ((("plan", "--detailed-exitcode"), {}), (("apply", "--yes"), {}), (("drift",), looks)):
            arm.forget_requests()
            run(command[0], project.folder, *command[1:]).exited(0)
            assert read_lists(arm) == lists | also


def read_lists(arm: Arm) -> dict[str, int]:
    """Which lists were read how often; nothing else was asked."""
    requests = arm.requests()
    assert {one["method"] for one in requests} <= {"GET"}
    assert all(f"/{COMPUTE}/".lower() in one["path"].lower() for one in requests)
    return dict(Counter(one["path"].rpartition("/")[2] for one in requests))
