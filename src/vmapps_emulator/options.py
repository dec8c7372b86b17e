"""The flags of ``python -m vmapps_emulator``."""

import argparse
from pathlib import Path

from vmapps_emulator.settings import Settings

HOST = "127.0.0.1"


def parser() -> argparse.ArgumentParser:
    """All flags, in groups."""
    made = argparse.ArgumentParser(
        prog="python -m vmapps_emulator",
        description="A local ARM endpoint for Microsoft.Compute galleries, VM applications and virtual machines. "
        "Prints its URL as the only line of stdout.",
        epilog="python -m vmapps_emulator guest-vectors FILE: the simulated guest against a file of vectors",
    )
    _add_serving(made.add_argument_group("serving"))
    _add_contents(made.add_argument_group("contents"))
    _add_time(made.add_argument_group("time"))
    _add_trouble(made.add_argument_group("trouble"))
    return made


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that the flags ask for."""
    made = Settings()
    for name in Settings.__slots__:
        setattr(made, name, getattr(options, name, getattr(made, name)))
    if options.retry_after is not None:
        made.retry_after_ms = round(options.retry_after * 1000)
    return made


def _add_serving(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--host", default=HOST, help="loopback only; any other host is refused")
    group.add_argument("--port", type=count, default=0, help="0: a free port")
    group.add_argument("--tls", action="store_true", help="https with a certificate of its own")
    group.add_argument("--ca-out", type=Path, metavar="FILE", help="write the certificate to trust (needs --tls)")
    group.add_argument("--page-size", type=positive, default=200, metavar="N", help="items on a page of a list")
    group.add_argument("--access-log", type=Path, metavar="FILE", help="one JSON line for each ARM request")
    group.add_argument("--response-log", type=Path, metavar="FILE", help="one JSON line for each ARM answer, whole")


def _add_contents(group: argparse._ArgumentGroup) -> None:
    text = '{"resources": [ARM bodies], "resourceGroups": [], "guest": [rules for scripts]}'
    group.add_argument("--seed", type=Path, metavar="FILE", help=text)
    group.add_argument("--fleet", type=count, default=0, metavar="N", help="N synthetic virtual machines")
    group.add_argument("--scale-sets", type=count, default=0, metavar="N", help="N synthetic scale sets of three")
    text = "keep everything in FILE across restarts; once it exists it counts, not --seed and --fleet"
    group.add_argument("--state", type=Path, metavar="FILE", help=text)


def _add_time(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--polls", "--poll-ticks", type=count, default=2, metavar="N", help="polls that say InProgress")
    group.add_argument("--script-polls", type=count, default=0, metavar="N", help="more polls for each guest script")
    text = "reads of a version that each further region takes to replicate"
    group.add_argument("--replication-polls", type=count, default=0, metavar="N", help=text)
    group.add_argument("--retry-after-ms", type=count, default=20, metavar="N", help="x-ms-retry-after-ms")
    group.add_argument("--retry-after", type=seconds, metavar="SECONDS", help="the same in seconds")
    group.add_argument("--latency-ms", "--latency", type=count, default=0, metavar="N", help="wait before each answer")
    text = "virtual seconds in a real one; operations then take --operation-seconds of virtual time"
    group.add_argument("--time-scale", type=seconds, default=0, metavar="X", help=text)
    group.add_argument("--operation-seconds", type=count, default=30, metavar="N", help="see --time-scale")


def _add_trouble(group: argparse._ArgumentGroup) -> None:
    text = "rules as for POST /_emulator/faults, in force from the start and after each reset"
    group.add_argument("--faults", type=Path, metavar="FILE", help=text)
    group.add_argument("--chaos", type=count, metavar="SEED", help="refuse or cut one request in ten, by this seed")
    group.add_argument("--throttle", action="store_true", help="token buckets of ARM and Compute refuse with 429")
    group.add_argument("--delete-lag", type=count, default=0, metavar="N", help="409s of a parent after its child")
    group.add_argument("--drop-entry-tags", action="store_true", help="forget the tags of a profile's entries")
    group.add_argument("--strip-link-queries", action="store_true", help="show links without their queries")
    group.add_argument("--clock-skew", type=int, default=0, metavar="SECONDS", help="how far Date is off")


def count(text: str) -> int:
    """A whole number from 0."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def positive(text: str) -> int:
    """A whole number from 1."""
    number = count(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def seconds(text: str) -> float:
    """A number from 0."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("must be a number from 0")
    return number
