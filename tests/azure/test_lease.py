"""The lock: taken, refused, kept, broken, given back; a script answers what no service does on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from threading import Event
from types import SimpleNamespace
from uuid import uuid4

import pytest

from azurite_process import Azurite
from scripted_server import Reply, Script
from stores import Jwt, opened
from vmapps.azure import lease
from vmapps.azure.blobs import PackageStore
from vmapps.azure.lease import AGAIN, EVERY, LASTS, PATIENCE, Holder, Lease, take
from vmapps.errors import Denied

ALICE = Holder("1a2b3c4d", "alice@desk", "https://github.com/contoso/platform/actions/runs/7", "2026-11-29T20:00:00Z")
BOB = Holder("5e6f7a8b", "bob@laptop", "", "2026-11-29T20:01:00Z")
BUSY = Reply(409, headers={"x-ms-error-code": "LeaseAlreadyPresent"})
TAKEN = Reply(201, headers={"x-ms-lease-id": "11111111-1111-1111-1111-111111111111"})


def held(found: Lease | Holder) -> Lease:
    assert isinstance(found, Lease)
    return found


@pytest.fixture
def container() -> str:
    return f"lock-{uuid4().hex[:12]}"


@pytest.fixture
def scripted(server: Script) -> Iterator[PackageStore]:
    """A store where a script answers."""
    with closing(opened(Azurite(f"{server.url}/devstoreaccount1"), "packages")) as store:
        yield store


@pytest.mark.parametrize(("kind", "blob_type"), [("block", "BlockBlob"), ("page", "PageBlob")])
def test_one_holds_it_and_the_other_learns_who(azurite: Azurite, container: str, kind: str, blob_type: str) -> None:
    first, second = (opened(azurite, container, blob_type=kind) for _ in range(2))
    mine = held(take(first, ALICE))
    found = first.service.get_blob_client(container, "locks/me.1").get_blob_properties()
    assert (found.blob_type, found.lease.state, found.lease.duration) == (blob_type, "leased", "fixed")
    assert take(second, BOB) == ALICE
    mine.release()
    held(take(second, BOB)).release()


def test_every_owner_has_a_lock_of_its_own(azurite: Azurite, container: str) -> None:
    several = [held(take(opened(azurite, container, owner=name), ALICE)) for name in ("shop.1", "Shop.2", "a/b c é")]
    for one in several:
        one.release()


def test_it_is_no_package(azurite: Azurite, container: str) -> None:
    with closing(opened(azurite, container)) as store:
        held(take(opened(azurite, container), ALICE)).release()
        assert store.stored() == frozenset()


def test_who_is_signed_in_can_hold_it(azurite_https: Azurite, container: str) -> None:
    mine = held(take(opened(azurite_https, container, token=Jwt()), ALICE))
    with closing(opened(azurite_https, container, token=Jwt())) as other:
        assert take(other, BOB) == ALICE
    assert mine.beat() == EVERY
    mine.release()


def test_a_lock_that_was_broken_is_lost_and_says_to_whom(azurite: Azurite, container: str) -> None:
    told: list[str] = []
    mine = held(take(opened(azurite, container), ALICE))
    mine.on_lost(told.append)
    assert (mine.beat(), mine.lost, mine.broke) == (EVERY, "", None)
    theirs = held(take(opened(azurite, container), BOB, breaking=True))
    assert theirs.broke == ALICE
    assert mine.beat() == 0.0
    assert told == ["it was taken over by bob@laptop, run 5e6f7a8b, since 2026-11-29T20:01:00Z"]
    mine.on_lost(told.append)
    assert told == [told[0]] * 2, "who asks later is told at once"
    mine.release()
    with closing(opened(azurite, container)) as other:
        assert take(other, ALICE) == BOB, "what is lost is not given back"
    theirs.release()


def test_breaking_what_nobody_holds_is_taking_it(azurite: Azurite, container: str) -> None:
    mine = held(take(opened(azurite, container), ALICE, breaking=True))
    assert mine.broke is None
    mine.release()


def test_it_is_kept_until_it_is_given_back(azurite: Azurite, container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    thrice, beats = Event(), []

    class Counted(Lease):
        def beat(self) -> float:
            beats.append(super().beat())
            if len(beats) == 3:
                thrice.set()
            return 0.001 if self.lost == "" else 0.0

    monkeypatch.setattr(lease, "EVERY", 0.001)
    monkeypatch.setattr(lease, "Lease", Counted)
    mine = held(take(opened(azurite, container), ALICE))
    mine.keep()
    assert thrice.wait(60)
    mine.release()
    assert mine.lost == ""


def test_a_renewal_without_an_answer_is_tried_again_until_time_is_up(scripted: PackageStore, server: Script) -> None:
    server.says(TAKEN, Reply(200), None)
    mine = held(take(scripted, ALICE))
    clock = SimpleNamespace(now=0.0)
    mine._clock, mine._until = lambda: clock.now, float(LASTS)
    told: list[str] = []
    mine.on_lost(told.append)
    while mine.beat():
        assert told == []
        clock.now += AGAIN
    assert LASTS - AGAIN - 3 * PATIENCE < clock.now <= LASTS - AGAIN - 2 * PATIENCE, "before another could take it"
    [why] = told
    assert why.startswith("it could not be renewed in time: ")


def test_an_answer_that_came_late_gives_no_more_time_than_it_says(scripted: PackageStore, server: Script) -> None:
    """What counts is when it was asked for."""
    server.says(TAKEN, Reply(200), Reply(200, headers={"x-ms-lease-id": "1"}))
    mine = held(take(scripted, ALICE))
    times = iter([100.0, 104.0, 200.0])
    mine._clock = lambda: next(times)
    assert mine.beat() == EVERY
    assert mine._until == 100.0 + LASTS


def test_asking_again_for_it_asks_for_the_same(scripted: PackageStore, server: Script) -> None:
    """The answer was lost: the lease may be ours already."""
    server.says(None, TAKEN, Reply(200))
    held(take(scripted, ALICE))
    first, second, _ = (asked.headers for asked in server.asked)
    assert first["x-ms-proposed-lease-id"] == second["x-ms-proposed-lease-id"]


def test_who_may_not_write_gets_a_reason_and_holds_nothing(scripted: PackageStore, server: Script) -> None:
    denied = Reply(403, headers={"x-ms-error-code": "AuthorizationPermissionMismatch"})
    server.says(denied)
    with pytest.raises(Denied, match="Storage Blob Data Contributor"):
        take(scripted, ALICE)
    server.says(TAKEN, denied, Reply(200))
    with pytest.raises(Denied):
        take(scripted, ALICE)
    assert server.asked[-1].headers["x-ms-lease-action"] == "release"


def test_a_race_for_a_broken_lock_has_one_winner(scripted: PackageStore, server: Script) -> None:
    properties = Reply(200, headers={"x-ms-meta-who": "bob%40laptop", "Last-Modified": "Sun, 29 Nov 2026 20:00:00 GMT"})
    gone = Reply(409, headers={"x-ms-error-code": "LeaseNotPresentWithLeaseOperation"})
    server.says(BUSY, properties, gone, BUSY, properties)
    assert take(scripted, ALICE, breaking=True) == Holder(who="bob@laptop")


def test_another_conflict_is_said(scripted: PackageStore, server: Script) -> None:
    server.says(Reply(409, headers={"x-ms-error-code": "SnapshotsPresent"}))
    with pytest.raises(Exception, match="SnapshotsPresent"):
        take(scripted, ALICE)


def test_a_holder_is_what_it_says_and_no_more() -> None:
    assert Holder.of(ALICE.marks()) == ALICE
    assert Holder.of({**Holder(who="bjørn@høst").marks(), "else": "x"}) == Holder(who="bjørn@høst")
    assert all(word.isascii() for word in Holder(who="bjørn").marks().values())
    assert str(Holder()) == "somebody who did not say who it is"
    assert Holder.of(None) == Holder()
    hostile = Holder.of({"job": "https://e.example/x?sig=CANARY", "who": "a" * 9999})
    assert "CANARY" not in str(hostile)
    assert len(hostile.who) == 200
