"""Regions of a version that are still being copied to: they move by reads of the version, one after the other."""

from dataclasses import dataclass, field

from vmapps_emulator.regions import normal
from vmapps_emulator.wire import Json


@dataclass(slots=True)
class Replication:
    """How many reads each region of each version still takes, and took in all."""

    left: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def start(self, version: str, home: str, regions: list[str], polls: int) -> None:
        """A write names regions: each new one takes longer than the one before; the home region is never behind."""
        held = self.left.pop(version, None)
        known = held or {}
        fresh = [name for name in map(normal, regions) if name not in known and name != normal(home)]
        waits = {name: (polls * (at + 1), polls * (at + 1)) for at, name in enumerate(fresh)} if polls else {}
        if known or waits:
            kept = {name: known[name] for name in map(normal, regions) if name in known}
            self.left[version] = kept | waits

    def look(self, version: str) -> None:
        """One read of the version."""
        regions = self.left.get(version, {})
        for name, (left, whole) in regions.items():
            regions[name] = (max(left - 1, 0), whole)

    def is_there(self, version: str, region: str) -> bool:
        """Whether a region has its copy."""
        return self._progress(version, region) == 100

    def forget(self, version: str) -> None:
        """The version is gone."""
        self.left.pop(version, None)

    def shown(self, version: str, regions: list[str], is_done: bool) -> Json:
        """``replicationStatus`` (azure-facts 1.3; guess: the states in between)."""
        summary = [self._region(version, name, is_done) for name in regions]
        is_complete = all(item["state"] == "Completed" for item in summary)
        return {"aggregatedState": "Completed" if is_complete else "InProgress", "summary": summary}

    def _region(self, version: str, name: str, is_done: bool) -> Json:
        progress = self._progress(version, name) if is_done else 0
        state = "Completed" if progress == 100 else "Replicating"
        return {"region": name, "state": state, "details": "", "progress": progress}

    def _progress(self, version: str, region: str) -> int:
        left, whole = self.left.get(version, {}).get(normal(region), (0, 0))
        return 100 if left == 0 else 100 * (whole - left) // whole
