"""`vmapps drift`."""

from __future__ import annotations

import json

import pytest

from cli.world import Commands
from render import cases
from vmapps.core.diagnostic import error, warning
from vmapps.core.drift import Drift, DriftItem
from vmapps.core.plan import Options, Plan

DRIFT = Drift((DriftItem("missing", cases.CREATE_GALLERY.address, "declared, and not in Azure"),))


def test_no_drift(vmapps: Commands) -> None:
    said = vmapps("drift")
    assert (said.code, said.out) == (0, "No drift: live Azure is what the manifests say.\n")
    assert vmapps.world.asked == Options()


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
