"""How the emulator behaves where Azure leaves it open: polls, waits, pages, latency."""

from dataclasses import dataclass, fields

from vmapps_emulator.errors import ArmError
from vmapps_emulator.wire import Json


@dataclass(slots=True)
class Settings:
    """All numbers; ``POST /emulator/settings`` changes them while the server runs."""

    polls: int = 2
    retry_after_ms: int = 20
    page_size: int = 200
    latency_ms: int = 0

    def change(self, body: Json) -> None:
        """Take new values by their camelCase names; anything else is refused."""
        names = {_camel(entry.name): entry.name for entry in fields(self)}
        for name, value in body.items():
            least = 1 if name == "pageSize" else 0
            if name not in names or not isinstance(value, int) or isinstance(value, bool) or value < least:
                text = f"Setting '{name}' takes a whole number from {least}; known: {', '.join(names)}."
                raise ArmError(400, "InvalidSetting", text, name)
        for name, value in body.items():
            setattr(self, names[name], value)

    def shown(self) -> Json:
        """All values by their camelCase names."""
        return {_camel(entry.name): getattr(self, entry.name) for entry in fields(self)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
