"""``python -m vmapps_emulator``: the command line."""

import argparse
import logging
import ssl
import sys
from contextlib import ExitStack
from pathlib import Path
from random import Random

from vmapps_emulator import guest_vectors
from vmapps_emulator.app import Emulator
from vmapps_emulator.errors import ArmError
from vmapps_emulator.fleet import plant_fleet
from vmapps_emulator.fleet_sets import plant_scale_sets
from vmapps_emulator.keeper import Keeper
from vmapps_emulator.options import HOST, parser, settings_of
from vmapps_emulator.response_log import ResponseLog
from vmapps_emulator.seed import SeedError, plant, read_json, read_seed
from vmapps_emulator.server import serve
from vmapps_emulator.state import StateError
from vmapps_emulator.tls import TlsError, server_context
from vmapps_emulator.world import World

_LOOPBACK = (HOST, "localhost")


def main(arguments: list[str] | None = None) -> int:
    """Start the emulator; 0 after a signal, 1 for a file or port that cannot be used, 2 for wrong flags."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["guest-vectors"]:
        return guest_vectors.main(given[1:])
    known = parser()
    options = known.parse_args(given)
    if options.ca_out and not options.tls:
        known.error("--ca-out needs --tls")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if options.host not in _LOOPBACK:
        return _refuse(f"--host {options.host}: only loopback is ever bound")
    try:
        with ExitStack() as stack:
            serve(_emulator(options, stack), options.port, _context(options))
    except (SeedError, StateError, TlsError, OSError) as error:
        return _refuse(str(error))
    return 0


def _emulator(options: argparse.Namespace, stack: ExitStack) -> Emulator:
    content = read_seed(options.seed) if options.seed else {}
    faults = read_json(options.faults) if options.faults else []

    def seed(world: World) -> None:
        plant(world, content)
        plant_fleet(world, options.fleet)
        plant_scale_sets(world, options.scale_sets)

    def trouble(world: World) -> None:
        _add_rules(world, content.get("guest", []), options.seed)
        _add_rules(world, faults, options.faults)
        world.faults.chance = None if options.chaos is None else Random(options.chaos)  # noqa: S311 - no secret

    log: Path | None = options.access_log
    opened = stack.enter_context(log.open("a", encoding="utf-8")) if log else None
    answers: Path | None = options.response_log
    response_log = ResponseLog(stack.enter_context(answers.open("ab"))) if answers else None
    keeper = Keeper(options.state) if options.state else None
    return Emulator(settings_of(options), seed, opened, response_log, keeper, trouble)


def _add_rules(world: World, rules: object, path: Path | None) -> None:
    try:
        world.guests.rules.add(world.faults.add(rules))
    except ArmError as error:
        raise SeedError(f"{path}: {error}") from None


def _context(options: argparse.Namespace) -> ssl.SSLContext | None:
    return server_context(options.ca_out) if options.tls else None


def _refuse(message: str) -> int:
    sys.stderr.write(f"vmapps_emulator: {message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
