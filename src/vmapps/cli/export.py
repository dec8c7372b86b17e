"""`vmapps export`: live galleries and lists of machines, written as manifests."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from vmapps.cli import exit_codes, export_wiring, speak, wiring
from vmapps.cli.options import Common, cloud_options, format_option, option
from vmapps.core.address import SUBSCRIPTION
from vmapps.core.declaration import Declarations, Project
from vmapps.core.exporting.choice import Choice
from vmapps.core.resource import World
from vmapps.errors import Error
from vmapps.render import export_json, export_text
from vmapps.render.export_text import Outcome
from vmapps.render.safe import shown

PROJECT_FILE = "vmapps.yaml"


def _subscription(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    if text and not SUBSCRIPTION.match(text):
        raise click.BadParameter(f"'{text}' is not a subscription's id such as 11111111-1111-1111-1111-111111111111")
    return text


def _subscriptions(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_subscription(context, parameter, text) for text in texts)


@click.command(short_help="Write what is live as manifests.")
@click.argument("galleries", nargs=-1, metavar="[GALLERY[/APPLICATION]]...")
@option(
    "--out",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The project's folder; where it has no vmapps.yaml, one is written.",
)
@option("--subscription", default="", metavar="ID", callback=_subscription, help="Where the galleries are.")
@option("--resource-group", default="", metavar="NAME", help="Only the galleries of this resource group.")
@option(
    "--fleet",
    multiple=True,
    metavar="ID",
    callback=_subscriptions,
    help="A subscription to look for machines in (default: that of the galleries); repeatable.",
)
@option(
    "--unmanaged",
    multiple=True,
    metavar="GALLERY[/APPLICATION]",
    help="Another team's gallery: written as managed: false, its entries are assigned; repeatable.",
)
@option("--machines", multiple=True, metavar="GROUP/NAME", help="Only these machines (globs); repeatable.")
@option("--assignments/--no-assignments", default=True, help="Whether the lists of machines are written too.")
@option("--name", default="", metavar="NAME", help="What a new project is called (default: as its folder).")
@option(
    "--cloud",
    default="AzurePublic",
    type=click.Choice(["AzurePublic", "AzureUSGovernment", "AzureChina"]),
    help="The cloud of a new project.",
)
@option("--force", is_flag=True, help="Write over files that hold something else.")
@format_option
@cloud_options
def export(
    galleries: tuple[str, ...], out: Path, form: str, common: Common, *, assignments: bool, force: bool, **given: Any
) -> int:
    """Write live galleries, their applications and versions, and the lists of machines as manifests.

    GALLERY and APPLICATION are names or globs; without any, every gallery that holds VM applications is taken.
    Nothing in Azure is changed. What manifests cannot say stands as a comment where it belongs, and is listed at the
    end. The plan of what was written is empty but for "not yet adopted"; `vmapps apply --adopt` makes it the
    project's own.
    """
    choice = Choice(galleries, given["unmanaged"], given["machines"])
    found = export_wiring.project_in(out, common)
    project = _known(found, out, given) if found else _new_project(out, given)
    with wiring.cloud(Declarations(project), common) as azure:
        group = given["resource_group"]
        world = export_wiring.explored(project, choice, azure, common, resource_group=group, assignments=assignments)
    _demand_all(world, choice)
    made = export_wiring.exported(world, choice, project, is_new=found is None)
    if not made.pieces:
        why = f": {shown(made.left[0].text)} ({made.left[0].where[0]})" if made.left else ""
        raise Error(f"there is nothing to export{why}; nothing was written")
    placed = export_wiring.placed(made, None if found else project, out, force=force)
    speak.result(_rendered(Outcome(made, str(out), *placed, is_new=found is None), form, common))
    return exit_codes.DONE


def _rendered(outcome: Outcome, form: str, common: Common) -> str:
    if form == "json":
        return export_json.to_json(outcome)
    return export_text.to_text(outcome, verbose=common.verbose, quiet=common.quiet)


def _new_project(out: Path, given: Mapping[str, Any]) -> Project:
    """A project with an id of its own, for a folder that has none yet."""
    subscription, name = given["subscription"], given["name"]
    if not subscription:
        raise click.UsageError(f"{out} has no {PROJECT_FILE}: say where the galleries are with --subscription")
    called = export_wiring.project_name(name or out.resolve().name)
    if name and called != name:
        raise click.UsageError(f"--name: '{shown(name)}' is not 1 to 63 letters, digits, '_' or '-'")
    project = Project(called, secrets.token_hex(4), given["cloud"], subscription, given["resource_group"])
    return replace(project, fleet=tuple({one.lower(): one for one in given["fleet"]}.values()) or (subscription,))


def _known(project: Project, out: Path, given: Mapping[str, Any]) -> Project:
    """The project that the folder has; raises a usage error when the command line says something else."""
    there = (("--subscription", given["subscription"], project.subscription), ("--name", given["name"], project.name))
    other = [option for option, said, known in there if said and said.lower() != known.lower()]
    other += ["--fleet"] if given["fleet"] else []
    if other:
        raise click.UsageError(f"{out / PROJECT_FILE} says it for its project: leave out {', '.join(other)}")
    return project


def _demand_all(world: World, choice: Choice) -> None:
    """Raise an error when something that was asked for is not there, or not readable: half an export misleads."""
    if world.unseen:
        raise Error(
            f"the machines of subscription {world.unseen[0]} cannot be read; nothing was written "
            "(ask for Reader there, or export with --no-assignments)"
        )
    known = sorted(one.id.name for one in world.resources.values() if len(one.id.names) == 1)
    names = f"there is {', '.join(known[:8])}" if known else "there is none"
    if missing := choice.unmatched(known):
        raise Error(
            f"no gallery is called '{shown(missing[0])}' there, or (with --unmanaged) no machine uses one; "
            f"{shown(names)}; nothing was written"
        )
