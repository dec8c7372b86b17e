"""What is in the store, and its deletion: the memory cloud and AzureCloud over Azurite keep the same contract."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from azurite_process import Azurite
from memory_cloud import MemoryCloud
from vmapps.azure.blobs import open_store
from vmapps.azure.cloud import open_azure
from vmapps.core.declaration import Package, Store
from vmapps.core.settle import Drop, Send
from vmapps.engine.ports import Cloud
from vmapps.errors import Refused

CONTAINERS = count()
CONTENTS = (b"one", b"two", b"three")
SHAS = tuple(hashlib.sha256(content).hexdigest() for content in CONTENTS)
Open = Callable[[str], Cloud]


@pytest.fixture(params=["memory", "block", "page"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens one store as one owner or another."""
    if request.param == "memory":
        blobs: set[str] = set()
        yield lambda _owner: in_memory(blobs)
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    store = Store(azurite.url, f"stored-{next(CONTAINERS)}", request.param)
    for content in CONTENTS:
        (tmp_path / content.decode()).write_bytes(content)
    packages = {
        sha: Package(sha, len(content), tmp_path / content.decode(), f"packages/{content.decode()}")
        for sha, content in zip(SHAS, CONTENTS, strict=True)
    }
    with ExitStack() as stack:

        def over_http(owner: str) -> Cloud:
            there = open_store(store, owner=owner, cloud="AzurePublic", now=lambda: datetime.now(UTC))
            return stack.enter_context(open_azure("http://127.0.0.1:1", home="1", store=there, packages=packages))

        yield over_http


def in_memory(blobs: set[str]) -> MemoryCloud:
    cloud = MemoryCloud()
    cloud.blobs = blobs
    return cloud


def test_a_store_that_nobody_used_is_empty(opened: Open) -> None:
    assert opened("me.1").stored() == frozenset()


def test_what_was_sent_is_stored_until_it_is_dropped(opened: Open) -> None:
    cloud = opened("me.1")
    for sha in SHAS:
        assert cloud.begin(Send(sha)).poll == ""
    assert cloud.stored() == frozenset(SHAS)
    assert cloud.begin(Drop(SHAS[0])).poll == ""
    assert cloud.stored() == frozenset(SHAS[1:])
    assert cloud.present(SHAS) == frozenset(SHAS[1:])


def test_what_is_gone_is_dropped_already(opened: Open) -> None:
    cloud = opened("me.1")
    cloud.begin(Drop(SHAS[0]))
    cloud.begin(Send(SHAS[0]))
    cloud.begin(Drop(SHAS[0]))
    cloud.begin(Drop(SHAS[0]))
    assert cloud.present(SHAS) == frozenset()


def test_what_others_sent_is_never_ours(opened: Open) -> None:
    theirs, ours = opened("they.2"), opened("me.1")
    theirs.begin(Send(SHAS[0]))
    ours.begin(Send(SHAS[0]))
    ours.begin(Send(SHAS[1]))
    assert ours.present(SHAS) == frozenset(SHAS[:2])
    assert ours.stored() == frozenset(SHAS[1:2])
    with pytest.raises(Refused, match="does not carry our mark"):
        ours.begin(Drop(SHAS[0]))
    assert theirs.stored() == frozenset(SHAS[:1])
