"""`dependsOn` becomes orders that Azure understands, machine by machine."""

from __future__ import annotations

import pytest

from samples import ELSEWHERE, HERE, HOME, OWNER, address, entry, gallery_id, machine, reference, wanted
from vmapps.core.address import Address
from vmapps.core.declaration import Wanted
from vmapps.core.ordering import LARGEST, Disorder, Ordered, orders
from vmapps.core.resource import Machine


def given(machine_: Machine, *several: Wanted) -> tuple[dict[str, int | None], list[str]]:
    """Orders by application, and what is wrong."""
    claims = tuple(Ordered((one.gallery.key, one.application_name), one, HERE) for one in several)
    found, problems = orders(claims, machine_, HOME)
    return {key[1]: order for key, order in found.items()}, [one.code for one in problems]


def want(name: str, *before: str, order: int | None = None, absent: bool = False) -> Wanted:
    depends_on = tuple(address("platform", one) for one in before)
    return wanted("1.0.0", name, order=order, absent=absent, depends_on=depends_on)


@pytest.mark.parametrize(
    ("row", "several", "found"),
    [
        ("unordered stays unordered, it is not 0", (want("a"), want("b")), {"a": None, "b": None}),
        ("what others depend on comes first", (want("a", "b"), want("b")), {"a": 2, "b": 1}),
        ("a chain", (want("a", "b"), want("b", "c"), want("c")), {"a": 3, "b": 2, "c": 1}),
        ("a diamond", (want("a", "b", "c"), want("b", "d"), want("c"), want("d")), {"a": 3, "b": 2, "c": 1, "d": 1}),
        ("an explicit order stays", (want("a", "b"), want("b", order=7)), {"a": 8, "b": 7}),
        ("order 0 is one", (want("a", "b"), want("b", order=0)), {"a": 1, "b": 0}),
        ("others are not drawn in", (want("a", "b"), want("b"), want("z")), {"a": 2, "b": 1, "z": None}),
    ],
)
def test_orders(row: str, several: tuple[Wanted, ...], found: dict[str, int | None]) -> None:
    assert given(machine(), *several) == (found, [])
    assert given(machine(), *reversed(several)) == (found, [])


def test_a_foreign_entry_gives_its_order() -> None:
    there = machine(entry(application="b", order=4))
    assert given(there, want("a", "b")) == ({"a": 5}, [])


def test_a_gallery_elsewhere_is_another_one() -> None:
    far = Address("GalleryApplication", ("platform", "b"), ELSEWHERE)
    there = machine(entry(application="b", order=4))
    one = wanted("1.0.0", "a", depends_on=(far,))
    assert given(there, one)[1] == ["unassigned-dependency"]
    gallery = gallery_id("platform", ELSEWHERE)
    where = entry(reference=type(reference())(gallery, "b", "1.0.0"), order=4)
    assert given(machine(where), one) == ({"a": 5}, [])


@pytest.mark.parametrize(
    ("row", "there", "several", "codes"),
    [
        ("nowhere", machine(), (want("a", "b"),), ["unassigned-dependency"]),
        ("there without an order", machine(entry(application="b")), (want("a", "b"),), ["unordered-dependency"]),
        ("in a circle", machine(), (want("a", "b"), want("b", "a")), ["dependency-cycle"]),
        ("itself", machine(), (want("a", "a"),), ["dependency-cycle"]),
        ("declared absent", machine(), (want("a", "b"), want("b", absent=True)), ["unassigned-dependency"]),
        ("beyond the largest", machine(), (want("a", "b"), want("b", order=LARGEST)), ["order-too-large"]),
    ],
)
def test_what_cannot_be_ordered(row: str, there: Machine, several: tuple[Wanted, ...], codes: list[str]) -> None:
    assert given(there, *several)[1] == codes


@pytest.mark.parametrize(
    ("row", "there", "several", "told"),
    [
        (
            "the circle is spelled out",
            machine(),
            (want("a", "b"), want("b", "c"), want("c", "a")),
            "platform/a -> platform/b -> platform/c -> platform/a is a circle on",
        ),
        (
            "what is missing is named",
            machine(),
            (want("a", "b"),),
            "platform/a depends on platform/b, which is neither assigned to nor on",
        ),
        (
            "whose it is is said",
            machine(entry(application="b")),
            (want("a", "b"),),
            "platform/a depends on platform/b, which is not ours and has no order, so it is installed last on",
        ),
        (
            "the limit is said",
            machine(entry(application="b", order=LARGEST)),
            (want("a", "b"),),
            f"platform/a would need an order beyond {LARGEST} on",
        ),
    ],
)
def test_a_disorder_is_a_sentence_with_a_way_out(
    row: str, there: Machine, several: tuple[Wanted, ...], told: str
) -> None:
    (problem,) = disorders(there, *several)
    assert problem.about == told
    assert problem.hint
    assert problem.span == HERE


def disorders(there: Machine, *several: Wanted) -> tuple[Disorder, ...]:
    claims = tuple(Ordered((one.gallery.key, one.application_name), one, HERE) for one in several)
    return orders(claims, there, HOME)[1]


def test_the_same_disorder_is_said_once() -> None:
    """Two applications wait for the same circle."""
    several = (want("a", "c"), want("b", "c"), want("c", "d"), want("d", "c"))
    assert [one.code for one in disorders(machine(), *several)] == ["dependency-cycle"]


def test_an_order_beyond_the_largest_is_capped_and_what_follows_is_refused_too() -> None:
    several = (want("a", "b"), want("b", "c"), want("c", order=LARGEST))
    assert given(machine(), *several) == ({"a": LARGEST, "b": LARGEST, "c": LARGEST}, ["order-too-large"] * 2)


def test_an_explicit_order_does_not_come_from_the_machine() -> None:
    """What the entry of a claimed application has now says nothing: the claim does."""
    there = machine(entry(application="b", order=9, owner=OWNER))
    claims = (want("a", "b"), want("b"))
    found, problems = orders(
        tuple(Ordered((one.gallery.key, one.application_name), one, HERE) for one in claims), there, HOME
    )
    assert {key[1]: order for key, order in found.items()} == {"a": 2, "b": 1}
    assert problems == ()


def test_a_foreign_order_and_one_of_ours_meet_in_the_higher() -> None:
    there = machine(entry(application="b", order=4), entry(reference=None))
    assert given(there, want("a", "b", "c"), want("c", order=9)) == ({"a": 10, "c": 9}, [])
    assert given(there, want("a", "b", "c"), want("c")) == ({"a": 5, "c": 1}, [])


def test_a_foreign_order_below_zero_still_gives_the_first() -> None:
    """Orders start at 1 for what depends on something: 0 would be explicit."""
    assert given(machine(entry(application="b", order=-5)), want("a", "b")) == ({"a": 1}, [])


def test_names_ignore_case() -> None:
    assert given(machine(), want("a", "B"), want("b")) == ({"a": 2, "b": 1}, [])


def test_what_is_declared_absent_has_no_order() -> None:
    assert given(machine(), want("a"), want("b", absent=True)) == ({"a": None}, [])
