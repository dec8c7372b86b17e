"""Options that name nothing."""

from __future__ import annotations

import pytest

from samples import OWNER, RULES, assignment, declarations, desired, entry, machine, observed, sha256, wanted
from vmapps.core.plan import Options
from vmapps.core.planning.make import make_plan
from vmapps.core.planning.unmatched import unnamed
from vmapps.core.resource import World
from vmapps.core.status import View


@pytest.mark.parametrize(
    ("options", "warnings"),
    [
        (Options(), []),
        (Options(targets=("VirtualMachine/rg-web/*", "gallery/PLATFORM")), []),
        (Options(targets=(f"Package/{sha256('nginx')[:12]}",), excludes=("GalleryApplication/platform/nginx",)), []),
        (
            Options(targets=("web-01",)),
            ["--target: 'web-01' matches nothing: nearest are VirtualMachine/rg-web/web-01"],
        ),
        (Options(excludes=("xyz",)), ["--exclude: 'xyz' matches nothing: `vmapps plan -v` shows what there is"]),
        (Options(resume=("VMAssignment/web*",)), []),
        (Options(resume=("VMAssignment/weg",)), ["--resume: 'VMAssignment/weg' matches nothing: nearest are"]),
    ],
)
def test_what_names_nothing_is_a_warning(options: Options, warnings: list[str]) -> None:
    declared = declarations(
        *(desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0")),
        assignments=(assignment(wanted("1.0.0")),),
    )
    live = (observed("platform"), machine(entry("1.0.0", owner=OWNER)))
    found = make_plan(declared, World.of(iter(live), frozenset({sha256("nginx")})), RULES, options)
    told = [f"{one.subject}: {one.summary}: {one.hint}" for one in found.diagnostics if one.code == "matches-nothing"]
    assert len(told) == len(warnings)
    assert all(one.startswith(start) for one, start in zip(told, warnings, strict=True)), told


@pytest.mark.parametrize(
    ("view", "warnings"),
    [
        (View(applications=("PLATFORM/*",), assignments=("web*", "VMAssignment/web")), []),
        (View(applications=("nginx",)), ["--application: 'nginx' matches nothing: there is platform/nginx"]),
        (View(applications=("sec/agent",), foreign=True), []),
        (View(assignments=("weg",)), ["--assignment: 'weg' matches nothing: there is web"]),
    ],
)
def test_a_view_of_nothing_is_a_warning(view: View, warnings: list[str]) -> None:
    declared = declarations(assignments=(assignment(wanted("1.0.0")),))
    assert [f"{one.subject}: {one.summary}: {one.hint}" for one in unnamed(declared, view)] == warnings
