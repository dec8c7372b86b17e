"""Right before a write: what is there now against what the plan saw."""

from __future__ import annotations

import pytest

from samples import (
    OWNER,
    RULES,
    STORE,
    address,
    application_body,
    desired,
    entry,
    machine,
    observed,
    sha256,
    version_body,
)
from vmapps.core.action import Action, Assign, Change, Create, Delete, Update, Upload
from vmapps.core.address import Address
from vmapps.core.diff import digest_of
from vmapps.core.entries import on_wire, others_digest, path_of
from vmapps.core.fields import STATE, Rules
from vmapps.core.plan import Expectation, Step
from vmapps.core.resource import Entry, Link, Machine, Observed, Seen
from vmapps.core.settle import (
    ELSE,
    Busy,
    Moved,
    Put,
    PutEntries,
    Remove,
    Retag,
    Send,
    Settled,
    Verdict,
    fits,
    is_done,
    settle,
)

NOTHING = Expectation()
DESCRIPTION = ("properties", "description")
APPLICATION = RULES["GalleryApplication"]


def step(action: Action, *names: str, expects: Expectation = NOTHING) -> Step:
    one = desired(*names)
    return Step(f"{one.address}#1", one.address, one.id, action, "because", expects=expects)


def update(*changes: Change, kept: tuple = (), slots: tuple = ()) -> Step:
    live = observed("platform", "nginx", body=application_body(description="old"))
    digest = digest_of(kept, live.body, APPLICATION)
    return step(Update(changes), "platform", "nginx", expects=Expectation(kept, digest, slots))


def application(description: str = "old", **more: object) -> Observed:
    return observed("platform", "nginx", body=application_body(description=description), **more)


MEANWHILE = Moved("properties.description changed meanwhile")
THERE = Moved("it is there already, and not as the plan would leave it")
RENAME = Change(DESCRIPTION, "old", "new")
CREATE = step(Create((Change(DESCRIPTION, None, "new"), Change(("tags", "vmapps-owner"), None, OWNER))), "platform")
DELETE = step(Delete((Change(("tags", "vmapps-owner"), OWNER, None),)), "platform", "nginx")
UPLOAD = Step("p#1", Address("Package", ("abc",)), None, Upload("abc", 1, "x"), "because")


def gallery(description: str) -> Observed:
    return observed("platform", body={"properties": {"description": description}})


@pytest.mark.parametrize(
    ("row", "one", "fresh", "verdict"),
    [
        ("an upload is always sent", UPLOAD, None, Send("abc")),
        ("created by somebody else, alike", CREATE, gallery("new"), Settled()),
        ("created by somebody else, otherwise", CREATE, gallery("old"), THERE),
        ("still being created", CREATE, observed("platform", state="Creating"), Busy()),
        ("updated already", update(RENAME), application("new"), Settled()),
        ("gone", update(RENAME), None, Moved("it is gone")),
        (
            "changed to something else",
            update(RENAME),
            application("other"),
            Moved("properties.description changed meanwhile"),
        ),
        ("being deleted", update(RENAME), application(state="Deleting"), Busy()),
        ("deleted already", DELETE, None, Settled()),
        ("marked by another owner", DELETE, application(owner="other.1"), Moved("it does not carry our mark any more")),
        ("ours still", DELETE, application(), Remove(DELETE.resource)),  # type: ignore[arg-type]
    ],
)
def test_resources(row: str, one: Step, fresh: Seen | None, verdict: Verdict) -> None:
    assert settle(one, fresh, APPLICATION) == verdict


def test_a_create_sends_what_the_plan_says() -> None:
    written = settle(CREATE, None, Rules())
    assert isinstance(written, Put)
    assert written.body == {"properties": {"description": "new"}, "tags": {"vmapps-owner": OWNER}}


def test_an_update_sends_the_whole_live_resource_without_azure_s_own_fields() -> None:
    fresh = application()
    fresh.body["id"] = "/x"
    fresh.body["tags"] = {"Team": "web", "vmapps-owner": OWNER}
    written = settle(update(RENAME, Change(("tags", "team"), "web", "db")), fresh, APPLICATION)
    assert isinstance(written, Put)
    assert written.body == {
        "location": "westeurope",
        "properties": {"supportedOSType": "Linux", "description": "new"},
        "tags": {"team": "db", "vmapps-owner": OWNER},
    }


