"""Hold a request's body to the tables: types under every api-version, all rules under the one that a table is for.

Read-only fields are left out of what the handlers see, as ARM ignores them.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vmapps_emulator.contract import refusals
from vmapps_emulator.contract.tables import Difference, Field, Model, Table, differences, table_of
from vmapps_emulator.store import Store
from vmapps_emulator.wire import Json, Request

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "list": list,
    "map": dict,
    "model": dict,
    "object": object,
}
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
# What ARM's envelope knows beside a provider's own fields (guess: these are passed through, everything else refused).
_ENVELOPE = frozenset(
    [
        "id",
        "name",
        "type",
        "location",
        "tags",
        "plan",
        "sku",
        "kind",
        "identity",
        "zones",
        "managedBy",
        "etag",
        "extendedLocation",
        "systemData",
        "properties",
    ]
)


@dataclass(frozen=True, slots=True)
class Body:
    """One body on its way through a model."""

    request: Request
    models: dict[str, Model] = field(default_factory=dict)
    struck: Mapping[tuple[str, str], Difference] = field(default_factory=dict)
    is_strict: bool = False
    is_new: bool = False

    def model(self, value: Json, model: Model, name: str, path: str, held: Any) -> Json:
        """An object of the given model, without its read-only fields."""
        result = {}
        for key, item in value.items():
            here = _below(path, key)
            known = model.get(key) or self._unlisted(here)
            if item is None and not self._is_removal(here):
                continue
            if known is None:
                self._demand_known(name, here)
                result[key] = item
            elif not known.read_only or here == "name":
                before = held.get(key) if isinstance(held, dict) else None
                result[key] = self.value(item, known, here, before)
        if self.is_strict:
            self._demand_all(value, model, path)
        return result

    def value(self, value: Any, known: Field, path: str, held: Any) -> Any:
        """A field's value, checked; a null is an absent field everywhere."""
        if value is None:
            return None
        self._demand_type(value, known, path)
        if known.type == "model":
            return self.model(value, self.models[known.model], known.model, path, held)
        if known.items is not None:
            return self._members(value, known.items, path)
        if self.is_strict:
            self._demand_rules(value, known, path, held)
        return value

    def _members(self, value: Any, items: Field, path: str) -> Any:
        if isinstance(value, dict):
            kept = {key: item for key, item in value.items() if item is not None or self._is_removal(_below(path, key))}
            return {key: self.value(item, items, _below(path, key), None) for key, item in kept.items()}
        if None in value:
            raise refusals.wrong_type(self.request, path, "a list without null")
        return [self.value(item, items, f"{path}[{at}]", None) for at, item in enumerate(value)]

    def _demand_type(self, value: Any, known: Field, path: str) -> None:
        is_odd = isinstance(value, bool) and known.type in ("integer", "number")
        if is_odd or not isinstance(value, _TYPES[known.type]):
            raise refusals.wrong_type(self.request, path, refusals.WORDS[known.type])

    def _demand_known(self, name: str, path: str) -> None:
        if self.is_strict and self._holds(path, "unknown") and path not in _ENVELOPE:
            raise refusals.unknown_field(self.request, path, name)

    def _is_removal(self, path: str) -> bool:
        """Whether a null here removes what is held; elsewhere (in lists, tags, an identity) it is an absent field."""
        if self.is_new:
            return False
        return "." not in path or (path.startswith("properties.") and "[" not in path)

    def _unlisted(self, path: str) -> Field | None:
        """A field that the table lacks and the service has."""
        row = self.struck.get((_general(path), "unknown"))
        return row.field if row else None

    def _demand_all(self, value: Json, model: Model, path: str) -> None:
        for key, known in model.items():
            here = _below(path, key)
            if known.required and not known.read_only and value.get(key) is None and self._holds(here, "required"):
                raise refusals.missing(self.request, here)

    def _demand_rules(self, value: Any, known: Field, path: str, held: Any) -> None:
        if not _is_allowed(value, known) and self._holds(path, "value"):
            raise refusals.wrong_value(self.request, path, value)
        if known.create_only and held is not None and value != held and self._holds(path, "create-only"):
            raise refusals.changed(self.request, path)

    def _holds(self, path: str, rule: str) -> bool:
        return (_general(path), rule) not in self.struck and ("*", rule) not in self.struck


def hold(store: Store, request: Request) -> None:
    """Refuse a request that its table refuses; leave the body without read-only fields in ``request.body``."""
    operation = f"{request.method} {request.target.kind}"
    table = table_of(operation)
    if table is None:
        return
    described = table.operations[operation]
    is_strict = request.api_version == table.api_version
    if is_strict:
        _demand_names(request, described.names)
    if described.body and (request.raw.strip() not in (b"", b"null") or request.method != "POST"):
        held = store.get(request.target.key)
        body = Body(request, table.models, differences(operation), is_strict, is_new=held is None)
        model = _model(table, described.body)
        request.body = body.model(request.json(), model, described.body, "", held.body if held else None)


def checked(request: Request, model: Model) -> Json:
    """The body of a call that no table knows: its types by a model of the caller's own."""
    return Body(request).model(request.json(), model, "", "", None)


def _model(table: Table, name: str) -> Model:
    return table.models[name]


def _demand_names(request: Request, names: dict[int, str]) -> None:
    for at, pattern in names.items():
        if not re.search(pattern, request.target.names[at]):
            raise refusals.wrong_value(request, "location", request.target.names[at])


def _is_allowed(value: Any, known: Field) -> bool:
    """Enum (without regard to case: guess), pattern, format, size."""
    if isinstance(value, str):
        return _is_text_allowed(value, known)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return True
    smallest, largest = _RANGES.get(known.format, (-math.inf, math.inf))
    least = smallest if known.minimum is None else known.minimum
    most = largest if known.maximum is None else known.maximum
    return least <= value <= most


def _is_text_allowed(value: str, known: Field) -> bool:
    if known.enum and value.lower() not in {name.lower() for name in known.enum}:
        return False
    if known.pattern and not re.search(known.pattern, value):
        return False
    if known.longest is not None and len(value) > known.longest:
        return False
    return known.format != "date-time" or _is_date(value)


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _general(path: str) -> str:
    """A path with every place in a list as ``[]``."""
    return re.sub(r"\[\d+\]", "[]", path)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
