"""Waves: pure, cumulative, stable."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import machine
from vmapps.core.address import Address
from vmapps.core.declaration import Rollout, Wave
from vmapps.core.resource import Machine
from vmapps.core.rollout import waves_of

WEB = Address("VMAssignment", ("web",))
ALL = Wave(percent=100)
CANARY = Rollout((Wave(most=1), Wave(percent=10), ALL))
NOBODY: frozenset[Address] = frozenset()


def several(count: int, **more: object) -> list[Machine]:
    return [machine(name=f"web-{number:03}", **more) for number in range(count)]


def sizes(rollout: Rollout, machines: list[Machine], pending: frozenset[Address] = NOBODY) -> list[int]:
    counts = Counter(waves_of(rollout, WEB, "shop.1", machines, pending).values())
    return [counts[number] for number in range(1, len(rollout.waves) + 1)]


@pytest.mark.parametrize(
    ("row", "waves", "count", "found"),
    [
        ("one, a tenth, all", CANARY.waves, 100, [1, 9, 90]),
        ("a share is rounded up", CANARY.waves, 15, [1, 1, 13]),
        ("a tenth that the canary was already", CANARY.waves, 5, [1, 0, 4]),
        ("more than there are", (Wave(most=10), ALL), 3, [3, 0]),
        ("none at all", CANARY.waves, 0, [0, 0, 0]),
        ("one wave", (ALL,), 7, [7]),
    ],
)
def test_sizes(row: str, waves: tuple[Wave, ...], count: int, found: list[int]) -> None:
    assert sizes(Rollout(waves), several(count)) == found


def test_regions() -> None:
    machines = [*several(4), *(machine(name=f"n-{one}", location="North Europe") for one in range(3))]
    waves = waves_of(Rollout((Wave(locations=("northeurope",)), ALL)), WEB, "shop.1", machines, NOBODY)
    assert {str(one.name[-1]) for one, number in waves.items() if number == 1} == {"n-0", "n-1", "n-2"}


def test_a_scale_set_weighs_its_instances() -> None:
    machines = [replace(one, capacity=50) for one in several(2)]
    assert sizes(Rollout((Wave(percent=10), Wave(percent=60), ALL)), machines) == [1, 1, 0]


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_the_order_of_the_machines_does_not_matter(count: int, chance: object) -> None:
    machines = several(count)
    first = waves_of(CANARY, WEB, "shop.1", machines, NOBODY)
    chance.shuffle(machines)  # type: ignore[attr-defined]
    assert waves_of(CANARY, WEB, "shop.1", machines, NOBODY) == first


@given(st.integers(1, 40), st.integers(0, 10))
def test_growth_moves_a_machine_to_a_later_wave_at_most_where_waves_count(count: int, more: int) -> None:
    counted = Rollout((Wave(most=1), Wave(most=5), ALL))
    before = waves_of(counted, WEB, "shop.1", several(count), NOBODY)
    after = waves_of(counted, WEB, "shop.1", several(count + more), NOBODY)
    assert all(after[one] >= number for one, number in before.items())


@given(st.integers(2, 30), st.data())
def test_a_machine_that_is_off_is_never_the_canary(count: int, data: st.DataObject) -> None:
    machines = several(count)
    addresses = [one.address for one in machines]
    pending = frozenset(data.draw(st.lists(st.sampled_from(addresses), max_size=count - 1, unique=True)))
    waves = waves_of(CANARY, WEB, "shop.1", machines, pending)
    assert all(waves[one] == 3 for one in pending)
    assert sum(number == 1 for number in waves.values()) == 1


def test_another_assignment_has_another_canary_sometime() -> None:
    machines = several(50)
    firsts = set()
    for name in "abcdef":
        waves = waves_of(CANARY, Address("VMAssignment", (name,)), "shop.1", machines, NOBODY)
        firsts.update(one for one, number in waves.items() if number == 1)
    assert len(firsts) > 1


def test_what_is_heavier_than_a_wave_comes_where_nothing_else_would() -> None:
    heavy = [replace(one, capacity=50) for one in several(2)]
    light = [machine(name=f"db-{number}") for number in range(3)]
    waves = waves_of(CANARY, WEB, "shop.1", [*heavy, *light], NOBODY)
    assert {one.name[1] for one, number in waves.items() if number == 1} < {"db-0", "db-1", "db-2"}
    assert [waves[one.address] for one in heavy] == [3, 3], "a tenth of 103 machines has no room for 50"
    assert sizes(CANARY, heavy) == [1, 0, 1]


def test_machines_that_are_off_do_not_count_in_regions_either() -> None:
    off = frozenset({machine(name="n-0").address})
    machines = [*several(4), *(machine(name=f"n-{one}", location="northeurope") for one in range(2))]
    rollout = Rollout((Wave(locations=("northeurope",)), Wave(most=2), ALL))
    waves = waves_of(rollout, WEB, "shop.1", machines, off)
    assert waves[machine(name="n-0").address] == 3
    assert sizes(rollout, machines, off) == [1, 1, 4]
