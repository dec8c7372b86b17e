"""Right before a write: compare what is there now with what the plan saw, and compose the write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.address import ArmId
from vmapps.core.resource import Body


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole gallery resource; links in the body are slots that the cloud fills."""

    id: ArmId
    body: Body


@dataclass(frozen=True, slots=True)
class PutEntries:
    """Replace a machine's list of applications: `entries` is the JSON array, `etag` goes into If-Match."""

    id: ArmId
    entries: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete a gallery resource."""

    id: ArmId


@dataclass(frozen=True, slots=True)
class Send:
    """Upload a package, if it is not there yet."""

    sha256: str


Write: TypeAlias = Put | PutEntries | Remove | Send
