"""What else is decided about a machine: what blocks it, what has to be asked first, what waits, what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.planning.machine_samples import COMPANY, KNOWN, claim, old
from samples import OWNER, asked, entry, gallery_id, machine, machine_address, reference
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fleet import Claim, Placement
from vmapps.core.guest import GuestReport
from vmapps.core.ordering import Disorder
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft, Question, Topic
from vmapps.core.planning.fitness import folded
from vmapps.core.planning.machines import Decided, decide
from vmapps.core.resource import Entry, Instance, Instances, Machine, Reference

THEIRS = Reference(gallery_id("Theirs"), "agent", "1.0.0")
FAR = entry(reference=THEIRS)


def decided(one: Machine, *claims: Claim, known: dict[str, str] | None = None, **more: Any) -> Decided:
    placement = Placement(claims, **more.pop("placement", {}))
    catalogue = replace(KNOWN, references=known or {}, **more.pop("catalogue", {}))
    return decide(one, placement, catalogue, asked(**more))


def kinds(found: Decided) -> list[str]:
    several = (one.code if isinstance(one, Note | Diagnostic) else type(one).__name__ for one in found.findings)
    return [*several, *(one.code for one in found.misfits)]


@pytest.mark.parametrize(
    ("row", "known", "found"),
    [
        ("nobody knows yet: it is asked, and meanwhile planned", {}, ["foreign", "Question", "Draft"]),
        ("it is there", {THEIRS.id.key: "there"}, ["foreign", "Draft"]),
        ("it is missing", {THEIRS.id.key: "missing"}, ["foreign", "blocked", "machine-blocked"]),
        ("we may not read it", {THEIRS.id.key: "unreadable"}, ["foreign", "blocked", "machine-blocked"]),
    ],
)
def test_one_entry_that_azure_cannot_read_blocks_every_write(row: str, known: dict[str, str], found: list[str]) -> None:
    assert kinds(decided(machine(old("nginx"), FAR), claim(), known=known)) == found


@pytest.mark.parametrize(
    ("answer", "about", "hint"),
    [
        ("missing", "which does not exist: Azure refuses to write", "have that entry removed"),
        ("unreadable", "which may not be read by us: Azure refuses to write", "grant Reader on its gallery"),
    ],
)
def test_what_blocks_is_a_warning_with_a_way_out(answer: str, about: str, hint: str) -> None:
    found = decided(machine(old("nginx"), FAR), claim(), known={THEIRS.id.key: answer})
    (problem,) = folded(found.misfits)
    assert not problem.is_error
    assert problem.summary.startswith("an entry that is not touched refers to Theirs/agent 1.0.0, ")
    assert about in problem.summary
    assert problem.hint.startswith(hint)


@pytest.mark.parametrize(
    ("row", "entries", "claims"),
    [
        ("nothing is written", (old("nginx", None, "2.0.0"), FAR), (claim(),)),
        ("what stays is a listed version", (old("nginx"), COMPANY), (claim(),)),
        ("what cannot be parsed is not judged", (old("nginx"), entry(reference=None)), (claim(),)),
    ],
)
def test_nothing_is_asked_about_references(row: str, entries: tuple[Entry, ...], claims: tuple[Claim, ...]) -> None:
    assert "Question" not in kinds(decided(machine(*entries), *claims))


def test_what_goes_does_not_block() -> None:
    gone = entry(reference=THEIRS, owner=OWNER)
    assert kinds(decided(machine(old("nginx"), gone), claim(), prune=True)) == ["Draft"]


@pytest.mark.parametrize("spelling", ["latest", "Latest"])
def test_of_latest_the_application_is_asked_for(spelling: str) -> None:
    """A version of that name is never there."""
    moving = entry(reference=replace(THEIRS, version=spelling))
    found = decided(machine(old("nginx"), moving), claim())
    (question,) = (one for one in found.findings if isinstance(one, Question))
    assert question == Question(Topic.REFERENCE, machine_address(), THEIRS.id.parent)
    blocked = decided(machine(old("nginx"), moving), claim(), known={THEIRS.id.parent.key: "unreadable"})
    assert [one.code for one in blocked.misfits] == ["machine-blocked"]


def test_a_missing_version_of_a_gallery_that_was_listed_is_asked_for_too() -> None:
    found = decided(machine(old("nginx"), entry("7.0.0", "agent")), claim())
    (question,) = (one for one in found.findings if isinstance(one, Question))
    assert question.id == reference("7.0.0", "agent").id


@pytest.mark.parametrize(
    ("row", "state", "guest", "more", "asks"),
    [
        ("auto: the model says that something failed", "Failed", "auto", {}, True),
        ("auto: all is well", "Succeeded", "auto", {}, False),
        ("auto: nothing is said", "", "auto", {}, False),
        ("all", "Succeeded", "all", {}, True),
        ("none", "Failed", "none", {}, False),
        ("a scale set has no guest of its own", "Failed", "all", {"upgrade_mode": "Manual"}, False),
    ],
)
def test_which_guests_are_asked(row: str, state: str, guest: str, more: dict[str, Any], asks: bool) -> None:
    one = machine(old("nginx", None, "2.0.0"), state=state, **more)
    questions = [found for found in decided(one, claim(), guest=guest).findings if isinstance(found, Question)]
    assert questions == ([Question(Topic.REPORT, one.address, one.id)] if asks else [])


def test_a_guest_that_answered_is_not_asked_again_and_one_without_claims_never() -> None:
    one = machine(old("nginx", None, "2.0.0"), state="Failed")
    answered = {"reports": {one.address: GuestReport()}}
    assert "Question" not in kinds(decided(one, claim(), catalogue=answered, guest="all"))
    assert "Question" not in kinds(decided(one, guest="all"))


AT_2, WAITS = old("nginx", None, "2.0.0"), claim(fails_deployment=True)


@pytest.mark.parametrize(
    ("row", "one", "claims", "options", "found"),
    [
        ("as declared", machine(AT_2), (claim(),), {}, ["unchanged"]),
        ("not there, as declared", machine(), (claim("", absent=True),), {}, ["unchanged"]),
        ("somebody's beside it", machine(AT_2, COMPANY), (claim(),), {}, ["foreign", "unchanged"]),
        ("nobody claims anything", machine(COMPANY), (), {}, ["foreign"]),
        ("left out", machine(), (claim(),), {"excludes": ("VirtualMachine/*",)}, ["excluded"]),
        ("what waits is said", machine(AT_2), (WAITS,), {}, ["metadata-waits"]),
        ("and written now", machine(AT_2), (WAITS,), {"metadata_now": True}, ["Draft"]),
        (
            "and goes with the next real write",
            machine(AT_2, old("base")),
            (WAITS, claim("2.0.0", "base")),
            {},
            ["Draft"],
        ),
    ],
)
def test_what_is_said_of_a_machine(
    row: str, one: Machine, claims: tuple[Claim, ...], options: dict[str, Any], found: list[str]
) -> None:
    assert kinds(decided(one, *claims, **options)) == found


def test_what_waited_is_in_the_next_real_write() -> None:
    found = decided(machine(AT_2, old("base")), WAITS, claim("2.0.0", "base"))
    (draft,) = (one for one in found.findings if isinstance(one, Draft))
    assert "treatFailureAsDeploymentFailure false -> true" in draft.because


def test_a_disorder_names_the_machine_once_for_all_that_share_it() -> None:
    wrong = Disorder("dependency-cycle", "a -> b -> a is a circle on", claim().spans[0], "hint")
    several = [
        *decided(machine(name="b"), claim(), placement={"disorders": (wrong,)}).misfits,
        *decided(machine(name="a"), claim(), placement={"disorders": (wrong,)}).misfits,
    ]
    (problem,) = folded(several)
    assert problem.is_error
    assert problem.summary == "a -> b -> a is a circle on VirtualMachine/rg-web/a and 1 more"


SET = {"upgrade_mode": "Manual"}


@pytest.mark.parametrize(
    ("row", "push", "instances", "found"),
    [
        ("nobody pushes", False, None, ["Draft"]),
        ("a push asks for the instances", True, None, ["Draft", "Question"]),
        ("and follows the model's write", True, (Instance("0", latest=True),), ["Draft", "Draft"]),
    ],
)
def test_a_scale_set_s_instances_follow_its_write(
    row: str, push: bool, instances: tuple[Instance, ...] | None, found: list[str]
) -> None:
    one = machine(old("nginx"), **SET)
    known = {"instances": {one.address: Instances(one.id, instances)}} if instances is not None else {}
    assert kinds(decided(one, claim(), placement={"upgrade_instances": push}, catalogue=known)) == found


def test_a_blocked_scale_set_is_not_pushed_either() -> None:
    one = machine(old("nginx"), FAR, **SET)
    found = decided(one, claim(), known={THEIRS.id.key: "missing"}, placement={"upgrade_instances": True})
    assert kinds(found) == ["foreign", "blocked", "machine-blocked"]


def test_a_set_that_nobody_claims_is_not_pushed_after_a_removal() -> None:
    one = machine(old("nginx"), COMPANY, **SET)
    assert kinds(decided(one, prune=True, placement={"upgrade_instances": True})) == ["foreign", "Draft"]


@pytest.mark.parametrize(
    ("row", "more", "report", "found"),
    [
        ("its guest is asked first", {}, None, ["Question", "Draft"]),
        ("it runs", {}, GuestReport(), ["Draft"]),
        ("it is off", {}, GuestReport(is_running=False), ["pending"]),
        ("a scale set is not off", SET, None, ["Draft"]),
    ],
)
def test_a_machine_that_is_off_is_left_out_where_its_rollout_says_so(
    row: str, more: dict[str, Any], report: GuestReport | None, found: list[str]
) -> None:
    one = machine(old("nginx"), **more)
    reports = {"reports": {one.address: report}} if report is not None else {}
    assert kinds(decided(one, claim(), placement={"skip_off": True}, catalogue=reports)) == found
