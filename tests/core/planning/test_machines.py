"""One machine's claims against its entries: whose they are, what is written, what the guest will do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samples import (
    HERE,
    OWNER,
    address,
    asked,
    entry,
    gallery_id,
    machine,
    machine_hash,
    mark_text,
    reference,
    version_body,
    wanted,
)
from vmapps.core.action import Assign, Change
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fleet import Claim, Placement
from vmapps.core.guest_effects import LAST_ENTRY
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.machines import Decided, decide
from vmapps.core.resource import Entry, Link, Machine

CONF = Link("https://conf.blob.core.windows.net/c/app.conf")
VERSIONS = {reference(one).id.key: address("platform", "nginx", one) for one in ("1.0.0", "2.0.0")}
ELSEWHERE_THERE = {reference(application="agent").id.key: "there"}
OWNED = frozenset({(gallery_id().key, "nginx")})


def claim(version: str = "2.0.0", **more: Any) -> Claim:
    one = wanted(version, **more)
    return Claim(one, version, (Address("VMAssignment", ("web",)),), (HERE,), one.order)


def decided(one: Machine, *claims: Claim, ours: bool = True, update: bool = True, **options: Any) -> list[Finding]:
    """What is found on one machine, its problems by their codes at the end."""
    return list(looked_at(one, Placement(claims), ours=ours, update=update, **options).findings)


def looked_at(
    one: Machine, placement: Placement, *, ours: bool = True, update: bool = True, more: Any = None, **options: Any
) -> Decided:
    body = version_body(manageActions={"update": "sh update.sh"} if update else {})
    names = [(version, body) for version in ("1.0.0", "2.0.0")]
    known = Catalogue(
        OWNED if ours else frozenset(),
        {address("platform", "nginx", version): body for version, _ in names},
        VERSIONS,
        {reference().key: tuple(names)},
        references=ELSEWHERE_THERE,
        **(more or {}),
    )
    return decide(one, placement, known, asked(**options))


def codes(findings: list[Finding]) -> list[str]:
    return [one.code if isinstance(one, Note | Diagnostic) else "assign" for one in findings]


def the_change(findings: list[Finding]) -> Change:
    (draft,) = (one for one in findings if isinstance(one, Draft))
    assert isinstance(draft.action, Assign)
    (change,) = draft.action.changes
    return change


UPPER_HOST = entry("2.0.0", configuration=Link(CONF.url.replace("conf.blob", "CONF.blob")))
OTHERS = entry("2.0.0", owner="other.1")


@pytest.mark.parametrize(
    ("row", "live", "ours", "options", "found"),
    [
        ("absent", None, True, {}, ["assign"]),
        ("ours by mark, equal", entry("2.0.0", owner=OWNER), False, {}, ["unchanged"]),
        ("ours by mark, differs", entry("1.0.0", owner=OWNER), False, {}, ["assign"]),
        ("ours by a former name", entry("1.0.0", owner="old"), False, {}, ["assign"]),
        ("ours by application, unmarked, equal", entry("2.0.0"), True, {}, ["unchanged"]),
        ("ours by application, unmarked, differs", entry("1.0.0"), True, {}, ["assign"]),
        ("a copy, equal", entry("2.0.0", owner=OWNER, on="template"), False, {}, ["not-adopted"]),
        ("a copy, application ours", entry("1.0.0", owner=OWNER, on="template"), True, {}, ["assign"]),
        ("nobody's, equal", entry("2.0.0"), False, {}, ["not-adopted"]),
        ("nobody's, differs", entry("1.0.0"), False, {}, ["not-adopted"]),
        ("nobody's, adopted", entry("1.0.0"), False, {"adopt": True}, ["assign"]),
        ("nobody's, adopted, equal", entry("2.0.0"), False, {"adopt": True}, ["unchanged"]),
        ("another owner's", OTHERS, True, {}, ["other-owner"]),
        ("another owner's, --adopt alone", OTHERS, True, {"adopt": True}, ["other-owner"]),
        ("another owner's, taken over", OTHERS, True, {"adopt": True, "adopt_from": "other.1"}, ["unchanged"]),
        ("left out by --exclude", entry("1.0.0"), True, {"excludes": ("VirtualMachine/*",)}, ["excluded"]),
    ],
)
def test_whose_a_claimed_entry_is(
    row: str, live: Entry | None, ours: bool, options: dict[str, Any], found: list[str]
) -> None:
    one = machine(*([live] if live else []))
    findings = decided(one, claim(), ours=ours, **options)
    assert codes(findings) == found
    is_error = row == "nobody's, differs" or found == ["other-owner"]
    assert isinstance(findings[0], Diagnostic) == is_error


@pytest.mark.parametrize(
    ("row", "live", "claimed", "because"),
    [
        ("version", entry("1.0.0"), claim(), "version 1.0.0 -> 2.0.0"),
        ("order", entry("2.0.0"), claim(order=0), "order none -> 0"),
        ("flag", entry("2.0.0"), claim(fails_deployment=True), "treatFailureAsDeploymentFailure false -> true"),
        ("flag off", entry("2.0.0", fails_deployment=True), claim(), "treatFailureAsDeploymentFailure true -> false"),
        ("upgrade", entry("2.0.0", automatic_upgrade=True), claim(), "enableAutomaticUpgrade true -> false"),
        ("link", entry("2.0.0"), claim(configuration=CONF), "configurationReference differs"),
        ("tags", entry("2.0.0", tags='{"a":"1"}'), claim(tags={"a": "2"}), "tags differ"),
        ("tags gone", entry("2.0.0", tags='{"a":"1"}'), claim(), "tags differ"),
    ],
)
def test_what_makes_a_write(row: str, live: Entry, claimed: Claim, because: str) -> None:
    (draft,) = decided(machine(live), claimed, metadata_now=True)
    assert isinstance(draft, Draft)
    assert draft.because == f"platform/nginx: {because}"
    acts = row in ("version", "upgrade")
    assert codes(decided(machine(live), claimed)) == (["assign"] if acts else ["metadata-waits"])


@pytest.mark.parametrize(
    ("row", "live", "claimed", "found"),
    [
        ("the mark alone", entry("2.0.0", owner="old"), claim(), ["unchanged"]),
        ("no tags were kept", entry("2.0.0"), claim(tags={"a": "1"}), ["unchanged"]),
        ("tags that are no map", entry("2.0.0", tags="hello"), claim(), ["unchanged"]),
        (
            "letters of the link's host",
            UPPER_HOST,
            claim(configuration=CONF),
            ["unchanged"],
        ),
        ("order cannot be cleared", entry("2.0.0", order=1), claim(), ["cannot-clear"]),
        ("a configuration cannot be cleared", entry("2.0.0", configuration=CONF), claim(), ["cannot-clear"]),
    ],
)
def test_what_makes_no_write(row: str, live: Entry, claimed: Claim, found: list[str]) -> None:
    assert codes(decided(machine(live), claimed)) == found


def test_a_new_entry_is_declared_whole() -> None:
    change = the_change(decided(machine(), claim(order=1, configuration=CONF, tags={"a": "1"}, fails_deployment=True)))
    assert change.before is None
    assert change.after == {
        "packageReferenceId": str(reference("2.0.0").id),
        "order": 1,
        "tags": mark_text(a="1"),
        "configurationReference": CONF,
        "treatFailureAsDeploymentFailure": True,
        "enableAutomaticUpgrade": False,
    }


def test_an_order_nobody_wants_is_left_out_of_the_next_version() -> None:
    after = the_change(decided(machine(entry("1.0.0", order=3)), claim())).after
    assert isinstance(after, dict)
    assert "order" not in after


@pytest.mark.parametrize(
    ("row", "live", "previous"),
    [
        ("a new entry", None, None),
        ("another version", entry("1.0.0"), "1.0.0"),
        ("the same version", entry("2.0.0", fails_deployment=True), None),
    ],
)
def test_the_mark_remembers_the_version_before(row: str, live: Entry | None, previous: str | None) -> None:
    after = the_change(decided(machine(*([live] if live else [])), claim(), metadata_now=True)).after
    assert isinstance(after, dict)
    marks = json.loads(str(after["tags"]))
    assert marks.get("previous") == previous
    assert (marks["vmapps-owner"], marks["vmapps-machine"]) == (OWNER, machine_hash())


def test_a_reference_keeps_the_machine_s_spelling() -> None:
    live = entry("1.0.0", "NGINX", owner=OWNER)
    after = the_change(decided(machine(live), claim())).after
    assert isinstance(after, dict)
    assert str(after["packageReferenceId"]).endswith("/applications/NGINX/versions/2.0.0")


@pytest.mark.parametrize(
    ("row", "live", "prune", "found"),
    [
        ("ours, without --prune", entry(owner=OWNER), False, ["kept"]),
        ("ours, with --prune", entry(owner=OWNER), True, ["assign"]),
        ("under a former name", entry(owner="old"), True, ["assign"]),
        ("a copy of another machine's", entry(owner=OWNER, on="template"), True, ["foreign"]),
        ("unmarked", entry(), True, ["foreign"]),
        ("another owner's", entry(owner="other.1"), True, ["foreign"]),
        ("unreadable", entry(reference=None, owner=OWNER), True, ["foreign"]),
    ],
)
def test_an_entry_that_nobody_claims(row: str, live: Entry, prune: bool, found: list[str]) -> None:
    assert codes(decided(machine(live), prune=prune)) == found


def test_a_scale_set_s_machine_is_never_looked_at_for_orphans() -> None:
    assert codes(decided(machine(entry(owner=OWNER), scale_set="a set"), prune=True)) == ["from-its-set"]
    assert codes(decided(machine(entry(), scale_set="a set"), prune=True)) == ["foreign"]


def test_a_removal_frees_its_version_and_says_what_runs() -> None:
    (draft,) = decided(machine(entry("1.0.0", owner=OWNER)), prune=True)
    assert isinstance(draft, Draft)
    assert draft.frees == (address("platform", "nginx", "1.0.0"),)
    assert draft.uses == ()
    assert draft.guest == ("nginx: remove 1.0.0 (runs its remove script)", LAST_ENTRY)


@pytest.mark.parametrize(("update", "words"), [(True, "(runs 2.0.0's update script)"), (False, "(no update script)")])
def test_one_write_holds_all_changes_and_says_what_each_does(update: bool, words: str) -> None:
    gone = entry("1.0.0", "agent", owner=OWNER)
    (draft,) = decided(machine(gone, entry("1.0.0", owner=OWNER)), claim(), prune=True, update=update)
    assert isinstance(draft, Draft)
    assert draft.uses == (address("platform", "nginx", "2.0.0"),)
    assert address("platform", "nginx", "1.0.0") in draft.frees
    assert draft.guest[0].endswith(words)
    assert draft.guest[1].startswith("agent: remove")
    assert draft.source == (HERE,)
