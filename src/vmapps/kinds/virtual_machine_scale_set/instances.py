"""How Azure writes the instances of a scale set, and how it is told to upgrade them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vmapps.core.resource import Entry, Instance, Machine
from vmapps.kinds.instance_view import InstanceView, report_of
from vmapps.kinds.machine_wire import Profile, Sku, traits


class _Protection(msgspec.Struct, rename="camel"):
    protect_from_scale_set_actions: bool | None = None


class _Hardware(msgspec.Struct, rename="camel"):
    vm_size: str | None = None


class _Properties(Profile):
    latest_model_applied: bool | None = None
    protection_policy: _Protection | None = None
    hardware_profile: _Hardware | None = None
    instance_view: InstanceView | None = None


class _Instance(msgspec.Struct, rename="camel"):
    name: str
    instance_id: str | None = None
    sku: Sku | None = None
    properties: _Properties = msgspec.field(default_factory=_Properties)

    @property
    def size(self) -> str | None:
        """The hardware it has now; a Flexible instance, a virtual machine, has no SKU."""
        hardware, sku = self.properties.hardware_profile, self.sku
        return (hardware.vm_size if hardware else None) or (sku.name if sku else None)


class _RunningStatus(msgspec.Struct):
    code: str | None = None


class _RollingProperties(msgspec.Struct, rename="camel"):
    running_status: _RunningStatus | None = None


class _RollingUpgrade(msgspec.Struct):
    properties: _RollingProperties | None = None


_read = msgspec.json.Decoder(_Instance)
_read_rolling = msgspec.json.Decoder(_RollingUpgrade)


def decode_instance(raw: bytes | msgspec.Raw, model: Machine) -> Instance:
    """Read one instance of the scale set `model`; raises msgspec.MsgspecError when it is none."""
    found = _read.decode(raw)
    protection = found.properties.protection_policy
    return Instance(
        name=_name(found, model),
        latest=_is_latest(found.properties, model),
        is_protected=bool(protection and protection.protect_from_scale_set_actions),
        traits=traits(found.size, found.properties),
        report=report_of(found.properties.instance_view),
    )


def decode_rolling(raw: bytes) -> str:
    """The state of a set's last rolling upgrade, such as `RollingForward`; "" when it does not say."""
    found = _read_rolling.decode(raw).properties
    return (found and found.running_status and found.running_status.code) or ""


def upgrade_body(instances: Sequence[str]) -> bytes:
    """The body of manualupgrade: always by name, never `*` [azure-facts 3.9]."""
    return msgspec.json.encode({"instanceIds": instances})


def _name(found: _Instance, model: Machine) -> str:
    """What manualupgrade takes: the number of a Uniform instance, the name of a Flexible one [azure-facts 3.9]."""
    name = found.name if model.orchestration == "Flexible" else found.instance_id
    if not name:
        raise msgspec.ValidationError(f"instance '{found.name}' has no instanceId")
    return name


def _is_latest(found: _Properties, model: Machine) -> bool:
    """Whether it runs the set's newest model, as latestModelApplied says [azure-facts 3.9].

    No recording shows a Flexible instance in such a list. One that leaves the field out is a virtual machine with a
    list of applications of its own: it is up to date when that list refers to what the set's does. When it shows no
    list either it is not, because nothing unproven is taken for done.
    """
    if found.latest_model_applied is not None:
        return found.latest_model_applied
    return found.application_profile is not None and _references(found.entries) == _references(model.entries)


def _references(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(entry.spelled.lower() for entry in entries)
