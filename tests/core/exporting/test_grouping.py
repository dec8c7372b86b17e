from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import ELSEWHERE, HOME
from vmapps.core.address import Address, ArmId
from vmapps.core.exporting import grouping
from vmapps.core.exporting.grouping import LONGEST_NAME, Listed, grouped, name_of
from vmapps.core.resource import Machine

NGINX: dict[str, Any] = {"application": "platform/nginx", "version": "1.0.0"}
BASE: dict[str, Any] = {"application": "platform/base", "version": "1.0.0"}


def machine(name: str, group: str = "rg-web", kind: str = "VirtualMachine", subscription: str = "") -> Machine:
    types = (f"{kind[:1].lower()}{kind[1:]}s",)
    arm_id = ArmId(subscription or HOME, group, types, (name,))
    return Machine(Address(kind, (group, name), subscription), arm_id, "westeurope", "Linux")


def listed(name: str, *items: dict[str, Any], told: tuple[str, ...] = (), **more: str) -> Listed:
    return Listed(machine(name, **more), items or (NGINX,), told)


def names(*lists: Listed) -> dict[str, list[str]]:
    return {group.name: [one.id.name for one in group.machines] for group in grouped(lists)}


def test_equal_lists_go_together() -> None:
    assert names(listed("web-02"), listed("web-01"), listed("db-1", BASE), listed("web-10")) == {
        "rg-web.db-1": ["db-1"],
        "web": ["web-01", "web-02", "web-10"],
    }


def test_a_machine_without_entries_is_in_no_group() -> None:
    assert grouped([Listed(machine("web-01"), ())]) == ()


def test_scale_sets_stay_apart_from_machines() -> None:
    sets = [listed(name, kind="VirtualMachineScaleSet") for name in ("web-a", "web-b")]
    assert names(*sets, listed("web-01"), listed("web-02")) == {
        "web": ["web-01", "web-02"],
        "web.web-a": ["web-a", "web-b"],
    }


@pytest.mark.parametrize(
    ("lists", "name"),
    [
        ([listed("Web-01"), listed("web-02")], "web"),
        ([listed("a1"), listed("b1")], "rg-web"),
        ([listed("x-1"), listed("x-2")], "rg-web"),
        ([listed("a", group="rg-a"), listed("b", group="rg-b")], "fleet"),
        ([listed("a", group="äöü"), listed("b", group="äöü")], "fleet"),
        ([listed("web.(1)"), listed("web.(2)")], "web"),
        ([listed("web-01")], "rg-web.web-01"),
    ],
)
def test_a_group_is_called_as_its_machines_are(lists: list[Listed], name: str) -> None:
    assert list(names(*lists)) == [name]


def test_the_larger_group_has_the_plain_name() -> None:
    small = [listed("web-01", BASE), listed("web-03", BASE)]
    large = [listed(f"web-1{at}") for at in range(3)]
    assert names(*small, *large) == {"web": ["web-10", "web-11", "web-12"], "web.web-01": ["web-01", "web-03"]}


def test_a_name_that_is_taken_twice_gets_a_digest() -> None:
    groups = ("a", "b", "c")
    several = [listed(name, {"n": group}, group=group) for group in groups for name in ("web-1", "web-2")]
    found = names(*several)
    assert len(found) == 3
    assert {"web", "web.web-1"} < found.keys()
    assert next(name for name in found if name not in ("web", "web.web-1")).startswith("web-")


def test_what_is_told_names_the_machines() -> None:
    [group] = grouped([listed("web-01", told=("a", "b")), listed("web-02", told=("b",))])
    first, second = (one.address for one in group.machines)
    assert group.told == {"a": (first,), "b": (first, second)}


def test_a_group_that_is_too_large_becomes_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "LARGEST", 2)
    assert names(*(listed(f"web-{at}") for at in range(4))) == {
        "web": ["web-0", "web-1"],
        "web.web-2": ["web-2", "web-3"],
    }


machines = st.builds(
    listed,
    st.text("abW-_.01ä(", min_size=1, max_size=90),
    st.sampled_from([NGINX, BASE]),
    group=st.sampled_from(["rg", "RG", "r" * 90]),
    subscription=st.sampled_from(["", ELSEWHERE]),
    kind=st.sampled_from(["VirtualMachine", "VirtualMachineScaleSet"]),
)
unique = st.lists(machines, max_size=12, unique_by=lambda one: one.machine.address)


@given(unique.flatmap(lambda lists: st.tuples(st.just(lists), st.permutations(lists))))
def test_names_are_sound_and_apart_and_do_not_depend_on_the_order(both: tuple[list[Listed], list[Listed]]) -> None:
    first, second = map(grouped, both)
    assert first == second
    assert sorted(one.address for group in first for one in group.machines) == sorted(
        one.machine.address for one in both[0]
    )
    lower = [group.name.lower() for group in first]
    assert len(set(lower)) == len(lower)
    for name in lower:
        assert 0 < len(name) <= LONGEST_NAME
        assert name.isascii()
        assert name[0].isalnum()
        assert name[-1].isalnum()


def test_names_of_single_machines() -> None:
    assert name_of(machine("web-01")) == "rg-web.web-01"
    assert name_of(machine("web-01", subscription=ELSEWHERE)) != name_of(machine("web-01"))
