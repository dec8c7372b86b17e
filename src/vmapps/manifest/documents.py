"""The schemas of every kind of document, by kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

from vmapps.kinds.catalog import KINDS

PROJECT = "Project"
ASSIGNMENT = "VMAssignment"


def _own(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


SCHEMAS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        PROJECT: _own("project.json"),
        **{name: kind.schema for name, kind in KINDS.items() if kind.schema},
        ASSIGNMENT: _own("vm_assignment.json"),
    }
)
"""In the order in which a newcomer meets them."""
