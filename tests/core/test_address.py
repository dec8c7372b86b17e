from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import ELSEWHERE, HOME, address, gallery_id, machine_id
from strategies import addresses, arm_ids, names
from vmapps.core.address import Address, ArmId, natural


@given(addresses)
def test_an_address_is_read_back_from_what_it_prints(one: Address) -> None:
    assert Address.parse(str(one)) == one
    assert Address.parse(str(one)).key == one.key


@given(arm_ids())
def test_an_id_is_read_back_from_what_it_prints(one: ArmId) -> None:
    assert ArmId.parse(str(one)) == one
    assert ArmId.parse(str(one).upper()) == one


@given(arm_ids(), arm_ids())
def test_ids_are_equal_when_only_their_case_differs(one: ArmId, other: ArmId) -> None:
    assert (one == other) == (str(one).lower() == str(other).lower())
    assert (hash(one) == hash(other)) or one != other


@given(st.lists(addresses, max_size=6), st.randoms(use_true_random=False))
def test_sorting_addresses_does_not_depend_on_where_they_stood(several: list[Address], chance: object) -> None:
    """Two names that differ have one order, `web-1` and `web-01` too."""
    others = list(several)
    chance.shuffle(others)  # type: ignore[attr-defined]
    assert [one.key for one in sorted(others)] == [one.key for one in sorted(several)]


@given(addresses, addresses)
def test_of_two_addresses_one_comes_first_or_they_are_the_same(one: Address, other: Address) -> None:
    assert [one < other, other < one, one == other].count(True) == 1


@given(names)
def test_any_name_has_a_natural_order(name: str) -> None:
    assert natural(name) == natural(name)


@pytest.mark.parametrize(
    ("first", "second"), [("1.9.0", "1.10.0"), ("web-2", "web-10"), ("a", "1"), ("web-01", "web-1"), ("web", "web-1")]
)
def test_numbers_in_names_count_as_numbers(first: str, second: str) -> None:
    assert Address("Gallery", (first,)) < Address("Gallery", (second,))


def test_case_alone_makes_no_other_address() -> None:
    assert Address("Gallery", ("Platform",)) == Address("gallery", ("platform",))
    assert hash(Address("Gallery", ("Platform",))) == hash(Address("gallery", ("platform",)))
    assert Address("Gallery", ("platform",)) != "Gallery/platform"


def test_an_address_prints_as_it_was_given() -> None:
    assert str(Address("Gallery", ("Platform",), ELSEWHERE)) == f"Gallery/{ELSEWHERE}/Platform"


@pytest.mark.parametrize("text", ["", "Gallery", "Gallery/", "/platform", "Gallery//nginx", f"Gallery/{HOME}"])
def test_text_without_kind_or_name_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Address.parse(text)


def test_a_subscription_is_one_only_as_a_whole() -> None:
    assert Address.parse(f"Gallery/{HOME}\n/platform").subscription == ""
    assert Address.parse(f"Gallery/{HOME}/platform").subscription == HOME


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("GalleryApplication/platform/nginx", True),
        ("galleryapplication/PLATFORM/*", True),
        ("GalleryApplication/*", True),
        ("*nginx", True),
        ("GalleryApplication/platform", False),
        ("GalleryApplication/platform/ngin", False),
    ],
)
def test_globs_name_addresses(pattern: str, matches: bool) -> None:
    assert address("platform", "nginx").matches(pattern) is matches


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/subscriptions/s/resourceGroups/g",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries//applications/a",
        "/providers/Microsoft.Compute/locations/a/b/c/d/e",
        "/subscriptions/s/resourceGroup/g/providers/Microsoft.Compute/galleries/g",
    ],
)
def test_other_text_is_no_id(text: str) -> None:
    assert ArmId.parse(text) is None


def test_the_parent_of_a_version_is_its_application() -> None:
    version = gallery_id().child("applications", "nginx").child("versions", "1.0.0")
    assert version.parent == gallery_id().child("applications", "nginx")
    assert version.type == "galleries/applications/versions"
    assert version.name == "1.0.0"
    assert version.parent.parent.parent == gallery_id()


def test_a_machine_is_its_own_parent() -> None:
    assert machine_id().parent == machine_id()
    assert machine_id() != str(machine_id())
