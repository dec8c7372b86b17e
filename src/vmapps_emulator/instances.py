"""A scale set's instances: made, brought to the model, taken away (azure-facts 3.9, recordings test_vmss_*)."""

from copy import deepcopy

from vmapps_emulator.extension import show_extension
from vmapps_emulator.guest_runs import run_guest, seed_guest
from vmapps_emulator.instance_bodies import flexible_body, uniform_body
from vmapps_emulator.operations import Failure
from vmapps_emulator.profiles import entries_of
from vmapps_emulator.scale_set_model import capacity_of, is_flexible, model_of
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import section
from vmapps_emulator.world import World

KIND = "virtualmachines"


def instances_of(world: World, scale_set: Resource) -> dict[str, Resource]:
    """All instances, Uniform ones or virtual machines, in order of creation."""
    return world.store.collection(f"{scale_set.key}/{KIND}")


def scale_set_of(world: World, instance: Resource) -> Resource | None:
    """The scale set that an instance or a virtual machine belongs to."""
    named = section(instance.properties, "virtualMachineScaleSet").get("id")
    key = str(named) if named else instance.key.rpartition(f"/{KIND}/")[0]
    found = world.store.get(key)
    return found if found is not None and "/virtualmachinescalesets/" in found.key else None


def find_instance(world: World, scale_set: Resource, name: str) -> Resource | None:
    """One instance by its id (Uniform) or its name (Flexible) [MAN]."""
    wanted = name.lower()
    found = world.store.get(f"{scale_set.key}/{KIND}/{wanted}")
    if found is not None or not is_flexible(scale_set):
        return found
    return next((item for item in instances_of(world, scale_set).values() if name_of(item).lower() == wanted), None)


def name_of(instance: Resource) -> str:
    """How calls on a scale set name an instance: by its id, a virtual machine by its name."""
    return str(instance.body.get("instanceId", instance.body["name"]))


def join_scale_set(world: World, machine: Resource) -> None:
    """Enter a virtual machine that names a scale set among its instances."""
    scale_set = scale_set_of(world, machine)
    if scale_set is not None:
        world.store.join(machine, f"{scale_set.key}/{KIND}")
        machine.hidden.setdefault("model", scale_set.hidden.get("model", 1))


def is_stale(scale_set: Resource, instance: Resource) -> bool:
    """Whether an instance was made of an older model."""
    return bool(instance.hidden.get("model", 1) != scale_set.hidden.get("model", 1))


def is_protected(instance: Resource) -> bool:
    """Whether an instance is kept from upgrades and other actions of the set [CRP]."""
    return section(instance.properties, "protectionPolicy").get("protectFromScaleSetActions") is True


def stale_instances(world: World, scale_set: Resource) -> list[Resource]:
    """The instances that an upgrade would touch."""
    held = instances_of(world, scale_set).values()
    return [item for item in held if is_stale(scale_set, item) and not is_protected(item)]


def show_staleness(world: World, scale_set: Resource) -> None:
    """Write latestModelApplied into every Uniform instance (test_vmss_update: false from the write on)."""
    if is_flexible(scale_set):
        return
    for instance in instances_of(world, scale_set).values():
        instance.properties["latestModelApplied"] = not is_stale(scale_set, instance)
        instance.touched()


def apply_model(world: World, scale_set: Resource, instance: Resource) -> Failure | None:
    """Bring one instance to the newest model; its guest runs."""
    _take_model(scale_set, instance)
    instance.write_etag()
    return run_guest(world, instance)


def reimage(world: World, scale_set: Resource, instance: Resource) -> Failure | None:
    """A new disk: an empty registry and the newest model [UPM]."""
    world.guests.forget(instance.key)
    return apply_model(world, scale_set, instance)


def scale(world: World, scale_set: Resource) -> Failure | None:
    """Make or take away instances until there are as many as ``sku.capacity`` says; new ones have the newest model."""
    failures: list[Failure] = []
    while len(instances_of(world, scale_set)) < capacity_of(scale_set):
        instance = _new_instance(world, scale_set)
        failure = run_guest(world, instance)
        failures += [failure] if failure else []
    surplus = len(instances_of(world, scale_set)) - capacity_of(scale_set)
    for instance in _leaving(world, scale_set, surplus):
        forget(world, instance)
    return failures[0] if failures else None


