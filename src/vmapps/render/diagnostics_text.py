"""What is wrong with the input, one line each."""

from __future__ import annotations

from collections.abc import Sequence

from vmapps.core.diagnostic import Diagnostic, in_order
from vmapps.render.paint import Paint, painter
from vmapps.render.safe import shown
from vmapps.render.words import count


def to_text(diagnostics: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """`file:line:column: error: summary (hint) [code]` in the order of the files, and how many there are."""
    lines = diagnostic_lines(diagnostics, painter(colour=colour))
    return "".join(f"{line}\n" for line in [*lines, f"{totals(diagnostics)}."])


def diagnostic_lines(diagnostics: Sequence[Diagnostic], paint: Paint) -> list[str]:
    """The lines without the totals."""
    return [_line(diagnostic, paint) for diagnostic in in_order(list(diagnostics))]


def totals(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`."""
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    warnings = len(diagnostics) - errors
    said = [count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    return ", ".join(said) or "no problem"


def _line(diagnostic: Diagnostic, paint: Paint) -> str:
    place = str(diagnostic.span) if diagnostic.span else diagnostic.subject
    where = f"{shown(place)}: " if place else ""
    severity = paint(str(diagnostic.severity), "bold red" if diagnostic.is_error else "bold yellow")
    hint = f" ({shown(diagnostic.hint)})" if diagnostic.hint else ""
    return f"{where}{severity}: {shown(diagnostic.summary)}{hint} [{shown(diagnostic.code)}]"
