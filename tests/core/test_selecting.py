"""Which machines a selector means, `not` included."""

from __future__ import annotations

import pytest

from samples import ELSEWHERE, HOME, machine
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Selector
from vmapps.core.resource import Machine
from vmapps.core.selecting import selects

VM, SCALE_SET = "VirtualMachine", "VirtualMachineScaleSet"
BOTH = (VM, SCALE_SET)
WEB = machine(tags={"role": "web"})
SET = Machine(
    Address(SCALE_SET, ("rg-web", "web-ss")),
    ArmId(HOME, "rg-web", ("virtualMachineScaleSets",), ("web-ss",)),
    "westeurope",
    "Linux",
    tags={"role": "web"},
    upgrade_mode="Manual",
)


def but(*kinds: str, **fields: object) -> Selector:
    """A selector of both kinds with a `not`."""
    return Selector(kinds=BOTH, exclude=Selector(kinds=kinds, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "selector", "selected"),
    [
        ("virtual machines unless said otherwise", Selector(), (True, False)),
        ("scale sets only", Selector(kinds=(SCALE_SET,)), (False, True)),
        ("both", Selector(kinds=BOTH), (True, True)),
        ("not a kind", but(SCALE_SET), (True, False)),
        ("not of any kind, by tag", but(tags={"role": ("web",)}), (False, False)),
        ("not of one kind, by tag", but(VM, tags={"role": ("web",)}), (False, True)),
        ("not of one kind, by a tag it does not have", but(VM, tags={"role": ("db",)}), (True, True)),
        ("the fields under not are ANDed", but(names=("web-*",), tags={"role": ("db",)}), (True, True)),
        ("an empty not is everything", but(), (False, False)),
        ("one of several subscriptions", Selector(kinds=BOTH, subscriptions=(ELSEWHERE, HOME)), (True, True)),
        ("not in a group", but(resource_groups=("RG-*",)), (False, False)),
        ("not in a region", but(locations=("West Europe",)), (False, False)),
    ],
)
def test_selectors_with_kinds_and_not(row: str, selector: Selector, selected: tuple[bool, bool]) -> None:
    assert (selects(selector, WEB), selects(selector, SET)) == selected


def test_what_belongs_to_a_scale_set_is_not_selected_by_its_own_name() -> None:
    assert selects(Selector(names=("web-01",)), machine())
    assert not selects(Selector(names=("web-01",)), machine(scale_set=str(SET.id)))
