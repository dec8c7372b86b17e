"""Where live Azure is not what the repository declares: how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vmapps.core.action import Change
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.plan import Note


class DriftClass(StrEnum):
    """What kind of difference; every one is in exactly one class."""

    CHANGED = "changed"
    """a managed field is not as declared"""
    MISSING = "missing"
    """declared, and not there"""
    DANGLING = "dangling"
    """an entry of ours refers to a version that does not exist: every write of its machine fails"""
    FAILED = "failed"
    """an application of ours failed or was skipped in the guest, at its declared version"""
    ORPHANED = "orphaned"
    """ours and no longer declared: no drift by itself, but on a list that is exclusively ours"""


@dataclass(frozen=True, slots=True)
class DriftItem:
    """One difference: of a resource, of an application on a machine, or of one on an instance of a scale set.

    `is_drift` is false for what is reported beside the drift: what is merely no longer declared.
    """

    cls: DriftClass
    address: Address
    text: str
    changes: tuple[Change, ...] = ()
    application: str = ""
    instance: str = ""
    is_drift: bool = True

    @property
    def subject(self) -> str:
        """The address, with the instance behind it."""
        return f"{self.address}/{self.instance}" if self.instance else str(self.address)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A difference that is not reported, and what said so."""

    item: DriftItem
    by: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Every difference; those that somebody said to ignore; what is worth knowing but no drift; errors and warnings.

    `unread` are the machines whose guests could not be read, `unseen` the subscriptions of the fleet, `closed` the
    lists of galleries (by their path): why, in the values. `guests` and `scale_sets` say how much was read.
    """

    items: tuple[DriftItem, ...] = ()
    notes: tuple[Note, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    guests: int = 0
    scale_sets: int = 0
    unread: Mapping[Address, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    closed: Mapping[str, str] = field(default_factory=dict)

    @property
    def drifted(self) -> bool:
        """Whether something is not as declared."""
        return any(item.is_drift for item in self.items)

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read and compared."""
        return not (self.unread or self.unseen or self.closed or any(one.is_error for one in self.diagnostics))
