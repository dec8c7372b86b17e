"""The project document, and where a project is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from vmapps.core.declaration import Ignore, Project, Safety, Store
from vmapps.core.diagnostic import Diagnostic, warning
from vmapps.core.resource import MARKS
from vmapps.kinds.kind import Document
from vmapps.kinds.limits import tag_problems

FILE = "vmapps.yaml"


def project_file(path: Path) -> Path | None:
    """The project file that a path means: the path itself, or vmapps.yaml in it."""
    file = path / FILE if path.is_dir() else path
    return file if file.is_file() else None


def find_project(start: Path) -> Path | None:
    """The nearest directory with a vmapps.yaml, from `start` upwards."""
    here = start.absolute()
    return next((folder for folder in (here, *here.parents) if (folder / FILE).is_file()), None)


def project_of(document: Document, project_id: str, blob_endpoint: str | None = None) -> Project:
    """The project that a document declares; its id stands in the metadata, beside the name.

    A blob endpoint takes the place of the package store's account.
    """
    spec = document.spec
    return Project(
        name=document.name,
        id=project_id,
        cloud=spec.get("cloud", "AzurePublic"),
        subscription=spec["subscription"],
        resource_group=spec.get("resourceGroup", ""),
        location=spec.get("location", ""),
        tags=spec.get("tags", {}),
        store=_store(spec.get("packageStore"), blob_endpoint),
        fleet=_fleet(spec),
        safety=_safety(spec.get("safety", {})),
        former_owners=tuple(spec.get("formerOwners", ())),
        ignored_drift=tuple(_ignored(document)),
        span=document.span(),
    )


def _ignored(document: Document) -> Iterator[Ignore]:
    for at, rule in enumerate(document.spec.get("drift", {}).get("ignore", ())):
        yield Ignore(
            document.span("spec", "drift", "ignore", str(at)),
            rule.get("class", ""),
            rule.get("address", ""),
            rule.get("field", ""),
            date.fromisoformat(rule["until"]) if "until" in rule else None,
            rule.get("reason", ""),
        )


def _fleet(spec: Any) -> tuple[str, ...]:
    """Where machines are looked for, each subscription once."""
    listed = spec.get("fleet", {}).get("subscriptions", (spec["subscription"],))
    return tuple({one.lower(): one for one in listed}.values())


def _store(fields: dict[str, str] | None, blob_endpoint: str | None) -> Store | None:
    if fields is None:
        return None
    account = (blob_endpoint or fields["account"]).rstrip("/")
    return Store(
        account,
        fields["container"],
        fields.get("blobType", "block"),
        fields.get("access", "sas"),
        fields.get("configurationAccess", ""),
    )


def _safety(fields: dict[str, int]) -> Safety:
    default = Safety()
    return Safety(
        fields.get("maxDeletes", default.max_deletes),
        fields.get("maxDeletePercent", default.max_delete_percent),
        fields.get("maxMachines", default.max_machines),
    )


def project_problems(document: Document, project_id: str) -> Iterator[Diagnostic]:
    """What the project's schema cannot say."""
    yield from tag_problems(document, ("spec", "tags"), document.spec.get("tags", {}), MARKS)
    if not project_id:
        summary = f"the project '{document.name}' has no id, so its owner mark is its name alone"
        hint = "write metadata: {id: …}, any 8 letters and digits, before the first apply"
        yield warning("no-project-id", summary, document.span("metadata", "name"), hint=hint)
