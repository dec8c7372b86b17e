from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.plans import NGINX, cloud_of, publish
from memory_cloud import MemoryCloud
from samples import desired, observed
from vmapps.core.resource import Machine, Seen, World
from vmapps.engine.observe import observe
from vmapps.engine.ports import Scope, Sighting
from vmapps.errors import CloudFailure, Conflicted, Denied, Missing, Throttled

ALL = (Scope("Gallery", "galleries"), Scope("VirtualMachine", "machines"))


def everything(_seen: Seen) -> bool:
    return True


def a_cloud() -> MemoryCloud:
    return publish(cloud_of("web-01", "web-02"), *NGINX, desired("Tools"), desired("Tools", "curl"))


@settings(max_examples=10)
@given(st.permutations(ALL), st.integers(1, 4))
def test_a_world_does_not_depend_on_who_answers_first(scopes: list[Scope], parallelism: int) -> None:
    cloud = a_cloud()
    world = observe(scopes, cloud, everything, parallelism=parallelism)
    assert world == World(cloud.world().resources, cloud.world().machines)
    assert list(world.resources) == sorted(world.resources)


def test_below_what_does_not_concern_us_nothing_is_read() -> None:
    def concerns_us(seen: Seen) -> bool:
        return not isinstance(seen, Machine) and seen.address.name[0] == "Tools"

    world = observe(ALL, a_cloud(), concerns_us, parallelism=2)
    assert ["/".join(address.name) for address in world.resources] == ["platform", "Tools", "Tools/curl"]


class Meeting(MemoryCloud):
    """Answers only when two scopes are asked for at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.together = threading.Barrier(2, timeout=10)

    def survey(self, scope: Scope) -> list[Sighting]:
        self.together.wait()
        return [Sighting(observed(scope.path))]


def test_scopes_are_read_at_the_same_time() -> None:
    world = observe([Scope("Gallery", "a"), Scope("Gallery", "b")], Meeting(), everything, parallelism=2)
    assert len(world.resources) == 2


class Broken(MemoryCloud):
    def survey(self, scope: Scope) -> list[Sighting]:
        if scope.path == "bad":
            raise Missing("the resource group is not there", scope=scope.path)
        below = Scope("Gallery", "bad") if scope.path == "worse" else None
        return [Sighting(observed(scope.path), below)]


@pytest.mark.parametrize("paths", [("bad",), ("good", "bad", "good2"), ("good", "worse")])
def test_a_scope_that_cannot_be_read_ends_the_reading(paths: tuple[str, ...]) -> None:
    with pytest.raises(Missing, match="resource group"):
        observe([Scope("Gallery", path) for path in paths], Broken(), everything, parallelism=2)


class Closed(MemoryCloud):
    """Answers every path but those that it was given a failure for."""

    def __init__(self, **failures: CloudFailure) -> None:
        super().__init__()
        self.failures = failures

    def survey(self, scope: Scope) -> list[Sighting]:
        if scope.path in self.failures:
            raise self.failures[scope.path]
        return [Sighting(observed(scope.path))]


def fleet(path: str, subscription: str) -> Scope:
    return Scope("VirtualMachine", path, required=False, subscription=subscription)


FORBIDDEN = Denied("no", scope="x", code="AuthorizationFailed", status=403)
GONE = Missing("no", scope="x", code="SubscriptionNotFound", status=404)


def test_a_fleet_that_cannot_be_read_is_named_and_the_rest_is_seen() -> None:
    scopes = [fleet("a", "3333"), fleet("b", "2222"), fleet("c", "2222"), fleet("d", "1111"), Scope("Gallery", "g")]
    world = observe(scopes, Closed(a=FORBIDDEN, b=FORBIDDEN, c=GONE), everything, parallelism=2)
    assert world.unseen == ("2222", "3333")
    assert [address.name for address in world.resources] == [("d",), ("g",)]


@pytest.mark.parametrize(
    "failure",
    [
        Denied("who are you", scope="x", status=401),
        Denied("no sign-in worked", scope="x"),
        Throttled("later", scope="x", status=429),
        Conflicted("no", scope="x", status=409),
    ],
)
def test_other_trouble_with_a_fleet_ends_the_reading(failure: CloudFailure) -> None:
    with pytest.raises(type(failure)):
        observe([fleet("a", "1111")], Closed(a=failure), everything, parallelism=1)


@pytest.mark.parametrize("failure", [FORBIDDEN, GONE])
def test_what_is_required_must_be_readable(failure: CloudFailure) -> None:
    with pytest.raises(type(failure)):
        observe([Scope("Gallery", "g")], Closed(g=failure), everything, parallelism=1)


def test_nothing_to_read_is_an_empty_world() -> None:
    assert observe([], Broken(), everything, parallelism=1) == World()


class Forbidden(MemoryCloud):
    """One list may not be read, for this reason."""

    def __init__(self, failure: CloudFailure) -> None:
        super().__init__()
        self.failure = failure

    def survey(self, scope: Scope) -> list[Sighting]:
        if scope.path == "closed":
            raise self.failure
        return [Sighting(observed(scope.path), Scope("Gallery", "closed") if scope.path == "above" else None)]


@pytest.mark.parametrize("paths", [("closed", "good"), ("above", "good")])
def test_a_tolerant_reader_goes_on_without_a_list_that_is_closed(paths: tuple[str, ...]) -> None:
    cloud = Forbidden(Denied("you may not", scope="/x", status=403))
    scopes = [Scope("Gallery", path) for path in paths]
    world = observe(scopes, cloud, everything, parallelism=2, tolerant=True)
    assert world.closed == {"closed": "/x: you may not"}
    assert "good" in {address.name[-1] for address in world.resources}


@pytest.mark.parametrize("failure", [Denied("who", scope="", status=401), Missing("gone", scope="", status=404)])
def test_but_not_without_a_list_that_is_not_there_or_a_caller_who_is_unknown(failure: CloudFailure) -> None:
    with pytest.raises(CloudFailure):
        observe([Scope("Gallery", "closed")], Forbidden(failure), everything, parallelism=1, tolerant=True)
