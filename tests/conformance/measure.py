"""Replay everything below a folder. As a command: ``python -m conformance.measure`` in ``tests`` prints the figures."""

import asyncio
import sys
from pathlib import Path

from conformance.recordings import cassettes, oracle_folder
from conformance.replay import Replay
from conformance.tally import Tally


def measure(folder: Path) -> Tally:
    """One tally over every recording below a folder."""
    tally = Tally()
    for name, calls in cassettes(folder):
        asyncio.run(Replay(tally, name).play(calls))
    return tally


if __name__ == "__main__":
    sys.stdout.write(measure(Path(sys.argv[1]) if len(sys.argv) > 1 else oracle_folder()).report() + "\n")
