"""The command line: its commands, and what their ends mean for the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from vmapps import __version__
from vmapps.cli import exit_codes, interrupt, speak
from vmapps.cli.apply import apply
from vmapps.cli.doctor import doctor
from vmapps.cli.drift import drift
from vmapps.cli.emulator import emulator
from vmapps.cli.ends import code_of, interrupted_by
from vmapps.cli.export import export
from vmapps.cli.json_lines import conversation
from vmapps.cli.plan import plan
from vmapps.cli.release import release
from vmapps.cli.retry import retry
from vmapps.cli.rollback import rollback
from vmapps.cli.schema import schema
from vmapps.cli.status import status
from vmapps.cli.validate import validate
from vmapps.errors import Error, Invalid
from vmapps.render import diagnostics_text


class InOrder(click.Group):
    """Commands in the order in which people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Their names."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vmapps", message="%(prog)s %(version)s")
def commands() -> None:
    """Keep Azure VM Applications in the state that a Git repository declares.

    YAML manifests describe galleries, applications, versions and which machines get them. `plan` compares them with
    live Azure, `apply` makes the difference go away, `drift` says whether there is one.

    Every option can also be given as a variable: --blob-endpoint is VMAPPS_BLOB_ENDPOINT.
    """


for command in (validate, plan, apply, drift, status, retry, rollback, release, export, doctor, schema, emulator):
    commands.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command and give its exit code; whatever happens, nothing but a message reaches the terminal."""
    speak.open_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with interrupt.ending(), conversation():
        try:
            return int(commands.main(list(arguments), prog_name="vmapps", standalone_mode=False) or exit_codes.DONE)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  people get a sentence, not a traceback
            _say(error)
            return code_of(error)


def leave(code: int) -> NoReturn:
    """End the process; after an interrupt at once, whatever a thread still waits for."""
    if code > exit_codes.SIGNALLED:
        os._exit(code)
    sys.exit(code)


def _say(error: BaseException) -> None:
    """What ended the command."""
    match error:
        case _ if interrupted_by(error) is not None:
            speak.tell(interrupt.UNCHANGED)
        case click.ClickException():
            error.show()
        case click.Abort():
            speak.tell("Nothing was changed.")
        case Invalid():
            text = diagnostics_text.to_text(error.diagnostics, colour=speak.colour_on(sys.stderr))
            speak.tell(text.rstrip("\n"))
        case Error():
            speak.complain(str(error))
        case _:
            speak.internal_error(error)
