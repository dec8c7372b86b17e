"""But for its tags a version is written whole: its package has to be readable again, years later [azure-facts 2.3]."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from vmapps.core.action import Update, changes_of
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, warning
from vmapps.core.diff import only_tags
from vmapps.core.fields import at
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft
from vmapps.core.resource import Link


def unreadable(drafts: Iterable[Draft], catalogue: Catalogue) -> Iterator[Diagnostic]:
    """Updates that send a plain URL of the manifests, where the gallery has no identity to read it with.

    Such a blob is readable only when it is public; else Azure refuses the update, whatever it changes.
    """
    for draft in drafts:
        is_whole = isinstance(draft.action, Update) and not only_tags(draft.action.changes)
        links = [link for link in _links(draft) if _is_plain(link)] if is_whole else []
        if not links or _has_identity(draft.address, catalogue):
            continue
        summary = f"{draft.address} is written whole, and {links[0].url} has neither a SAS nor a gallery identity"
        hint = "unless the blob is public, give the link a SAS or the gallery a user-assigned identity"
        span = draft.source[0] if draft.source else None
        yield warning("source-may-be-unreadable", summary, span, hint=hint, subject=str(draft.address))


def _links(draft: Draft) -> Iterator[Link]:
    yield from (change.after for change in changes_of(draft.action) if isinstance(change.after, Link))
    yield from (link for _, link in draft.expects.slots)


def _is_plain(link: Link) -> bool:
    """Whether the manifest's whole text is the URL that may be shown: then it has no signature."""
    return bool(link.digest) and link.digest == hashlib.sha256(link.url.encode()).hexdigest()


def _has_identity(version: Address, catalogue: Catalogue) -> bool:
    gallery = next((one for one in catalogue.bodies if one.key[1:] == (version.key[1], version.key[2][:1])), None)
    kind = at(catalogue.bodies[gallery], ("identity", "type")) if gallery is not None else None
    return isinstance(kind, str) and "UserAssigned" in kind
