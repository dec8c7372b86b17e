"""`vmapps rollback`: machines back to the version before, and the manifests with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.editing import application_in, assignment_named, saved, tell_edits
from vmapps.cli.execution_options import execution_options
from vmapps.cli.lock import Locking, lock_options, locked
from vmapps.cli.offer import agreed, carried_out, demand_consent, show
from vmapps.cli.options import Common, common_options, option, project_option, shown_option
from vmapps.cli.plan import exit_code
from vmapps.cli.planning_options import accept_option, guest_option
from vmapps.core.declaration import Declarations
from vmapps.core.plan import Options
from vmapps.core.versions import number
from vmapps.errors import Error

if TYPE_CHECKING:
    from vmapps.core.planning.aiming import Aim, Rollback
    from vmapps.manifest.edit_files import Sheets

EDITABLE = (exit_codes.DONE, exit_codes.PARTIAL)
"""Ends of a run after which Git says what was wanted (docs/decisions, "a rollback edits")."""


@click.command(short_help="Put machines back to the version before.")
@click.argument("assignment")
@option("--application", default="", metavar="GALLERY/APP", help="Which one, where the assignment has several.")
@option("--to", default="", metavar="VERSION", help="Not to the version before, but to this one.")
@project_option()
@option("--no-edit", is_flag=True, help="Leave the manifests as they are: the next apply goes forward again.")
@option(
    "--rollout",
    default="single",
    show_default=True,
    type=click.Choice(["asDeclared", "single"]),
    help="asDeclared: in the waves of the assignment's rollout, not all machines at once.",
)
@accept_option
@guest_option
@option("--yes", is_flag=True, help="Do not ask.")
@lock_options
@shown_option
@common_options
@execution_options
def rollback(
    assignment: str,
    application: str,
    to: str,
    project: Path,
    form: str,
    common: Common,
    locking: Locking,
    *,
    no_edit: bool,
    yes: bool,
    **given: Any,
) -> int:
    """Put the machines of an ASSIGNMENT back to the version that they had before, and edit the YAML so that Git agrees.

    Every entry of ours remembers the version before it in its mark. Where the machines remember different versions,
    or none, --to says where to. Only this application is touched, on these machines, all at once. The plan says what
    happens in the guests: going back from 1.26.2 to 1.25.0 runs the update script of 1.25.0.

    The manifests are edited when something was changed and the run came to its end, also where a machine failed: then
    `vmapps apply` finishes the rest. After an interrupt they are left as they are.

    Exit codes as those of apply; 3 also when the machines went back and the manifests could not be edited.
    """
    if to and number(to) is None:
        raise click.UsageError(f"--to: '{to}' is not a version such as 1.25.0")
    demand_consent(yes=yes, otherwise="say --yes")
    declared = wiring.declarations(project, common)
    meant = _meant(declared, assignment, application, to)
    options = Options(accept=given["accept"], guest=given["guest"], rollout=given["rollout"])
    with locked(declared, common, locking) as lease, wiring.cloud(declared, common) as cloud:
        made, aim = wiring.rolled_back(declared, cloud, meant, options, common)
        sheets = None if no_edit or aim is None or made.errored else _sheets(project, meant, aim, common)
        show(made, form, common)
        if made.errored or made.refusals:
            return exit_code(made, changes=exit_codes.DONE)
        if sheets is not None:
            tell_edits(sheets, "then edits")
        if not made.steps and (sheets is None or not sheets.edits):
            return exit_codes.DONE
        if not agreed("Go back?", yes=yes):
            return exit_codes.ERROR
        ended = carried_out(made, cloud, form, common, lease) if made.steps else exit_codes.DONE
    return _edited(sheets, ended, project, common)


def _meant(declared: Declarations, assignment: str, application: str, to: str) -> Rollback:
    """What is to go back; raises Error for what Azure moves by itself."""
    from vmapps.core.planning.aiming import Rollback

    found = assignment_named(assignment, declared)
    at = application_in(found, application)
    wanted = found.applications[at]
    if wanted.follow_latest:
        told = f"{wanted.span}: {found.address} follows the latest version of {'/'.join(wanted.application.name)}"
        raise Error(f"{told}: Azure chooses it; exclude the newest version from latest, or write a version there")
    return Rollback(found, at, to)


def _sheets(project: Path, meant: Rollback, aim: Aim, common: Common) -> Sheets:
    from vmapps.manifest.edit_versions import Wish

    wish = Wish(meant.assignment.address.name[-1], meant.at, aim.version, live=aim.live)
    try:
        return wiring.asking(project, (wish,), common)
    except Error as error:
        raise Error(f"{error} (--no-edit goes back without an edit)") from error


def _edited(sheets: Sheets | None, ended: int, project: Path, common: Common) -> int:
    """Let the manifests say what was wanted; the exit code is the run's, or that something did not succeed."""
    if sheets is None or not sheets.edits:
        return ended
    if ended not in EDITABLE:
        speak.tell("The manifests were not edited: run the same again to go on, or `vmapps apply` to go forward.")
        return ended
    try:
        saved(sheets, project, common)
    except Error as error:
        speak.complain(str(error))
        tell_edits(sheets, "not edited")
        return exit_codes.PARTIAL
    if not common.quiet:
        tell_edits(sheets, "edited")
        speak.tell("Commit that: until then the next apply of what Git has goes forward again.")
    if ended != exit_codes.DONE:
        speak.tell("Not every machine is back: `vmapps apply` finishes that, as the manifests say it now.")
    return ended
