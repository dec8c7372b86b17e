"""The store's list and its signatures, where the contract cannot look: half-sent blobs, stored policies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest

from azurite_process import Azurite
from scripted_server import Reply, Script
from vmapps.azure.blobs import PackageStore, open_store
from vmapps.azure.cloud import open_azure
from vmapps.azure.uploads import Whole
from vmapps.core.address import ArmId
from vmapps.core.declaration import Package, Store, blob_name
from vmapps.core.settle import PutEntries
from vmapps.errors import Changed, Denied, Refused

NOW = datetime.now(UTC)
CONTAINERS = count()
SHA = hashlib.sha256(b"conf").hexdigest()
REAL = "https://contosopkgs.blob.core.windows.net"
HOME = "11111111-1111-1111-1111-111111111111"


def opened(url: str, container: str = "", **options: Any) -> PackageStore:
    store = Store(url, container or f"lasting-{next(CONTAINERS)}", configuration_access=options.pop("lasting", ""))
    return open_store(store, owner="me.1", cloud="AzurePublic", now=lambda: NOW, **options)


@pytest.fixture
def store(azurite: Azurite, tmp_path: Path) -> Iterator[PackageStore]:
    """A store with one package of ours."""
    path = tmp_path / "web.conf"
    path.write_bytes(b"conf")
    with closing(opened(azurite.url)) as found:
        found.upload(Package(SHA, 4, path, "conf/web.conf"))
        yield found


def status_of(url: str) -> int:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def test_only_whole_packages_with_our_mark_are_listed(store: PackageStore) -> None:
    container = store.service.get_container_client(store.store.container)
    whole = {"sha256": "a" * 64, "length": "2", "owner": "me.1"}
    for name, marks in {
        blob_name("a" * 64): {**whole, "length": "3"},
        blob_name("b" * 64): whole,
        blob_name("c" * 64): {"sha256": "c" * 64, "length": "2"},
        blob_name("d" * 64): {"sha256": "d" * 64, "length": "2", "owner": "me.10"},
        blob_name("e" * 64): {},
        "a" * 64: whole,
    }.items():
        container.upload_blob(name, b"hi", metadata=marks)
    assert store.stored() == {SHA}


def test_a_list_that_is_refused_is_said(store: PackageStore) -> None:
    with closing(opened(store.store.account, store.store.container)) as found:
        found.service.credential.account_key = "d3Jvbmc="  # type: ignore[union-attr]
        with pytest.raises(Denied) as caught:
            found.stored()
    assert "d3Jvbmc=" not in str(caught.value)


def test_a_package_that_was_sent_anew_meanwhile_is_not_deleted(
    store: PackageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Whole(whole=True, etag='"0x0"', owner="me.1")
    with monkeypatch.context() as patched:
        patched.setattr(PackageStore, "_look", lambda *_: old)
        with pytest.raises(Changed):
            store.drop(SHA)
    assert store.stored() == {SHA}


def test_a_public_configuration_has_its_plain_url(store: PackageStore) -> None:
    assert store.signed(SHA, "public") == f"{store.store.account}/{store.store.container}/sha256/{SHA}"


def test_a_stored_policy_is_named_and_decides(store: PackageStore) -> None:
    from azure.storage.blob import AccessPolicy

    url = store.signed(SHA, "storedPolicy")
    said = parse_qs(urlsplit(url).query)
    assert said["si"] == ["vmapps"]
    assert not {"se", "sp", "st"} & said.keys()
    assert status_of(url) == 403
    container = store.service.get_container_client(store.store.container)
    policy = AccessPolicy(permission="r", start=NOW - timedelta(hours=1), expiry=NOW + timedelta(days=400))
    container.set_container_access_policy({"vmapps": policy})
    assert status_of(url) == 200
    container.set_container_access_policy({})
    assert status_of(url) == 403


def test_a_stored_policy_is_signed_for_https_only_by_the_key_also_when_the_gallery_reads_by_identity() -> None:
    store = Store(REAL, "x", access="identity")
    with closing(open_store(store, owner="me.1", cloud="AzurePublic", now=lambda: NOW, key="d3Jvbmc=")) as found:
        assert found.signed(SHA) == f"{REAL}/x/sha256/{SHA}"
        url = found.signed(SHA, "storedPolicy")
    said = parse_qs(urlsplit(url).query)
    assert (said["spr"], said["si"], said["sr"]) == (["https"], ["vmapps"], ["b"])


def test_without_the_key_a_stored_policy_is_refused_with_what_to_do() -> None:
    token = SimpleNamespace(get_token=lambda *_, **__: pytest.fail("nobody may be asked"))
    with closing(opened(REAL, "x", token=token)) as found:
        with pytest.raises(Refused, match=r"needs the storage account's key \(set AZURE_STORAGE_KEY, or use") as caught:
            found.signed(SHA, "storedPolicy")
        assert caught.value.scope == f"{REAL}/x/sha256/{SHA}"
        assert found.signed(SHA, "public") == caught.value.scope


@pytest.mark.parametrize(("lasting", "query"), [("public", ""), ("storedPolicy", "si=vmapps")])
def test_entries_get_the_lasting_url(server: Script, lasting: str, query: str) -> None:
    machine = ArmId(HOME, "rg", ("virtualMachines",), ("web-01",))
    with (
        closing(opened(REAL, "x", lasting=lasting, key="d3Jvbmc=")) as found,
        open_azure(server.url, home=HOME, store=found) as cloud,
    ):
        server.says(Reply(200))
        entry: Any = {"packageReferenceId": "/Y", "configurationReference": found.store.lasting_link(SHA)}
        cloud.begin(PutEntries(machine, (entry,), ""))
    sent = json.loads(server.asked[0].body)["properties"]["applicationProfile"]["galleryApplications"][0]
    url, _, signed = sent["configurationReference"].partition("?")
    assert url == f"{REAL}/x/sha256/{SHA}"
    assert query in signed
    assert bool(signed) is bool(query)
