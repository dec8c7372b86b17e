"""Steps that are told together, and those that may not be."""

from __future__ import annotations

from dataclasses import replace

from render import cases
from vmapps.core.action import Assign, UpgradeInstances
from vmapps.core.plan import Step
from vmapps.render.paint import plain
from vmapps.render.step_text import Fold, fold_lines, folded, name


def told(*steps: Step) -> list[tuple[str, list[str], str]]:
    folds = folded(steps, plain, verbose=False)
    return [(fold.step.id, [str(address) for address in fold.others], fold.turn) for fold in folds]


def machine(number: int) -> str:
    return str(cases.machine(number)[0])


def other(number: int) -> Step:
    return replace(cases.taken_off(number), because="another reason")


def test_rows_of_writes_that_are_alike_are_told_write_by_write() -> None:
    rows = [step for number in (1, 2, 3) for step in (cases.taken_off(number), cases.put_back(number))]
    others = [machine(2), machine(3)]
    assert told(*rows) == [(f"{machine(1)}#1", others, "write 1 of 2"), (f"{machine(1)}#2", others, "write 2 of 2")]


def test_rows_that_differ_in_one_write_are_not_mixed_up() -> None:
    """Folding the second writes alone would tell that of web-02 before its first."""
    rows = other(1), cases.put_back(1), cases.taken_off(2), cases.put_back(2)
    assert told(*rows) == [
        (f"{machine(number)}#{turn}", [], f"write {turn} of 2") for number in (1, 2) for turn in (1, 2)
    ]


def test_a_single_write_is_not_told_with_the_first_of_two() -> None:
    assert [others for _, others, _ in told(cases.taken_off(1), cases.taken_off(2), cases.put_back(2))] == [[], [], []]


def test_scale_sets_fold_with_their_whole_row() -> None:
    def again(step: Step, **changed: object) -> Step:
        address = cases.FOLLOWED.address
        return replace(step, address=address, id=f"{address}#{step.id[-1]}", **changed)  # type: ignore[arg-type]

    alike = told(cases.MODEL, cases.PUSHED, again(cases.MODEL), again(cases.PUSHED))
    assert [turn for *_, turn in alike] == ["step 1 of 2", "step 2 of 2"]
    fewer = UpgradeInstances(("0",), pushed=True)
    assert len(told(cases.MODEL, cases.PUSHED, again(cases.MODEL), again(cases.PUSHED, action=fewer))) == 4


def test_two_writes_in_different_waves_stay_apart() -> None:
    first, second = cases.taken_off(1), replace(cases.taken_off(2), wave=2)
    assert len(told(first, second)) == 2
    assert next(fold_lines(Fold(second), plain, verbose=False)) == f"~ {machine(2)} (wave 2)"


def test_an_upgrade_of_nobody_in_particular_is_of_every_instance() -> None:
    step = replace(cases.FOLLOWED, action=UpgradeInstances((), pushed=False))
    assert "    Azure's own upgrade is waited for, on every instance" in fold_lines(Fold(step), plain, verbose=False)


def test_a_second_step_is_named_with_its_number() -> None:
    assert [name(cases.taken_off(1)), name(cases.put_back(1))] == [machine(1), f"{machine(1)}#2"]
    assert isinstance(cases.put_back(1).action, Assign)
