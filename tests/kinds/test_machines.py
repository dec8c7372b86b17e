"""Scale sets, their instances, and what guests report, as Azure writes them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.resource import Machine
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.virtual_machine.wire import decode_report
from vmapps.kinds.virtual_machine_scale_set.instances import decode_instance, decode_rolling, upgrade_body

ORACLE = Path(os.environ.get("VMAPPS_ORACLE") or Path(__file__).parents[3] / "shared/oracle")
HOME = "11111111-1111-1111-1111-111111111111"
COMPUTE = f"/subscriptions/{HOME}/resourceGroups/rg/providers/Microsoft.Compute"
NGINX = f"{COMPUTE}/galleries/g/applications/nginx/versions/1.0.0"
UBUNTU = {"publisher": "Canonical", "offer": "ubuntu", "sku": "22_04-LTS", "version": "latest"}
MESSAGE = 'Enable succeeded: {"CurrentState": [{"applicationName": "nginx", "version": "1.0.0", "result": "%s"}]}'
RUNNING: dict[str, Any] = {
    "vmAgent": {"statuses": [{"code": "ProvisioningState/succeeded", "displayStatus": "Ready"}]},
    "statuses": [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/running"}],
}


def applications(*references: str) -> dict[str, Any]:
    return {"galleryApplications": [{"packageReferenceId": one} for one in references]}


def scale_set(sku: Any = None, **properties: Any) -> Machine:
    body = {"id": f"{COMPUTE}/virtualMachineScaleSets/web", "sku": sku, "properties": properties}
    found = KINDS["VirtualMachineScaleSet"].decode(json.dumps(body).encode(), HOME)
    assert isinstance(found, Machine)
    return found


def instance(model: Machine | None = None, **body: Any) -> Any:
    whole = {"name": "web_0", "instanceId": "0", **body}
    return decode_instance(json.dumps(whole).encode(), model or scale_set())


@pytest.mark.parametrize(
    ("properties", "orchestration", "mode"),
    [
        ({}, "Uniform", "Manual"),
        ({"orchestrationMode": None, "upgradePolicy": None}, "Uniform", "Manual"),
        ({"orchestrationMode": "Flexible"}, "Flexible", "Manual"),
        ({"orchestrationMode": "flexible", "upgradePolicy": {"mode": "rolling"}}, "Flexible", "Rolling"),
        ({"orchestrationMode": "Uniform", "upgradePolicy": {"mode": "Automatic"}}, "Uniform", "Automatic"),
        ({"upgradePolicy": {"mode": None, "rollingUpgradePolicy": {}}}, "Uniform", "Manual"),
        ({"upgradePolicy": {"mode": "Never heard of"}}, "Uniform", "Manual"),
    ],
)
def test_a_scale_set_always_has_a_mode(properties: dict[str, Any], orchestration: str, mode: str) -> None:
    found = scale_set(**properties)
    assert (found.orchestration, found.upgrade_mode, found.is_scale_set) == (orchestration, mode, True)


def test_a_virtual_machine_has_none() -> None:
    body = {"id": f"{COMPUTE}/virtualMachines/web", "properties": {"upgradePolicy": {"mode": "Manual"}}}
    found = KINDS["VirtualMachine"].decode(json.dumps(body).encode(), HOME)
    assert isinstance(found, Machine)
    assert (found.upgrade_mode, found.orchestration, found.traits, found.is_scale_set) == ("", "", {}, False)


@pytest.mark.parametrize(
    ("storage", "image"),
    [
        ({"imageReference": UBUNTU}, "canonical:ubuntu:22_04-lts:latest"),
        ({"imageReference": {**UBUNTU, "exactVersion": "22.04.1"}}, "canonical:ubuntu:22_04-lts:latest"),
        ({"imageReference": {"id": "/Subscriptions/X"}}, "/subscriptions/x"),
        ({"imageReference": {"sharedGalleryImageId": "/SharedGalleries/X"}}, "/sharedgalleries/x"),
        ({"imageReference": {"communityGalleryImageId": "/CommunityGalleries/X"}}, "/communitygalleries/x"),
        ({"osDisk": {"image": {"uri": "https://x/A.vhd?sig=CANARY"}}}, "https://x/a.vhd"),
        ({"imageReference": {}}, None),
        ({"osDisk": {"image": None}}, None),
        (None, None),
    ],
)
def test_the_image_is_one_text_for_the_set_and_its_instances(storage: Any, image: str | None) -> None:
    traits = {"image": image} if image else {}
    assert scale_set(virtualMachineProfile={"storageProfile": storage}).traits == traits
    assert instance(properties={"storageProfile": storage}).traits == traits


def test_the_size_is_the_skus_or_the_hardwares() -> None:
    assert scale_set({"name": "Standard_D2s_v5", "capacity": 2}).traits == {"size": "standard_d2s_v5"}
    assert scale_set({"capacity": 2}).traits == {}
    assert instance(sku={"name": "Standard_A1"}).traits == {"size": "standard_a1"}
    hardware = {"hardwareProfile": {"vmSize": "Standard_A2"}}
    assert instance(sku={"name": "Standard_A1"}, properties=hardware).traits == {"size": "standard_a2"}
    assert instance(sku={"name": "Standard_A1"}, properties={"hardwareProfile": {}}).traits == {"size": "standard_a1"}


def test_an_instance_is_named_as_manualupgrade_takes_it() -> None:
    assert instance().name == "0"
    assert instance(scale_set(orchestrationMode="Flexible"), instanceId=None).name == "web_0"
    with pytest.raises(msgspec.MsgspecError):
        instance(instanceId=None)
    assert json.loads(upgrade_body(("0", "web_1"))) == {"instanceIds": ["0", "web_1"]}


@pytest.mark.parametrize("policy", [None, {}, {"protectFromScaleIn": True}, {"protectFromScaleSetActions": None}])
def test_an_instance_that_is_not_protected(policy: Any) -> None:
    assert not instance(properties={"protectionPolicy": policy}).is_protected


def test_an_instance_that_is_protected() -> None:
    assert instance(properties={"protectionPolicy": {"protectFromScaleSetActions": True}}).is_protected


@pytest.mark.parametrize(
    ("properties", "latest"),
    [
        ({"latestModelApplied": True}, True),
        ({"latestModelApplied": False, "applicationProfile": applications(NGINX)}, False),
        ({"applicationProfile": applications(NGINX)}, True),
        ({"applicationProfile": applications(NGINX.upper())}, True),
        ({"applicationProfile": applications(NGINX, f"{COMPUTE}/x")}, False),
        ({"applicationProfile": applications(NGINX.replace("1.0.0", "0.9.0"))}, False),
        ({"applicationProfile": None}, False),
        ({}, False),
    ],
)
def test_an_instance_is_only_up_to_date_when_that_is_shown(properties: dict[str, Any], latest: bool) -> None:
    model = {"applicationProfile": applications(NGINX)}
    assert instance(scale_set(virtualMachineProfile=model), properties=properties).latest is latest


def test_an_instance_that_shows_nothing_is_never_up_to_date() -> None:
    assert not instance(scale_set()).latest


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"name": 5}', b'{"name": "a", "properties": {"sku": 1}}', b"5"])
def test_what_is_no_instance_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_instance(body, scale_set())


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"properties": {"runningStatus": {"code": "Cancelled"}}}, "Cancelled"),
        ({"properties": {"runningStatus": {"code": None}}}, ""),
        ({"properties": {"runningStatus": None}}, ""),
        ({"properties": None}, ""),
        ({"location": "x", "id": "y"}, ""),
    ],
)
def test_the_state_of_a_rolling_upgrade(body: dict[str, Any], state: str) -> None:
    assert decode_rolling(json.dumps(body).encode()) == state


def extension(result: str = "Install SUCCESS", **fields: Any) -> dict[str, Any]:
    return {"name": "VMAppExtension", "statuses": [{"message": MESSAGE % result}], **fields}


INSTALLED = InGuest("nginx", "1.0.0", State.INSTALLED, "Install SUCCESS")


def report(view: Any) -> GuestReport | None:
    return decode_report(json.dumps(view).encode())


@pytest.mark.parametrize(
    "found",
    [
        extension(),
        extension(name="vmappextension", type=None),
        extension(name=None, type="Microsoft.CPlat.Core.VMApplicationManagerLinux"),
        extension(name="renamed", type="microsoft.cplat.core.vmapplicationmanagerwindows"),
    ],
)
def test_the_extension_is_known_by_its_name_or_its_type(found: dict[str, Any]) -> None:
    other = {"name": "other", "type": "Microsoft.Azure.Monitor", "statuses": [{"message": MESSAGE % "x"}]}
    view = {**RUNNING, "extensions": [other, found]}
    assert report(view) == GuestReport((INSTALLED,), is_running=True)
    assert instance(properties={"instanceView": view}).report == report(view)


@pytest.mark.parametrize(
    "extensions", [None, [], [{"name": None}], [{"name": "other", "type": "Microsoft.CPlat.Core.RunCommand"}]]
)
def test_without_the_extension_there_is_no_report(extensions: Any) -> None:
    assert report({**RUNNING, "extensions": extensions}) is None
    assert instance(properties={"instanceView": {**RUNNING, "extensions": extensions}}).report is None


def test_without_a_view_there_is_no_report() -> None:
    assert instance(properties={"instanceView": None}).report is None


@pytest.mark.parametrize("statuses", [None, [], [{"message": None}], [{"code": "x"}]])
def test_an_extension_that_says_nothing_reports_nothing(statuses: Any) -> None:
    assert report({**RUNNING, "extensions": [{**extension(), "statuses": statuses}]}) == GuestReport()


UNHEARD = {"statuses": [{"code": "ProvisioningState/Unavailable", "displayStatus": "Not Ready"}]}


@pytest.mark.parametrize(
    "view",
    [
        {"statuses": [{"code": "PowerState/deallocated"}]},
        {"statuses": [{"code": "PowerState/stopped"}]},
        {"statuses": [{"code": None}]},
        {"statuses": None},
        {"vmAgent": None},
        {"vmAgent": {"statuses": None}},
        {"vmAgent": UNHEARD},
    ],
)
def test_a_machine_that_is_off_or_silent_reports_of_old(view: dict[str, Any]) -> None:
    found = report({**RUNNING, "extensions": [extension()], **view})
    assert found == GuestReport((INSTALLED,), is_running=False)


def recorded() -> Iterator[dict[str, Any]]:
    """Every body that Azure sent, the items of lists one by one."""
    for path in sorted(ORACLE.glob("recordings/**/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            answer = json.loads(line)
            body = answer.get("response_body")
            if answer.get("status") in (200, 201) and isinstance(body, dict):
                yield from (one for one in body.get("value") or [body] if isinstance(one, dict))


def typed(body: dict[str, Any], arm_type: str) -> bool:
    return str(body.get("type", "")).lower() == f"microsoft.compute/{arm_type}"


@pytest.mark.skipif(not ORACLE.exists() and os.environ.get("CI") != "true", reason="no oracle: set VMAPPS_ORACLE")
def test_every_recorded_set_and_instance_is_read() -> None:
    bodies = list(recorded())
    sets = [one for one in bodies if typed(one, "virtualmachinescalesets")]
    models = [KINDS["VirtualMachineScaleSet"].decode(json.dumps(one).encode(), HOME) for one in sets]
    for body, model in zip(sets, models, strict=True):
        assert isinstance(model, Machine)
        assert model.upgrade_mode == body["properties"]["upgradePolicy"]["mode"]
        assert model.orchestration == body["properties"].get("orchestrationMode", "Uniform")
    instances = [one for one in bodies if typed(one, "virtualmachinescalesets/virtualmachines")]
    for body in instances:
        found = instance(**body)
        assert (found.name, found.latest) == (body["instanceId"], body["properties"]["latestModelApplied"])
        assert {"size", "image"} <= found.traits.keys()
    assert (len(sets) > 100, len(instances) > 10) == (True, True)


@pytest.mark.skipif(not ORACLE.exists() and os.environ.get("CI") != "true", reason="no oracle: set VMAPPS_ORACLE")
def test_every_recorded_view_is_read() -> None:
    bodies = [view for one in recorded() for view in (one, (one.get("properties") or {}).get("instanceView"))]
    views = [one for one in bodies if one and "statuses" in one and "disks" in one]
    assert len(views) > 20
    for view in views:
        told = report({**view, "extensions": [*view.get("extensions", []), extension()]})
        power = {str(one["code"]) for one in view["statuses"]}
        agent = {str(one["displayStatus"]) for one in view.get("vmAgent", {}).get("statuses", [])}
        is_running = "PowerState/running" in power and agent == {"Ready"}
        assert told == GuestReport((INSTALLED,), is_running=is_running)
        assert report(view) == (None if is_running else GuestReport(is_running=False))
