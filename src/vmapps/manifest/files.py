"""Which files belong to a project, and how they are named in messages."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.kinds.kind import Document
from vmapps.manifest.shown import shown

WILD = re.compile(r"[*?\[]")


def relative(file: Path, folder: Path) -> str:
    """A file as seen from the project directory, with `/` on every system."""
    return Path(os.path.relpath(file, folder)).as_posix()


def inside(file: Path, root: Path) -> bool:
    """Whether a resolved path is the root or below it."""
    return file == root or root in file.parents


def default_root(folder: Path) -> Path:
    """The nearest directory upwards that has .git, else the project's own."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def root_of(document: Document, folder: Path) -> Path | Diagnostic:
    """How far up files may come from: a directory that holds the project."""
    text: str | None = document.spec.get("root")
    if text is None:
        return default_root(folder)
    where = document.span("spec", "root")
    try:
        root = (folder / text).resolve()
        is_there = root.is_dir()
    except (OSError, ValueError, RuntimeError):
        is_there, root = False, folder
    if not is_there or not inside(folder, root):
        hint = "for instance '.' or '../..'"
        return error("bad-root", f"root '{shown(text)}' is not a directory around the project", where, hint=hint)
    return root


def manifest_files(document: Document, folder: Path, root: Path) -> tuple[list[Path], list[Diagnostic]]:
    """The files that the project's patterns match, each once, sorted by their name in messages."""
    files: dict[Path, Path] = {}
    problems: list[Diagnostic] = []
    for at, pattern in enumerate(document.spec.get("manifests", ())):
        span = document.span("spec", "manifests", str(at))
        for found in _matches(pattern, folder, root, span):
            if isinstance(found, Diagnostic):
                problems.append(found)
            else:
                files.setdefault(found.resolve(), found)
    return sorted(files, key=lambda file: relative(file, folder)), problems


def _matches(pattern: str, folder: Path, root: Path, span: Span) -> Iterator[Path | Diagnostic]:
    if problem := _pattern_problem(pattern, folder, root, span):
        yield problem
        return
    matches = sorted(file for file in _walked(pattern, folder) if not file.is_dir())
    if not matches:
        hint = "correct it, or remove it"
        yield error("no-files", f"the pattern '{shown(pattern)}' matches no file", span, hint=hint)
    for file in matches:
        yield _usable(file, folder, root, span) or file


def _walked(pattern: str, folder: Path) -> Iterator[Path]:
    """What a pattern matches; `**` enters neither links (they may lead in circles) nor hidden folders."""
    parts, fixed = _parts(pattern)
    start = Path(os.path.normpath(folder.joinpath(*parts[:fixed])))
    if fixed == len(parts):
        return iter([start] if os.path.lexists(start) else [])
    takes_hidden = any(part.startswith(".") for part in parts[fixed:])
    found = start.glob("/".join(parts[fixed:]))
    return (file for file in found if takes_hidden or not _is_hidden(file.relative_to(start)))


def _is_hidden(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts)


def _parts(pattern: str) -> tuple[tuple[str, ...], int]:
    """The parts of a pattern, and how many of them come before the first wildcard."""
    parts = PurePosixPath(pattern).parts
    return parts, next((at for at, part in enumerate(parts) if WILD.search(part)), len(parts))


def _pattern_problem(pattern: str, folder: Path, root: Path, span: Span) -> Diagnostic | None:
    """A pattern is relative, climbs only at its beginning, and not beyond the root."""
    parts, fixed = _parts(pattern)
    if any("**" in part and part != "**" for part in parts):
        hint = "** stands alone between slashes"
        return error("no-files", f"the pattern '{shown(pattern)}' is not one", span, hint=hint)
    climbs = pattern.startswith(("/", "~")) or "\\" in pattern or "\0" in pattern or ".." in parts[fixed:]
    start = folder.joinpath(*parts[:fixed]) if not climbs else folder
    if climbs or not inside(Path(os.path.normpath(start)), root):
        hint = f"patterns are relative, with '/', and stay inside '{relative(root, folder)}'"
        return error("outside-root", f"the pattern '{shown(pattern)}' leaves the project", span, hint=hint)
    return None


def _usable(file: Path, folder: Path, root: Path, span: Span) -> Diagnostic | None:
    name = shown(relative(file, folder))
    try:
        real = file.resolve(strict=True)
        is_regular = stat.S_ISREG(real.stat().st_mode)
    except (OSError, RuntimeError):
        return error("unreadable-file", f"'{name}' cannot be read", span, hint="check the link and its permissions")
    if not inside(real, root):
        hint = "copy the file into the project"
        return error("outside-root", f"'{name}' is a link to a file outside the project", span, hint=hint)
    if not is_regular:
        return error("unreadable-file", f"'{name}' is not a file", span, hint="remove it, or narrow the pattern")
    return None
