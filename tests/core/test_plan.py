"""What a plan counts, and what may be done with it."""

from __future__ import annotations

import pytest

from samples import OWNER, PROJECT, address, machine_address, package
from vmapps.core.action import Action, Assign, Change, Create, Delete, Discard, UpgradeInstances, Upload, Verify
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.core.plan import Note, Plan, ProjectId, Step

PROJECT_ID = ProjectId(PROJECT.name, OWNER, PROJECT.subscription)
PUT = Change(("applications", "platform/a"), None, {"packageReferenceId": "x"})
DROP = Change(("applications", "platform/b"), {"packageReferenceId": "y"}, None)
GONE = Change(("applications", "platform/c"), {"packageReferenceId": "z"}, None)


def step(action: Action, where: Address, number: int = 1) -> Step:
    return Step(f"{where}#{number}", where, None, action, "because")


def on(name: str, action: Action, number: int = 1) -> Step:
    return step(action, machine_address(name), number)


def plan(*steps: Step, **more: object) -> Plan:
    return Plan(PROJECT_ID, steps=steps, **more)  # type: ignore[arg-type]


VERSION = address("platform", "nginx", "1.0.0")
UPLOADED = step(Upload("ab", 1, "file"), package().address)
DISCARDED = step(Discard("ab"), package().address)
CREATED = step(Create((Change(("x",), None, 1),)), VERSION)
DELETED = step(Delete(), VERSION)
LOOKED = step(Verify(()), Address("VMAssignment", ("web",)))


@pytest.mark.parametrize(
    ("row", "steps", "deletes", "machines"),
    [
        ("nothing", (), 0, 0),
        ("a resource is deleted", (DELETED,), 1, 0),
        ("every removed entry counts", (on("web-01", Assign((PUT, DROP, GONE))),), 2, 1),
        ("a package that is discarded is no resource", (DISCARDED, UPLOADED), 0, 0),
        ("what is created is not deleted", (CREATED,), 0, 0),
        ("two writes of one machine", (on("web-01", Assign((DROP,))), on("web-01", Assign((PUT,)), 2)), 1, 1),
        ("two machines", (on("web-01", Assign((PUT,))), on("web-02", Assign((PUT,)))), 0, 2),
        ("instances that are pushed", (on("set", UpgradeInstances(("0", "1"), pushed=True)),), 0, 1),
        ("a look writes nothing", (LOOKED,), 0, 0),
    ],
)
def test_what_the_guards_count(row: str, steps: tuple[Step, ...], deletes: int, machines: int) -> None:
    found = plan(*steps)
    assert (found.deletes, found.machines) == (deletes, machines)


def test_a_summary_names_every_verb_and_the_notes_there_are() -> None:
    notes = (Note("kept", VERSION, "a"), Note("kept", VERSION, "b"), Note("foreign", VERSION, "c"))
    found = plan(CREATED, DELETED, DISCARDED, notes=notes).summary
    assert found == {
        "upload": 0,
        "create": 1,
        "update": 0,
        "assign": 0,
        "upgrade": 0,
        "verify": 0,
        "delete": 1,
        "discard": 1,
        "foreign": 1,
        "kept": 2,
    }


@pytest.mark.parametrize(
    ("row", "steps", "diagnostics", "refusals", "errored", "applyable", "empty"),
    [
        ("steps", (CREATED,), (), (), False, True, False),
        ("steps and a warning", (CREATED,), (warning("w", "hm"),), (), False, True, False),
        ("steps, refused by the guard", (CREATED,), (), (error("e", "no"),), False, False, False),
        ("an error", (), (error("e", "no"),), (), True, False, False),
        ("nothing", (), (), (), False, False, True),
        ("nothing and a warning", (), (warning("w", "hm"),), (), False, False, True),
    ],
)
def test_what_may_be_done_with_it(
    row: str,
    steps: tuple[Step, ...],
    diagnostics: tuple[Diagnostic, ...],
    refusals: tuple[Diagnostic, ...],
    errored: bool,
    applyable: bool,
    empty: bool,
) -> None:
    found = plan(*steps, diagnostics=diagnostics, refusals=refusals)
    assert (found.errored, found.applyable, found.is_empty) == (errored, applyable, empty)


def test_a_step_is_named_by_what_it_does() -> None:
    assert [one.verb for one in (UPLOADED, CREATED, DELETED, LOOKED)] == ["upload", "create", "delete", "verify"]
