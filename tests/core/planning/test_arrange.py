"""The order of steps, printed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import address, machine_address, package
from vmapps.core.action import Action, Assign, Change, Create, Delete, Update, Upload
from vmapps.core.address import Address
from vmapps.core.planning.arrange import arrange
from vmapps.core.planning.findings import Draft

CHANGE = Change(("x",), None, 1)
GALLERY, APPLICATION = address("g"), address("g", "a")
OLD, NEW, NEXT = (address("g", "a", version) for version in ("1.9.0", "1.10.0", "1.11.0"))


def draft(one: Address, action: Action, *, uses: tuple[Address, ...] = (), frees: tuple[Address, ...] = ()) -> Draft:
    return Draft(one, None, action, "because", uses=uses, frees=frees)


def create(one: Address, *uses: Address) -> Draft:
    return draft(one, Create((CHANGE,)), uses=uses)


def printed(*drafts: Draft) -> list[str]:
    return [f"{step.id} <- {', '.join(step.needs)}" if step.needs else step.id for step in arrange(drafts)]


UPLOAD = draft(package("x").address, Upload("x", 1, "x"))
BIRTH = (
    create(NEW, APPLICATION, UPLOAD.address),
    draft(machine_address(), Assign((CHANGE,)), uses=(NEW,), frees=(OLD,)),
    create(APPLICATION, GALLERY),
    UPLOAD,
    create(GALLERY),
)


def test_uploads_come_first_and_creates_after_what_they_use() -> None:
    assert printed(*BIRTH) == [
        f"{UPLOAD.address}#1",
        "Gallery/g#1",
        "GalleryApplication/g/a#1 <- Gallery/g#1",
        f"GalleryApplicationVersion/g/a/1.10.0#1 <- {UPLOAD.address}#1, GalleryApplication/g/a#1",
        "VirtualMachine/rg-web/web-01#1 <- GalleryApplicationVersion/g/a/1.10.0#1",
    ]


def test_deletes_come_last_from_the_leaves_up_and_wait_for_who_stops_using() -> None:
    death = (
        draft(GALLERY, Delete(), uses=(APPLICATION,)),
        draft(OLD, Delete()),
        draft(APPLICATION, Delete(), uses=(OLD,)),
        draft(machine_address(), Assign((CHANGE,)), frees=(OLD,)),
        draft(machine_address("z"), Assign((CHANGE,)), frees=(OLD,)),
    )
    assert printed(*death) == [
        "VirtualMachine/rg-web/web-01#1",
        "VirtualMachine/rg-web/z#1",
        "GalleryApplicationVersion/g/a/1.9.0#1 <- VirtualMachine/rg-web/web-01#1, VirtualMachine/rg-web/z#1",
        "GalleryApplication/g/a#1 <- GalleryApplicationVersion/g/a/1.9.0#1",
        "Gallery/g#1 <- GalleryApplication/g/a#1",
    ]


def test_what_is_freed_and_only_changed_is_not_waited_for() -> None:
    update = draft(OLD, Update((CHANGE,)))
    assert printed(update, draft(machine_address(), Assign((CHANGE,)), frees=(OLD,))) == [
        "GalleryApplicationVersion/g/a/1.9.0#1",
        "VirtualMachine/rg-web/web-01#1",
    ]


def test_what_a_later_write_moves_away_from_is_mended_first_and_taken_away_last() -> None:
    mended, shrunk = draft(OLD, Update((CHANGE,))), replace(draft(OLD, Update((CHANGE,))), shrinks=True)
    first = replace(draft(machine_address(), Assign((CHANGE,))), keeps=(OLD,))
    second = draft(machine_address(), Assign((CHANGE,)), frees=(OLD,))
    writes = (first, replace(second, turn=1))
    web, version = "VirtualMachine/rg-web/web-01", "GalleryApplicationVersion/g/a/1.9.0"
    assert printed(mended, *writes) == [f"{version}#1", f"{web}#1 <- {version}#1", f"{web}#2 <- {web}#1"]
    for taken in (draft(OLD, Delete()), shrunk):
        assert printed(taken, *writes) == [f"{web}#1", f"{web}#2 <- {web}#1", f"{version}#1 <- {web}#2"]


def test_what_a_later_write_moves_away_from_may_be_created_anew_after_it() -> None:
    first = replace(draft(machine_address(), Assign((CHANGE,))), keeps=(OLD,))
    last = replace(draft(machine_address(), Assign((CHANGE,)), frees=(OLD,)), turn=1)
    assert printed(first, last, draft(OLD, Delete()), replace(create(OLD), turn=1)) == [
        "VirtualMachine/rg-web/web-01#1",
        "VirtualMachine/rg-web/web-01#2 <- VirtualMachine/rg-web/web-01#1",
        "GalleryApplicationVersion/g/a/1.9.0#1 <- VirtualMachine/rg-web/web-01#2",
        "GalleryApplicationVersion/g/a/1.9.0#2 <- GalleryApplicationVersion/g/a/1.9.0#1",
    ]


def test_ties_go_by_address_with_numbers_as_numbers() -> None:
    assert printed(create(NEXT), create(NEW), create(OLD)) == [f"{one}#1" for one in (OLD, NEW, NEXT)]


def test_two_steps_may_share_an_address() -> None:
    first, second = draft(GALLERY, Update((CHANGE,))), draft(GALLERY, Update((CHANGE,)))
    assert printed(first, second, create(APPLICATION, GALLERY)) == [
        "Gallery/g#1",
        "Gallery/g#2",
        "GalleryApplication/g/a#1 <- Gallery/g#1, Gallery/g#2",
    ]


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_drafts_does_not_matter(chance: random.Random) -> None:
    drafts = list(BIRTH)
    chance.shuffle(drafts)
    assert arrange(drafts) == arrange(BIRTH)


def test_steps_that_wait_for_each_other_are_a_bug_that_is_said() -> None:
    with pytest.raises(ValueError, match="wait for each other: Gallery/g, GalleryApplication/g/a"):
        arrange([create(GALLERY, APPLICATION), create(APPLICATION, GALLERY)])
