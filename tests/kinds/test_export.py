"""A live object as a document, and back again: nothing differs, and what cannot be said is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kinds.samples import CASES, HOME, document_of, surroundings
from vmapps.core.declaration import Package
from vmapps.core.diff import compare
from vmapps.core.resource import Desired, Link, Listed, Observed
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Exported

ELSEWHERE = "22222222-2222-2222-2222-222222222222"
COMPUTE = f"/subscriptions/{HOME}/resourceGroups/rg/providers/Microsoft.Compute"
GALLERY = f"{COMPUTE}/galleries/platform"
VERSION = f"{GALLERY}/applications/nginx/versions/1.0.0"
PROFILE = "properties.publishingProfile"
SOURCE = {"mediaLink": "https://c.blob.core.windows.net/a/nginx.tar.gz?sv=1&sig=canary"}
COMMANDS = {"install": "sh install.sh", "remove": "sh remove.sh"}


def exported(body: dict[str, Any], kind: str = "Gallery", home: str = HOME) -> Exported:
    """What a kind makes of one answer of Azure's."""
    return export_of(KINDS[kind].decode(json.dumps(body).encode(), home))


def export_of(live: Listed) -> Exported:
    export = KINDS[live.address.kind].export
    assert export is not None
    return export(live)


def spec(found: Exported) -> dict[str, Any]:
    assert found.document is not None
    return dict(found.document["spec"])


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
    configuration = {"defaultConfigurationLink": "https://c.blob.core.windows.net/a/c?sig=canary"}
    found = version(source={**SOURCE, **configuration}, settings={"configFileName": "c"})
    assert spec(found)["source"]["defaultConfigurationLink"] == "https://c.blob.core.windows.net/a/c"
    assert spec(found)["source"]["mediaLink"] == "https://c.blob.core.windows.net/a/nginx.tar.gz"
    assert "canary" not in json.dumps(found.document) + "".join(found.lost)
