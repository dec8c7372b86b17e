"""A resource kept as bytes: read without being unpacked, unpacked when somebody looks inside."""

from typing import Any

import msgspec

from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json


class Packed(Resource):
    """One resource of many: a fleet of 50,000 is a few hundred megabytes as bytes, and gigabytes as objects."""

    __slots__ = ("_open", "_region")

    def __init__(self, key: str, encoded: bytes, collections: tuple[str, ...], etag: int = 1, region: str = "") -> None:
        self._open: Json | None = None
        self._region = region
        super().__init__(key, {}, collections, etag)
        self._open = None
        self._encoded = encoded

    @property
    def body(self) -> Json:
        """The body; from the first look on it is an object like any other resource's."""
        if self._open is None:
            assert self._encoded is not None
            self._open = msgspec.json.decode(self._encoded)
        return self._open

    @body.setter
    def body(self, value: Any) -> None:
        self._open = value

    def peek(self) -> Json:
        """The body for reading only: it stays packed."""
        held: Json = msgspec.json.decode(self.encoded()) if self._open is None else self._open
        return held

    @property
    def location(self) -> str:
        """The region, without unpacking where it is known."""
        return self._region or super().location
