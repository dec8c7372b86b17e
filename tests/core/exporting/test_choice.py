from __future__ import annotations

import pytest

from samples import gallery_id
from vmapps.core.address import Address, ArmId
from vmapps.core.exporting.choice import Choice
from vmapps.core.resource import Machine, Reference


@pytest.mark.parametrize(
    ("ours", "theirs", "taken", "borrowed"),
    [
        ((), (), True, False),
        (("platform",), (), True, False),
        (("PLAT*",), (), True, False),
        (("platform/nginx",), (), True, False),
        (("platform/NG*",), (), True, False),
        (("platform/base",), (), False, False),
        (("tools",), (), False, False),
        ((), ("security",), False, False),
        ((), ("platform",), False, True),
        ((), ("platform/nginx",), False, True),
        ((), ("platform/base",), False, False),
        (("*",), ("platform",), False, True),
        (("platform",), ("platform/base",), False, False),
    ],
)
def test_an_application_is_ours_theirs_or_nobodys(
    ours: tuple[str, ...], theirs: tuple[str, ...], taken: bool, borrowed: bool
) -> None:
    choice = Choice(ours, theirs)
    assert (choice.takes("platform", "nginx"), choice.borrows("platform", "nginx")) == (taken, borrowed)
    assert choice.wants(Reference(gallery_id(), "nginx", "1.0.0")) is (taken or borrowed)


def test_a_gallery_is_taken_for_the_sake_of_one_application() -> None:
    assert Choice(("platform/nginx",)).takes("platform")
    assert Choice(theirs=("platform/nginx",)).borrows("platform")


def test_a_pattern_is_no_name() -> None:
    assert Choice(("Platform/n*",)).names("platform")
    assert not Choice(("plat*",)).names("platform")
    assert not Choice().names("platform")


def test_machines_are_chosen_by_group_and_name() -> None:
    machine = Machine(
        Address("VirtualMachine", ("rg-Web", "web-01")), ArmId("s", "rg-Web", ("virtualMachines",), ("web-01",)), "", ""
    )
    assert Choice().covers(machine)
    assert Choice(machines=("rg-*/WEB-*",)).covers(machine)
    assert not Choice(machines=("rg-db/*", "web-01")).covers(machine)


def test_what_names_no_gallery_is_told() -> None:
    choice = Choice(("platform/nginx", "tool*", "gone"), ("security",))
    assert choice.unmatched(["Platform", "tools"]) == ("gone", "security")
