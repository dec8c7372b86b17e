"""Field values in JSON and back. A link is `{"link": url, "blob": sha256}` or `{"link": url, "digest": …}`."""

from __future__ import annotations

from vmapps.core.resource import Link, Value
from vmapps.render.json_text import Tree

LINK = frozenset({"link", "blob", "digest", "access"})
MAP = "map"
"""A map that could be mistaken for a link (or for this) is written as `{"map": {…}}`."""


def value_tree(value: Value) -> Tree:
    """The value as JSON, keys sorted: their order has no meaning."""
    match value:
        case Link():
            parts = {"link": value.url, "blob": value.blob, "digest": value.digest, "access": value.access}
            return {name: part for name, part in parts.items() if part or name == "link"}
        case list():
            return [value_tree(item) for item in value]
        case dict():
            tree = {name: value_tree(value[name]) for name in sorted(value)}
            return {MAP: tree} if _is_special(value) else tree
        case _:
            return value


def value_of(tree: Tree) -> Value:
    """Read a value back; raises ValueError when a link is not one."""
    match tree:
        case list():
            return [value_of(item) for item in tree]
        case dict() if not _is_special(tree):
            return {name: value_of(tree[name]) for name in tree}
        case {"map": dict(inner)}:
            return {name: value_of(inner[name]) for name in inner}
        case {"link": str(url)} if all(isinstance(part, str) for part in tree.values()):
            return Link(url, tree.get("blob", ""), tree.get("digest", ""), tree.get("access", ""))
        case dict():
            raise ValueError("a link must be text")
        case bool() | int() | float() | str() | None:
            return tree
        case _:
            raise ValueError("not a value")


def _is_special(keys: dict[str, Value] | dict[str, Tree]) -> bool:
    return keys.keys() == {MAP} or ("link" in keys and keys.keys() <= LINK)
