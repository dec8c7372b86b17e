"""The sample that CI takes of the soak: some kill points, every kind of trouble once. `make soak` runs all of it."""

from __future__ import annotations

import pytest

from soak.burnt import Burnt, burnt
from soak.fire import KINDS
from soak.killed import Model, killed, points
from soak.stage import Stage
from vmapps.core.action import VERBS

pytestmark = pytest.mark.xdist_group("soak")

SHARES = [(0.25, True), (0.4, False), (0.55, True), (0.7, True), (0.9, False)]
"""How far the run is when it is killed: the request there, or before Azure hears of the next write."""

NAMES = sorted(KINDS)
PAIRS = [f"{one}+{another}" for one, another in zip(NAMES[::2], NAMES[1::2], strict=True)]


def test_the_plan_holds_every_action_there_is(stage: Stage) -> None:
    """A new action has to find its place here: then its requests are kill points, too."""
    stage.reset()
    steps = stage.plan("--format", "json").exited(0).json["steps"]
    assert {step["action"] for step in steps} == set(VERBS.values())


def test_an_undisturbed_run_has_many_requests_and_many_writes(model: Model) -> None:
    every = points(model.requests)
    assert len(model.requests) > 100
    assert len([one for one in every if not one.after]) > 25


@pytest.mark.parametrize(("share", "after"), SHARES)
def test_killed_at_a_request_the_next_apply_converges(stage: Stage, model: Model, share: float, *, after: bool) -> None:
    at = round(share * len(model.requests))
    every = points(model.requests)
    point = next(one for one in every if one.at >= at and one.after == after and one.parallelism == 1)
    assert killed(stage, point, model) == []


@pytest.mark.parametrize("kinds", PAIRS)
def test_after_the_fire_the_next_apply_converges(stage: Stage, model: Model, kinds: str) -> None:
    assert burnt(stage, Burnt(kinds, 1), model) == []
