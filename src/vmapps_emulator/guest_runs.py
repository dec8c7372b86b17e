"""From a machine's profile to its guest and back: what happens when a write's operation ends."""

from copy import deepcopy

from vmapps_emulator.errors import ArmError
from vmapps_emulator.extension import NAME, PUBLISHER, extension_type, set_extension_state
from vmapps_emulator.guest import Ending, Guest, Outcome, Report
from vmapps_emulator.guest_plan import Entry, Goal, Step, make_plan
from vmapps_emulator.machine_model import os_type_of
from vmapps_emulator.operations import Failure
from vmapps_emulator.profiles import Wanted, assigned, resolve
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, section
from vmapps_emulator.world import World

_MOST_STARTS = 10


def run_guest(world: World, machine: Resource) -> Failure | None:
    """The end of a machine write: the guest runs, and a flagged failure fails the operation (azure-facts 3.6)."""
    try:
        wanted = resolve(world.store, assigned(machine), machine.location, os_type_of(machine.properties))
    except ArmError as error:
        machine.set_state("Failed")
        return Failure(error.code, error.message)
    report = _run(world, machine, wanted)
    is_success = report is None or report.is_success
    state = "Succeeded" if is_success else "Failed"
    set_extension_state(machine, state)
    machine.set_state(state)
    return None if is_success or report is None else _failure(machine, report)


def script_polls(world: World, machine: Resource) -> int:
    """How many polls the scripts of the next run take: what the rules say, else the setting for each."""
    guest = world.guests.by_machine.get(machine.key, Guest())
    if machine.key in world.guests.stopped:
        return 0
    try:
        wanted = resolve(world.store, assigned(machine), machine.location, os_type_of(machine.properties))
    except ArmError:
        return 0
    plan = make_plan(deepcopy(guest.registry), [_goal(item) for item in wanted])
    lists = [plan.removals, *(steps for group in plan.ordered for steps in group), *plan.unordered]
    said = [world.guests.rules.duration(machine.key, step) for steps in lists for step in steps]
    return sum(world.settings.script_polls if polls is None else polls for polls in said)


def seed_guest(world: World, machine: Resource) -> None:
    """A seeded machine already has what its profile names, as far as that exists."""
    for entry in assigned(machine):
        try:
            wanted = resolve(world.store, [entry], machine.location, os_type_of(machine.properties))
        except ArmError:
            continue
        world.guests.of(machine.key).enable(
            [*_held(world.guests.of(machine.key)), *map(_goal, wanted)], lambda _step: 0
        )


def _held(guest: Guest) -> list[Goal]:
    return [Goal(entry) for entry in guest.registry.values()]


def _run(world: World, machine: Resource, wanted: list[Wanted]) -> Report | None:
    """One enable, and another after each reboot (guess: the agent starts the manager again at boot)."""
    if machine.key in world.guests.stopped:
        return None
    if not wanted and machine.key not in world.guests.by_machine:
        return None
    guest = world.guests.of(machine.key)

    def script(step: Step) -> Outcome:
        world.guests.ran.append((machine.key, step.entry.application, step.entry.version, step.operation))
        return world.guests.rules.outcome(machine.key, step)

    ending = Ending()
    for _ in range(_MOST_STARTS):
        ending = guest.enable([_goal(item) for item in wanted], script)
        if not ending.cut_by:
            break
    if not wanted:
        guest.report = None  # the extension goes with the last application, and its status with it
    return ending.report


def _goal(wanted: Wanted) -> Goal:
    profile = wanted.version.properties["publishingProfile"]
    actions, settings = section(profile, "manageActions"), section(profile, "settings")
    entry = Entry(
        application=str(wanted.application.body["name"]),
        version=str(wanted.version.body["name"]),
        install=str(actions.get("install") or ""),
        update=str(actions.get("update") or ""),
        remove=str(actions.get("remove") or ""),
        reruns=settings.get("scriptBehaviorAfterReboot") == "Rerun",
        package_file=str(settings.get("packageFileName") or ""),
        config_file=str(settings.get("configFileName") or ""),
        has_config=bool(wanted.entry.get("configurationReference") or _default_config(profile)),
    )
    order = wanted.entry.get("order")
    return Goal(entry, order, wanted.entry.get("treatFailureAsDeploymentFailure") is True)


def _default_config(profile: Json) -> object:
    return section(profile, "source").get("defaultConfigurationLink")


def _failure(machine: Resource, report: Report) -> Failure:
    """The sentence of azure_cli_lro_final_states.jsonl (guess: that applications get it too)."""
    text = f"VM has reported a failure when processing extension '{NAME}' (publisher '{PUBLISHER}' and type "
    return Failure(
        "VMExtensionProvisioningError",
        f"{text}'{extension_type(machine)}'). Error message: '{report.message}'.",
    )
