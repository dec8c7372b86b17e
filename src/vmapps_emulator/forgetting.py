"""What the service may forget: entries' tags, links' queries. Answers show it so; what was written is kept.

No recording shows an entry's ``tags`` coming back, nor a link with a signature: clients must bear both.
"""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from vmapps_emulator.settings import Settings
from vmapps_emulator.wire import Response, encode

_LINKS = ("mediaLink", "defaultConfigurationLink", "configurationReference")


def forget(response: Response, settings: Settings) -> None:
    """Take out of an answer what the settings say is forgotten."""
    if response.body is None or not (settings.drop_entry_tags or settings.strip_link_queries):
        return
    body = msgspec.json.decode(response.encoded())
    _walk(body, settings)
    response.body = encode(body)


def _walk(value: Any, settings: Settings) -> None:
    if isinstance(value, list):
        for item in value:
            _walk(item, settings)
    elif isinstance(value, dict):
        if settings.drop_entry_tags and isinstance(value.get("galleryApplications"), list):
            _drop_tags(value["galleryApplications"])
        for name, inner in value.items():
            if settings.strip_link_queries and name in _LINKS and isinstance(inner, str):
                value[name] = urlsplit(inner)._replace(query="", fragment="").geturl()
            else:
                _walk(inner, settings)


def _drop_tags(entries: list[Any]) -> None:
    for entry in entries:
        if isinstance(entry, dict):
            entry.pop("tags", None)
