"""How a command ends: the exit code of what was raised."""

from __future__ import annotations

import click

from vmapps.cli import exit_codes, interrupt
from vmapps.errors import SavedPlanUnusable


def interrupted_by(error: BaseException) -> KeyboardInterrupt | None:
    """The signal behind it; click's name for one is Abort, as it is for an input that ends where it was asked for."""
    reason = error.__cause__ or error.__context__ if isinstance(error, click.Abort) else error
    return reason if isinstance(reason, KeyboardInterrupt) else None


def code_of(error: BaseException) -> int:
    """The exit code that an exception means, as docs/commands.md has it."""
    if (reason := interrupted_by(error)) is not None:
        return interrupt.exit_code(reason)
    match error:
        case click.UsageError():
            return exit_codes.USAGE
        case SavedPlanUnusable():
            return exit_codes.UNUSABLE
        case _:
            return exit_codes.ERROR
