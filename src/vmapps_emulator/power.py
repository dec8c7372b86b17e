"""Start, stop and the like of a machine: 202 with Location and Azure-AsyncOperation (recordings tmc_vm, test_vm_*)."""

from vmapps_emulator.errors import group_not_found, resource_not_found
from vmapps_emulator.guest_runs import run_guest
from vmapps_emulator.machines import WORD
from vmapps_emulator.operations import Failure
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Handler, Request, Response
from vmapps_emulator.world import World

# What each action leaves behind: whether the machine is stopped, and whether the write counts in the ETag
# (test_vm_create_state_modifications: powerOff, start and restart count, reapply and redeploy do not).
ACTIONS = {
    "start": (False, True),
    "restart": (False, True),
    "poweroff": (True, True),
    "deallocate": (True, True),
    "redeploy": (False, False),
    "reapply": (None, False),
}


def action(name: str) -> Handler:
    """The handler of one action."""
    is_stopped, counts = ACTIONS[name]

    async def act(world: World, request: Request) -> Response:
        machine = _machine(world, request)
        world.operations.settle_resource(machine)
        if counts:
            machine.write_etag()
        machine.set_state("Updating")

        def finish() -> Failure | None:
            _stop_or_start(world, machine, is_stopped)
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


def _stop_or_start(world: World, machine: Resource, is_stopped: bool | None) -> None:
    if is_stopped is None:
        return
    if is_stopped:
        world.guests.stopped.add(machine.key)
    else:
        world.guests.stopped.discard(machine.key)
