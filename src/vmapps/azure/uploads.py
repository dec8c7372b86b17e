"""Sending one package, piece by piece: its content is checked against its name before anybody can see it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmapps.core.declaration import Package
from vmapps.errors import Missing, Refused

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobProperties

PIECE = 4 * 1024 * 1024
"""Bytes in memory at a time, and the most that one page write takes."""

SECTOR = 512
"""Page blobs are a multiple of this [azure-facts 2.2]."""

OWNER = "owner"
"""The metadata key of who sent a package: only a blob that carries our mark may ever be deleted by us."""

LOST_RACE = ("BlobAlreadyExists", "ConditionNotMet", "InvalidBlockList")
"""What a write is told when another run finished, or began anew, in between."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What was found under a package's name.

    `whole` says that it was sent to its end: the marks (sha256, length) are written last. `etag` is set when
    there is something, whole or not; `container` is False when not even the container is there. `owner` is the mark
    of who sent it ("": none).
    """

    whole: bool = False
    etag: str = ""
    container: bool = True
    owner: str = ""

    @classmethod
    def of(cls, found: BlobProperties, sha256: str) -> Whole:
        """Read a blob's properties."""
        marks = found.metadata or {}
        said = marks.get("length", "")
        length = int(said) if said.isdecimal() and len(said) < 20 else -1
        fits = found.size in (length, padded(length))
        whole = fits and marks.get("sha256") == sha256
        return cls(whole, str(found.etag or ""), owner=marks.get(OWNER) or "")


def padded(length: int) -> int:
    """The length of a page blob that holds so many bytes."""
    return -(-length // SECTOR) * SECTOR


def send_blocks(blob: BlobClient, package: Package, found: Whole, owner: str) -> None:
    """Send a block blob; nothing is to be seen of it before its last request, which carries the marks."""
    from azure.storage.blob import BlobBlock, ContentSettings

    whole, blocks = hashlib.md5(usedforsecurity=False), []
    for index, piece in enumerate(pieces(package)):
        whole.update(piece)
        blocks.append(BlobBlock(f"{index:08d}"))
        blob.stage_block(blocks[-1].id, piece, validate_content=True)
    settings = ContentSettings("application/octet-stream", content_md5=bytearray(whole.digest()))
    with _race():
        blob.commit_block_list(blocks, content_settings=settings, metadata=marks(package, owner), **guard(found))


def send_pages(blob: BlobClient, package: Package, found: Whole, owner: str) -> None:
    """Send a page blob; every request expects what the one before left, and the last one writes the marks."""
    with _race():
        etag = str(blob.create_page_blob(padded(package.size), **guard(found))["etag"])
        at = 0
        for piece in pieces(package):
            block = piece.ljust(padded(len(piece)), b"\0")
            only_if = guard(Whole(etag=etag))
            etag = str(blob.upload_page(block, at, len(block), validate_content=True, **only_if)["etag"])
            at += len(block)
        blob.set_blob_metadata(marks(package, owner), **guard(Whole(etag=etag)))


def marks(package: Package, owner: str) -> dict[str, str]:
    """The metadata of a whole package: a page blob's own length is a padded one."""
    return {"sha256": package.sha256, "length": str(package.size), OWNER: owner}


def pieces(package: Package) -> Iterator[bytes]:
    """A file in pieces; raises Refused at its end when it is no longer the file that was hashed.

    The name of a blob is its content, and it is never overwritten: a wrong one would stay wrong for everybody.
    """
    seen = hashlib.sha256()
    for piece in _read(package):
        seen.update(piece)
        yield piece
    if seen.hexdigest() != package.sha256:
        raise _changed(package)


def _changed(package: Package) -> Refused:
    return Refused("the file changed after the plan read it", scope=package.shown, hint="plan again")


def _read(package: Package) -> Iterator[bytes]:
    if package.path is None:
        raise Missing("the file is not here, and the package store does not have it either", scope=package.shown)
    try:
        with Path(package.path).open("rb") as file:
            if os.fstat(file.fileno()).st_size != package.size:
                raise _changed(package)
            yield from iter(lambda: file.read(PIECE), b"")
    except OSError as error:
        raise Missing(f"the file cannot be read: {error.strerror}", scope=package.shown) from error


def guard(found: Whole) -> dict[str, Any]:
    """Only if absent; or only if it still is the unfinished one that was found."""
    from azure.core import MatchConditions

    if found.etag:
        return {"etag": found.etag, "match_condition": MatchConditions.IfNotModified}
    return {"match_condition": MatchConditions.IfMissing}


@contextmanager
def _race() -> Iterator[None]:
    """Another run that was faster is no failure: who called looks at what is there now."""
    from azure.core.exceptions import HttpResponseError

    try:
        yield
    except HttpResponseError as error:
        if error_code(error) not in LOST_RACE:
            raise


def error_code(error: Any) -> str:
    """The storage service's own code of a refusal."""
    code = getattr(error, "error_code", "")
    return str(getattr(code, "value", code))
