"""Compare what is wanted with what is there: equality first, and deepdiff only to explain a difference."""

from __future__ import annotations

import hashlib
import json

from vmapps.core.action import Change
from vmapps.core.fields import Ownership, Path, Rules, at, leaves
from vmapps.core.resource import Body, Link, Value


def compare(wanted: Body, seen: Body, rules: Rules) -> tuple[Change, ...]:
    """Every declared field whose live value is another one, in the order of its path.

    Fields that the author did not declare are not looked at; neither is what Azure adds inside a declared list or
    map of named items.
    """
    declared = ((path, value) for path, value in leaves(wanted, rules) if not _is_azures(path, rules))
    changes = (Change(path, at(seen, path), value) for path, value in declared)
    return tuple(sorted((one for one in changes if not agrees(one, seen, rules)), key=lambda change: change.path))


def _is_azures(path: Path, rules: Rules) -> bool:
    return rules.of(path).ownership is Ownership.READ_ONLY


def agrees(change: Change, seen: Body, rules: Rules) -> bool:
    """Whether a body already has the change's `after` value."""
    return same(change.path, change.after, at(seen, change.path), rules)


def same(path: Path, wanted: Value, seen: Value, rules: Rules) -> bool:
    """Whether two values of one field mean the same."""
    normal = rules.normal(path, wanted)
    return normal == project(rules.normal(path, seen), normal)


def project(seen: Value, onto: Value) -> Value:
    """What is left of a live value when only the keys of a wanted one are looked at, item by item."""
    match onto, seen:
        case dict(), dict():
            return {name: project(seen.get(name), value) for name, value in onto.items()}
        case list(), list() if len(onto) == len(seen):
            return [project(live, value) for live, value in zip(seen, onto, strict=True)]
        case _:
            return seen


def only_tags(changes: tuple[Change, ...]) -> bool:
    """Whether nothing but tags changes, as when something becomes ours."""
    return all(change.path[0] == "tags" for change in changes)


def digest_of(paths: tuple[Path, ...], body: Body, rules: Rules) -> str:
    """A fingerprint of some fields of a live body, blind to spelling; "" when there are none."""
    if not paths:
        return ""
    return digest([[list(path), rules.normal(path, at(body, path))] for path in sorted(paths)])


def digest(value: object) -> str:
    """The sha256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Link):
        return value.key
    raise TypeError(f"{type(value).__name__} has no canonical form")


def explain(change: Change, rules: Rules) -> tuple[str, ...]:
    """What differs inside a list or map, one line each; nothing for a plain value, which explains itself.

    Two spellings of one thing are no difference, and neither is what Azure adds.
    """
    before, after = (rules.normal(change.path, value) for value in (change.before, change.after))
    if not isinstance(before, (dict, list)) or not isinstance(after, (dict, list)):
        return ()
    from deepdiff import DeepDiff

    found = DeepDiff(
        _only(_named(before), _named(after)),
        _named(after),
        view="tree",
        ignore_order=True,
        report_repetition=True,
        threshold_to_diff_deeper=0,
    )
    lines = [_line(kind, one) for kind, items in found.items() for one in items]
    return tuple(sorted(lines))


def _only(seen: object, wanted: object) -> object:
    """A live map of named items without the fields that the wanted item of that name does not have."""
    if not isinstance(seen, dict) or not isinstance(wanted, dict):
        return seen
    return {name: project(item, wanted[name]) if name in wanted else item for name, item in seen.items()}


def _named(value: Value) -> object:
    """A list of named items as a map by name, so that a difference says which one; links as their URLs."""
    if isinstance(value, Link):
        return value.url
    if isinstance(value, dict):
        return {name: _named(inner) for name, inner in value.items()}
    if not isinstance(value, list):
        return value
    names = [str(item["name"]) for item in value if isinstance(item, dict) and "name" in item]
    if len(names) != len(value) or len(set(names)) != len(names):
        return [_named(item) for item in value]
    rest = (
        {key: _named(inner) for key, inner in item.items() if key != "name"} for item in value if isinstance(item, dict)
    )
    return dict(zip(names, rest, strict=True))


def _line(kind: str, one: object) -> str:
    """One of deepdiff's findings in words."""
    where = ".".join(str(part) for part in one.path(output_format="list"))  # type: ignore[attr-defined]
    before, after = (json.dumps(getattr(one, side, None), default=str) for side in ("t1", "t2"))
    in_list = kind.startswith("iterable_item")
    if kind.endswith("_added"):
        return f"{after if in_list else where} added"
    if kind.endswith("_removed"):
        return f"{before if in_list else where} removed"
    return f"{where}: {before} -> {after}"
