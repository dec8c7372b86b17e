"""`vmapps apply`: do what the plan says, and say what was done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from vmapps.cli import exit_codes, saved, speak, wiring
from vmapps.cli.interrupt import InFlight, handled
from vmapps.cli.options import Common, common_options, format_option, option, path_argument
from vmapps.cli.plan import exit_code
from vmapps.cli.planning_options import asked, planning_options, refuse_any
from vmapps.core.outcome import Report
from vmapps.core.plan import Plan
from vmapps.engine.events import Observer
from vmapps.engine.ports import Cloud
from vmapps.engine.stop import Stop
from vmapps.errors import SavedPlanUnusable
from vmapps.render import plan_text, report_json, report_text
from vmapps.render.progress import progress, silent

MANIFESTS = (".yaml", ".yml")


@click.command(short_help="Make live Azure what the manifests declare.")
@path_argument
@option(
    "--project",
    metavar="DIR",
    default=".",
    type=click.Path(exists=True, path_type=Path),
    help="With a saved plan: the checkout that it is applied from.",
)
@option("--yes", is_flag=True, help="Do not ask.")
@planning_options
@format_option
@common_options
@click.pass_context
def apply(
    context: click.Context, /, path: Path, project: Path, form: str, common: Common, *, yes: bool, **given: Any
) -> int:
    """Make live Azure what the project at PATH declares; or carry out a saved plan, when PATH is one.

    A project is planned, shown and, after a question, applied. A saved plan was looked at already: its objects are
    read again, and if they are still as it saw them it is carried out without a question.

    Exit codes: 0 every step done, 1 an error and nothing changed, 3 something changed and something did not succeed,
    4 the saved plan cannot be used, 5 refused by a safety guard, 64 usage, 130 or 143 interrupted.
    """
    if path.is_file() and path.suffix not in MANIFESTS:
        refuse_any(context)
        return _apply_saved(path, project, form, common)
    if context.get_parameter_source("project") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--project goes with a saved plan; name the project as PATH")
    options = asked(given)
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on: say --yes, or apply a saved plan")
    declared = wiring.declarations(path, common)
    with wiring.cloud(declared, common) as cloud:
        made = wiring.prepared(declared, cloud, options, common).plan
        _show(made, form, common)
        if not made.applyable:
            return exit_code(made, changes=exit_codes.DONE)
        if not yes and not click.confirm("Apply this plan?", err=True):
            speak.tell("Nothing was changed.")
            return exit_codes.ERROR
        return _carry_out(made, cloud, form, common)


def _apply_saved(file: Path, project: Path, form: str, common: Common) -> int:
    made = saved.read(file)
    if made.errored:
        raise SavedPlanUnusable(f"{file}: the plan has errors")
    declared = wiring.declarations(project, common)
    saved.check_project(made, declared)
    if not made.applyable:
        _show(made, form, common)
        return exit_code(made, changes=exit_codes.DONE)
    with wiring.cloud(declared, common) as cloud:
        saved.check_packages(made, declared, cloud)
        done = wiring.recheck(made, cloud, common)
        return _carry_out(made, cloud, form, common, done)


def _show(made: Plan, form: str, common: Common) -> None:
    """The plan is part of the conversation when the result is JSON; an empty one is a result too."""
    if form == "text":
        speak.result(plan_text.to_text(made, colour=common.colour, verbose=common.verbose))
    else:
        speak.tell(plan_text.to_text(made, verbose=common.verbose).rstrip())
    if form == "json" and made.is_empty:
        speak.result(report_json.to_json(Report(())))


def _carry_out(made: Plan, cloud: Cloud, form: str, common: Common, done: frozenset[str] = frozenset()) -> int:
    with _observed(made, common) as (flight, stop):
        try:
            report = wiring.execute(made, cloud, flight, stop, common, done)
        except Exception as error:  # noqa: BLE001  after the first write nobody knows what is true
            speak.internal_error(error)
            speak.tell("Something may have been changed: the next plan shows what.")
            return exit_codes.PARTIAL
        if form == "json":
            speak.result(report_json.to_json(report))
        else:
            speak.result(report_text.to_text(report, colour=common.colour, quiet=common.quiet))
        if stop.hard:
            speak.tell(flight.farewell())
        return _verdict(report, flight)


@contextmanager
def _observed(made: Plan, common: Common) -> Iterator[tuple[InFlight, Stop]]:
    stop = Stop()
    flight = InFlight(stop, _observer(made, common))
    with handled(flight.press):
        yield flight, stop


def _observer(made: Plan, common: Common) -> Observer:
    if common.quiet or not (common.verbose or sys.stderr.isatty()):
        return silent(speak.tell)
    colour = speak.colour_on(sys.stderr, wanted=not common.no_color)
    return progress(speak.tell, len(made.steps), colour=colour, verbose=common.verbose)


def _verdict(report: Report, flight: InFlight) -> int:
    if report.succeeded:
        return exit_codes.DONE
    if report.interrupted:
        return exit_codes.SIGNALLED + flight.signal
    return exit_codes.PARTIAL if report.changed else exit_codes.ERROR
