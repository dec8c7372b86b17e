"""Whether a live value fits a manifest field, by the field's own schema: what of it does, and why the rest does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from vmapps.core.fields import Path, spelled
from vmapps.kinds.formats import FORMATS

UNKNOWN = "a manifest has no field for it"
TYPES: Mapping[str, type] = MappingProxyType(
    {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}
)
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters that no manifest holds: it is YAML, in UTF-8."""

LIMITS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "type": lambda name, value: type(value) is TYPES[name],
        "enum": lambda known, value: value in known,
        "format": lambda name, value: FORMATS[name](value),
        "pattern": lambda pattern, value: re.search(re.sub(r"\$$", r"\\Z", pattern), value) is not None,
        "minLength": lambda least, value: len(value) >= least,
        "maxLength": lambda most, value: len(value) <= most,
        "minItems": lambda least, value: len(value) >= least,
        "minProperties": lambda least, value: len(value) >= least,
        "maxProperties": lambda most, value: len(value) <= most,
        "minimum": lambda least, value: value >= least,
        "maximum": lambda most, value: value <= most,
    }
)
"""The words of the kinds' schemas, `type` first: the others take for granted that it is right."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """Fits live values into the fields of one schema; `lost` collects what does not fit, and why."""

    definitions: Mapping[str, Any]
    lost: list[str] = field(default_factory=list)

    def lose(self, path: Path, why: str) -> None:
        """Remember that the field at a path of the wire is left out."""
        self.lost.append(f"{spelled(path)}: {why}")

    def fit(self, shape: Mapping[str, Any], value: Any, path: Path) -> Any:
        """The value as the field takes it; None when it does not.

        A map or list fits as a whole or not at all: half of one would declare something else. Only fields that
        manifests do not know are left out of it.
        """
        shape = self._resolved(shape)
        if why := _refusal(shape, value):
            self.lose(path, why)
            return None
        if isinstance(value, dict):
            return self._map(shape, value, path)
        return self._list(shape, value, path) if isinstance(value, list) else value

    def has_all(self, names: Iterable[str], fields: Mapping[str, Any], path: Path) -> bool:
        """Whether a map has the fields that it must have."""
        missing = [name for name in names if name not in fields]
        for name in missing:
            self.lose(path, f"it has no {name}, which a manifest needs")
        return not missing

    def _resolved(self, shape: Mapping[str, Any]) -> Mapping[str, Any]:
        name = shape.get("$ref", "").rpartition("/")[2]
        found: Mapping[str, Any] = self.definitions[name] if name else shape
        return found

    def _map(self, shape: Mapping[str, Any], value: Mapping[str, Any], path: Path) -> Any:
        kept = {}
        for name, inner in value.items():
            inside, here = _shape_of(shape, name), (*path, name)
            if inner is None:
                continue
            if "not" in inside:
                self.lose(here, _why(inside))
            elif (found := self._named(shape, inside, name, inner, here)) is None:
                return None
            else:
                kept[name] = found
        return kept if self.has_all(shape.get("required", ()), kept, path) else None

    def _named(self, shape: Mapping[str, Any], inside: Mapping[str, Any], name: str, inner: Any, path: Path) -> Any:
        if why := _refusal(shape.get("propertyNames", {}), name):
            self.lose(path, why)
            return None
        return self.fit(inside, inner, path)

    def _list(self, shape: Mapping[str, Any], value: list[Any], path: Path) -> Any:
        found = [self.fit(shape["items"], one, (*path, _name(one, at))) for at, one in enumerate(value)]
        return None if any(one is None for one in found) else found


def _shape_of(shape: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The schema of a map's field; one that refuses everything when manifests do not know the field."""
    rest = shape.get("additionalProperties")
    found: Mapping[str, Any] = shape.get("properties", {}).get(name, rest if isinstance(rest, dict) else {"not": {}})
    return found


def _name(item: Any, at: int) -> str:
    return str(item["name"]) if isinstance(item, dict) and "name" in item else str(at)


def _refusal(shape: Mapping[str, Any], value: Any) -> str:
    """Why a field does not take a value, "" when it does."""
    if isinstance(value, str) and UNWRITABLE.search(value):
        return "it holds a control character, which no manifest may"
    is_right = all(holds(shape[word], value) for word, holds in LIMITS.items() if word in shape)
    return "" if is_right and "not" not in shape else _why(shape)


def _why(shape: Mapping[str, Any]) -> str:
    if "not" in shape:
        return str(shape.get("x-refused", UNKNOWN))
    if "x-must" in shape:
        return f"a manifest wants it to {shape['x-must']}"
    if "enum" in shape:
        return f"a manifest knows only {', '.join(map(str, shape['enum']))}"
    return "a manifest does not take this value"
