from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_cloud import Box, MemoryCloud
from samples import OWNER, entry, machine, machine_hash, machine_id, mark_text, reference
from vmapps.core.action import Change
from vmapps.core.entries import (
    authors_tags,
    composed,
    find,
    key_of,
    looks_like,
    on_wire,
    others_digest,
    path_of,
    tags_text,
)
from vmapps.core.entries import machine_hash as hash_of
from vmapps.core.resource import Body, Entry, Link, Machine, Mark

CONF = "https://conf.blob.core.windows.net/c/app.conf"


def body(version: str = "2.0.0", **fields: object) -> Body:
    plain = {"treatFailureAsDeploymentFailure": False, "enableAutomaticUpgrade": False}
    return {"packageReferenceId": str(reference(version).id), **plain, **fields}  # type: ignore[dict-item]


def change(before: Entry | None, after: Body | None) -> Change:
    one = before.reference if before else reference()
    assert one is not None
    return Change(path_of(one), on_wire(before) if before else None, after)


def read(*raws: bytes) -> Machine:
    """A machine as it is read from a cloud that holds these entries."""
    cloud = MemoryCloud()
    cloud.add(Box(machine_id(), list(raws)))
    (one,) = cloud.world().machines.values()
    return one


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3), st.sampled_from(["", "1.0.0"]))
def test_the_author_s_keys_come_back_from_the_passthrough_text(author: dict[str, str], previous: str) -> None:
    text = tags_text(author, Mark(OWNER, machine_hash(), previous))
    assert authors_tags(text) == {key: value for key, value in author.items() if key not in authors_tags_of_marks()}
    assert json.loads(text)["vmapps-owner"] == OWNER
    assert json.loads(text).get("previous", "") == previous


def authors_tags_of_marks() -> tuple[str, ...]:
    return ("vmapps-owner", "vmapps-machine", "previous")


@pytest.mark.parametrize("text", ["", "hello", "[1]", "{", '{"a":', "{" * 5000, "null", '"{}"'])
def test_passthrough_text_of_others_has_no_keys(text: str) -> None:
    assert authors_tags(text) == {}


def test_passthrough_text_may_begin_with_spaces() -> None:
    assert authors_tags(' \n{"a": "1"}') == {"a": "1"}


def test_a_machine_s_hash_ignores_case() -> None:
    assert hash_of(machine_id("WEB-01")) == hash_of(machine_id("web-01")) == machine_hash()
    assert hash_of(machine_id("web-02")) != machine_hash()


def test_an_entry_on_the_wire_has_its_booleans_and_no_empty_fields() -> None:
    assert on_wire(entry("2.0.0")) == body()
    whole = entry("2.0.0", order=0, tags="t", configuration=Link(CONF), fails_deployment=True)
    assert on_wire(whole) == {
        **body(order=0, tags="t", configurationReference=Link(CONF)),
        "treatFailureAsDeploymentFailure": True,
    }


@pytest.mark.parametrize(
    ("row", "live", "said", "before", "after"),
    [
        ("the same", entry("2.0.0"), body(), True, True),
        ("case alone", entry("2.0.0", "NGINX"), body(), True, True),
        ("another version", entry("1.0.0"), body(), False, False),
        ("absent and said", None, body(), False, False),
        ("there and not said", entry(), None, False, False),
        ("absent and not said", None, None, True, True),
        ("order is 0, not absent", entry("2.0.0", order=0), body(), False, True),
        ("another order", entry("2.0.0", order=1), body(order=2), False, False),
        ("order lost", entry("2.0.0"), body(order=2), False, False),
        ("the configuration kept", entry("2.0.0", configuration=Link(CONF)), body(), False, True),
        ("the link", entry("2.0.0", configuration=Link(CONF)), body(configurationReference=Link(CONF)), True, True),
        ("another flag", entry("2.0.0", fails_deployment=True), body(), False, False),
        ("upgrades by itself", entry("2.0.0", automatic_upgrade=True), body(), False, False),
        ("another mark", entry("2.0.0", owner="other.1"), body(tags=mark_text()), True, True),
        ("the mark was not kept", entry("2.0.0"), body(tags=mark_text()), True, True),
        ("the author's keys", entry("2.0.0", tags='{"a":"1"}'), body(tags=mark_text(a="1")), True, True),
        ("other keys", entry("2.0.0", tags='{"a":"2"}'), body(tags=mark_text(a="1")), False, False),
        ("a text that is no number", entry("2.0.0", tags='{"a":NaN}'), body(tags='{"a":NaN}'), True, True),
    ],
)
def test_whether_an_entry_is_as_a_change_says(
    row: str, live: Entry | None, said: Body | None, before: bool, after: bool
) -> None:
    assert looks_like(live, said, exactly=True) is before
    assert looks_like(live, said, exactly=False) is after


