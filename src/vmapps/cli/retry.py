"""`vmapps retry`: installs that failed or were skipped, tried again."""

from __future__ import annotations

from pathlib import Path

import click

from vmapps.cli import wiring
from vmapps.cli.execution_options import execution_options
from vmapps.cli.lock import Locking, lock_options, locked
from vmapps.cli.offer import demand_consent, offered
from vmapps.cli.options import Common, common_options, option, project_option, shown_option
from vmapps.core.plan import Options

NOTHING = "Nothing to try again: no guest reports that an application of ours failed or was skipped as it is declared."


@click.command(short_help="Try failed and skipped installs again.")
@click.argument("targets", metavar="[TARGET]...", nargs=-1)
@project_option()
@option("--yes", is_flag=True, help="Do not ask.")
@lock_options
@shown_option
@common_options
@execution_options
def retry(targets: tuple[str, ...], project: Path, form: str, common: Common, locking: Locking, *, yes: bool) -> int:
    """Take what failed or was skipped off its machine, and put it back.

    The guest does not try one version twice; an application that left the list and came back is new to it. Only
    applications of this project at their declared versions are touched, on virtual machines that TARGET names (globs
    such as VirtualMachine/rg-web/*; all by default). The plan says whether a remove script runs. A machine's only
    application and scale sets are refused, with the ways out; where others can be tried again, that is a warning.

    Exit codes as those of apply.
    """
    demand_consent(yes=yes, otherwise="say --yes")
    declared = wiring.declarations(project, common)
    with locked(declared, common, locking) as lease, wiring.cloud(declared, common) as cloud:
        made = wiring.retried(declared, cloud, Options(targets=targets, guest="all"), common)
        return offered(made, cloud, form, common, lease, yes=yes, nothing=NOTHING)
