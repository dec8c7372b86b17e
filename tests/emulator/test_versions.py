"""Versions: defaults, what may change, regions, links."""

import pytest

from emulator.arm import APPLICATION, GALLERY, Arm, version_body

VERSION = f"{APPLICATION}/versions/1.0.0"
PROFILE = "galleryApplicationVersion.properties.publishingProfile"
ACTIONS = {"install": "install it", "remove": "remove it"}
SOURCE = {"mediaLink": "https://account.blob.core.windows.net/c/package.zip?sig=one"}


@pytest.fixture
def published(arm: Arm) -> Arm:
    arm.publish(settings={"packageFileName": "p", "configFileName": "c"})
    return arm


def test_a_version_gets_the_recorded_defaults(published: Arm):
    body = published.get(VERSION)
    profile = body["properties"]["publishingProfile"]
    assert profile.pop("publishedDate").endswith("+00:00")
    assert profile == {
        "source": {"mediaLink": "https://account.blob.core.windows.net/c/package.zip?sig=one"},
        "manageActions": {"install": "install it", "remove": "remove it"},
        "settings": {"packageFileName": "p", "configFileName": "c"},
        "enableHealthCheck": False,
        "targetRegions": [{"name": "East US", "regionalReplicaCount": 1, "storageAccountType": "Standard_LRS"}],
        "replicaCount": 1,
        "excludeFromLatest": False,
        "storageAccountType": "Standard_LRS",
    }
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert body["type"] == "Microsoft.Compute/galleries/applications/versions"


def test_a_rewrite_keeps_what_it_leaves_out(published: Arm):
    link = "https://account.blob.core.windows.net/c/package.zip?sig=two"
    answer = published.call(
        "PUT",
        VERSION,
        {
            "location": "eastus",
            "tags": {"t": "1"},
            "properties": {"publishingProfile": {"source": {"mediaLink": link}}},
        },
    )
    assert answer.status_code == 200
    profile = answer.json()["properties"]["publishingProfile"]
    assert answer.json()["properties"]["provisioningState"] == "Updating"
    assert profile["source"]["mediaLink"] == link
    assert profile["manageActions"] == {"install": "install it", "remove": "remove it"}
    assert profile["settings"] == {"packageFileName": "p", "configFileName": "c"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"manageActions": {**ACTIONS, "install": "other"}}, "manageActions.install"),
        ({"manageActions": {**ACTIONS, "remove": "other"}}, "manageActions.remove"),
        ({"manageActions": {**ACTIONS, "update": "new"}}, "manageActions.update"),
        ({"settings": {"packageFileName": "other"}}, "settings.packageFileName"),
        ({"settings": {"configFileName": "other"}}, "settings.configFileName"),
        ({"storageAccountType": "Standard_ZRS"}, "storageAccountType"),
        ({"source": {"mediaLink": "https://account.blob.core.windows.net/c/other.zip"}}, "source.mediaLink"),
        ({"source": {**SOURCE, "defaultConfigurationLink": "https://a/b"}}, "source.defaultConfigurationLink"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_create_only_fields_do_not_change(published: Arm, method, change, field):
    assert published.refused(method, VERSION, version_body(**change)) == (
        409,
        "PropertyChangeNotAllowed",
        f"Changing property '{PROFILE}.{field}' is not allowed.",
    )


@pytest.mark.parametrize("name", ["1.0", "1.0.0.0", "1.0.x", "01.0.0", "2147483648.0.0", "latest"])
def test_a_version_name_is_three_numbers(published: Arm, name):
    status, code, message = published.refused("PUT", f"{APPLICATION}/versions/{name}", version_body())
    assert (status, code) == (400, "InvalidParameter")
    assert message.startswith("The gallery application version name is invalid.")


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ({"source": {}}, "mediaLink' is missing"),
        ({"source": {"mediaLink": "'https://quoted'"}}, "must be an absolute uri"),
        ({"manageActions": {"install": "x"}}, "manageActions.remove' is missing"),
        ({"manageActions": {"install": "x" * 4097, "remove": "r"}}, "4096"),
        ({"targetRegions": [{"name": "East US"}, {"name": "eastus"}]}, "Duplicate regions are not allowed"),
        ({"targetRegions": [{"name": "westus"}]}, "must contain the location of image version eastus"),
        ({"targetRegions": [{"name": "eastus", "encryption": {"osDiskImage": {}}}]}, "do not support encryption"),
        ({"targetRegions": [{}]}, "targetRegions.name' is missing"),
        ({"replicaCount": 11}, "out of range"),
        ({"targetRegions": [{"name": "eastus", "regionalReplicaCount": 0}]}, "out of range"),
    ],
)
def test_a_new_version_is_checked(published: Arm, profile, words):
    status, code, message = published.refused("PUT", f"{APPLICATION}/versions/2.0.0", version_body(**profile))
    assert (status, code) == (400, "InvalidParameter")
    assert words in message


