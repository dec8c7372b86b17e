"""The deviations that stay: rows of one data file, each with its reason and none with the name of a recording."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from conformance.comparison import Difference

FILE = Path(__file__).with_name("deviations.json")
KINDS = ("missing", "added", "value", "status", "header")


@dataclass(frozen=True)
class Row:
    """One deviation: ``*`` in a type or a path stands for one name or a part of it, ``**`` for any number of them."""

    resource: str
    path: str
    kind: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Whether a difference is this deviation."""
        if self.kind not in ("*", difference.kind):
            return False
        return bool(_pattern(self.resource).fullmatch(difference.resource)) and bool(
            _pattern(self.path).fullmatch(difference.path)
        )

    def __str__(self) -> str:
        return f"{self.resource} {self.path} {self.kind}"


def rows() -> list[Row]:
    """All rows, in the order of the file."""
    return [Row(**entry) for entry in json.loads(FILE.read_text(encoding="utf-8"))]


def _pattern(text: str) -> re.Pattern[str]:
    escaped = re.escape(text).replace(r"\*\*", ".*").replace(r"\*", r"[^./]*")
    return re.compile(escaped, re.IGNORECASE)
