"""Documents and what is wanted of them, as data: `cases/*.json`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from vmapps.core.address import ArmId
from vmapps.core.declaration import Package, Project, Store
from vmapps.core.diagnostic import Span
from vmapps.core.fields import Path as FieldPath
from vmapps.core.resource import Link, without_secrets
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Document, Surroundings

HOME = "11111111-1111-1111-1111-111111111111"
CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
PROJECT = Project(
    "shop",
    "a1b2",
    "AzurePublic",
    HOME,
    resource_group="rg",
    location="westeurope",
    tags={"costCentre": "4711"},
    store=Store("https://pkgs.blob.core.windows.net", "packages"),
)


def document_of(fields: dict[str, Any]) -> Document:
    return Document(fields["kind"], fields["name"], fields["spec"], {(): Span("m.yaml", 3, 1)})


def surroundings(application: dict[str, Any] | None) -> Surroundings:
    """A project with one gallery, and local files whose content is their name."""

    def package(document: Document, path: FieldPath) -> Package | None:
        name = document.spec["source"][path[-1]]
        return Package(hashlib.sha256(name.encode()).hexdigest(), len(name), None, name)

    def link(text: str) -> Link:
        return Link(without_secrets(text), digest=hashlib.sha256(text.encode()).hexdigest())

    def text(document: Document, path: FieldPath) -> str | None:
        return f"sh {document.spec[path[-1]]}\n"

    galleries = {"platform": ArmId(HOME, "rg", ("galleries",), ("platform",))}
    applications = {f"platform/{application['name']}": document_of(application)} if application else {}
    return Surroundings(PROJECT, galleries, applications, package, link, text)


def declared(case: dict[str, Any]) -> dict[str, Any] | None:
    """What the kind of a case's document wants, as JSON."""
    declare = KINDS[case["document"]["kind"]].declare
    assert declare is not None
    wanted = declare(document_of(case["document"]), surroundings(case.get("application")))
    if wanted is None:
        return None
    return {
        "address": str(wanted.address),
        "id": str(wanted.id),
        "body": as_json(wanted.body),
        "initial": as_json(wanted.initial),
        "owner": wanted.owner,
        "content": wanted.content,
        "needs": [str(need) for need in wanted.needs],
        "source": [str(span) for span in wanted.source],
        "protect": wanted.protect,
        **({"retention": wanted.retention} if wanted.retention is not None else {}),
    }


def as_json(value: Any) -> Any:
    if isinstance(value, Link):
        return f"link {value.url}" + (f" blob {value.blob[:12]}" if value.blob else f" digest {value.digest[:12]}")
    if isinstance(value, dict):
        return {name: as_json(inside) for name, inside in value.items()}
    return [as_json(inside) for inside in value] if isinstance(value, list) else value
