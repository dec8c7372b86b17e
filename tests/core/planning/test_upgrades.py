"""What becomes of a scale set's instances, by its upgrade policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.planning.machine_samples import ABSENT, COMPANY, FOLLOW, KNOWN, WEB, claim
from samples import HERE, address, entry, machine
from vmapps.core.action import Assign, Change, UpgradeInstances
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fleet import Claim, Placement
from vmapps.core.plan import Note
from vmapps.core.planning.findings import Draft, Finding, Question, Topic
from vmapps.core.planning.upgrades import follow, in_guests
from vmapps.core.resource import Instance, Instances, Machine
from vmapps.core.rollout import Gate

SET = machine(entry("1.0.0"), COMPANY, name="set", upgrade_mode="Manual", traits={"size": "D2", "image": "v2"})
WRITE = Draft(SET.address, SET.id, Assign((Change(("applications", "platform/nginx"), None, {"a": "b"}),)), "why")
OLD, NEW = Instance("0", latest=False), Instance("1", latest=True)


def followed(
    *instances: Instance,
    mode: str = "Manual",
    push: bool = True,
    written: bool = False,
    claims: tuple[Claim, ...] = (claim(),),
    known: bool = True,
    write: Draft = WRITE,
) -> list[Finding]:
    one = replace(SET, upgrade_mode=mode)
    there = {one.address: Instances(one.id, instances)} if known else {}
    catalogue = replace(KNOWN, instances=there)
    placement = Placement(claims, upgrade_instances=push)
    return list(follow(one, placement, catalogue, (write,) if written else ()))


def upgrade(found: list[Finding]) -> UpgradeInstances | None:
    for one in found:
        if isinstance(one, Draft):
            assert isinstance(one.action, UpgradeInstances)
            return one.action
    return None


@pytest.mark.parametrize(
    ("row", "mode", "push", "written", "upgraded"),
    [
        ("Manual, wanted: all get the new model", "Manual", True, True, (("0", "1"), True)),
        ("Manual, wanted, nothing new: those behind", "Manual", True, False, (("0",), True)),
        ("Manual, not wanted", "Manual", False, True, None),
        ("Manual, not wanted, nothing new", "Manual", False, False, None),
        ("Rolling: Azure does it, we look on", "Rolling", False, True, (("0", "1"), False)),
        ("Rolling is never pushed", "Rolling", True, True, (("0", "1"), False)),
        ("Rolling, nothing new", "Rolling", True, False, None),
        ("Automatic: Azure does it by itself", "Automatic", True, True, None),
        ("Automatic, nothing new", "Automatic", True, False, None),
    ],
)
def test_who_brings_the_model_to_the_instances(
    row: str, mode: str, push: bool, written: bool, upgraded: tuple[tuple[str, ...], bool] | None
) -> None:
    found = followed(OLD, NEW, mode=mode, push=push, written=written)
    action = upgrade(found)
    assert ((action.instances, action.pushed) if action else None) == upgraded
    asked = followed(mode=mode, push=push, written=written, known=False)
    assert [type(one) for one in asked] == ([Question] if upgraded else [])


def test_the_instances_are_asked_for_first() -> None:
    (question,) = followed(written=True, known=False)
    assert question == Question(Topic.INSTANCES, SET.address, SET.id)


@pytest.mark.parametrize("written", [True, False])
def test_a_set_without_instances_that_are_behind_needs_nothing(written: bool) -> None:
    assert followed(written=written) == []
    assert followed(NEW, written=False) == []


PROTECTED, PROTECTED_NEW = Instance("7", latest=False, is_protected=True), Instance("8", latest=True, is_protected=True)


def test_protected_instances_are_left_alone_and_named() -> None:
    note, draft = followed(OLD, PROTECTED, PROTECTED_NEW)
    assert isinstance(note, Note)
    assert (note.code, note.text) == (
        "protected",
        "protected from the scale set's actions, so left on the older model: 7",
    )
    assert isinstance(draft, Draft)
    assert upgrade([draft]) == UpgradeInstances(("0",), pushed=True, applications=(("nginx", "2.0.0"),))


def test_a_new_model_leaves_every_protected_instance_behind() -> None:
    (note,) = followed(PROTECTED, PROTECTED_NEW, written=True)
    assert isinstance(note, Note)
    assert note.text.endswith("left on the older model: 7, 8")


LAGGING = replace(OLD, traits={"size": "D1", "image": "v2"})


@pytest.mark.parametrize(
    ("row", "one", "refused"),
    [
        ("it lacks applications only", replace(OLD, traits={"size": "D2", "image": "v2"}), ""),
        ("nothing can be compared", OLD, ""),
        ("what the model does not tell is not compared", replace(OLD, traits={"zone": "3"}), ""),
        ("another size", LAGGING, "size: D1 -> D2"),
        (
            "another size and image",
            replace(OLD, traits={"size": "D1", "image": "v1"}),
            "image: v1 -> v2; size: D1 -> D2",
        ),
    ],
)
def test_a_push_that_would_change_more_is_refused(row: str, one: Instance, refused: str) -> None:
    (found,) = followed(one, replace(NEW, traits={"size": "D2"}))
    if not refused:
        assert isinstance(found, Draft)
        return
    assert isinstance(found, Diagnostic)
    assert found.code == "other-pending-changes"
    assert found.summary.endswith(f"pushing its model would change more on 0 ({refused})")
    assert found.span == HERE


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("a protected instance is not pushed", followed(replace(LAGGING, is_protected=True), OLD)),
        ("what Azure rolls is Azure's to decide", followed(LAGGING, mode="Rolling", written=True)),
    ],
)
def test_other_changes_matter_to_a_push_only(row: str, found: list[Finding]) -> None:
    assert upgrade(found) is not None


@pytest.mark.parametrize(
    ("instances", "mode", "because"),
    [
        ((OLD,), "Manual", "1 instance is behind the model, and upgradeInstances is on"),
        (
            (OLD, replace(OLD, name="2")),
            "Manual",
            "2 instances are behind the model, and upgradeInstances is on",
        ),
        ((OLD,), "Rolling", "its policy is Rolling: Azure brings the model to 1 instance in batches"),
    ],
)
def test_why_instances_are_upgraded(instances: tuple[Instance, ...], mode: str, because: str) -> None:
    (draft,) = followed(*instances, mode=mode, written=mode == "Rolling")
    assert isinstance(draft, Draft)
    assert draft.because == because


def test_instances_follow_the_last_write_of_their_model_and_its_wave() -> None:
    (plain,) = followed(OLD)
    (after,) = followed(OLD, written=True)
    gate = Gate(2, WEB)
    (staged,) = followed(OLD, written=True, write=replace(WRITE, gate=gate))
    assert isinstance(plain, Draft)
    assert isinstance(after, Draft)
    assert isinstance(staged, Draft)
    assert (plain.turn, after.turn) == (0, 1)
    assert (after.gate, staged.gate) == (None, gate)


def test_instances_that_lag_belong_to_the_wave_of_what_is_claimed() -> None:
    gate = Gate(3, WEB)
    (draft,) = followed(OLD, claims=(claim("2.0.0", "base"), replace(claim(), gate=gate)))
    assert isinstance(draft, Draft)
    assert draft.gate == gate


def test_what_the_guests_should_report_afterwards() -> None:
    claims = (claim(), replace(FOLLOW, wanted=replace(FOLLOW.wanted, application=address("platform", "base"))), ABSENT)
    (draft,) = followed(OLD, claims=claims)
    action = upgrade([draft])
    assert action is not None
    assert action.applications == (("nginx", "2.0.0"), ("base", ""))
    assert isinstance(draft, Draft)
    assert draft.uses == (address("platform", "nginx", "2.0.0"), address("platform", "base", "2.0.0"))
    assert draft.source == (HERE,)


@pytest.mark.parametrize(
    ("row", "mode", "push", "lines"),
    [
        ("a push", "Manual", True, ("line",)),
        ("Azure in batches", "Rolling", False, ("line",)),
        (
            "Azure at once",
            "Automatic",
            False,
            ("line", "Azure upgrades every instance by itself, in any order, maybe all at once"),
        ),
        (
            "nobody",
            "Manual",
            False,
            (
                "running instances keep what they have (upgradeInstances: true pushes it), new ones get this",
                "when an instance is upgraded: line",
            ),
        ),
    ],
)
def test_what_a_new_model_means_in_the_guests(row: str, mode: str, push: bool, lines: tuple[str, ...]) -> None:
    one: Machine = replace(SET, upgrade_mode=mode)
    placement: Any = Placement((claim(),), upgrade_instances=push)
    assert in_guests(one, placement, ("line",)) == lines
