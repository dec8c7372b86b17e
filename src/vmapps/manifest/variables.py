"""`${name}` in the values under `spec`; `$${` is a plain `${`. There is no other templating."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.core.fields import Path
from vmapps.manifest.shown import did_you_mean, shown
from vmapps.manifest.source import MAX_BYTES, Tree

USE = re.compile(r"\$\$\{|\$\{([^}\n]*)(\}?)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
WORDS = {"true": True, "false": False}
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def as_texts(declared: Mapping[str, Any]) -> dict[str, str]:
    """The project's variables as texts; true and 3 read as YAML writes them."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in declared.items()}


def literal(text: str) -> str:
    """A text as a manifest has to say it, so that nothing in it is taken for a variable."""
    return text.replace("${", "$${")


def overridden(declared: Mapping[str, str], given: Mapping[str, str]) -> tuple[dict[str, str], list[Diagnostic]]:
    """The variables with those of --var on top; one that the project does not declare is a mistake."""
    problems = [
        error(
            "unknown-variable",
            f"the project declares no variable '{shown(name)}'",
            hint=did_you_mean(name, declared),
            subject=f"--var {shown(name)}",
        )
        for name in given
        if name not in declared
    ]
    return {**declared, **given}, problems


def filled(tree: Tree, variables: Mapping[str, str]) -> tuple[Tree, tuple[Diagnostic, ...]]:
    """The document with its variables filled in.

    An unquoted value that is one variable and nothing else may become a number or true or false; text otherwise.
    """
    places = [path for path in tree.templated if path[0] == "spec" and path[:2] != ("spec", "variables")]
    if not places:
        return tree, ()
    value = deepcopy(tree.value)
    problems: list[Diagnostic] = []
    room = MAX_BYTES
    for path in places:
        holder = _holder(value, path)
        last: Any = int(path[-1]) if isinstance(holder, list) else path[-1]
        room -= _growth(holder[last], variables)
        if room < 0:
            problems.append(_too_large(tree.span(path)))
            break
        text = _fill(holder[last], path, tree, variables, problems)
        holder[last] = text if tree.templated[path] else _typed(holder[last], text)
    return replace(tree, value=value), tuple(problems)


def _growth(source: str, variables: Mapping[str, str]) -> int:
    """How many characters the variables of a text bring, before they are put there."""
    return sum(len(variables.get(found[1] or "", "")) for found in USE.finditer(source))


def _too_large(where: Span) -> Diagnostic:
    summary = f"with its variables filled in this document has more than {MAX_BYTES} characters"
    return error("out-of-limits", summary, where, hint="use shorter variables")


def _holder(value: Any, path: Path) -> Any:
    for part in path[:-1]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _typed(source: str, text: str) -> Any:
    whole = USE.fullmatch(source)
    if whole is None or whole[1] is None:
        return text
    return int(text) if INTEGER.fullmatch(text) else WORDS.get(text, text)


def _fill(source: str, path: Path, tree: Tree, variables: Mapping[str, str], problems: list[Diagnostic]) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1] is None:
            return "${"
        if found[2] and found[1] in variables:
            return variables[found[1]]
        problems.append(_unknown(found, path, tree, variables))
        return found[0]

    return USE.sub(one, source)


def _unknown(found: re.Match[str], path: Path, tree: Tree, variables: Mapping[str, str]) -> Diagnostic:
    where = tree.span(path)
    if not found[2] or not NAME.fullmatch(found[1]):
        hint = "write $${ for a plain ${"
        return error("bad-variable", f"'{shown(found[0])}' is not a variable such as ${{name}}", where, hint=hint)
    near = did_you_mean(found[1], variables)
    hint = f"{near + '; ' if near else ''}write $${{{found[1]}}} for a plain ${{{found[1]}}}"
    return error("unknown-variable", f"there is no variable '{shown(found[1])}'", where, hint=hint)
