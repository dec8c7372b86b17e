"""One live item, read by its kind."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vmapps.core.address import Address
from vmapps.core.resource import Link, Machine, Mark, Observed
from vmapps.kinds.catalog import KINDS, kind_of
from vmapps.kinds.machine_wire import entry, mark

HOME = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
COMPUTE = "providers/Microsoft.Compute"
REFERENCE = f"/subscriptions/{HOME}/resourceGroups/RG/{COMPUTE}/galleries/G/applications/Nginx/versions/1.0.0"
ORACLE = Path(os.environ.get("VMAPPS_ORACLE") or Path(__file__).parents[3] / "shared/oracle")


def decode(kind: str, body: dict[str, Any]) -> Any:
    return KINDS[kind].decode(json.dumps(body).encode(), HOME)


def machine(kind: str = "VirtualMachine", subscription: str = HOME, **properties: Any) -> Machine:
    path = f"/subscriptions/{subscription}/resourceGroups/Rg/{COMPUTE}/{KINDS[kind].arm_type}/web"
    found = decode(kind, {"id": path, "location": "westus", "properties": properties})
    assert isinstance(found, Machine)
    return found


def test_every_link_of_a_version_loses_its_signature() -> None:
    source = {"mediaLink": "https://x/a?sig=CANARY", "defaultConfigurationLink": "https://x/b?versionid=7&sig=CANARY"}
    body = {"id": REFERENCE, "name": "1.0.0", "type": "x", "etag": "e", "location": "westus"}
    found = decode("GalleryApplicationVersion", {**body, "properties": {"publishingProfile": {"source": source}}})
    assert isinstance(found, Observed)
    assert found.body == {
        "location": "westus",
        "properties": {
            "publishingProfile": {
                "source": {
                    "mediaLink": Link("https://x/a"),
                    "defaultConfigurationLink": Link("https://x/b?versionid=7"),
                }
            }
        },
    }
    assert found.address == Address("GalleryApplicationVersion", ("G", "Nginx", "1.0.0"))


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": "/subscriptions/x"}, {"id": 5}])
@pytest.mark.parametrize("kind", ["Gallery", "VirtualMachine", "VirtualMachineScaleSet"])
def test_an_item_without_an_id_is_none(kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(kind, body)


@pytest.mark.parametrize("properties", [None, {}, {"publishingProfile": None}, {"publishingProfile": {"source": []}}])
def test_a_bare_resource_is_read(properties: Any) -> None:
    found = decode("GalleryApplicationVersion", {"id": REFERENCE, "tags": None, "properties": properties})
    assert (found.owner, found.state) == ("", "")


def test_the_subscription_is_in_the_address_only_when_it_is_another() -> None:
    assert str(machine().address) == "VirtualMachine/Rg/web"
    assert str(machine(subscription=OTHER).address) == f"VirtualMachine/{OTHER}/Rg/web"


@pytest.mark.parametrize(
    ("model", "os_type"),
    [
        ({"storageProfile": {"osDisk": {"osType": "Windows"}}}, "Windows"),
        ({"storageProfile": {"osDisk": None}, "osProfile": {"linuxConfiguration": {}}}, "Linux"),
        ({"osProfile": {"windowsConfiguration": {"patchSettings": {}}}}, "Windows"),
        ({"osProfile": {}}, ""),
        ({}, ""),
    ],
)
def test_the_os_type_comes_from_the_disk_or_the_profile(model: dict[str, Any], os_type: str) -> None:
    assert machine(**model).os_type == os_type
    assert machine("VirtualMachineScaleSet", virtualMachineProfile=model).os_type == os_type


def test_a_scale_set_without_a_model_has_no_entries() -> None:
    found = machine("VirtualMachineScaleSet", virtualMachineProfile=None, provisioningState="Succeeded")
    assert (found.entries, found.state) == ((), "Succeeded")


def test_a_member_of_a_scale_set_says_so() -> None:
    assert machine(virtualMachineScaleSet={"id": "/x"}).scale_set == "/x"


def test_an_entry_keeps_its_bytes_and_hides_its_signature() -> None:
    marked = '{"mine": 1, "vmapps-owner": "me.1", "vmapps-machine": "0a1b2c3d", "previous": "0.9.0"}'
    raw = json.dumps(
        {
            "packageReferenceId": REFERENCE.upper(),
            "order": 0,
            "treatFailureAsDeploymentFailure": True,
            "configurationReference": "https://x/c?sig=CANARY",
            "tags": marked,
            "brandNew": 1.0,
        },
        indent=1,
    ).encode()
    found = entry(raw)
    assert found.raw == raw
    assert "CANARY" not in repr(found)
    assert found.spelled == REFERENCE.upper()
    assert found.reference is not None
    assert found.reference.key[1] == "nginx"
    assert (found.order, found.fails_deployment, found.automatic_upgrade) == (0, True, False)
    assert found.configuration == Link("https://x/c")
    assert (found.tags, found.mark) == (marked, Mark("me.1", "0a1b2c3d", "0.9.0"))


@pytest.mark.parametrize("raw", [b'{"packageReferenceId": 5}', b"5", b"null", b'{"order": "first"}'])
def test_an_entry_that_is_odd_is_kept_and_not_judged(raw: bytes) -> None:
    found = machine(applicationProfile={"galleryApplications": [json.loads(raw)]}).entries[0]
    assert (found.reference, found.mark) == (None, None)
    assert json.loads(found.raw) == json.loads(raw)


@pytest.mark.parametrize("reference", [None, "", "nginx", "/subscriptions/x/galleries/y"])
def test_a_reference_that_is_none(reference: str | None) -> None:
    found = entry(json.dumps({"packageReferenceId": reference}).encode())
    assert (found.reference, found.spelled) == (None, reference or "")


@pytest.mark.parametrize(
    "tags",
    [
        "",
        "plain words",
        "[]",
        "{}",
        '{"vmapps-owner": "me"}',
        '{"vmapps-owner": 5, "vmapps-machine": "x"}',
        '{"vmapps-owner": "me", "vmapps-machine": "x"',
        '{"x": ' + "[" * 100_000,
    ],
)
def test_text_without_a_whole_mark_has_none(tags: str) -> None:
    assert mark(tags) is None


def recorded() -> Iterator[dict[str, Any]]:
    for path in sorted(ORACLE.glob("recordings/**/*.jsonl")):
        for line in path.read_text().splitlines():
            answer = json.loads(line)
            body = answer.get("response_body")
            if answer.get("status") in (200, 201) and isinstance(body, dict):
                found = body["value"] if isinstance(body.get("value"), list) else [body]
                yield from (one for one in found if isinstance(one, dict))


def test_every_recorded_resource_is_read() -> None:
    if not ORACLE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no oracle at {ORACLE}")
        pytest.skip(f"no oracle at {ORACLE}: set VMAPPS_ORACLE")
    counts: dict[str, int] = {}
    for body in recorded():
        provider, _, arm_type = str(body.get("type", "")).partition("/")
        kind = kind_of(arm_type) if provider.lower() == "microsoft.compute" else None
        if kind is not None and arm_type:
            found = kind.decode(json.dumps(body).encode(), HOME)
            assert kind.address(found.id, HOME) == found.address
            assert not isinstance(found, Machine) or all(one.reference for one in found.entries)
            counts[kind.name] = counts.get(kind.name, 0) + 1
    assert len(counts) == 5
    assert sum(counts.values()) > 300
