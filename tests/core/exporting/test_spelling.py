from __future__ import annotations

from dataclasses import replace

from samples import HOME, machine_id, observed
from vmapps.core.address import Address, ArmId
from vmapps.core.exporting.spelling import respelled
from vmapps.core.resource import Machine, Observed, World


def shouted(one: Observed) -> Observed:
    """Every name but its own in capitals."""
    names = (*(name.upper() for name in one.id.names[:-1]), one.id.name)
    types = tuple(word.upper() for word in one.id.types)
    return replace(one, id=replace(one.id, names=names, types=types), address=replace(one.address, name=names))


def test_parents_are_spelled_as_they_spell_themselves() -> None:
    seen = [
        observed("platform"),
        shouted(observed("platform", "Nginx")),
        shouted(observed("platform", "nginx", "1.0.0")),
    ]
    found = respelled(World.of(iter(seen))).resources.values()
    assert [(one.id.types, one.id.names) for one in found] == [
        (("galleries",), ("platform",)),
        (("galleries", "applications"), ("platform", "Nginx")),
        (("galleries", "applications", "versions"), ("platform", "Nginx", "1.0.0")),
    ]
    assert [one.address.name for one in found] == [one.id.names for one in found]


def test_what_hangs_in_the_air_keeps_its_letters() -> None:
    lonely = shouted(observed("platform", "nginx"))
    [found] = respelled(World.of(iter([lonely]))).resources.values()
    assert found.id.names == ("PLATFORM", "nginx")


def test_a_resource_group_is_written_in_one_way() -> None:
    machines = [machine("web-01", "RG-WEB"), machine("web-02", "rg-web"), machine("db-01", "RG-DB")]
    found = respelled(World.of(iter(machines))).machines
    assert [str(address) for address in found] == [
        "VirtualMachine/RG-DB/db-01",
        "VirtualMachine/rg-web/web-01",
        "VirtualMachine/rg-web/web-02",
    ]
    assert {one.id.resource_group for one in found.values()} == {"RG-DB", "rg-web"}


def machine(name: str, group: str) -> Machine:
    arm_id = ArmId(HOME, group, machine_id().types, (name,))
    return Machine(Address("VirtualMachine", (group, name)), arm_id, "westeurope", "Linux")
