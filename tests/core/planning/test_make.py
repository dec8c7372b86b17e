"""The whole way: what no single stage can see."""

from __future__ import annotations

from typing import Any

import pytest

from samples import (
    HOME,
    OWNER,
    RULES,
    address,
    application_body,
    assignment,
    declarations,
    desired,
    entry,
    gallery_id,
    machine,
    observed,
    sha256,
    version_body,
    wanted,
)
from vmapps.core.diagnostic import warning
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Desired, Observed, Seen, World

PARENTS = (desired("platform"), desired("platform", "nginx"))
LIVE = (observed("platform"), observed("platform", "nginx"))
NGINX = (*PARENTS, desired("platform", "nginx", "1.0.0"))
BLOBS = frozenset({sha256("nginx")})


def plan(
    *declared: Desired, live: tuple[Seen, ...] = (), assigned: str = "1.0.0", more: Any = None, **options: Any
) -> Plan:
    several = (assignment(wanted(assigned)),) if assigned else ()
    whole = declarations(*declared, assignments=several, **(more or {}))
    return make_plan(whole, World.of(iter(live), BLOBS), RULES, Options(**options))


def steps(one: Plan) -> list[str]:
    assert not one.errored, one.diagnostics
    return [f"{step.verb} {step.address}" for step in one.steps]


def codes(one: Plan) -> list[str]:
    assert not one.steps
    return [problem.code for problem in one.diagnostics]


def live_version(number: str = "1.0.0", **more: Any) -> Observed:
    return observed("platform", "nginx", number, **more)


ON_WEB = "VirtualMachine/rg-web/web-01"


def test_from_nothing_to_installed() -> None:
    found = plan(*NGINX, live=(machine(),))
    assert steps(found) == [
        "create Gallery/platform",
        "create GalleryApplication/platform/nginx",
        "create GalleryApplicationVersion/platform/nginx/1.0.0",
        f"assign {ON_WEB}",
    ]
    assert found.applyable
    assert {verb: count for verb, count in found.summary.items() if count} == {"create": 3, "assign": 1, "matched": 1}
    assert found.machines == 1


def test_a_replaced_version_goes_after_its_last_user_moved() -> None:
    live = (*LIVE, live_version("0.9.0"), live_version(), machine(entry("0.9.0", owner=OWNER)))
    found = plan(*NGINX, live=live, prune=True)
    assert steps(found) == [f"assign {ON_WEB}", "delete GalleryApplicationVersion/platform/nginx/0.9.0"]
    assert found.steps[1].needs == (found.steps[0].id,)
    assert found.deletes == 1


def test_a_version_that_a_scale_set_s_machine_uses_is_kept() -> None:
    instance = machine(entry("0.9.0"), name="set-1", scale_set="a set")
    found = plan(*NGINX[:2], live=(*LIVE, live_version("0.9.0"), instance), assigned="", prune=True)
    assert steps(found) == []
    assert found.summary["kept"] == 1


def test_latest_needs_the_version_that_it_means() -> None:
    live = (*LIVE, live_version("0.8.0"), live_version("0.9.0"), machine(entry("latest")))
    found = plan(*NGINX[:2], live=live, assigned="", prune=True)
    assert steps(found) == ["delete GalleryApplicationVersion/platform/nginx/0.8.0"]
    assert found.summary["kept"] == 1


@pytest.mark.parametrize(
    ("row", "live", "assigned", "expected"),
    [
        ("somebody's latest keeps it", entry("latest"), "", ["create"]),
        ("ours is pinned first", entry("latest", owner=OWNER), "1.0.0", ["create", "assign", "delete"]),
    ],
)
def test_what_latest_means_today_goes_only_after_the_next_one_took_its_place(
    row: str, live: Any, assigned: str, expected: list[str]
) -> None:
    """Were 1.0.0 refused by Azure, a machine would refer to `latest` of nothing."""
    found = plan(*NGINX, live=(*LIVE, live_version("0.9.0"), machine(live)), assigned=assigned, prune=True)
    assert [step.verb for step in found.steps] == expected
    assert all(later.needs == (earlier.id,) for earlier, later in zip(found.steps, found.steps[1:], strict=False))


def test_latest_may_mean_any_version_where_none_counts() -> None:
    hidden = [live_version(one, body=version_body(excludeFromLatest=True)) for one in ("0.8.0", "0.9.0")]
    found = plan(*NGINX[:2], live=(*LIVE, *hidden, machine(entry("latest"))), assigned="", prune=True)
    assert steps(found) == []
    assert found.summary["kept"] == 2


