"""A project by its file alone: read where there is one, written where there is none yet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vmapps.core.declaration import Project
from vmapps.core.diagnostic import in_order
from vmapps.errors import Invalid
from vmapps.manifest.documents import PROJECT
from vmapps.manifest.gather import gather_head
from vmapps.manifest.place import FOLDER
from vmapps.manifest.project import FILE, project_of
from vmapps.manifest.write import document_text

CLOUD = "AzurePublic"


def project_in(folder: Path, given: Mapping[str, str]) -> Project | None:
    """The project of a folder; None when there is none. Raises Invalid when its file is wrong."""
    file = folder / FILE
    if not file.is_file():
        return None
    gathered = gather_head(file, given)
    problems = in_order(gathered.problems)
    if gathered.project is None or any(one.is_error for one in problems):
        raise Invalid(problems)
    return project_of(gathered.project, gathered.project_id)


def project_text(project: Project) -> str:
    """The file of a new project, whose manifests stand in a folder beside it."""
    spec: dict[str, Any] = {
        "cloud": project.cloud if project.cloud != CLOUD else None,
        "subscription": project.subscription,
        "resourceGroup": project.resource_group or None,
        "manifests": [f"{FOLDER}/**/*.yaml"],
        "fleet": _fleet(project.fleet, project.subscription),
    }
    document = {
        "apiVersion": "vmapps/v1",
        "kind": PROJECT,
        "metadata": {"name": project.name, "id": project.id},
        "spec": {name: value for name, value in spec.items() if value is not None},
    }
    return document_text(document)


def _fleet(subscriptions: Sequence[str], own: str) -> Mapping[str, Any] | None:
    is_default = {one.lower() for one in subscriptions} <= {own.lower()}
    return None if is_default else {"subscriptions": list(subscriptions)}


def project_name(text: str) -> str:
    """What a project may be called that is in a folder of this name."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_")[:63].rstrip("-_") or "project"
