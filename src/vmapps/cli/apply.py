"""`vmapps apply`: do what the plan says, and say what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vmapps.cli import exit_codes, saved, wiring
from vmapps.cli.execution_options import execution_options
from vmapps.cli.lock import Locking, lock_options, locked
from vmapps.cli.offer import carried_out, demand_consent, offered, refuse_fail_fast, show
from vmapps.cli.options import Common, common_options, option, path_argument, project_option, shown_option
from vmapps.cli.plan import exit_code
from vmapps.cli.planning_options import asked, planning_options, refuse_any
from vmapps.errors import SavedPlanUnusable

MANIFESTS = (".yaml", ".yml")


@click.command(short_help="Make live Azure what the manifests declare.")
@path_argument
@project_option("With a saved plan: the checkout that it is applied from.")
@option("--yes", is_flag=True, help="Do not ask.")
@planning_options
@lock_options
@shown_option
@common_options
@execution_options
@click.pass_context
def apply(
    context: click.Context,
    /,
    path: Path,
    project: Path,
    form: str,
    common: Common,
    locking: Locking,
    *,
    yes: bool,
    **given: Any,
) -> int:
    """Make live Azure what the project at PATH declares; or carry out a saved plan, when PATH is one.

    A project is planned, shown and, after a question, applied. A saved plan was looked at already: its objects are
    read again, and if they are still as it saw them it is carried out without a question.

    One run of a project at a time: a lock in the package store is held from before the plan to the end.

    Exit codes: 0 every step done, 1 an error and nothing changed, 3 something changed and something did not succeed,
    4 the saved plan cannot be used, 5 refused by a safety guard, 64 usage, 130 or 143 interrupted.
    """
    if path.is_file() and path.suffix not in MANIFESTS:
        refuse_any(context)
        return _apply_saved(path, project, form, common, locking)
    if context.get_parameter_source("project") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--project goes with a saved plan; name the project as PATH")
    options = asked(given)
    demand_consent(yes=yes, otherwise="say --yes, or apply a saved plan")
    declared = wiring.declarations(path, common)
    with locked(declared, common, locking) as lease, wiring.cloud(declared, common) as cloud:
        made = wiring.prepared(declared, cloud, options, common)
        return offered(made.plan, cloud, form, common, lease, yes=yes, known=made.world.machines.values())


def _apply_saved(file: Path, project: Path, form: str, common: Common, locking: Locking) -> int:
    made = saved.read(file)
    if made.errored:
        raise SavedPlanUnusable(f"{file}: the plan has errors")
    declared = wiring.declarations(project, common)
    saved.check_project(made, declared)
    if not made.applyable:
        show(made, form, common)
        return exit_code(made, changes=exit_codes.DONE)
    refuse_fail_fast(made, common)
    common.trail.planned(made)
    with locked(declared, common, locking) as lease, wiring.cloud(declared, common) as cloud:
        saved.check_packages(made, declared, cloud)
        found = wiring.recheck(made, cloud, common)
        return carried_out(made, cloud, form, common, lease, found.done, found.machines)
