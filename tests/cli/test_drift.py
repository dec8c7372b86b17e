"""`vmapps drift`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cli.world import PROJECT, Commands
from render.drifts import DRIFTS, ITEMS
from render.stocks import WEB
from vmapps.core.declaration import Declarations, Ignore
from vmapps.core.diagnostic import Span, error, warning
from vmapps.core.drift import Drift, DriftClass

DRIFT = Drift(ITEMS)
NO_MACHINE, HM = error("expect", "no machine"), warning("w", "hm")


def test_no_drift(vmapps: Commands) -> None:
    said = vmapps("drift")
    assert (said.code, said.out) == (0, "Read 0 guest reports.\n\nNo drift: live Azure is what the manifests say.\n")
    assert vmapps.world.guest == "all"
    vmapps("drift", "--guest", "none")
    assert vmapps.world.guest == "none"


@pytest.mark.parametrize(
    ("row", "drift", "words", "code"),
    [
        ("nothing", Drift(), (), 0),
        *((f"{one.cls}", Drift((one,)), (), 2) for one in ITEMS if one.is_drift),
        ("orphaned", DRIFTS["apart"], (), 0),
        ("orphaned on a list that is ours alone", Drift((replace(ITEMS[-1], is_drift=True),)), (), 2),
        ("a warning", Drift(diagnostics=(HM,)), (), 0),
        ("an error", Drift(diagnostics=(NO_MACHINE,)), (), 1),
        ("an error beside drift", Drift(ITEMS, diagnostics=(NO_MACHINE,)), (), 1),
        ("a subscription that cannot be read", Drift(unseen=("2222",)), (), 1),
        ("the same beside drift", Drift(ITEMS, unseen=("2222",)), (), 1),
        ("a guest that cannot be read", Drift(unread={WEB[0]: "no"}), (), 1),
        ("a gallery that cannot be read", Drift(closed={"/x": "no"}), (), 1),
        ("only what is not there", Drift(ITEMS), ("--only", "orphaned"), 0),
        ("only what is", Drift(ITEMS), ("--only", "failed,dangling"), 2),
        ("all ignored", Drift(ITEMS), ("--ignore", "changed,missing", "--ignore", "failed,dangling,orphaned"), 0),
        ("some ignored", Drift(ITEMS), ("--ignore", "changed"), 2),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_exit_codes(vmapps: Commands, row: str, drift: Drift, words: tuple[str, ...], code: int, form: str) -> None:
    vmapps.world.drift = drift
    assert vmapps("drift", "--format", form, *words).code == code


def test_what_is_said_of_both(vmapps: Commands) -> None:
    """What was found, and what could not be read."""
    vmapps.world.drift = replace(DRIFTS["partly"], items=ITEMS[:1], diagnostics=(NO_MACHINE, HM))
    said = vmapps("drift")
    assert said.code == 1
    assert "missing Gallery/platform" in said.out
    first, *_ = said.err.splitlines()
    assert first == "error: no machine [expect]"
    assert [line for line in said.err.splitlines() if line.startswith("error: ")][1:] == [
        "error: not compared, because it could not be read: Denied: not these",
        "error: 1 guest could not be read (VirtualMachine/rg-web/web-01): Denied: no",
        "error: subscription 2222 of the fleet cannot be read (check spec.fleet, or ask for Reader)",
    ]
    assert "hm [w]" in said.err
    assert "hm [w]" not in vmapps("drift", "-q").err


def test_options_and_rules_leave_out_what_is_counted(vmapps: Commands) -> None:
    vmapps.world.drift = DRIFT
    rule = Ignore(Span("vmapps.yaml", 3, 5), address="VirtualMachine/rg-web/web-0*", reason="being rebuilt")
    vmapps.world.declared = Declarations(replace(PROJECT, ignored_drift=(rule,)))
    tree = json.loads(vmapps("drift", "--format", "json", "--ignore", "Missing, changed").out)
    assert {item["class"] for item in tree["drift"]} == {"dangling", "failed", "orphaned"}
    assert {one["by"] for one in tree["ignored"]} == {
        "vmapps.yaml:3:5: being rebuilt",
        "--ignore missing",
        "--ignore changed",
    }
    assert len(tree["drift"]) + len(tree["ignored"]) == len(ITEMS)
    assert "Ignored: 14 differences" in vmapps("drift", "--ignore", "missing,changed").out


@pytest.mark.parametrize("words", [("--only", "foreign"), ("--ignore", "changed,all"), ("--guest", "some")])
def test_classes_that_do_not_exist(vmapps: Commands, words: tuple[str, ...]) -> None:
    assert vmapps("drift", *words).code == 64


def test_the_classes_are_named_where_they_are_asked_for(vmapps: Commands) -> None:
    told = " ".join(vmapps("drift", "--help").out.split())
    assert ", ".join(DriftClass) in told
