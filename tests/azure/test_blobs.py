"""The package store against Azurite: real requests, real signatures."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest

from azurite_process import Azurite
from stores import NOW, Jwt, opened
from vmapps.azure import blobs, uploads
from vmapps.azure.blobs import PackageStore, account_name
from vmapps.core.declaration import Package, blob_name
from vmapps.errors import CloudFailure, Conflicted, Denied, Error, Missing, Refused, Unreachable


def package(folder: Path, content: bytes, name: str = "app.tar.gz") -> Package:
    path = folder / name
    path.write_bytes(content)
    return Package(hashlib.sha256(content).hexdigest(), len(content), path, f"packages/{name}")


def fetch(url: str, ca: str = "") -> tuple[int, bytes]:
    """A plain HTTP GET, as the gallery service does one."""
    context = ssl.create_default_context(cafile=ca) if ca else None
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
    try:
        with opener.open(Request(url), timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture(params=["block", "page"])
def store(request: pytest.FixtureRequest, azurite: Azurite) -> Iterator[PackageStore]:
    name = f"c{abs(hash(request.node.name)):x}"
    with closing(opened(azurite, name, blob_type=request.param)) as found:
        yield found


def test_an_upload_makes_the_container_and_is_read_back_by_its_signature(store: PackageStore, tmp_path: Path) -> None:
    one = package(tmp_path, b"installer" * 1000)
    assert store.present([one.sha256]) == frozenset()
    store.upload(one)
    assert store.present([one.sha256, "0" * 64]) == {one.sha256}
    status, body = fetch(store.signed(one.sha256))
    assert (status, body[: one.size], body[one.size :].strip(b"\0")) == (200, b"installer" * 1000, b"")
    assert len(body) == (one.size if store.store.blob_type == "block" else uploads.padded(one.size))


def test_marks_carry_the_true_length_and_hash(store: PackageStore, tmp_path: Path) -> None:
    one = package(tmp_path, b"x" * 513)
    store.upload(one)
    found = store.service.get_blob_client(store.store.container, blob_name(one.sha256)).get_blob_properties()
    assert found.metadata == {"sha256": one.sha256, "length": "513", "owner": "me.1"}
    assert found.size == (513 if store.store.blob_type == "block" else 1024)


def test_pieces_are_put_together_in_order(store: PackageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PIECE", 1024)
    content = bytes(range(256)) * 25
    one = package(tmp_path, content)
    store.upload(one)
    assert fetch(store.signed(one.sha256))[1][: len(content)] == content


def test_what_is_there_is_not_sent_again(store: PackageStore, tmp_path: Path) -> None:
    one = package(tmp_path, b"once")
    store.upload(one)
    assert one.path is not None
    Path(one.path).unlink()
    store.upload(one)
    assert store.present([one.sha256]) == {one.sha256}


def test_an_upload_that_was_cut_off_is_done_again(store: PackageStore, tmp_path: Path) -> None:
    one = package(tmp_path, b"whole")
    store.upload(package(tmp_path, b"first", "other"))
    blob = store.service.get_blob_client(store.store.container, blob_name(one.sha256))
    if store.store.blob_type == "page":
        blob.create_page_blob(512)
    else:
        blob.upload_blob(b"wh")
    assert store.present([one.sha256]) == frozenset()
    store.upload(one)
    assert fetch(store.signed(one.sha256))[1].rstrip(b"\0") == b"whole"


def test_a_lost_race_is_a_success_when_the_winner_is_whole(
    store: PackageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = package(tmp_path, b"raced")
    store.upload(package(tmp_path, b"first", "other"))
    answers = [uploads.Whole(), *[None] * 9]
    look = PackageStore._look

    def late(self: PackageStore, sha256: str) -> uploads.Whole:
        return answers.pop(0) or look(self, sha256)

    store.upload(one)
    monkeypatch.setattr(PackageStore, "_look", late)
    store.upload(one)
    assert fetch(store.signed(one.sha256))[1].rstrip(b"\0") == b"raced"


def test_a_lost_race_against_an_unfinished_upload_is_a_conflict(
    store: PackageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = package(tmp_path, b"raced")
    store.upload(package(tmp_path, b"first", "other"))
    blob = store.service.get_blob_client(store.store.container, blob_name(one.sha256))
    blob.upload_blob(b"", blob_type="BlockBlob")
    monkeypatch.setattr(PackageStore, "_look", lambda *_: uploads.Whole())
    with pytest.raises(Conflicted, match="another run is uploading"):
        store.upload(one)


@pytest.mark.parametrize("content", [b"longer than before", b"whole?"])
def test_a_file_that_changed_is_never_sent_under_the_old_name(
    store: PackageStore, tmp_path: Path, content: bytes
) -> None:
    one = package(tmp_path, b"whole!")
    assert one.path is not None
    Path(one.path).write_bytes(content)
    with pytest.raises(Refused, match="changed after the plan read it"):
        store.upload(one)
    assert store.present([one.sha256]) == frozenset()


def test_a_file_that_is_nowhere_is_named(store: PackageStore, tmp_path: Path) -> None:
    gone = package(tmp_path, b"gone")
    with pytest.raises(Missing, match=r"packages/app.tar.gz: the file is not here"):
        store.upload(replace(gone, path=None))
    (tmp_path / "app.tar.gz").unlink()
    with pytest.raises(Missing, match=r"packages/app.tar.gz: the file cannot be read"):
        store.upload(gone)


def test_a_signature_reads_one_blob_for_a_day(azurite: Azurite, tmp_path: Path) -> None:
    clock = SimpleNamespace(now=NOW)
    with closing(opened(azurite, "signatures", lambda: clock.now)) as store:
        one, other = package(tmp_path, b"one"), package(tmp_path, b"other", "other")
        store.upload(one)
        store.upload(other)
        url = store.signed(one.sha256)
        said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert said["sp"] == "r"
        assert datetime.fromisoformat(said["se"]) == NOW.replace(microsecond=0) + timedelta(hours=24)
        assert datetime.fromisoformat(said["st"]) == NOW.replace(microsecond=0) - timedelta(minutes=15)
        assert fetch(url) == (200, b"one")
        assert fetch(url.replace(one.sha256, other.sha256))[0] == 403
        assert fetch(url.partition("?")[0])[0] in (403, 404)
        clock.now = NOW - timedelta(days=2)
        assert fetch(store.signed(one.sha256))[0] == 403


def test_a_signature_of_another_key_reads_nothing(
    azurite: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = package(tmp_path, b"one")
    with closing(opened(azurite, "keys")) as good:
        good.upload(one)
    monkeypatch.setattr(blobs, "AZURITE_KEY", "d3Jvbmc=")
    with closing(opened(azurite, "keys")) as bad:
        assert fetch(bad.signed(one.sha256))[0] == 403
        with pytest.raises(Denied) as caught:
            bad.upload(one)
        assert "d3Jvbmc=" not in f"{caught.value} {bad!r}"


def test_the_emulators_account_never_gets_another_key(azurite: Azurite, tmp_path: Path) -> None:
    one = package(tmp_path, b"one")
    with closing(opened(azurite, "other", key="d3Jvbmc=")) as store:
        store.upload(one)
        assert fetch(store.signed(one.sha256)) == (200, b"one")


def test_a_key_that_is_none_is_said() -> None:
    with pytest.raises(Error, match="AZURE_STORAGE_KEY is not the key") as caught:
        opened(Azurite("https://contosopkgs.blob.core.windows.net"), "x", key="CANARY!")
    assert "CANARY" not in str(caught.value)


def test_the_real_service_is_signed_for_over_https_only() -> None:
    with closing(opened(Azurite("https://contosopkgs.blob.core.windows.net"), "x", key="d3Jvbmc=")) as store:
        url = store.signed("0" * 64)
    said = parse_qs(urlsplit(url).query)
    assert url.startswith(f"https://contosopkgs.blob.core.windows.net/x/sha256/{'0' * 64}?")
    assert (said["spr"], said["sr"], said["sp"], said["sv"]) == (["https"], ["b"], ["r"], ["2025-11-05"])


def test_a_user_delegation_signature_is_read_back(azurite_https: Azurite, tmp_path: Path) -> None:
    asked = Jwt()
    with closing(opened(azurite_https, "delegated", token=asked)) as store:
        one, other = package(tmp_path, b"delegated"), package(tmp_path, b"again", "again")
        store.upload(one)
        store.upload(other)
        url = store.signed(one.sha256)
        said = parse_qs(urlsplit(url).query)
        assert said["skoid"]
        assert said["spr"] == ["https"]
        assert fetch(url, azurite_https.ca) == (200, b"delegated")
        assert fetch(store.signed(other.sha256), azurite_https.ca) == (200, b"again")
        assert asked.scopes == ("https://storage.azure.com/.default",)


def test_one_delegation_key_serves_until_it_would_end_too_early(azurite_https: Azurite) -> None:
    clock = SimpleNamespace(now=NOW)
    with closing(opened(azurite_https, "delegated", lambda: clock.now, token=Jwt())) as store:
        first = parse_qs(urlsplit(store.signed("0" * 64)).query)["ske"]
        clock.now = NOW + timedelta(hours=12)
        assert parse_qs(urlsplit(store.signed("0" * 64)).query)["ske"] == first
        clock.now = NOW + timedelta(hours=36)
        assert parse_qs(urlsplit(store.signed("0" * 64)).query)["ske"] != first


def test_with_the_gallerys_identity_there_is_no_signature(azurite: Azurite) -> None:
    with closing(opened(azurite, "identity", access="identity")) as store:
        assert store.signed("0" * 64) == f"{azurite.url}/identity/sha256/{'0' * 64}"


def test_a_certificate_that_is_not_trusted_is_said(azurite_https: Azurite) -> None:
    with (
        closing(opened(replace(azurite_https, ca=""), "tls", token=Jwt())) as store,
        pytest.raises(Unreachable, match=r"its certificate is not trusted \(give the CA with --ca-file\)"),
    ):
        store.present(["0" * 64])


def test_no_token_goes_over_plain_http() -> None:
    with pytest.raises(Error, match=r"^http://127.0.0.1:1/mine: a token is not sent over plain http\. An emulator's"):
        opened(Azurite("http://127.0.0.1:1/mine"), "plain")


def test_a_store_that_is_down_is_named() -> None:
    with (
        closing(opened(Azurite("http://127.0.0.1:1/devstoreaccount1"), "down")) as store,
        pytest.raises(Unreachable, match=r"http://127.0.0.1:1/devstoreaccount1: the connection was refused"),
    ):
        store.present(["0" * 64])


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://contosopkgs.blob.core.windows.net", "contosopkgs"),
        ("http://127.0.0.1:10000/devstoreaccount1", "devstoreaccount1"),
    ],
)
def test_the_account_is_in_the_url(url: str, name: str) -> None:
    assert account_name(url) == name


def test_plain_http_elsewhere_is_refused() -> None:
    with pytest.raises(CloudFailure, match="plain http is for this machine only"):
        opened(Azurite("http://contosopkgs.blob.core.windows.net"), "x")
