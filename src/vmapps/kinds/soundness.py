"""Whether an exported document would pass its own kind's check: what is live need not be what may be declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vmapps.core.declaration import Package, Project
from vmapps.core.fields import Path
from vmapps.core.resource import Link, without_secrets
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Document, Surroundings


def objection(written: Mapping[str, Any], project: Project, application: Mapping[str, Any] | None = None) -> str:
    """What `validate` would call an error, "" when nothing; a version is judged beside its application."""
    check = KINDS[written["kind"]].check
    assert check is not None
    above = {written["spec"]["application"].lower(): _document(application)} if application else {}
    around = Surroundings(project, {}, above, _no_package, _link, _no_text)
    return "; ".join(found.summary for found in check(_document(written), around) if found.is_error)


def _document(written: Mapping[str, Any]) -> Document:
    return Document(written["kind"], written["metadata"]["name"], written["spec"], {})


def _no_package(_document: Document, _path: Path) -> Package | None:
    return None


def _no_text(_document: Document, _path: Path) -> str | None:
    return None


def _link(text: str) -> Link:
    return Link(without_secrets(text))
