"""What one planning run goes by: whose plan it is, what was asked, the rules of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vmapps.core.address import Address
from vmapps.core.fields import Rules
from vmapps.core.plan import Options


@dataclass(frozen=True, slots=True)
class Asked:
    """The frame of a planning run; `rules` is by kind name, as addresses spell it."""

    owner: str
    former_owners: tuple[str, ...]
    options: Options
    rules: Mapping[str, Rules]

    def is_ours(self, owner: str) -> bool:
        """Whether a mark is this project's, under its name of today or an earlier one."""
        return bool(owner) and (owner == self.owner or owner in self.former_owners)

    def may_take(self, owner: str) -> bool:
        """Whether an object with this mark (or none) may become ours in this run."""
        if not self.options.adopt:
            return False
        return owner in ("", self.options.adopt_from)

    def may_replace(self, address: Address) -> bool:
        """Whether this resource may be deleted and created anew (--allow-replace)."""
        return any(address.matches(pattern) for pattern in self.options.allow_replace)

    def rules_of(self, address: Address) -> Rules:
        """The field rules of an address's kind."""
        return self.rules.get(address.kind, Rules())

    def covers(self, address: Address) -> bool:
        """Whether --target and --exclude leave this address in."""
        wanted = self.options.targets
        if wanted and not any(address.matches(pattern) for pattern in wanted):
            return False
        return not any(address.matches(pattern) for pattern in self.options.excludes)
