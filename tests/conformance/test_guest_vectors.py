"""The simulated guest against the given vectors: operations, registry and status of each."""

import copy
import json
import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from conformance.recordings import oracle_folder
from vmapps_emulator import __main__ as command_line
from vmapps_emulator.guest_vectors import differences

FILE = oracle_folder() / "facts" / "guest-agent-vectors.json"


def vectors() -> list[dict[str, Any]]:
    if not FILE.is_file():
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(FILE)
        return []
    return json.loads(FILE.read_text(encoding="utf-8"))


VECTORS = vectors()
needs_vectors = pytest.mark.skipif(not VECTORS, reason="no vectors: set VMAPPS_ORACLE")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_guest_follows_the_vector(vector: dict[str, Any]):
    assert differences(vector) == []


@needs_vectors
def test_the_command_counts_them(capsys):
    assert command_line.main(["guest-vectors", str(FILE)]) == 0
    assert capsys.readouterr().out == f"{len(VECTORS)} of {len(VECTORS)} vectors pass\n"


@needs_vectors
def test_no_changed_expectation_passes():
    """Every single value of every expectation counts."""
    changed = [case for vector in VECTORS for case in _changed(vector)]
    assert len(changed) > 500
    assert [case["name"] for case in changed if not _fails(case)] == []


def _fails(case: dict[str, Any]) -> bool:
    try:
        return bool(differences(case))
    except msgspec.ValidationError:
        return True


def _changed(vector: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("expected_operations", "expected_registry", "expected_status_results"):
        for path in _leaves(vector[name]):
            case = copy.deepcopy(vector)
            here = case[name]
            for key in path[:-1]:
                here = here[key]
            here[path[-1]] = _other(here[path[-1]])
            yield case


def _leaves(value: Any) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if isinstance(inner, (dict, list)):
            yield from ((key, *path) for path in _leaves(inner))
        else:
            yield (key,)


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}?"
