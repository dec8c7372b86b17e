"""The options of `plan` and `apply` that the planner is told."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from vmapps.cli.options import Command, decorated, option
from vmapps.core.plan import Options

ACCEPTED = ("deletes", "machines")
NAMES = (
    "prune",
    "adopt",
    "adopt_from",
    "accept",
    "targets",
    "excludes",
    "allow_replace",
    "allow_reinstall",
    "metadata_now",
    "guest",
    "rollout",
    "through_wave",
    "resume",
    "rollback_on_halt",
)
"""The parameters that would make another plan: with a saved plan they are refused."""


def _accept(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        if name not in ACCEPTED or not (number.isascii() and number.isdigit() and len(number) <= 9):
            raise click.BadParameter(f"'{part}' is not deletes=N or machines=N")
        found[name] = int(number)
    return tuple(sorted(found.items()))


accept_option = option(
    "--accept",
    default="",
    metavar="deletes=N,machines=M",
    callback=_accept,
    help="Consent to a plan beyond the limits of spec.safety, by its exact numbers.",
)
guest_option = option(
    "--guest",
    type=click.Choice(["auto", "none", "all"]),
    default="auto",
    show_default=True,
    help="Whose guest reports are read: of unfinished and failed machines, of none, of all.",
)
_OPTIONS = (
    option("--prune", is_flag=True, help="Delete what is ours and no longer declared."),
    option("--adopt", is_flag=True, help="Take over what is there and carries no mark."),
    option("--from", "adopt_from", default="", metavar="OWNER", help="With --adopt: take over from this owner."),
    accept_option,
    option("--target", "targets", multiple=True, metavar="ADDRESS", help="Only these addresses (globs); repeatable."),
    option("--exclude", "excludes", multiple=True, metavar="ADDRESS", help="Not these addresses (globs); repeatable."),
    option(
        "--rollout",
        default="asDeclared",
        type=click.Choice(["asDeclared", "single"]),
        help="single: every rollout as one wave.",
    ),
    option("--through-wave", default=0, type=click.IntRange(min=0), metavar="N", help="Stop after this wave."),
    option(
        "--resume",
        multiple=True,
        metavar="ASSIGNMENT",
        help="Go on with this halted rollout (its name, or a glob); repeatable.",
    ),
    option(
        "--rollback-on-halt",
        is_flag=True,
        help="When a rollout halts, put back what its waves changed in this plan; the plan shows how.",
    ),
    option(
        "--allow-replace",
        "allow_replace",
        multiple=True,
        metavar="ADDRESS",
        help="What cannot be changed in place may be deleted and created anew there (globs); repeatable.",
    ),
    option(
        "--allow-reinstall",
        is_flag=True,
        help="An application may be removed and installed again, to clear a field that a write cannot.",
    ),
    option("--metadata-now", is_flag=True, help="Write also what changes nothing in the guest, without waiting."),
    guest_option,
)


def planning_options(command: Command) -> Command:
    """Add the options; the command gets them by their names in `NAMES`."""
    return decorated(command, _OPTIONS)


def asked(given: dict[str, Any]) -> Options:
    """What the planner is asked; raises a usage error for what makes no sense together."""
    if given["adopt_from"] and not given["adopt"]:
        raise click.UsageError("--from says from whom to --adopt: give both")
    return Options(
        prune=given["prune"],
        adopt=given["adopt"],
        adopt_from=given["adopt_from"],
        targets=tuple(given["targets"]),
        excludes=tuple(given["excludes"]),
        accept=given["accept"],
        allow_replace=tuple(given["allow_replace"]),
        allow_reinstall=given["allow_reinstall"],
        metadata_now=given["metadata_now"],
        guest=given["guest"],
        rollout=given["rollout"],
        through_wave=given["through_wave"],
        resume=tuple(name if "/" in name else f"VMAssignment/{name}" for name in given["resume"]),
        rollback_on_halt=given["rollback_on_halt"],
    )


def refuse_any(context: click.Context) -> None:
    """Raise a usage error when a planning option stands on the command line: a saved plan is what it is."""
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in NAMES and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[-1]} makes another plan: it does not go with a saved one")
