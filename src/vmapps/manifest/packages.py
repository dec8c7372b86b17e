"""Local packages and configurations: found inside the root, measured, hashed in constant memory."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from vmapps.core.declaration import Package
from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.core.fields import Path as FieldPath
from vmapps.kinds.kind import Document
from vmapps.manifest.files import inside, relative
from vmapps.manifest.shown import shown

CHUNK = 1024 * 1024
GIB = 1024 * CHUNK
LIMITS = {"package": 2 * GIB, "defaultConfiguration": GIB}
DOUBTFUL = GIB
"""Azure's limits say 2 GB for a package, an error text says 1 GB [azure-facts 2.1]."""


@dataclass(slots=True)
class Shelf:
    """The local files that documents name, each read once; `problems` has what was wrong with them."""

    folder: Path
    root: Path
    hashes: dict[Path, tuple[str, int]] = field(default_factory=dict)
    found: dict[tuple[str, FieldPath, int, int], Package | None] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def package(self, document: Document, path: FieldPath) -> Package | None:
        """The hashed file of a field; None (and a problem, once) when it cannot be used."""
        span = document.span(*path)
        key = (span.file, path, span.line, span.column)
        if key not in self.found:
            result = _look(self, document, path)
            if isinstance(result, Diagnostic):
                self.problems.append(result)
            self.found[key] = None if isinstance(result, Diagnostic) else result
        return self.found[key]

    def packages(self) -> tuple[Package, ...]:
        """Every package once, with all the places that name it."""
        by_hash: dict[str, Package] = {}
        for package in self.found.values():
            if package is not None:
                by_hash[package.sha256] = _joined(by_hash.get(package.sha256), package)
        return tuple(sorted(by_hash.values(), key=lambda package: package.address))


def _joined(one: Package | None, other: Package) -> Package:
    """Two places that name one content; the name that is shown does not depend on the order of files."""
    if one is None:
        return other
    both = sorted((one, other), key=lambda package: (package.path is None, package.shown))
    return replace(both[0], source=tuple(sorted({*one.source, *other.source})))


def _look(shelf: Shelf, document: Document, path: FieldPath) -> Package | Diagnostic:
    span = document.span(*path)
    text = document.spec["source"][path[-1]]
    promised = document.spec["source"].get("sha256") if path[-1] == "package" else None
    place = (shelf.folder / span.file).parent
    try:
        file = (place / text).resolve()
        if not inside(file, shelf.root):
            hint = "a file must be below the project's root, also when it is a link"
            return error("outside-root", f"'{shown(text)}' is outside the project", span, hint=hint)
        status = file.stat() if file.exists() else None
    except (OSError, ValueError, RuntimeError):
        return error("unreadable-file", f"'{shown(text)}' cannot be read", span, hint="check its name and permissions")
    name = relative(file, shelf.folder)
    if status is None:
        return Package(promised, 0, None, name, (span,)) if promised else _missing(shelf, text, document, path)
    if problem := _measured(status.st_size, stat.S_ISREG(status.st_mode), document, path):
        return problem
    return _hashed(shelf, file, document, path, promised)


def _missing(shelf: Shelf, text: str, document: Document, path: FieldPath) -> Diagnostic:
    where = document.span(*path)
    hint = "the path is relative to the manifest that names it"
    if (shelf.folder / text).is_file():
        hint = f"{hint}, not to the project"
    return error("missing-file", f"there is no file '{shown(text)}'", where, hint=hint)


def _measured(size: int, is_regular: bool, document: Document, path: FieldPath) -> Diagnostic | None:
    where, text = document.span(*path), shown(document.spec["source"][path[-1]])
    if not is_regular:
        return error("unreadable-file", f"'{text}' is not a file", where, hint="pack a folder into one archive")
    if not size:
        return error("empty-file", f"'{text}' is empty, which Azure refuses", where, hint="put something in it")
    if size > LIMITS[path[-1]]:
        summary = f"'{text}' has {size} bytes, Azure takes {LIMITS[path[-1]]}"
        return error("file-over-limit", summary, where, hint="make it smaller")
    return None


def _hashed(
    shelf: Shelf, file: Path, document: Document, path: FieldPath, promised: str | None
) -> Package | Diagnostic:
    where, text = document.span(*path), shown(document.spec["source"][path[-1]])
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
