"""What an explanation leaves out says so, and its sentences fold."""

from __future__ import annotations

from render import cases
from vmapps.core.explain import Explained, Explanation, Neighbour, StepExplained
from vmapps.render.explain_text import LISTED, WIDTH, to_text


def told(reasons: int, *, verbose: bool) -> list[str]:
    waiting = tuple(Neighbour(f"Gallery/g{number}#1", f"reason {number} " + "word " * 40) for number in range(reasons))
    step = StepExplained(cases.UPLOAD, awaited_by=waiting)
    found = Explained(cases.UPLOAD.address, (step,))
    return to_text(Explanation("Package/*", (found,)), verbose=verbose).splitlines()


def test_many_reasons_are_cut_and_counted() -> None:
    assert told(LISTED + 2, verbose=False)[-1] == "        and others, for 2 more reasons (-v lists them)"
    assert sum("reason " in line for line in told(LISTED + 2, verbose=True)) == LISTED + 2


def test_sentences_fold_and_go_deeper() -> None:
    lines = told(1, verbose=True)
    assert max(map(len, lines)) <= WIDTH
    assert lines[-2].startswith("          word word")
