"""How values are compared: the rows of azure-facts 10 that concern one field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import bodies, paths, plain_values, words
from vmapps.core.fields import AZURES_OWN, Field, Ownership, Rules, at, leaves, parse_path, spelled, with_value, without
from vmapps.core.resource import Link

SAS = "?sv=2024-11-04&sr=b&sig=secret&se=2030-01-01T00%3A00%3A00Z&sp=r&st=x&spr=https&skoid=y"
BLOB = "https://acc.blob.core.windows.net/c/app.zip"


def means_the_same(compare: str, one: object, other: object) -> bool:
    rules = Rules({("it",): Field(compare=compare)})
    return rules.normal(("it",), one) == rules.normal(("it",), other)  # type: ignore[arg-type]


def regions(*items: object) -> list[object]:
    return [item if isinstance(item, dict) else {"name": item} for item in items]


@pytest.mark.parametrize(
    ("row", "compare", "one", "other", "same"),
    [
        ("location", "region", "West US", "westus", True),
        ("location", "region", "WestUS", "westus", True),
        ("location", "region", "westus", "westus2", False),
        ("location", "region", None, None, True),
        ("targetRegions: a set", "regions", regions("westus", "eastus"), regions("East US", "West US"), True),
        ("targetRegions: names", "regions", regions("westus"), regions("westus2"), False),
        ("targetRegions: one more", "regions", regions("westus"), regions("westus", "eastus"), False),
        (
            "targetRegions: an absent replica count is 1",
            "regions",
            regions({"name": "westus", "regionalReplicaCount": 1}),
            regions("West US"),
            True,
        ),
        (
            "targetRegions: replicas",
            "regions",
            regions({"name": "westus", "regionalReplicaCount": 2}),
            regions("westus"),
            False,
        ),
        (
            "targetRegions: excludeFromLatest missing is false",
            "regions",
            regions({"name": "westus", "excludeFromLatest": False}),
            regions("westus"),
            True,
        ),
        ("targetRegions: no list", "regions", None, None, True),
        ("link: SAS dropped", "link", Link(BLOB), BLOB + SAS, True),
        ("link: host's case", "link", Link(BLOB), BLOB.replace("acc", "ACC"), True),
        ("link: scheme's case", "link", Link(BLOB), BLOB.replace("https", "HTTPS"), True),
        ("link: path exact", "link", Link(BLOB), BLOB.replace("app", "APP"), False),
        ("link: another blob version", "link", Link(BLOB), BLOB + "?versionid=1", False),
        ("link: another snapshot", "link", BLOB + "?snapshot=1&sig=a", BLOB + "?snapshot=2&sig=a", False),
        ("link: the same snapshot", "link", BLOB + "?snapshot=1&sig=a", BLOB + "?sig=b&snapshot=1", True),
        ("endOfLifeDate: Z = +00:00", "instant", "2027-12-31T00:00:00Z", "2027-12-31T00:00:00+00:00", True),
        ("endOfLifeDate: a date is midnight", "instant", "2027-12-31", "2027-12-31T00:00:00Z", True),
        ("endOfLifeDate: seven digits", "instant", "2027-12-31", "2027-12-31T00:00:00.0000000+00:00", True),
        ("endOfLifeDate: another zone", "instant", "2027-12-31T01:00:00+01:00", "2027-12-31", True),
        ("endOfLifeDate: another day", "instant", "2027-12-31", "2027-12-30", False),
        ("endOfLifeDate: out of range", "instant", "0001-01-01T00:00:00+14:00", "2027-12-30", False),
        ("endOfLifeDate: no date", "instant", "soon", "soon", True),
        ("endOfLifeDate: absent", "instant", None, "", False),
        ("scripts: exact", "exact", "sh a.sh\n", "sh a.sh", False),
        ("scripts: case", "exact", "sh a.sh", "SH a.sh", False),
        ("ARM ids: case", "armIds", {"/A/b": {}}, {"/a/B": {"clientId": "x"}}, True),
        ("ARM ids: another", "armIds", {"/a/b": {}}, {"/a/c": {}}, False),
        ("ARM ids: none", "armIds", None, None, True),
    ],
)
def test_normalisation(row: str, compare: str, one: object, other: object, same: bool) -> None:
    assert means_the_same(compare, one, other) is same
    assert means_the_same(compare, other, one) is same


@pytest.mark.parametrize("compare", ["exact", "region", "regions", "link", "instant", "armIds"])
@given(value=plain_values)
def test_any_value_has_a_normal_form_and_only_one(compare: str, value: object) -> None:
    assert means_the_same(compare, value, value)


def test_a_missing_boolean_is_false() -> None:
    rules = Rules({("it",): Field(default=False)})
    assert rules.normal(("it",), None) == rules.normal(("it",), False)
    assert rules.normal(("it",), None) != rules.normal(("it",), True)


def test_without_a_rule_absent_is_not_zero() -> None:
    assert Rules().normal(("order",), None) != Rules().normal(("order",), 0)


@pytest.mark.parametrize("path", AZURES_OWN)
def test_what_azure_alone_writes_is_read_only_in_every_kind(path: tuple[str, ...]) -> None:
    assert Rules().of(path).ownership is Ownership.READ_ONLY
    assert path in Rules().read_only


def test_a_kind_may_say_more_about_what_is_read_only() -> None:
    rules = Rules({("location",): Field(Ownership.READ_ONLY), ("id",): Field()})
    assert ("location",) in rules.read_only
    assert ("id",) not in rules.read_only


@given(paths)
def test_a_path_is_read_back_from_its_spelling(path: tuple[str, ...]) -> None:
    assert parse_path(spelled(path)) == path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("properties", "publishingProfile"), "properties.publishingProfile"),
        (("tags", "a.b"), 'tags["a.b"]'),
        (("tags", 'q"'), r'tags["q\""]'),
        (("applications", "platform/nginx"), 'applications["platform/nginx"]'),
    ],
)
def test_paths_are_spelled_for_people(path: tuple[str, ...], text: str) -> None:
    assert spelled(path) == text


@pytest.mark.parametrize("text", ["a b", "a[", 'a["b"', "a..b", "1a", 'a["\\x"]'])
def test_other_text_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a field path|escape"):
        parse_path(text)


@given(bodies, paths, plain_values)
def test_what_is_put_is_found(body: dict, path: tuple[str, ...], value: object) -> None:
    assert at(with_value(body, path, value), path) == value  # type: ignore[arg-type]


@given(bodies, paths, plain_values)
def test_putting_leaves_the_given_body_alone(body: dict, path: tuple[str, ...], value: object) -> None:
    before = repr(body)
    with_value(body, path, value)  # type: ignore[arg-type]
    without(body, path)
    assert repr(body) == before


@given(bodies, paths)
def test_what_is_taken_out_is_gone(body: dict, path: tuple[str, ...]) -> None:
    if path[0] != "tags":
        assert at(without(body, path), path) is None


@given(bodies)
def test_leaves_are_what_a_body_says(body: dict) -> None:
    for path, value in leaves(body, Rules()):
        if path[0] != "tags":
            assert at(body, path) == value


def test_a_whole_field_is_one_value() -> None:
    body = {"identity": {"type": "None", "ids": {"a": {}}}}
    rules = Rules({("identity", "ids"): Field(whole=True)})
    assert dict(leaves(body, rules)) == {("identity", "type"): "None", ("identity", "ids"): {"a": {}}}  # type: ignore[arg-type]


@given(words.filter(bool), words.filter(bool))
def test_tag_names_ignore_case_and_keep_the_author_s_spelling(name: str, value: str) -> None:
    body = with_value({"tags": {name.upper(): "old", "other": "x"}}, ("tags", name), value)
    assert at(body, ("tags", name.upper())) == value
    assert at(body, ("tags", "other")) == "x" or name.lower() == "other"


@given(st.sampled_from([None, "no map"]))
def test_tags_that_are_no_map_are_replaced(tags: object) -> None:
    assert with_value({"tags": tags}, ("tags", "a"), "b") == {"tags": {"a": "b"}}  # type: ignore[dict-item]
