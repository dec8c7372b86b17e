"""What releasing a version did, or will do: packages in the store, and edits of manifests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a manifest: in which file and line (from the project), what about, from what ("": new) to what."""

    file: str
    line: int
    about: str
    before: str
    after: str

    def __str__(self) -> str:
        how = f"{self.before} -> {self.after}" if self.before else self.after
        return f"{self.file}:{self.line}: {self.about}: {how}"


@dataclass(frozen=True, slots=True)
class Stored:
    """A package that is in the store now; `uploaded`: it was not before. `file` is as seen from the project."""

    file: str
    sha256: str
    size: int
    uploaded: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A version that is ready to be published by the next apply."""

    application: str
    version: str
    packages: tuple[Stored, ...]
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was not so before."""
        return bool(self.edits) or any(one.uploaded for one in self.packages)
