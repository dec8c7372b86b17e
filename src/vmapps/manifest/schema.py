"""A document against its kind's schema: one sentence per mistake, with its place and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.core.fields import Path
from vmapps.kinds.formats import FORMATS
from vmapps.manifest.documents import SCHEMAS
from vmapps.manifest.shown import did_you_mean, shown, shown_path
from vmapps.manifest.source import Tree

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Found: TypeAlias = Any
"""A ValidationError as found: all of its parts are set then, which their types do not know."""

TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a map",
    "array": "a list",
}


def kind_problem(tree: Tree) -> Diagnostic | None:
    """What is wrong with a document's `kind`, before a schema can be chosen."""
    kind = tree.value.get("kind")
    if "kind" not in tree.value:
        hint = f"kinds: {', '.join(SCHEMAS)}"
        return error("missing-field", "this document has no 'kind'", tree.start, hint=hint)
    if not isinstance(kind, str) or kind not in SCHEMAS:
        hint = did_you_mean(str(kind), SCHEMAS)
        return error("unknown-kind", f"there is no kind '{shown(kind)}'", tree.span(("kind",)), hint=hint)
    return None


def schema_problems(tree: Tree) -> tuple[Diagnostic, ...]:
    """Everything that the schema of the document's kind finds; the kind is known."""
    found = _validator(tree.value["kind"]).iter_errors(tree.value)
    return tuple(dict.fromkeys(diagnostic for one in found for diagnostic in _said(one, tree)))


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.validators import extend

    checker = FormatChecker(formats=())
    for name, is_right in FORMATS.items():
        checker.checks(name)(is_right)
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    strict: Any = extend(Draft202012Validator, {"pattern": _pattern}, type_checker=types)  # type: ignore[no-untyped-call]
    validator: Draft202012Validator = strict(SCHEMAS[kind], format_checker=checker)
    return validator


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """Like the library's own, but `$` means the end, not a place before a last line break."""
    from jsonschema.exceptions import ValidationError

    exact = pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(exact, instance):
        yield ValidationError("does not match")


def _said(found: Found, tree: Tree) -> Iterator[Diagnostic]:
    path: Path = tuple(str(part) for part in found.absolute_path)
    match found.validator:
        case "additionalProperties":
            yield from _unknown_fields(found, path, tree)
        case "required":
            yield from _missing_fields(found, path, tree)
        case "enum" | "const":
            yield _unknown_value(found, path, tree)
        case "not":
            yield _refused(found, path, tree)
        case "type":
            yield _wrong_type(found, path, tree)
        case _:
            yield _must(found, path, tree)


def _unknown_fields(found: Found, path: Path, tree: Tree) -> Iterator[Diagnostic]:
    fields = _part(found, "properties", {})
    known = [name for name, field in fields.items() if field.get("not") != {}]
    for name in found.instance:
        if name not in fields:
            summary = f"'{shown_path(path) or 'the document'}' has no field '{shown(name)}'"
            yield error("unknown-field", summary, _key(tree, (*path, name)), hint=did_you_mean(name, known))


def _missing_fields(found: Found, path: Path, tree: Tree) -> Iterator[Diagnostic]:
    for name in _part(found, "required", ()):
        if name not in found.instance:
            about = _about(name, found, tree)
            summary = f"'{shown_path(path) or 'the document'}' lacks '{name}'"
            hint = f"add it: {about[0].lower()}{about[1:]}" if about else ""
            yield error("missing-field", summary, tree.span(path), hint=hint)


def _about(name: str, found: Found, tree: Tree) -> str:
    """What a missing field is; a condition that needs it leaves the words to the map around."""
    fields = dict(_part(found, "properties", {}))
    node: Any = SCHEMAS[tree.value["kind"]]
    for part in found.absolute_schema_path:
        if not isinstance(node, Mapping):
            break
        fields |= {name: node["properties"][name]} if name in node.get("properties", {}) else {}
        node = node.get(part)
    return str(fields.get(name, {}).get("description", "")).rstrip(".")


def _unknown_value(found: Found, path: Path, tree: Tree) -> Diagnostic:
    known = [found.validator_value] if found.validator == "const" else found.validator_value
    hint = did_you_mean(str(found.instance), known)
    summary = f"'{shown_path(path)}' cannot be '{shown(found.instance)}'"
    return error("unknown-value", summary, tree.span(path), hint=hint)


def _refused(found: Found, path: Path, tree: Tree) -> Diagnostic:
    if reason := _part(found, "x-refused", ""):
        summary = f"'{shown_path(path)}' cannot be set: {reason}"
        return error("not-supported", summary, _key(tree, path), hint=f"remove '{path[-1]}'")
    return _must(found, path, tree)


def _wrong_type(found: Found, path: Path, tree: Tree) -> Diagnostic:
    wanted = found.validator_value if isinstance(found.validator_value, list) else [found.validator_value]
    names = " or ".join(TYPES[name] for name in wanted)
    summary = f"'{shown_path(path)}' must be {names}, not {_type_name(found.instance)}"
    is_scalar = isinstance(found.instance, int | float)
    hint = "put it in quotes" if "string" in wanted and is_scalar else ""
    return error("wrong-type", summary, tree.span(path), hint=hint)


def _type_name(value: Any) -> str:
    names: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (str, "text"),
        (list, "a list"),
        (dict, "a map"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "empty")


LIMITS: Mapping[str, Callable[[Any, Any], str]] = {
    "minLength": lambda limit, _: "not be empty" if limit == 1 else f"have at least {limit} characters",
    "maxLength": lambda limit, value: f"have at most {limit} characters, not {len(value)}",
    "minimum": lambda limit, value: f"be at least {limit}, not {value}",
    "maximum": lambda limit, value: f"be at most {limit}, not {value}",
    "minItems": lambda limit, _: "not be empty" if limit == 1 else f"have at least {limit} items",
    "maxItems": lambda limit, value: f"have at most {limit} items, not {len(value)}",
    "minProperties": lambda limit, _: "not be empty" if limit == 1 else f"have at least {limit} fields",
    "maxProperties": lambda limit, value: f"have at most {limit} fields, not {len(value)}",
    "uniqueItems": lambda *_: "not hold the same value twice",
}


def _must(found: Found, path: Path, tree: Tree) -> Diagnostic:
    """Limits in their own words; patterns, formats and alternatives in the words that their schema has for them."""
    code = "bad-value"
    rule = _part(found, "x-must", "")
    if found.validator in LIMITS:
        code = "out-of-limits"
        rule = rule or LIMITS[str(found.validator)](found.validator_value, found.instance)
    elif found.validator in ("oneOf", "anyOf", "not"):
        code = "contradiction"
    where, name = _subject(found, path, tree)
    value = f", not '{shown(found.instance)}'" if code == "bad-value" else ""
    return error(code, f"{name} must {rule or 'be another value'}{value}", where)


def _subject(found: Found, path: Path, tree: Tree) -> tuple[Span, str]:
    """Where the wrong thing is and what it is called: a key of a free map, or the value at the path."""
    if "propertyNames" in list(found.absolute_schema_path)[-2:]:
        return _key(tree, (*path, found.instance)), f"a key of '{shown_path(path)}'"
    return tree.span(path), f"'{shown_path(path)}'"


def _key(tree: Tree, path: Path) -> Span:
    return tree.keys.get(path) or tree.span(path)


def _part(found: Found, name: str, default: Any) -> Any:
    """A part of the schema that was broken; a schema that is only true or false has none."""
    schema = found if isinstance(found, Mapping) else found.schema
    return schema.get(name, default) if isinstance(schema, Mapping) else default
