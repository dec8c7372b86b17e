"""Who listens to what happens: the terminal, or a log."""

from __future__ import annotations

import sys

from vmapps.cli import speak
from vmapps.cli.options import Common
from vmapps.engine.events import Observer
from vmapps.render.progress import progress, silent


def observer(total: int, common: Common) -> Observer:
    """A line for every step of so many on a terminal or with -v; nearly nothing otherwise."""
    if common.quiet or not (common.verbose or sys.stderr.isatty()):
        return silent(speak.tell, quiet=common.quiet)
    colour = speak.colour_on(sys.stderr, wanted=not common.no_color)
    return progress(speak.tell, total, colour=colour, verbose=common.verbose)
