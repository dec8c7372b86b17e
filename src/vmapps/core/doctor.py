"""What a look at the surroundings found: sign-in, providers, permissions, the package store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vmapps.core.address import ArmId
from vmapps.core.permissions import ASSIGN_IDENTITY, VERSION_READ, Need


class Level(StrEnum):
    """How bad it is: an error would stop an apply."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what it found; `hint` is what to do next."""

    check: str
    level: Level
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A resource provider in a subscription; `versions` are the api-versions of each type, by lower-case name."""

    state: str
    versions: Mapping[str, tuple[str, ...]]

    @property
    def is_registered(self) -> bool:
        """Whether writes are taken."""
        return self.state.lower() in ("registered", "registering")


MOST_NAMED = 3


def permission_findings(needs: tuple[Need, ...], missing: tuple[Need, ...]) -> tuple[Finding, ...]:
    """One finding for each action that is missing, with where it is needed; or that nothing is."""
    if not missing:
        actions = len({need.action for need in needs})
        text = f"all {actions} actions that the plan needs are allowed" if needs else "the plan needs none"
        return (Finding("permissions", Level.OK, text),)
    by_action: dict[str, list[Need]] = defaultdict(list)
    for need in missing:
        by_action[need.action].append(need)
    return tuple(_missing(action, several) for action, several in sorted(by_action.items()))


def _missing(action: str, several: list[Need]) -> Finding:
    scopes = tuple(dict.fromkeys(need.scope for need in several))
    addresses = tuple(dict.fromkeys(str(need.address) for need in several))
    text = f"{action} is missing on {_told(scopes)}, for {_told(addresses)}"
    return Finding("permissions", Level.ERROR, text, _advice(action, scopes))


def _told(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def _advice(action: str, scopes: tuple[str, ...]) -> str:
    """Which role to ask for, and where."""
    galleries = sorted({_gallery(scope) for scope in scopes})
    if action == VERSION_READ:
        return (
            f"who writes a machine has to read every version it refers to: ask for Reader on {_told(tuple(galleries))}"
        )
    if action == ASSIGN_IDENTITY:
        return f"ask for Managed Identity Operator on {_told(scopes)}"
    kind = action.split("/")[1].lower()
    role = {"galleries": "Contributor on the gallery's resource group", "locations": "Reader on the subscription"}.get(
        kind, "Virtual Machine Contributor on the machines' resource group"
    )
    return f"ask for a role with this action, such as {role}"


def _gallery(scope: str) -> str:
    found = ArmId.parse(scope)
    while found is not None and len(found.types) > 1:
        found = found.parent
    return str(found) if found is not None else scope


def provider_findings(
    subscription: str, provider: Provider, wanted: Mapping[str, str], *, asked_to_register: bool
) -> Iterable[Finding]:
    """Is the provider registered, and does it know the api-versions that we ask in (type -> version)?"""
    if provider.is_registered:
        yield Finding("provider", Level.OK, f"Microsoft.Compute is {provider.state} in {subscription}")
    else:
        hint = "" if asked_to_register else "vmapps doctor --register, or az provider register -n Microsoft.Compute"
        text = f"Microsoft.Compute is {provider.state} in {subscription}: no resource of it can be written"
        yield Finding("provider", Level.ERROR, text, hint)
    for kind, version in wanted.items():
        known = provider.versions.get(kind.lower())
        if known is None:
            text = f"{subscription} does not know Microsoft.Compute/{kind}"
            yield Finding("api-version", Level.ERROR, text, "this cloud may not have VM Applications")
        elif version not in known:
            text = f"Microsoft.Compute/{kind} has no api-version {version} in {subscription}"
            hint = f"--api-version FAMILY={known[0]}" if known else "this cloud may not have it"
            yield Finding("api-version", Level.ERROR, text, hint)
        else:
            yield Finding("api-version", Level.OK, f"Microsoft.Compute/{kind} has {version}")


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing that was found would stop an apply."""
    return not any(one.level is Level.ERROR for one in findings)
