"""What is decided about one application on one machine, before it is known how it is written."""

from __future__ import annotations

from dataclasses import dataclass

from vmapps.core.action import Change
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fleet import Claim
from vmapps.core.plan import Note
from vmapps.core.resource import Entry, Reference


@dataclass(frozen=True, slots=True)
class Verdict:
    """A change of one entry, or none.

    `acts`: something happens in the guest, now or when it next installs. `again` is the second half of a removal
    and new installation, with its own line for the guest.
    """

    change: Change | None = None
    guest: str = ""
    findings: tuple[Note | Diagnostic, ...] = ()
    because: str = ""
    claim: Claim | None = None
    acts: bool = True
    again: Change | None = None
    again_guest: str = ""


def name_of(reference: Reference) -> str:
    """An application as people say it: `platform/nginx`."""
    return f"{reference.gallery.name}/{reference.application}"


def told(entry: Entry) -> str:
    """An entry in a sentence: its application and version."""
    if entry.reference is None:
        return f"an entry that cannot be read ({entry.spelled})"
    return f"{name_of(entry.reference)} {entry.reference.version}"
