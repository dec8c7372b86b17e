"""`vmapps drift`: is live Azure still what the manifests say?"""

from __future__ import annotations

from pathlib import Path

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.options import Common, common_options, format_option, path_argument
from vmapps.core.drift import DRIFTED, Drift
from vmapps.core.plan import Options, Plan
from vmapps.render import drift_json, drift_text
from vmapps.render.diagnostics_text import diagnostic_lines
from vmapps.render.paint import plain


@click.command(short_help="Is live Azure still what the manifests say?")
@path_argument
@format_option
@common_options
def drift(path: Path, form: str, common: Common) -> int:
    """Compare the project at PATH with live Azure, read-only.

    Exit codes: 0 no drift, 1 an error or a scope that cannot be read, 2 drift.
    """
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as cloud:
        found = wiring.prepared(declared, cloud, Options(metadata_now=True), common)
    for line in _problems(found.plan, common):
        speak.tell(line)
    speak.result(_rendered(found.drift, form, common))
    for subscription in found.world.unseen:
        speak.complain(f"subscription {subscription} of the fleet cannot be read (check spec.fleet, or ask for Reader)")
    return exit_codes.ERROR if found.world.unseen else _exit_code(found.drift, found.plan)


def _rendered(found: Drift, form: str, common: Common) -> str:
    if form == "json":
        return drift_json.to_json(found)
    return drift_text.to_text(found, colour=common.colour, verbose=common.verbose)


def _problems(made: Plan, common: Common) -> list[str]:
    """What planning found besides the drift; warnings not with --quiet."""
    told = [one for one in made.diagnostics if one.code not in DRIFTED and (one.is_error or not common.quiet)]
    return diagnostic_lines(told, plain)


def _exit_code(found: Drift, made: Plan) -> int:
    if found.items:
        return exit_codes.CHANGES
    errors = [one for one in made.diagnostics if one.is_error and one.code not in DRIFTED]
    return exit_codes.ERROR if errors else exit_codes.DONE
