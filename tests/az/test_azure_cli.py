"""What a user of azure-cli does with applications, from the gallery to the machines."""

from az.client import BELOW, Az

GALLERY = ("--resource-group", "rg", "--gallery-name", "shop")
APPLICATION = (*GALLERY, "--application-name", "web")
VERSION = f"{BELOW}/galleries/shop/applications/web/versions"
LINK = "https://account.blob.core.windows.net/packages/web.zip"


def test_a_gallery_with_an_application_and_its_versions(az: Az):
    gallery = az("sig", "create", "--resource-group", "rg", "--gallery-name", "shop")
    assert gallery["provisioningState"] == "Succeeded"
    created = az("sig", "gallery-application", "create", *APPLICATION, "--os-type", "Linux", "--location", "eastus")
    assert created["supportedOSType"] == "Linux"
    for number in ("1.0.0", "2.0.0", "3.0.0"):
        version = az("sig", "gallery-application", "version", "create", *_version(number))
        assert version["provisioningState"] == "Succeeded"
    listed = az("sig", "gallery-application", "version", "list", *APPLICATION)
    assert [item["name"] for item in listed] == ["1.0.0", "2.0.0", "3.0.0"]
    shown = az("sig", "gallery-application", "version", "show", *APPLICATION, "--version-name", "2.0.0")
    assert shown["publishingProfile"]["manageActions"]["install"] == "install it"
    assert [item["name"] for item in shown["publishingProfile"]["targetRegions"]] == ["East US", "West US"]


def test_an_application_is_changed_and_read(az: Az):
    az("sig", "gallery-application", "update", *APPLICATION, "--description", "the web shop")
    assert az("sig", "gallery-application", "show", *APPLICATION)["description"] == "the web shop"
    assert [item["name"] for item in az("sig", "gallery-application", "list", *GALLERY)] == ["web"]
    update = ("sig", "gallery-application", "version", "update", *APPLICATION, "--version-name", "1.0.0")
    changed = az(*update, "--location", "eastus", "--package-file-link", LINK, "--end-of-life-date", "2050-12-01")
    assert changed["publishingProfile"]["endOfLifeDate"].startswith("2050-12-01")


def test_a_machine_gets_applications(az: Az):
    machine = ("--resource-group", "rg", "--name", "vm")
    flags = ("--treat-deployment-as-failure", "true", "--order-applications")
    az("vm", "application", "set", *machine, "--app-version-ids", f"{VERSION}/1.0.0", *flags)
    (entry,) = az("vm", "application", "list", *machine)["galleryApplications"]
    assert entry["packageReferenceId"] == f"{VERSION}/1.0.0"
    assert (entry["order"], entry["treatFailureAsDeploymentFailure"]) == (1, True)
    view = az("vm", "get-instance-view", *machine)["instanceView"]["extensions"]
    assert "Install SUCCESS" in view[0]["statuses"][0]["message"]
    assert [item["name"] for item in az("vm", "list", "--resource-group", "rg")] == ["vm"]
    az("vm", "application", "set", *machine, "--app-version-ids")
    assert not az("vm", "application", "list", *machine).get("galleryApplications")


def test_a_scale_set_gets_applications(az: Az):
    scale_set = ("--resource-group", "rg", "--name", "set")
    az("vmss", "application", "set", *scale_set, "--app-version-ids", f"{VERSION}/2.0.0", "--order-applications")
    (entry,) = az("vmss", "application", "list", *scale_set)["galleryApplications"]
    assert (entry["packageReferenceId"], entry["order"]) == (f"{VERSION}/2.0.0", 1)
    az("vmss", "update-instances", *scale_set, "--instance-ids", "*")


def test_deleting_goes_from_the_leaves_up(az: Az):
    refused = az.run("sig", "gallery-application", "delete", *APPLICATION, "--yes")
    assert refused.returncode == 1
    assert "CannotDeleteResource" in refused.stderr
    for number in ("1.0.0", "2.0.0", "3.0.0"):
        delete = ("sig", "gallery-application", "version", "delete", *APPLICATION)
        az(*delete, "--version-name", number, "--yes")
    az("sig", "gallery-application", "delete", *APPLICATION, "--yes")
    az("sig", "delete", "--resource-group", "rg", "--gallery-name", "shop")
    assert az("sig", "list", "--resource-group", "rg") == []


def test_every_request_carries_a_known_api_version(az: Az):
    """Versions of 2021 to 2026 and none without a date: the emulator takes them all."""
    asked = {(entry["method"], entry["path"].split("/")[-2], entry["apiVersion"]) for entry in az.requests()}
    assert all("2019" <= version < "2100" for _, _, version in asked)
    assert not [entry for entry in az.requests() if entry["status"] >= 500]


def _version(number: str) -> tuple[str, ...]:
    regions = "[{name:eastus},{name:westus,regional-replica-count:2}]"
    scripts = ("--install-command", "install it", "--remove-command", "remove it", "--update-command", "update it")
    name = ("--version-name", number, "--location", "eastus", "--package-file-link", LINK)
    return (*APPLICATION, *name, *scripts, "--target-regions", regions)
