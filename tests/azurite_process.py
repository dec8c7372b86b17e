"""Azurite, the real blob service, as a process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

INSTALLED = Path(__file__).parents[1] / "tools/azurite/node_modules/azurite/dist/src/blob/main.js"


@dataclass(frozen=True)
class Azurite:
    """`ca` is the file to trust, empty for plain http."""

    url: str
    ca: str = ""


def azurite_script() -> Path:
    """Azurite's start file; skips where it is not installed, which only a developer's machine may be."""
    script = Path(os.environ.get("VMAPPS_AZURITE") or INSTALLED)
    if script.exists() and shutil.which("node"):
        return script
    reason = "Azurite is not installed: make setup, or VMAPPS_AZURITE=…/azurite/dist/src/blob/main.js"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running(script: Path, *options: str) -> Iterator[int]:
    """Azurite on a port of its own, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["node", str(script), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        said = ""
        while "successfully listens" not in said:
            line = process.stdout.readline()
            said += line
            assert line, f"Azurite ended: {said}"
        yield port
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def azurite_over_http() -> Iterator[Azurite]:
    """With its well-known account and key."""
    with running(azurite_script()) as port:
        yield Azurite(f"http://127.0.0.1:{port}/devstoreaccount1")


@contextmanager
def azurite_over_https(folder: Path) -> Iterator[Azurite]:
    """With TLS and OAuth: the only way to a user delegation key. `folder` takes the certificates."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    ca, key, chain = folder / "ca.pem", folder / "key.pem", folder / "chain.pem"
    authority.cert_pem.write_to_path(str(ca))
    server.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    with running(azurite_script(), "--oauth", "basic", "--cert", str(chain), "--key", str(key)) as port:
        yield Azurite(f"https://127.0.0.1:{port}/devstoreaccount1", str(ca))
