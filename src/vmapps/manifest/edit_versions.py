"""The version that an assignment asks for, changed where it is written: in the assignment, or in a variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TypeAlias

from vmapps.core.fields import Path
from vmapps.core.release import Edit
from vmapps.core.versions import number
from vmapps.errors import Error
from vmapps.manifest.documents import ASSIGNMENT, PROJECT
from vmapps.manifest.edit_files import Leaf, Sheets, refused
from vmapps.manifest.edit_text import Unclear, put
from vmapps.manifest.source import TEMPLATE
from vmapps.manifest.variables import USE

Place: TypeAlias = tuple[FilePath, int, Path]
"""A file, the number of a document in it, and a field of that."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An assignment's application, by its number in the list, and the version that it should ask for.

    `live`: the version is Azure's only, no document declares it.
    """

    assignment: str
    at: int
    version: str
    live: bool = False

    @property
    def path(self) -> Path:
        """Where the version stands in the document."""
        return "spec", "applications", str(self.at), "version"


def ask(sheets: Sheets, wishes: tuple[Wish, ...], given: Mapping[str, str]) -> None:
    """Let every wish's assignment ask for its version; `given` are the variables of --var.

    A variable is changed where it is declared, if nothing else uses it. Raises Error, naming the places, where that
    is not so, and where --var says the version.
    """
    places = [(wish, _document(sheets, wish)) for wish in wishes]
    asked = {(leaf.file, leaf.page, wish.path) for wish, leaf in places}
    for wish, leaf in places:
        written = leaf.tree.value["spec"]["applications"][wish.at]["version"]
        variable = USE.fullmatch(written)
        if variable is not None and variable[1]:
            _variable(sheets, variable[1], wish, leaf, asked, given)
        elif TEMPLATE in written:
            raise Error(f"{leaf.tree.span(wish.path)}: the version '{written}' is put together; write it out first")
        elif written != wish.version:
            how = "asks for" if number(written) else "no longer chooses, but asks for one version of"
            about = f"VMAssignment/{wish.assignment} {how} {_application(leaf, wish)}"
            _set(sheets, leaf, wish.path, (about, written, wish.version))
        if wish.live and leaf.tree.value["spec"]["applications"][wish.at].get("from") != "live":
            _add_live(sheets, leaf, wish)


def _document(sheets: Sheets, wish: Wish) -> Leaf:
    """The assignment's document; it is known to be there."""
    return next(
        leaf
        for leaf in sheets.leaves
        if leaf.tree.value["kind"] == ASSIGNMENT and leaf.tree.value["metadata"]["name"] == wish.assignment
    )


def _application(leaf: Leaf, wish: Wish) -> str:
    return str(leaf.tree.value["spec"]["applications"][wish.at]["application"])


def _set(sheets: Sheets, leaf: Leaf, path: Path, said: tuple[str, str, str]) -> None:
    about, before, after = said
    try:
        sheets.after[leaf.file] = put(sheets.now(leaf.file), leaf.page, path, after)
    except Unclear as why:
        raise refused(leaf, path, why) from why
    sheets.edits.append(Edit(sheets.name(leaf.file), sheets.line(leaf, path), about, before, after))


def _add_live(sheets: Sheets, leaf: Leaf, wish: Wish) -> None:
    """A version that only Azure has is asked for by `from: live`."""
    path = (*wish.path[:-1], "from")
    try:
        sheets.after[leaf.file] = put(sheets.now(leaf.file), leaf.page, path, "live", after="version")
    except Unclear as why:
        raise refused(leaf, wish.path, why) from why
    about = f"VMAssignment/{wish.assignment}: no document declares {_application(leaf, wish)} {wish.version}"
    sheets.edits.append(Edit(sheets.name(leaf.file), sheets.line(leaf, path), about, "", "from: live"))


def _variable(sheets: Sheets, name: str, wish: Wish, leaf: Leaf, asked: set[Place], given: Mapping[str, str]) -> None:
    where = leaf.tree.span(wish.path)
    if name in given:
        hint = f"leave --var {name} out, or write the version into the assignment"
        raise Error(f"{where}: the version is the variable '{name}', which --var sets: no file can say it; {hint}")
    home = next(one for one in sheets.leaves if one.tree.value["kind"] == PROJECT)
    path = ("spec", "variables", name)
    others = [span for place, span in _uses(sheets, name) if place not in asked]
    if others:
        hint = f"write {wish.version} into {where} by hand, or give it a variable of its own"
        raise Error(f"{where}: the variable '{name}' is also used at {', '.join(others)}; {hint}")
    written = str(home.tree.value["spec"]["variables"][name])
    if written != wish.version and not any(edit.about == f"variable {name}" for edit in sheets.edits):
        _set(sheets, home, path, (f"variable {name}", written, wish.version))


def _uses(sheets: Sheets, name: str) -> Iterator[tuple[Place, str]]:
    """Every place that a variable's value goes to."""
    for leaf in sheets.leaves:
        for path in leaf.tree.templated:
            value = _at(leaf.tree.value, path)
            is_used = any(found[1] == name for found in USE.finditer(value))
            if is_used and path[0] == "spec" and path[:2] != ("spec", "variables"):
                yield (leaf.file, leaf.page, path), str(leaf.tree.span(path))


def _at(value: object, path: Path) -> str:
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value[part]  # type: ignore[index]
    return str(value)
