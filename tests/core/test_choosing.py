"""Which version a wish means, for machines in a region."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import ELSEWHERE, declarations, desired, gallery_id, observed, version_body, wanted
from vmapps.core.choosing import Candidates, Choice, newest
from vmapps.core.declaration import Declarations, Wanted
from vmapps.core.resource import Body, Desired, Observed, World

PARENTS = (desired("platform"), desired("platform", "nginx"))
LATEST = wanted("latest")


def body(*, everywhere: bool = False, regions: tuple[str, ...] = ()) -> Body:
    """A version that `latest` does not mean, everywhere or in some regions."""
    places: Any = [{"name": name, "excludeFromLatest": name in regions} for name in ("West Europe", "northeurope")]
    return version_body(targetRegions=places, **({"excludeFromLatest": True} if everywhere else {}))


def of(number: str, **more: Any) -> Desired:
    return desired("platform", "nginx", number, **more)


def there(number: str, **more: Any) -> Observed:
    return observed("platform", "nginx", number, **more)


def candidates(one: Wanted, *resources: Desired | Observed, **more: Any) -> Candidates:
    """What a wish may choose from, among declared and live versions."""
    declared = [found for found in resources if isinstance(found, Desired)]
    live = [found for found in resources if isinstance(found, Observed)]
    whole: Declarations = declarations(*more.pop("parents", PARENTS), *declared, **more)
    return Candidates.of(one, whole, World.of(iter(live)))


ONE, TWO = of("1.0.0"), of("2.0.0")
NOT_WEST = of("2.0.0", body=body(regions=("West Europe",)))
NOWHERE = of("2.0.0", body=body(everywhere=True))


@pytest.mark.parametrize(
    ("row", "wish", "second", "west", "north"),
    [
        ("nothing is excluded", "latest", TWO, "2.0.0", "2.0.0"),
        ("excluded in one region, spelled in another way", "latest", NOT_WEST, "1.0.0", "2.0.0"),
        ("excluded everywhere", "latest", NOWHERE, "1.0.0", "1.0.0"),
        ("a range obeys exclusions too", "2.x", NOT_WEST, None, "2.0.0"),
        ("an exact wish does not care", "2.0.0", NOWHERE, "2.0.0", "2.0.0"),
        ("nor for a region", "2.0.0", NOT_WEST, "2.0.0", "2.0.0"),
    ],
)
def test_exclusions_are_by_region(row: str, wish: str, second: Desired, west: str | None, north: str | None) -> None:
    found = candidates(wanted(wish), ONE, second)
    chosen = [found.choose(place) for place in ("westeurope", "northeurope")]
    assert [one.version if one else None for one in chosen] == [west, north]


def test_a_live_exclusion_counts_where_nothing_is_declared() -> None:
    found = candidates(wanted("latest", live=True), ONE, there("3.0.0", body=body(regions=("West Europe",))))
    assert found.choose("westeurope") == Choice("1.0.0")
    assert found.choose("northeurope") == Choice("3.0.0", moved=True)


def test_what_is_declared_says_more_than_what_is_live() -> None:
    """The plan is about to exclude it."""
    found = candidates(wanted("latest", live=True), ONE, NOWHERE, there("2.0.0"))
    assert found.choose("westeurope") == Choice("1.0.0")


@pytest.mark.parametrize(
    ("row", "wish", "choice"),
    [
        ("among the declared only", wanted("latest"), Choice("1.0.0")),
        ("Azure's own is higher: no commit chose it", wanted("latest", live=True), Choice("3.0.0", moved=True)),
        ("a range may move too", wanted("3.x", live=True), Choice("3.0.0", moved=True)),
        ("the highest is a declared one", wanted("1.x", live=True), Choice("1.0.0")),
        ("an exact wish never moves", wanted("3.0.0", live=True), Choice("3.0.0")),
        ("an exact wish for what is not declared", wanted("3.0.0"), None),
    ],
)
def test_who_chose_the_version(row: str, wish: Wanted, choice: Choice | None) -> None:
    assert candidates(wish, ONE, there("1.0.0"), there("3.0.0")).choose("westeurope") == choice


def test_to_follow_latest_is_to_follow_what_is_live() -> None:
    follow = replace(LATEST, follow_latest=True)
    assert candidates(follow, ONE, there("3.0.0")).choose("westeurope") == Choice("3.0.0", moved=True)


def test_what_latest_means_in_a_gallery_that_was_not_read_is_azure_s_to_know() -> None:
    unread = replace(LATEST, follow_latest=True)
    assert candidates(unread, parents=()).choose("westeurope") == Choice("")
    assert candidates(LATEST, parents=()).choose("westeurope") is None
    assert candidates(unread).choose("westeurope") is None


def test_an_application_is_read_when_it_is_live_without_being_declared() -> None:
    follow = replace(LATEST, follow_latest=True)
    assert candidates(follow, observed("platform", "nginx"), parents=()).choose("westeurope") is None


@pytest.mark.parametrize("wish", ["latest", "2.x", "2.0.0"])
def test_a_version_declared_absent_is_never_chosen(wish: str) -> None:
    leaving = replace(TWO, absent=True)
    for live in (False, True):
        found = candidates(wanted(wish, live=live), ONE, leaving, there("2.0.0"))
        assert found.choose("westeurope") == (Choice("1.0.0") if wish == "latest" else None)


@pytest.mark.parametrize(
    ("state", "choice"),
    [
        ("Succeeded", Choice("3.0.0", moved=True)),
        ("Updating", Choice("3.0.0", moved=True)),
        ("Creating", Choice("3.0.0", moved=True)),
        ("Failed", Choice("1.0.0")),
        ("Canceled", Choice("1.0.0")),
        ("Deleting", Choice("1.0.0")),
    ],
)
def test_a_live_version_that_is_there_in_name_only_is_not_chosen(state: str, choice: Choice) -> None:
    found = candidates(wanted("latest", live=True), ONE, there("3.0.0", state=state))
    assert found.choose("westeurope") == choice


def test_a_namesake_elsewhere_is_another_application() -> None:
    other = there("9.0.0")
    far = replace(other, address=replace(other.address, subscription=ELSEWHERE))
    sibling = observed("platform", "curl", "9.0.0")
    assert candidates(wanted("latest", live=True), ONE, far, sibling).choose("westeurope") == Choice("1.0.0")


@pytest.mark.parametrize(
    ("row", "several", "summary", "hint"),
    [
        ("the newest three", ("1.9.0", "1.10.0", "1.2.0", "1.1.0"), "'3.x'", "there is 1.2.0, 1.9.0, 1.10.0"),
        ("none", (), "'3.x'", "declare a GalleryApplicationVersion, or say 'from: live'"),
    ],
)
def test_why_there_is_none(row: str, several: tuple[str, ...], summary: str, hint: str) -> None:
    problem = candidates(wanted("3.x"), *(of(one) for one in several)).why_not("westeurope")
    assert problem.code == "no-such-version"
    assert problem.summary == f"no version of platform/nginx is {summary}"
    assert problem.hint == hint


def test_why_there_is_none_names_the_region_where_exclusions_are_by_region() -> None:
    problem = candidates(wanted("2.x"), NOT_WEST).why_not("westeurope")
    assert problem.summary == "no version of platform/nginx is '2.x' in westeurope"


@pytest.mark.parametrize(
    ("row", "bodies", "place", "version"),
    [
        ("the highest as a number", (("1.9.0", {}), ("1.10.0", {})), "westeurope", "1.10.0"),
        ("not where it is excluded", (("1.0.0", {}), ("2.0.0", body(regions=("West Europe",)))), "westeurope", "1.0.0"),
        ("but elsewhere", (("1.0.0", {}), ("2.0.0", body(regions=("West Europe",)))), "northeurope", "2.0.0"),
        ("all are excluded", (("1.0.0", body(everywhere=True)),), "westeurope", ""),
        ("there are none", (), "westeurope", ""),
    ],
)
def test_what_azure_takes_for_latest(row: str, bodies: tuple[tuple[str, Body], ...], place: str, version: str) -> None:
    assert newest(bodies, place) == version


def test_the_gallery_of_others_is_chosen_from_as_it_is() -> None:
    found = candidates(LATEST, there("3.0.0", owner=""), parents=(), foreign_galleries=(gallery_id(),))
    assert found.choose("westeurope") == Choice("3.0.0", moved=True)
