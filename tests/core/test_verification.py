"""What a guest's report says about a write: nothing unknown is a success [azure-facts 3.5, guest-agent.md 4.3]."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples import entry, machine, machine_id
from vmapps.core.action import Assign, Change, Check, Delete, UpgradeInstances
from vmapps.core.address import Address
from vmapps.core.entries import on_wire, path_of
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.resource import Instance, Instances
from vmapps.core.verification import (
    OFF,
    Expected,
    Judgement,
    Pending,
    Proven,
    Unfinished,
    Unsuccessful,
    checked_instances,
    expected_of,
    is_assigned,
    judge,
)

NGINX: Expected = (("nginx", "1.1.0"),)


def report(*several: tuple[str, str, State], message: str = "why", error: str = "", off: bool = False) -> GuestReport:
    return GuestReport(tuple(InGuest(*one, message) for one in several), error=error, is_running=not off)


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
        ("gone", (("nginx", None),), report(), Proven()),
        ("gone with the extension", (("nginx", None),), None, Proven()),
        ("not gone yet", (("nginx", None),), report(("nginx", "1.0.0", State.INSTALLED)), Unfinished()),
        ("failed", NGINX, report(("nginx", "1.1.0", State.FAILED)), Unsuccessful("nginx 1.1.0 failed: why")),
        ("skipped", NGINX, report(("nginx", "1.1.0", State.SKIPPED)), Unsuccessful("nginx 1.1.0 skipped: why")),
        (
            "a critical error",
            NGINX,
            report(error="Enable failed: no settings"),
            Unsuccessful("Enable failed: no settings"),
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
