"""`vmapps drift`: is live Azure still what the manifests say?"""

from __future__ import annotations

from pathlib import Path

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.options import Common, common_options, option, path_argument, shown_option
from vmapps.cli.unread import say_unread
from vmapps.core.address import Address
from vmapps.core.declaration import Project
from vmapps.core.drift import Drift, DriftClass
from vmapps.render.diagnostics_text import diagnostic_lines
from vmapps.render.paint import plain

Classes = tuple[DriftClass, ...]


def _classes(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> Classes:
    """Repeated, or with commas between."""
    names = [name.strip().lower() for text in texts for name in text.split(",")]
    if unknown := [name for name in names if name not in tuple(DriftClass)]:
        raise click.BadParameter(f"'{unknown[0]}' is not one of {', '.join(DriftClass)}")
    return tuple(DriftClass(name) for name in dict.fromkeys(names))


@click.command(short_help="Is live Azure still what the manifests say?")
@path_argument
@option(
    "--only",
    multiple=True,
    metavar="CLASS[,CLASS]",
    callback=_classes,
    help=f"Report only these classes: {', '.join(DriftClass)}.",
)
@option("--ignore", multiple=True, metavar="CLASS[,CLASS]", callback=_classes, help="Leave these classes out.")
@option(
    "--guest",
    type=click.Choice(["all", "auto", "none"]),
    default="all",
    show_default=True,
    help="Whose guest reports are read: of all, of unfinished and failed machines, of none.",
)
@shown_option
@common_options
def drift(path: Path, form: str, common: Common, only: Classes, ignore: Classes, guest: str) -> int:
    """Compare the project at PATH with live Azure, read-only.

    Drift is what is changed, missing, dangling or failed in a guest, and on lists that are exclusively ours what is
    foreign or orphaned. Kept orphans, foreign entries, pending machines and waves not yet reached are reported beside
    it. spec.drift.ignore, --only and --ignore leave drift out, and how much is said.

    Exit codes: 0 no drift, 1 an error or something that cannot be read (what was found is said too), 2 drift.
    """
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as cloud:
        whole = wiring.drifted(declared, cloud, guest, common)
    found = _narrowed(whole, declared.project, only, ignore)
    told = [one for one in found.diagnostics if one.is_error or not common.quiet]
    for line in diagnostic_lines(told, plain):
        speak.tell(line)
    speak.result(_rendered(found, declared.project, form, common))
    say_unread(found.unread, found.unseen, found.closed)
    if not found.is_whole:
        return exit_codes.ERROR
    return exit_codes.CHANGES if found.drifted else exit_codes.DONE


def _narrowed(whole: Drift, project: Project, only: Classes, ignore: Classes) -> Drift:
    from vmapps.core.drift_ignores import narrowed

    address = Address("Project", (project.name,))
    return narrowed(whole, project.ignored_drift, wiring.today(), project=address, only=only, without=ignore)


def _rendered(found: Drift, project: Project, form: str, common: Common) -> str:
    """The drift as it was asked for."""
    from vmapps.render import drift_json, drift_markdown, drift_text

    if form == "json":
        return drift_json.to_json(found)
    if form == "markdown":
        return drift_markdown.to_markdown(found, project=project.name, owner=project.owner)
    return drift_text.to_text(found, colour=common.colour, verbose=common.verbose, width=common.width)
