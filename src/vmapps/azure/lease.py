"""The lock of a project: a lease on a blob in its package store, so that two runs never write at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from vmapps.azure.blobs import PackageStore
from vmapps.azure.failures import scrubbed, spoken
from vmapps.azure.uploads import error_code
from vmapps.errors import Changed, CloudFailure, Conflicted, Missing

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobLeaseClient

LASTS = 60
"""Seconds that a lease lasts without a renewal, the longest that the service gives [Lease Blob, REST reference]."""

EVERY = LASTS / 3
"""Seconds between two renewals."""

AGAIN = 5.0
"""Seconds until a renewal without an answer is tried again."""

PATIENCE = 5
"""Seconds that one request about the lease may wait for a connection, and for its answer."""

SOON: Mapping[str, Any] = {"retry_total": 0, "connection_timeout": PATIENCE, "read_timeout": PATIENCE}

WORD = 200
"""The longest word of a holder that is kept and shown."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, in the holder's own words: `run` names the run, `job` is the URL of a CI job."""

    run: str = ""
    who: str = ""
    job: str = ""
    since: str = ""

    def marks(self) -> dict[str, str]:
        """As a blob's metadata, which takes ASCII only."""
        words = {"run": self.run, "who": self.who, "job": self.job, "since": self.since}
        return {name: quote(word[:WORD], safe="/:@.-") for name, word in words.items() if word}

    @classmethod
    def of(cls, marks: Mapping[str, str] | None) -> Holder:
        """From a blob's metadata, which anybody may have written."""
        words = {name: scrubbed(unquote(word))[:WORD] for name, word in (marks or {}).items()}
        return cls(*(words.get(name, "") for name in ("run", "who", "job", "since")))

    def __str__(self) -> str:
        told = [self.who or "somebody who did not say who it is"]
        if self.run:
            told.append(f"run {self.run}")
        if self.job:
            told.append(self.job)
        if self.since:
            told.append(f"since {self.since}")
        return ", ".join(told)


class Lease:
    """A lock that is held: renewed by a thread of its own until it is released, or lost (`lost` says why).

    `broke` is whose lock was broken to get it.
    """

    def __init__(
        self,
        store: PackageStore,
        lease: BlobLeaseClient,
        *,
        broke: Holder | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.broke = broke
        self.lost = ""
        self._store = store
        self._lease = lease
        self._clock = clock
        self._until = clock() + LASTS
        self._released = threading.Event()
        self._watcher: Callable[[str], None] = lambda _why: None
        self._telling = threading.Lock()

    def keep(self) -> None:
        """Begin to renew it."""
        threading.Thread(target=self._kept, name="lease", daemon=True).start()

    def on_lost(self, watcher: Callable[[str], None]) -> None:
        """Tell this watcher, once, when the lock is lost: at once when it is already."""
        with self._telling:
            self._watcher = watcher
            if self.lost:
                watcher(self.lost)

    def beat(self) -> float:
        """Renew it once; the seconds until the next time, 0 when it is lost."""
        asked = self._clock()
        try:
            with _spoken(self._store):
                self._lease.renew(**SOON)
        except (Changed, Conflicted, Missing):
            return self._lose(f"it was taken over by {_holder(self._store)}")
        except CloudFailure as failure:
            if self._clock() + AGAIN + 2 * PATIENCE >= self._until:
                return self._lose(f"it could not be renewed in time: {failure}")
            return AGAIN
        self._until = asked + LASTS
        return EVERY

    def release(self) -> None:
        """Give it back, and the connections; without an answer it ends by itself within a minute."""
        self._released.set()
        with suppress(CloudFailure), _spoken(self._store):
            if not self.lost:
                self._lease.release(**SOON)
        self._store.close()

    def _kept(self) -> None:
        pause = EVERY
        while pause and not self._released.wait(pause):
            pause = self.beat()

    def _lose(self, why: str) -> float:
        with self._telling:
            if not self._released.is_set():
                self.lost = why
                self._watcher(why)
        return 0.0


def take(store: PackageStore, me: Holder, *, breaking: bool = False) -> Lease | Holder:
    """The lock of the store's owner, or who holds it; the lease that is given closes the store in the end.

    With `breaking` another's lock is broken. Raises CloudFailure when the store does not let us.
    """
    from azure.storage.blob import BlobLeaseClient

    blob = _blob(store)
    lease, broke = BlobLeaseClient(blob), None
    with _spoken(store):
        if not _acquired(store, blob, lease):
            broke = _holder(store)
            if not breaking:
                return broke
            _break(blob)
            if not _acquired(store, blob, lease):
                return _holder(store)
    held = Lease(store, lease, broke=broke)
    try:
        with _spoken(store):
            blob.set_blob_metadata(me.marks(), lease=lease)
    except CloudFailure:
        held.release()
        raise
    return held


def lock_name(owner: str) -> str:
    """The name of the blob that a project's runs lock."""
    return f"locks/{quote(owner, safe='')}"


def _acquired(store: PackageStore, blob: BlobClient, lease: BlobLeaseClient) -> bool:
    """Whether the lease is ours now; the blob, and the container, are made when they are not there."""
    from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

    try:
        try:
            lease.acquire(LASTS)
        except ResourceNotFoundError as error:
            if error_code(error) == "ContainerNotFound":
                store.create_container()
            _create(store, blob)
            lease.acquire(LASTS)
    except ResourceExistsError as error:
        if error_code(error) not in ("LeaseAlreadyPresent", "LeaseIsBreakingAndCannotBeAcquired"):
            raise
        return False
    return True


def _create(store: PackageStore, blob: BlobClient) -> None:
    """Make the blob, of the type that the store's account surely takes; another run may be faster."""
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceExistsError, ResourceModifiedError

    with suppress(ResourceExistsError, ResourceModifiedError):
        if store.store.blob_type == "page":
            blob.create_page_blob(0, match_condition=MatchConditions.IfMissing)
        else:
            blob.upload_blob(b"", overwrite=False)


def _break(blob: BlobClient) -> None:
    """End the lease that is there, at once; it may just have ended."""
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import BlobLeaseClient

    with suppress(ResourceExistsError):
        BlobLeaseClient(blob).break_lease(lease_break_period=0)


def _holder(store: PackageStore) -> Holder:
    """Who says that it holds the lock; nobody, when that cannot be read."""
    with suppress(CloudFailure), _spoken(store):
        return Holder.of(_blob(store).get_blob_properties(**SOON).metadata)
    return Holder()


def _blob(store: PackageStore) -> BlobClient:
    return store.service.get_blob_client(store.store.container, lock_name(store.owner))


def _spoken(store: PackageStore) -> Any:
    return spoken(f"{store.store.account}/{store.store.container}/{lock_name(store.owner)}", store.store.account)
