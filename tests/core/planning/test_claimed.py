"""One claim against the machine's entry of that application: absence, reinstalls, what the guest says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.planning.machine_samples import ABSENT, COMPANY, FOLLOW, KNOWN, MARKED, STRANGE, claim, codes, decided
from samples import OWNER, asked, entry, machine
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fleet import Claim
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.claimed import anew, no_reinstall, trouble
from vmapps.core.planning.verdicts import Verdict
from vmapps.core.resource import Entry


@pytest.mark.parametrize(
    ("row", "live", "known", "options", "found"),
    [
        ("not there", None, KNOWN, {}, "nothing"),
        ("ours by its mark", entry("1.0.0", owner=OWNER), STRANGE, {}, "removed"),
        ("ours by a former name", entry("1.0.0", owner="old"), STRANGE, {}, "removed"),
        ("ours by its application", entry("1.0.0"), KNOWN, {}, "removed"),
        ("a copied mark, its application ours", entry("1.0.0", owner=OWNER, on="template"), KNOWN, {}, "removed"),
        ("a copied mark", entry("1.0.0", owner=OWNER, on="template"), STRANGE, {}, "not-adopted"),
        ("nobody's", entry("1.0.0"), STRANGE, {}, "not-adopted"),
        ("nobody's, adopted", entry("1.0.0"), STRANGE, {"adopt": True}, "removed"),
        ("another owner's", entry("1.0.0", owner="other.1"), KNOWN, {}, "other-owner"),
        ("another owner's, --adopt alone", entry("1.0.0", owner="other.1"), KNOWN, {"adopt": True}, "other-owner"),
        (
            "another owner's, taken over",
            entry("1.0.0", owner="other.1"),
            KNOWN,
            {"adopt": True, "adopt_from": "other.1"},
            "removed",
        ),
    ],
)
def test_the_reviewable_removal_needs_no_prune_but_what_goes_must_be_ours(
    row: str, live: Entry | None, known: Catalogue, options: dict[str, Any], found: str
) -> None:
    verdict = decided(live, ABSENT, known=known, **options)
    if found == "nothing":
        assert verdict == Verdict()
    elif found == "removed":
        assert verdict.change is not None
        assert verdict.change.after is None
        assert verdict.because == "platform/nginx: it is declared absent"
        assert verdict.findings == ()
    else:
        (problem,) = verdict.findings
        assert isinstance(problem, Diagnostic)
        assert problem.code == found
        assert verdict.change is None


def test_a_refused_removal_says_what_should_have_been() -> None:
    (problem,) = decided(entry("1.0.0"), ABSENT, known=STRANGE).findings
    assert isinstance(problem, Diagnostic)
    assert problem.summary == (
        "platform/nginx on VirtualMachine/rg-web/web-01 is not ours and differs from its assignment "
        "(it should be absent)"
    )


@pytest.mark.parametrize(
    ("row", "says", "guest"),
    [
        ("not asked", None, "nginx: remove 1.0.0 (runs its remove script)"),
        (
            "skipped before",
            InGuest("nginx", "1.0.0", State.SKIPPED),
            "nginx: forget 1.0.0: the remove script will not run (it was skipped before); an older one, if any, stays",
        ),
        (
            "failed before",
            InGuest("NGINX", "1.0.0", State.FAILED),
            "nginx: remove 1.0.0 (runs its remove script); 1.0.0 failed before",
        ),
    ],
)
def test_a_removal_says_whether_its_script_runs(row: str, says: InGuest | None, guest: str) -> None:
    assert decided(entry("1.0.0"), ABSENT, says=says).guest == guest


def test_what_no_write_clears_is_said_and_waits_for_the_next_version() -> None:
    verdict = decided(MARKED, claim())
    assert codes(verdict) == ["cannot-clear", "cannot-clear"]
    texts = [one.text for one in verdict.findings if isinstance(one, Note)]
    assert texts == [
        "platform/nginx 2.0.0 keeps order 1 until its next version",
        "platform/nginx 2.0.0 keeps its configurationReference until its next version",
    ]
    assert verdict.change is None


def test_with_consent_an_application_is_removed_and_installed_again() -> None:
    verdict = decided(MARKED, claim(), allow_reinstall=True)
    assert verdict.because == ("platform/nginx: a write alone cannot clear order 1 and its configurationReference")
    assert verdict.change is not None
    assert verdict.again is not None
    assert verdict.change.after is None
    assert verdict.again.before is None
    assert isinstance(verdict.again.after, dict)
    assert {"order", "configurationReference"}.isdisjoint(verdict.again.after)
    assert (verdict.guest, verdict.again_guest) == (
        "nginx: remove 2.0.0 (runs its remove script)",
        "nginx: install 2.0.0 again",
    )


def test_consent_changes_nothing_where_a_write_is_enough() -> None:
    verdict = decided(entry("1.0.0", order=1), claim(), allow_reinstall=True)
    assert verdict.again is None
    assert verdict.change is not None


@pytest.mark.parametrize(
    ("row", "more", "why"),
    [
        ("a scale set", {"upgrade_mode": "Manual"}, "a scale set's instances would be upgraded twice"),
        (
            "the only application",
            {"alone": True},
            "it is the machine's only application, and Azure deletes the extension with the last one",
        ),
    ],
)
def test_a_reinstall_that_is_refused_says_why(row: str, more: dict[str, Any], why: str) -> None:
    verdict = decided(entry("2.0.0", order=1), claim(), allow_reinstall=True, **more)
    (note,) = verdict.findings
    assert isinstance(note, Note)
    assert note.text.endswith(f"until its next version ({why})")
    assert verdict.change is None


def test_what_is_not_ours_is_not_reinstalled() -> None:
    verdict = decided(entry("2.0.0", order=1), claim(), known=STRANGE, allow_reinstall=True)
    assert codes(verdict) == ["not-adopted", "cannot-clear"]
    assert verdict.change is None


def test_where_a_reinstall_is_possible() -> None:
    live = entry()
    assert no_reinstall(machine(live, COMPANY), live) == ""
    assert no_reinstall(machine(live), live) != ""


@pytest.mark.parametrize(
    ("row", "says", "one", "noted"),
    [
        ("failed", InGuest("nginx", "2.0.0", State.FAILED, "exit 1"), claim(), True),
        ("skipped", InGuest("NGINX", "2.0.0", State.SKIPPED, "lower order failed"), claim(), True),
        ("installed", InGuest("nginx", "2.0.0", State.INSTALLED), claim(), False),
        ("half done", InGuest("nginx", "2.0.0", State.UNKNOWN), claim(), False),
        ("at another version: it is pending", InGuest("nginx", "1.0.0", State.FAILED), claim(), False),
        ("an update that failed", InGuest("nginx", "1.0.0", State.FAILED, "Update FAILED exit 1"), claim(), False),
        ("another application", InGuest("agent", "2.0.0", State.FAILED), claim(), False),
        ("not asked", None, claim(), False),
        ("what latest means", InGuest("nginx", "2.0.0", State.FAILED, "exit 1"), FOLLOW, True),
        ("not what latest means", InGuest("nginx", "1.0.0", State.FAILED), FOLLOW, False),
    ],
)
def test_trouble_at_the_declared_version_is_a_note_and_never_a_step(
    row: str, says: InGuest | None, one: Claim, noted: bool
) -> None:
    verdict = decided(entry(one.version), one, says=says)
    assert codes(verdict) == (["guest-failed"] if noted else [])
    assert verdict.change is None
    there = machine(entry(one.version))
    known = replace(KNOWN, reports={there.address: GuestReport((says,) if says else ())})
    assert (trouble(there, one, known) is not None) is noted


def test_the_note_of_trouble_says_what_the_guest_said_and_the_way_out() -> None:
    says = InGuest("nginx", "2.0.0", State.FAILED, "Install FAILED exit 3")
    (note,) = decided(entry("2.0.0"), claim(), says=says).findings
    assert isinstance(note, Note)
    assert note.text.startswith("platform/nginx 2.0.0 failed in the guest (Install FAILED exit 3); ")
    assert "again" in note.text


@pytest.mark.parametrize(
    ("row", "says", "one"),
    [
        (
            "the older one would not go",
            InGuest("nginx", "1.0.0", State.FAILED, "RemoveForUpdate FAILED exit 1"),
            claim(),
        ),
        ("the pair was skipped", InGuest("nginx", "1.0.0", State.SKIPPED, "skipped, lower order"), claim()),
        ("before what latest means", InGuest("nginx", "1.0.0", State.SKIPPED, "skipped, lower order"), FOLLOW),
    ],
)
def test_an_older_version_that_did_not_go_is_said_and_not_retried(row: str, says: InGuest, one: Claim) -> None:
    """The guest plans these anew at every run; off the list, what was skipped would be forgotten [3.1]."""
    (note,) = decided(entry(one.version), one, says=says).findings
    assert isinstance(note, Note)
    assert note.code == "guest-failed"
    assert note.text == (
        f"platform/nginx 2.0.0 is not in the guest, which has 1.0.0 ({says.message}); "
        "the guest tries again with the next write of the machine"
    )
    there = machine(entry(one.version))
    assert trouble(there, one, replace(KNOWN, reports={there.address: GuestReport((says,))})) is None


def test_nothing_is_said_of_an_older_version_where_latest_is_not_known() -> None:
    says = InGuest("nginx", "1.0.0", State.SKIPPED, "skipped, lower order")
    assert codes(decided(entry("latest"), replace(FOLLOW, now=""), says=says)) == []


def test_trouble_is_said_beside_what_is_not_adopted() -> None:
    says = InGuest("nginx", "2.0.0", State.FAILED, "exit 3")
    assert codes(decided(entry("2.0.0"), claim(), known=STRANGE, says=says)) == ["not-adopted", "guest-failed"]


def test_anew_keeps_the_machine_s_spelling_and_what_is_remembered() -> None:
    live = entry("2.0.0", "NGINX", owner=OWNER)
    there = machine(live, COMPANY)
    verdict = anew(there, claim(), live, KNOWN, asked(), "why")
    assert verdict.again is not None
    assert isinstance(verdict.again.after, dict)
    assert str(verdict.again.after["packageReferenceId"]).endswith("/applications/NGINX/versions/2.0.0")
    assert verdict.because == "why"
