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
        "GalleryApplicationVersion/platform/base/1.3.0",
        "GalleryApplicationVersion/platform/base/1.4.0",
        "GalleryApplicationVersion/platform/base/1.5.0",
        "GalleryApplicationVersion/platform/nginx/1.26.2",
    ]
    assert [str(one.address) for one in declared.resources if one.absent] == [
        "GalleryApplicationVersion/platform/base/1.3.0"
    ]
    assert [one.retention for one in declared.resources][:3] == [None, None, 3]
    assert declared.warnings == ()
    assert declared.project.owner == "contoso-platform.7f3a9c12"
    assert sorted(package.shown for package in declared.packages) == [
        "conf/nginx.conf",
        "conf/web.conf",
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
    _, web = load(GOOD / "sample").assignments
    first, scale_set, second = web.targets
    assert first.machine == Address("VirtualMachine", ("rg-web", "web-01"))
    assert scale_set.machine == Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))
    assert second.selector == Selector(
        resource_groups=("rg-web-*",),
        names=("web-*",),
        tags={"role": ("web", "api")},
        os_type="Linux",
        locations=("westeurope",),
        exclude=Selector(kinds=(), tags={"canary": ("true",)}),
    )
    assert (second.at_least, second.at_most) == (1, None)
    base, nginx = web.applications
    assert [(one.application_name, one.version, one.order) for one in (base, nginx)] == [
        ("base", "1.4.0", None),
        ("nginx", "1.26.2", None),
    ]
    assert (base.depends_on, nginx.depends_on) == ((), (base.application,))
    assert (web.exclusive, web.ignore, web.upgrade_instances) == (False, ("*/agents/*",), False)


def test_a_configuration_of_an_assignment_is_uploaded_and_its_link_lasts() -> None:
    declared = load(GOOD / "sample")
    _, web = declared.assignments
    (file,) = (package for package in declared.packages if package.shown == "conf/web.conf")
    link = web.applications[1].configuration
    assert link is not None
    assert (link.blob, link.access) == (file.sha256, "storedPolicy")
    assert link.url == f"https://contosopkgs.blob.core.windows.net/vm-packages/sha256/{file.sha256}"


def test_what_is_followed_and_what_is_removed() -> None:
    jump, _ = load(GOOD / "sample").assignments
    base, nginx = jump.applications
    assert (base.version, base.follow_latest, base.automatic_upgrade, base.absent) == ("latest", True, True, False)
    assert base.configuration is not None
    assert (base.configuration.url[-9:], base.configuration.blob, base.configuration.access) == ("jump.conf", "", "")
    assert (nginx.version, nginx.follow_latest, nginx.automatic_upgrade, nginx.absent) == ("", False, False, True)
    assert (jump.exclusive, jump.ignore, jump.upgrade_instances) == (True, (), True)
    assert jump.targets[0].selector == Selector(
        kinds=("VirtualMachineScaleSet", "VirtualMachine"), tags={"role": ("jump",)}
    )


def test_an_install_file_is_the_install_command() -> None:
    version = load(GOOD / "sample").resources[-2]
    commands = version.body["properties"]["publishingProfile"]["manageActions"]  # type: ignore[index,call-overload]
    assert commands == {
        "install": (GOOD / "sample" / "scripts" / "install.sh").read_text(encoding="utf-8"),
        "remove": "sh ./install.sh --remove",
    }


def test_what_is_to_be_deleted_needs_nothing_but_its_name(tmp_path: Path) -> None:
    documents = """\
---
apiVersion: vmapps/v1
kind: Gallery
metadata: {name: platform}
spec: {state: absent}
---
apiVersion: vmapps/v1
kind: GalleryApplication
metadata: {name: nginx}
spec: {gallery: platform, state: absent}
---
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {name: 1.0.0}
spec: {application: platform/nginx, state: absent, source: {package: gone.zip}, installFile: gone.sh}
"""
    declared = load(write(tmp_path, {"vmapps.yaml": PROJECT.replace("  location: westeurope\n", "") + documents}))
    assert [one.absent for one in declared.resources] == [True, True, True]
    assert [(one.body, one.initial, one.content, one.needs) for one in declared.resources] == [({}, {}, "", ())] * 3
    assert declared.packages == ()


def test_an_application_may_move_to_another_gallery(tmp_path: Path) -> None:
    other = APPLICATION.replace("platform", "other")
    moved = """\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: web}
spec:
  targets: [{virtualMachine: rg/web-01}]
  applications: [{application: platform/nginx, state: absent}, {application: other/nginx, version: 1.0.0}]
"""
    link = version("{mediaLink: https://c.blob.core.windows.net/a/nginx.tar.gz}", "1.0.0")
    text = PROJECT + APPLICATION + other + link.replace("platform/nginx", "other/nginx") + moved
    (web,) = load(write(tmp_path, {"vmapps.yaml": text})).assignments
    assert [(one.application.name[0], one.absent) for one in web.applications] == [("platform", True), ("other", False)]


def test_a_dependency_on_another_teams_application_is_left_to_the_plan(tmp_path: Path) -> None:
    third = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/g/providers/Microsoft.Compute"
    web = f"""\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {{name: web}}
spec:
  targets: [{{virtualMachine: rg/web-01}}]
  applications:
    - application: platform/nginx
      version: 1.0.0
      dependsOn: [{third}/galleries/third/applications/agent]
"""
    link = version("{mediaLink: https://c.blob.core.windows.net/a/nginx.tar.gz}", "1.0.0")
    declared = load(write(tmp_path, {"vmapps.yaml": PROJECT + APPLICATION + link + web}))
    (nginx,) = declared.assignments[0].applications
    assert [str(one) for one in nginx.depends_on] == [
        "GalleryApplication/22222222-2222-2222-2222-222222222222/third/agent"
    ]
    assert declared.foreign_galleries == ()


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
