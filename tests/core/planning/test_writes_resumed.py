"""Between two writes of one machine: every state on the way is as some step saw it, or as it leaves it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.planning.machine_samples import COMPANY, claim, drafts, old
from samples import entry, machine, reference
from vmapps.core.action import Assign
from vmapps.core.entries import composed
from vmapps.core.fields import Rules
from vmapps.core.fleet import Claim
from vmapps.core.plan import Step
from vmapps.core.planning.findings import Draft
from vmapps.core.resource import Body, Entry, Machine
from vmapps.core.settle import Moved, PutEntries, Settled, fits, is_done, settle

AGENT, BASE = old("agent"), old("base")
TWICE = old("nginx", 4, "2.0.0")


def as_steps(found: tuple[Draft, ...]) -> tuple[Step, ...]:
    return tuple(
        Step(f"m#{one.turn}", one.address, one.resource, one.action, one.because, expects=one.expects) for one in found
    )


def written(one: Machine, draft: Draft) -> Machine:
    """The machine as Azure has it after a write."""
    assert isinstance(draft.action, Assign)
    entries = [_read(body, one) for body in composed(one, draft.action.changes)]
    return replace(one, entries=tuple(entries))


def _read(body: bytes | Body, one: Machine) -> Entry:
    if isinstance(body, bytes):
        return next(entry for entry in one.entries if entry.raw == body)
    spelled = str(body["packageReferenceId"])
    order, flag = body.get("order"), bool(body["treatFailureAsDeploymentFailure"])
    return Entry(
        reference(*reversed(spelled.split("/")[-3::2])),
        spelled,
        order if isinstance(order, int) else None,
        flag,
        tags=str(body.get("tags", "")),
        raw=repr(body).encode(),
    )


JOURNEYS = [
    ("a removal after its dependent", machine(old("base", 1), old("nginx", 2), COMPANY), (claim(order=2),)),
    ("a chain", machine(old("base", 1), old("agent", 2), old("nginx", 3), old("x", 9)), (claim(order=3),)),
    ("a reinstall", machine(TWICE, COMPANY), (claim(),)),
    ("a reinstall beside a removal", machine(TWICE, AGENT, entry("1.0.0", "other")), (claim(),)),
    ("a reinstall beside a change", machine(TWICE, BASE), (claim(), claim("2.0.0", "base"))),
]


@pytest.mark.parametrize(("row", "start", "claims"), JOURNEYS)
def test_each_write_accepts_what_the_ones_before_it_leave_and_is_settled_by_what_comes_later(
    row: str, start: Machine, claims: tuple[Claim, ...]
) -> None:
    found = drafts(start, *claims, allow_reinstall=True)
    assert len(found) > 1
    states = [start]
    for draft in found:
        states.append(written(states[-1], draft))
    for number, step in enumerate(as_steps(found)):
        assert fits(step, states[number], Rules())
        assert isinstance(settle(step, states[number], Rules()), PutEntries)
        assert is_done(step, states[number + 1], Rules())
        for later in states[number + 1 :]:
            assert settle(step, later, Rules()) == Settled()


@pytest.mark.parametrize(("row", "start", "claims"), JOURNEYS)
def test_a_stranger_s_entry_is_carried_by_every_write(row: str, start: Machine, claims: tuple[Claim, ...]) -> None:
    found, state, theirs = drafts(start, *claims, allow_reinstall=True), start, entry("1.0.0", "stranger")
    for step, draft in zip(as_steps(found), found, strict=True):
        stranger = replace(state, entries=(*state.entries, theirs))
        verdict = settle(step, stranger, Rules())
        assert isinstance(verdict, PutEntries)
        assert theirs.raw in verdict.entries
        assert fits(step, stranger, Rules())
        state = written(state, draft)


@pytest.mark.parametrize(("row", "start", "claims"), JOURNEYS)
def test_a_stranger_s_latest_is_noticed_by_every_write(row: str, start: Machine, claims: tuple[Claim, ...]) -> None:
    found, state = drafts(start, *claims, allow_reinstall=True), start
    for step, draft in zip(as_steps(found), found, strict=True):
        stranger = replace(state, entries=(*state.entries, entry("latest", "stranger")))
        assert isinstance(settle(step, stranger, Rules()), Moved)
        assert not fits(step, stranger, Rules())
        state = written(state, draft)
