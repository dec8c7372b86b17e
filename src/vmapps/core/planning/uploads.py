"""Which packages have to be sent: those that a write of this plan will need and the store does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vmapps.core.action import Upload, changes_of
from vmapps.core.declaration import Package
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.planning.findings import Draft
from vmapps.core.resource import Link


def needed(drafts: Iterable[Draft]) -> frozenset[str]:
    """The sha256 of every package that a write of these drafts will refer to."""
    return frozenset(link.blob for draft in drafts for link in _links(draft) if link.blob)


def _links(draft: Draft) -> Iterator[Link]:
    """The links that a draft writes: of a version's source, or of an entry's configuration."""
    for change in changes_of(draft.action):
        inside = change.after.values() if isinstance(change.after, dict) else (change.after,)
        yield from (value for value in inside if isinstance(value, Link))
    yield from (link for _, link in draft.expects.slots)


def uploads(
    drafts: Iterable[Draft], packages: Mapping[str, Package], present: frozenset[str]
) -> Iterator[Draft | Diagnostic]:
    """One draft per package that is not in the store; an error for one whose file is not here either."""
    for sha256 in sorted(needed(drafts) - present):
        package = packages[sha256]
        if package.path is None:
            summary = f"{package.shown} is not here, and the package store does not have its content"
            hint = f"put the file with sha256 {sha256} back, or run this where it is built"
            yield error("package-missing", summary, package.source[0] if package.source else None, hint=hint)
            continue
        yield Draft(
            package.address,
            None,
            Upload(sha256, package.size, package.shown),
            "a version needs it and the package store does not have it",
            source=package.source,
        )
