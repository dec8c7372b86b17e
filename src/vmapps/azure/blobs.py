"""The package store: blobs named after their content, so that what is there need not be sent again."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vmapps import __version__
from vmapps.azure.clients import RETRIES, credential, transport
from vmapps.azure.clouds import checked, is_loopback
from vmapps.azure.failures import spoken
from vmapps.azure.sas import Delegation, Proof, by_account_key, policy_signature, signature
from vmapps.azure.uploads import Whole, error_code, guard, send_blocks, send_pages
from vmapps.core.declaration import Package, Store, blob_name
from vmapps.errors import Conflicted, Error, Refused

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobServiceClient

SERVICE_VERSION = "2025-11-05"
"""The newest that Azurite knows."""

AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The well-known account of the storage emulators, printed in Microsoft's documentation: it protects nothing."""


@dataclass(frozen=True, slots=True)
class PackageStore:
    """A container of packages; `owner` is the mark on those that we send.

    `proof` is None when the gallery reads with its own identity (`access: identity`), `key` when there is no account
    key: only that can sign by a stored policy.
    """

    store: Store
    owner: str
    account: str
    service: BlobServiceClient
    proof: Proof | None = field(repr=False)
    key: Proof | None = field(repr=False)
    now: Callable[[], datetime]
    parallelism: int = 8

    def present(self, packages: Sequence[str]) -> frozenset[str]:
        """Which of these packages (by sha256) are there as a whole: one small request each."""
        from azure.core.tracing.common import with_current_context

        with ThreadPoolExecutor(max_workers=max(1, self.parallelism)) as workers:
            states = list(workers.map(with_current_context(self._look), packages))
        return frozenset(sha for sha, state in zip(packages, states, strict=True) if state.whole)

    def upload(self, package: Package) -> None:
        """Send a package unless it is there; raises CloudFailure when it is not there as a whole afterwards."""
        found = self._look(package.sha256)
        if found.whole:
            return
        if not found.container:
            self.create_container()
        send = send_pages if self.store.blob_type == "page" else send_blocks
        with spoken(self._scope(package.sha256), self.store.account):
            send(self._blob(package.sha256), package, found, self.owner)
        if not self._look(package.sha256).whole:
            raise Conflicted(
                "another run is uploading the same package", scope=self._scope(package.sha256), hint="try again"
            )

    def stored(self) -> frozenset[str]:
        """The sha256 of every whole package that carries our mark; a container that is not there has none."""
        from azure.core.exceptions import ResourceNotFoundError

        scope = f"{self.store.account}/{self.store.container}"
        container = self.service.get_container_client(self.store.container)
        with spoken(scope, self.store.account):
            try:
                found = list(container.list_blobs(name_starts_with=blob_name(""), include=["metadata"]))
            except ResourceNotFoundError as error:
                if error_code(error) != "ContainerNotFound":
                    raise
                return frozenset()
        named = ((one.name.removeprefix(blob_name("")), one) for one in found)
        judged = ((sha256, Whole.of(one, sha256)) for sha256, one in named)
        return frozenset(sha256 for sha256, state in judged if state.whole and state.owner == self.owner)

    def drop(self, sha256: str) -> None:
        """Delete a package if it is still there; raises Refused when it does not carry our mark."""
        from azure.core.exceptions import ResourceNotFoundError

        found = self._look(sha256)
        if not found.etag:
            return
        if found.owner != self.owner:
            raise Refused("the package does not carry our mark any more", scope=self._scope(sha256), hint="plan again")
        with spoken(self._scope(sha256), self.store.account), suppress(ResourceNotFoundError):
            self._blob(sha256).delete_blob(**guard(found))

    def signed(self, sha256: str, access: str = "") -> str:
        """The URL that a package is read from, with a signature of its own; never to be shown or kept.

        `access` as in a link: a package is read by its gallery right after the write, a configuration by machines
        months later.
        """
        url = self._scope(sha256)
        if access == "public":
            return url
        proof, sign = (self._lasting(url), policy_signature) if access == "storedPolicy" else (self.proof, signature)
        if proof is None:
            return url
        where, secure = (self.account, self.store.container, blob_name(sha256)), url.startswith("https:")
        with spoken(url, self.store.account):
            query = sign(*where, proof=proof, now=self.now(), https_only=secure)
        return f"{url}?{query}"

    def close(self) -> None:
        """Give the connections back."""
        self.service.close()

    def _lasting(self, url: str) -> Proof:
        """What signs by a stored policy: a user delegation cannot, and would end too early."""
        if self.key is None:
            raise Refused(
                "a signature by a stored access policy needs the storage account's key",
                scope=url,
                hint="set AZURE_STORAGE_KEY, or use packageStore.configurationAccess: public",
            )
        return self.key

    def _scope(self, sha256: str) -> str:
        return self.store.link(sha256).url

    def _blob(self, sha256: str) -> BlobClient:
        return self.service.get_blob_client(self.store.container, blob_name(sha256))

    def _look(self, sha256: str) -> Whole:
        """What is there under a package's name."""
        from azure.core.exceptions import ResourceNotFoundError

        with spoken(self._scope(sha256), self.store.account):
            try:
                found = self._blob(sha256).get_blob_properties()
            except ResourceNotFoundError as error:
                return Whole(container=error_code(error) != "ContainerNotFound")
            return Whole.of(found, sha256)

    def is_there(self) -> bool:
        """Whether the container is there; raises CloudFailure when the account cannot be asked."""
        with spoken(f"{self.store.account}/{self.store.container}", self.store.account):
            return bool(self.service.get_container_client(self.store.container).exists())

    def create_container(self) -> None:
        """Create the container, or find that another run just did."""
        from azure.core.exceptions import ResourceExistsError

        with spoken(f"{self.store.account}/{self.store.container}", self.store.account):
            try:
                self.service.create_container(self.store.container)
            except ResourceExistsError:
                return


