"""What a guest said of each application, as a table."""

from __future__ import annotations

import pytest

from vmapps.core.guest import GuestReport, InGuest, Performed, State
from vmapps.core.verification import OFF
from vmapps.core.verified import Answer, answers

OLD = InGuest("nginx", "1.0.0", State.INSTALLED, "Install SUCCESS")
NEW = InGuest("nginx", "1.1.0", State.INSTALLED, "Update SUCCESS")
BROKEN = InGuest("nginx", "1.1.0", State.FAILED, "Update FAILED no")
LEFT_OUT = InGuest("nginx", "1.1.0", State.SKIPPED, "Skipped, because base failed")
HALF = InGuest("nginx", "1.0.0", State.FAILED, "RemoveForUpdate FAILED no")
STAYS = InGuest("nginx", "1.0.0", State.FAILED, "Remove FAILED no")
STRANGE = InGuest("nginx", "1.1.0", State.UNKNOWN, "Who knows")
REMOVED = Performed("nginx", "1.0.0", "Remove", succeeded=True)
CLUNG = Performed("nginx", "1.0.0", "Remove", succeeded=False, message="no")
FORMER = InGuest("nginx", "0.9.0", State.FAILED, "Install FAILED then")


@pytest.mark.parametrize(
    ("version", "report", "state", "message"),
    [
        ("1.1.0", GuestReport((NEW,)), "installed", "Update SUCCESS"),
        ("", GuestReport((OLD,)), "installed", "Install SUCCESS"),
        ("1.1.0", GuestReport((BROKEN,)), "failed", "Update FAILED no"),
        ("1.1.0", GuestReport((LEFT_OUT,)), "skipped", "Skipped, because base failed"),
        ("1.1.0", GuestReport((HALF,)), "failed", "RemoveForUpdate FAILED no"),
        ("1.1.0", GuestReport((STRANGE,)), "unknown", "Who knows"),
        ("1.1.0", GuestReport((OLD,)), "pending", "the guest has 1.0.0: Install SUCCESS"),
        ("1.1.0", GuestReport((FORMER,)), "pending", "the guest has 0.9.0: Install FAILED then"),
        ("1.1.0", GuestReport(), "pending", ""),
        ("1.1.0", GuestReport(error="the agent broke"), "pending", "the agent broke"),
        ("1.1.0", GuestReport((NEW,), is_running=False), "pending", OFF),
        ("1.1.0", None, "pending", ""),
        (None, GuestReport(performed=(REMOVED,)), "removed", ""),
        (None, GuestReport(performed=(CLUNG,)), "failed", "no"),
        (None, GuestReport(), "removed", "result unknown"),
        (None, None, "removed", "result unknown"),
        (None, GuestReport((OLD,)), "pending", "the guest has 1.0.0: Install SUCCESS"),
        (None, GuestReport((STAYS,)), "failed", "Remove FAILED no"),
    ],
)
def test_an_application(version: str | None, report: GuestReport | None, state: str, message: str) -> None:
    assert answers([("nginx", version)], report) == (Answer("nginx", version, state, message),)


def test_every_application_in_its_order() -> None:
    wanted = [("base", "1.0.0"), ("nginx", "1.1.0")]
    assert [one.application for one in answers(wanted, GuestReport((NEW,)))] == ["base", "nginx"]
