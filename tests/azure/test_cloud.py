"""AzureCloud over HTTP against scripted answers: what is sent, what is believed, what is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scripted_server import Reply, Script
from vmapps.azure.cloud import AzureCloud, open_azure
from vmapps.azure.families import below, fleet_scopes, gallery_scope
from vmapps.core.address import Address, ArmId
from vmapps.core.resource import Link, Machine, Observed
from vmapps.core.settle import Put, PutEntries, Remove, Retag, Send
from vmapps.engine.ports import Done, Running, Scope, Ticket
from vmapps.errors import Changed, Missing, Refused, Unreachable

HOME = "11111111-1111-1111-1111-111111111111"
GALLERY = ArmId(HOME, "rg", ("galleries",), ("platform",))
APPLICATION = GALLERY.child("applications", "nginx")
VERSION = APPLICATION.child("versions", "1.0.0")
MACHINE = ArmId(HOME, "rg", ("virtualMachines",), ("web-01",))
SCALE_SET = ArmId(HOME, "rg", ("virtualMachineScaleSets",), ("web-ss",))
CANARY = "https://pkgs.blob.core.windows.net/c/a.zip?sv=1&sig=CANARY"


def item(arm_id: ArmId, **properties: Any) -> dict[str, Any]:
    return {"id": str(arm_id), "name": arm_id.name, "location": "westus", "properties": properties}


def error(status: int, code: str, **headers: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": "No."}}, headers)


def test_a_list_is_read_over_all_its_pages_and_says_what_is_below(cloud: AzureCloud, server: Script) -> None:
    second = {"value": [], "nextLink": "{url}/third?$skiptoken={braces}"}
    server.says(
        Reply(body={"value": [item(GALLERY)], "nextLink": "{url}/second?x=1"}),
        Reply(body=second),
        Reply(body={"value": [item(ArmId(HOME, "rg", ("galleries",), ("b",)))], "nextLink": ""}),
    )
    found = cloud.survey(gallery_scope(HOME, "rg"))
    assert [str(one.seen.address) for one in found] == ["Gallery/platform", "Gallery/b"]
    assert found[0].below == Scope("GalleryApplication", f"{GALLERY}/applications")
    paths = [one.path for one in server.asked]
    assert paths[0] == (
        f"/subscriptions/{HOME}/resourceGroups/rg/providers/Microsoft.Compute/galleries?api-version=2024-03-03"
    )
    assert paths[1:] == ["/second?x=1", "/third?$skiptoken=%7Bbraces%7D"]
    assert cloud.requests() == {"GET": 3}


def test_scopes() -> None:
    assert gallery_scope(HOME).path == f"/subscriptions/{HOME}/providers/Microsoft.Compute/galleries"
    assert [(scope.kind, scope.path.rpartition("/")[2]) for scope in fleet_scopes(HOME)] == [
        ("VirtualMachine", "virtualMachines"),
        ("VirtualMachineScaleSet", "virtualMachineScaleSets"),
    ]
    assert below(APPLICATION) == Scope("GalleryApplicationVersion", f"{APPLICATION}/versions")
    assert below(VERSION) is None
    assert below(MACHINE) is None


@pytest.mark.parametrize("host", ["http://127.0.0.2:{port}", "https://127.0.0.1:{port}", "http://evil.example"])
def test_a_next_page_at_another_host_is_not_asked(cloud: AzureCloud, server: Script, host: str) -> None:
    link = host.replace("{port}", server.url.rpartition(":")[2])
    server.says(Reply(body={"value": [], "nextLink": f"{link}/x?sig=CANARY"}))
    with pytest.raises(Refused, match="another host") as caught:
        cloud.survey(gallery_scope(HOME))
    assert "CANARY" not in str(caught.value)
    assert len(server.asked) == 1


def test_a_question_at_another_host_is_not_asked(cloud: AzureCloud) -> None:
    with pytest.raises(Refused, match="another host"):
        cloud.check(Ticket(str(GALLERY), "http://evil.example/operations/1"))


def test_a_redirect_is_not_followed(cloud: AzureCloud, server: Script) -> None:
    server.says(Reply(307, headers={"Location": "http://evil.example/"}))
    with pytest.raises(Refused, match="never followed"):
        cloud.read(GALLERY)


@pytest.mark.parametrize("body", [b"<html>", {"value": {}}, {"value": [{"id": "odd"}]}, {"value": [1]}, b"[" * 99_999])
def test_an_answer_that_is_not_azures_is_said(cloud: AzureCloud, server: Script, body: Any) -> None:
    server.says(Reply(body=body))
    with pytest.raises(Refused, match="is this an Azure endpoint"):
        cloud.survey(gallery_scope(HOME))


def test_a_version_is_read_without_its_signature(cloud: AzureCloud, server: Script) -> None:
    body = item(VERSION, publishingProfile={"source": {"mediaLink": CANARY}}, provisioningState="Updating")
    server.says(Reply(body={**body, "tags": {"VMAPPS-Owner": "me.1", "vmapps-content": "v1:x"}}))
    found = cloud.read(VERSION)
    assert isinstance(found, Observed)
    assert "CANARY" not in repr(found)
    assert (found.owner, found.content, found.state, found.is_busy) == ("me.1", "v1:x", "Updating", True)
    assert found.address == Address("GalleryApplicationVersion", ("platform", "nginx", "1.0.0"))
    assert "id" not in found.body


def test_a_machine_is_asked_in_the_compute_version(cloud: AzureCloud, server: Script) -> None:
    server.says(Reply(body=item(MACHINE, storageProfile={"osDisk": {"osType": "Linux"}})))
    found = cloud.read(MACHINE)
    assert isinstance(found, Machine)
    assert found.os_type == "Linux"
    assert server.asked[0].path.endswith("?api-version=2024-07-01")


@pytest.mark.parametrize("code", ["ResourceNotFound", "ParentResourceNotFound", "ResourceGroupNotFound", "NotFound"])
def test_what_is_not_there_is_none(cloud: AzureCloud, server: Script, code: str) -> None:
    server.says(error(404, code))
    assert cloud.read(GALLERY) is None


def test_a_subscription_that_is_not_there_is_an_error(cloud: AzureCloud, server: Script) -> None:
    server.says(error(404, "SubscriptionNotFound"))
    with pytest.raises(Missing, match=r"check spec\.subscription"):
        cloud.read(GALLERY)
    with pytest.raises(Missing, match=r"check spec\.subscription"):
        cloud.begin(Remove(GALLERY))


def test_listing_what_is_not_there_is_an_error(cloud: AzureCloud, server: Script) -> None:
    server.says(error(404, "ResourceGroupNotFound"))
    with pytest.raises(Missing, match=r"resourceGroups/rg/.*check spec\.resourceGroup"):
        cloud.survey(gallery_scope(HOME, "rg"))


def test_a_put_fills_its_links(server: Script) -> None:
    links = {"d1": CANARY}
    with open_azure(server.url, home=HOME, links=links) as cloud:
        source = {"mediaLink": Link("https://x/a.zip", digest="d1"), "defaultConfigurationLink": Link("https://x/b")}
        server.says(Reply(201, headers={"Azure-AsyncOperation": "{url}/op", "x-ms-retry-after-ms": "20"}))
        body: Any = {"location": "westus", "properties": {"publishingProfile": {"source": source}, "list": [1, None]}}
        assert cloud.begin(Put(VERSION, body)) == Ticket(str(VERSION), f"{server.url}/op", 0.02)
        assert "CANARY" not in repr(cloud)
    asked = server.asked[0]
    assert (asked.method, asked.headers["Content-Type"]) == ("PUT", "application/json")
    assert "Authorization" not in asked.headers
    sent = json.loads(asked.body)
    assert sent["properties"]["publishingProfile"]["source"] == {
        "mediaLink": CANARY,
        "defaultConfigurationLink": "https://x/b",
    }
    assert sent["properties"]["list"] == [1, None]


def test_tags_alone_are_patched(cloud: AzureCloud, server: Script) -> None:
    server.says(Reply(200, headers={"Azure-AsyncOperation": "{url}/op"}))
    cloud.begin(Retag(VERSION, {"Team": "web", "vmapps-owner": "me.1"}))
    [asked] = server.asked
    assert asked.method == "PATCH"
    assert json.loads(asked.body) == {"tags": {"Team": "web", "vmapps-owner": "me.1"}}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (Link("https://x/a.zip", digest="gone"), "the manifests no longer hold this link"),
        (Link("https://x/a.zip", blob="0" * 64), r"a package needs spec\.packageStore"),
    ],
)
def test_a_slot_that_cannot_be_filled_sends_nothing(cloud: AzureCloud, server: Script, link: Link, words: str) -> None:
    with pytest.raises(Refused, match=words):
        cloud.begin(Put(VERSION, {"x": link}))
    assert server.asked == []


def test_a_package_that_is_unknown_is_not_sent(cloud: AzureCloud) -> None:
    with pytest.raises(Refused, match="no longer name this package"):
        cloud.begin(Send("0" * 64))
    assert cloud.present(["0" * 64]) == frozenset()


@pytest.mark.parametrize(
    ("machine", "shape"),
    [
        (MACHINE, '{"properties":{"applicationProfile":{"galleryApplications":%s}}}'),
        (SCALE_SET, '{"properties":{"virtualMachineProfile":{"applicationProfile":{"galleryApplications":%s}}}}'),
    ],
)
def test_entries_are_patched_byte_for_byte(cloud: AzureCloud, server: Script, machine: ArmId, shape: str) -> None:
    server.says(Reply(200, headers={"Azure-AsyncOperation": "{url}/op"}))
    foreign = b'{ "packageReferenceId" : "/X",  "new": 1.0 }'
    ours: Any = {"packageReferenceId": "/Y", "configurationReference": Link("https://x/c")}
    cloud.begin(PutEntries(machine, (foreign, ours), '"7"'))
    asked = server.asked[0]
    expected = f'[{foreign.decode()},{{"packageReferenceId":"/Y","configurationReference":"https://x/c"}}]'
    assert asked.body.decode() == shape % expected
    assert (asked.method, asked.headers["If-Match"]) == ("PATCH", '"7"')
    cloud.begin(PutEntries(machine, (), ""))
    assert server.asked[1].body.decode() == shape % "[]"
    assert "If-Match" not in server.asked[1].headers


def test_entries_of_something_else_are_refused(cloud: AzureCloud) -> None:
    with pytest.raises(Refused, match="not a machine"):
        cloud.begin(PutEntries(GALLERY, (), ""))
    with pytest.raises(Refused, match="not a kind of resource"):
        cloud.read(ArmId(HOME, "rg", ("disks",), ("d",)))


def test_another_writer_in_between_is_a_change(cloud: AzureCloud, server: Script) -> None:
    server.says(error(412, "PreconditionFailed"))
    with pytest.raises(Changed):
        cloud.begin(PutEntries(MACHINE, (), '"1"'))


def test_a_delete_of_what_is_gone_is_done(cloud: AzureCloud, server: Script) -> None:
    server.says(error(404, "ResourceNotFound"))
    assert cloud.begin(Remove(GALLERY)) == Ticket(str(GALLERY))
    assert cloud.check(Ticket(str(GALLERY))) == Done()


def test_a_ticket_is_asked_about_once_at_a_time(cloud: AzureCloud, server: Script) -> None:
    ticket = Ticket(str(GALLERY), f"{server.url}/op?t=secret")
    server.says(Reply(body={"status": "InProgress"}, headers={"Retry-After": "7"}), Reply(body={"status": "Succeeded"}))
    assert (cloud.check(ticket), cloud.check(ticket)) == (Running(7), Done())


def test_trouble_that_passes_is_tried_again(cloud: AzureCloud, server: Script) -> None:
    server.says(error(503, "ServiceUnavailable"), None, error(500, "InternalServerError"), Reply(body=item(GALLERY)))
    assert cloud.read(GALLERY) is not None
    assert cloud.requests() == {"GET": 4}


@pytest.mark.parametrize("reply", [error(500, "InternalServerError"), None])
def test_trouble_that_stays_is_said_after_four_tries(cloud: AzureCloud, server: Script, reply: Reply | None) -> None:
    server.says(reply)
    with pytest.raises(Unreachable):
        cloud.read(GALLERY)
    assert cloud.requests() == {"GET": 4}


def test_a_provider_is_never_registered_by_the_way(cloud: AzureCloud, server: Script) -> None:
    message = "The subscription is not registered to use namespace 'Microsoft.Compute'."
    server.says(Reply(409, {"error": {"code": "MissingSubscriptionRegistration", "message": message}}))
    with pytest.raises(Refused, match="az provider register"):
        cloud.read(GALLERY)
    assert [one.method for one in server.asked] == ["GET"]


def test_threads_share_a_cloud(cloud: AzureCloud, server: Script) -> None:
    server.says(Reply(body=item(GALLERY)))
    with ThreadPoolExecutor(16) as workers:
        assert all(workers.map(cloud.read, [GALLERY] * 64))
    assert cloud.requests() == {"GET": 64}


def test_versions_can_be_replaced_one_by_one(server: Script) -> None:
    server.says(Reply(body={"value": []}))
    with open_azure(server.url, home=HOME, versions={"gallery": "2026-03-03"}) as cloud:
        cloud.survey(gallery_scope(HOME))
        cloud.survey(fleet_scopes(HOME)[0])
    assert [one.path.rpartition("=")[2] for one in server.asked] == ["2026-03-03", "2024-07-01"]