def open_store(
    store: Store,
    *,
    owner: str,
    cloud: str,
    now: Callable[[], datetime],
    key: str = "",
    ca_file: str = "",
    parallelism: int = 8,
    token: Any = None,
) -> PackageStore:
    """The package store of a project with that owner mark; sends nothing. Raises Error when nobody could sign in there.

    `key` is the storage account's (AZURE_STORAGE_KEY); the emulators' well-known account on this machine has its
    own, and never gets another's. Without a key, whoever is signed in (`token` in tests) writes, and signs by
    user delegation.
    """
    url = checked(store.account)
    account = account_name(url)
    known = "" if token else AZURITE_KEY if is_loopback(url) and account == AZURITE_ACCOUNT else usable(key)
    if url.startswith("http:") and not known:
        raise Error(
            f"{url}: a token is not sent over plain http. An emulator's account is part of its URL, as in "
            f"http://127.0.0.1:10000/{AZURITE_ACCOUNT}; another account there needs AZURE_STORAGE_KEY"
        )
    service = blob_service(url, _who(account, known, token, cloud, ca_file), parallelism, ca_file)
    by_key = by_account_key(known) if known else None
    proof = (by_key or Delegation(service, now).proof) if store.access == "sas" else None
    return PackageStore(store, owner, account, service, proof, by_key, now, parallelism)


def usable(key: str) -> str:
    """The key of an account, which is base64; "" when there is none."""
    try:
        b64decode(key, validate=True)
    except ValueError as error:
        raise Error("AZURE_STORAGE_KEY is not the key of a storage account: copy it again") from error
    return key


def account_name(url: str) -> str:
    """The storage account: the first label of the host, or on this machine the first part of the path."""
    parts = urlsplit(url)
    return parts.path.strip("/").partition("/")[0] if is_loopback(url) else (parts.hostname or "").partition(".")[0]


def _who(account: str, key: str, token: Any, cloud: str, ca_file: str) -> Any:
    from azure.core.credentials import AzureNamedKeyCredential

    return AzureNamedKeyCredential(account, key) if key else token or credential(cloud, ca_file)


def blob_service(url: str, who: Any, parallelism: int, ca_file: str) -> BlobServiceClient:
    """The real client, with the SDK's own retries as the only ones."""
    from azure.storage.blob import BlobServiceClient, ExponentialRetry

    pause = 0 if is_loopback(url) else 1
    return BlobServiceClient(
        url,
        credential=who,
        api_version=SERVICE_VERSION,
        transport=transport(url, parallelism, ca_file),
        permit_redirects=False,
        user_agent=f"vmapps/{__version__}",
        retry_policy=ExponentialRetry(
            initial_backoff=pause, increment_base=2 * pause, retry_total=RETRIES, random_jitter_range=pause
        ),
    )
