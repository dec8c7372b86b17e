"""Local files: found inside the root and measured; packages are hashed in constant memory, scripts read."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from vmapps.core.declaration import Package
from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.core.fields import Path as FieldPath
from vmapps.kinds.kind import Document
from vmapps.manifest.files import inside, relative
from vmapps.manifest.shown import shown
from vmapps.manifest.source import FORBIDDEN

CHUNK = 1024 * 1024
GIB = 1024 * CHUNK
LIMITS = {"package": 2 * GIB, "defaultConfiguration": GIB, "configuration": GIB, "installFile": 4 * 4096}
"""The bytes of a file by the field that names it; an installFile has 4096 characters [azure-facts 2.1]."""

DOUBTFUL = GIB
"""Azure's limits say 2 GB for a package, an error text says 1 GB [azure-facts 2.1]."""


Place: TypeAlias = tuple[str, FieldPath, int, int]
"""A field of a document: its file, its path, and where it stands."""

Held = TypeVar("Held", Package, str)


@dataclass(slots=True)
class Shelf:
    """The local files that documents name, each read once; `problems` has what was wrong with them."""

    folder: Path
    root: Path
    hashes: dict[Path, tuple[str, int]] = field(default_factory=dict)
    found: dict[Place, Package | None] = field(default_factory=dict)
    texts: dict[Place, str | None] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def package(self, document: Document, path: FieldPath) -> Package | None:
        """The hashed file of a field; None (and a problem, once) when it cannot be used."""
        place = _place(document, path)
        if place not in self.found:
            self.found[place] = self._taken(_look(self, document, path))
        return self.found[place]

    def text(self, document: Document, path: FieldPath) -> str | None:
        """The text of a field's file; None (and a problem, once) when it cannot be used."""
        place = _place(document, path)
        if place not in self.texts:
            self.texts[place] = self._taken(_read(self, document, path))
        return self.texts[place]

    def packages(self) -> tuple[Package, ...]:
        """Every package once, with all the places that name it."""
        by_hash: dict[str, Package] = {}
        for package in self.found.values():
            if package is not None:
                by_hash[package.sha256] = _joined(by_hash.get(package.sha256), package)
        return tuple(sorted(by_hash.values(), key=lambda package: package.address))

    def _taken(self, result: Held | Diagnostic) -> Held | None:
        """What was found; nothing, with the reason noted, when it cannot be used."""
        if isinstance(result, Diagnostic):
            self.problems.append(result)
            return None
        return result


def _place(document: Document, path: FieldPath) -> Place:
    span = document.span(*path)
    return span.file, path, span.line, span.column


def _joined(one: Package | None, other: Package) -> Package:
    """Two places that name one content; the name that is shown does not depend on the order of files."""
    if one is None:
        return other
    both = sorted((one, other), key=lambda package: (package.path is None, package.shown))
    return replace(both[0], source=tuple(sorted({*one.source, *other.source})))


def _look(shelf: Shelf, document: Document, path: FieldPath) -> Package | Diagnostic:
    file = _located(shelf, document, path)
    if isinstance(file, Diagnostic):
        return file
    promised = document.spec["source"].get("sha256") if path[-1] == "package" else None
    if promised and not file.exists():
        return Package(promised, 0, None, relative(file, shelf.folder), (document.span(*path),))
    return _measured(shelf, file, document, path) or _hashed(shelf, file, document, path, promised)


def _located(shelf: Shelf, document: Document, path: FieldPath) -> Path | Diagnostic:
    """The file that a field means, inside the root, whether it is there or not; links are followed."""
    span, text = document.span(*path), _named(document, path)
    try:
        file = ((shelf.folder / span.file).parent / text).resolve()
        if not inside(file, shelf.root):
            hint = "a file must be below the project's root, also when it is a link"
            return error("outside-root", f"'{shown(text)}' is outside the project", span, hint=hint)
        file.exists()
    except (OSError, ValueError, RuntimeError):
        return error("unreadable-file", f"'{shown(text)}' cannot be read", span, hint="check its name and permissions")
    return file


def _named(document: Document, path: FieldPath) -> str:
    """The file name that a field holds."""
    value: Any = document.spec
    for part in path[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return str(value)


def _missing(shelf: Shelf, text: str, document: Document, path: FieldPath) -> Diagnostic:
    where = document.span(*path)
    hint = "the path is relative to the manifest that names it"
    if (shelf.folder / text).is_file():
        hint = f"{hint}, not to the project"
    return error("missing-file", f"there is no file '{shown(text)}'", where, hint=hint)


def _measured(shelf: Shelf, file: Path, document: Document, path: FieldPath) -> Diagnostic | None:
    where, text = document.span(*path), shown(_named(document, path))
    if not file.exists():
        return _missing(shelf, _named(document, path), document, path)
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        return error("unreadable-file", f"'{text}' is not a file", where, hint="pack a folder into one archive")
    if not status.st_size:
        return error("empty-file", f"'{text}' is empty, which Azure refuses", where, hint="put something in it")
    if status.st_size > LIMITS[path[-1]]:
        summary = f"'{text}' has {status.st_size} bytes, Azure takes {LIMITS[path[-1]]}"
        return error("file-over-limit", summary, where, hint="make it smaller")
    return None


def _read(shelf: Shelf, document: Document, path: FieldPath) -> str | Diagnostic:
    """A small file as text, exactly as it is."""
    file = _located(shelf, document, path)
    if isinstance(file, Diagnostic):
        return file
    if problem := _measured(shelf, file, document, path):
        return problem
    where, name = document.span(*path), shown(_named(document, path))
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return error("not-utf-8", f"'{name}' is not UTF-8 text", where, hint="save it as UTF-8")
    except OSError:
        return error("unreadable-file", f"'{name}' cannot be read", where, hint="check its permissions")
    if found := FORBIDDEN.search(text):
        summary = f"'{name}' holds the character U+{ord(found[0]):04X}, which no command may hold"
        return error("control-character", summary, where, hint="save it as UTF-8 without a byte order mark")
    return text


def _hashed(
    shelf: Shelf, file: Path, document: Document, path: FieldPath, promised: str | None
) -> Package | Diagnostic:
    where, text = document.span(*path), shown(_named(document, path))
    try:
        digest, size = shelf.hashes.get(file) or digest_of(file)
    except OSError:
        return error("unreadable-file", f"'{text}' cannot be read", where, hint="check its permissions")
    shelf.hashes[file] = digest, size
    if promised is not None and promised != digest:
        at = document.span("spec", "source", "sha256")
        hint = "write the file's own sha256, or restore the file"
        return error("sha256-mismatch", f"the sha256 of '{text}' is {digest}", at, hint=hint)
    if path[-1] == "package" and size > DOUBTFUL:
        summary = f"'{text}' has {size} bytes; Azure's documentation disagrees beyond {DOUBTFUL}"
        shelf.problems.append(warning("doubtful-size", summary, where, hint="try it in one region first"))
    return Package(digest, size, file, relative(file, shelf.folder), (where,))


def digest_of(file: Path) -> tuple[str, int]:
    """The sha256 of a file in hex, and its size; one chunk in memory at a time."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
