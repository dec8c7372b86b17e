from __future__ import annotations

from pathlib import Path

import pytest

from vmapps.core.declaration import Project
from vmapps.errors import Invalid
from vmapps.manifest.head import project_in, project_name, project_text

HOME = "11111111-1111-1111-1111-111111111111"
AWAY = "22222222-2222-2222-2222-222222222222"


@pytest.mark.parametrize(
    "project",
    [
        Project("shop", "a1b2c3d4", "AzurePublic", HOME),
        Project("shop", "12345678", "AzurePublic", HOME),
        Project("shop", "1e345678", "AzurePublic", HOME),
        Project("shop", "a1b2c3d4", "AzureChina", HOME, "rg", fleet=(HOME, AWAY)),
        Project("yes", "a1b2c3d4", "AzurePublic", HOME, fleet=(AWAY,)),
    ],
)
def test_a_new_project_reads_back(tmp_path: Path, project: Project) -> None:
    (tmp_path / "vmapps.yaml").write_text(project_text(project), encoding="utf-8")
    found = project_in(tmp_path, {})
    assert found is not None
    same = (found.name, found.id, found.cloud, found.subscription, found.resource_group)
    assert same == (project.name, project.id, project.cloud, project.subscription, project.resource_group)
    assert found.fleet == (project.fleet or (HOME,))


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    assert project_in(tmp_path, {}) is None


def test_a_wrong_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "vmapps.yaml").write_text("apiVersion: vmapps/v1\nkind: Project\nmetadata: {name: a}\nspec: {}\n")
    with pytest.raises(Invalid, match="subscription"):
        project_in(tmp_path, {})


def test_manifests_are_not_looked_at(tmp_path: Path) -> None:
    """A project may have none yet."""
    text = project_text(Project("shop", "a1b2c3d4", "AzurePublic", HOME))
    (tmp_path / "vmapps.yaml").write_text(text)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "broken.yaml").write_text("{")
    assert project_in(tmp_path, {}) is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [("infra", "infra"), ("my infra", "my-infra"), (".hidden", "hidden"), ("", "project"), ("ä", "project")],
)
def test_a_project_is_called_as_its_folder(text: str, name: str) -> None:
    assert project_name(text) == name
    assert len(project_name("x" * 100)) == 63
