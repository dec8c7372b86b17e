"""The generated tables as data: operations, the models of their bodies, and where a recording overrules them."""

from functools import cache
from importlib.resources import files

import msgspec


class Field(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, rename="camel", frozen=True):
    """One field of a model. ``type`` is a JSON type, ``list``, ``map`` or, with ``model``, ``model``."""

    type: str
    model: str = ""
    items: "Field | None" = None
    required: bool = False
    read_only: bool = False
    create_only: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    format: str = ""
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None


Model = dict[str, Field]


class Operation(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, rename="camel", frozen=True):
    """One verb on one kind of path: the model of its body, and the patterns of its path's names."""

    body: str = ""
    is_needed: bool = False
    names: dict[int, str] = msgspec.field(default_factory=dict)


class Table(msgspec.Struct, forbid_unknown_fields=True, rename="camel", frozen=True):
    """All that one document says; operations by ``PUT galleries/applications``, kinds in lower case."""

    api_version: str
    operations: dict[str, Operation]
    models: dict[str, Model]


class Tables(msgspec.Struct, forbid_unknown_fields=True, rename="camel", frozen=True):
    """The content of ``tables.json``."""

    generated: str
    notice: tuple[str, ...]
    tables: tuple[Table, ...]


class Difference(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A rule that the service is recorded to break: what is struck from the table, and why.

    ``rule`` is ``required``, ``value``, ``create-only`` or ``unknown``; an unknown field is described by ``field``.
    """

    operation: str
    path: str
    rule: str
    reason: str
    field: Field | None = None


@cache
def tables() -> tuple[Table, ...]:
    """The generated tables."""
    return msgspec.json.decode(_content("tables.json"), type=Tables).tables


@cache
def differences(operation: str) -> dict[tuple[str, str], Difference]:
    """What does not hold for an operation, by path and rule."""
    rows = msgspec.json.decode(_content("differences.json"), type=list[Difference])
    return {(row.path, row.rule): row for row in rows if row.operation in ("*", operation)}


@cache
def table_of(operation: str) -> Table | None:
    """The table that knows an operation."""
    return next((table for table in tables() if operation in table.operations), None)


def _content(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()
