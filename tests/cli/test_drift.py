"""`vmapps drift`."""

from __future__ import annotations

import json

import pytest

from cli.world import Commands
from render import cases
from vmapps.core.diagnostic import error, warning
from vmapps.core.drift import Drift, DriftItem
from vmapps.core.plan import Options, Plan
from vmapps.core.resource import World

DRIFT = Drift((DriftItem("missing", cases.CREATE_GALLERY.address, "declared, and not in Azure"),))


def test_no_drift(vmapps: Commands) -> None:
    said = vmapps("drift")
    assert (said.code, said.out) == (0, "No drift: live Azure is what the manifests say.\n")
    assert vmapps.world.asked == Options(metadata_now=True)


@pytest.mark.parametrize("form", ["text", "json"])
def test_drift_is_always_2(vmapps: Commands, form: str) -> None:
    vmapps.world.drift = DRIFT
    said = vmapps("drift", "--format", form)
    assert said.code == 2
    assert "Gallery/platform" in said.out
    assert form == "text" or json.loads(said.out)["drifted"]


def test_an_error_is_no_agreement(vmapps: Commands) -> None:
    vmapps.world.plan = Plan(cases.PROJECT, diagnostics=(error("expect", "no machine"), warning("w", "hm")))
    said = vmapps("drift")
    assert (said.code, said.err) == (1, "error: no machine [expect]\nwarning: hm [w]\n")
    assert vmapps("drift", "-q").err == "error: no machine [expect]\n"


def test_an_error_that_is_drift_is_told_once(vmapps: Commands) -> None:
    vmapps.world.plan = Plan(cases.PROJECT, diagnostics=(error("content-changed", "x", subject="Gallery/platform"),))
    vmapps.world.drift = DRIFT
    said = vmapps("drift")
    assert (said.code, said.err) == (2, "")


@pytest.mark.parametrize("drift", [Drift(()), DRIFT])
def test_a_subscription_that_cannot_be_read_is_said_after_the_rest(vmapps: Commands, drift: Drift) -> None:
    vmapps.world.drift = drift
    vmapps.world.live = World(unseen=("2222", "3333"))
    said = vmapps("drift", "-q")
    assert said.code == 1
    assert ("Gallery/platform" in said.out) is bool(drift.items)
    assert [line.partition(" of the fleet")[0] for line in said.err.splitlines()] == [
        "error: subscription 2222",
        "error: subscription 3333",
    ]
