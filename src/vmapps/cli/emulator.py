"""`vmapps emulator`: a local ARM endpoint, in a process of its own: it shares no code with vmapps."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import click

from vmapps.cli.exit_codes import SIGNALLED, USAGE
from vmapps.cli.interrupt import handled
from vmapps.errors import Error

WRONG_FLAGS = 2
"""How the emulator, as every program with argparse, ends for flags that it does not know."""

NEEDED = ("vmapps_emulator", "httptools", "httpx", "uvicorn")


@click.command(
    short_help="Start a local ARM endpoint for trying things out.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def emulator(arguments: tuple[str, ...]) -> int:
    """Start a local ARM endpoint for trying things out (`emulator --help` shows its own options)."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise Error(f"the emulator needs {', '.join(missing)}: pip install 'vmapps[emulator]'")
    child = subprocess.Popen([sys.executable, "-m", "vmapps_emulator", *arguments], start_new_session=True)  # noqa: S603
    with handled(child.send_signal):
        code = child.wait()
    if code == WRONG_FLAGS:
        return USAGE
    return code if code >= 0 else SIGNALLED - code
