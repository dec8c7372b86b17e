"""`vmapps schema`."""

from __future__ import annotations

import json

import pytest

from cli.world import Commands
from vmapps.render import plan_json, status_json


def test_all_are_named(vmapps: Commands) -> None:
    said = vmapps("schema")
    assert said.code == 0
    assert {"Gallery", "VMAssignment", "Project", "plan", "status"} <= set(said.out.split())


@pytest.mark.parametrize("kind", ["Gallery", "gallery", "VMAssignment"])
def test_one_is_printed(vmapps: Commands, kind: str) -> None:
    said = vmapps("schema", kind)
    assert said.code == 0
    assert json.loads(said.out)["$schema"].startswith("https://json-schema.org/")


def test_what_commands_print_has_one_too(vmapps: Commands) -> None:
    assert vmapps("schema", "plan").out == plan_json.schema()
    assert vmapps("schema", "Status").out == status_json.schema()
