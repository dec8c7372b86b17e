"""Start, stop and the like of a machine: 202 with Location and Azure-AsyncOperation (recordings tmc_vm, test_vm_*)."""

from vmapps_emulator.errors import group_not_found, resource_not_found
from vmapps_emulator.guest_runs import run_guest
from vmapps_emulator.machines import WORD
from vmapps_emulator.operations import Failure
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Handler, Request, Response
from vmapps_emulator.world import World

RUNNING, STOPPED, DEALLOCATED = "running", "stopped", "deallocated"

# What each action leaves behind: the power state, and how often it counts in the ETag
# (test_vm_create_state_modifications: powerOff, start and restart once, deallocate twice, redeploy not at all).
ACTIONS: dict[str, tuple[str | None, int]] = {
    "start": (RUNNING, 1),
    "restart": (RUNNING, 1),
    "poweroff": (STOPPED, 1),
    "deallocate": (DEALLOCATED, 2),
    "redeploy": (RUNNING, 0),
    "reapply": (None, 0),
}


def action(name: str) -> Handler:
    """The handler of one action."""
    power, counts = ACTIONS[name]

    async def act(world: World, request: Request) -> Response:
        machine = _machine(world, request)
        world.operations.settle_resource(machine)
        for _ in range(counts):
            machine.write_etag()
        machine.set_state("Updating")

        def finish() -> Failure | None:
            if power is not None:
                set_power(world, machine, power)
            return run_guest(world, machine)

        return world.begin(request, machine, 202, finish, word=WORD)

    return act


def _machine(world: World, request: Request) -> Resource:
    target = request.target
    if not world.store.has_group(target.subscription, target.group):
        raise group_not_found(target.group)
    machine = world.store.get(target.parent_key)
    if machine is None:
        raise resource_not_found(f"Microsoft.Compute/virtualMachines/{target.names[0]}", target.group)
    return machine


def set_power(world: World, machine: Resource, power: str) -> None:
    """Write the power state; the guest of a machine that does not run does nothing."""
    machine.hidden["power"] = power
    if power == RUNNING:
        world.guests.stopped.discard(machine.key)
    else:
        world.guests.stopped.add(machine.key)
