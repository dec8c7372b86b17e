"""Package: a local file in the package store. It has no document of its own, versions name it."""

from __future__ import annotations

import msgspec

from vmapps.core.fields import Field, Ownership, Rules
from vmapps.core.resource import Listed
from vmapps.kinds.kind import Kind

RULES = Rules({("properties", "sha256"): Field(Ownership.FIXED)})
"""A package is its content: another content is another package."""


def decode(raw: bytes | msgspec.Raw, home: str) -> Listed:
    """Packages are blobs, found by name in their store: no Azure Resource Manager list holds them."""
    raise msgspec.ValidationError(f"a package is not a resource of subscription {home} ({len(bytes(raw))} bytes)")


KIND = Kind(name="Package", arm_type="", family="blob", rules=RULES, decode=decode)
