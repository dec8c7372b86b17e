"""Which machines a selector means."""

from __future__ import annotations

from fnmatch import fnmatchcase

from vmapps.core.declaration import Selector
from vmapps.core.fields import region
from vmapps.core.resource import Machine


def selects(selector: Selector, machine: Machine) -> bool:
    """Whether a selector matches a machine; virtual machines of a scale set are never matched [azure-facts 3.9]."""
    if machine.scale_set or machine.address.kind not in selector.kinds:
        return False
    return _fields_match(selector, machine) and not _is_excluded(selector.exclude, machine)


def _is_excluded(selector: Selector | None, machine: Machine) -> bool:
    """What stands under `not`; there, no kinds are all kinds."""
    if selector is None or (selector.kinds and machine.address.kind not in selector.kinds):
        return False
    return _fields_match(selector, machine)


def _fields_match(selector: Selector, machine: Machine) -> bool:
    return (
        _any_glob(selector.resource_groups, machine.id.resource_group)
        and _any_glob(selector.names, machine.id.name)
        and _any_glob(selector.subscriptions, machine.id.subscription)
        and selector.os_type.lower() in ("", machine.os_type.lower())
        and (not selector.locations or region(machine.location) in map(region, selector.locations))
        and all(_tagged(machine, name, values) for name, values in selector.tags.items())
    )


def _any_glob(patterns: tuple[str, ...], text: str) -> bool:
    return not patterns or any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)


def _tagged(machine: Machine, name: str, values: tuple[str, ...]) -> bool:
    """Tag names are compared without case, values with it, as Azure does [azure-facts 10]."""
    return any(key.lower() == name.lower() and value in values for key, value in machine.tags.items())
