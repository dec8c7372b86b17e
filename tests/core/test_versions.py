from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import versions
from vmapps.core.versions import LARGEST, admits, is_wish, next_free, number, pick


@given(versions)
def test_a_version_is_three_numbers(text: str) -> None:
    parts = number(text)
    assert parts is not None
    assert ".".join(map(str, parts)) == text
    assert is_wish(text)


@given(st.lists(versions, max_size=5))
def test_latest_is_the_highest_by_number(several: list[str]) -> None:
    found = pick("latest", several)
    assert (found is None) == (not several)
    assert found is None or all(number(found) >= number(one) for one in several)  # type: ignore[operator]


@given(versions, st.lists(versions, max_size=5))
def test_the_next_free_number_is_above_all_of_its_minor(version: str, taken: list[str]) -> None:
    free = next_free(version, taken)
    assert free not in (version, *taken)
    if free is not None:
        here, found = number(version), number(free)
        assert here is not None
        assert found is not None
        assert found[:2] == here[:2]
        below = f"{found[0]}.{found[1]}.{found[2] - 1}"
        assert below in (version, *taken)


@given(versions, st.lists(versions, max_size=5))
def test_an_exact_wish_picks_itself_or_nothing(version: str, several: list[str]) -> None:
    assert pick(version, several) == (version if version in several else None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.03", "v1.2.3", "1.2.3-rc1", "-1.2.3", "1.2.3\n", " 1.2.3", "1.2.x"),
        *(f"1.2.{LARGEST + 1}", "99999999999.0.0", "1.2.\uff13", "1.2.\u0663"),
    ],
)
def test_anything_else_is_no_version(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize("text", ["latest", "1.x", "1.26.x", "0.x", "1.2.3", f"{LARGEST}.x"])
def test_wishes(text: str) -> None:
    assert is_wish(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "*", "1.x.x", "1.x.2", "LATEST", "1.26.x\n", "1.26.", "1.2", "01.x", "1.26.X", "1.*"),
        *(f"{LARGEST + 1}.x", f"1.{LARGEST + 1}.x"),
    ],
)
def test_no_wishes(text: str) -> None:
    assert not is_wish(text)
    assert not admits(text, (1, 2, 3))


@pytest.mark.parametrize(
    ("wish", "picked"),
    [("1.x", "1.10.0"), ("1.9.x", "1.9.5"), ("latest", "2.0.0"), ("2.x", "2.0.0"), ("3.x", None), ("1.9.0", "1.9.0")],
)
def test_a_range_picks_the_highest_inside(wish: str, picked: str | None) -> None:
    assert pick(wish, ["1.9.0", "1.9.5", "2.0.0", "1.10.0", "not a version"]) == picked


def test_there_is_no_number_above_the_largest() -> None:
    assert next_free(f"1.0.{LARGEST}", []) is None
    assert next_free("latest", []) is None
