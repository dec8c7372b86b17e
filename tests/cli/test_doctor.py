"""`vmapps doctor`, with surroundings that the test says."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from cli.world import PROJECT, STORE, Commands
from render import cases
from vmapps.azure.lease import Holder
from vmapps.cli import surroundings, wiring
from vmapps.core.declaration import Declarations
from vmapps.core.doctor import Provider
from vmapps.core.permissions import Grant
from vmapps.errors import Denied, Error, Missing

TYPES = ("galleries", "virtualmachines")
KNOWN = dict.fromkeys(TYPES, ("2024",))


@dataclass
class Around:
    """What is around the project."""

    who: Any = field(default_factory=lambda: {"upn": "alice@contoso.com", "oid": "1"})
    state: str = "Registered"
    granted: Any = (Grant(("*",)),)
    store: Any = None
    registered: list[str] = field(default_factory=list)

    def signed_in(self, *_: Any) -> Any:
        if isinstance(self.who, Exception):
            raise self.who
        return self.who

    def provider(self, _azure: Any, subscription: str, *, register: bool = False) -> Provider:
        if register:
            self.registered.append(subscription)
            self.state = "Registering"
        return Provider(self.state, KNOWN)

    def grants(self, _azure: Any, _scope: str) -> Any:
        if isinstance(self.granted, Exception):
            raise self.granted
        return self.granted


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Around:
    made = Around()
    made.store = SimpleNamespace(store=STORE, is_there=lambda: True, signed=lambda _: "https://x?sig=CANARY")
    monkeypatch.setattr(surroundings, "who", made.signed_in)
    monkeypatch.setattr(surroundings, "provider", made.provider)
    monkeypatch.setattr(surroundings, "grants", made.grants)
    monkeypatch.setattr(surroundings, "pinned", lambda _azure: dict.fromkeys(TYPES, "2024"))
    monkeypatch.setattr(wiring, "store", lambda *_: nullcontext(made.store))
    return made


def findings(vmapps: Commands, *words: str, code: int) -> list[tuple[str, str, str]]:
    said = vmapps("doctor", "--format", "json", *words)
    assert said.code == code, said
    assert "CANARY" not in said.out + said.err
    return [(one["check"], one["level"], f"{one['text']} {one['hint']}") for one in json.loads(said.out)["findings"]]


@pytest.mark.usefixtures("around")
def test_all_is_well_and_in_order(vmapps: Commands) -> None:
    found = findings(vmapps, code=0)
    assert [check for check, _, _ in found] == [
        "sign-in",
        "provider",
        "api-version",
        "api-version",
        "permissions",
        "package-store",
        "package-store",
        "package-signature",
    ]
    assert found[0][2].startswith("upn alice@contoso.com, oid 1")
    assert {level for _, level, _ in found} == {"ok"}
    assert vmapps.world.lock.released
    assert not any(event.startswith("execute") for event in vmapps.world.events)


def problems(vmapps: Commands, *words: str, code: int = 1) -> list[tuple[str, str, str]]:
    return [one for one in findings(vmapps, *words, code=code) if one[1] != "ok"]


@pytest.mark.parametrize(
    ("field", "value", "check", "words"),
    [
        ("who", Denied("nobody", scope="https://login", hint="az login"), "sign-in", "az login"),
        ("who", Error("no such CA file"), "sign-in", "no such CA file"),
        ("state", "NotRegistered", "provider", "--register"),
        ("granted", (Grant(("*/read",)),), "permissions", "is missing on"),
        ("granted", Denied("no", scope="/g", code="AuthorizationFailed"), "permissions", "ask for Reader there"),
    ],
)
def test_each_thing_that_is_wrong_is_named(
    vmapps: Commands, around: Around, field: str, value: Any, check: str, words: str
) -> None:
    setattr(around, field, value)
    found = problems(vmapps)
    assert {one for one, _, _ in found} == {check}
    assert words in found[0][2]


def test_a_world_that_cannot_be_read(vmapps: Commands, around: Around) -> None:
    vmapps.world.plan = Missing("gone", scope="/rg", code="ResourceGroupNotFound")
    [(check, level, text)] = problems(vmapps)
    assert (check, level) == ("plan", "error")
    assert "ResourceGroupNotFound: gone" in text


def test_a_plan_with_errors_needs_nobody_knows_what(vmapps: Commands, around: Around) -> None:
    vmapps.world.plan = cases.PLANS["errors"]
    [(check, level, _)] = problems(vmapps, code=0)
    assert (check, level) == ("plan", "warning")


@pytest.mark.parametrize(
    ("store", "level", "words"),
    [
        (None, "warning", "no lock between two runs"),
        (SimpleNamespace(store=STORE, is_there=lambda: False), "warning", "the first apply makes it"),
    ],
)
def test_package_stores(vmapps: Commands, around: Around, store: Any, level: str, words: str) -> None:
    around.store = store
    [(check, found, text)] = problems(vmapps, code=0)
    assert (check, found) == ("package-store", level)
    assert words in text


def test_who_may_not_sign_is_told(vmapps: Commands, around: Around) -> None:
    def refuse(_: str) -> str:
        raise Denied("no", scope="https://a", status=403)

    around.store.signed = refuse
    [(check, _, text)] = problems(vmapps)
    assert check == "package-signature"
    assert "Storage Blob Delegator" in text


def test_another_run_is_no_error(vmapps: Commands, around: Around) -> None:
    vmapps.world.holders = [Holder(who="bob@laptop")]
    [(check, level, text)] = problems(vmapps, code=0)
    assert (check, level) == ("package-store", "warning")
    assert "bob@laptop" in text


@pytest.mark.parametrize(("identity", "level"), [(None, "error"), ({"type": "UserAssigned"}, "warning")])
def test_reading_as_the_gallery(vmapps: Commands, around: Around, identity: Any, level: str) -> None:
    from samples import desired

    body = {"identity": identity} if identity else {}
    store = replace(STORE, access="identity")
    around.store.store = store
    other = desired("platform", "nginx")
    vmapps.world.declared = Declarations(replace(PROJECT, store=store), (desired("platform", body=body), other))
    [(check, found, _)] = problems(vmapps, code=1 if level == "error" else 0)
    assert (check, found) == ("gallery-identity", level)


def test_registering_is_asked_for(
    vmapps: Commands, around: Around, monkeypatch: pytest.MonkeyPatch, terminal: None
) -> None:
    around.state = "NotRegistered"
    monkeypatch.setattr("sys.stdin.readline", lambda *_: "n\n")
    assert problems(vmapps, "--register")[0][0] == "provider"
    assert around.registered == []
    monkeypatch.setattr("sys.stdin.readline", lambda *_: "y\n")
    assert problems(vmapps, "--register", code=0) == []
    assert around.registered == [cases.SUBSCRIPTION]


def test_registering_needs_a_yes(vmapps: Commands, around: Around) -> None:
    assert vmapps("doctor", "--register").code == 64
    around.state = "NotRegistered"
    assert vmapps("doctor", "--register", "--yes").code == 0


@pytest.mark.usefixtures("around")
def test_text_is_for_people(vmapps: Commands) -> None:
    said = vmapps("doctor")
    assert said.out.endswith("Doctor: 8 ok, 0 warning, 0 error.\n")
    assert "sign-in" not in vmapps("doctor", "-q").out


def test_an_endpoint_on_this_machine_gets_no_token(vmapps: Commands) -> None:
    from vmapps.cli.options import Common

    assert surroundings.who(PROJECT, Common(endpoint="http://127.0.0.1:1")) is None
