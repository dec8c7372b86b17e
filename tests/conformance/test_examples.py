"""Azure's official examples: asked of the emulator, and held against the specification themselves."""

import pytest

from conformance.examples import Example, asked, examples, is_served, unserved
from emulator.arm import Arm
from specification.operations import demanded
from specification.watch import WATCH

EXAMPLES = examples()
SERVED = [one for one in EXAMPLES if is_served(one)]


def identity(example: Example) -> str:
    return f"{example.operation.method}-{example.file.stem}"


@pytest.mark.parametrize("example", SERVED, ids=identity)
def test_the_emulator_answers_as_the_example(example: Example):
    arm = Arm()
    try:
        answer = asked(arm, example)
    finally:
        arm.close()
    assert answer.status_code in example.statuses, answer.text


def test_all_examples_hold_against_the_specification():
    """But for the nulls of a few (the oracle's README)."""
    known = demanded()
    with_nulls = set()
    for one in EXAMPLES:
        for status, answer in one.content["responses"].items():
            found = known.violations(one.operation, int(status), answer.get("body"))
            assert all("None is not of type" in line for line in found), (one.file.name, found)
            with_nulls |= {one.file.name} if found else set()
    assert len(with_nulls) <= 4


def test_every_served_operation_is_exercised():
    demanded()
    skipped = unserved(EXAMPLES)
    counted = ", ".join(f"{kind} {count}" for kind, count in skipped.most_common())
    WATCH.notes.append(f"official examples: {len(EXAMPLES)}, exercised {len(SERVED)}, not served: {counted}")
    assert len(SERVED) + sum(skipped.values()) == len(EXAMPLES)
    assert len(SERVED) >= 200
