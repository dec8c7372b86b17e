"""`vmapps status`."""

from __future__ import annotations

import json

import pytest

from cli.world import Commands
from render.stocks import ROWS, STATUSES, WEB
from vmapps.core.diagnostic import warning
from vmapps.core.status import Condition, Status, View


def test_what_is_asked_for_reaches_the_core(vmapps: Commands) -> None:
    assert vmapps("status").code == 0
    assert vmapps.world.view == View()
    vmapps(
        *("status", "--target", "VirtualMachine/*", "--exclude", "*/web-9", "--application", "platform/*"),
        *("--assignment", "web", "--state", "Failed, skipped,failed", "--foreign", "--guest", "none"),
    )
    conditions = (Condition.FAILED, Condition.SKIPPED)
    targets = ("VirtualMachine/*",)
    assert vmapps.world.view == View(targets, ("*/web-9",), ("platform/*",), ("web",), conditions, True, False)


@pytest.mark.parametrize(
    ("form", "begins"),
    [("text", "18 applications"), ("json", "{"), ("markdown", "<!-- vmapps status contoso-platform.7f3a9c12 -->\n")],
)
def test_the_forms(vmapps: Commands, form: str, begins: str) -> None:
    vmapps.world.status = STATUSES["well"]
    said = vmapps("status", "--format", form)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(begins)
    assert form != "json" or json.loads(said.out)["summary"]["applications"] == 18


def test_whatever_it_says_is_no_error(vmapps: Commands) -> None:
    vmapps.world.status = STATUSES["failed"]
    assert vmapps("status").code == 0


def test_what_could_not_be_read_is_said_after_the_rest_and_is_an_error(vmapps: Commands) -> None:
    unread = {one: f"/subscriptions/{one}: Denied: you may not read it" for one in WEB[:5]}
    vmapps.world.status = Status(ROWS, ROWS, unread={**unread, WEB[7]: "slow"}, unseen=("2222",))
    said = vmapps("status")
    assert said.code == 1
    assert said.out.startswith("44 applications")
    guests, slow, unseen = said.err.splitlines()
    named = "VirtualMachine/rg-web/web-01, VirtualMachine/rg-web/web-02, VirtualMachine/rg-web/web-03 and others"
    assert guests.startswith(f"error: 5 guests could not be read ({named}): /subscriptions/")
    assert guests.endswith("Denied: you may not read it")
    assert slow == "error: 1 guest could not be read (VirtualMachine/rg-web/web-08): slow"
    assert unseen.startswith("error: subscription 2222 of the fleet cannot be read")


def test_what_is_wrong_with_the_manifests_is_said(vmapps: Commands) -> None:
    vmapps.world.status = STATUSES["everything"]
    said = vmapps("status")
    assert said.code == 1
    assert said.err.startswith("a.yaml:3:7: error: VirtualMachine/rg-web/web-99 is not in the fleet")
    vmapps.world.status = Status(diagnostics=(warning("w", "hm"),))
    assert vmapps("status").err == "warning: hm [w]\n"
    assert (vmapps("status", "-q").err, vmapps("status", "-q").code) == ("", 0)


def test_the_width_of_the_terminal_is_honoured(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    vmapps.world.status = STATUSES["everything"]
    for columns, widest in (("60", 60), ("10", 40)):
        monkeypatch.setenv("COLUMNS", columns)
        lines = [line for line in vmapps("status").out.splitlines() if not line.startswith("  Virtual")]
        assert widest - 10 < max(map(len, lines)) <= widest
