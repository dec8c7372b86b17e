"""The runner of `make soak`: what a failure names can be run again, and the figures add up."""

from __future__ import annotations

import pytest

from soak.__main__ import Tally, parsed, reported, table
from soak.burnt import Burnt
from soak.fire import KINDS, MIXED, drawn
from soak.killed import KillPoint, points


@pytest.mark.parametrize("trial", [KillPoint(12), KillPoint(3, after=False, parallelism=8), Burnt("cut-after", 7)])
def test_a_trial_is_read_as_it_is_named(trial: KillPoint | Burnt) -> None:
    assert parsed(str(trial)) == trial


def test_what_is_no_trial_is_refused() -> None:
    with pytest.raises(SystemExit, match="'storm' is no trial"):
        parsed("storm")


def test_every_request_is_a_kill_point_and_every_write_is_two() -> None:
    found = [str(one) for one in points(("GET /a", "PUT /b", "HEAD /c"))]
    assert found == ["kill:1:after:1", "kill:2:after:1", "kill:3:after:1", "kill:2:before:1"]
    assert [str(one) for one in points(("GET /a",) * 4)][-1] == "kill:4:after:8"


@pytest.mark.parametrize("kind", [*KINDS, MIXED, "throttle+slow"])
def test_trouble_is_the_same_for_the_same_seed(kind: str) -> None:
    assert drawn(kind, 3) == drawn(kind, 3)
    assert len({str(drawn(kind, seed)) for seed in range(20)}) > 1 or kind == "dropped-tags"


def test_the_figures_add_up() -> None:
    tally = Tally()
    tally.add(KillPoint(1), [])
    tally.add(KillPoint(1, after=False), [])
    tally.add(Burnt(MIXED, 1), ["it did not"])
    report = reported(tally, 5, 61.5)
    assert (report["killPoints"], report["faultRuns"], report["converged"]) == (2, 1, 2)
    assert report["groups"]["fire: mixed"] == {"runs": 1, "converged": 0}
    assert table(report).endswith("2 kill points and 1 fault runs, 2 converged, in 61.5 s; seed 5.")
