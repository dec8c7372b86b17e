"""Azurite, the real blob service, as a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

import local_azure


@dataclass(frozen=True)
class Azurite:
    """`ca` is the file to trust, empty for plain http."""

    url: str
    ca: str = ""


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Azurite on a port of its own; skips where it is missing, which only a developer's machine may be."""
    if not Path(os.environ.get("VMAPPS_AZURITE", local_azure.AZURITE)).exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("Azurite is not installed: make azurite")
    with local_azure.azurite(*options) as url:
        yield url


@contextmanager
def azurite_over_http() -> Iterator[Azurite]:
    """With its well-known account and key."""
    with running() as url:
        yield Azurite(url)


@contextmanager
def azurite_over_https(folder: Path) -> Iterator[Azurite]:
    """With TLS and OAuth: the only way to a user delegation key. `folder` takes the certificates."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    ca, key, chain = folder / "ca.pem", folder / "key.pem", folder / "chain.pem"
    authority.cert_pem.write_to_path(str(ca))
    server.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    with running("--oauth", "basic", "--cert", str(chain), "--key", str(key)) as url:
        yield Azurite(url, str(ca))
