"""AzureCloud, the real SDK below it, against the emulator over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from vmapps.azure.cloud import AzureCloud
from vmapps.azure.families import fleet_scopes, gallery_scope
from vmapps.core.address import ArmId
from vmapps.core.resource import Link, Machine, Observed
from vmapps.core.settle import Put, PutEntries, Remove, Retag, Write
from vmapps.engine.ports import Broken, Done, Progress, Running
from vmapps.errors import Changed, Conflicted, Missing, Refused, Throttled

HOME = "11111111-1111-1111-1111-111111111111"
WHERE: Any = {"location": "westeurope"}


def finish(cloud: AzureCloud, write: Write) -> tuple[Progress, int]:
    """Send a write and ask until it has ended, without waiting: the emulator counts questions, not seconds."""
    ticket = cloud.begin(write)
    for asked in range(20):
        said = cloud.check(ticket)
        if not isinstance(said, Running):
            return said, asked
    raise AssertionError("it never ended")


@pytest.fixture
def gallery(cloud: AzureCloud, group: str) -> ArmId:
    arm_id = ArmId(HOME, group, ("galleries",), (f"gal{group[3:]}",))
    assert finish(cloud, Put(arm_id, {**WHERE, "tags": {"vmapps-owner": "me.1"}, "properties": {}}))[0] == Done()
    return arm_id


@pytest.fixture
def application(cloud: AzureCloud, gallery: ArmId) -> ArmId:
    arm_id = gallery.child("applications", "nginx")
    assert finish(cloud, Put(arm_id, {**WHERE, "properties": {"supportedOSType": "Linux"}}))[0] == Done()
    return arm_id


def version_body(url: str = "https://pkgs.blob.core.windows.net/c/a.tar.gz?sv=1&sig=CANARY") -> Any:
    profile = {
        "source": {"mediaLink": Link(url)},
        "manageActions": {"install": "./i", "remove": "./r"},
        "targetRegions": [{"name": "westeurope"}],
        "storageAccountType": "Standard_LRS",
    }
    return {**WHERE, "properties": {"publishingProfile": profile}}


@pytest.fixture
def version(cloud: AzureCloud, application: ArmId) -> ArmId:
    arm_id = application.child("versions", "1.0.0")
    assert finish(cloud, Put(arm_id, version_body()))[0] == Done()
    return arm_id


@pytest.fixture
def machine(cloud: AzureCloud, group: str) -> ArmId:
    arm_id = ArmId(HOME, group, ("virtualMachines",), ("web-01",))
    disk = {"osDisk": {"osType": "Linux", "createOption": "FromImage"}}
    body: Any = {**WHERE, "tags": {"role": "web"}, "properties": {"storageProfile": disk}}
    assert finish(cloud, Put(arm_id, body))[0] == Done()
    return arm_id


@pytest.fixture
def faults(cloud: AzureCloud) -> Iterator[Any]:
    """Give the emulator rules of trouble; they are taken back at the end."""
    url = f"{cloud.arm.endpoint}/emulator/faults"

    def add(**rule: Any) -> None:
        assert cloud.arm.ask("POST", url, json.dumps([rule]).encode()).status == 200

    yield add
    cloud.arm.ask("DELETE", url)


def machine_of(cloud: AzureCloud, arm_id: ArmId) -> Machine:
    found = cloud.read(arm_id)
    assert isinstance(found, Machine)
    return found


def observed(cloud: AzureCloud, arm_id: ArmId) -> Observed:
    found = cloud.read(arm_id)
    assert isinstance(found, Observed)
    return found


def test_what_was_never_put_is_none(cloud: AzureCloud, gallery: ArmId) -> None:
    absent = ArmId(HOME, "rg-that-is-not", ("galleries",), ("g",))
    assert cloud.read(absent) is None
    assert cloud.read(gallery.child("applications", "a")) is None
    assert cloud.read(gallery.child("applications", "a").child("versions", "1.0.0")) is None


def test_put_then_read_returns_what_was_put(cloud: AzureCloud, gallery: ArmId, version: ArmId) -> None:
    found = observed(cloud, gallery)
    assert (found.owner, found.state, found.is_busy) == ("me.1", "Succeeded", False)
    profile: Any = observed(cloud, version).body["properties"]
    assert profile["publishingProfile"]["source"]["mediaLink"] == Link("https://pkgs.blob.core.windows.net/c/a.tar.gz")


def test_operations_are_asked_about_until_they_end(cloud: AzureCloud, application: ArmId) -> None:
    write = Put(application.child("versions", "2.0.0"), version_body())
    assert finish(cloud, write) == (Done(), 2)


def test_an_application_is_done_at_once(cloud: AzureCloud, gallery: ArmId) -> None:
    write = Put(gallery.child("applications", "now"), {**WHERE, "properties": {"supportedOSType": "Linux"}})
    assert cloud.begin(write).poll == ""


def test_what_is_still_being_written_is_busy(cloud: AzureCloud, application: ArmId) -> None:
    arm_id = application.child("versions", "3.0.0")
    cloud.begin(Put(arm_id, version_body()))
    assert observed(cloud, arm_id).is_busy


def test_a_survey_goes_down_page_by_page(cloud: AzureCloud, group: str, version: ArmId) -> None:
    gallery = version.parent.parent
    for name in ("b", "c", "d"):
        body: Any = {**WHERE, "properties": {"supportedOSType": "Linux"}}
        finish(cloud, Put(gallery.child("applications", name), body))
    galleries = cloud.survey(gallery_scope(HOME, group))
    assert [one.seen.id for one in galleries] == [gallery]
    assert galleries[0].below is not None
    applications = cloud.survey(galleries[0].below)
    assert sorted(one.seen.id.name for one in applications) == ["b", "c", "d", "nginx"]
    below = next(one.below for one in applications if one.seen.id.name == "nginx")
    assert below is not None
    assert [str(one.seen.address) for one in cloud.survey(below)] == [
        f"GalleryApplicationVersion/{gallery.name}/nginx/1.0.0"
    ]


def test_the_fleet_is_listed_by_subscription(cloud: AzureCloud, machine: ArmId) -> None:
    machines, scale_sets = (cloud.survey(scope) for scope in fleet_scopes(HOME))
    found = next(one.seen for one in machines if one.seen.id == machine)
    assert isinstance(found, Machine)
    assert (found.os_type, found.tags, found.location) == ("Linux", {"role": "web"}, "westeurope")
    assert found.etag
    assert not [one for one in scale_sets if one.seen.id.resource_group == machine.resource_group]


def test_a_group_that_is_not_there_cannot_be_listed(cloud: AzureCloud) -> None:
    with pytest.raises(Missing, match=r"rg-that-is-not.*check spec\.resourceGroup"):
        cloud.survey(gallery_scope(HOME, "rg-that-is-not"))


def test_tags_are_replaced_and_nothing_else_changes(
    cloud: AzureCloud, gallery: ArmId, application: ArmId, version: ArmId
) -> None:
    for arm_id in (gallery, application, version):
        before = cloud.read(arm_id)
        assert isinstance(before, Observed)
        assert finish(cloud, Retag(arm_id, {"team": "web", "vmapps-owner": "you.1"}))[0] == Done()
        after = cloud.read(arm_id)
        assert isinstance(after, Observed)
        assert (after.owner, after.body["tags"]) == ("you.1", {"team": "web", "vmapps-owner": "you.1"})
        assert {**after.body, "tags": None} == {**before.body, "tags": None}


def test_entries_are_replaced_and_foreign_ones_survive(cloud: AzureCloud, machine: ArmId, version: ArmId) -> None:
    ours: Any = {"packageReferenceId": str(version), "treatFailureAsDeploymentFailure": True, "tags": "{}"}
    assert finish(cloud, PutEntries(machine, (ours,), machine_of(cloud, machine).etag))[0] == Done()
    before = machine_of(cloud, machine)
    assert [one.spelled for one in before.entries] == [str(version)]
    kept = tuple(one.raw for one in before.entries)
    assert finish(cloud, PutEntries(machine, kept, before.etag))[0] == Done()
    after = machine_of(cloud, machine)
    assert after.entries == before.entries
    assert finish(cloud, PutEntries(machine, (), after.etag))[0] == Done()
    assert machine_of(cloud, machine).entries == ()


def test_an_etag_of_yesterday_is_a_change(cloud: AzureCloud, machine: ArmId) -> None:
    old = machine_of(cloud, machine).etag
    finish(cloud, PutEntries(machine, (), old))
    assert machine_of(cloud, machine).etag != old
    with pytest.raises(Changed):
        cloud.begin(PutEntries(machine, (), old))
    assert finish(cloud, PutEntries(machine, (), ""))[0] == Done()


def test_a_reference_to_nothing_fails_as_azure_does(cloud: AzureCloud, machine: ArmId, application: ArmId) -> None:
    body: Any = {"packageReferenceId": str(application.child("versions", "9.9.9"))}
    try:
        said, _ = finish(cloud, PutEntries(machine, (body,), ""))
    except (Refused, Missing) as error:
        failure: Any = error
    else:
        assert isinstance(said, Broken)
        failure = said.failure
    assert failure.scope == str(machine)
    assert failure.code


def test_a_delete_ends_in_nothing_and_twice_is_once(cloud: AzureCloud, version: ArmId) -> None:
    assert finish(cloud, Remove(version))[0] == Done()
    assert cloud.read(version) is None
    assert finish(cloud, Remove(version))[0] == Done()


def test_what_has_children_stays(cloud: AzureCloud, version: ArmId) -> None:
    gallery = version.parent.parent
    try:
        said, _ = finish(cloud, Remove(gallery))
    except Conflicted as error:
        failure: Any = error
    else:
        assert isinstance(said, Broken)
        failure = said.failure
    assert failure.code == "CannotDeleteResource"
    assert cloud.read(gallery) is not None


def test_no_signature_comes_back_in_a_refusal(cloud: AzureCloud, application: ArmId) -> None:
    body = version_body("'https://x.blob.core.windows.net/c/a?sig=CANARY'")
    with pytest.raises(Refused) as caught:
        cloud.begin(Put(application.child("versions", "4.0.0"), body))
    assert "CANARY" not in f"{caught.value} {vars(caught.value)}"


def test_a_busy_service_is_asked_again(cloud: AzureCloud, gallery: ArmId, faults: Any) -> None:
    faults(method="GET", path=f"*{gallery.name}", status=503, times=2)
    assert cloud.read(gallery) is not None


def test_a_cut_connection_is_tried_again(cloud: AzureCloud, gallery: ArmId, faults: Any) -> None:
    faults(method="GET", path=f"*{gallery.name}", drop="before", times=1)
    assert cloud.read(gallery) is not None


def test_a_throttled_write_says_so(cloud: AzureCloud, gallery: ArmId, faults: Any) -> None:
    faults(method="PUT", path=f"*{gallery.name}", status=429, code="TooManyRequests", retryAfter=7)
    with pytest.raises(Throttled) as caught:
        cloud.impatient().begin(Put(gallery, {**WHERE, "properties": {}}))
    assert caught.value.wait >= 7


def test_an_operation_that_fails_says_why(cloud: AzureCloud, gallery: ArmId, faults: Any) -> None:
    faults(method="PUT", path=f"*{gallery.name}", operation={"code": "InternalExecutionError", "message": "Sorry."})
    said, _ = finish(cloud, Put(gallery, {**WHERE, "properties": {"description": "new"}}))
    assert isinstance(said, Broken)
    assert (said.failure.code, said.failure.message) == ("InternalExecutionError", "Sorry.")
