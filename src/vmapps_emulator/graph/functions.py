"""What queries compare and compute with, as Kusto defines it: a null compares to nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vmapps_emulator.wire import encode

Compare = Callable[[Any, Any], bool]


def text_of(value: Any) -> str:
    """A value as a text: dynamic values as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else encode(value).decode()


def is_true(value: Any) -> bool:
    """Whether a predicate holds; a null does not."""
    return value is True


def _folded(value: Any) -> str:
    return text_of(value).lower()


def _has(value: Any, term: Any) -> bool:
    """A whole term, between characters that are no letters and digits."""
    return re.search(rf"(?<![^\W_]){re.escape(_folded(term))}(?![^\W_])", _folded(value)) is not None


def _ordered(test: Compare) -> Compare:
    def compare(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        both = isinstance(left, int | float) and isinstance(right, int | float)
        return test(left, right) if both else test(text_of(left), text_of(right))

    return compare


def _not(test: Compare) -> Compare:
    return lambda left, right: not test(left, right)


def _equal(left: Any, right: Any) -> bool:
    return left is not None and left == right


def _alike(left: Any, right: Any) -> bool:
    return left is not None and _folded(left) == _folded(right)


_POSITIVE: dict[str, Compare] = {
    "in": lambda value, members: any(_equal(value, member) for member in members),
    "in~": lambda value, members: any(_alike(value, member) for member in members),
    "has": _has,
    "contains": lambda value, part: _folded(part) in _folded(value),
    "startswith": lambda value, part: _folded(value).startswith(_folded(part)),
    "endswith": lambda value, part: _folded(value).endswith(_folded(part)),
}
COMPARISONS: dict[str, Compare] = {
    "==": _equal,
    "=~": _alike,
    "!=": lambda left, right: left != right,
    "!~": _not(_alike),
    "<": _ordered(lambda left, right: bool(left < right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
    **_POSITIVE,
    **{f"!{name}": _not(test) for name, test in _POSITIVE.items()},
}


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function and how many arguments it takes."""

    apply: Callable[..., Any]
    counts: tuple[int, ...] = (1,)
    keeps_name: bool = False


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


FUNCTIONS = {
    "tolower": Function(_folded),
    "toupper": Function(lambda value: text_of(value).upper()),
    "tostring": Function(text_of, keeps_name=True),
    "iff": Function(lambda test, yes, no: yes if is_true(test) else no, (3,)),
    "not": Function(lambda value: not is_true(value)),
    "isnull": Function(lambda value: value is None),
    "isnotnull": Function(lambda value: value is not None),
    "isempty": Function(lambda value: text_of(value) == ""),
    "isnotempty": Function(lambda value: text_of(value) != ""),
    "array_length": Function(_length),
    "coalesce": Function(_first, tuple(range(2, 65))),
    "strcat": Function(lambda *values: "".join(map(text_of, values)), tuple(range(1, 65))),
}
