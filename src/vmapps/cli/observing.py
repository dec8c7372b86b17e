"""Who listens to what happens."""

from __future__ import annotations

import sys

from vmapps.cli import speak
from vmapps.cli.options import Common
from vmapps.engine.events import Event, Observer
from vmapps.render.progress import progress, silent


def observer(total: int, common: Common) -> Observer:
    """Everybody who wants to know: the audit trail, the trace, and whoever looks on while so many steps are done."""
    listeners: list[Observer] = [common.trail, _onlooker(total, common)]
    if common.spans:
        listeners.append(common.spans)

    def everybody(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return everybody


def _onlooker(total: int, common: Common) -> Observer:
    """A line for every step on a terminal or with -v; nearly nothing otherwise."""
    if common.quiet or not (common.verbose or sys.stderr.isatty()):
        return silent(speak.tell, quiet=common.quiet)
    colour = speak.colour_on(sys.stderr, wanted=not common.no_color)
    return progress(speak.tell, total, colour=colour, verbose=common.verbose)