def test_a_machine_waits_for_a_version_that_azure_still_writes() -> None:
    found = plan(*NGINX, live=(*LIVE, live_version(state="Creating"), machine()))
    assert steps(found) == ["update GalleryApplicationVersion/platform/nginx/1.0.0", f"assign {ON_WEB}"]
    assert found.steps[1].needs == (found.steps[0].id,)


def test_a_region_that_nobody_declares_is_kept_and_counts() -> None:
    """The version is in eastus because somebody put it there; its document does not speak of regions."""
    body = version_body()
    del body["properties"]["publishingProfile"]["targetRegions"]  # type: ignore[union-attr,index,arg-type,call-overload]
    declared = (*PARENTS, desired("platform", "nginx", "1.0.0", body=body))
    there = live_version(body=version_body(regions=("westeurope", "eastus")))
    assert steps(plan(*declared, live=(*LIVE, there, machine(location="eastus")))) == [f"assign {ON_WEB}"]
    assert codes(plan(*declared, live=(*LIVE, live_version(), machine(location="eastus")))) == ["not-replicated"]


def test_an_update_script_that_nobody_declares_is_known() -> None:
    update = version_body(manageActions={"install": "sh install.sh", "remove": "sh remove.sh", "update": "sh up.sh"})
    live = (*LIVE, live_version(body=update), machine(entry("0.9.0", owner=OWNER)))
    (step,) = plan(*NGINX, live=live).steps
    assert step.guest == ("nginx: update 0.9.0 -> 1.0.0 (runs 1.0.0's update script)",)


def test_the_entries_of_an_application_that_is_being_created_are_ours() -> None:
    """Somebody's list refers to what the project is about to publish."""
    assert f"assign {ON_WEB}" in steps(plan(*NGINX, live=(machine(entry("0.9.0")),)))


def test_an_entry_of_an_application_of_others_is_not_ours() -> None:
    live = (observed("platform"), observed("platform", "nginx", owner=""), live_version(), machine(entry("0.9.0")))
    assert "not-adopted" in codes(plan(*NGINX, live=live))


def test_a_gallery_of_others_is_only_read() -> None:
    """Also when it carries our mark, from the days when it was managed."""
    theirs = (observed("platform"), observed("platform", "nginx"), live_version(), machine())
    found = plan(live=theirs, more={"foreign_galleries": (gallery_id(),)}, prune=True)
    assert steps(found) == [f"assign {ON_WEB}"]


def test_a_parent_of_what_is_to_be_created_is_kept() -> None:
    found = plan(desired("platform", "nginx"), live=(observed("platform"),), assigned="", prune=True)
    assert steps(found) == ["create GalleryApplication/platform/nginx"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"targets": (ON_WEB,)}, ["needs-left-out"]),
        ({"excludes": ("GalleryApplicationVersion/*",)}, ["needs-left-out"]),
        ({"targets": ("GalleryApplication/*",)}, ["needs-left-out"]),
        ({"excludes": ("GalleryApplicationVersion/*", "VirtualMachine/*")}, []),
        ({"targets": ("Gallery/*",)}, []),
    ],
)
def test_a_target_that_needs_what_is_left_out_is_refused(options: dict[str, Any], found: list[str]) -> None:
    assert [one.code for one in plan(*NGINX, live=(machine(),), **options).diagnostics] == found


def test_a_target_whose_needs_are_there_is_planned() -> None:
    assert steps(plan(*NGINX, live=(*LIVE, live_version(), machine()), targets=(ON_WEB,))) == [f"assign {ON_WEB}"]


def test_with_an_error_there_are_no_steps_and_a_warning_stays() -> None:
    declared = (desired("platform", "nginx", body=application_body(supportedOSType="Windows")), *NGINX[2:])
    found = plan(desired("platform"), *declared, live=(machine(),), more={"warnings": (warning("w", "doubtful"),)})
    assert codes(found) == ["w", "os-mismatch"]
    assert found.errored
    assert not found.applyable
    assert not found.is_empty


def test_the_plan_belongs_to_its_project() -> None:
    found = plan(assigned="")
    assert (found.project.owner, found.project.subscription) == (OWNER, HOME)
    assert found.is_empty
    assert not found.applyable
    assert address("platform") not in [note.address for note in found.notes]