def test_foreign_entries_are_composed_as_their_bytes_in_their_places() -> None:
    ours, first, last = entry("1.0.0"), entry(application="agent"), entry(application="Monitor")
    one = machine(first, ours, last)
    assert composed(one, [change(ours, body())]) == (first.raw, body(), last.raw)
    assert composed(one, [change(ours, None)]) == (first.raw, last.raw)
    assert composed(machine(first), [change(None, body())]) == (first.raw, body())


def test_entries_that_cannot_be_read_are_composed_too() -> None:
    raw = b'{"packageReferenceId" : 5, "x": [1.0]}'
    assert composed(read(raw), [change(None, body())]) == (raw, body())


def test_a_foreign_link_without_its_query_is_left_out() -> None:
    """Azure keeps what a write leaves out; the stripped link would be stored without its signature."""
    name = str(reference(application="agent").id)
    raw = json.dumps({"packageReferenceId": name, "configurationReference": CONF, "order": 1}).encode()
    signed = raw.replace(b"app.conf", b"app.conf?sig=1")
    assert composed(read(raw), []) == ({"packageReferenceId": name, "order": 1},)
    assert composed(read(signed), []) == (signed,)


def test_the_fingerprint_of_the_others_leaves_out_what_is_edited() -> None:
    ours, other = entry("1.0.0"), entry(application="agent")
    edit = [change(ours, body())]
    same = others_digest(machine(ours, other), edit)
    assert others_digest(machine(other, entry("1.5.0")), edit) == same
    assert others_digest(machine(ours, other, location="West Europe"), edit) == same
    assert others_digest(machine(ours, other, os_type="linux"), edit) == same
    assert others_digest(machine(ours, other, etag='"9"', tags={"a": "b"}), edit) == same


@pytest.mark.parametrize(
    "changed",
    [
        machine(entry("1.0.0")),
        machine(entry("1.0.0"), entry("2.0.0", "agent")),
        machine(entry("1.0.0"), entry(application="agent", order=0)),
        machine(entry("1.0.0"), entry(application="agent", tags="x")),
        machine(entry("1.0.0"), entry(application="agent", fails_deployment=True)),
        machine(entry("1.0.0"), entry(application="agent", automatic_upgrade=True)),
        machine(entry("1.0.0"), entry(application="agent", configuration=Link(CONF))),
        machine(entry("1.0.0"), entry(application="agent"), entry(application="new")),
        machine(entry("1.0.0"), entry(application="agent"), location="eastus"),
        machine(entry("1.0.0"), entry(application="agent"), os_type="Windows"),
    ],
)
def test_the_fingerprint_of_the_others_covers_everything_else(changed: Machine) -> None:
    plain = machine(entry("1.0.0"), entry(application="agent"))
    edit = [change(entry("1.0.0"), body())]
    assert others_digest(changed, edit) != others_digest(plain, edit)


def test_a_change_tells_which_entry_it_is_about() -> None:
    ours = entry("1.0.0")
    assert key_of(change(ours, None)) == key_of(change(None, body())) == ours.reference.key  # type: ignore[union-attr]
    assert key_of(Change(("x",), None, None)) is None
    assert key_of(Change(("x",), None, {"packageReferenceId": "no id"})) is None
    assert find(machine(ours), key_of(change(ours, None))) is ours
    assert find(machine(ours), ("other", "nginx")) is None


def test_a_change_of_an_entry_is_addressed_by_gallery_and_application() -> None:
    assert path_of(reference()) == ("applications", "platform/nginx")
