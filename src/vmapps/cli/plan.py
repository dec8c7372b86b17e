"""`vmapps plan`: what would apply do?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vmapps.cli import exit_codes, saved, speak, wiring
from vmapps.cli.options import Common, common_options, format_option, option, path_argument
from vmapps.cli.planning_options import asked, planning_options
from vmapps.core.plan import Plan
from vmapps.errors import Error
from vmapps.render import plan_json, plan_text


@click.command(short_help="Show what apply would do.")
@path_argument
@option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan, for `vmapps apply FILE`.",
)
@option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@planning_options
@format_option
@common_options
def plan(path: Path, form: str, out: Path | None, common: Common, *, detailed_exitcode: bool, **given: Any) -> int:
    """Compare the project at PATH with live Azure, and print what apply would do.

    Nothing is written. Exit codes: 0 done, 1 an error, 2 there is something to do (only with --detailed-exitcode),
    5 a safety guard would refuse the plan.
    """
    options = asked(given)
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as cloud:
        made = wiring.prepared(declared, cloud, options, common).plan
    speak.result(rendered(made, form, common))
    if out is not None:
        _save(made, out, common)
    return exit_code(made, changes=exit_codes.CHANGES if detailed_exitcode else exit_codes.DONE)


def rendered(made: Plan, form: str, common: Common) -> str:
    """The plan as it was asked for."""
    if form == "json":
        return plan_json.to_json(made)
    return plan_text.to_text(made, colour=common.colour, verbose=common.verbose)


def exit_code(made: Plan, *, changes: int) -> int:
    """What a plan means for the exit code; `changes` is that of a plan which can be applied."""
    if made.errored:
        return exit_codes.ERROR
    if made.refusals:
        return exit_codes.REFUSED
    return changes if made.steps else exit_codes.DONE


def _save(made: Plan, out: Path, common: Common) -> None:
    if made.errored:
        raise Error(f"the plan has errors and was not saved to {out}")
    saved.write(made, out)
    if not common.quiet:
        speak.tell(f"Saved to {out}. To do exactly this: vmapps apply {out}")
