"""The emulator as a process of its own, once for all tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import count

import pytest

from azurite_process import Azurite, azurite_over_http
from specification.watch import watched_log
from vmapps.azure.cloud import AzureCloud, open_azure

HOME = "11111111-1111-1111-1111-111111111111"
NUMBERS = count()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, "-m", "vmapps_emulator", "--port", "0", "--page-size", "2", "--retry-after-ms", "1"]
    with watched_log(tmp_path_factory.mktemp("emulator") / "answers.jsonl") as log:
        process = subprocess.Popen([*command, "--response-log", str(log)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), "the emulator did not start"
        yield url
        process.terminate()
        process.communicate()


@pytest.fixture
def cloud(emulator: str) -> Iterator[AzureCloud]:
    with open_azure(emulator, home=HOME) as opened:
        yield opened


@pytest.fixture
def group(cloud: AzureCloud) -> str:
    """A resource group of the test's own."""
    name = f"rg-{next(NUMBERS)}"
    url = f"{cloud.arm.endpoint}/subscriptions/{HOME}/resourcegroups/{name}?api-version=2024-11-01"
    assert cloud.arm.ask("PUT", url, b'{"location":"westeurope"}').status in (200, 201)
    return name


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with azurite_over_http() as found:
        yield found
