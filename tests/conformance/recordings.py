"""Recordings of real traffic: found below a folder, judged by their shape and never by their name."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_NEEDED = {"i", "method", "path", "status", "response_headers", "response_body"}


def oracle_folder() -> Path:
    """The folder that VMAPPS_ORACLE names, else ../shared/oracle beside the repository."""
    beside = Path(__file__).resolve().parents[2] / ".." / "shared" / "oracle"
    return Path(os.environ.get("VMAPPS_ORACLE", beside))


def cassettes(folder: Path) -> Iterator[tuple[str, list[Json]]]:
    """Every file that is a sequence of calls, with its calls; everything else is passed over."""
    for path in sorted(folder.rglob("*.jsonl")):
        calls = _calls(path)
        if calls:
            yield str(path.relative_to(folder)), calls


def _calls(path: Path) -> list[Json]:
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError):
        return []
    if not all(isinstance(line, dict) and set(line) >= _NEEDED for line in lines):
        return []
    places = [line["i"] for line in lines]
    is_sequence = places == sorted(set(places))
    return lines if is_sequence else []


_HEAD = r"^/subscriptions/[^/]+/resourcegroups/[^/]+"
_COMPUTE = _HEAD + r"/providers/microsoft\.compute"
_FAMILIES = (
    ("gallery", _COMPUTE + r"/galleries(/[^/]+(/applications(/[^/]+(/versions(/[^/]+)?)?)?)?)?$"),
    ("gallery", _COMPUTE + r"/galleries/[^/]+/share$"),
    ("gallery", r"^/subscriptions/[^/]+/providers/microsoft\.compute/locations/[^/]+/capsoperations/[^/]+$"),
    ("machine", _COMPUTE + r"/virtualmachines(/[^/]+)?$"),
    ("machine", r"^/subscriptions/[^/]+/providers/microsoft\.compute/locations/[^/]+/operations/[^/]+$"),
    ("group", _HEAD + "$"),
)


def family(call: Json) -> str | None:
    """Which family a call belongs to; None for what the emulator does not serve."""
    path = call["path"].lower()
    return next((name for name, pattern in _FAMILIES if re.match(pattern, path)), None)


def machine_path(call: Json) -> str | None:
    """The machine that a call is about, in lower case; an action or a child of it counts."""
    found = re.match("(" + _COMPUTE + r"/virtualmachines/[^/]+)", call["path"].lower())
    return found.group(1) if found else None


def header(call: Json, name: str) -> str | None:
    """A recorded response header, whatever its casing."""
    return next((value for key, value in call["response_headers"].items() if key.lower() == name), None)
