"""Write ``tables.json`` from the oracle's OpenAPI documents: ``python -m vmapps_emulator.contract.generate``."""

import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from vmapps_emulator.contract.documents import Documents, Json, oracle_folder
from vmapps_emulator.contract.tables import Field, Model, Operation, Table, Tables
from vmapps_emulator.paths import parse

TABLES = Path(__file__).with_name("tables.json")

_KINDS = re.compile(
    r"^(galleries(/applications(/versions)?|/share)?|(locations/)?virtualmachine(scaleset)?s(/(?!.*runcommand).*)?)$"
)
_WITH_BODY = ("PUT", "PATCH", "POST")
# How the documents say in prose that a field is fixed; x-ms-mutability says it only once.
_FIXED = re.compile(
    r"is not updatable|cannot be updated (after|once) the (VM|Virtual Machine) is created", re.IGNORECASE
)
_GENERATED = "Do not edit: 'make contract' writes this file from Azure/azure-rest-api-specs, whose notice follows."


class Generator:
    """Collects the models of one document's operations."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.models: dict[str, Model] = {}

    def body(self, schema: Json, base: Path) -> str:
        """The model of a body; its name."""
        return self._field("body", schema, base).model

    def _field(self, owner: str, schema: Json, base: Path) -> Field:
        """A field's type and rules; marks beside a reference hold for the field, as Azure's documents mean them."""
        marks = _marks(schema)
        if "$ref" not in schema:
            return self._plain(owner, schema, base, marks)
        name, content, path = self.documents.target(schema["$ref"], base)
        if "properties" in content or "allOf" in content:
            self._model(name, content, path)
            return Field("model", name, **marks)
        return self._plain(name, content, path, _marks(content) | marks)

    def _plain(self, owner: str, schema: Json, base: Path, marks: Json) -> Field:
        kind = schema.get("type", "object")
        if kind == "array":
            return Field("list", items=self._field(owner, schema["items"], base), **marks)
        if isinstance(schema.get("additionalProperties"), dict):
            return Field("map", items=self._field(owner, schema["additionalProperties"], base), **marks)
        if "properties" in schema:
            self._model(owner, schema, base)
            return Field("model", owner, **marks)
        return Field(kind, **marks)

    def _model(self, name: str, schema: Json, base: Path) -> None:
        if name in self.models:
            return
        fields = self.models[name] = {}
        for key, content, path, is_required in self.documents.properties(schema, base):
            field = self._field(f"{name}.{key}", content, path)
            fields[key] = msgspec.structs.replace(field, required=True) if is_required else field


def _marks(schema: Json) -> dict[str, Any]:
    """Everything but the type. An enum is open where ``modelAsString`` says so."""
    marks: dict[str, Any] = {"read_only": schema.get("readOnly", False), "format": schema.get("format", "")}
    mutability = schema.get("x-ms-mutability", ["create", "update"])
    marks["create_only"] = "update" not in mutability or bool(_FIXED.search(schema.get("description", "")))
    if "enum" in schema and not schema.get("x-ms-enum", {}).get("modelAsString", False):
        marks["enum"] = tuple(schema["enum"])
    names = {"pattern": "pattern", "minimum": "minimum", "maximum": "maximum", "maxLength": "longest"}
    return marks | {mine: schema[theirs] for theirs, mine in names.items() if theirs in schema}


def generated(oracle: Path) -> bytes:
    """The content of ``tables.json``: one line for each operation and model."""
    documents = Documents(oracle)
    collected: dict[str, tuple[Generator, dict[str, Operation]]] = {}
    for file, verb, path, description in documents.operations():
        target = parse(path)
        if target is None or not _KINDS.match(target.kind):
            continue
        version = documents.read(file)["info"]["version"]
        generator, operations = collected.setdefault(version, (Generator(documents), {}))
        operation = _operation(generator, file, path, description)
        if (verb in _WITH_BODY and operation.body) or operation.names:
            operations[f"{verb} {target.kind}"] = operation
    tables = tuple(Table(version, found[1], found[0].models) for version, found in sorted(collected.items()))
    notice = tuple(documents.licence.read_text(encoding="utf-8").splitlines())
    return _laid_out(Tables(_GENERATED, notice, tables))


def _operation(generator: Generator, file: Path, path: str, description: Json) -> Operation:
    names = [word[1:-1] for word in path.split("/") if word.startswith("{")]
    body, is_needed, patterns = "", False, {}
    for given in description.get("parameters", ()):
        _, parameter, base = generator.documents.target(given["$ref"], file) if "$ref" in given else ("", given, file)
        if parameter["in"] == "body":
            body, is_needed = generator.body(parameter["schema"], base), parameter.get("required", False)
        elif parameter["in"] == "path" and "pattern" in parameter:
            patterns[names.index(parameter["name"]) - names.index(_first(names))] = parameter["pattern"]
    return Operation(body, is_needed, patterns)


def _first(names: list[str]) -> str:
    """The first name that is neither the subscription's nor the group's."""
    return next(name for name in names if name not in ("subscriptionId", "resourceGroupName"))


def _laid_out(tables: Tables) -> bytes:
    """JSON with a line for each thing that may change: differences stay readable."""
    lines = ["{", f'"generated": {_json(tables.generated)},', '"notice": [']
    lines += _list([_json(line) for line in tables.notice])
    lines += ["],", '"tables": [']
    for at, table in enumerate(tables.tables):
        lines += [f'{{"apiVersion": {_json(table.api_version)},', '"operations": {', *_entries(table.operations)]
        lines += ["},", '"models": {', *_entries(table.models), "}}" + ("," if at + 1 < len(tables.tables) else "")]
    return ("\n".join([*lines, "]", "}"]) + "\n").encode()


def _entries(content: dict[str, Any]) -> list[str]:
    return _list([f"{_json(name)}: {_json(content[name])}" for name in sorted(content)])


def _list(lines: list[str]) -> list[str]:
    return [f"{line}," for line in lines[:-1]] + lines[-1:]


def _json(content: Any) -> str:
    return msgspec.json.encode(content).decode()


def main() -> int:
    """Write the tables, or say where the oracle was looked for."""
    oracle = oracle_folder()
    if not (oracle / "openapi").is_dir():
        sys.stderr.write(f"no OpenAPI documents below {oracle}; VMAPPS_ORACLE names another folder\n")
        return 1
    TABLES.write_bytes(generated(oracle))
    return 0


if __name__ == "__main__":
    sys.exit(main())
