"""When the state is written: before a changed world is answered, or soon after when the world is big."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from vmapps_emulator.state import StateError, load, save
from vmapps_emulator.world import World

_SMALL = 2_000
_PAUSE = 1.0
_log = logging.getLogger("vmapps_emulator")


@dataclass(slots=True)
class Keeper:
    """The state file of one emulator.

    A world of up to 2,000 resources is written before the answer goes out: what was answered survives even SIGKILL.
    A bigger one is written at most once a second, and at the end.
    """

    path: Path
    is_stale: bool = False
    timer: asyncio.TimerHandle | None = None

    def restore(self, world: World) -> bool:
        """Fill the world from the file, if there is one."""
        return load(world, self.path)

    def begin(self, world: World) -> None:
        """The first state of a new file; a place that cannot be written is refused before anything is served."""
        try:
            save(world, self.path)
        except OSError as error:
            raise StateError(f"{self.path}: the state cannot be written: {error.strerror}") from None

    def changed(self, world: World) -> None:
        """The world is not what the file says."""
        self.is_stale = True
        if len(world.store.resources()) <= _SMALL:
            self.write(world)
        elif self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(_PAUSE, self.write, world)

    def write(self, world: World) -> None:
        """Write if there is anything to write; a file that cannot be written is reported and tried again."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if not self.is_stale:
            return
        try:
            save(world, self.path)
            self.is_stale = False
        except OSError as error:
            _log.error("%s: the state could not be written: %s", self.path, error.strerror)
