"""A SAS does not belong in a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vmapps.core.diagnostic import Diagnostic, warning
from vmapps.core.fields import Path
from vmapps.manifest.shown import shown_path
from vmapps.manifest.source import Tree

SIGNATURE = re.compile(r"(?:^|[?&;\s\"'])sig=[^&\s${}]", re.IGNORECASE)


def sas_warnings(tree: Tree) -> Iterator[Diagnostic]:
    """Every text of a document, as it is written, that holds a signature."""
    for path in _signed(tree.value, ()):
        summary = f"'{shown_path(path)}' holds a SAS, a secret that Git keeps for ever"
        hint = "use packageStore, or give it by --var"
        yield warning("sas-in-manifest", summary, tree.span(path), hint=hint)


def _signed(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, str):
        if SIGNATURE.search(value):
            yield path
    elif isinstance(value, dict):
        for name, inside in value.items():
            yield from _signed(inside, (*path, name))
    elif isinstance(value, list):
        for at, inside in enumerate(value):
            yield from _signed(inside, (*path, str(at)))
