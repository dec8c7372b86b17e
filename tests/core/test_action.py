"""Every kind of step has a name, and says which fields it changes."""

from __future__ import annotations

from typing import get_args

import pytest

from samples import machine_address, machine_id
from vmapps.core.action import (
    VERBS,
    Action,
    Assign,
    Change,
    Check,
    Create,
    Delete,
    Discard,
    Update,
    UpgradeInstances,
    Upload,
    Verify,
    changes_of,
    verb,
)

CHANGES = (Change(("x",), None, 1),)
CHECK = Check(machine_id(), machine_address(), (("nginx", "1.0.0"),))


@pytest.mark.parametrize(
    ("action", "name", "changes"),
    [
        (Upload("ab", 1, "file"), "upload", ()),
        (Create(CHANGES), "create", CHANGES),
        (Update(CHANGES), "update", CHANGES),
        (Delete(CHANGES), "delete", CHANGES),
        (Delete(), "delete", ()),
        (Assign(CHANGES), "assign", CHANGES),
        (UpgradeInstances(("0",), pushed=True), "upgrade", ()),
        (Verify((CHECK,)), "verify", ()),
        (Discard("ab"), "discard", ()),
    ],
)
def test_an_action_has_a_name_and_its_changes(action: Action, name: str, changes: tuple[Change, ...]) -> None:
    assert (verb(action), changes_of(action)) == (name, changes)


def test_there_is_a_name_for_every_action_and_none_twice() -> None:
    assert set(VERBS) == set(get_args(Action))
    assert len(set(VERBS.values())) == len(VERBS)