def test_an_update_notices_a_declared_field_that_it_leaves_alone() -> None:
    one = update(Change(("tags", "a"), None, "b"), kept=(DESCRIPTION,))
    assert isinstance(settle(one, application(), APPLICATION), Retag)
    assert settle(one, application("other"), APPLICATION) == Moved(
        "a field that the manifest declares changed meanwhile"
    )


def test_where_only_tags_change_only_tags_are_sent() -> None:
    """All of them: what is left out of a map of tags is gone."""
    fresh = application()
    fresh.body["tags"] = {"Team": "web", "vmapps-owner": "old"}
    one = update(Change(("tags", "vmapps-owner"), "old", OWNER), Change(("tags", "team"), "web", "db"))
    written = settle(one, fresh, APPLICATION)
    assert isinstance(written, Retag)
    assert (written.id, written.tags) == (one.resource, {"vmapps-owner": OWNER, "team": "db"})


def test_what_failed_is_written_whole_although_only_its_mark_changes() -> None:
    one = update(Change(("tags", "team"), None, "web"), Change(STATE, "Failed", "Succeeded"))
    assert isinstance(settle(one, application(state="Failed"), APPLICATION), Put)


def test_an_update_of_what_nobody_declares_is_not_noticed() -> None:
    fresh = application()
    fresh.body["properties"]["eula"] = "changed"  # type: ignore[index,call-overload]
    assert isinstance(settle(update(RENAME), fresh, APPLICATION), Put)


def test_links_that_stay_are_sent_again_as_slots() -> None:
    slot = STORE.link(sha256("nginx"))
    path = ("properties", "publishingProfile", "source", "mediaLink")
    live = observed("platform", "nginx", "1.0.0")
    change = Change(("properties", "publishingProfile", "excludeFromLatest"), None, True)
    one = step(Update((change,)), "platform", "nginx", "1.0.0", expects=Expectation(slots=((path, slot),)))
    written = settle(one, live, RULES["GalleryApplicationVersion"])
    assert isinstance(written, Put)
    assert written.body["properties"]["publishingProfile"]["source"]["mediaLink"] == slot  # type: ignore[index,call-overload]


def test_a_failed_resource_is_written_again_and_its_state_is_not_sent() -> None:
    one = step(Update((Change(STATE, "Failed", "Succeeded"),)), "platform")
    failed = observed("platform", state="Failed")
    written = settle(one, failed, Rules())
    assert isinstance(written, Put)
    assert STATE[-1] not in written.body["properties"]  # type: ignore[operator]
    assert not is_done(one, failed, Rules())
    assert is_done(one, observed("platform"), Rules())


def test_a_published_package_counts_whatever_its_url() -> None:
    """The content mark speaks for it; the store may have moved."""
    path = ("properties", "publishingProfile", "source", "mediaLink")
    one = step(Create((Change(path, None, Link("https://new/x", blob="abc")),)), "platform", "nginx", "1.0.0")
    rules = RULES["GalleryApplicationVersion"]
    assert is_done(one, observed("platform", "nginx", "1.0.0"), rules)
    elsewhere = step(Create((Change(path, None, Link("https://new/x")),)), "platform", "nginx", "1.0.0")
    assert not is_done(elsewhere, observed("platform", "nginx", "1.0.0"), rules)


OLD, NEW, OTHER = entry("1.0.0", owner=OWNER), entry("2.0.0", owner=OWNER), entry(application="agent")


def assign(before: Entry | None, after: Entry | None, *others: Entry) -> Step:
    reference = (after or before).reference  # type: ignore[union-attr]
    assert reference is not None
    change = Change(path_of(reference), on_wire(before) if before else None, on_wire(after) if after else None)
    saw = machine(*([before] if before else []), *others)
    expects = Expectation(digest=others_digest(saw, (change,)))
    return Step("m#1", saw.address, saw.id, Assign((change,)), "because", expects=expects)


