"""``python -m vmapps_emulator``: the command line."""

import argparse
import logging
import sys
from contextlib import ExitStack
from pathlib import Path

from vmapps_emulator import guest_vectors
from vmapps_emulator.app import Emulator
from vmapps_emulator.fleet import plant_fleet
from vmapps_emulator.response_log import ResponseLog
from vmapps_emulator.seed import SeedError, plant, read_seed
from vmapps_emulator.server import HOST, serve
from vmapps_emulator.settings import Settings
from vmapps_emulator.world import World

_LOOPBACK = (HOST, "localhost")


def main(arguments: list[str] | None = None) -> int:
    """Start the emulator; 0 after a signal, 1 for a seed or port that cannot be used, 2 for wrong flags."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["guest-vectors"]:
        return guest_vectors.main(given[1:])
    options = _parser().parse_args(given)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if options.host not in _LOOPBACK:
        return _refuse(f"--host {options.host}: only loopback is ever bound")
    try:
        with ExitStack() as stack:
            serve(_emulator(options, stack), options.port)
    except (SeedError, OSError) as error:
        return _refuse(str(error))
    return 0


def _emulator(options: argparse.Namespace, stack: ExitStack) -> Emulator:
    content = read_seed(options.seed) if options.seed else {}

    def seed(world: World) -> None:
        plant(world, content)
        plant_fleet(world, options.fleet)

    settings = Settings(options.polls, options.retry_after_ms, options.page_size, options.latency_ms)
    log: Path | None = options.access_log
    opened = stack.enter_context(log.open("a", encoding="utf-8")) if log else None
    answers: Path | None = options.response_log
    response_log = ResponseLog(stack.enter_context(answers.open("ab"))) if answers else None
    return Emulator(settings, seed, opened, response_log)


def _refuse(message: str) -> int:
    sys.stderr.write(f"vmapps_emulator: {message}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m vmapps_emulator",
        description="A local ARM endpoint for Microsoft.Compute galleries, VM applications and virtual machines. "
        "Prints its URL as the only line of stdout.",
    )
    parser.add_argument("--host", default=HOST, help="loopback only; any other host is refused")
    parser.add_argument("--port", type=_count, default=0, help="0: a free port")
    parser.add_argument("--seed", type=Path, metavar="FILE", help='{"resources": [ARM bodies], "resourceGroups": []}')
    parser.add_argument("--fleet", type=_count, default=0, metavar="N", help="N synthetic virtual machines")
    parser.add_argument(
        "--polls", "--poll-ticks", type=_count, default=2, metavar="N", help="polls that say InProgress"
    )
    parser.add_argument("--retry-after-ms", type=_count, default=20, metavar="N", help="x-ms-retry-after-ms")
    parser.add_argument("--page-size", type=_positive, default=200, metavar="N", help="items on a page of a list")
    parser.add_argument(
        "--latency-ms", "--latency", type=_count, default=0, metavar="N", help="wait before each answer"
    )
    parser.add_argument("--access-log", type=Path, metavar="FILE", help="one JSON line for each ARM request")
    parser.add_argument("--response-log", type=Path, metavar="FILE", help="one JSON line for each ARM answer, whole")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def _positive(text: str) -> int:
    number = _count(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
