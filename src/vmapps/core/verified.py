"""What a guest said about the applications of one step, one by one: for people who ask later what happened there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vmapps.core.guest import GuestReport, State
from vmapps.core.verification import OFF, removal_of


@dataclass(frozen=True, slots=True)
class Answer:
    """One application: the version that is wanted ("" is any, None that it is gone), and how it stands.

    `state` is installed, removed, failed, skipped or unknown as the guest says, or pending when it does not say.
    """

    application: str
    version: str | None
    state: str
    message: str = ""


def answers(expected: Iterable[tuple[str, str | None]], report: GuestReport | None) -> tuple[Answer, ...]:
    """How each application stands according to a report, if there is one; the guest's own words, where it has some."""
    return tuple(_answer(name, version, report) for name, version in expected)


UNKNOWN = "result unknown"


def _removed(name: str, report: GuestReport) -> Answer:
    done = removal_of(name, report)
    if done is None:
        return Answer(name, None, "removed", UNKNOWN)
    return Answer(name, None, "removed" if done.succeeded else "failed", done.message)


def _answer(name: str, version: str | None, report: GuestReport | None) -> Answer:
    if report is None:
        return Answer(name, version, "pending") if version is not None else Answer(name, None, "removed", UNKNOWN)
    if not report.is_running:
        return Answer(name, version, "pending", OFF)
    seen = report.of(name)
    if seen is None:
        return Answer(name, version, "pending", report.error) if version is not None else _removed(name, report)
    is_it = version in ("", seen.version)
    is_half = version is None or seen.message.startswith("RemoveForUpdate")
    if is_it or (is_half and seen.state in (State.FAILED, State.SKIPPED)):
        return Answer(name, version, str(seen.state), seen.message)
    return Answer(name, version, "pending", f"the guest has {seen.version}: {seen.message}")
