"""The walls of the house: what import-linter cannot see."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
MODULES = sorted(SOURCE.rglob("*.py"))
PURE = [path for path in MODULES if path.relative_to(SOURCE).parts[:2] in {("vmapps", "core"), ("vmapps", "kinds")}]
SIDE_DOORS = {"time", "logging", "random", "socket", "subprocess", "threading", "urllib.request", "os", "sys"}
ASKS_THE_CLOCK = {"now", "today", "utcnow", "monotonic", "time"}


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_file_is_longer_than_three_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_names_explain_themselves(path: Path) -> None:
    words = {"manager", "helper", "helpers", "util", "utils"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)} | {path.stem}
    assert not {name for name in names if words & set(name.lower().split("_"))}


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_the_pure_rooms_have_no_side_doors(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not imported(tree) & SIDE_DOORS
    assert not called(tree) & {"open", "print", "input", "exec", "eval"}
    assert not attributes_called(tree, of="datetime", among=ASKS_THE_CLOCK)
    assert not attributes_called(tree, of="date", among=ASKS_THE_CLOCK)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_failure_is_swallowed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    silent = [
        node for node in handlers if is_everything(node.type) and all(isinstance(it, ast.Pass) for it in node.body)
    ]
    assert not silent


def test_the_emulator_names_nothing_of_the_product() -> None:
    for path in MODULES:
        room = path.relative_to(SOURCE).parts[0]
        other = {"vmapps": "vmapps_emulator", "vmapps_emulator": "vmapps"}[room]
        found = {name for name in imported(ast.parse(path.read_text(encoding="utf-8"))) if name.split(".")[0] == other}
        assert not found, path


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def called(tree: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def attributes_called(tree: ast.AST, *, of: str, among: set[str]) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    attributes = (it for it in calls if isinstance(it, ast.Attribute) and isinstance(it.value, ast.Name))
    return {it.attr for it in attributes if isinstance(it.value, ast.Name) and it.value.id == of and it.attr in among}


def is_everything(type_: ast.expr | None) -> bool:
    return type_ is None or (isinstance(type_, ast.Name) and type_.id in {"Exception", "BaseException"})