def seed_instances(world: World, scale_set: Resource) -> None:
    """The instances of a seeded scale set, unless the seed names its own."""
    if instances_of(world, scale_set):
        return
    for _ in range(capacity_of(scale_set)):
        instance = _new_instance(world, scale_set)
        instance.set_state("Succeeded")
        seed_guest(world, instance)


def adopt(scale_set: Resource, instance: Resource) -> None:
    """A seeded Uniform instance: it carries the model, or an older one when its body says so."""
    number = scale_set.hidden.setdefault("model", 1)
    is_latest = instance.properties.setdefault("latestModelApplied", True)
    instance.hidden |= {
        "model": number if is_latest else number - 1,
        "entries": deepcopy(entries_of(model_of(scale_set))),
    }
    name = name_of(instance)
    if name.isdigit():
        scale_set.hidden["next"] = max(scale_set.hidden.get("next", 0), int(name) + 1)


def delete_instances(world: World, scale_set: Resource, instances: list[Resource]) -> None:
    """Instances leave, and the capacity shrinks with them (guess: by as many as there were)."""
    for instance in instances:
        forget(world, instance)
    set_capacity(world, scale_set)


def leave(world: World, machine: Resource) -> None:
    """A virtual machine is gone; a Flexible set that had it is smaller by one (guess)."""
    scale_set = scale_set_of(world, machine)
    forget(world, machine)
    if scale_set is not None:
        set_capacity(world, scale_set)


def set_capacity(world: World, scale_set: Resource) -> None:
    """Write the number of instances into the SKU."""
    scale_set.body["sku"] = {**section(scale_set.body, "sku"), "capacity": len(instances_of(world, scale_set))}
    scale_set.touched()


def forget(world: World, instance: Resource) -> None:
    """One instance is gone, and its guest with it."""
    world.store.remove(instance)
    world.guests.forget(instance.key)


def _take_model(scale_set: Resource, instance: Resource) -> None:
    profile = model_of(scale_set)
    instance.hidden["model"] = scale_set.hidden.setdefault("model", 1)
    if is_flexible(scale_set):
        instance.properties.pop("applicationProfile", None)
        if "applicationProfile" in profile:
            instance.properties["applicationProfile"] = deepcopy(profile["applicationProfile"])
    else:
        instance.hidden["entries"] = deepcopy(entries_of(profile))
        instance.properties["latestModelApplied"] = True
    for name in ("licenseType", "securityProfile"):
        if name in profile:
            instance.properties[name] = deepcopy(profile[name])
    show_extension(instance)


def _new_instance(world: World, scale_set: Resource) -> Resource:
    number = scale_set.hidden.get("next", 0)
    scale_set.hidden["next"] = number + 1
    instance = _flexible(world, scale_set) if is_flexible(scale_set) else _uniform(world, scale_set, number)
    _take_model(scale_set, instance)
    instance.write_etag()
    world.store.put(instance)
    return instance


def _uniform(world: World, scale_set: Resource, number: int) -> Resource:
    body = uniform_body(scale_set, number, world.operations.new_id())
    return Resource(body["id"].lower(), body, (f"{scale_set.key}/{KIND}",))


def _flexible(world: World, scale_set: Resource) -> Resource:
    body = flexible_body(scale_set, world.operations.new_id())
    key = body["id"].lower()
    subscription = f"/subscriptions/{key.split('/')[2]}/providers/microsoft.compute/{KIND}"
    return Resource(key, body, (key.rpartition("/")[0], subscription, f"{scale_set.key}/{KIND}"))


def _leaving(world: World, scale_set: Resource, surplus: int) -> list[Resource]:
    """Who goes when a set shrinks: the newest first, OldestVM the other way round; protected ones stay."""
    if surplus <= 0:
        return []
    rules: list[str] = section(scale_set.properties, "scaleInPolicy").get("rules") or []
    order = list(instances_of(world, scale_set).values())
    if "OldestVM" not in rules:
        order.reverse()
    free = [item for item in order if not section(item.properties, "protectionPolicy").get("protectFromScaleIn")]
    return free[:surplus]
