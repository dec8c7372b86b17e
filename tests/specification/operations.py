"""Which operation of the specification a call is, and what that operation may answer."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specification.schemas import Json, Schemas
from vmapps_emulator.contract.documents import Documents, oracle_folder

BEYOND = Path(__file__).with_name("beyond.json")


@dataclass
class Operation:
    """One verb on one path of one document."""

    file: Path
    method: str
    path: str
    description: Json
    schemas: Schemas
    validators: dict[str, Draft202012Validator | None] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        return self.path.strip("/").lower().split("/")

    def declared(self, status: int) -> str | None:
        """The name under which the document declares a status; errors are its ``default``."""
        responses = self.description["responses"]
        if str(status) in responses:
            return str(status)
        return "default" if status >= 400 and "default" in responses else None

    def validator(self, name: str) -> Draft202012Validator | None:
        """What holds a declared answer; None when it has no body."""
        if name not in self.validators:
            schema = self.description["responses"][name].get("schema")
            self.validators[name] = self.schemas.validator(schema, self.file) if schema else None
        return self.validators[name]


class Specification:
    """All documents of the oracle."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        rows = json.loads(BEYOND.read_text(encoding="utf-8"))
        beyond: dict[str, set[str]] = {}
        for row in rows:
            if "model" in row:
                beyond.setdefault(row["model"], set()).add(row["field"])
        self.without_body = {(row["operation"], row["status"]) for row in rows if "operation" in row}
        schemas = Schemas(documents, beyond)
        self.operations: dict[tuple[str, str, int], list[Operation]] = {}
        for file, method, path, description in documents.operations():
            operation = Operation(file, method, path, description, schemas)
            version = documents.read(file)["info"]["version"]
            self.operations.setdefault((version, method, len(operation.words)), []).append(operation)

    @property
    def api_versions(self) -> set[str]:
        return {version for version, _, _ in self.operations}

    def find(self, method: str, path: str, api_version: str) -> Operation | None:
        """The operation with the most literal words that a call fits."""
        words = path.strip("/").lower().split("/")
        found = [one for one in self.operations.get((api_version, method, len(words)), ()) if fits(one.words, words)]
        return max(found, key=lambda one: sum(not word.startswith("{") for word in one.words), default=None)

    def violations(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What an answer says against its specification, a line each."""
        name = operation.declared(status)
        if name is None:
            return [f"status {status} is not declared"]
        validator = operation.validator(name)
        if body is None and (operation.description["operationId"], name) in self.without_body:
            return []
        if validator is None:
            return [] if body in (None, {}) else [f"status {status} has no body in the specification"]
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(shortened(body))]


def fits(wanted: list[str], words: list[str]) -> bool:
    return all(one.startswith("{") or one == word for one, word in zip(wanted, words, strict=True))


def shortened(body: Any) -> Any:
    """A long page by its first and last item."""
    if isinstance(body, dict) and isinstance(body.get("value"), list) and len(body["value"]) > 2:
        return {**body, "value": [body["value"][0], body["value"][-1]]}
    return body


def demanded() -> Specification:
    """The oracle's documents; without them a test is passed over, under ``CI=true`` it fails."""
    known = specification()
    if known is None:
        reason = f"no specification at {oracle_folder()}: set VMAPPS_ORACLE"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return known


@cache
def specification() -> Specification | None:
    """The oracle's documents, or None where there are none."""
    documents = Documents(oracle_folder())
    return Specification(documents) if documents.folder.is_dir() else None
