"""How Azure writes a gallery application."""

from __future__ import annotations

import msgspec

from vmapps.core.resource import Observed
from vmapps.kinds.gallery_wire import observed


def decode(raw: bytes | msgspec.Raw, home: str) -> Observed:
    """Read one item of an answer."""
    return observed(raw, "GalleryApplication", home)
