"""The files of a project while they are edited: everything is made in memory, and written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from vmapps.core.diagnostic import Span
from vmapps.core.fields import Path as FieldPath
from vmapps.core.release import Edit
from vmapps.errors import Error
from vmapps.kinds.kind import Document
from vmapps.manifest.edit_layout import pages
from vmapps.manifest.edit_text import BOM, Unclear
from vmapps.manifest.files import inside, relative
from vmapps.manifest.gather import gather
from vmapps.manifest.project import project_file
from vmapps.manifest.source import Tree, read


@dataclass(frozen=True, slots=True)
class Leaf:
    """One document as it is written (`tree`), and with its variables filled in: `page` is its number in its file.

    The project's own has no `document`.
    """

    file: Path
    page: int
    tree: Tree
    document: Document | None


@dataclass(slots=True)
class Sheets:
    """A project's documents as they are on disk (`leaves`), and its files as they will be."""

    folder: Path
    root: Path
    patterns: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    before: dict[Path, bytes]
    after: dict[Path, bytes] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path, variables: Mapping[str, str]) -> Sheets:
        """The files of a project that loads without errors; raises Error when one cannot be edited."""
        file = project_file(path)
        if file is None:
            raise Error(f"{path}: there is no project here")
        gathered = gather(file, variables)
        named = {gathered.folder / file.name} | {gathered.folder / one.span().file for one in gathered.documents}
        before = {one: _taken(one, gathered.folder, gathered.root) for one in sorted({one.resolve() for one in named})}
        documents = {one.span(): one for one in gathered.documents}
        leaves = [leaf for one, data in before.items() for leaf in _leaves(one, data, gathered.folder, documents)]
        patterns = gathered.project.spec.get("manifests", ()) if gathered.project else ()
        return cls(gathered.folder, gathered.root, tuple(patterns), tuple(leaves), before)

    def now(self, file: Path) -> bytes:
        """The file as it is meant to be by now."""
        return self.after.get(file, self.before.get(file, b""))

    def name(self, file: Path) -> str:
        """The file as messages have it."""
        return relative(file, self.folder)

    def line(self, leaf: Leaf, path: FieldPath) -> int:
        """The line in which a field's value begins by now."""
        piece = pages(self.now(leaf.file).decode().removeprefix(BOM))[leaf.page].root.at(path)
        return piece.line if piece is not None else leaf.tree.start.line

    def write(self) -> None:
        """Write every changed file; raises Error, with all files as they were, when one is not as it was read."""
        done: list[Path] = []
        try:
            for file in self.after:
                replace_file(file, self.before.get(file), self.after[file], self.name(file))
                done.append(file)
        except Error:
            self._back(done)
            raise

    def undo(self) -> None:
        """Every file as it was, but for what somebody else wrote meanwhile."""
        self._back(list(self.after))

    def _back(self, files: list[Path]) -> None:
        for file in files:
            old = self.before.get(file)
            with suppress(Error):
                if old is not None:
                    replace_file(file, self.after[file], old, self.name(file))
                elif _content(file) == self.after[file]:
                    file.unlink()


def _taken(file: Path, folder: Path, root: Path) -> bytes:
    if not inside(file, root):
        raise Error(f"{relative(file, folder)} is a link to a file outside the project: it is not edited")
    data = _content(file)
    if data is None:
        raise Error(f"{relative(file, folder)} cannot be read")
    return data


def _leaves(file: Path, data: bytes, folder: Path, documents: Mapping[Span, Document]) -> list[Leaf]:
    trees, _ = read(data, relative(file, folder))
    return [Leaf(file, page, tree, documents.get(tree.start)) for page, tree in enumerate(trees)]


def _content(file: Path) -> bytes | None:
    """What is in a file; None when there is none, or none that can be read."""
    try:
        return file.read_bytes()
    except OSError:
        return None


def replace_file(file: Path, old: bytes | None, new: bytes, name: str) -> None:
    """Put new content in the place of the old in one move: no reader ever sees half of it. Its mode stays.

    `old` is None when there should be no file yet. Raises Error when the file is not as it should be, or cannot be
    written; it is as it was then.
    """
    if _content(file) != old or (old is None and os.path.lexists(file)):
        raise Error(f"{name} changed meanwhile, and was not overwritten")
    half = ""
    try:
        handle, half = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(new)
            stream.flush()
            os.fsync(stream.fileno())
        if old is not None:
            shutil.copymode(file, half)
        else:
            Path(half).chmod(0o666 & ~_umask())
        Path(half).replace(file)
    except OSError as error:
        with suppress(OSError):
            Path(half).unlink()
        raise Error(f"{name} cannot be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def refused(leaf: Leaf, path: FieldPath, why: Unclear) -> Error:
    """An edit that cannot be made, with its place and the way out."""
    return Error(f"{leaf.tree.span(path)}: {why}; edit it by hand")
