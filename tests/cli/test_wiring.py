"""From options to a project and a cloud, with the real rooms behind it; nothing answers at the endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.world import Commands
from render import cases
from samples import assignment, declarations, desired, observed, wanted
from vmapps.cli import wiring
from vmapps.cli.main import run
from vmapps.cli.options import Common
from vmapps.core.declaration import Declarations, Project
from vmapps.core.plan import Options
from vmapps.core.planning.aiming import Aim, Rollback
from vmapps.core.planning.make import plan_of
from vmapps.core.resource import Desired, World
from vmapps.engine.prepare import Prepared
from vmapps.manifest.edit_release import File, New
from vmapps.manifest.edit_versions import Wish

MANIFEST = f"""\
apiVersion: vmapps/v1
kind: Project
metadata: {{name: demo, id: 7f3a9c12}}
spec:
  subscription: {cases.SUBSCRIPTION}
  resourceGroup: rg-galleries
  location: westeurope
  manifests: ["*.yml"]
  variables: {{text: a}}
  packageStore: {{account: "https://a.blob.core.windows.net", container: packages}}
"""
GALLERY = """\
apiVersion: vmapps/v1
kind: Gallery
metadata: {name: platform}
spec: {description: "${text}"}
"""
ASSIGNMENT = """\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: web}
spec:
  targets:
    - virtualMachine: rg-web/web-01
  applications:
    - application: platform/nginx
      version: 1.0.0
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "vmapps.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "gallery.yml").write_text(GALLERY, encoding="utf-8")
    return tmp_path


def test_the_options_reach_the_loader(project: Path) -> None:
    declared = wiring.declarations(project, Common(variables={"text": "b"}, blob_endpoint="http://127.0.0.1:1/x"))
    assert declared.resources[0].body["properties"] == {"description": "b"}
    assert declared.project.store
    assert declared.project.store.account == "http://127.0.0.1:1/x"


def test_the_options_reach_the_cloud(project: Path) -> None:
    common = Common(endpoint="http://127.0.0.1:1", blob_endpoint="http://127.0.0.1:1/devstoreaccount1")
    with wiring.cloud(wiring.declarations(project, common), common) as cloud:
        assert cloud.present([]) == frozenset()


