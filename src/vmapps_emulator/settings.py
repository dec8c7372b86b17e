"""How the emulator behaves where Azure leaves it open, or where a test wants it worse: numbers and switches."""

from dataclasses import dataclass, fields
from typing import Any

from vmapps_emulator.errors import ArmError
from vmapps_emulator.wire import Json

_LEAST: dict[str, float] = {"page_size": 1, "clock_skew": float("-inf")}


@dataclass(slots=True)
class Settings:
    """All of them; ``POST /emulator/settings`` changes them while the server runs.

    ``polls``: how often an operation says InProgress. ``script_polls``: how many more for each script that the guest
    runs. ``replication_polls``: how many reads of a version each further region takes. ``delete_lag``: how often a
    parent answers 409 after its child is gone. ``time_scale``: virtual seconds in a real one; with it operations
    take ``operation_seconds`` of virtual time and not a number of polls. ``clock_skew``: seconds that the ``Date``
    of an answer is off.
    """

    polls: int = 2
    retry_after_ms: int = 20
    page_size: int = 200
    latency_ms: int = 0
    script_polls: int = 0
    replication_polls: int = 0
    delete_lag: int = 0
    throttle: bool = False
    drop_entry_tags: bool = False
    strip_link_queries: bool = False
    time_scale: float = 0
    operation_seconds: int = 30
    clock_skew: int = 0

    def change(self, body: Json) -> None:
        """Take new values by their names (pageSize or page-size); anything else is refused."""
        wanted = {name: self._value(name, value) for name, value in body.items()}
        for name, value in wanted.items():
            setattr(self, _snake(name), value)

    def shown(self) -> Json:
        """All values by their camelCase names."""
        return {_camel(entry.name): getattr(self, entry.name) for entry in fields(self)}

    def _value(self, name: str, value: Any) -> Any:
        """A value that the setting takes, or the refusal."""
        known = {entry.name: type(entry.default) for entry in fields(self)}
        inner = _snake(name)
        wanted = known.get(inner)
        if wanted is bool and isinstance(value, bool):
            return value
        numbers = (int, float) if inner == "time_scale" else (int,)
        least = _LEAST.get(inner, 0)
        if wanted is int and isinstance(value, numbers) and not isinstance(value, bool) and value >= least:
            return value
        what = "true or false" if wanted is bool else f"a number from {least}"
        text = f"Setting '{name}' takes {what}; known: {', '.join(map(_camel, known))}."
        raise ArmError(400, "InvalidSetting", text, name)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).replace("-", "_")
