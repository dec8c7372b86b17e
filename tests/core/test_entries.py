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


OURS, KEPT, THEIRS = entry("1.0.0"), entry(application="agent"), entry(application="scanner")
EDIT = [change(OURS, body())]
AGENT = path_of(reference(application="agent"))


def seen(*others: Entry, edit: list[Change] = EDIT, **more: object) -> str:
    """The fingerprint of a machine with our entry and others, of which the agent is ours."""
    return others_digest(machine(OURS, *others, **more), edit, kept=(AGENT,))


def test_the_fingerprint_leaves_out_what_is_edited_and_what_says_nothing() -> None:
    same = seen(KEPT)
    assert others_digest(machine(KEPT, entry("1.5.0")), EDIT, kept=(AGENT,)) == same
    assert others_digest(machine(OURS, KEPT), EDIT, kept=(("applications", "PLATFORM/Agent"),)) == same
    assert seen(KEPT, location="West Europe") == same
    assert seen(KEPT, os_type="linux") == same
    assert seen(KEPT, etag='"9"', tags={"a": "b"}) == same


@pytest.mark.parametrize(
    "changed",
    [
        seen(),
        seen(entry("2.0.0", "agent")),
        seen(entry(application="agent", order=0)),
        seen(entry(application="agent", tags="x")),
        seen(entry(application="agent", fails_deployment=True)),
        seen(entry(application="agent", automatic_upgrade=True)),
        seen(entry(application="agent", configuration=Link(CONF))),
        seen(KEPT, location="eastus"),
        seen(KEPT, os_type="Windows"),
        seen(KEPT, upgrade_mode="Automatic"),
    ],
)
def test_the_fingerprint_covers_the_place_and_our_own_entries(changed: str) -> None:
    assert changed != seen(KEPT)


def elsewhere(version: str, application: str) -> Entry:
    """An entry from another gallery."""
    return entry(reference=reference(version, application, "theirs"))


@pytest.mark.parametrize(
    ("row", "others"),
    [
        ("one came", (KEPT, THEIRS, entry(application="new"))),
        ("one went", (KEPT,)),
        ("another version", (KEPT, entry("2.0.0", "scanner"))),
        ("another order", (KEPT, entry(application="scanner", order=1))),
        ("another place in the list", (THEIRS, KEPT)),
        ("what nobody can read", (KEPT, THEIRS, entry(reference=None))),
    ],
)
def test_what_others_do_on_the_same_machine_is_their_business(row: str, others: tuple[Entry, ...]) -> None:
    assert seen(*others) == seen(KEPT, THEIRS)


LEAVING = [change(OURS, None)]


@pytest.mark.parametrize(
    ("row", "before", "after", "edit"),
    [
        ("a latest came, which a write may move", (KEPT,), (KEPT, entry("latest", "scanner")), EDIT),
        ("a latest went", (KEPT, entry("Latest", "scanner")), (KEPT,), EDIT),
        ("one of our name came from another gallery", (KEPT,), (KEPT, elsewhere("1.0.0", "NGINX")), EDIT),
        ("nothing stays any more", (THEIRS,), (), LEAVING),
        ("it is not the last one any more", (), (THEIRS,), LEAVING),
    ],
)
def test_what_others_do_counts_where_it_changes_what_our_write_sets_off(
    row: str, before: tuple[Entry, ...], after: tuple[Entry, ...], edit: list[Change]
) -> None:
    def of(*others: Entry) -> str:
        return others_digest(machine(OURS, *others), edit)

    assert of(*before) != of(*after)


def test_what_an_earlier_step_edits_says_nothing() -> None:
    latest = entry("latest", "agent")
    assert others_digest(machine(OURS, latest), EDIT, (AGENT,)) == others_digest(machine(OURS), EDIT, (AGENT,))


def test_a_change_tells_which_entry_it_is_about() -> None:
    ours = entry("1.0.0")
    assert key_of(change(ours, None)) == key_of(change(None, body())) == ours.reference.key  # type: ignore[union-attr]
    assert key_of(Change(("x",), None, None)) is None
    assert key_of(Change(("x",), None, {"packageReferenceId": "no id"})) is None
    assert find(machine(ours), key_of(change(ours, None))) is ours
    assert find(machine(ours), ("other", "nginx")) is None


def test_a_change_of_an_entry_is_addressed_by_gallery_and_application() -> None:
    assert path_of(reference()) == ("applications", "platform/nginx")
