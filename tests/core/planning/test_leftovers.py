"""Entries that no assignment claims: kept, removed, left alone, or without a place on an exclusive list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.planning.machine_samples import COMPANY, KNOWN, codes
from samples import OWNER, asked, entry, gallery_id, machine, machine_address, reference
from vmapps.core.fleet import Placement
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Note
from vmapps.core.planning.leftovers import decide, is_ours
from vmapps.core.planning.verdicts import Verdict
from vmapps.core.resource import Entry

EXCLUSIVE = Placement(exclusive=True)
OURS, THEIRS = entry("1.0.0", "old", owner=OWNER), entry("1.0.0", "agent")
AGENT_ID = str(reference("1.0.0", "agent").id)


def decided(
    one: Entry, placement: Placement = EXCLUSIVE, *, prune: bool = True, says: InGuest | None = None, **more: Any
) -> Verdict:
    there = machine(one, COMPANY, **more)
    known = replace(KNOWN, reports={machine_address(): GuestReport((says,))}) if says else KNOWN
    return decide(there, one, placement, known, asked(prune=prune))


def removed(verdict: Verdict) -> bool:
    return verdict.change is not None and verdict.change.after is None


@pytest.mark.parametrize(
    ("row", "one", "exclusive", "prune", "found"),
    [
        ("ours", OURS, False, True, "removed"),
        ("ours, without --prune", OURS, False, False, "kept"),
        ("ours, on an exclusive list", OURS, True, True, "removed"),
        ("ours, on an exclusive list without --prune", OURS, True, False, "kept"),
        ("somebody's", THEIRS, False, True, "foreign"),
        ("somebody's, on an exclusive list", THEIRS, True, True, "removed"),
        ("somebody's, on an exclusive list without --prune", THEIRS, True, False, "unexpected"),
        ("another owner's, on an exclusive list", entry(owner="other.1"), True, True, "removed"),
        ("a copied mark, on an exclusive list", entry(owner=OWNER, on="template"), True, True, "removed"),
        ("what cannot be read, on an exclusive list", entry(reference=None), True, True, "foreign"),
    ],
)
def test_who_has_a_place(row: str, one: Entry, exclusive: bool, prune: bool, found: str) -> None:
    verdict = decided(one, Placement(exclusive=exclusive), prune=prune)
    assert removed(verdict) == (found == "removed")
    assert codes(verdict) == ([] if found == "removed" else [found])


def test_a_removal_says_which_rule_made_it() -> None:
    assert decided(OURS).because == "platform/old: it carries our mark and is no longer assigned"
    assert decided(THEIRS).because == "platform/agent: it is not ours, and the list is exclusively ours"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (None, "agent: remove 1.0.0 (runs its remove script)"),
        (InGuest("agent", "1.0.0", State.SKIPPED), "agent: forget 1.0.0: the remove script will not run"),
        (InGuest("agent", "0.9.0", State.INSTALLED), "agent: remove 0.9.0 (runs its remove script)"),
    ],
)
def test_a_removal_says_what_runs(says: InGuest | None, words: str) -> None:
    assert decided(THEIRS, says=says).guest.startswith(words)


def test_the_removal_of_latest_says_what_that_means() -> None:
    assert decided(entry("latest", "agent")).guest == "agent: remove 2.0.0 (runs its remove script)"


@pytest.mark.parametrize(
    ("row", "globs", "ignored"),
    [
        ("by gallery and application", ("platform/agent",), True),
        ("in other letters", ("PLATFORM/Agent",), True),
        ("any gallery", ("*/agent",), True),
        ("any application of a gallery", ("platform/*",), True),
        ("by the version's ARM id", (AGENT_ID,), True),
        ("by a part of the ARM id", ("*/galleries/platform/applications/agent/*",), True),
        ("one of several globs", ("nothing", "*/agent"), True),
        ("another application", ("platform/nginx",), False),
        ("a part is not the whole", ("agent",), False),
        ("another gallery", ("tools/*",), False),
        ("no globs", (), False),
    ],
)
def test_what_is_ignored_is_nobody_s_business_here(row: str, globs: tuple[str, ...], ignored: bool) -> None:
    for prune in (True, False):
        verdict = decided(THEIRS, replace(EXCLUSIVE, ignore=globs), prune=prune)
        assert (verdict == Verdict()) is ignored


@pytest.mark.parametrize(("glob", "ignored"), [("*nothing*", True), ("NOTHING", True), ("platform/*", False)])
def test_what_cannot_be_read_is_ignored_by_its_spelling(glob: str, ignored: bool) -> None:
    verdict = decided(entry(reference=None), Placement(ignore=(glob,)))
    assert codes(verdict) == ([] if ignored else ["foreign"])


def test_an_instance_of_a_scale_set_is_its_model_s_business() -> None:
    there = replace(machine(OURS), scale_set="/subscriptions/s/virtualMachineScaleSets/web")
    (note,) = decide(there, OURS, Placement(), KNOWN, asked(prune=True)).findings
    assert isinstance(note, Note)
    assert note.text == "platform/old 1.0.0: an instance gets what the model of its scale set says"


def test_what_is_ignored_is_not_ours_to_leave_when_it_is_ours() -> None:
    """Ignoring is about others' entries; what carries our mark is pruned as everywhere."""
    assert removed(decided(OURS, replace(EXCLUSIVE, ignore=("*",))))