def test_an_endpoint_that_is_down_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr("azure.core.pipeline.policies.RetryPolicy.increment", give_up)
    assert run(["plan", str(project), "--endpoint", "http://127.0.0.1:1"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    assert "127.0.0.1" in err or "/subscriptions/" in err


def test_every_kind_has_rules() -> None:
    assert {"Gallery", "GalleryApplication", "GalleryApplicationVersion"} <= wiring.rules().keys()


def test_scopes_are_every_gallery_s_group_and_every_fleet_s_subscription_once() -> None:
    gallery = Desired(cases.CREATE_GALLERY.address, cases.GALLERY, {}, "o")
    application = Desired(cases.CREATE_APPLICATION.address, cases.NGINX, {}, "o")
    elsewhere = type(cases.GALLERY)("2222", "RG-Other", ("galleries",), ("shared",))
    declared = Declarations(
        Project("p", "1", "AzurePublic", cases.SUBSCRIPTION, "RG-GALLERIES", fleet=("3333", "3333")),
        resources=(gallery, application),
        foreign_galleries=(elsewhere,),
    )
    found = [(scope.kind, scope.path.split("/providers/")[0].lower()) for scope in wiring.scopes(declared)]
    assert found[:2] == [
        ("Gallery", f"/subscriptions/{cases.SUBSCRIPTION}/resourcegroups/rg-galleries"),
        ("Gallery", "/subscriptions/2222/resourcegroups/rg-other"),
    ]
    assert {path for _, path in found[2:]} == {"/subscriptions/3333"}
    assert len(found) == len(set(found))


def test_without_a_fleet_it_is_the_project_s_own_subscription() -> None:
    found = wiring.scopes(Declarations(Project("p", "1", "AzurePublic", "1111")))
    assert {scope.path.split("/")[2] for scope in found} == {"1111"}


def test_recheck_and_execute_are_the_engine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr("vmapps.engine.recheck.recheck", lambda *_, **told: asked.append(told))
    monkeypatch.setattr("vmapps.engine.execute.execute", lambda *_, **told: asked.append(told))
    common, plan = Common(parallelism=3), cases.PLANS["everything"]
    wiring.recheck(plan, None, common)  # type: ignore[arg-type]
    wiring.execute(plan, None, print, None, common)  # type: ignore[arg-type]
    assert [told["parallelism"] for told in asked] == [3, 3]


@pytest.mark.parametrize(("to", "aim"), [("1.0.0", Aim("1.0.0")), ("", None)])
def test_a_rollback_is_planned_by_the_engine_and_aimed_by_the_world_that_was_read(
    to: str, aim: Aim | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (("platform",), ("platform", "nginx"), ("platform", "nginx", "1.0.0"))
    web = assignment(wanted("1.1.0"), to=())
    declared = declarations(*(desired(*one) for one in names), assignments=(web,))
    world = World.of(iter([observed(*one) for one in names]))

    def prepare(*asked: Any, weighing: Any, **told: Any) -> Prepared:
        found = weighing(declared, world, told["rules"], asked[2])
        return Prepared(plan_of(cases.PROJECT, asked[2], found), world)

    monkeypatch.setattr("vmapps.engine.prepare.prepare", prepare)
    made, found = wiring.rolled_back(declared, None, Rollback(web, 0, to), Options(), Common())  # type: ignore[arg-type]
    assert found == aim
    assert made.errored is (aim is None)


def test_manifests_are_edited_in_memory_first(project: Path) -> None:
    before = (project / "gallery.yml").read_text(encoding="utf-8")
    (project / "gallery.yml").write_text(before + ASSIGNMENT, encoding="utf-8")
    sheets = wiring.asking(project, (Wish("web", 0, "1.0.1"),), Common(variables={"text": "b"}))
    assert [edit.line for edit in sheets.edits] == [14]
    assert (project / "gallery.yml").read_text(encoding="utf-8") == before + ASSIGNMENT


def test_a_version_is_declared_in_memory_first(project: Path) -> None:
    application = GALLERY.replace("Gallery", "GalleryApplication").replace("platform", "nginx")
    spec = "{gallery: platform, supportedOSType: Linux}"
    (project / "app.yml").write_text(application.replace('{description: "${text}"}', spec), encoding="utf-8")
    (project / "package").write_text("x", encoding="utf-8")
    new = New("platform/nginx", "1.0.0", File.of(project / "package"))
    sheets = wiring.releasing(project, new, (), Common(variables={"text": "b"}))
    assert [file.name for file in sheets.after] == ["app.yml"]


def test_the_store_is_closed_and_may_not_be(project: Path) -> None:
    common = Common(blob_endpoint="http://127.0.0.1:1/devstoreaccount1")
    declared = wiring.declarations(project, common)
    with wiring.store(declared, common) as store:
        assert store is not None
    with wiring.store(Declarations(Project("p", "1", "AzurePublic", "1111")), common) as store:
        assert store is None


def test_tracing_that_cannot_be_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert wiring.spans("apply", Common()) is None
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("AZURE_TRACING_ENABLED", "true")
    monkeypatch.setattr("azure.core.instrumentation.get_tracer", lambda **_: None)
    assert wiring.spans("apply", Common()) is None
    assert "opentelemetry-api is not installed: there are no spans" in capsys.readouterr().err


def test_fakes_answer_like_the_wiring(vmapps: Commands) -> None:
    """The tests of the commands replace these functions: their parameters have to be the same."""
    import inspect

    from cli.world import World as Fake

    real = inspect.getmembers(wiring, inspect.isfunction)
    for name, function in real:
        if hasattr(Fake, name) and function.__module__ == wiring.__name__:
            theirs = [*inspect.signature(getattr(Fake, name)).parameters][1:]
            assert theirs == [*inspect.signature(function).parameters], name