def test_regions_are_added_freely_and_dropped_only_when_allowed(published: Arm):
    both = {"properties": {"publishingProfile": {"targetRegions": [{"name": "eastus"}, {"name": "West US 2"}]}}}
    one = {"properties": {"publishingProfile": {"targetRegions": [{"name": "eastus", "regionalReplicaCount": 2}]}}}
    published.done("PATCH", VERSION, both)
    status, code, message = published.refused("PATCH", VERSION, one)
    assert (status, code) == (400, "BadRequest")
    assert message.startswith("Complete set of target locations not specified while updating gallery artifact '1.0.0'")
    one["properties"]["safetyProfile"] = {"allowDeletionOfReplicatedLocations": True}
    published.done("PATCH", VERSION, one)
    regions = published.get(VERSION)["properties"]["publishingProfile"]["targetRegions"]
    assert regions == [{"name": "East US", "regionalReplicaCount": 2, "storageAccountType": "Standard_LRS"}]
    change = {"targetRegions": [{"name": "eastus", "storageAccountType": "Premium_LRS"}]}
    assert published.refused("PUT", VERSION, version_body(**change))[1] == "PropertyChangeNotAllowed"


def test_the_default_storage_depends_on_the_api_version(published: Arm):
    published.call("PUT", f"{APPLICATION}/versions/2.0.0", version_body(), api="2025-03-03")
    newer = published.get(f"{APPLICATION}/versions/2.0.0", api="2025-03-03")["properties"]["publishingProfile"]
    assert newer["storageAccountStrategy"] == "PreferStandard_ZRS"
    older = published.get(f"{APPLICATION}/versions/2.0.0")["properties"]["publishingProfile"]
    assert "storageAccountStrategy" not in older
    assert older["storageAccountType"] == newer["storageAccountType"] == "Standard_ZRS"


def test_replication_is_shown_on_demand(published: Arm):
    assert "replicationStatus" not in published.get(VERSION)["properties"]
    shown = published.get(f"{VERSION}?$expand=ReplicationStatus")["properties"]["replicationStatus"]
    assert shown["aggregatedState"] == "Completed"
    assert shown["summary"] == [{"region": "East US", "state": "Completed", "details": "", "progress": 100}]


def test_a_version_under_deletion_takes_no_write(published: Arm):
    published.call("DELETE", VERSION)
    assert "marked for deletion" in published.refused("PUT", VERSION, version_body())[2]
    assert published.call("DELETE", VERSION).status_code == 204


def test_a_link_elsewhere_is_accepted_unread_and_one_on_loopback_is_read(published: Arm, blobs):
    url, calls = blobs
    source = {"mediaLink": f"{url}/package?sig=secret", "defaultConfigurationLink": f"{url}/config"}
    published.done("PUT", f"{APPLICATION}/versions/2.0.0", version_body(source=source))
    assert calls == [("HEAD", "/package?sig=secret"), ("HEAD", "/config")]
    published.done("PATCH", f"{APPLICATION}/versions/2.0.0", {"tags": {"a": "b"}})
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "does not exist."),
        ("denied", "The SAS is not valid for source uri"),
        ("empty", "is empty."),
        ("append", "AppendBlob blob type is not supported"),
        ("huge", "is too large: size = 3221225472. The maximum blob size allowed is '2 GB'."),
        ("broken", "cannot be accessed due to the following error: (500)"),
    ],
)
def test_a_link_that_cannot_be_used_is_refused(published: Arm, blobs, kind, words):
    body = version_body(source={"mediaLink": f"{blobs[0]}/{kind}?sig=x"})
    status, code, message = published.refused("PUT", f"{APPLICATION}/versions/2.0.0", body)
    assert (status, code) == (400, "InvalidParameter")
    assert words in message
    assert published.call("GET", f"{APPLICATION}/versions/2.0.0").status_code == 404


def test_nothing_listening_is_refused(published: Arm):
    body = version_body(source={"mediaLink": "http://127.0.0.1:1/x"})
    assert "cannot be accessed" in published.refused("PUT", f"{APPLICATION}/versions/2.0.0", body)[2]


@pytest.mark.parametrize("kind", ["missing", "denied", "private"])
def test_an_identity_reads_what_is_denied_without_a_sas(published: Arm, blobs, kind):
    name = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    identity = {"type": "UserAssigned", "userAssignedIdentities": {name: {}}}
    path = f"{APPLICATION}/versions/2.0.0"
    plain, signed = (version_body(source={"mediaLink": f"{blobs[0]}/{kind}{query}"}) for query in ("", "?sig=x"))
    assert published.refused("PUT", path, plain)[0] == 400
    published.done("PATCH", GALLERY, {"identity": identity})
    assert published.refused("PUT", path, signed)[0] == 400
    published.done("PUT", path, plain)
