from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import (
    ELSEWHERE,
    HERE,
    assignment,
    declarations,
    desired,
    gallery_id,
    machine,
    machine_address,
    observed,
    version_body,
    wanted,
)
from vmapps.core.address import Address
from vmapps.core.declaration import Selector, Target, Wanted
from vmapps.core.fleet import Placement, Resolved, resolve
from vmapps.core.resource import Link, Machine, Observed, World
from vmapps.core.selecting import selects

WEB = machine(tags={"Role": "web", "canary": "false"})


def world(*machines: Machine, live: tuple[Observed, ...] = ()) -> World:
    return World.of(iter((*machines, *live)))


def versions(resolved: Resolved, name: str = "web-01") -> list[str]:
    return [claim.version for claim in resolved.placements.get(machine_address(name), Placement()).claims]


def codes(resolved: Resolved) -> list[str]:
    return [one.code for one in resolved.diagnostics]


PLATFORM = (desired("platform"), desired("platform", "nginx"))
NGINX = (*PLATFORM, *(desired("platform", "nginx", one) for one in ("1.0.0", "1.9.0", "1.10.0")))


@pytest.mark.parametrize(
    ("row", "selector", "selected"),
    [
        ("nothing said: all of its kind", Selector(), True),
        ("another kind", Selector(kinds=("VirtualMachineScaleSet",)), False),
        ("tag names ignore case", Selector(tags={"ROLE": ("web",)}), True),
        ("tag values do not", Selector(tags={"role": ("Web",)}), False),
        ("values of a tag are ORed", Selector(tags={"role": ("api", "web")}), True),
        ("tags are ANDed", Selector(tags={"role": ("web",), "canary": ("true",)}), False),
        ("a tag that is not there", Selector(tags={"team": ("web",)}), False),
        ("a glob of names", Selector(names=("WEB-*",)), True),
        ("another name", Selector(names=("db-*", "api-*")), False),
        ("resource groups ignore case", Selector(resource_groups=("RG-WEB",)), True),
        ("another group", Selector(resource_groups=("rg-db",)), False),
        ("the OS", Selector(os_type="linux"), True),
        ("another OS", Selector(os_type="Windows"), False),
        ("a region by display name", Selector(locations=("West Europe",)), True),
        ("another region", Selector(locations=("eastus",)), False),
        ("another subscription", Selector(subscriptions=(ELSEWHERE,)), False),
        ("not", Selector(tags={"role": ("web",)}, exclude=Selector(tags={"canary": ("false",)})), False),
        ("not this", Selector(exclude=Selector(tags={"canary": ("true",)})), True),
    ],
)
def test_selectors(row: str, selector: Selector, selected: bool) -> None:
    assert selects(selector, WEB) is selected


@given(st.builds(Selector, tags=st.dictionaries(st.sampled_from(["role", "x"]), st.just(("web",)), max_size=2)))
def test_the_machines_of_a_scale_set_are_never_selected(selector: Selector) -> None:
    assert not selects(selector, machine(tags=WEB.tags, scale_set="a set"))


@pytest.mark.parametrize(
    ("wish", "live", "picked"),
    [
        ("1.9.0", False, ["1.9.0"]),
        ("latest", False, ["1.10.0"]),
        ("1.9.x", False, ["1.9.0"]),
        ("2.x", False, []),
        ("latest", True, ["3.0.0"]),
        ("2.0.0", True, []),
    ],
)
def test_a_wish_means_a_declared_version_or_a_live_one(wish: str, live: bool, picked: list[str]) -> None:
    declared = declarations(*NGINX, assignments=(assignment(wanted(wish, live=live)),))
    found = resolve(declared, world(WEB, live=(observed("platform", "nginx", "3.0.0"),)))
    assert versions(found) == picked
    assert codes(found) == ([] if picked else ["no-such-version"])


def test_latest_never_means_an_excluded_version() -> None:
    excluded = desired("platform", "nginx", "2.0.0", body=version_body(excludeFromLatest=True))
    resources = (*NGINX, excluded)
    assert versions(resolve(declarations(*resources, assignments=(assignment(wanted("latest")),)), world(WEB))) == [
        "1.10.0"
    ]
    assert versions(resolve(declarations(*resources, assignments=(assignment(wanted("2.0.0")),)), world(WEB))) == [
        "2.0.0"
    ]


