"""`vmapps release`: a built package becomes a declared version. For CI; nothing is sent to ARM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vmapps.cli import exit_codes, speak, wiring
from vmapps.cli.editing import application_in, assignment_named, saved
from vmapps.cli.options import Common, format_option, option, project_option, store_options
from vmapps.core.declaration import Assignment, Declarations, Package
from vmapps.core.release import Release, Stored
from vmapps.core.versions import number, pick
from vmapps.errors import Error, Invalid
from vmapps.render import diagnostics_text, release_json, release_text
from vmapps.render.safe import shown

if TYPE_CHECKING:
    from vmapps.azure.blobs import PackageStore
    from vmapps.manifest.edit_release import File, New
    from vmapps.manifest.edit_versions import Wish

OLD_NAME = "each release needs a package of its own name, such as nginx-1.26.3.tar.gz: older versions name this one"
LOCAL_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Declare a version from a built package.")
@click.argument("application", metavar="GALLERY/APP")
@click.argument("version")
@option("--package", required=True, metavar="FILE", type=LOCAL_FILE, help="The package, below the project's root.")
@option("--configuration", metavar="FILE", type=LOCAL_FILE, help="The version's default configuration.")
@option("--install", metavar="COMMAND", help="Another install command than the newest version's.")
@option("--update", metavar="COMMAND", help="Another update command.")
@option("--remove", metavar="COMMAND", help="Another remove command.")
@option("--set", "assignments", multiple=True, metavar="ASSIGNMENT", help="Let it ask for this version; repeatable.")
@project_option()
@format_option
@store_options
def release(
    application: str,
    version: str,
    project: Path,
    form: str,
    common: Common,
    *,
    package: Path,
    configuration: Path | None,
    assignments: tuple[str, ...],
    **scripts: str | None,
) -> int:
    """Declare VERSION of GALLERY/APP: upload its package, write its document, and let assignments ask for it.

    The document is a copy of the newest declared version's, with the package's path and sha256, beside that one in its
    file (or in a file of its own, where that has one named after its number). The package goes to the package store,
    named by its content. The project is validated with the edits; when it is not valid, or a package cannot be
    uploaded, they are undone. Nothing is sent to ARM: that is for the next apply. Run again it changes nothing.

    Exit codes: 0 done, 1 an error and no file is changed, 64 usage.
    """
    if number(version) is None:
        raise click.UsageError(f"'{version}' is not a version such as 1.26.3: three numbers")
    declared = _loaded(project, common)
    given = {name: text for name, text in scripts.items() if text}
    new = _new(_spelled(application, declared), version, package, configuration, given)
    wishes, notes = _wishes(declared, new, assignments)
    sheets = wiring.releasing(project, new, wishes, common)
    after = saved(sheets, project, common)
    try:
        stored = _stored(after, new, common)
    except BaseException:
        sheets.undo()
        if sheets.edits:
            speak.tell("The package is not in the store: the edits were undone.")
        raise
    _warn(declared, after, common)
    done = Release(new.application, version, stored, tuple(sheets.edits), notes)
    speak.result(release_json.to_json(done) if form == "json" else release_text.to_text(done))
    return exit_codes.DONE


def _spelled(text: str, declared: Declarations) -> str:
    """The application as it is declared; raises a usage error, naming all, when there is none."""
    several = (one for one in declared.resources if one.address.kind == "GalleryApplication" and not one.absent)
    names = {"/".join(one.address.name): one for one in several}
    found = next((name for name in names if name.lower() == text.lower()), None)
    if found is None:
        told = ", ".join(map(shown, names)) or "none"
        raise click.UsageError(f"no application '{shown(text)}' is declared; there is {told}")
    return found


def _new(application: str, version: str, package: Path, configuration: Path | None, scripts: dict[str, str]) -> New:
    from vmapps.manifest.edit_release import File, New

    return New(application, version, File.of(package), File.of(configuration) if configuration else None, scripts)


def _loaded(project: Path, common: Common) -> Declarations:
    """The project as it is, which has to be valid already."""
    try:
        return wiring.declarations(project, common)
    except Invalid as error:
        if any(one.code == "sha256-mismatch" for one in error.diagnostics):
            speak.tell(f"hint: {OLD_NAME}")
        raise


def _wishes(declared: Declarations, new: New, assignments: tuple[str, ...]) -> tuple[tuple[Wish, ...], tuple[str, ...]]:
    """What assignments are to ask for; a choice that means the version anyway stays, which is noted."""
    from vmapps.manifest.edit_versions import Wish

    wishes, notes = [], []
    for name in assignments:
        found = assignment_named(name, declared)
        at = application_in(found, new.application)
        if told := _chosen_already(found, at, declared, new):
            notes.append(told)
        else:
            wishes.append(Wish(found.address.name[-1], at, new.version))
    return tuple(dict.fromkeys(wishes)), tuple(dict.fromkeys(notes))


def _chosen_already(assignment: Assignment, at: int, declared: Declarations, new: New) -> str:
    """What to say where `latest` or a range means the new version without an edit; "" where it does not."""
    wanted = assignment.applications[at]
    if wanted.follow_latest:
        hint = "publishing it is enough; leave --set out"
        raise Error(f"{wanted.span}: {assignment.address} follows the latest version, which Azure chooses: {hint}")
    there = (one.address.name for one in declared.resources if not one.absent)
    versions = {name[2] for name in there if len(name) == 3 and name[:2] == wanted.application.name}
    if number(wanted.version) is None and pick(wanted.version, {*versions, new.version}) == new.version:
        return f"{assignment.address} asks for {wanted.version}, which means {new.version} now"
    return ""


def _stored(declared: Declarations, new: New, common: Common) -> tuple[Stored, ...]:
    """The version's files, in the package store."""
    files = [one for one in (new.package, new.configuration) if one is not None]
    with wiring.store(declared, common) as store:
        assert store is not None  # a project without one is not valid when it names a local file
        there = store.present([one.sha256 for one in files])
        return tuple(_sent(one, store, there) for one in files)


def _sent(file: File, store: PackageStore, there: frozenset[str]) -> Stored:
    name = file.path.name
    if file.sha256 not in there:
        store.upload(Package(file.sha256, file.size, file.path, name))
    return Stored(name, file.sha256, file.size, file.sha256 not in there)


def _warn(before: Declarations, after: Declarations, common: Common) -> None:
    """Warnings that are new: those of the version that was just written."""
    known = {(one.code, one.summary) for one in before.warnings}
    new = tuple(one for one in after.warnings if (one.code, one.summary) not in known)
    if new and not common.quiet:
        speak.tell(diagnostics_text.to_text(new).rstrip("\n"))
