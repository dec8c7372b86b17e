"""Which endpoint gets a token, what is said when there is no way to it, and what it costs to import the room."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from scripted_server import Reply, Script, scripted_server
from vmapps.azure import clients
from vmapps.azure.cloud import open_azure
from vmapps.azure.clouds import CLOUDS, checked
from vmapps.core.address import ArmId
from vmapps.errors import Denied, Error, Refused, Unreachable

HOME = "11111111-1111-1111-1111-111111111111"
GALLERY = ArmId(HOME, "rg", ("galleries",), ("platform",))


def item(arm_id: ArmId) -> dict[str, Any]:
    return {"id": str(arm_id), "name": arm_id.name, "location": "westus"}


def test_proxies_of_the_environment_are_not_used_for_this_machine(
    server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.says(Reply(body=item(GALLERY)))
    with open_azure(server.url, home=HOME) as cloud:
        assert cloud.read(GALLERY) is not None


def test_an_endpoint_that_is_down_is_named() -> None:
    with (
        open_azure("http://127.0.0.1:1", home=HOME) as cloud,
        pytest.raises(Unreachable, match=r"^http://127.0.0.1:1: the connection was refused \(is it running"),
    ):
        cloud.read(GALLERY)


@pytest.mark.parametrize(
    "url",
    [
        "http://management.azure.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example:1",
        "ftp://127.0.0.1",
        "management.azure.com",
        "https://user:secret@management.azure.com",
        "https://management.azure.com?x=secret",
        "http://127.0.0.1:port",
        "",
    ],
)
def test_an_endpoint_that_may_not_get_a_token_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        checked(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://management.azure.com/", "http://127.0.0.1:80", "http://[::1]:5", "http://localhost:1"]
)
def test_an_endpoint_that_may(url: str) -> None:
    assert checked(url) == url.rstrip("/")


def test_a_ca_file_that_is_not_there_is_said() -> None:
    with pytest.raises(Error, match=r"nowhere\.pem"):
        open_azure("https://127.0.0.1:1", home=HOME, ca_file="nowhere.pem")


def test_a_ca_file_that_is_none_is_said(secure: tuple[Script, str], tmp_path: Path) -> None:
    (tmp_path / "odd.pem").write_text("odd")
    with (
        open_azure(secure[0].url, home=HOME, ca_file=str(tmp_path / "odd.pem")) as cloud,
        pytest.raises(Unreachable, match=r"TLS|certificate|CA"),
    ):
        cloud.read(GALLERY)


class Token:
    """A credential that counts."""

    def __init__(self, answer: Any) -> None:
        self.asked: list[str] = []
        self.answer = answer

    def get_token(self, *scopes: str, **_: Any) -> Any:
        self.asked += scopes
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Script, str]]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with scripted_server(context) as server:
        yield server, str(tmp_path / "ca.pem")


def test_an_endpoint_elsewhere_gets_a_token_of_its_cloud(
    secure: tuple[Script, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, ca = secure
    server.says(Reply(body=item(GALLERY)))
    monkeypatch.setattr(clients, "is_loopback", lambda _: False)
    token = Token(SimpleNamespace(token="CANARY", expires_on=2**33))
    with open_azure(server.url, home=HOME, cloud="AzureChina", ca_file=ca, credential=token) as cloud:
        assert cloud.read(GALLERY) is not None
    assert server.asked[0].headers["Authorization"] == "Bearer CANARY"
    assert token.asked == [CLOUDS["AzureChina"].audience]
    assert "CANARY" not in repr(cloud)


def test_this_machines_endpoint_gets_none_even_over_tls(secure: tuple[Script, str]) -> None:
    server, ca = secure
    server.says(Reply(body=item(GALLERY)))
    token = Token(None)
    with open_azure(server.url, home=HOME, ca_file=ca, credential=token) as cloud:
        assert cloud.read(GALLERY) is not None
    assert token.asked == []
    assert "Authorization" not in server.asked[0].headers


def test_a_certificate_that_is_not_trusted_is_said(secure: tuple[Script, str]) -> None:
    with (
        open_azure(secure[0].url, home=HOME) as cloud,
        pytest.raises(Unreachable, match=r"certificate is not trusted \(give the CA with --ca-file\)"),
    ):
        cloud.read(GALLERY)


def test_nobody_signed_in_is_said_with_what_to_do(secure: tuple[Script, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    monkeypatch.setattr(clients, "is_loopback", lambda _: False)
    said = ClientAuthenticationError("DefaultAzureCredential failed to retrieve a token.\nAttempted: CANARY")
    with (
        open_azure(secure[0].url, home=HOME, ca_file=secure[1], credential=Token(said)) as cloud,
        pytest.raises(Denied, match=r"failed to retrieve a token.*az login") as caught,
    ):
        cloud.read(GALLERY)
    assert "CANARY" not in str(caught.value)
    assert secure[0].asked == []


def test_opening_the_real_azure_sends_nothing() -> None:
    with open_azure(home=HOME, cloud="AzureUSGovernment") as cloud:
        assert cloud.arm.endpoint == "https://management.usgovcloudapi.net"
        assert cloud.requests() == {}


def test_the_room_imports_no_sdk_until_it_speaks() -> None:
    code = (
        "import sys, vmapps.azure.cloud, vmapps.azure.blobs, vmapps.azure.families;"
        "print([name for name in sys.modules if name.split('.')[0] in ('azure', 'requests', 'msal')])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
