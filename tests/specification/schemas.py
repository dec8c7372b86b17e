"""The oracle's OpenAPI documents as JSON Schemas: references kept, ``allOf`` flattened, models closed, enums as open
as ``modelAsString`` makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from vmapps_emulator.contract.documents import Documents

Json = dict[str, Any]

_KEPT = ("minimum", "maximum", "maxLength", "minLength", "pattern", "format")
FORMATS = FormatChecker(())


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value)))


@FORMATS.checks("int32")
def is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@dataclass
class Schemas:
    """Converted models, by file and name; ``beyond`` names fields that answers are recorded to have nevertheless."""

    documents: Documents
    beyond: dict[str, set[str]] = field(default_factory=dict)
    models: Json = field(default_factory=dict)

    def validator(self, schema: Json, base: Path) -> Draft202012Validator:
        """What holds an answer against one schema."""
        root = self._convert(schema, base, "body")
        return Draft202012Validator({**root, "$defs": self.models}, format_checker=FORMATS)

    def _convert(self, schema: Json, base: Path, name: str) -> Json:
        if "$ref" in schema:
            return self._reference(schema["$ref"], base)
        if "properties" in schema or "allOf" in schema:
            return self._model(schema, base, name)
        result: Json = {key: schema[key] for key in _KEPT if key in schema}
        kind = schema.get("type")
        if kind:
            result["type"] = kind
        if "items" in schema:
            result["items"] = self._convert(schema["items"], base, name)
        if isinstance(schema.get("additionalProperties"), dict):
            result["additionalProperties"] = self._convert(schema["additionalProperties"], base, name)
        if "enum" in schema and not schema.get("x-ms-enum", {}).get("modelAsString"):
            result["enum"] = schema["enum"]
        return result

    def _reference(self, reference: str, base: Path) -> Json:
        name, content, path = self.documents.target(reference, base)
        key = f"{path.parent.name}.{path.stem}.{name}"
        if key not in self.models:
            self.models[key] = {}
            self.models[key] = self._convert(content, path, name)
        return {"$ref": f"#/$defs/{key}"}

    def _model(self, schema: Json, base: Path, name: str) -> Json:
        fields, required = {}, []
        for key, content, path, is_required in self.documents.properties(schema, base):
            fields[key] = self._convert(content, path, f"{name}.{key}")
            required += [key] if is_required else []
        fields |= {key: {} for key in self.beyond.get(name, ())}
        return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}
