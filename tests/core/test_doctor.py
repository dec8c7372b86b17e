"""What doctor makes of what it saw."""

from __future__ import annotations

import pytest

from samples import machine_address, machine_id, resource_id
from vmapps.core.doctor import Finding, Level, Provider, is_well, permission_findings, provider_findings
from vmapps.core.permissions import ASSIGN_IDENTITY, VERSION_READ, Need

WANTED = {"galleries": "2024-03-03"}
KNOWN = {"galleries": ("2024-03-03", "2023-07-03")}


def need(action: str, scope: object, name: str = "web-01") -> Need:
    return Need(action, str(scope), machine_address(name))


@pytest.mark.parametrize(
    ("provider", "register", "levels", "words"),
    [
        (Provider("Registered", KNOWN), False, ["ok", "ok"], "galleries has 2024-03-03"),
        (Provider("Registering", KNOWN), False, ["ok", "ok"], "is Registering"),
        (Provider("NotRegistered", KNOWN), False, ["error", "ok"], "--register"),
        (Provider("Unregistered", KNOWN), True, ["error", "ok"], "is Unregistered"),
        (Provider("Registered", {"galleries": ("2099-01-01",)}), False, ["ok", "error"], "FAMILY=2099-01-01"),
        (Provider("Registered", {"galleries": ()}), False, ["ok", "error"], "this cloud may not have it"),
        (Provider("Registered", {}), False, ["ok", "error"], "does not know Microsoft.Compute/galleries"),
    ],
)
def test_providers(provider: Provider, register: bool, levels: list[str], words: str) -> None:
    found = list(provider_findings("1111", provider, WANTED, asked_to_register=register))
    assert [str(one.level) for one in found] == levels
    assert any(words in f"{one.text} {one.hint}" for one in found)
    assert is_well(found) == ("error" not in levels)


def test_nothing_missing_is_one_line() -> None:
    needs = (need("a/b/write", "/s"), need("a/b/write", "/t"))
    [found] = permission_findings(needs, ())
    assert found == Finding("permissions", Level.OK, "all 1 actions that the plan needs are allowed")
    assert permission_findings((), ())[0].text == "the plan needs none"


def test_what_is_missing_is_folded_by_action_and_says_what_to_do() -> None:
    write = "Microsoft.Compute/virtualMachines/write"
    many = tuple(need(write, machine_id(f"web-0{number}"), f"web-0{number}") for number in range(1, 6))
    version = need(VERSION_READ, resource_id("platform", "nginx", "1.0.0"))
    gallery = need("Microsoft.Compute/galleries/write", resource_id("platform"))
    polls = need("Microsoft.Compute/locations/operations/read", "/subscriptions/1")
    identity = need(ASSIGN_IDENTITY, "/the/identity")
    found = permission_findings((), (*many, version, gallery, polls, identity))
    assert [one.level for one in found] == [Level.ERROR] * 5
    texts = {one.text.partition(" ")[0]: one for one in found}
    assert texts[write].text.endswith("VirtualMachine/rg-web/web-03 and 2 more")
    assert "Virtual Machine Contributor" in texts[write].hint
    assert texts[VERSION_READ].hint.endswith(f"ask for Reader on {resource_id('platform')}")
    assert "Contributor on the gallery's resource group" in texts[gallery.action].hint
    assert texts[ASSIGN_IDENTITY].hint == "ask for Managed Identity Operator on /the/identity"
    assert "Reader on the subscription" in texts[polls.action].hint
