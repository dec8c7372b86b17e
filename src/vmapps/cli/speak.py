"""stdout is the result, stderr the conversation. A reader that hangs up changes neither the work nor the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TextIO

import click

from vmapps.errors import Error
from vmapps.render.safe import shown


def open_closed() -> None:
    """Give a process that was started without one of the three streams one that goes nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  for as long as the process


def result(text: str) -> None:
    """Write a rendered result to stdout, as it is; raises Error when it cannot be written, as on a full disk."""
    _write(sys.stdout, text)


def tell(text: str) -> None:
    """Write a line of the conversation to stderr."""
    _write(sys.stderr, f"{text}\n")


def complain(text: str) -> None:
    """Say what went wrong, in one line."""
    tell(f"{click.style('error', fg='red', bold=True) if colour_on(sys.stderr) else 'error'}: {shown(text)}")


def internal_error(error: BaseException) -> None:
    """Say that vmapps itself is at fault; the traceback is for those who ask for it."""
    if os.environ.get("VMAPPS_DEBUG") == "1":
        tell("".join(traceback.format_exception(error)).rstrip())
    complain(f"internal error: {type(error).__name__}: {error} (VMAPPS_DEBUG=1 shows the traceback)")


def colour_on(stream: TextIO, *, wanted: bool = True) -> bool:
    """Whether colours make sense there: a terminal that knows them, and nobody said no."""
    told_not_to = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return wanted and not told_not_to and stream.isatty()


def _write(stream: TextIO, text: str) -> None:
    try:
        click.echo(text, file=stream, nl=False, color=True)
        stream.flush()
    except BrokenPipeError:
        _hang_up(stream)
    except OSError as error:
        _hang_up(stream)
        if stream is sys.stdout:
            raise Error(f"the result cannot be written: {error.strerror}") from error


def _hang_up(stream: TextIO) -> None:
    """Nobody listens: what is still to be said goes nowhere, also what Python flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
