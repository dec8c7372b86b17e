"""What a write will set off inside the machine. The agent compares versions only [guest-agent.md 3.1]."""

from __future__ import annotations

from dataclasses import dataclass

from vmapps.core.guest import InGuest, State
from vmapps.core.versions import LATEST, number

LAST_ENTRY = (
    "the last application leaves: Azure then deletes VMAppExtension, and refuses other writes of the machine until "
    "it is gone"
)
"""azure-facts 7.3."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """Whether a version has an update script: without one, a change of version removes and installs."""

    has_update: bool


@dataclass(frozen=True, slots=True)
class Meant:
    """What an entry names: an exact version, or `latest` with what that means today (`now`, "" when unknown)."""

    version: str
    now: str = ""

    @property
    def exact(self) -> str:
        """The version that it stands for; "" when that is not known."""
        return self.now if self.version == LATEST else self.version

    def __str__(self) -> str:
        if self.version != LATEST:
            return self.version
        return f"latest (now {self.now})" if self.now else "latest (Azure picks it)"


ABSENT = Meant("")


def effect(application: str, old: Meant, new: Meant, scripts: Scripts | None, seen: InGuest | None = None) -> str:
    """What happens to one application when its entry goes from one version to another.

    `scripts` are the new version's; `seen` is what the guest last said, where it was read.
    """
    here, there = _in_guest(old, seen), new.exact
    if not old.version:
        return f"{application}: install {new}"
    if old.version == new.version or (here and here == there):
        return f"{application}: no effect in the guest: same version ({new})"
    after = _after_trouble(seen)
    if scripts is None or not here or not there:
        return f"{application}: {old} -> {new} (whether it has an update script is not known){after}"
    if not scripts.has_update:
        return f"{application}: remove {here} then install {there} (no update script){after}"
    if _is_lower(there, here):
        return f"{application}: downgrade {here} -> {there}: runs {there}'s update script{after}"
    return f"{application}: update {here} -> {there} (runs {there}'s update script){after}"


def removal(application: str, old: Meant, seen: InGuest | None = None) -> str:
    """What happens when an entry leaves the list: its remove script runs, unless it was skipped [3.1, Cleanup]."""
    if seen is not None and seen.state is State.SKIPPED:
        forgotten = f"{application}: forget {seen.version}: the remove script will not run (it was skipped before)"
        return f"{forgotten}; an older one, if any, stays"
    return f"{application}: remove {_in_guest(old, seen) or old} (runs its remove script){_after_trouble(seen)}"


def may_move(application: str, now: str) -> str:
    """That a write may make Azure resolve somebody's `latest` anew [azure-facts 3.3, inferred]."""
    return f"{application}: refers to latest and may move{f' to {now}' if now else ''} with this write"


def _in_guest(old: Meant, seen: InGuest | None) -> str:
    """The version that the guest has in its registry: its own word, else the model's."""
    return seen.version if seen is not None and seen.version else old.exact


def _after_trouble(seen: InGuest | None) -> str:
    """A first install that failed or was skipped is updated all the same, though nothing is there [3.1]."""
    if seen is None or seen.state not in (State.FAILED, State.SKIPPED):
        return ""
    return f"; {seen.version} {'failed' if seen.state is State.FAILED else 'was skipped'} before"


def _is_lower(new: str, old: str) -> bool:
    first, second = number(new), number(old)
    return first is not None and second is not None and first < second
