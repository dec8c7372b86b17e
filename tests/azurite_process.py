"""Azurite, the real blob service, as a process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

INSTALLED = Path(__file__).parents[1] / "tools/azurite/node_modules/azurite/dist/src/blob/main.js"
LISTENING = re.compile(r"successfully listens on (https?://\S+)")


@dataclass(frozen=True)
class Azurite:
    """`ca` is the file to trust, empty for plain http."""

    url: str
    ca: str = ""


def installed() -> tuple[str, str]:
    """Node and Azurite's start file; skips where they are missing, which only a developer's machine may be."""
    script = Path(os.environ.get("VMAPPS_AZURITE") or INSTALLED)
    beside = Path(sys.executable).parent / "node"
    node = shutil.which("node") or str(beside)
    if script.exists() and Path(node).exists():
        return node, str(script)
    reason = "Azurite is not installed: make setup, or VMAPPS_AZURITE=…/azurite/dist/src/blob/main.js"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Azurite on a port of its own, until the end of the block."""
    node, script = installed()
    command = [
        node,
        script,
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        "0",
        "--inMemoryPersistence",
        "--disableTelemetry",
    ]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, f"Azurite ended with {process.wait()}"
            found = LISTENING.search(line)
        yield f"{found[1]}/devstoreaccount1"
    finally:
        process.terminate()
        process.communicate()


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
