"""What a write will set off inside the machine. The agent compares versions only [guest-agent.md 3.1]."""

from __future__ import annotations

from dataclasses import dataclass

from vmapps.core.resource import Reference
from vmapps.core.versions import number


@dataclass(frozen=True, slots=True)
class Scripts:
    """Whether a version has an update script: without one, a change of version removes and installs."""

    has_update: bool


def effect(application: str, old: str, new: str, scripts: Scripts | None) -> str:
    """What happens to one application when its entry goes from one version ("" is absent) to another."""
    if not old:
        return f"{application}: install {new}"
    if old == new:
        return f"{application}: no effect in the guest: same version ({new})"
    if scripts is None:
        return f"{application}: {old} -> {new} (whether it has an update script is not known)"
    if not scripts.has_update:
        return f"{application}: remove {old} then install {new} (no update script)"
    if _is_lower(new, old):
        return f"{application}: downgrade {old} -> {new}: runs {new}'s update script"
    return f"{application}: update {old} -> {new} (runs {new}'s update script)"


def removal(reference: Reference) -> str:
    """What happens when an entry leaves the list."""
    return f"{reference.application}: remove {reference.version} (runs its remove script)"


def _is_lower(new: str, old: str) -> bool:
    first, second = number(new), number(old)
    return first is not None and second is not None and first < second
