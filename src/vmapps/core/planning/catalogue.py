"""What machines need to know about galleries: whose applications are, what versions there will be, what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from vmapps.core.address import Address, ArmId
from vmapps.core.asked import Asked
from vmapps.core.choosing import newest
from vmapps.core.declaration import Declarations
from vmapps.core.fields import at, leaves, region, with_value
from vmapps.core.guest import GuestReport, InGuest
from vmapps.core.guest_effects import Meant, Scripts
from vmapps.core.resource import Body, Desired, Instances, Machine, Observed, Reference, World
from vmapps.core.versions import LATEST

UPDATE = ("properties", "publishingProfile", "manageActions", "update")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Galleries, applications and versions as they will be, and what was read beside the lists.

    `owned` holds `Reference.key`s of applications that carry our mark or are being created by this project; `bodies`
    is by address; `addresses` gives a version's address by its lower-case ARM id; `versions` the versions of an
    application by `Reference.key`, `live` those that are there today, as they are; `references` is `World.references`.
    """

    owned: frozenset[tuple[str, str]] = frozenset()
    bodies: Mapping[Address, Body] = field(default_factory=dict)
    addresses: Mapping[str, Address] = field(default_factory=dict)
    versions: Mapping[tuple[str, str], tuple[tuple[str, Body], ...]] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[Address, GuestReport] = field(default_factory=dict)
    instances: Mapping[Address, Instances] = field(default_factory=dict)
    live: Mapping[tuple[str, str], tuple[tuple[str, Body], ...]] = field(default_factory=dict)

    def scripts(self, reference: Reference) -> Scripts | None:
        """The scripts of a version; None when it is not known."""
        address = self.addresses.get(reference.id.key)
        return Scripts(bool(at(self.bodies[address], UPDATE))) if address is not None else None

    def newest(self, key: tuple[str, str], place: str) -> str:
        """What `latest` of an application means for machines in a region; "" when that is not known."""
        return newest(self.versions.get(key, ()), region(place))

    def meant(self, reference: Reference, machine: Machine) -> Meant:
        """The version that an entry of a machine names."""
        is_latest = reference.version.lower() == LATEST
        return Meant(LATEST, self.newest(reference.key, machine.location)) if is_latest else Meant(reference.version)

    def seen(self, machine: Machine, application: str) -> InGuest | None:
        """What the machine's guest says about an application, where it was asked."""
        report = self.reports.get(machine.address)
        return report.of(application) if report is not None else None

    def addresses_of(self, reference: Reference, place: str) -> tuple[Address, ...]:
        """What an entry of a machine there needs: its version, or the one that `latest` means (all, if unknown)."""
        now = self.newest(reference.key, place) if reference.version.lower() == LATEST else ""
        return self._addresses(reference, (now,) if now else self._names(reference))

    def addresses_today(self, reference: Reference, place: str) -> tuple[Address, ...]:
        """What an entry that is on a machine rests on until it is written: for `latest` also what that means today."""
        return self._addresses(reference, self.names(reference, place))

    def names(self, reference: Reference, place: str) -> tuple[str, ...]:
        """The versions that an entry there may rest on, before and after what is planned.

        `latest` goes on meaning today's newest where the next one does not come to be; all when nothing is known.
        """
        if reference.version.lower() != LATEST:
            return (reference.version,)
        today = newest(self.live.get(reference.key, ()), region(place))
        meant = (self.newest(reference.key, place), today)
        return tuple(dict.fromkeys(filter(None, meant))) or self._names(reference)

    def _names(self, reference: Reference) -> tuple[str, ...]:
        """An exact version, or for `latest` all that are known."""
        if reference.version.lower() != LATEST:
            return (reference.version,)
        return tuple(name for name, _ in self.versions.get(reference.key, ()))

    def _addresses(self, reference: Reference, names: tuple[str, ...]) -> tuple[Address, ...]:
        ids = (Reference(reference.gallery, reference.application, name).id.key for name in names)
        return tuple(self.addresses[one] for one in ids if one in self.addresses)


def catalogue_of(declarations: Declarations, world: World, asked: Asked) -> Catalogue:
    """From what is declared, and what is live where nothing is declared."""
    bodies = _bodies(declarations, world, asked)
    everything: tuple[Desired | Observed, ...] = (*world.resources.values(), *declarations.resources)
    ids = {one.address: one.id for one in everything}
    live = {address: one.owner for address, one in world.resources.items()}
    ours = {one.address: one.owner for one in declarations.resources if one.address not in live} | live
    owned = {
        (ids[address].parent.key, ids[address].name.lower())
        for address, owner in ours.items()
        if len(address.name) == 2 and asked.is_ours(owner)
    }
    return Catalogue(
        frozenset(owned),
        bodies,
        {ids[address].key: address for address in ids},
        _by_application(ids, bodies),
        world.references,
        world.reports,
        world.instances,
        _by_application(ids, {address: one.body for address, one in world.resources.items() if one.is_sound}),
    )


def _by_application(
    ids: Mapping[Address, ArmId], bodies: Mapping[Address, Body]
) -> Mapping[tuple[str, str], tuple[tuple[str, Body], ...]]:
    """The versions among some resources, by `Reference.key`."""
    versions: dict[tuple[str, str], list[tuple[str, Body]]] = defaultdict(list)
    for address in sorted(address for address in bodies if len(address.name) == 3):
        application = ids[address].parent
        versions[application.parent.key, application.name.lower()].append((ids[address].name, bodies[address]))
    return {key: tuple(found) for key, found in versions.items()}


def _bodies(declarations: Declarations, world: World, asked: Asked) -> Mapping[Address, Body]:
    """Every resource as it is or will be: what is declared, and what is live where nothing is declared."""
    live = {address: one.body for address, one in world.resources.items()}
    return live | {one.address: _will_be(one, live.get(one.address), asked) for one in declarations.resources}


def _will_be(wanted: Desired, live: Body | None, asked: Asked) -> Body:
    """What is declared, on top of what is there: a field that nobody declares keeps its value."""
    body = wanted.initial if live is None else live
    for path, value in leaves(wanted.body, asked.rules_of(wanted.address)):
        body = with_value(body, path, value)
    return body
