"""The small values: diagnostics, declarations, what was asked, actions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import ELSEWHERE, HERE, PROJECT, address, asked, package, sha256
from vmapps.core.action import Assign, Change, Create, Delete, Update, Upload, verb
from vmapps.core.address import Address
from vmapps.core.declaration import Project, Store
from vmapps.core.diagnostic import Diagnostic, Span, error, in_order, warning
from vmapps.errors import CloudFailure, Invalid

CHANGE = (Change(("x",), None, 1),)


@given(st.text(st.characters(codec="utf-8"), max_size=8), st.integers(1), st.integers(1))
def test_a_place_is_read_back_from_what_it_prints(file: str, line: int, column: int) -> None:
    assert Span.parse(str(Span(file, line, column))) == Span(file, line, column)


@pytest.mark.parametrize("text", ["", "a", "a:1", "a:b:c"])
def test_other_text_is_no_place(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Span.parse(text)


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert (
        str(error("code", "it is wrong", HERE, hint="mend it"))
        == "vmapps.yaml:1:1: error: it is wrong (mend it) [code]"
    )
    assert str(warning("code", "hm", subject="Gallery/g")) == "Gallery/g: warning: hm [code]"
    assert str(warning("code", "hm")) == "warning: hm [code]"
    assert not warning("code", "hm").is_error
    assert "it is wrong" in str(Invalid((error("code", "it is wrong"),)))


@given(st.permutations([error("b", "1", HERE), error("a", "1", HERE), error("a", "1"), warning("a", "0", subject="x")]))
def test_problems_come_in_one_order_and_once(problems: list[Diagnostic]) -> None:
    expected = (error("a", "1"), warning("a", "0", subject="x"), error("a", "1", HERE), error("b", "1", HERE))
    assert in_order([*problems, *problems]) == expected


def test_an_owner_is_the_name_and_the_id() -> None:
    assert PROJECT.owner == "contoso.7f3a"
    assert Project("contoso", "", "AzurePublic", ELSEWHERE).owner == "contoso"


def test_a_package_is_named_by_its_content() -> None:
    one = package("nginx")
    assert str(one.address) == f"Package/{sha256('nginx')[:12]}"
    link = Store("https://a", "c").link(one.sha256)
    assert link.url == f"https://a/c/sha256/{one.sha256}"
    assert link.blob == one.sha256


def test_actions_have_names() -> None:
    actions = (Upload("a", 1, "f"), Create(CHANGE), Update(CHANGE), Delete(), Assign(CHANGE))
    assert [verb(one) for one in actions] == ["upload", "create", "update", "delete", "assign"]


@pytest.mark.parametrize(
    ("targets", "excludes", "covered"),
    [
        ((), (), True),
        (("Gallery/*",), (), True),
        (("GalleryApplication/*",), (), False),
        (("GalleryApplication/*", "gallery/PLATFORM"), (), True),
        ((), ("Gallery/*",), False),
        (("Gallery/*",), ("*/platform",), False),
    ],
)
def test_targets_and_excludes(targets: tuple[str, ...], excludes: tuple[str, ...], covered: bool) -> None:
    assert asked(targets=targets, excludes=excludes).covers(address("platform")) is covered


def test_what_is_ours() -> None:
    one = asked()
    assert [one.is_ours(owner) for owner in ("contoso.7f3a", "old", "", "other.1")] == [True, True, False, False]
    assert one.rules_of(Address("VirtualMachine", ("a", "b"))).fields == {}


def test_a_failure_says_scope_code_and_hint() -> None:
    assert str(CloudFailure("no", scope="/s", code="C", hint="try")) == "/s: C: no (try)"
    assert str(CloudFailure("no", scope="")) == "no"
