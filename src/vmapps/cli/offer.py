"""Show a plan, ask, carry it out, and say what was done: what `apply`, `retry` and `rollback` have in common."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.interrupt import InFlight, handled
from vmapps.cli.lock import demand
from vmapps.cli.observing import observer
from vmapps.cli.options import Common
from vmapps.cli.plan import exit_code
from vmapps.core.outcome import Report
from vmapps.core.plan import Plan
from vmapps.core.resource import Machine
from vmapps.engine.events import Ended
from vmapps.engine.ports import Cloud
from vmapps.engine.stop import Stop
from vmapps.errors import Error
from vmapps.render import plan_text, report_json, report_markdown, report_text
from vmapps.render.safe import shown

if TYPE_CHECKING:
    from vmapps.azure.lease import Lease


def demand_consent(*, yes: bool, otherwise: str) -> None:
    """Raise a usage error when nobody could be asked, and nobody said --yes."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(f"there is no terminal to ask on: {otherwise}")


def offered(
    made: Plan,
    cloud: Cloud,
    form: str,
    common: Common,
    lease: Lease | None,
    *,
    yes: bool,
    known: Iterable[Machine] = (),
    nothing: str = "",
) -> int:
    """Show a plan that was just made; after a yes, carry it out. `known` are the machines as it saw them.

    `nothing` is what a plan without a step means, where it is not that all is as declared.
    """
    refuse_fail_fast(made, common)
    show(made, form, common, nothing)
    if not made.applyable:
        return exit_code(made, changes=exit_codes.DONE)
    if not agreed("Apply this plan?", yes=yes):
        return exit_codes.ERROR
    return carried_out(made, cloud, form, common, lease, known=known)


def agreed(question: str, *, yes: bool) -> bool:
    """Whether somebody said yes, before or now."""
    if yes or click.confirm(question, err=True):
        return True
    speak.tell("Nothing was changed.")
    return False


def refuse_fail_fast(made: Plan, common: Common) -> None:
    """Raise a usage error for a plan that goes back after a failure, in a run that begins nothing after one."""
    if common.fail_fast and any(step.only_if for step in made.steps):
        raise click.UsageError("--fail-fast begins nothing after a failure, and so does not go with --rollback-on-halt")


def show(made: Plan, form: str, common: Common, nothing: str = "") -> None:
    """The plan is part of the conversation when the result is not text; an empty one is a result too."""
    common.trail.planned(made)
    if form == "text":
        speak.result(plan_text.to_text(made, colour=common.colour, verbose=common.verbose, nothing=nothing))
    else:
        speak.tell(plan_text.to_text(made, verbose=common.verbose, nothing=nothing).rstrip())
    if form != "text" and made.is_empty:
        speak.result(reported(Report(()), made, form, common))


def reported(report: Report, made: Plan, form: str, common: Common) -> str:
    """What was done, as it was asked for."""
    if form == "json":
        return report_json.to_json(report)
    if form == "markdown":
        return report_markdown.to_markdown(report, project=made.project.name, owner=made.project.owner)
    return report_text.to_text(report, colour=common.colour, quiet=common.quiet, verbose=common.verbose)


def carried_out(
    made: Plan,
    cloud: Cloud,
    form: str,
    common: Common,
    lease: Lease | None,
    done: frozenset[str] = frozenset(),
    known: Iterable[Machine] = (),
) -> int:
    """Carry a plan out under the lock, tell what was done, and give the exit code.

    `done` are steps of an earlier run, `known` machines as they were read just before. When the lock is lost nothing
    new is begun, as after a first signal. Raises Error when it is lost already.
    """
    demand(lease)
    with _observed(made, form, common, lease, done) as flight:
        try:
            report = wiring.execute(made, cloud, flight, flight.stop, common, done, known)
        except Exception as error:  # noqa: BLE001  after the first write nobody knows what is true
            speak.internal_error(error)
            _tell(flight.report(), made, flight, form, common)
            speak.tell("Something may have been changed: the next plan shows what.")
            return exit_codes.PARTIAL
        _tell(report, made, flight, form, common)
        code = _verdict(report, flight)
        if flight.stop.hard:
            # what is still to be tidied up may take longer than there is time for
            common.trail.ended(code)
        return code


def _tell(report: Report, made: Plan, flight: InFlight, form: str, common: Common) -> None:
    """Every step with its end, in plan order; and what Azure may still be doing, when nobody waits for it."""
    if not flight.has_the_word():
        # the process is being left, with these very words: there is nothing to add
        threading.Event().wait()
    _say(report, made, flight, form, common)


def _say(report: Report, made: Plan, flight: InFlight, form: str, common: Common) -> None:
    common.trail(Ended(report))
    try:
        speak.result(reported(report, made, form, common))
    except Error as error:
        # the work is done, and the exit code tells of that
        speak.complain(str(error))
    if flight.stop.hard:
        speak.tell(flight.farewell())


@contextmanager
def _observed(made: Plan, form: str, common: Common, lease: Lease | None, done: frozenset[str]) -> Iterator[InFlight]:
    def last_words(flight: InFlight) -> None:
        _say(flight.report(), made, flight, form, common)
        common.trail.ended(exit_codes.SIGNALLED + flight.signal)

    listener = observer(sum(not one.only_if for one in made.steps), common)
    flight = InFlight(made, Stop(), listener, last_words, done)

    def lost(why: str) -> None:
        speak.tell(f"The lock was lost: {shown(why)}.")
        flight.stop.drain()

    if lease is not None:
        lease.on_lost(lost)
    with handled(flight.press):
        yield flight


def _verdict(report: Report, flight: InFlight) -> int:
    if report.succeeded:
        return exit_codes.DONE
    if report.interrupted and flight.signal:
        return exit_codes.SIGNALLED + flight.signal
    return exit_codes.PARTIAL if report.changed else exit_codes.ERROR
