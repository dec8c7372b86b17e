"""What a release did, for people."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.release import Release
from vmapps.render.safe import shown

NEXT = "Nothing was sent to ARM: commit this, and the next apply publishes it."


def to_text(release: Release) -> str:
    """What was uploaded and edited, and what comes next."""
    return "".join(f"{line}\n" for line in _lines(release))


def _lines(release: Release) -> Iterator[str]:
    name = f"{shown(release.application)} {release.version}"
    yield f"Released {name}." if release.changed else f"{name} is released already: nothing was changed."
    for one in release.packages:
        how = "uploaded" if one.uploaded else "stored already"
        yield f"{how} {shown(one.file)} ({one.size} bytes, sha256 {one.sha256})"
    for edit in release.edits:
        yield f"edited {shown(str(edit))}"
    for note in release.notes:
        yield shown(note)
    if release.changed:
        yield NEXT
