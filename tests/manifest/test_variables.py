"""What `${name}` becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifest.projects import APPLICATION, PROJECT, diagnostics, said, version, write
from vmapps.core.fields import at
from vmapps.manifest.load import load

DECLARED = PROJECT + "  variables: {name: nginx, count: 2, on: true, digits: '007', text: 'a: b'}\n"
MEDIA = "{mediaLink: https://contoso.blob.core.windows.net/apps/nginx.tar.gz}"

FILLED = {
    "tags: {a: '${name}'}": ("tags.a", "nginx"),
    "tags:\n  a: ${name}-x": ("tags.a", "nginx-x"),
    "tags: {a: '${count}'}": ("tags.a", "2"),
    "tags:\n  a: ${digits}": ("tags.a", "007"),
    "tags:\n  a: ${text}": ("tags.a", "a: b"),
    "tags: {a: '$${name} ${name}$${'}": ("tags.a", "${name} nginx${"),
    "tags: {a: $name}": ("tags.a", "$name"),
    "replicaCount: ${count}": ("properties.publishingProfile.replicaCount", 2),
    "excludeFromLatest: ${on}": ("properties.publishingProfile.excludeFromLatest", True),
}


def body_of(folder: Path, field: str, variables: dict[str, str]) -> Any:
    write(folder, {"vmapps.yaml": DECLARED + APPLICATION + version(MEDIA, more=field)})
    return load(folder, variables).resources[-1].body


@pytest.mark.parametrize("field", FILLED)
def test_a_variable_is_filled_in(field: str, tmp_path: Path) -> None:
    path, expected = FILLED[field]
    assert at(body_of(tmp_path, field, {}), tuple(path.split("."))) == expected


def test_the_command_line_wins(tmp_path: Path) -> None:
    body = body_of(tmp_path, "replicaCount: ${count}\ntags: {a: '${name}'}", {"count": "3", "name": "x"})
    assert (at(body, ("tags", "a")), at(body, ("properties", "publishingProfile", "replicaCount"))) == ("x", 3)


def test_the_command_line_cannot_declare(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": DECLARED})
    assert said(tmp_path, variables={"nmae": "x"}) == [
        "--var nmae: error: the project declares no variable 'nmae' (did you mean 'name'?) [unknown-variable]"
    ]


def test_variables_cannot_make_a_bomb(tmp_path: Path) -> None:
    project = PROJECT + f"  variables: {{a: {'x' * 200_000}}}\n"
    uses = "".join(
        "---\napiVersion: vmapps/v1\nkind: Gallery\nmetadata: {name: g}\nspec: {description: '"
        + "${a}" * 50_000
        + "'}\n"
    )
    write(tmp_path, {"vmapps.yaml": project + uses})
    assert [one.code for one in diagnostics(tmp_path)] == ["out-of-limits"]


def test_only_values_under_spec_are_filled_in(tmp_path: Path) -> None:
    text = "---\napiVersion: vmapps/v1\nkind: Gallery\nmetadata: {name: '${name}'}\nspec: {tags: {'${name}': x}}\n"
    write(tmp_path, {"vmapps.yaml": DECLARED + text})
    assert [one.code for one in diagnostics(tmp_path)] == ["bad-value"]


def test_a_sas_from_the_command_line_is_not_in_the_manifest(tmp_path: Path) -> None:
    project = DECLARED.replace("name: nginx", "name: ''")
    write(tmp_path, {"vmapps.yaml": project + APPLICATION + version("{mediaLink: '${name}'}")})
    secret = "https://contoso.blob.core.windows.net/a/nginx.tar.gz?sv=1&sig=canary"
    declared = load(tmp_path, {"name": secret})
    assert list(declared.links.values()) == [secret]
    assert declared.warnings == ()
    assert "canary" not in repr(declared)
    assert said(tmp_path, variables={"name": "ftp://x/y?sig=canary"})[0].count("canary") == 0
