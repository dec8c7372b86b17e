"""Galleries and applications."""

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, Arm


def test_a_gallery_is_written_in_an_operation(arm: Arm):
    answer = arm.call("PUT", GALLERY, {"location": "eastus", "tags": {}})
    assert answer.status_code == 201
    assert answer.json()["properties"]["provisioningState"] == "Creating"
    assert answer.headers["x-ms-retry-after-ms"] == "20"
    assert "retry-after" not in answer.headers
    assert "location" not in answer.headers
    url = answer.headers["azure-asyncoperation"]
    assert "/locations/eastus/capsOperations/" in url
    polls = [arm.http.get(url) for _ in range(4)]
    assert [poll.json()["status"] for poll in polls] == ["InProgress", "InProgress", "Succeeded", "Succeeded"]
    assert ["x-ms-retry-after-ms" in poll.headers for poll in polls] == [True, True, False, False]
    assert arm.get(GALLERY)["properties"]["provisioningState"] == "Succeeded"


def test_reading_the_resource_moves_its_operation_too(arm: Arm):
    arm.call("PUT", GALLERY, {"location": "eastus"})
    states = [arm.get(GALLERY)["properties"]["provisioningState"] for _ in range(3)]
    assert states == ["Creating", "Creating", "Succeeded"]


def test_a_gallery_merges_properties_and_replaces_tags(arm: Arm):
    arm.done("PUT", GALLERY, {"location": "eastus", "tags": {"a": "1"}, "properties": {"description": "one"}})
    arm.done("PATCH", GALLERY, {"tags": {"b": "2"}})
    body = arm.get(GALLERY)
    assert body["tags"] == {"b": "2"}
    assert body["properties"]["description"] == "one"
    assert arm.refused("PUT", GALLERY, {"location": "westus"})[:2] == (409, "InvalidResourceLocation")


def test_a_gallery_cannot_become_a_direct_share(arm: Arm):
    arm.done("PUT", GALLERY, {"location": "eastus"})
    wanted = {"properties": {"sharingProfile": {"permissions": "Groups"}}}
    assert arm.refused("PATCH", GALLERY, wanted)[1] == "PropertyChangeNotAllowed"


@pytest.mark.parametrize("name", ["-g", "g-", "g.", "a" * 81, "g!"])
def test_a_gallery_name_is_checked(arm: Arm, name):
    assert arm.refused("PUT", f"{BELOW}/galleries/{name}", {"location": "eastus"})[:2] == (400, "InvalidParameter")


def test_a_new_resource_needs_a_location(arm: Arm):
    assert arm.refused("PUT", GALLERY, {})[:2] == (400, "LocationRequired")


def test_an_application_answers_at_once_and_has_no_state(arm: Arm):
    arm.done("PUT", GALLERY, {"location": "eastus"})
    body = {"location": "eastus", "properties": {"supportedOSType": "Windows", "endOfLifeDate": "2030-01-01T00:00:00Z"}}
    answer = arm.call("PUT", APPLICATION, body)
    assert answer.status_code == 201
    assert "azure-asyncoperation" not in answer.headers
    assert answer.json()["properties"] == {
        "supportedOSType": "Windows",
        "endOfLifeDate": "2030-01-01T00:00:00+00:00",
    }
    patched = arm.call("PATCH", APPLICATION, {"tags": {"tag": "test"}, "properties": {"description": "test"}})
    assert patched.status_code == 200
    assert patched.json()["tags"] == {"tag": "test"}
    assert arm.call("PUT", APPLICATION, {"location": "eastus", "properties": {"supportedOSType": "windows"}}).json()[
        "properties"
    ] == {"supportedOSType": "Windows", "endOfLifeDate": "2030-01-01T00:00:00+00:00", "description": "test"}
    assert arm.call("DELETE", APPLICATION).status_code == 200
    assert arm.call("DELETE", APPLICATION).status_code == 204


def test_an_application_keeps_its_system(arm: Arm):
    arm.publish()
    change = {"properties": {"supportedOSType": "Windows"}}
    assert arm.refused("PATCH", APPLICATION, change) == (
        409,
        "PropertyChangeNotAllowed",
        "Changing property 'galleryApplication.properties.supportedOSType' is not allowed.",
    )
    assert arm.refused("PUT", APPLICATION + "2", {"location": "eastus"})[1] == "InvalidParameter"
    beos = {"location": "eastus", "properties": {"supportedOSType": "BeOS"}}
    assert arm.refused("PUT", APPLICATION + "2", beos)[1] == "InvalidParameter"
    misnamed = {"location": "eastus", "name": "other", "properties": {"supportedOSType": "Linux"}}
    assert arm.refused("PUT", APPLICATION + "2", misnamed)[2].startswith("Entity name does not match")


def test_parents_with_children_stay(arm: Arm):
    version = arm.publish()
    status, code, message = arm.refused("DELETE", APPLICATION)
    assert (status, code) == (409, "CannotDeleteResource")
    assert "'Microsoft.Compute/galleries/g/applications/app/versions/1.0.0'" in message
    assert arm.refused("DELETE", GALLERY)[:2] == (409, "CannotDeleteResource")
    arm.done("DELETE", version)
    arm.done("DELETE", APPLICATION)
    deleted = arm.call("DELETE", GALLERY)
    assert deleted.status_code == 202
    assert {"location", "azure-asyncoperation"} <= set(deleted.headers)
    assert arm.get(GALLERY)["properties"]["provisioningState"] == "Deleting"
    arm.follow(deleted)
    assert arm.call("DELETE", GALLERY).status_code == 204


def test_a_list_of_galleries_writes_the_group_in_capitals(arm: Arm):
    arm.done("PUT", GALLERY, {"location": "eastus"})
    assert arm.get(f"{BELOW}/galleries")["value"][0]["id"] == GALLERY.replace("/rg/", "/RG/")


def test_a_community_gallery_is_shared_and_reset(arm: Arm):
    info = {"publicNamePrefix": "prefix", "publisherUri": "u", "publisherContact": "c", "eula": "e"}
    sharing = {"permissions": "Community", "communityGalleryInfo": info}
    arm.done("PUT", GALLERY, {"location": "eastus", "properties": {"sharingProfile": sharing}})
    arm.done("POST", f"{GALLERY}/share", {"operationType": "EnableCommunity"})
    shared = arm.get(GALLERY)["properties"]["sharingProfile"]
    assert shared["communityGalleryInfo"]["communityGalleryEnabled"] is True
    arm.done("POST", f"{GALLERY}/share", {"operationType": "Reset"})
    assert arm.get(GALLERY)["properties"]["sharingProfile"] == {"permissions": "Private"}
