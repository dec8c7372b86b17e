"""A live object as a document, and back again: nothing differs, and what cannot be said is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kinds.answers import ELSEWHERE, GALLERY, VERSION, export_of, exported, spec
from kinds.samples import CASES, HOME, document_of, surroundings
from vmapps.core.declaration import Package
from vmapps.core.diff import compare
from vmapps.core.resource import Desired, Link, Observed
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Exported

PROFILE = "properties.publishingProfile"
SOURCE = {"mediaLink": "https://c.blob.core.windows.net/a/nginx.tar.gz"}
COMMANDS = {"install": "sh install.sh", "remove": "sh remove.sh"}


def gallery(home: str = HOME, **more: Any) -> Exported:
    return exported({"id": GALLERY, "location": "West Europe", **more}, home=home)


def application(**properties: Any) -> Exported:
    body = {"id": f"{GALLERY}/applications/nginx", "properties": {"supportedOSType": "Linux", **properties}}
    return exported(body, "GalleryApplication")


def version(body: dict[str, Any] | None = None, **profile: Any) -> Exported:
    whole = {"publishingProfile": {"source": SOURCE, "manageActions": COMMANDS, **profile}}
    return exported(
        {"id": VERSION, "location": "westus", "properties": whole, **(body or {})}, "GalleryApplicationVersion"
    )


def test_whatever_azure_lists_can_be_exported() -> None:
    assert {kind.name for kind in KINDS.values() if kind.export} == {one.name for one in KINDS.values() if one.arm_type}


# A document, what is wanted of it, Azure's answer, and the document again.


def cases() -> list[Path]:
    return [file for file in CASES if json.loads(file.read_text(encoding="utf-8"))["wanted"]]


@pytest.mark.parametrize("file", cases(), ids=lambda file: file.stem)
def test_what_was_declared_comes_back_and_differs_in_nothing(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    wanted = declared(case["document"], case.get("application"))
    live = as_created(wanted)
    found = export_of(live)
    assert found.document is not None
    metadata, again = found.document["metadata"], spec(found)
    back = declared({"kind": found.document["kind"], **metadata, "spec": again}, case.get("application"))
    assert back.id == wanted.id
    assert compare(back.body, live.body, KINDS[live.address.kind].rules) == ()
    has_file = "defaultConfiguration" in case["document"]["spec"].get("source", {})
    assert (back.content == wanted.content) is not has_file


def declared(fields: dict[str, Any], application: dict[str, Any] | None) -> Desired:
    """What a document wants; a promised package is taken at its word."""
    declare = KINDS[fields["kind"]].declare
    assert declare is not None
    around = surroundings(application)

    def package(document: Any, path: Any) -> Package | None:
        promised = document.spec["source"].get("sha256")
        return Package(promised, 1, None, "p") if promised else around.package(document, path)

    wanted = declare(document_of(fields), replace(around, package=package))
    assert wanted is not None
    return wanted


def as_created(wanted: Desired) -> Observed:
    """The answer to a PUT of what is wanted, with its marks."""
    marks = {"vmapps-owner": wanted.owner} | ({"vmapps-content": wanted.content} if wanted.content else {})
    body: dict[str, Any] = merged(wanted.initial, wanted.body)
    body["tags"] = {**body.get("tags", {}), **marks, "hidden-title": "x"}
    raw = json.dumps({**body, "id": str(wanted.id)}, default=signed)
    live = KINDS[wanted.address.kind].decode(raw.encode(), HOME)
    assert isinstance(live, Observed)
    return live


def signed(link: Link) -> str:
    """A link as Azure answers it: with the signature that it was published with."""
    return f"{link.url}{'&' if '?' in link.url else '?'}sig=canary"


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: merged(below[name], above[name]) for name in below.keys() & above.keys() if isinstance(above[name], dict)
    }
    return {**below, **above, **both}


# What a document says and what it leaves to Azure.


def test_a_gallery_says_where_it_is() -> None:
    at_home = {"apiVersion": "vmapps/v1", "kind": "Gallery", "metadata": {"name": "platform"}}
    assert gallery() == Exported({**at_home, "spec": {"resourceGroup": "rg", "location": "West Europe"}})
    assert spec(gallery(home=ELSEWHERE))["subscription"] == HOME


def test_parents_are_said_by_name() -> None:
    assert spec(application()) == {"gallery": "platform", "supportedOSType": "Linux"}
    assert spec(version())["application"] == "platform/nginx"


def test_what_azure_writes_or_fills_in_is_neither_said_nor_told() -> None:
    found = version(
        {"etag": "1", "name": "1.0.0", "type": "t"},
        publishedDate="2024-01-01T00:00:00Z",
        replicaCount=1,
        excludeFromLatest=False,
        enableHealthCheck=False,
        storageAccountType="Standard_LRS",
        endOfLifeDate=None,
    )
    assert spec(found).keys() == {"application", "source", "manageActions", "location"}
    assert found.lost == ()
    identity = {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"}
    mine = gallery(identity=identity, properties={"identifier": {"uniqueName": "u"}, "provisioningState": "Succeeded"})
    assert spec(mine)["identity"] == {"type": "SystemAssigned"}
    assert mine.lost == ()


def test_no_secret_is_said() -> None:
    package = {"mediaLink": f"{SOURCE['mediaLink']}?sv=1&sig=canary"}
    configuration = {"defaultConfigurationLink": "https://c.blob.core.windows.net/a/c?sig=canary"}
    found = version(source={**package, **configuration}, settings={"configFileName": "c"})
    assert spec(found)["source"]["defaultConfigurationLink"] == "https://c.blob.core.windows.net/a/c"
    assert spec(found)["source"]["mediaLink"] == "https://c.blob.core.windows.net/a/nginx.tar.gz"
    assert "canary" not in json.dumps(found.document) + "".join(found.lost)
    told = "the link lost its signature, a secret: name a package, or a link that Azure can read"
    assert found.lost == tuple(f"{PROFILE}.source.{name}: {told}" for name in ("mediaLink", "defaultConfigurationLink"))
    plain = version(source={"mediaLink": f"{SOURCE['mediaLink']}?versionid=7"})
    assert plain.lost == (), "what names another version of a blob is no secret"


def test_only_the_authors_tags_are_said() -> None:
    tags = {"Team": "db", "VMAPPS-owner": "o", "vmapps-content": "c", "Hidden-title": "t", "a?b": "1", "none": None}
    found = gallery(tags=tags)
    assert spec(found)["tags"] == {"Team": "db"}
    assert [text.partition(":")[0] for text in found.lost] == ['tags["a?b"]']


def test_tags_beyond_what_a_manifest_takes_are_told() -> None:
    found = gallery(tags={f"t{at:02}": "" for at in range(50)})
    assert len(spec(found)["tags"]) == 48
    assert found.lost == ("tags.t48: a manifest takes 48 tags", "tags.t49: a manifest takes 48 tags")


def test_identities_are_said_without_what_azure_adds() -> None:
    ids = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    found = gallery(identity={"type": "UserAssigned", "userAssignedIdentities": {ids: {"clientId": "c"}}})
    assert spec(found)["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {ids: {}}}
    assert found.lost == ()


@pytest.mark.parametrize(
    ("live", "said"),
    [
        ("2027-12-31T00:00:00+00:00", "2027-12-31T00:00:00Z"),
        ("2027-12-31T01:00:00.1234567+01:00", "2027-12-31T00:00:00.123456Z"),
    ],
)
def test_moments_are_said_in_utc(live: str, said: str) -> None:
    assert spec(application(endOfLifeDate=live))["endOfLifeDate"] == said


def test_a_variable_is_none() -> None:
    """A manifest would fill in `${HOME}`; the live text means itself."""
    found = version(manageActions={"install": "echo ${HOME} $${X}", "remove": "r"})
    assert spec(found)["manageActions"]["install"] == "echo $${HOME} $$${X}"


# What manifests cannot say is told.


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"sharingProfile": {"groups": [{"type": "AADTenants"}]}}, "properties.sharingProfile.groups: Azure changes"),
        ({"softDeletePolicy": {"retentionPeriodInDays": 7}}, "properties.softDeletePolicy.retentionPeriodInDays: a m"),
        ({"sharingProfile": {"permissions": "New"}}, "properties.sharingProfile.permissions: a manifest knows only"),
        ({"description": 1}, "properties.description: a manifest does not take this value"),
        ({"description": "a\x1bb"}, "properties.description: it holds a control character"),
    ],
)
def test_what_a_gallery_document_lacks_is_told(properties: dict[str, Any], told: str) -> None:
    found = gallery(properties=properties)
    assert spec(found).keys() == {"resourceGroup", "location"}
    (text,) = found.lost
    assert text.startswith(told)


REGION = {"name": "westus", "regionalReplicaCount": 1, "storageAccountType": "Standard_LRS"}
SEALED = {"targetRegions": [{**REGION, "encryption": {"x": 1}}]}
BOTH = {"storageAccountStrategy": "PreferStandard_ZRS", "storageAccountType": "Premium_LRS"}
DOES_NOT = "a manifest does not take this value"
FILE_NAME = "a manifest wants it to be a file name of at most 255 characters, without a folder"
STANDS_BESIDE = "storageAccountStrategy stands beside it, and a manifest takes one of them"
REFUSED = "Azure does not support encryption of application versions"


@pytest.mark.parametrize(
    ("profile", "said", "place", "why"),
    [
        (SEALED, ["targetRegions"], "targetRegions.westus.encryption", REFUSED),
        ({"newField": {"inner": True}}, [], "newField.inner", "a manifest has no field for it"),
        (BOTH, ["storageAccountStrategy"], "storageAccountType", STANDS_BESIDE),
    ],
)
def test_what_a_version_document_lacks_is_told(profile: dict[str, Any], said: list[str], place: str, why: str) -> None:
    found = version(**profile)
    assert spec(found).keys() == {"application", "source", "manageActions", "location", *said}
    assert found.lost == (f"{PROFILE}.{place}: {why}",)


@pytest.mark.parametrize(
    ("profile", "place", "why"),
    [
        ({"targetRegions": [{**REGION, "regionalReplicaCount": 99}]}, ".westus.regionalReplicaCount", DOES_NOT),
        ({"targetRegions": [REGION, {"name": "eastus"}]}, "", "a region lacks what a manifest would fill in"),
        ({"targetRegions": [{**REGION, "name": "eastus"}]}, "", "a manifest wants the version's location among them"),
        ({"advancedSettings": {"a": 1}}, ".a", DOES_NOT),
        ({"settings": {"packageFileName": "a/b"}}, ".packageFileName", FILE_NAME),
        ({"customActions": [{"name": "a"}]}, ".a", "it has no script, which a manifest needs"),
        ({"customActions": [None]}, '["0"]', DOES_NOT),
        ({"replicaCount": 99}, "", DOES_NOT),
        ({"replicaCount": "2"}, "", DOES_NOT),
    ],
)
def test_a_value_that_does_not_fit_is_left_out_as_a_whole(profile: dict[str, Any], place: str, why: str) -> None:
    """Half of a list would declare another list."""
    (field,), found = profile, version(**profile)
    assert spec(found).keys() == {"application", "source", "manageActions", "location"}
    assert found.lost == (f"{PROFILE}.{field}{place}: {why}",)


def test_regions_are_said_as_they_are() -> None:
    assert spec(version(targetRegions=[REGION]))["targetRegions"] == [REGION]


@pytest.mark.parametrize("missing", ["source", "manageActions"])
def test_without_what_it_needs_there_is_no_document(missing: str) -> None:
    found = version(**{missing: None})
    assert found == Exported(None, (f"properties: it has no {missing}, which a manifest needs",))


def test_half_of_a_group_is_no_group() -> None:
    found = version(manageActions={"install": "i"})
    assert found.document is None
    assert found.lost[0] == f"{PROFILE}.manageActions: it has no remove, which a manifest needs"


def test_a_name_that_manifests_refuse_has_no_document() -> None:
    found = exported({"id": VERSION.replace("1.0.0", "1.0")}, "GalleryApplicationVersion")
    assert found.document is None
    assert found.lost[0].startswith("name: a manifest wants it to be three numbers")


def test_what_vmapps_published_from_files_is_said_as_files() -> None:
    stored = f"https://pkgs.blob.core.windows.net/packages/sha256/{'a' * 64}"
    source = {"mediaLink": stored, "defaultConfigurationLink": stored}
    marked = {"tags": {"vmapps-content": "v1:sha256:1"}}
    settings = {"packageFileName": "n.tar.gz", "configFileName": "n.conf"}
    found = version(marked, source=source, settings=settings)
    assert spec(found)["source"] == {"package": "n.tar.gz", "sha256": "a" * 64, "defaultConfigurationLink": stored}
    assert [text.partition(":")[0] for text in found.lost] == [
        f"{PROFILE}.source.mediaLink",
        f"{PROFILE}.source.defaultConfigurationLink",
    ]
    assert spec(version(source=source, settings=settings))["source"] == source


def test_a_configuration_without_a_file_name_is_left_out() -> None:
    """Manifests want the name: what Azure takes for it is not certain [azure-facts 3.10]."""
    link = {"defaultConfigurationLink": "https://c.blob.core.windows.net/a/c"}
    found = version(source={**SOURCE, **link})
    assert spec(found)["source"].keys() == {"mediaLink"}
    place = f"{PROFILE}.source.defaultConfigurationLink"
    assert found.lost == (f"{place}: a manifest wants settings.configFileName beside it",)
