"""What a guest's report says about a write: nothing unknown is a success [azure-facts 3.5, guest-agent.md 4.3]."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples import entry, machine, machine_id
from vmapps.core.action import Assign, Change, Check, Delete, UpgradeInstances
from vmapps.core.address import Address
from vmapps.core.entries import on_wire, path_of
from vmapps.core.guest import GuestReport, InGuest, Performed, State
from vmapps.core.plan import Expectation, Step
from vmapps.core.resource import Instance, Instances
from vmapps.core.verification import (
    OFF,
    Expected,
    Judgement,
    Pending,
    Proven,
    Unfinished,
    Unproven,
    Unsuccessful,
    checked_instances,
    expected_of,
    is_assigned,
    judge,
    may_change,
    named,
    returning,
    together,
)

NGINX: Expected = (("nginx", "1.1.0"),)


def report(*several: tuple[str, str, State], message: str = "why", error: str = "", off: bool = False) -> GuestReport:
    return GuestReport(tuple(InGuest(*one, message) for one in several), error=error, is_running=not off)


GONE: Expected = (("nginx", None),)
CLUNG = "nginx: its remove script failed"
CUT = "nginx 1.1.0: interrupted in the middle, and not tried again"
LEFT = "Reboot detected during 'Install' operation. No further action taken."
RERUN = "Reboot detected during 'Install' operation. Rerun operation after reboot."
REST = "nginx 1.1.0: result unknown:"


def removing(operation: str, message: str = "") -> GuestReport:
    return GuestReport(performed=(Performed("nginx", "1.0.0", operation, not message, message),))


@pytest.mark.parametrize(
    ("row", "expected", "seen", "judgement"),
    [
        ("installed", NGINX, report(("nginx", "1.1.0", State.INSTALLED)), Proven()),
        ("names ignore case", NGINX, report(("NGINX", "1.1.0", State.INSTALLED)), Proven()),
        ("the old version still", NGINX, report(("nginx", "1.0.0", State.INSTALLED)), Unfinished()),
        ("any version will do", (("nginx", ""),), report(("nginx", "1.0.0", State.INSTALLED)), Proven()),
        ("not there yet", NGINX, report(), Unfinished()),
        ("an old failure", NGINX, report(("nginx", "1.0.0", State.FAILED)), Unfinished()),
        ("an unknown word is no success", NGINX, report(("nginx", "1.1.0", State.UNKNOWN)), Unfinished()),
        ("nothing was reported", NGINX, None, Unfinished()),
        ("off", NGINX, report(("nginx", "1.1.0", State.INSTALLED), off=True), Pending(OFF)),
        ("gone", GONE, removing("Remove"), Proven()),
        ("gone, names ignore case", (("NGINX", None),), removing("Remove"), Proven()),
        ("forgotten, as it was skipped", GONE, removing("Cleanup"), Proven()),
        ("gone, and its script failed", GONE, removing("Remove", "exit 1"), Unsuccessful(f"{CLUNG}: exit 1")),
        ("gone some time", GONE, report(), Proven("nginx: removed, result unknown")),
        ("gone in an update's first half", GONE, removing("RemoveForUpdate"), Proven("nginx: removed, result unknown")),
        ("gone with the extension", GONE, None, Proven("nginx: removed, result unknown")),
        ("not gone yet", (("nginx", None),), report(("nginx", "1.0.0", State.INSTALLED)), Unfinished()),
        ("cut short", NGINX, report(("nginx", "1.1.0", State.UNKNOWN), message=""), Unsuccessful(CUT)),
        (
            "left so after a reboot",
            NGINX,
            report(("nginx", "1.1.0", State.UNKNOWN), message=LEFT),
            Unproven(f"{REST} {LEFT}"),
        ),
        ("run again after a reboot", NGINX, report(("nginx", "1.1.0", State.UNKNOWN), message=RERUN), Unfinished()),
        ("an old one left so", NGINX, report(("nginx", "1.0.0", State.UNKNOWN), message=LEFT), Unfinished()),
        ("failed", NGINX, report(("nginx", "1.1.0", State.FAILED)), Unsuccessful("nginx 1.1.0 failed: why")),
        ("skipped", NGINX, report(("nginx", "1.1.0", State.SKIPPED)), Unsuccessful("nginx 1.1.0 skipped: why")),
        (
            "a critical error",
            NGINX,
            report(error="Enable failed: no settings"),
            Unsuccessful("Enable failed: no settings", may_pass=True),
        ),
        (
            "somebody else's failure",
            NGINX,
            report(("nginx", "1.1.0", State.INSTALLED), ("x", "1", State.FAILED)),
            Proven(),
        ),
    ],
)
def test_judging(row: str, expected: Expected, seen: GuestReport | None, judgement: Judgement) -> None:
    assert judge(expected, seen) == judgement


def test_the_first_half_of_a_pair_that_failed_is_a_failure_at_the_old_version() -> None:
    half = report(("nginx", "1.0.0", State.FAILED), message="RemoveForUpdate FAILED Error")
    assert judge(NGINX, half) == Unsuccessful("nginx 1.1.0 failed: RemoveForUpdate FAILED Error")


def test_what_comes_back_may_leave_in_trouble() -> None:
    """An install that failed is taken off and put back; its remove script finds half of what it looks for."""
    old = entry("1.0.0")
    assert old.reference is not None
    off = Assign((Change(path_of(old.reference), on_wire(old), None),))
    again = Change(path_of(old.reference), None, on_wire(old))
    step = Step("a#1", SET, None, off, "because", expects=Expectation(later=(again,)))
    assert returning(step) == {"nginx"}
    found = judge(GONE, removing("Remove", "exit 1"), returning(step))
    assert found == Proven("nginx: its remove script failed: exit 1")
    assert returning(replace(step, expects=Expectation())) == frozenset()


BAD, WORSE = Unsuccessful("a"), Unsuccessful("b", may_pass=True)


@pytest.mark.parametrize(
    ("several", "judgement"),
    [
        ((), Proven()),
        ((Proven("x"), Proven(), Proven("y"), Proven("x")), Proven("x; y")),
        ((Proven("x"), Pending("off"), Pending("silent")), Pending("off")),
        ((Pending("off"), Unproven("reboot")), Unproven("reboot")),
        ((Unproven("reboot"), Unfinished()), Unfinished()),
        ((Unfinished(), BAD), BAD),
        ((BAD, WORSE), Unsuccessful("a; b")),
        ((WORSE, WORSE), WORSE),
    ],
)
def test_the_worst_of_several_counts(several: tuple[Judgement, ...], judgement: Judgement) -> None:
    assert together(several) == judgement


@pytest.mark.parametrize(
    ("judged", "there"),
    [
        (BAD, Unsuccessful("instance 3: a")),
        (WORSE, Unsuccessful("instance 3: b", may_pass=True)),
        (Unproven("x"), Unproven("instance 3: x")),
        (Pending("x"), Pending("instance 3: x")),
        (Proven("x"), Proven("instance 3: x")),
        (Proven(), Proven()),
        (Unfinished(), Unfinished()),
    ],
)
def test_an_instance_is_named(judged: Judgement, there: Judgement) -> None:
    assert named("3", judged) == there
    assert named("", judged) == judged
    assert may_change(judged) == (judged in (WORSE, Unfinished()))


def test_what_a_step_expects() -> None:
    old, new, latest = entry("1.0.0"), entry("1.1.0"), entry("latest", "agent")
    assert old.reference is not None
    put = Change(path_of(old.reference), on_wire(old), on_wire(new))
    gone = Change(("applications", "platform/base"), on_wire(entry("1.0.0", "base")), None)
    assert expected_of(Assign((put, gone))) == (("nginx", "1.1.0"), ("base", None))
    assert latest.reference is not None
    assert expected_of(Assign((Change(path_of(latest.reference), None, on_wire(latest)),))) == (("agent", ""),)
    assert expected_of(UpgradeInstances(("0",), True, (("nginx", "1.1.0"),))) == (("nginx", "1.1.0"),)
    assert expected_of(Delete()) == ()


SET = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))


def test_every_instance_is_judged_by_itself() -> None:
    check = Check(machine_id(), SET, NGINX, is_scale_set=True)
    good, bad = report(("nginx", "1.1.0", State.INSTALLED)), report(("nginx", "1.1.0", State.FAILED))
    nodes = (
        Instance("0", latest=True, report=good),
        Instance("1", latest=True, report=bad),
        Instance("2", latest=False, report=None),
        Instance("3", latest=False, is_protected=True, report=bad),
    )
    found = {str(name): one for name, one in checked_instances(check, Instances(check.machine, nodes))}
    assert found == {
        f"{SET}/0": Proven(),
        f"{SET}/1": Unsuccessful("nginx 1.1.0 failed: why"),
        f"{SET}/2": Unfinished(),
    }
    staying = replace(check, older_stay=True)
    assert len(checked_instances(staying, Instances(check.machine, nodes))) == 2


@pytest.mark.parametrize(
    ("applications", "assigned"),
    [
        ((("nginx", "1.1.0"),), True),
        ((("NGINX", "1.1.0"),), True),
        ((("nginx", ""),), True),
        ((("nginx", "1.0.0"),), False),
        ((("nginx", "1.1.0"), ("agent", "")), False),
        ((), True),
    ],
)
def test_only_what_is_on_the_list_can_come(applications: tuple[tuple[str, str], ...], assigned: bool) -> None:
    check = Check(machine_id(), SET, applications)
    assert is_assigned(check, machine(entry("1.1.0"), entry(reference=None))) is assigned
