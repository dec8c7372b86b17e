"""What a GalleryApplication document's schema cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.diagnostic import Diagnostic, warning
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.limits import absent_problems, common_problems, custom_action_problems

OLD_NAME_LIMIT = 80


def check(document: Document, surroundings: Surroundings) -> tuple[Diagnostic, ...]:
    """The shared rules, and a name that older parts of Azure may refuse."""
    return tuple(absent_problems(document) if document.is_absent else _problems(document, surroundings))


def _problems(document: Document, surroundings: Surroundings) -> Iterator[Diagnostic]:
    yield from common_problems(document, surroundings.project)
    yield from custom_action_problems(document)
    if len(document.name) > OLD_NAME_LIMIT:
        summary = (
            f"the name has {len(document.name)} characters; Azure's documentation disagrees beyond {OLD_NAME_LIMIT}"
        )
        where = document.span("metadata", "name")
        yield warning("doubtful-name", summary, where, hint="a shorter name is safe")
