"""The operators between the pipes of a query: each takes rows and gives rows."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from vmapps_emulator.graph.expressions import Expression, expression
from vmapps_emulator.graph.functions import is_true, text_of
from vmapps_emulator.graph.tokens import Words, refused
from vmapps_emulator.wire import Json, encode

Rows = list[Json]
Stage = Callable[[Rows], Rows]

_MOST_MEMBERS = 128  # of one mv-expand, unless it names a limit (azure-facts 5.4)


@dataclass(frozen=True, slots=True)
class Query:
    """A read query: its table, its operators, the columns of its rows, and whether it bounds its rows itself."""

    table: str
    stages: tuple[Stage, ...]
    columns: tuple[str, ...]
    is_limited: bool

    def rows(self, rows: Rows) -> Rows:
        """What the query makes of a table."""
        for stage in self.stages:
            rows = stage(rows)
        return rows


def read_query(text: str, tables: dict[str, tuple[str, ...]]) -> Query:
    """Read a query over the given tables and their columns, or refuse it."""
    words = Words(text)
    table = words.expect(*tables)
    columns, stages, names = tables[table], [], []
    while words.accept("|"):
        name = words.expect(*_OPERATORS)
        stage, columns = _OPERATORS[name](words, columns)
        stages.append(stage)
        names.append(name)
    if words.next.kind != "end":
        raise refused(words.next, "'|' or the end of the query")
    return Query(table, tuple(stages), columns, bool({"limit", "take"} & set(names)))


Read = tuple[Stage, tuple[str, ...]]


def _where(words: Words, columns: tuple[str, ...]) -> Read:
    test = expression(words, columns)
    return lambda rows: [row for row in rows if is_true(test.value(row))], columns


def _extend(words: Words, columns: tuple[str, ...]) -> Read:
    added = dict(_assignments(words, columns))
    new = (*columns, *(name for name in added if name not in columns))
    return lambda rows: [row | {name: given.value(row) for name, given in added.items()} for row in rows], new


def _project(words: Words, columns: tuple[str, ...]) -> Read:
    kept = dict(_assignments(words, columns))
    return lambda rows: [{name: given.value(row) for name, given in kept.items()} for row in rows], tuple(kept)


def _project_away(words: Words, columns: tuple[str, ...]) -> Read:
    gone = {name for name, _ in _assignments(words, columns)}
    kept = tuple(name for name in columns if name not in gone)
    return lambda rows: [{name: row[name] for name in kept} for row in rows], kept


def _distinct(words: Words, columns: tuple[str, ...]) -> Read:
    select, kept = _project(words, columns)

    def distinct(rows: Rows) -> Rows:
        return list({encode(row): row for row in select(rows)}.values())

    return distinct, kept


def _limit(words: Words, columns: tuple[str, ...]) -> Read:
    most = words.number()
    return lambda rows: rows[:most], columns


def _count(_words: Words, _columns: tuple[str, ...]) -> Read:
    return lambda rows: [{"Count": len(rows)}], ("Count",)


def _order(words: Words, columns: tuple[str, ...]) -> Read:
    words.expect("by")
    keys = [_sort_key(words, columns)]
    while words.accept(","):
        keys.append(_sort_key(words, columns))

    def order(rows: Rows) -> Rows:
        for given, is_descending in reversed(keys):
            rows = sorted(rows, key=_comparable(given), reverse=is_descending)
        return rows

    return order, columns


def _sort_key(words: Words, columns: tuple[str, ...]) -> tuple[Expression, bool]:
    """Kusto sorts downwards unless told otherwise."""
    given = expression(words, columns)
    return given, words.accept("asc", "desc") != "asc"


def _comparable(given: Expression) -> Callable[[Json], Any]:
    """Nulls are the smallest; numbers among themselves; all else as text."""

    def key(row: Json) -> Any:
        value = given.value(row)
        is_number = isinstance(value, int | float)
        return (value is not None, not is_number, value if is_number else 0, text_of(value))

    return cmp_to_key(lambda left, right: (key(left) > key(right)) - (key(left) < key(right)))


def _mv_expand(words: Words, columns: tuple[str, ...]) -> Read:
    """A row for each member of a list. guess: a list without members gives no row, a null gives one."""
    name, given = _assignment(words, columns)
    most = words.number() if words.accept("limit") else _MOST_MEMBERS

    def expand(rows: Rows) -> Rows:
        return [row | {name: member} for row in rows for member in _members(given.value(row), most)]

    return expand, columns if name in columns else (*columns, name)


def _members(value: Any, most: int) -> list[Any]:
    if isinstance(value, dict):
        return [{key: item} for key, item in value.items()][:most]
    return value[:most] if isinstance(value, list) else [value]


def _parse(words: Words, columns: tuple[str, ...]) -> Read:
    """``parse id with "a" X "b" Y``: literal parts are case-sensitive (azure-facts 5.4)."""
    given = expression(words, columns)
    words.expect("with")
    pattern, names = "", []
    while words.next.kind in ("text", "name"):
        token = words.take()
        pattern += re.escape(token.value) if token.kind == "text" else "(.*?)"
        names += [token.value] if token.kind == "name" else []
    shape = re.compile(f"{pattern}$", re.DOTALL)

    def parse(rows: Rows) -> Rows:
        return [row | dict(zip(names, _groups(shape, given.value(row), len(names)), strict=True)) for row in rows]

    return parse, (*columns, *(name for name in names if name not in columns))


def _groups(shape: re.Pattern[str], value: Any, count: int) -> tuple[str | None, ...]:
    found = shape.search(text_of(value))
    return found.groups() if found else (None,) * count


def _assignments(words: Words, columns: tuple[str, ...]) -> Iterator[tuple[str, Expression]]:
    """``a, b = properties.c``: names and values, in order."""
    unnamed = 0
    is_more = True
    while is_more:
        name, given = _assignment(words, columns)
        unnamed += not name
        yield name or f"Column{unnamed}", given
        is_more = words.accept(",") is not None


def _assignment(words: Words, columns: tuple[str, ...]) -> tuple[str, Expression]:
    name = words.name_before("=")
    given = expression(words, columns)
    return name or given.name, given


_OPERATORS: dict[str, Callable[[Words, tuple[str, ...]], Read]] = {
    "where": _where,
    "extend": _extend,
    "project": _project,
    "project-away": _project_away,
    "distinct": _distinct,
    "order": _order,
    "sort": _order,
    "limit": _limit,
    "take": _limit,
    "count": _count,
    "mv-expand": _mv_expand,
    "parse": _parse,
}
