"""Files of an export on the disk: all of them or none, and nothing of anybody's is written over unasked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from vmapps.core.exporting.result import Piece
from vmapps.errors import Error
from vmapps.manifest.source import MAX_BYTES
from vmapps.manifest.write import text_of

FOLDER = "manifests"


@dataclass(frozen=True, slots=True)
class Placed:
    """Which files were written, and which held the same already; their names are relative to the project."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]


def files_of(pieces: Iterable[Piece]) -> dict[str, str]:
    """The text of every file by its path in the project; the pieces of one file stand together."""
    files: dict[str, str] = {}
    for path, several in groupby(pieces, key=lambda piece: piece.path):
        for at, part in enumerate(_parts(list(several))):
            stem, _, end = path.rpartition(".")
            name = f"{FOLDER}/{path}" if at == 0 else f"{FOLDER}/{stem}.{at + 1}.{end}"
            files[name] = text_of(part)
    return files


def _parts(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces in as many files as it takes: a manifest may be only so large."""
    parts: list[list[Piece]] = [[]]
    size = 0
    for piece in pieces:
        own = len(text_of([piece]).encode())
        if parts[-1] and size + own > MAX_BYTES // 2:
            parts.append([])
            size = 0
        parts[-1].append(piece)
        size += own
    return parts


def place(files: Mapping[str, str], folder: Path, *, force: bool) -> Placed:
    """Write the files below a folder.

    Raises Error, and writes nothing, when one is there with other content (unless `force`), or cannot be written.
    """
    try:
        same = {name for name, text in files.items() if _holds(folder / name, text)}
        taken = [name for name in sorted(files.keys() - same) if os.path.lexists(folder / name)]
        if taken and not force:
            more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            raise Error(
                f"{folder / taken[0]}{more} would be written over; nothing was written "
                "(--force writes over, another --out leaves it alone)"
            )
        written = {name: text for name, text in files.items() if name not in same}
        _write(written, folder)
    except OSError as error:
        raise Error(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    return Placed(tuple(sorted(written)), tuple(sorted(same)))


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode()


def _write(files: Mapping[str, str], folder: Path) -> None:
    """First all of them beside their places, then each into its place: what fails before leaves no file behind."""
    if not files:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".vmapps-export-") as beside:
        waiting = [(Path(beside) / str(at), name) for at, name in enumerate(files)]
        for waits, name in waiting:
            waits.write_text(files[name], encoding="utf-8", newline="\n")
        for _, name in waiting:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        for waits, name in waiting:
            waits.replace(folder / name)
