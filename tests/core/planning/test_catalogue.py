"""What machines need to know about galleries: as they will be, and for `latest` as they are today."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples import (
    address,
    application_body,
    asked,
    declarations,
    desired,
    gallery_id,
    machine,
    machine_address,
    observed,
    reference,
    version_body,
)
from vmapps.core.address import Address
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.guest_effects import Meant, Scripts
from vmapps.core.planning.catalogue import Catalogue, catalogue_of
from vmapps.core.resource import Body, Desired, Instances, Observed, World

NGINX = ("platform", "nginx")
PARENTS = (desired("platform"), desired(*NGINX))
KEY = reference().key
LATEST = reference("latest")
HIDDEN = version_body(excludeFromLatest=True)


def known(*several: Desired | Observed, world: World | None = None) -> Catalogue:
    declared = [one for one in several if isinstance(one, Desired)]
    live = [one for one in several if isinstance(one, Observed)]
    return catalogue_of(declarations(*declared), world or World.of(iter(live)), asked())


def there(number: str, body: Body | None = None, **more: str) -> Observed:
    return observed(*NGINX, number, body=body or version_body(), **more)


def of(number: str, body: Body | None = None) -> Desired:
    return desired(*NGINX, number, body=body or version_body())


@pytest.mark.parametrize(
    ("row", "application", "owned"),
    [
        ("being created by us", desired(*NGINX), True),
        ("marked by us", observed(*NGINX), True),
        ("marked under a former name", observed(*NGINX, owner="old"), True),
        ("unmarked", observed(*NGINX, owner=""), False),
        ("another owner's", observed(*NGINX, owner="other.1"), False),
    ],
)
def test_whose_an_application_is(row: str, application: Desired | Observed, owned: bool) -> None:
    assert known(application).owned == (frozenset({KEY}) if owned else frozenset())


def test_declaring_what_others_own_does_not_make_it_ours() -> None:
    assert known(desired(*NGINX), observed(*NGINX, owner="other.1")).owned == frozenset()
    assert known(desired(*NGINX), observed(*NGINX)).owned == {KEY}


def test_only_applications_are_owned_this_way() -> None:
    assert known(desired("platform"), of("1.0.0")).owned == frozenset()


@pytest.mark.parametrize(
    ("row", "several", "body"),
    [
        ("live", (observed(*NGINX, body=application_body(eula="x")),), "x"),
        ("declared", (desired(*NGINX, body=application_body(eula="y")),), "y"),
        (
            "declared counts more",
            (observed(*NGINX, body=application_body(eula="x")), desired(*NGINX, body=application_body(eula="y"))),
            "y",
        ),
        (
            "what nobody declares is kept",
            (observed(*NGINX, body=application_body(eula="x")), desired(*NGINX)),
            "x",
        ),
    ],
)
def test_a_resource_as_it_will_be(row: str, several: tuple[Desired | Observed, ...], body: str) -> None:
    found = known(*several).bodies[address(*NGINX)]["properties"]
    assert isinstance(found, dict)
    assert found["eula"] == body


def test_what_is_sent_on_creation_is_there_when_it_is_created_only() -> None:
    body = {"properties": {"supportedOSType": "Linux"}}
    created = known(desired(*NGINX, body=body, initial={"location": "eastus"})).bodies[address(*NGINX)]
    assert created["location"] == "eastus"
    kept = known(desired(*NGINX, body=body, initial={"location": "eastus"}), observed(*NGINX)).bodies[address(*NGINX)]
    assert kept["location"] == "westeurope"


@pytest.mark.parametrize(
    ("row", "several", "newest", "today"),
    [
        ("nothing", (), (), ()),
        ("it is there", (there("1.0.0"),), ("1.0.0",), ("1.0.0",)),
        ("it will be there", (of("1.0.0"),), ("1.0.0",), ("1.0.0",)),
        ("a newer one will be there", (there("1.0.0"), of("2.0.0")), ("2.0.0",), ("2.0.0", "1.0.0")),
        ("an older one will be there", (there("2.0.0"), of("1.0.0")), ("2.0.0",), ("2.0.0",)),
        (
            "the newest will be excluded",
            (there("1.0.0"), there("2.0.0"), of("2.0.0", HIDDEN)),
            ("1.0.0",),
            ("1.0.0", "2.0.0"),
        ),
        (
            "a failed one is of no use today",
            (there("1.0.0"), there("2.0.0", state="Failed")),
            ("2.0.0",),
            ("2.0.0", "1.0.0"),
        ),
        (
            "all are excluded: any may be meant",
            (there("1.0.0", HIDDEN), there("2.0.0", HIDDEN)),
            ("1.0.0", "2.0.0"),
            ("1.0.0", "2.0.0"),
        ),
    ],
)
def test_what_latest_needs_after_the_plan_and_rests_on_until_then(
    row: str, several: tuple[Desired | Observed, ...], newest: tuple[str, ...], today: tuple[str, ...]
) -> None:
    catalogue = known(*several)
    assert catalogue.addresses_of(LATEST, "westeurope") == tuple(address(*NGINX, one) for one in newest)
    assert catalogue.addresses_today(LATEST, "westeurope") == tuple(address(*NGINX, one) for one in today)
    assert catalogue.names(LATEST, "westeurope") == today


@pytest.mark.parametrize("spelling", ["1.0.0", "7.0.0"])
def test_an_exact_version_is_that_version_whatever_else_there_is(spelling: str) -> None:
    catalogue = known(there("1.0.0"), of("2.0.0"))
    expected = (address(*NGINX, "1.0.0"),) if spelling == "1.0.0" else ()
    for found in (catalogue.addresses_of, catalogue.addresses_today):
        assert found(reference(spelling), "westeurope") == expected
    assert catalogue.names(reference(spelling), "westeurope") == (spelling,)


def test_references_ignore_case_and_a_gallery_elsewhere_is_another() -> None:
    catalogue = known(there("1.0.0"))
    assert catalogue.addresses_of(reference("1.0.0", "NGINX", "Platform"), "westeurope") == (address(*NGINX, "1.0.0"),)
    assert catalogue.addresses_of(replace(reference(), gallery=gallery_id("Tools")), "westeurope") == ()


def test_latest_is_told_with_what_it_means_where_the_machine_is() -> None:
    body = version_body(targetRegions=[{"name": "westeurope", "excludeFromLatest": True}, {"name": "eastus"}])
    catalogue = known(there("1.0.0"), there("2.0.0", body))
    assert catalogue.meant(LATEST, machine(location="West Europe")) == Meant("latest", "1.0.0")
    assert catalogue.meant(reference("LATEST"), machine(location="eastus")) == Meant("latest", "2.0.0")
    assert catalogue.meant(reference("latest", "unknown"), machine()) == Meant("latest")
    assert catalogue.meant(reference("1.0.0"), machine()) == Meant("1.0.0")


@pytest.mark.parametrize(
    ("row", "actions", "scripts"),
    [
        ("it has one", {"update": "sh update.sh"}, Scripts(has_update=True)),
        ("it has none", {"install": "x"}, Scripts(has_update=False)),
        ("it is empty", {"update": ""}, Scripts(has_update=False)),
    ],
)
def test_whether_a_version_has_an_update_script(row: str, actions: Body, scripts: Scripts) -> None:
    catalogue = known(there("1.0.0", version_body(manageActions=actions)))
    assert catalogue.scripts(reference()) == scripts
    assert catalogue.scripts(reference("7.0.0")) is None


def test_what_was_read_beside_the_lists_is_at_hand() -> None:
    where = machine_address()
    seen = InGuest("Nginx", "1.0.0", State.FAILED)
    model = Address("VirtualMachineScaleSet", ("rg-web", "set"))
    world = World(
        reports={where: GuestReport((seen,))},
        references={"an id": "missing"},
        instances={model: Instances(machine().id)},
    )
    catalogue = known(world=world)
    assert catalogue.seen(machine(), "nginx") == seen
    assert catalogue.seen(machine(), "agent") is None
    assert catalogue.seen(machine(name="db"), "nginx") is None
    assert catalogue.references == {"an id": "missing"}
    assert catalogue.instances == world.instances


def test_versions_come_in_one_order_whatever_the_input() -> None:
    several = (there("2.0.0"), of("1.0.0"), of("3.0.0"), *PARENTS)
    assert known(*several).versions == known(*reversed(several)).versions
    assert [name for name, _ in known(*several).versions[KEY]] == ["1.0.0", "2.0.0", "3.0.0"]
