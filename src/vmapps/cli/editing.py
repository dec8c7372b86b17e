"""Manifests that a command edits: what will be done is said before, what was done after."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vmapps.cli import speak, wiring
from vmapps.cli.options import Common
from vmapps.core.declaration import Assignment, Declarations
from vmapps.errors import Invalid
from vmapps.render.safe import shown

if TYPE_CHECKING:
    from vmapps.manifest.edit_files import Sheets


def assignment_named(text: str, declared: Declarations) -> Assignment:
    """The assignment that people mean by its name or address; raises a usage error, naming all, when there is none."""
    name = text.removeprefix("VMAssignment/").lower()
    found = next((one for one in declared.assignments if one.address.name[-1].lower() == name), None)
    if found is None:
        raise click.UsageError(f"there is no assignment '{shown(text)}'; {_choice(declared.assignments)}")
    return found


def _choice(assignments: Iterable[Assignment]) -> str:
    names = ", ".join(shown(one.address.name[-1]) for one in assignments)
    return f"there is {names}" if names else "the project has none"


def application_in(assignment: Assignment, text: str) -> int:
    """Where an assignment's application is in its list, by `gallery/application` or the application's name alone.

    Without a text it is the only one. Raises a usage error, naming them, when that is not clear.
    """
    wanted = {at: one for at, one in enumerate(assignment.applications) if not one.absent}
    names = {at: "/".join(one.application.name) for at, one in wanted.items()}
    meant = [at for at, name in names.items() if text.lower() in ("", name.lower(), name.lower().partition("/")[2])]
    if len(meant) == 1:
        return meant[0]
    told = ", ".join(shown(name) for name in names.values()) or "nothing"
    if not meant:
        raise click.UsageError(f"{assignment.address} does not assign '{shown(text)}'; it assigns {told}")
    raise click.UsageError(f"{assignment.address} assigns {told}: say --application")


def saved(sheets: Sheets, project: Path, common: Common) -> Declarations:
    """The project after the edits were written; when it is not valid then, they are undone and Invalid is raised."""
    sheets.write()
    try:
        return wiring.declarations(project, common)
    except Invalid:
        sheets.undo()
        speak.tell("The project would not be valid like this: the edits were undone.")
        raise
    except BaseException:
        sheets.undo()
        raise


def tell_edits(sheets: Sheets, how: str) -> None:
    """Say what is, or will be, edited."""
    for edit in sheets.edits:
        speak.tell(f"{how} {shown(str(edit))}")
