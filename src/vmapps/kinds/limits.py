"""Rules that several kinds share: a location is known, tags are not ours, custom actions have distinct names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vmapps.core.declaration import Project
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.fields import Path
from vmapps.core.resource import MARKS
from vmapps.kinds.kind import Document
from vmapps.kinds.shape import merged_tags

MAX_TAGS = 50
"""Tags on one resource; two of them are vmapps' marks."""


def common_problems(document: Document, project: Project) -> Iterator[Diagnostic]:
    """What every resource needs: a location, and tags that leave room for vmapps' own."""
    if not document.spec.get("location", project.location):
        summary = f"no location is known for the {document.kind} '{document.name}'"
        hint = "write location here or in the project"
        yield error("no-location", summary, document.span("metadata", "name"), hint=hint)
    yield from tag_problems(document, ("spec", "tags"), document.spec.get("tags", {}), MARKS)
    tags = merged_tags(project.tags, document.spec.get("tags", {}))
    if len(tags) + len(MARKS) > MAX_TAGS:
        summary = f"{len(tags)} tags are too many: Azure takes {MAX_TAGS}, and {len(MARKS)} are vmapps' own"
        yield error("too-many-tags", summary, document.span("spec", "tags"), hint="the project's tags count too")


def absent_problems(document: Document) -> Iterator[Diagnostic]:
    """What is protected cannot be wanted away."""
    if document.spec.get("protect", False):
        summary = f"the {document.kind} '{document.name}' has state: absent and protect: true"
        hint = "remove protect in a change of its own, then delete it"
        yield error("contradiction", summary, document.span("spec", "state"), hint=hint)


def tag_problems(
    document: Document, path: Path, tags: Mapping[str, str], reserved: Sequence[str]
) -> Iterator[Diagnostic]:
    """Tags that are vmapps' own, and tags whose names differ only in case: to Azure they are one."""
    seen: dict[str, str] = {}
    for name in tags:
        where = document.span(*path, name)
        if name.lower() in reserved:
            yield error("reserved-tag", f"the tag '{name}' is vmapps' own", where, hint="choose another name")
        elif name.lower() in seen:
            summary = f"the tags '{seen[name.lower()]}' and '{name}' differ only in case, to Azure they are one"
            yield error("tag-case", summary, where, hint="keep one of them")
        seen.setdefault(name.lower(), name)


def custom_action_problems(document: Document) -> Iterator[Diagnostic]:
    """Names are unique, and only a text has a default [azure-facts 1.4]."""
    path: Path = ("spec", "customActions")
    actions: Sequence[Mapping[str, Any]] = document.spec.get("customActions", ())
    yield from _repeated(document, path, actions, "custom action")
    for at, action in enumerate(actions):
        inside = (*path, str(at), "parameters")
        parameters = action.get("parameters", ())
        yield from _repeated(document, inside, parameters, "parameter")
        for position, parameter in enumerate(parameters):
            if "defaultValue" in parameter and parameter.get("type", "String") != "String":
                summary = f"the parameter '{parameter['name']}' has a defaultValue, which only type String may have"
                where = document.span(*inside, str(position), "defaultValue")
                yield error("bad-custom-action", summary, where, hint="remove defaultValue")


def _repeated(document: Document, path: Path, items: Sequence[Mapping[str, Any]], what: str) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for at, item in enumerate(items):
        if item["name"].lower() in seen:
            where = document.span(*path, str(at), "name")
            yield error("bad-custom-action", f"two {what}s are named '{item['name']}'", where, hint="rename one")
        seen.add(item["name"].lower())
