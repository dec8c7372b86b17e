"""What a plan needs to be allowed, and what grants allow."""

from __future__ import annotations

import pytest

from samples import address, entry, machine, machine_address, machine_id, reference, resource_id
from vmapps.core.action import (
    Action,
    Assign,
    Change,
    Check,
    Create,
    Delete,
    Discard,
    Update,
    UpgradeInstances,
    Upload,
    Verify,
)
from vmapps.core.address import Address, ArmId
from vmapps.core.entries import on_wire, path_of
from vmapps.core.permissions import ASSIGN_IDENTITY, VERSION_READ, Grant, Need, lacking, needs_of, unreadable
from vmapps.core.plan import Options, Plan, ProjectId, Step
from vmapps.core.resource import World

SUBSCRIPTION = resource_id("platform").subscription
GALLERY, VERSION, MACHINE = resource_id("platform"), resource_id("platform", "nginx", "1.0.0"), machine_id("web-01")
SET = ArmId(SUBSCRIPTION, "rg-web", ("virtualMachineScaleSets",), ("ss",))
CHANGE = Change(("x",), None, 1)
OURS, THEIRS = entry("2.0.0"), entry("1.0.0", "scanner")
EDIT = Change(path_of(reference("2.0.0")), on_wire(entry("1.0.0")), on_wire(OURS))
WORLD = World(machines={machine_address("web-01"): machine(entry("1.0.0"), THEIRS)})


def needed(action: Action, resource: ArmId | None, at: Address) -> list[tuple[str, str]]:
    step = Step("a#1", at, resource, action, "because")
    plan = Plan(ProjectId("p", "p", SUBSCRIPTION), Options(), (step,))
    return [(need.action.removeprefix("Microsoft.Compute/"), need.scope) for need in needs_of(plan, WORLD)]


IN, POLLS, VM_POLLS = f"/subscriptions/{SUBSCRIPTION}", "locations/capsOperations/read", "locations/operations/read"
VERSIONS, SETS = "galleries/applications/versions", "virtualMachineScaleSets"


@pytest.mark.parametrize(
    ("action", "resource", "at", "needs"),
    [
        (Upload("a", 1, "f"), None, Address("Package", ("a",)), []),
        (Discard("a"), None, Address("Package", ("a",)), []),
        (
            Create((CHANGE,)),
            GALLERY,
            address("platform"),
            [("galleries/read", str(GALLERY)), ("galleries/write", str(GALLERY)), (POLLS, IN)],
        ),
        (
            Update((CHANGE,)),
            VERSION,
            address("platform", "nginx", "1.0.0"),
            [(f"{VERSIONS}/read", str(VERSION)), (f"{VERSIONS}/write", str(VERSION)), (POLLS, IN)],
        ),
        (
            Delete(),
            VERSION,
            address("platform", "nginx", "1.0.0"),
            [(f"{VERSIONS}/delete", str(VERSION)), (f"{VERSIONS}/read", str(VERSION)), (POLLS, IN)],
        ),
        (
            Assign((EDIT,)),
            MACHINE,
            machine_address("web-01"),
            [
                (f"{VERSIONS}/read", OURS.spelled),
                (f"{VERSIONS}/read", THEIRS.spelled),
                (VM_POLLS, IN),
                ("virtualMachines/read", str(MACHINE)),
                ("virtualMachines/write", str(MACHINE)),
            ],
        ),
        (
            UpgradeInstances(("0",), pushed=True),
            SET,
            Address("VirtualMachineScaleSet", ("rg-web", "ss")),
            [(f"{SETS}/manualUpgrade/action", str(SET)), (f"{SETS}/virtualMachines/read", str(SET))],
        ),
        (
            UpgradeInstances(("0",), pushed=False),
            SET,
            Address("VirtualMachineScaleSet", ("rg-web", "ss")),
            [(f"{SETS}/virtualMachines/read", str(SET))],
        ),
        (
            Verify(
                (
                    Check(MACHINE, machine_address("web-01"), ()),
                    Check(SET, Address("VirtualMachineScaleSet", ("rg-web", "ss")), (), is_scale_set=True),
                )
            ),
            None,
            Address("VMAssignment", ("web",)),
            [(f"{SETS}/virtualMachines/read", str(SET)), ("virtualMachines/instanceView/read", str(MACHINE))],
        ),
    ],
)
def test_every_action_has_its_needs(
    action: Action, resource: ArmId | None, at: Address, needs: list[tuple[str, str]]
) -> None:
    assert needed(action, resource, at) == needs


IDENTITY = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/gallery"


@pytest.mark.parametrize(
    ("change", "assigned"),
    [
        (Change(("identity",), None, {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}), True),
        (Change(("identity", "userAssignedIdentities"), None, {IDENTITY: {}}), True),
        (Change(("identity", "userAssignedIdentities", IDENTITY), None, {}), True),
        (Change(("identity", "type"), None, "UserAssigned"), False),
        (Change(("identity", "userAssignedIdentities", IDENTITY), {}, None), False),
        (Change(("tags", IDENTITY), None, "x"), False),
    ],
)
def test_who_gives_a_gallery_an_identity_has_to_be_allowed_to_assign_it(change: Change, assigned: bool) -> None:
    found = needed(Create((change,)), GALLERY, address("platform"))
    assert ((ASSIGN_IDENTITY, IDENTITY) in found) == assigned


@pytest.mark.parametrize(
    ("grant", "allowed"),
    [
        (Grant(("*",)), True),
        (Grant(("microsoft.compute/VIRTUALMACHINES/*",)), True),
        (Grant(("Microsoft.Compute/*/write",)), True),
        (Grant(("*",), ("Microsoft.Compute/virtualMachines/write",)), False),
        (Grant(("*/read",)), False),
        (Grant(()), False),
    ],
)
def test_a_grant_is_its_actions_without_its_not_actions(grant: Grant, allowed: bool) -> None:
    assert grant.allows("Microsoft.Compute/virtualMachines/write") == allowed


def test_one_role_s_not_actions_take_nothing_from_another_role() -> None:
    need = Need("Microsoft.Compute/virtualMachines/write", str(MACHINE), machine_address("web-01"))
    several = (Grant(("*",), ("*/write",)), Grant(("Microsoft.Compute/virtualMachines/write",)))
    assert lacking((need,), lambda _: several) == ()
    assert lacking((need,), lambda _: several[:1]) == (need,)


def test_a_role_counts_at_the_group_and_at_the_thing_itself() -> None:
    need = Need("Microsoft.Compute/virtualMachines/write", str(MACHINE), machine_address("web-01"))
    for place in (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-web", str(MACHINE)):
        assert lacking((need,), lambda scope, place=place: (Grant(("*",)),) if scope == place else ()) == ()  # type: ignore[misc]
    polls = Need("Microsoft.Compute/locations/operations/read", IN, machine_address("web-01"))
    assert polls.places == (IN,)


def test_what_planning_could_not_read_is_missing_for_its_machine() -> None:
    assert THEIRS.reference is not None
    closed = World(machines=WORLD.machines, references={THEIRS.reference.id.key: "unreadable", "x": "missing"})
    assert unreadable(closed) == (Need(VERSION_READ, THEIRS.spelled, machine_address("web-01")),)
    assert unreadable(WORLD) == ()
