"""`vmapps plan`: what would apply do?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vmapps.cli import exit_codes, saved, speak, wiring
from vmapps.cli.options import Common, common_options, option, path_argument, shown_option
from vmapps.cli.planning_options import asked, planning_options
from vmapps.core.declaration import Declarations
from vmapps.core.plan import Plan
from vmapps.errors import Error
from vmapps.render import plan_json, plan_markdown, plan_text
from vmapps.render.safe import shown

if TYPE_CHECKING:
    from vmapps.engine.prepare import Prepared


@click.command(short_help="Show what apply would do.")
@path_argument
@option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan, for `vmapps apply FILE`.",
)
@option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
@option("--explain", default="", metavar="ADDRESS", help="Say why, of this address (a glob), instead of the plan.")
@planning_options
@shown_option
@common_options
def plan(
    path: Path, form: str, out: Path | None, explain: str, common: Common, *, detailed_exitcode: bool, **given: Any
) -> int:
    """Compare the project at PATH with live Azure, and print what apply would do.

    Nothing is written. Exit codes: 0 done, 1 an error, 2 there is something to do (only with --detailed-exitcode),
    5 a safety guard would refuse the plan.
    """
    options = asked(given)
    if explain and out is not None:
        raise click.UsageError("--explain shows a part of the plan: what is saved with --out is shown whole")
    if explain and form == "markdown":
        raise click.UsageError("--explain is text or JSON: --format markdown goes with a whole plan")
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as cloud:
        found = wiring.prepared(declared, cloud, options, common)
    made = found.plan
    speak.result(_explained(found, declared, explain, form, common) if explain else rendered(made, form, common))
    if out is not None:
        _save(made, out, common)
    return exit_code(made, changes=exit_codes.CHANGES if detailed_exitcode else exit_codes.DONE)


def rendered(made: Plan, form: str, common: Common) -> str:
    """The plan as it was asked for."""
    if form == "json":
        return plan_json.to_json(made)
    if form == "markdown":
        return plan_markdown.to_markdown(made)
    return plan_text.to_text(made, colour=common.colour, verbose=common.verbose)


def _explained(found: Prepared, declared: Declarations, address: str, form: str, common: Common) -> str:
    """What is to be said of an address; raises a usage error, naming the nearest, when there is none."""
    from vmapps.core.explain import explanation
    from vmapps.render import explain_json, explain_text

    told = explanation(found.plan, found.world, address, declared)
    if not told.found:
        nearest = ", ".join(shown(str(one)) for one in told.nearest)
        hint = f"nearest are {nearest}" if nearest else "`vmapps plan -v` shows what there is"
        raise click.UsageError(f"--explain: nothing is at '{shown(address)}'; {hint}")
    if form == "json":
        return explain_json.to_json(told)
    return explain_text.to_text(told, colour=common.colour, verbose=common.verbose)


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
