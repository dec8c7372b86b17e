"""`vmapps retry`, the command."""

from __future__ import annotations

from cli.world import Commands
from render import cases


def test_it_offers_its_own_plan(vmapps: Commands) -> None:
    said = vmapps("retry", "VirtualMachine/rg-web/*", "--yes")
    assert said.code == 0
    assert vmapps.world.asked.targets == ("VirtualMachine/rg-web/*",)
    assert vmapps.world.asked.guest == "all"
    assert "retried" in vmapps.world.events
    assert "execute 8" in vmapps.world.events


def test_without_a_terminal_and_without_yes_it_does_nothing(vmapps: Commands) -> None:
    said = vmapps("retry")
    assert (said.code, vmapps.world.events) == (64, [])
    assert "say --yes" in said.err


def test_nothing_in_trouble_is_nothing_to_do(vmapps: Commands) -> None:
    vmapps.world.plan = cases.PLANS["nothing"]
    said = vmapps("retry", "--yes")
    assert said.code == 0
    assert said.out.endswith(
        "Nothing to try again: no guest reports that an application of ours failed or was skipped as it is declared.\n"
    )
    assert "live Azure is what" not in said.out
