"""Scalar expressions: columns, paths into dynamic values, comparisons, a few functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vmapps_emulator.graph.functions import COMPARISONS, FUNCTIONS, is_true
from vmapps_emulator.graph.tokens import Token, Words, invalid_query, refused
from vmapps_emulator.wire import Json

_LISTS = ("in", "in~", "!in", "!in~")
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Expression:
    """What a row gives, and the name that a column of it gets."""

    value: Callable[[Json], Any]
    name: str = ""


def expression(words: Words, columns: tuple[str, ...]) -> Expression:
    """Read one expression over the columns that exist here: ``or`` binds last."""
    left = _conjunction(words, columns)
    while words.accept("or"):
        left = _either(left, _conjunction(words, columns))
    return left


def _conjunction(words: Words, columns: tuple[str, ...]) -> Expression:
    left = _comparison(words, columns)
    while words.accept("and"):
        left = _both(left, _comparison(words, columns))
    return left


def _either(left: Expression, right: Expression) -> Expression:
    return Expression(lambda row: is_true(left.value(row)) or is_true(right.value(row)))


def _both(left: Expression, right: Expression) -> Expression:
    return Expression(lambda row: is_true(left.value(row)) and is_true(right.value(row)))


def _comparison(words: Words, columns: tuple[str, ...]) -> Expression:
    left = _primary(words, columns)
    sign = words.accept(*COMPARISONS)
    if sign is None:
        return left
    compare = COMPARISONS[sign]
    if sign in _LISTS:
        members = _list(words, columns)
        return Expression(lambda row: compare(left.value(row), [member.value(row) for member in members]))
    right = _primary(words, columns)
    return Expression(lambda row: compare(left.value(row), right.value(row)))


def _list(words: Words, columns: tuple[str, ...]) -> list[Expression]:
    words.expect("(")
    members = [expression(words, columns)]
    while words.accept(","):
        members.append(expression(words, columns))
    words.expect(")")
    return members


def _primary(words: Words, columns: tuple[str, ...]) -> Expression:
    token = words.take()
    if token.kind == "text":
        return Expression(lambda _row: token.value)
    if token.kind == "number":
        number = float(token.value) if "." in token.value else int(token.value)
        return Expression(lambda _row: number)
    if token.value == "(" and token.kind == "sign":
        inner = expression(words, columns)
        words.expect(")")
        return inner
    if token.kind != "name":
        raise refused(token, "a column, a text, a number or '('")
    return _named(token, words, columns)


def _named(token: Token, words: Words, columns: tuple[str, ...]) -> Expression:
    if token.value.lower() in _CONSTANTS:
        constant = _CONSTANTS[token.value.lower()]
        return Expression(lambda _row: constant)
    if words.next.value == "(" and words.next.kind == "sign":
        return _call(token, words, columns)
    if token.value not in columns:
        text = f"Failed to resolve column or scalar expression named '{token.value}'; known: {', '.join(columns)}."
        raise invalid_query("SemanticError", text, token)
    return _path(Expression(lambda row: row.get(token.value), token.value), words)


def _call(token: Token, words: Words, columns: tuple[str, ...]) -> Expression:
    function = FUNCTIONS.get(token.value.lower())
    if function is None:
        raise invalid_query(
            "SemanticError", f"Unknown function: '{token.value}'; known: {', '.join(FUNCTIONS)}.", token
        )
    arguments = _list(words, columns)
    if len(arguments) not in function.counts:
        raise invalid_query("SemanticError", f"{token.value}(): wrong number of arguments.", token)
    name = arguments[0].name if function.keeps_name else ""
    return Expression(lambda row: function.apply(*(argument.value(row) for argument in arguments)), name)


def _path(start: Expression, words: Words) -> Expression:
    """``a.b``, ``a["b"]`` and ``a[0]``; a column of it is named ``a_b``."""
    while sign := words.accept(".", "["):
        key = _key(words) if sign == "[" else words.name()
        start = _member(start, key)
    return start


def _key(words: Words) -> str | int:
    token = words.next
    key = words.number() if token.kind == "number" else words.take().value
    if token.kind not in ("number", "text"):
        raise refused(token, "a text or a number")
    words.expect("]")
    return key


def _member(start: Expression, key: str | int) -> Expression:
    def value(row: Json) -> Any:
        held = start.value(row)
        if isinstance(key, int):
            return held[key] if isinstance(held, list) and key < len(held) else None
        return held.get(key) if isinstance(held, dict) else None

    return Expression(value, f"{start.name}_{key}")
