"""What is left out of a drift: by rules of the project, by options of a run."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import address, entry, machine_address
from vmapps.core.action import Change
from vmapps.core.address import Address
from vmapps.core.declaration import Ignore
from vmapps.core.diagnostic import Span
from vmapps.core.drift import Drift, DriftClass, DriftItem
from vmapps.core.drift_ignores import narrowed
from vmapps.core.entries import on_wire

TODAY = date(2026, 6, 15)
PROJECT = Address("Project", ("contoso",))
HERE = Span("vmapps.yaml", 7, 9)
WEB = machine_address()
DESCRIPTION = Change(("properties", "description"), "by hand", "ours")
TAG = Change(("tags", "costCentre"), "1", "2")
GALLERY = DriftItem(
    DriftClass.CHANGED,
    address("platform"),
    "properties.description differs; tags.costCentre differs",
    (DESCRIPTION, TAG),
)
ORDERED = on_wire(entry(order=2, owner="contoso.7f3a"))
ENTRY = Change(("applications", "platform/nginx"), {**ORDERED, "order": 1, "tags": ""}, ORDERED)
UPDATE = Change(("applications", "platform/nginx"), on_wire(entry("0.9.0", order=1)), ORDERED)
NEW = Change(("applications", "platform/nginx"), None, ORDERED)
REORDERED = DriftItem(DriftClass.CHANGED, WEB, "platform/nginx: order 1 -> 2", (ENTRY,), "platform/nginx")
UPDATED = DriftItem(DriftClass.CHANGED, WEB, "platform/nginx: version 0.9.0 -> 1.0.0", (UPDATE,), "platform/nginx")
MISSING = DriftItem(DriftClass.MISSING, WEB, "platform/nginx: it is assigned", (NEW,), "platform/nginx")
FAILED = DriftItem(DriftClass.FAILED, machine_address("set"), "failed", (), "platform/nginx", "3")
ALL = (GALLERY, REORDERED, MISSING, FAILED)


def rule(**more: object) -> Ignore:
    return Ignore(HERE, **more)  # type: ignore[arg-type]


def left(*items: DriftItem, rules: tuple[Ignore, ...] = (), **options: tuple[DriftClass, ...]) -> Drift:
    return narrowed(Drift(items), rules, TODAY, project=PROJECT, **options)


@pytest.mark.parametrize(
    ("row", "item", "given", "is_ignored"),
    [
        ("its class", FAILED, {"cls": "failed"}, True),
        ("another class", FAILED, {"cls": "changed"}, False),
        ("its address", GALLERY, {"address": "gallery/PLATFORM"}, True),
        ("a glob", REORDERED, {"address": "VirtualMachine/rg-web/*"}, True),
        ("another address", REORDERED, {"address": "VirtualMachine/rg-lab/*"}, False),
        ("an instance", FAILED, {"address": "*/set/3"}, True),
        ("another instance", FAILED, {"address": "*/set/30"}, False),
        ("an application on a machine", REORDERED, {"address": "VirtualMachine/rg-web/web-01/platform/nginx"}, True),
        ("another application", REORDERED, {"address": "*/web-01/platform/base"}, False),
        ("a field of an entry", REORDERED, {"field": "order"}, True),
        ("of a named application", REORDERED, {"field": "platform/nginx.ORDER"}, True),
        ("of another one", REORDERED, {"field": "platform/base.order"}, False),
        ("one of two fields of an entry", UPDATED, {"field": "order"}, False),
        ("both", UPDATED, {"field": "*r*"}, True),
        ("all of an entry that is missing", MISSING, {"field": "*"}, True),
        ("a field of what has none", FAILED, {"field": "*"}, False),
        ("everything fits", REORDERED, {"cls": "changed", "address": "*", "field": "order"}, True),
        ("not everything fits", REORDERED, {"cls": "missing", "address": "*", "field": "order"}, False),
        ("its last day", FAILED, {"cls": "failed", "until": TODAY}, True),
        ("it has ended", FAILED, {"cls": "failed", "until": date(2026, 6, 14)}, False),
    ],
)  # fmt: skip
def test_a_rule_fits(row: str, item: DriftItem, given: dict[str, object], is_ignored: bool) -> None:
    found = left(item, rules=(rule(**given),))
    assert (found.items, [one.item for one in found.ignored]) == (((), [item]) if is_ignored else ((item,), []))


@pytest.mark.parametrize("field", ["description", "properties.description", "DESC*"])
def test_a_rule_about_a_field_leaves_the_others(field: str) -> None:
    found = left(GALLERY, rules=(rule(field=field, reason="edited in the portal"),))
    [rest], [gone] = found.items, found.ignored
    assert (rest.changes, rest.text) == ((TAG,), "tags.costCentre differs")
    assert (gone.item.changes, gone.item.text) == ((DESCRIPTION,), "properties.description differs")
    assert gone.by == "vmapps.yaml:7:9: edited in the portal"


def test_several_rules_may_leave_nothing() -> None:
    found = left(GALLERY, rules=(rule(field="description"), rule(field="tags.*")))
    assert (found.items, len(found.ignored)) == ((), 2)


def test_a_text_that_tells_no_fields_gets_a_new_one() -> None:
    item = DriftItem(DriftClass.CHANGED, address("platform"), "not as it was", (DESCRIPTION, TAG))
    [rest] = left(item, rules=(rule(field="description"),)).items
    assert rest.text == "tags.costCentre differs"


def test_a_rule_that_has_ended_is_a_warning() -> None:
    found = left(FAILED, rules=(rule(cls="failed", until=date(2026, 6, 14)),))
    [said] = found.diagnostics
    assert (said.code, said.span, said.is_error) == ("drift-ignore-expired", HERE, False)
    assert "ended on 2026-06-14" in said.summary
    assert found.notes == (), "it is not unused, it is over"


def test_a_rule_that_matches_nothing_is_a_note() -> None:
    found = left(GALLERY, rules=(rule(cls="failed"), rule(address="*")))
    assert [(note.code, note.address) for note in found.notes] == [("ignore-unused", PROJECT)]
    assert left(FAILED, rules=(rule(cls="failed"),), only=(DriftClass.CHANGED,)).notes == ()


@pytest.mark.parametrize(
    ("row", "options", "kept"),
    [
        ("nothing", {}, ["changed", "changed", "missing", "failed"]),
        ("only one", {"only": (DriftClass.FAILED,)}, ["failed"]),
        ("without one", {"without": (DriftClass.CHANGED,)}, ["missing", "failed"]),
        ("both", {"only": (DriftClass.FAILED,), "without": (DriftClass.FAILED,)}, []),
    ],
)
def test_options_choose_classes(row: str, options: dict[str, tuple[DriftClass, ...]], kept: list[str]) -> None:
    found = left(*ALL, **options)
    assert [str(item.cls) for item in found.items] == kept
    assert len(found.items) + len(found.ignored) == len(ALL)
    assert {one.by for one in found.ignored} <= {"--only failed", "--ignore changed", "--ignore failed"}


classes = st.sampled_from(["", *DriftClass])
globs = st.sampled_from(["", "*", "Gallery/*", "*/web-01", "*/3", "x"])
fields = st.sampled_from(["", "*", "description", "order", "tags.*", "x"])
rules = st.lists(st.builds(rule, cls=classes, address=globs, field=fields, until=st.none() | st.dates()), max_size=4)
several = st.lists(st.sampled_from(DriftClass), max_size=3).map(tuple)


@given(st.lists(st.sampled_from([*ALL, UPDATED]), unique_by=id), rules, several, several)
def test_ignoring_never_adds(
    items: list[DriftItem], rules: list[Ignore], only: tuple[DriftClass, ...], without: tuple[DriftClass, ...]
) -> None:
    found = left(*items, rules=tuple(rules), only=only, without=without)
    for rest in found.items:
        assert any(is_part(rest, item) for item in items)
    assert len(found.items) <= len(items)
    assert len(found.items) + len(found.ignored) >= len(items), "what is not reported is counted"
    told = [*found.items, *(one.item for one in found.ignored)]
    assert sorted(repr(one) for item in told for one in item.changes) == sorted(
        repr(one) for item in items for one in item.changes
    )


def is_part(rest: DriftItem, item: DriftItem) -> bool:
    same = (rest.cls, rest.subject, rest.application) == (item.cls, item.subject, item.application)
    return same and all(one in item.changes for one in rest.changes)
