"""`vmapps status`: which machine has which version, and did it install?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.options import Command, Common, common_options, decorated, option, path_argument, shown_option
from vmapps.cli.unread import say_unread
from vmapps.core.declaration import Project
from vmapps.core.status import Condition, Status, View
from vmapps.render.diagnostics_text import diagnostic_lines
from vmapps.render.paint import plain


def _conditions(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[Condition, ...]:
    found = []
    for name in filter(None, (part.strip().lower() for part in text.split(","))):
        if name not in tuple(Condition):
            raise click.BadParameter(f"'{name}' is not one of {', '.join(Condition)}")
        found.append(Condition(name))
    return tuple(dict.fromkeys(found))


_VIEW = (
    option("--target", "targets", multiple=True, metavar="ADDRESS", help="Only these machines (globs); repeatable."),
    option("--exclude", "excludes", multiple=True, metavar="ADDRESS", help="Not these machines; repeatable."),
    option(
        "--application",
        "applications",
        multiple=True,
        metavar="GALLERY/APP",
        help="Only these applications (globs such as platform/*); repeatable.",
    ),
    option(
        "--assignment",
        "assignments",
        multiple=True,
        metavar="NAME",
        help="Only what these assignments say (globs); repeatable.",
    ),
    option(
        "--state",
        "conditions",
        default="",
        metavar="STATE[,STATE]",
        callback=_conditions,
        help=f"Only these states: {', '.join(Condition)}.",
    ),
    option("--foreign", is_flag=True, help="Also the applications that others put on these machines."),
    option(
        "--guest",
        "guests",
        type=click.Choice(["all", "none"]),
        default="all",
        show_default=True,
        help="Whose guest reports are read: of all machines that have something of ours, or of none.",
    ),
)


def viewing(command: Command) -> Command:
    """Add the options that choose a part of the fleet; the command gets them by the names of View's fields."""
    return decorated(command, _VIEW)


@click.command(short_help="Which machine has which version, and did it install?")
@path_argument
@viewing
@shown_option
@common_options
def status(path: Path, form: str, common: Common, **given: Any) -> int:
    """Say of the project at PATH which machine has which version, and whether it is installed.

    The answer comes from the machines' models and from their guests' reports: every machine that has something of
    ours is asked, and how many that were is said. Nothing is written.

    Exit codes: 0 everything was read (whatever it says), 1 an error, or something could not be read.
    """
    view = View(**{**given, "guests": given["guests"] == "all"})
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as cloud:
        found = wiring.status(declared, cloud, view, common)
    told = [one for one in found.diagnostics if one.is_error or not common.quiet]
    for line in diagnostic_lines(told, plain):
        speak.tell(line)
    speak.result(_rendered(found, declared.project, form, common))
    say_unread(found.unread, found.unseen, found.closed)
    is_well = found.is_whole and not any(one.is_error for one in found.diagnostics)
    return exit_codes.DONE if is_well else exit_codes.ERROR


def _rendered(found: Status, project: Project, form: str, common: Common) -> str:
    """The status as it was asked for."""
    from vmapps.render import status_json, status_markdown, status_text

    if form == "json":
        return status_json.to_json(found)
    if form == "markdown":
        return status_markdown.to_markdown(found, project=project.name, owner=project.owner)
    return status_text.to_text(found, colour=common.colour, verbose=common.verbose, width=common.width)
