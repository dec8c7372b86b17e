from __future__ import annotations

import pytest
from hypothesis import assume, given

from samples import PROFILE, RULES, observed, version_body
from strategies import bodies, paths, plain_values
from vmapps.core.action import Change
from vmapps.core.diff import compare, digest, digest_of, explain
from vmapps.core.fields import Rules, spelled
from vmapps.core.resource import Body, Link

VERSION = RULES["GalleryApplicationVersion"]


def differing(kind: str, wanted: Body, seen: Body) -> list[str]:
    return [spelled(change.path) for change in compare(wanted, seen, RULES[kind])]


@given(bodies)
def test_a_body_does_not_differ_from_itself(body: dict) -> None:
    tags = body.get("tags")
    assume(not isinstance(tags, dict) or len({name.lower() for name in tags}) == len(tags))  # as Azure has it
    assert compare(body, body, Rules()) == ()


@pytest.mark.parametrize(
    ("row", "kind", "wanted", "seen", "differs"),
    [
        ("unset is not managed", "Gallery", {}, {"properties": {"description": "live"}}, False),
        ("location", "Gallery", {"location": "westus"}, {"location": "West US"}, False),
        ("tag names", "Gallery", {"tags": {"Team": "web"}}, {"tags": {"TEAM": "web"}}, False),
        ("tag values are exact", "Gallery", {"tags": {"team": "web"}}, {"tags": {"team": "Web"}}, True),
        ("tags of others", "Gallery", {"tags": {"team": "web"}}, {"tags": {"team": "web", "hidden-x": ""}}, False),
        ("no tags at all", "Gallery", {"tags": {"team": "web"}}, {}, True),
        ("provisioningState", "Gallery", {"properties": {"provisioningState": "Succeeded"}}, {}, False),
        ("id", "Gallery", {"id": "/a"}, {"id": "/b"}, False),
        ("etag", "Gallery", {"etag": "1"}, {"etag": "2"}, False),
        (
            "a boolean that is missing",
            "GalleryApplicationVersion",
            {"properties": {"publishingProfile": {"excludeFromLatest": False}}},
            {},
            False,
        ),
        (
            "permissions that are missing",
            "Gallery",
            {"properties": {"sharingProfile": {"permissions": "Private"}}},
            {},
            False,
        ),
        ("a list is longer", "GalleryApplication", {"x": [1]}, {"x": [1, 2]}, True),
        ("a list has another order", "GalleryApplication", {"x": [1, 2]}, {"x": [2, 1]}, True),
        (
            "what Azure adds to an item",
            "GalleryApplication",
            {"x": [{"name": "a"}]},
            {"x": [{"name": "a", "y": 1}]},
            False,
        ),
        ("an item lacks a field", "GalleryApplication", {"x": [{"name": "a", "y": 1}]}, {"x": [{"name": "a"}]}, True),
        ("a map where a text was", "GalleryApplication", {"x": {"y": 1}}, {"x": "text"}, True),
    ],
)
def test_rows(row: str, kind: str, wanted: Body, seen: Body, differs: bool) -> None:
    assert bool(compare(wanted, seen, RULES[kind])) is differs


def test_only_the_signature_differs() -> None:
    wanted = version_body()
    seen = version_body()
    source = seen["properties"]["publishingProfile"]["source"]  # type: ignore[index,call-overload]
    source["mediaLink"] = f"{source['mediaLink'].url}?sv=1&sig=other"  # type: ignore[index,union-attr,call-overload]
    assert compare(wanted, seen, VERSION) == ()


def test_regions_are_compared_as_a_set_with_replicas() -> None:
    wanted, seen = (
        version_body(regions=("westeurope", "northeurope")),
        version_body(regions=("North Europe", "WestEurope")),
    )
    assert compare(wanted, seen, VERSION) == ()
    (change,) = compare(wanted, version_body(), VERSION)
    assert change.path == (*PROFILE, "targetRegions")
    assert explain(change, VERSION) == ("northeurope added",)


def test_changes_come_in_the_order_of_their_paths() -> None:
    wanted: Body = {"tags": {"b": "1", "a": "1"}, "properties": {"z": 1, "a": 1}}
    assert differing("Gallery", wanted, {}) == ["properties.a", "properties.z", "tags.a", "tags.b"]


@given(plain_values, plain_values)
def test_any_difference_can_be_explained(before: object, after: object) -> None:
    explain(Change(("x",), before, after), Rules())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a", "b", ()),
        (None, [1], ()),
        ([1], [1, 2], ("2 added",)),
        ([1, 2], [1], ("2 removed",)),
        ([{"name": "a", "n": 1}], [{"name": "a", "n": 2}], ("a.n: 1 -> 2",)),
        ({"a": 1}, {"a": 1, "b": {"c": Link("https://x/y")}}, ("b added",)),
        ({"a": [1]}, {}, ("a removed",)),
        ([{"name": "a"}, {"name": "a"}], [{"name": "a"}], ()),
    ],
)
def test_explanations(before: object, after: object, lines: tuple[str, ...]) -> None:
    found = explain(Change(("x",), before, after), Rules())  # type: ignore[arg-type]
    assert found == lines if lines else isinstance(found, tuple)


@given(bodies, paths)
def test_a_fingerprint_is_blind_to_spelling(body: dict, path: tuple[str, ...]) -> None:
    assert digest_of((path,), body, Rules()) == digest_of((path,), dict(reversed(body.items())), Rules())
    assert digest_of((), body, Rules()) == ""


def test_a_fingerprint_covers_the_values() -> None:
    path = (("properties", "publishingProfile", "targetRegions"),)
    one, other = observed("g", "a", "1.0.0"), observed("g", "a", "1.0.0", body=version_body(regions=("eastus",)))
    assert digest_of(path, one.body, VERSION) != digest_of(path, other.body, VERSION)


def test_only_json_has_a_fingerprint() -> None:
    assert digest(Link("https://X/y?sig=1")) == digest(Link("https://x/y?sig=1"))
    with pytest.raises(TypeError, match="no canonical form"):
        digest(object())