INJECTED = entry("latest", "agent", order=1, fails_deployment=True)


@pytest.mark.parametrize(
    ("row", "one", "words"),
    [
        ("nothing is known", THEIRS, "platform/agent 1.0.0 is not ours: left as it is"),
        (
            "another owner",
            entry("1.0.0", "agent", owner="other.1"),
            "platform/agent 1.0.0 is not ours: left as it is (it belongs to 'other.1')",
        ),
        (
            "a copied mark",
            entry("1.0.0", "agent", owner=OWNER, on="template"),
            "platform/agent 1.0.0 is not ours: left as it is (its mark is a copy of another machine's)",
        ),
        (
            "another owner's copied mark",
            entry("1.0.0", "agent", owner="other.1", on="template"),
            "platform/agent 1.0.0 is not ours: left as it is (its mark is a copy of another machine's)",
        ),
        (
            "Azure upgrades it",
            entry("1.0.0", "agent", automatic_upgrade=True),
            "platform/agent 1.0.0 is not ours: left as it is (Azure moves it to new versions by itself)",
        ),
        (
            "Azure Policy's",
            INJECTED,
            "platform/agent latest is not ours: left as it is (it looks like what Azure Policy adds)",
        ),
        (
            "not Policy's order",
            replace(INJECTED, order=2),
            "platform/agent latest is not ours: left as it is",
        ),
        (
            "not Policy's flag",
            replace(INJECTED, fails_deployment=False),
            "platform/agent latest is not ours: left as it is",
        ),
        (
            "somebody wrote tags: no policy",
            replace(INJECTED, tags='{"team":"web"}'),
            "platform/agent latest is not ours: left as it is",
        ),
        (
            "an exact version: no policy",
            entry("1.0.0", "agent", order=1, fails_deployment=True),
            "platform/agent 1.0.0 is not ours: left as it is",
        ),
        (
            "no reference at all",
            entry(reference=None),
            "an entry that cannot be read (nothing) is not ours: left as it is",
        ),
    ],
)
def test_whose_a_foreign_entry_is_as_far_as_that_can_be_told(row: str, one: Entry, words: str) -> None:
    (note,) = decided(one, Placement()).findings
    assert isinstance(note, Note)
    assert note.text == words


@pytest.mark.parametrize(
    ("row", "one", "more", "ours"),
    [
        ("our mark for this machine", entry(owner=OWNER), {}, True),
        ("a former name's", entry(owner="old"), {}, True),
        ("no mark", entry(), {}, False),
        ("another owner's", entry(owner="other.1"), {}, False),
        ("another machine's", entry(owner=OWNER, on="template"), {}, False),
        ("on a machine of a scale set", entry(owner=OWNER), {"scale_set": "a set"}, False),
    ],
)
def test_only_our_mark_for_this_very_machine_makes_an_entry_ours(
    row: str, one: Entry, more: dict[str, Any], ours: bool
) -> None:
    assert is_ours(machine(one, **more), one, asked()) is ours
    if not ours:
        assert decided(one, Placement(), **more).change is None


def test_a_namesake_from_another_gallery_is_judged_by_its_own_name() -> None:
    one = entry(reference=replace(reference("1.0.0", "agent"), gallery=gallery_id("Tools")))
    assert removed(decided(one, replace(EXCLUSIVE, ignore=("platform/*",))))
