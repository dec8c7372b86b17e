"""What a good project becomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifest.projects import APPLICATION, PROJECT, version, write
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Declarations, Selector
from vmapps.core.resource import Link
from vmapps.manifest.load import load

GOOD = Path(__file__).parent / "good"


def test_the_sample_of_the_manual() -> None:
    declared = load(GOOD / "sample")
    assert [str(one.address) for one in declared.resources] == [
        "Gallery/platform",
        "GalleryApplication/platform/base",
        "GalleryApplication/platform/nginx",
        "GalleryApplicationVersion/platform/base/1.4.0",
        "GalleryApplicationVersion/platform/nginx/1.26.2",
    ]
    assert declared.warnings == ()
    assert declared.project.owner == "contoso-platform.7f3a9c12"
    assert sorted(package.shown for package in declared.packages) == [
        "conf/nginx.conf",
        "packages/base-1.4.0.tar.gz",
        "packages/nginx-1.26.2.tar.gz",
    ]


def test_a_version_as_it_is_sent() -> None:
    nginx = load(GOOD / "sample").resources[-1]
    profile = nginx.body["properties"]["publishingProfile"]  # type: ignore[index,call-overload]
    assert isinstance(profile["source"]["mediaLink"], Link)
    assert profile["source"]["mediaLink"].url.startswith(
        "https://contosopkgs.blob.core.windows.net/vm-packages/sha256/"
    )
    assert profile["settings"] == {
        "packageFileName": "nginx.tar.gz",
        "configFileName": "nginx.conf",
        "scriptBehaviorAfterReboot": "None",
    }
    assert profile["targetRegions"] == [
        {"name": "westeurope", "regionalReplicaCount": 2, "storageAccountType": "Standard_LRS"},
        {"name": "northeurope", "regionalReplicaCount": 1, "storageAccountType": "Standard_LRS"},
    ]
    assert nginx.initial == {
        "location": "westeurope",
        "properties": {"publishingProfile": {"storageAccountType": "Standard_LRS"}},
    }
    assert [str(need).partition("/")[0] for need in nginx.needs] == ["GalleryApplication", "Package", "Package"]


def test_an_assignment_as_the_planner_reads_it() -> None:
    (web,) = load(GOOD / "sample").assignments
    first, second = web.targets
    assert first.machine == Address("VirtualMachine", ("rg-web", "web-01"))
    assert second.selector == Selector(
        resource_groups=("rg-web-*",),
        names=("web-*",),
        tags={"role": ("web", "api")},
        os_type="Linux",
        locations=("westeurope",),
        exclude=Selector(tags={"canary": ("true",)}),
    )
    assert (second.at_least, second.at_most) == (1, None)
    assert [(one.application_name, one.version, one.order) for one in web.applications] == [
        ("base", "1.4.0", 1),
        ("nginx", "1.26.2", 2),
    ]


def test_a_foreign_gallery_is_only_read(tmp_path: Path) -> None:
    other = "22222222-2222-2222-2222-222222222222"
    third = f"/subscriptions/{other}/resourceGroups/g/providers/Microsoft.Compute/galleries/third/applications/app"
    documents = f"""\
---
apiVersion: vmapps/v1
kind: Gallery
metadata: {{name: theirs}}
spec: {{managed: false, subscription: {other}, resourceGroup: rg-theirs}}
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {{name: all}}
spec:
  targets: [{{selector: {{names: ['*']}}}}]
  applications:
    - {{application: theirs/agent, version: latest}}
    - {{application: {third}, version: 1.0.0}}
"""
    declared = load(write(tmp_path, {"vmapps.yaml": PROJECT + documents}))
    assert declared.resources == ()
    assert declared.foreign_galleries == (
        ArmId(other, "g", ("galleries",), ("third",)),
        ArmId(other, "rg-theirs", ("galleries",), ("theirs",)),
    )
    agent, app = declared.assignments[0].applications
    assert (str(agent.application), agent.live) == (f"GalleryApplication/{other}/theirs/agent", True)
    assert (app.gallery.name, app.application_name) == ("third", "app")


def test_a_gallery_in_another_subscription(tmp_path: Path) -> None:
    other = "22222222-2222-2222-2222-222222222222"
    text = APPLICATION.replace("spec: {}", f"spec: {{subscription: {other}, resourceGroup: rg2, location: West US}}")
    gallery, application = load(write(tmp_path, {"vmapps.yaml": PROJECT + text})).resources
    assert str(gallery.address) == f"Gallery/{other}/platform"
    assert (gallery.body, gallery.initial) == ({"location": "West US"}, {})
    assert str(application.id) == (
        f"/subscriptions/{other}/resourceGroups/rg2/providers/Microsoft.Compute/galleries/platform/applications/nginx"
    )
    assert application.needs == (gallery.address,)


def test_the_blob_endpoint_takes_the_place_of_the_account(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT})
    store = load(tmp_path, blob_endpoint="http://127.0.0.1:10000/devstoreaccount1/").project.store
    assert store is not None
    assert store.account == "http://127.0.0.1:10000/devstoreaccount1"


DOCUMENTS = (
    *(f"---\n{text}" for text in APPLICATION.split("---\n") if text),
    version("{package: a.tar.gz}"),
    version("{package: b.tar.gz}", "1.26.3"),
    version("{mediaLink: https://c.blob.core.windows.net/a/nginx.tar.gz}", "1.2.0"),
)


@given(st.permutations(range(len(DOCUMENTS))))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_order_of_files_does_not_matter(tmp_path: Path, order: list[int]) -> None:
    files = {f"m/{name}.yaml": DOCUMENTS[at] for name, at in enumerate(order)}
    whole = {"vmapps.yaml": PROJECT + "  manifests: ['m/*.yaml']\n", "m/a.tar.gz": "a", "m/b.tar.gz": "b", **files}
    declared = load(write(tmp_path, whole))
    first = load(write(tmp_path, {f"m/{at}.yaml": text for at, text in enumerate(DOCUMENTS)}))
    assert [replace(one, source=()) for one in declared.resources] == [
        replace(one, source=()) for one in first.resources
    ]
    assert without_places(declared) == [
        "Gallery/platform",
        "GalleryApplication/platform/nginx",
        "GalleryApplicationVersion/platform/nginx/1.2.0",
        "GalleryApplicationVersion/platform/nginx/1.26.2",
        "GalleryApplicationVersion/platform/nginx/1.26.3",
        "Package/ca978112ca1b m/a.tar.gz",
        "Package/3e23e8160039 m/b.tar.gz",
    ]


def without_places(declared: Declarations) -> list[str]:
    return [
        *(str(one.address) for one in declared.resources),
        *(f"{package.address} {package.shown}" for package in declared.packages),
    ]
