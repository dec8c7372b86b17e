"""From verdicts to writes of one machine: what goes into which, in what order, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.planning.machine_samples import COMPANY, KNOWN, WEB, claim, drafts, old, own, verdicts
from samples import address, asked, entry, machine, reference, sha256
from vmapps.core.action import Assign, Change
from vmapps.core.diagnostic import Span
from vmapps.core.entries import on_wire, path_of
from vmapps.core.fields import Rules
from vmapps.core.fleet import Claim
from vmapps.core.guest_effects import LAST_ENTRY
from vmapps.core.plan import Step
from vmapps.core.planning import claimed
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.verdicts import Verdict
from vmapps.core.planning.writes import writes
from vmapps.core.resource import Entry, Link
from vmapps.core.rollout import Gate
from vmapps.core.settle import PutEntries, settle


def told(draft: Draft) -> list[str]:
    """`-a` leaves the list, `+a` comes or changes."""
    assert isinstance(draft.action, Assign)
    return [f"{'-' if one.after is None else '+'}{one.path[-1].partition('/')[2]}" for one in draft.action.changes]


AGENT, BASE, NGINX = (old(name) for name in ("agent", "base", "nginx"))


@pytest.mark.parametrize(
    ("row", "entries", "claims", "writes"),
    [
        ("changes share a write", (NGINX, BASE), (claim(), claim("2.0.0", "base")), [["+nginx", "+base"]]),
        ("removals too", (AGENT, BASE, NGINX), (claim("1.0.0"),), [["-agent", "-base"]]),
        ("a change and a removal", (AGENT, NGINX), (claim(),), [["+nginx", "-agent"]]),
        ("a new one and a removal", (AGENT,), (claim(),), [["+nginx", "-agent"]]),
        (
            "what comes after goes first",
            (old("base", 1), old("agent", 2), NGINX),
            (claim("1.0.0"),),
            [["-agent"], ["-base"]],
        ),
        (
            "the same order has no after",
            (old("base", 1), old("agent", 1), NGINX),
            (claim("1.0.0"),),
            [["-base", "-agent"]],
        ),
        (
            "what is unordered is installed last and depends on nothing",
            (old("base", 1), AGENT, NGINX),
            (claim("1.0.0"),),
            [["-base", "-agent"]],
        ),
        (
            "a removal outlives the change of what depends on it",
            (old("base", 1), old("nginx", 2)),
            (claim(order=2),),
            [["+nginx"], ["-base"]],
        ),
        (
            "but not the change of what came before it",
            (old("base", 3), old("nginx", 2)),
            (claim(order=2),),
            [["+nginx", "-base"]],
        ),
        (
            "a chain of three",
            (old("base", 1), old("agent", 2), old("nginx", 3)),
            (claim(order=3),),
            [["+nginx"], ["-agent"], ["-base"]],
        ),
        (
            "what comes anew had no order before",
            (old("base", 1),),
            (claim(order=2),),
            [["+nginx", "-base"]],
        ),
        ("nothing", (NGINX,), (claim("1.0.0"),), []),
    ],
)
def test_what_goes_into_which_write(
    row: str, entries: tuple[Entry, ...], claims: tuple[Claim, ...], writes: list[list[str]]
) -> None:
    found = drafts(machine(*entries), *claims)
    assert [told(one) for one in found] == writes
    assert [one.turn for one in found] == list(range(len(writes)))


TWICE = old("nginx", 4, "2.0.0")


def test_a_reinstall_is_two_writes_and_a_removal_comes_after_them() -> None:
    """A list must not be empty between the halves: what goes for good waits."""
    found = drafts(machine(TWICE, AGENT), claim(), allow_reinstall=True)
    assert [told(one) for one in found] == [["-nginx"], ["+nginx"], ["-agent"]]
    assert [one.guest for one in found] == [
        ("nginx: remove 2.0.0 (runs its remove script)",),
        ("nginx: install 2.0.0 again",),
        ("agent: remove 1.0.0 (runs its remove script)",),
    ]


def test_what_changes_goes_with_the_first_half_of_a_reinstall() -> None:
    found = drafts(machine(TWICE, BASE), claim(), claim("2.0.0", "base"), allow_reinstall=True)
    assert [told(one) for one in found] == [["-nginx", "+base"], ["+nginx"]]


def test_two_reinstalls_share_their_writes() -> None:
    both = machine(TWICE, old("base", 4, "2.0.0"), COMPANY)
    found = drafts(both, claim(), claim("2.0.0", "base"), allow_reinstall=True)
    assert [told(one) for one in found] == [["-nginx", "-base"], ["+nginx", "+base"]]


def test_what_comes_back_exactly_as_it_was_does_not_say_that_both_writes_were_done() -> None:
    """A retry: the list before and after both writes is the same."""
    live = old("nginx", None, "2.0.0")
    there = machine(live, COMPANY)
    again = claimed.anew(there, claim(), live, KNOWN, asked(), "it failed")
    first, second = writes(there, [again], own(there), KNOWN)
    assert isinstance(second.action, Assign)
    assert (first.expects.later, second.expects.later) == (second.action.changes, ())
    step = Step("a#1", first.address, first.resource, first.action, "because", expects=first.expects)
    assert isinstance(settle(step, there, Rules()), PutEntries)
    cleared, _ = drafts(machine(TWICE, COMPANY), claim(), allow_reinstall=True)
    assert [one.path for one in cleared.expects.later] == [("applications", "platform/nginx")]


def gated(verdict: Verdict, wave: int) -> Verdict:
    assert verdict.claim is not None
    return replace(verdict, claim=replace(verdict.claim, gate=Gate(wave, WEB)))


def test_what_belongs_to_a_later_wave_comes_later() -> None:
    there = machine(NGINX, BASE, COMPANY)
    nginx, base, _ = verdicts(there, claim(), claim("2.0.0", "base"))
    found = writes(there, [gated(nginx, 2), base], own(there), KNOWN)
    assert [(told(one), one.gate) for one in found] == [(["+base"], None), (["+nginx"], Gate(2, WEB))]


def test_a_removal_waits_for_the_wave_of_what_depends_on_it() -> None:
    there = machine(old("base", 1), old("nginx", 2), AGENT)
    nginx, base, agent = verdicts(there, claim(order=2))
    found = writes(there, [gated(nginx, 2), base, agent], own(there), KNOWN)
    assert [(told(one), one.gate.wave if one.gate else None) for one in found] == [
        (["-agent"], None),
        (["+nginx"], 2),
        (["-base"], 2),
    ]


def test_the_places_of_a_write_are_its_claims_each_once_and_in_order() -> None:
    late, early = Span("b.yaml", 1, 1), Span("a.yaml", 1, 1)
    one = replace(claim(), spans=(late, early))
    other = replace(claim("2.0.0", "base"), spans=(early,))
    (draft,) = drafts(machine(NGINX, BASE), one, other)
    assert draft.source == (early, late)


def test_a_write_says_why_of_each_application() -> None:
    (draft,) = drafts(machine(NGINX, AGENT), claim())
    assert draft.because == (
        "platform/nginx: version 1.0.0 -> 2.0.0; platform/agent: it carries our mark and is no longer assigned"
    )


VERSION_1, VERSION_2 = (address("platform", "nginx", one) for one in ("1.0.0", "2.0.0"))


@pytest.mark.parametrize(
    ("row", "entries", "claims", "uses", "frees"),
    [
        ("a change", (NGINX,), (claim(),), [VERSION_2], [VERSION_1]),
        ("a new one", (), (claim(),), [VERSION_2], []),
        ("a removal", (NGINX,), (), [], [VERSION_1]),
        ("the same version", (old("nginx", None, "2.0.0"),), (claim(fails_deployment=True),), [VERSION_2], []),
        (
            "what stays has to be there too",
            (NGINX, COMPANY),
            (claim(),),
            [VERSION_2, address("platform", "agent", "1.0.0")],
            [VERSION_1],
        ),
        (
            "latest that stays",
            (NGINX, entry("latest", "agent")),
            (claim(),),
            [VERSION_2, address("platform", "agent", "2.0.0")],
            [VERSION_1],
        ),
        ("what is not known", (), (claim("7.0.0", "other"),), [], []),
    ],
)
def test_what_has_to_be_there_and_what_is_not_needed_any_more(
    row: str, entries: tuple[Entry, ...], claims: tuple[Claim, ...], uses: list[Any], frees: list[Any]
) -> None:
    (draft,) = drafts(machine(*entries), *claims)
    assert (list(draft.uses), list(draft.frees)) == (uses, frees)


def test_a_write_keeps_what_a_later_one_moves_away_from() -> None:
    """A version whose publication failed is mended first: Azure refuses every write of a list that names it."""
    there = machine(old("base", 1), old("nginx", 2))
    moves, leaves = drafts(there, claim(order=2))
    base = address("platform", "base", "1.0.0")
    assert (moves.keeps, leaves.keeps) == ((base,), ())
    assert leaves.frees == (base,)


def test_what_latest_means_today_is_let_go_by_the_write_that_pins_it() -> None:
    """So that its deletion waits for this write, not only for the publication of what is pinned."""
    there = machine(old("nginx", None, "latest"), COMPANY)
    known = replace(KNOWN, live={reference().key: KNOWN.versions[reference().key][:1]})
    (draft,) = writes(there, [claimed.decide(there, claim(), known, asked())], own(there), known)
    assert VERSION_1 in draft.frees
    assert VERSION_2 not in draft.frees


def test_a_configuration_from_the_store_has_to_be_there() -> None:
    stored = Link("https://pkgs/c/sha256/x", blob=sha256("conf"))
    (draft,) = drafts(machine(COMPANY), claim(configuration=stored))
    assert f"Package/{sha256('conf')[:12]}" in map(str, draft.uses)
    (plain,) = drafts(machine(COMPANY), claim(configuration=Link("https://elsewhere/c")))
    assert not any(one.kind == "Package" for one in plain.uses)


def test_the_last_application_is_said_in_the_last_write() -> None:
    found = drafts(machine(old("base", 1), old("agent", 2)))
    assert [LAST_ENTRY in one.guest for one in found] == [False, True]
    assert not any(LAST_ENTRY in one.guest for one in drafts(machine(old("base", 1), COMPANY)))
    assert not any(LAST_ENTRY in one.guest for one in drafts(machine(BASE), claim()))
    twice = drafts(machine(TWICE, COMPANY), claim(), allow_reinstall=True)
    assert not any(LAST_ENTRY in one.guest for one in twice)


def test_others_latest_may_move_with_the_first_write() -> None:
    moving = entry("latest", "agent")
    found = drafts(machine(old("base", 1), old("nginx", 2), moving), claim(order=2))
    words = "platform/agent: refers to latest and may move to 2.0.0 with this write"
    assert [words in one.guest for one in found] == [True, False]
    assert not any("may move" in line for one in drafts(machine(NGINX, COMPANY), claim()) for line in one.guest)


def test_a_latest_of_ours_that_is_written_does_not_move_beside() -> None:
    (draft,) = drafts(machine(old("nginx", None, "latest"), COMPANY), claim())
    assert not any("may move" in line for line in draft.guest)


def test_two_changes_of_one_path_stand_in_their_order() -> None:
    first, second = drafts(machine(TWICE, COMPANY), claim(), allow_reinstall=True)
    assert isinstance(first.action, Assign)
    assert isinstance(second.action, Assign)
    assert first.action.changes == (Change(path_of(reference()), on_wire(TWICE), None),)
    assert second.action.changes[0].path == first.action.changes[0].path
    assert second.action.changes[0].before is None
