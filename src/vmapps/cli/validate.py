"""`vmapps validate`: are the manifests right? Nothing is sent anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.options import Common, format_option, offline_options, option, path_argument
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Diagnostic, Severity
from vmapps.errors import Invalid
from vmapps.render import diagnostics_json, diagnostics_text
from vmapps.render.safe import shown
from vmapps.render.words import count


@click.command(short_help="Check the manifests, offline.")
@path_argument
@option("--strict", is_flag=True, help="Warnings are errors.")
@format_option
@offline_options
def validate(path: Path, form: str, common: Common, *, strict: bool) -> int:
    """Check the manifests of the project at PATH, offline.

    Every problem of every file is reported in one run, with its place, a hint and a stable code.
    """
    try:
        declared = wiring.declarations(path, common)
    except Invalid as error:
        return _told(error.diagnostics, "", form, common)
    found = declared.warnings
    if strict:
        found = tuple(replace(diagnostic, severity=Severity.ERROR) for diagnostic in found)
    return _told(found, _valid(declared), form, common)


def _told(found: tuple[Diagnostic, ...], otherwise: str, form: str, common: Common) -> int:
    """Print what was found, or something friendly."""
    if form == "json":
        speak.result(diagnostics_json.to_json(found))
    elif found:
        speak.result(diagnostics_text.to_text(found, colour=common.colour))
    else:
        speak.result(otherwise)
    return exit_codes.ERROR if any(diagnostic.is_error for diagnostic in found) else exit_codes.DONE


def _valid(declared: Declarations) -> str:
    numbers = {
        "resource": len(declared.resources),
        "package": len(declared.packages),
        "assignment": len(declared.assignments),
    }
    told = ", ".join(count(number, noun) for noun, number in numbers.items())
    return f"Valid: {shown(declared.project.name)} declares {told}.\n"
