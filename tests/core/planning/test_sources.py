"""A version is written whole: can the gallery read its package again?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples import HERE, STORE, address, desired, sha256, version_body
from vmapps.core.action import Action, Change, Create, Update
from vmapps.core.fields import Path
from vmapps.core.plan import Expectation
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.sources import unreadable
from vmapps.core.resource import Body, Link

VERSION = desired("platform", "nginx", "1.0.0")
URL = "https://elsewhere.blob.core.windows.net/c/nginx.tar.gz"
PLAIN = Link(URL, digest=sha256(URL))
SIGNED = Link(URL, digest=sha256(f"{URL}?sig=secret"))
STORED = STORE.link(sha256("nginx"))
SEEN = Link(URL)
MEDIA: Path = ("properties", "publishingProfile", "source", "mediaLink")
EXCLUDE = Change(("properties", "publishingProfile", "excludeFromLatest"), False, True)


def draft(*slots: Link, change: Change = EXCLUDE, action: Action | None = None) -> Draft:
    """An update of a version that sends these links again."""
    return Draft(
        VERSION.address,
        VERSION.id,
        action or Update((change,)),
        "why",
        source=VERSION.source,
        expects=Expectation(slots=tuple((MEDIA, link) for link in slots)),
    )


def gallery(identity: object = None, name: str = "platform") -> Catalogue:
    body: Body = {"identity": {"type": identity}} if identity is not None else {}  # type: ignore[dict-item]
    application = {address("platform", "nginx"): version_body()}
    return Catalogue(bodies={address(name): body, **application})


def warned(one: Draft, catalogue: Catalogue) -> bool:
    found = list(unreadable((one,), catalogue))
    assert all(problem.code == "source-may-be-unreadable" and not problem.is_error for problem in found)
    return bool(found)


@pytest.mark.parametrize(
    ("row", "one", "doubtful"),
    [
        ("a plain link that stays", draft(PLAIN), True),
        ("a plain link that comes", draft(change=Change(MEDIA, SEEN, PLAIN)), True),
        ("a link with a SAS", draft(SIGNED), False),
        ("a package of the store: a SAS is minted", draft(STORED), False),
        ("what was only seen is not sent", draft(SEEN), False),
        ("one of two", draft(SIGNED, PLAIN), True),
        ("nothing but tags is sent", draft(PLAIN, change=Change(("tags", "vmapps-owner"), None, "me")), False),
        ("no link", draft(), False),
        ("a creation says it when it fails", draft(PLAIN, action=Create((EXCLUDE,))), False),
    ],
)
def test_a_plain_link_is_sent_again_with_every_update(row: str, one: Draft, doubtful: bool) -> None:
    assert warned(one, gallery()) is doubtful


@pytest.mark.parametrize(
    ("row", "catalogue", "doubtful"),
    [
        ("no identity", gallery(), True),
        ("none at all", gallery("None"), True),
        ("the system's", gallery("SystemAssigned"), True),
        ("a user's", gallery("UserAssigned"), False),
        ("both", gallery("SystemAssigned, UserAssigned"), False),
        ("another gallery's", gallery("UserAssigned", "Tools"), True),
        ("a gallery in other letters", gallery("UserAssigned", "PLATFORM"), False),
        ("a gallery that nobody knows", Catalogue(), True),
    ],
)
def test_a_user_s_identity_reads_what_has_no_signature(row: str, catalogue: Catalogue, doubtful: bool) -> None:
    assert warned(draft(PLAIN), catalogue) is doubtful


def test_the_warning_names_version_link_place_and_way_out() -> None:
    (problem,) = unreadable((draft(PLAIN),), gallery())
    assert problem.summary == f"{VERSION.address} is written whole, and {URL} has neither a SAS nor a gallery identity"
    assert problem.span == HERE
    assert "give the link a SAS" in problem.hint
    (placeless,) = unreadable((replace(draft(PLAIN), source=()),), gallery())
    assert (placeless.span, placeless.subject) == (None, str(VERSION.address))


def test_a_signature_is_never_said() -> None:
    both = tuple(unreadable((draft(PLAIN), draft(SIGNED)), gallery()))
    assert len(both) == 1
    assert "sig=" not in str(both)
