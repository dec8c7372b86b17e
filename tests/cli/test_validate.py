"""`vmapps validate`."""

from __future__ import annotations

import json
from dataclasses import replace

from cli.world import Commands
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Span, error, warning
from vmapps.errors import Invalid

WARNING = warning("w", "hm", Span("b.yaml"))


def with_warning(vmapps: Commands) -> None:
    assert isinstance(vmapps.world.declared, Declarations)
    vmapps.world.declared = replace(vmapps.world.declared, warnings=(WARNING,))


def test_a_valid_project(vmapps: Commands) -> None:
    said = vmapps("validate")
    assert (said.code, said.err) == (0, "")
    assert said.out == "Valid: contoso-platform declares 0 resources, 1 package, 0 assignments.\n"


def test_warnings_do_not_change_the_exit_code(vmapps: Commands) -> None:
    with_warning(vmapps)
    said = vmapps("validate")
    assert (said.code, said.out) == (0, "b.yaml:1:1: warning: hm [w]\n1 warning.\n")


def test_strict_makes_them_errors(vmapps: Commands) -> None:
    with_warning(vmapps)
    said = vmapps("validate", "--strict")
    assert (said.code, said.out) == (1, "b.yaml:1:1: error: hm [w]\n1 error.\n")


def test_errors_are_the_result(vmapps: Commands) -> None:
    vmapps.world.declared = Invalid((WARNING, error("e", "no", Span("a.yaml"))))
    said = vmapps("validate")
    assert (said.code, said.err) == (1, "")
    assert said.out == "a.yaml:1:1: error: no [e]\nb.yaml:1:1: warning: hm [w]\n1 error, 1 warning.\n"


def test_json(vmapps: Commands) -> None:
    vmapps.world.declared = Invalid((error("e", "no", Span("a.yaml")),))
    said = vmapps("validate", "--format", "json")
    tree = json.loads(said.out)
    assert (said.code, tree["valid"], tree["summary"]) == (1, False, {"errors": 1, "warnings": 0})
    assert tree["diagnostics"][0]["source"] == "a.yaml:1:1"
