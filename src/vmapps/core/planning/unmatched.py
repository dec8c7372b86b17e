"""Options that name nothing: a slip of the pen must not look like a plan with nothing to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from vmapps.core.address import Address
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Diagnostic, warning
from vmapps.core.explain import nearest
from vmapps.core.plan import Options
from vmapps.core.resource import World
from vmapps.core.status import View

MOST = 5
"""How many names are proposed."""


def unmatched(declarations: Declarations, world: World, options: Options) -> Iterator[Diagnostic]:
    """A warning for each --target and --exclude that matches no address, and each --resume no assignment."""
    if options.targets or options.excludes:
        objects = _objects(declarations, world)
        yield from _of("--target", options.targets, objects)
        yield from _of("--exclude", options.excludes, objects)
    yield from _of("--resume", options.resume, [one.address for one in declarations.assignments])


def unnamed(declarations: Declarations, view: View) -> Iterator[Diagnostic]:
    """A warning for each --assignment and --application of a view that fits none of the project."""
    applications = (wanted for one in declarations.assignments for wanted in one.applications)
    names = dict.fromkeys("/".join(wanted.application.name) for wanted in applications)
    assignments = {one.address.name[-1]: one.address for one in declarations.assignments}
    for glob in view.applications:
        alone = View(applications=(glob,))
        if not view.foreign and not any(alone.names(name, ()) for name in names):
            yield _unnamed("--application", glob, names)
    for glob in view.assignments:
        alone = View(assignments=(glob,))
        if not any(alone.names("", (address,)) for address in assignments.values()):
            yield _unnamed("--assignment", glob, assignments)


def _unnamed(option: str, glob: str, names: Iterable[str]) -> Diagnostic:
    there = ", ".join(islice(names, MOST)) or "none"
    return warning("matches-nothing", f"'{glob}' matches nothing", hint=f"there is {there}", subject=option)


def _objects(declarations: Declarations, world: World) -> list[Address]:
    """Whatever can get a step."""
    declared = (one.address for one in declarations.resources)
    packages = (one.address for one in declarations.packages)
    stored = (Address("Package", (sha256[:12],)) for sha256 in world.stored or ())
    return list(dict.fromkeys((*declared, *packages, *world.resources, *world.machines, *stored)))


def _of(option: str, patterns: Iterable[str], known: list[Address]) -> Iterator[Diagnostic]:
    for pattern in patterns:
        if not any(address.matches(pattern) for address in known):
            close = ", ".join(map(str, nearest(pattern, known)))
            hint = f"nearest are {close}" if close else "`vmapps plan -v` shows what there is"
            yield warning("matches-nothing", f"'{pattern}' matches nothing", hint=hint, subject=option)
