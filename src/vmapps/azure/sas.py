"""Read-only signatures for packages: minted for one write, valid for a day, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, UserDelegationKey

VALID = timedelta(hours=24)
SKEW = timedelta(minutes=15)
"""How far the service's clock may be behind ours."""

KEY_VALID = timedelta(days=2)
"""A user delegation key may live seven days; a signature must not outlive its key."""

POLICY = "vmapps"
"""The name of the stored access policy, on the store's container, that signs for configurations: it may be renewed and
revoked there, while the entries that name it stand for months (product.md, "Links and secrets")."""

Proof: TypeAlias = Callable[[datetime], dict[str, Any]]
"""What the SDK signs with, for a signature that is valid until then."""


def by_account_key(key: str) -> Proof:
    """Sign with the storage account's key."""
    return lambda _: {"account_key": key}


class Delegation:
    """Signs with a key that the service gives to whoever is signed in; one key serves many signatures."""

    def __init__(self, service: BlobServiceClient, now: Callable[[], datetime]) -> None:
        self._service = service
        self._now = now
        self._lock = Lock()
        self._key: UserDelegationKey | None = None
        self._until: datetime | None = None

    def proof(self, until: datetime) -> dict[str, Any]:
        """A new key is asked for when the old one would end too early."""
        with self._lock:
            if self._until is None or self._until < until:
                start, end = self._now() - SKEW, self._now() + KEY_VALID
                self._key, self._until = self._service.get_user_delegation_key(start, end), end
            return {"user_delegation_key": self._key}


def signature(account: str, container: str, blob: str, *, proof: Proof, now: datetime, https_only: bool) -> str:
    """The query that lets its holder read one blob until tomorrow."""
    from azure.storage.blob import BlobSasPermissions, generate_blob_sas

    return generate_blob_sas(
        account,
        container,
        blob,
        permission=BlobSasPermissions(read=True),
        start=now - SKEW,
        expiry=now + VALID,
        protocol="https" if https_only else "https,http",
        **proof(now + VALID),
    )


def policy_signature(account: str, container: str, blob: str, *, proof: Proof, now: datetime, https_only: bool) -> str:
    """The query that lets its holder do with one blob what the container's stored policy says, for as long."""
    from azure.storage.blob import generate_blob_sas

    return generate_blob_sas(
        account,
        container,
        blob,
        policy_id=POLICY,
        protocol="https" if https_only else "https,http",
        **proof(now),
    )
