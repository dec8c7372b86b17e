"""Recordings of real traffic: found below a folder, judged by their shape and never by their name."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vmapps_emulator.power import ACTIONS
from vmapps_emulator.scale_set_actions import ON_INSTANCES, ON_SETS, ROLLING

Json = dict[str, Any]

_NEEDED = {"i", "method", "path", "status", "response_headers", "response_body"}


def oracle_folder() -> Path:
    """The folder that VMAPPS_ORACLE names, else ../shared/oracle beside the repository."""
    beside = Path(__file__).resolve().parents[2] / ".." / "shared" / "oracle"
    return Path(os.environ.get("VMAPPS_ORACLE", beside))


def cassettes(folder: Path) -> Iterator[tuple[str, list[Json]]]:
    """Every file that is a sequence of calls, with its calls; everything else is passed over."""
    for path in sorted(folder.rglob("*")):
        calls = _calls(path) if path.is_file() else []
        if calls:
            yield str(path.relative_to(folder)), calls


def _calls(path: Path) -> list[Json]:
    """The calls of a file, its first line read alone: most files of a folder are something else."""
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline() or "null")
            if not _is_call(first):
                return []
            lines = [first, *(json.loads(line) for line in file if line.strip())]
    except (OSError, ValueError, RecursionError):
        return []
    if not all(map(_is_call, lines)):
        return []
    places = [line["i"] for line in lines]
    is_sequence = all(isinstance(place, int) for place in places) and places == sorted(set(places))
    return [
        {"query": None, "request_headers": {}, "request_body": None, "api_version": "", **line} for line in lines
    ] * (is_sequence)


def _is_call(line: Any) -> bool:
    if not isinstance(line, dict) or not set(line) >= _NEEDED:
        return False
    return (
        isinstance(line["path"], str) and isinstance(line["status"], int) and isinstance(line["response_headers"], dict)
    )


_HEAD = r"^/subscriptions/[^/]+/resourcegroups/[^/]+"
_COMPUTE = _HEAD + r"/providers/microsoft\.compute"
_ANYWHERE = r"^/subscriptions/[^/]+(/resourcegroups/[^/]+)?/providers/microsoft\.compute"
_SET = _COMPUTE + r"/virtualmachinescalesets/[^/]+"
_LOCATION = r"^/subscriptions/[^/]+/providers/microsoft\.compute/locations/[^/]+"
_FAMILIES = (
    ("gallery", _ANYWHERE + r"/galleries$"),
    ("gallery", _COMPUTE + r"/galleries/[^/]+(/applications(/[^/]+(/versions(/[^/]+)?)?)?)?$"),
    ("gallery", _COMPUTE + r"/galleries/[^/]+/share$"),
    ("gallery", _LOCATION + r"/capsoperations/[^/]+$"),
    ("machine", _ANYWHERE + r"/virtualmachines$"),
    ("machine", _LOCATION + r"/virtualmachines$"),
    ("machine", _COMPUTE + rf"/virtualmachines/[^/]+(/instanceview|/({'|'.join(ACTIONS)}))?$"),
    ("scale set", _ANYWHERE + r"/virtualmachinescalesets$"),
    ("scale set", _LOCATION + r"/virtualmachinescalesets$"),
    (
        "scale set",
        _SET + rf"(/instanceview|/virtualmachines|/rollingupgrades/latest|/({'|'.join(ON_SETS + ROLLING)}))?$",
    ),
    ("scale set", _SET + rf"/virtualmachines/[^/]+(/instanceview|/({'|'.join(ON_INSTANCES)}))?$"),
    ("operation", _LOCATION + r"/operations/[^/]+$"),
    ("group", _HEAD + "$"),
)


def family(call: Json) -> str | None:
    """Which family a call belongs to; None for what the emulator does not serve."""
    path = call["path"].lower().rstrip("/")
    return next((name for name, pattern in _FAMILIES if re.match(pattern, path)), None)


def owner(call: Json) -> str | None:
    """The machine or scale set that a call is about, in lower case; an action or a child of it counts."""
    found = re.match("(" + _COMPUTE + r"/(virtualmachines|virtualmachinescalesets)/[^/]+)", call["path"].lower())
    return found.group(1) if found else None


def header(call: Json, name: str) -> str | None:
    """A recorded response header, whatever its casing."""
    return next((value for key, value in call["response_headers"].items() if key.lower() == name), None)
