"""From a local file to a published version: AzureCloud, the emulator and Azurite, each a process of its own."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from azurite_process import Azurite
from vmapps.azure.blobs import open_store
from vmapps.azure.cloud import AzureCloud, open_azure
from vmapps.core.address import ArmId
from vmapps.core.declaration import Package, Store
from vmapps.core.resource import Observed
from vmapps.core.settle import Put, Send
from vmapps.engine.ports import Done, Running
from vmapps.errors import Missing, Refused

HOME = "11111111-1111-1111-1111-111111111111"
SHA = hashlib.sha256(b"installer").hexdigest()


def finish(cloud: AzureCloud, write: Put | Send) -> None:
    ticket = cloud.begin(write)
    while isinstance(said := cloud.check(ticket), Running):
        continue
    assert said == Done()


@pytest.mark.parametrize("blob_type", ["block", "page"])
def test_a_package_is_uploaded_signed_and_published(
    emulator: str, azurite: Azurite, group: str, tmp_path: Path, blob_type: str
) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(b"installer")
    store = Store(azurite.url, f"packages-{blob_type}", blob_type)
    opened = open_store(store, owner="me.1", cloud="AzurePublic", now=lambda: datetime.now(UTC))
    packages = {SHA: Package(SHA, 9, path, "packages/a.tar.gz")}
    with open_azure(emulator, home=HOME, store=opened, packages=packages) as cloud:
        gallery = ArmId(HOME, group, ("galleries",), (f"{blob_type}{group[3:]}",))
        application = gallery.child("applications", "nginx")
        version = application.child("versions", "1.0.0")
        where: Any = {"location": "westeurope"}
        finish(cloud, Put(gallery, {**where, "properties": {}}))
        finish(cloud, Put(application, {**where, "properties": {"supportedOSType": "Linux"}}))
        profile: Any = {
            "source": {"mediaLink": store.link(SHA)},
            "manageActions": {"install": "./i", "remove": "./r"},
            "targetRegions": [{"name": "westeurope"}],
        }
        write = Put(version, {**where, "properties": {"publishingProfile": profile}})
        with pytest.raises((Refused, Missing)) as caught:
            finish(cloud, write)
        assert "sig=" not in str(caught.value)
        assert cloud.present([SHA]) == frozenset()
        finish(cloud, Send(SHA))
        assert cloud.present([SHA]) == {SHA}
        finish(cloud, write)
        found = cloud.read(version)
        assert isinstance(found, Observed)
        assert "sig=" not in repr(found)
        properties: Any = found.body["properties"]
        assert properties["publishingProfile"]["source"]["mediaLink"].url == store.link(SHA).url
