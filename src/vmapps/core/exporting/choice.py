"""What is asked of an export: galleries and applications by name, whose they are to be, and which machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from vmapps.core.resource import Machine, Reference


@dataclass(frozen=True, slots=True)
class Choice:
    """Globs of `gallery` or `gallery/application`: `ours` are declared, `theirs` become `managed: false`.

    A gallery that both name is theirs. With neither, every gallery is ours. `machines` are globs of
    `resourceGroup/name`; none means all. Case is ignored.
    """

    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()

    def takes(self, gallery: str, application: str = "") -> bool:
        """Whether a gallery (and an application in it) is to be declared."""
        everything = ("*",) if not self.ours and not self.theirs else self.ours
        return _names(everything, gallery, application) and not _names(self.theirs, gallery, "")

    def names(self, gallery: str) -> bool:
        """Whether a gallery was asked for by its own name, and not only by a pattern."""
        return any(glob.partition("/")[0].lower() == gallery.lower() for glob in self.ours)

    def borrows(self, gallery: str, application: str = "") -> bool:
        """Whether a gallery (and an application in it) is another team's, whose versions our machines use."""
        return _names(self.theirs, gallery, application)

    def wants(self, reference: Reference) -> bool:
        """Whether an entry of this application is to be assigned."""
        names = (reference.gallery.name, reference.application)
        return self.takes(*names) or self.borrows(*names)

    def covers(self, machine: Machine) -> bool:
        """Whether a machine's list is to be read."""
        name = "/".join(machine.address.name).lower()
        return not self.machines or any(fnmatchcase(name, glob.lower()) for glob in self.machines)

    def unmatched(self, galleries: Iterable[str]) -> tuple[str, ...]:
        """The globs of `ours` and `theirs` that name none of these galleries."""
        known = tuple(galleries)
        return tuple(glob for glob in (*self.ours, *self.theirs) if not any(_names((glob,), one, "") for one in known))


def _names(globs: Iterable[str], gallery: str, application: str) -> bool:
    """Whether a glob names the gallery, and the application when there is one."""
    return any(_matches(glob.lower(), gallery.lower(), application.lower()) for glob in globs)


def _matches(glob: str, gallery: str, application: str) -> bool:
    above, _, below = glob.partition("/")
    return fnmatchcase(gallery, above) and (not application or fnmatchcase(application, below or "*"))
