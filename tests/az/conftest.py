"""The real azure-cli against the emulator over https; opt-in, for it takes a minute and an environment of its own.

``VMAPPS_AZ=1`` switches these tests on; ``VMAPPS_AZ_VENV`` is a virtual environment in which azure-cli is installed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from az.client import Az, seed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("VMAPPS_AZ") == "1":
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="opt-in: VMAPPS_AZ=1"))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """An emulator with https: its address and the folder with its certificate and its log."""
    folder = tmp_path_factory.mktemp("az")
    (folder / "seed.json").write_text(json.dumps(seed()), encoding="utf-8")
    flags = ["--tls", "--ca-out", "ca.pem", "--seed", "seed.json", "--access-log", "log", "--polls", "1"]
    command = [sys.executable, "-m", "vmapps_emulator", *flags]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), folder
        process.terminate()
        assert process.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def az(emulator: tuple[str, Path]) -> Az:
    """azure-cli, with the emulator as its cloud, signed in as a managed identity."""
    url, folder = emulator
    command = Path(os.environ["VMAPPS_AZ_VENV"]) / "bin" / "az"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AZURE_CONFIG_DIR": str(folder / "azure"),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "NO_PROXY": "127.0.0.1",
        "REQUESTS_CA_BUNDLE": str(folder / "ca.pem"),
        "IDENTITY_ENDPOINT": f"{url}/msi/token",
        "IDENTITY_HEADER": "anything",
    }
    client = Az(str(command), environment, folder / "log")
    client("cloud", "register", "--name", "emulator", "--endpoint-resource-manager", url)
    client("cloud", "set", "--name", "emulator")
    client("login", "--identity")
    return client