@pytest.mark.parametrize("state", ["Failed", "Canceled", "Deleting"])
def test_latest_never_means_a_live_version_of_no_use(state: str) -> None:
    broken = observed("platform", "nginx", "9.0.0", state=state)
    declared = declarations(*NGINX, assignments=(assignment(wanted("latest", live=True)),))
    assert versions(resolve(declared, world(WEB, live=(broken,)))) == ["1.10.0"]


def test_in_a_gallery_of_others_live_versions_count() -> None:
    declared = declarations(
        assignments=(assignment(wanted("1.x", gallery="Theirs")),), foreign_galleries=(gallery_id("Theirs"),)
    )
    live = (observed("theirs", "NGINX", "1.2.0", owner=""),)
    assert versions(resolve(declared, world(WEB, live=live))) == ["1.2.0"]


def test_the_hint_names_what_there_is() -> None:
    declared = declarations(*NGINX, assignments=(assignment(wanted("2.x")),))
    (found,) = resolve(declared, world(WEB)).diagnostics
    assert found.hint == "there is 1.0.0, 1.9.0, 1.10.0"
    nothing = declarations(*PLATFORM, assignments=(assignment(wanted("2.x")),))
    assert "from: live" in resolve(nothing, world(WEB)).diagnostics[0].hint


@pytest.mark.parametrize(
    ("row", "second", "conflicts"),
    [
        ("alike", wanted(), False),
        ("another version", wanted("1.9.0"), True),
        ("another order", wanted(order=0), True),
        ("another flag", wanted(fails_deployment=True), True),
        ("other tags", wanted(tags={"a": "b"}), True),
        ("another configuration", wanted(configuration=Link("https://a/b")), True),
        ("another application", wanted("1.0.0", "nginx", "Tools"), False),
    ],
)
def test_two_claims_have_to_agree(row: str, second: Wanted, conflicts: bool) -> None:
    several = (assignment(wanted(), name="a"), assignment(second, name="b"))
    tools = (desired("Tools"), desired("Tools", "nginx"), desired("Tools", "nginx", "1.0.0"))
    found = resolve(declarations(*NGINX, *tools, assignments=several), world(WEB))
    assert codes(found) == (["conflicting-claims"] if conflicts else [])
    if row == "alike":
        (claim,) = found.placements[machine_address()].claims
        assert [str(one) for one in claim.assignments] == ["VMAssignment/a", "VMAssignment/b"]


def test_targets_are_united_and_sorted() -> None:
    targets = (
        Target(HERE, machine=machine_address("web-02")),
        Target(HERE, selector=Selector(names=("web-*",))),
        Target(HERE),
    )
    machines = [machine(name=name) for name in ("web-02", "web-01", "db-01")]
    found = resolve(declarations(*NGINX, assignments=(assignment(wanted(), targets=targets),)), world(*machines))
    assert list(found.placements) == [machine_address("web-01"), machine_address("web-02")]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (Target(HERE, machine=machine_address("gone")), "no-such-machine"),
        (Target(HERE, selector=Selector(), at_least=2), "expectation-not-met"),
        (Target(HERE, selector=Selector(), at_most=0), "expectation-not-met"),
        (Target(HERE, selector=Selector(), at_least=1, at_most=1), None),
        (Target(HERE, selector=Selector(names=("none",))), None),
    ],
)
def test_expectations(target: Target, code: str | None) -> None:
    found = resolve(declarations(*NGINX, assignments=(assignment(wanted(), targets=(target,)),)), world(WEB))
    assert codes(found) == ([code] if code else [])


def test_an_application_elsewhere_is_another_one() -> None:
    there = Wanted(Address("GalleryApplication", ("platform", "nginx"), ELSEWHERE), gallery_id(), "latest", HERE)
    found = resolve(declarations(*NGINX, assignments=(assignment(there),)), world(WEB))
    assert codes(found) == ["no-such-version"]
