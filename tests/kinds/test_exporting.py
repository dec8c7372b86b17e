"""A world as the files of a project: where each document stands, and what stays out of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinds.samples import HOME, PROJECT
from vmapps.core.exporting.choice import Choice
from vmapps.core.exporting.result import Export
from vmapps.core.resource import World
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.exporting import exported

COMPUTE = f"/subscriptions/{HOME}/resourceGroups/rg/providers/Microsoft.Compute"
AWAY = "22222222-2222-2222-2222-222222222222"


def gallery(name: str = "platform", **more: Any) -> tuple[str, dict[str, Any]]:
    return "Gallery", {"id": f"{COMPUTE}/galleries/{name}", "location": "westeurope", **more}


def application(name: str = "nginx", of: str = "platform", system: str = "Linux", **more: Any) -> tuple[str, Any]:
    body = {"id": f"{COMPUTE}/galleries/{of}/applications/{name}", "location": "westeurope"}
    return "GalleryApplication", {**body, "properties": {"supportedOSType": system}, **more}


def version(number: str = "1.0.0", name: str = "nginx", of: str = "platform", **more: Any) -> tuple[str, Any]:
    properties = {
        "provisioningState": more.pop("state", "Succeeded"),
        "publishingProfile": {
            "source": {"mediaLink": "https://c.blob.core.windows.net/p/a"},
            "manageActions": {"install": more.pop("install", "sh i.sh"), "remove": "sh r.sh"},
        },
    }
    arm_id = f"{COMPUTE}/galleries/{of}/applications/{name}/versions/{number}"
    return "GalleryApplicationVersion", {
        "id": arm_id,
        "location": "westeurope",
        "properties": properties,
        **more,
    }


def machine(name: str, *references: str, group: str = "rg-web", **entry: Any) -> tuple[str, Any]:
    entries = [{"packageReferenceId": f"{COMPUTE}/galleries/{one}", **entry} for one in references]
    arm_id = f"{COMPUTE.replace('/rg/', f'/{group}/')}/virtualMachines/{name}"
    profile = {"applicationProfile": {"galleryApplications": entries}}
    return "VirtualMachine", {"id": arm_id, "location": "westeurope", "properties": profile}


NGINX = "platform/applications/nginx/versions/1.0.0"
WHOLE = (gallery(), application(), version())


def world(*things: tuple[str, Any]) -> World:
    return World.of(iter([KINDS[kind].decode(json.dumps(body).encode(), HOME) for kind, body in things]))


def export(*things: tuple[str, Any], choice: Choice | None = None, owners: frozenset[str] = frozenset()) -> Export:
    return exported(world(*things), choice or Choice(), PROJECT, owners)


def paths(made: Export) -> list[str]:
    return list(dict.fromkeys(one.path for one in made.pieces))


def test_a_folder_for_each_gallery_and_a_file_for_each_application() -> None:
    made = export(*WHOLE, application("base"), version("2.0.0"), machine("web-01", NGINX))
    assert paths(made) == [
        "assignments/rg-web.web-01.yaml",
        "platform/base.yaml",
        "platform/gallery.yaml",
        "platform/nginx.yaml",
    ]
    kinds = [one.document["kind"] for one in made.pieces if one.document and one.path == "platform/nginx.yaml"]
    assert kinds == ["GalleryApplication", "GalleryApplicationVersion", "GalleryApplicationVersion"]
    assert (made.left, made.machines) == ((), 1)


def test_names_that_files_have_already() -> None:
    made = export(gallery("Assignments"), application("Gallery", of="Assignments"))
    assert sorted(paths(made)) == ["assignments.gallery/Gallery.application.yaml", "assignments.gallery/gallery.yaml"]


@pytest.mark.parametrize(
    ("things", "told"),
    [
        ((gallery("images"),), {"it holds no VM applications"}),
        (
            (gallery(), application(system="Other")),
            {"properties.supportedOSType: a manifest knows only Linux, Windows"},
        ),
        ((*WHOLE, version("2.0.0", state="Failed")), {"it is of no use (provisioningState Failed)"}),
        ((*WHOLE, version("2.0.0", tags={"vmapps-owner": "o.1"})), {"it belongs to 'o.1'"}),
        ((gallery(), application(tags={"vmapps-owner": "o.1"}), version()), {"it belongs to 'o.1'"}),
        (
            (gallery(), application(system="Windows"), version(install="a\nb")),
            {"the install command has several lines; cmd.exe runs one"},
        ),
        ((gallery(tags={"a": "1", "A": "2"}), application()), {"differ only in case", "its gallery is left out"}),
    ],
)
def test_what_has_no_document_is_told(things: tuple[tuple[str, Any], ...], told: set[str]) -> None:
    made = export(*things)
    assert len(made.left) == len(told)
    for text in told:
        assert any(text in one.text for one in made.left), made.left


def test_versions_that_are_left_out_are_used_as_they_are_live() -> None:
    foreign = version("2.0.0", tags={"vmapps-owner": "o.1"})
    made = export(*WHOLE, foreign, machine("web-01", NGINX.replace("1.0.0", "2.0.0")))
    assert items(made) == [{"application": "platform/nginx", "version": "2.0.0", "from": "live"}]


def items(made: Export) -> list[Any]:
    [found] = [one.document for one in made.pieces if one.document and one.document["kind"] == "VMAssignment"]
    return list(found["spec"]["applications"])


def test_letters_of_ids_do_not_matter() -> None:
    shouted = tuple((kind, {**body, "id": body["id"].replace("/platform/", "/PLATFORM/")}) for kind, body in WHOLE)
    made = export(*shouted, machine("web-01", NGINX.upper()))
    assert items(made) == [{"application": "platform/nginx", "version": "1.0.0"}]
    [nginx] = [one.document for one in made.pieces if one.document and one.document["kind"] == "GalleryApplication"]
    assert nginx["spec"]["gallery"] == "platform"


def test_marks_of_the_project_are_its_own() -> None:
    marked = (gallery(tags={"vmapps-owner": "shop.a1"}), application(), version())
    assert export(*marked, machine("web-01", NGINX)).count("GalleryApplication") == 0
    assert export(*marked, owners=frozenset({"shop.a1"})).count("GalleryApplication") == 1


def test_another_teams_gallery_is_referred_to() -> None:
    made = export(*WHOLE, machine("web-01", NGINX), choice=Choice(theirs=("platform",)))
    [gallery_document] = [one.document for one in made.pieces if one.document and one.document["kind"] == "Gallery"]
    assert gallery_document["spec"] == {"resourceGroup": "rg", "managed": False}
    assert items(made) == [{"application": "platform/nginx", "version": "1.0.0"}]


def test_two_galleries_of_one_name_are_told_apart_by_id() -> None:
    away = tuple(
        (kind, json.loads(json.dumps(body).replace(HOME, AWAY))) for kind, body in (gallery(), application("b"))
    )
    more = json.loads(json.dumps(version("1.0.0", "b")[1]).replace(HOME, AWAY))
    user = machine("web-01", NGINX)
    user[1]["properties"]["applicationProfile"]["galleryApplications"].append({"packageReferenceId": more["id"]})
    made = export(*WHOLE, *away, ("GalleryApplicationVersion", more), user)
    assert made.count("Gallery") == 1
    assert [one["application"] for one in items(made)] == [
        f"{COMPUTE.replace(HOME, AWAY)}/galleries/platform/applications/b",
        "platform/nginx",
    ]


def test_others_entries_are_told_and_what_policy_adds_is_ignored() -> None:
    other = "security/applications/scanner/versions/latest"
    both = machine("web-01", NGINX, other, order=1, treatFailureAsDeploymentFailure=True)
    made = export(*WHOLE, both)
    [piece] = [one for one in made.pieces if one.path.startswith("assignments/")]
    assert piece.document is not None
    assert piece.document["spec"]["ignore"] == ["security/scanner"]
    assert piece.told == (
        "security/scanner latest is of what was not exported: it stays as it is (it looks like what Azure Policy adds)",
    )


def test_what_looks_injected_and_is_asked_for_is_said_with_a_doubt() -> None:
    flags = {"order": 1, "treatFailureAsDeploymentFailure": True}
    made = export(*WHOLE, machine("web-01", NGINX.replace("1.0.0", "latest"), **flags))
    assert items(made)[0]["followLatest"] is True
    assert "platform/nginx: it looks like what Azure Policy adds" in made.left[0].text


def test_a_mark_of_another_project_keeps_an_entry() -> None:
    marked = '{"vmapps-owner":"o.1","vmapps-machine":"00000000"}'
    made = export(*WHOLE, machine("web-01", NGINX, tags=marked))
    assert made.machines == 0
    assert made.left[0].text == "platform/nginx 1.0.0: it carries the mark of 'o.1'; the entry stays as it is"


def test_a_machine_that_manifests_cannot_name_is_told() -> None:
    made = export(*WHOLE, machine("web-01", NGINX, group="rg-müll"))
    assert "a manifest does not take the name of its machine" in made.left[0].text
    assert paths(made)[0] == "assignments/left-out.yaml"


def test_machines_of_one_list_are_named_when_only_some_lose_something() -> None:
    names = [f"web-{at:02}" for at in range(9)]
    plain = [machine(name, NGINX) for name in names[:2]]
    odd = [machine(name, NGINX, unknown="x") for name in names[2:]]
    made = export(*WHOLE, *plain, *odd)
    [piece] = [one for one in made.pieces if one.path == "assignments/web.yaml"]
    where = "rg-web/web-02, rg-web/web-03, rg-web/web-04, rg-web/web-05, rg-web/web-06 and 2 more"
    assert piece.told == (f"platform/nginx: unknown: a manifest has no field for it ({where})",)


def test_a_gallery_that_no_document_can_name_is_told() -> None:
    bad = tuple((kind, json.loads(json.dumps(body).replace(HOME, "not-a-guid"))) for kind, body in WHOLE)
    user = machine("web-01")
    reference = {"packageReferenceId": bad[2][1]["id"]}
    user[1]["properties"]["applicationProfile"]["galleryApplications"].append(reference)
    made = export(*bad, user, choice=Choice(theirs=("platform",)))
    assert "left out: a manifest does not take its id" in [one.text for one in made.left]
