from __future__ import annotations

from collections.abc import Iterator

import pytest

from azurite_process import Azurite, azurite_over_http, azurite_over_https
from scripted_server import Script, scripted_server
from vmapps.azure.cloud import AzureCloud, open_azure

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"


@pytest.fixture
def server() -> Iterator[Script]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def cloud(server: Script) -> Iterator[AzureCloud]:
    with open_azure(server.url, home=SUBSCRIPTION) as opened:
        yield opened


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with azurite_over_http() as found:
        yield found


@pytest.fixture(scope="session")
def azurite_https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with azurite_over_https(tmp_path_factory.mktemp("tls")) as found:
        yield found