EDITED = Moved("an application that this step changes was changed meanwhile")
STALE = Moved(ELSE)
LATEST = entry("latest", "agent")


@pytest.mark.parametrize(
    ("row", "one", "fresh", "verdict"),
    [
        ("the machine is gone", assign(OLD, NEW), None, Moved("the machine is gone")),
        ("it is there already", assign(OLD, NEW), machine(NEW), Settled()),
        ("removed already", assign(OLD, None), machine(), Settled()),
        ("moved to a third version", assign(OLD, NEW), machine(entry("3.0.0")), EDITED),
        ("removed meanwhile", assign(OLD, NEW), machine(), EDITED),
        ("a foreign latest came", assign(OLD, NEW), machine(OLD, LATEST), STALE),
        ("a foreign entry went, and none is left", assign(OLD, None, OTHER), machine(OLD), STALE),
        ("it moved to another region", assign(OLD, NEW), machine(OLD, location="eastus"), STALE),
    ],
)
def test_machines(row: str, one: Step, fresh: Machine | None, verdict: Verdict) -> None:
    assert settle(one, fresh, Rules()) == verdict


@pytest.mark.parametrize(
    ("one", "fresh"),
    [(assign(OLD, NEW), machine(OTHER, OLD, etag='"8"')), (assign(OLD, NEW, OTHER), machine(OLD, etag='"8"'))],
)
def test_a_foreign_entry_that_came_or_went_is_carried_along(one: Step, fresh: Machine) -> None:
    kept = tuple(entry.raw for entry in fresh.entries if entry is OTHER)
    assert settle(one, fresh, Rules()) == PutEntries(fresh.id, (*kept, on_wire(NEW)), '"8"')
    assert fits(one, fresh, Rules())


def test_a_machine_write_holds_the_whole_list_and_the_fresh_etag() -> None:
    one = assign(OLD, NEW, OTHER)
    written = settle(one, machine(OTHER, OLD, etag='"7"'), Rules())
    assert written == PutEntries(one.resource, (OTHER.raw, on_wire(NEW)), '"7"')  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "as_seen", "otherwise"),
    [
        (CREATE, None, gallery("old")),
        (update(RENAME), application(), application("other")),
        (update(RENAME), application(), None),
        (DELETE, application(), None),
        (assign(OLD, NEW), machine(OLD), machine(NEW)),
        (assign(OLD, NEW), machine(OLD), None),
    ],
)
def test_a_saved_step_fits_what_its_plan_saw(one: Step, as_seen: Seen | None, otherwise: Seen | None) -> None:
    assert fits(one, as_seen, APPLICATION)
    assert not fits(one, otherwise, APPLICATION)


@pytest.mark.parametrize(
    ("one", "done", "undone"),
    [
        (CREATE, gallery("new"), None),
        (CREATE, gallery("new"), gallery("old")),
        (update(RENAME), application("new"), application()),
        (DELETE, None, application()),
        (assign(OLD, NEW), machine(NEW), machine(OLD)),
        (assign(OLD, None), machine(), None),
    ],
)
def test_a_step_is_done_when_reading_shows_it(one: Step, done: Seen | None, undone: Seen | None) -> None:
    assert is_done(one, done, APPLICATION)
    assert not is_done(one, undone, APPLICATION)


def test_an_upload_fits_and_is_not_looked_at() -> None:
    assert fits(UPLOAD, None, Rules())
    assert is_done(UPLOAD, None, Rules())


def test_a_resource_step_needs_an_id() -> None:
    with pytest.raises(ValueError, match="nothing that has an id"):
        settle(Step("x#1", address("platform"), None, Create(()), "because"), None, Rules())


@pytest.mark.parametrize("kind", [Update, Assign])
def test_a_step_that_changes_nothing_is_none(kind: type) -> None:
    with pytest.raises(ValueError, match="changes nothing"):
        kind(())


def test_a_version_s_body_is_not_touched_by_settling() -> None:
    live = observed("platform", "nginx", "1.0.0", body=version_body())
    before = repr(live.body)
    settle(step(Update((Change(STATE, "Failed", "Succeeded"),)), "platform", "nginx", "1.0.0"), live, Rules())
    assert repr(live.body) == before
