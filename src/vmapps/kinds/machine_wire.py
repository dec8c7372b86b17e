"""What virtual machines and scale sets have in common on the wire: little of a big model, entries byte for byte."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from vmapps.core.address import Address
from vmapps.core.resource import Entry, Link, Machine, Mark, Reference, without_secrets
from vmapps.kinds.gallery_wire import below, resource_id


class VirtualHardDisk(msgspec.Struct):
    """The image of a disk that is not managed."""

    uri: str | None = None


class OsDisk(msgspec.Struct, rename="camel"):
    """The disk that Azure itself takes the operating system from."""

    os_type: str | None = None
    image: VirtualHardDisk | None = None


class ImageReference(msgspec.Struct, rename="camel"):
    """The image a disk was made of: an id, or a publisher's offer; an instance adds the exactVersion it got."""

    id: str | None = None
    shared_gallery_image_id: str | None = None
    community_gallery_image_id: str | None = None
    publisher: str | None = None
    offer: str | None = None
    sku: str | None = None
    version: str | None = None

    @property
    def text(self) -> str:
        """The image as one text, the same for a scale set and for an instance of it."""
        named = self.id or self.shared_gallery_image_id or self.community_gallery_image_id
        offered = (self.publisher, self.offer, self.sku, self.version)
        return named or ":".join(part or "" for part in offered if any(offered))


class StorageProfile(msgspec.Struct, rename="camel"):
    """The disks."""

    os_disk: OsDisk | None = None
    image_reference: ImageReference | None = None


class Configuration(msgspec.Struct):
    """What a guest was set up with; that it is there is all that counts."""


class OsProfile(msgspec.Struct, rename="camel"):
    """One of the two is there."""

    windows_configuration: Configuration | None = None
    linux_configuration: Configuration | None = None


class ApplicationProfile(msgspec.Struct, rename="camel"):
    """The list of applications; every element keeps its bytes."""

    gallery_applications: list[msgspec.Raw] | None = None


class Profile(msgspec.Struct, rename="camel"):
    """What a virtual machine has in its properties, and a scale set in the model of its instances."""

    storage_profile: StorageProfile | None = None
    os_profile: OsProfile | None = None
    application_profile: ApplicationProfile | None = None

    @property
    def os_type(self) -> str:
        """`Windows`, `Linux`, or "" when the model does not say."""
        disk = self.storage_profile and self.storage_profile.os_disk
        if disk and disk.os_type:
            return disk.os_type
        if self.os_profile is None:
            return ""
        if self.os_profile.windows_configuration:
            return "Windows"
        return "Linux" if self.os_profile.linux_configuration else ""

    @property
    def image(self) -> str:
        """What the operating system's disk was made of; "" when the model does not say."""
        if self.storage_profile is None:
            return ""
        if self.storage_profile.image_reference:
            return self.storage_profile.image_reference.text
        disk = self.storage_profile.os_disk
        return without_secrets(disk.image.uri) if disk and disk.image and disk.image.uri else ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The applications, in the machine's order."""
        found = self.application_profile and self.application_profile.gallery_applications
        return tuple(entry(raw) for raw in found or ())


class Item(msgspec.Struct, rename="camel"):
    """The envelope of a machine."""

    id: str
    location: str = ""
    tags: dict[str, str | None] | None = None
    etag: str | None = None


class Sku(msgspec.Struct):
    """The size of a scale set's instances."""

    name: str | None = None


def traits(size: str | None, profile: Profile) -> Mapping[str, str]:
    """What of a model can be compared with what an instance runs: in lower case, what is not said left out."""
    found = {"size": size or "", "image": profile.image}
    return {name: value.lower() for name, value in found.items() if value}


def machine(item: Item, kind: str, home: str, *, profile: Profile, state: str | None, scale_set: str = "") -> Machine:
    """A machine from its parts."""
    arm_id = resource_id(item.id)
    return Machine(
        address=Address(kind, (arm_id.resource_group, *arm_id.names), below(arm_id, home)),
        id=arm_id,
        location=item.location,
        os_type=profile.os_type,
        tags={name: value or "" for name, value in (item.tags or {}).items()},
        entries=profile.entries,
        etag=item.etag or "",
        state=state or "",
        scale_set=scale_set,
    )


class _Entry(msgspec.Struct, rename="camel"):
    package_reference_id: str | None = None
    order: int | None = None
    treat_failure_as_deployment_failure: bool | None = None
    enable_automatic_upgrade: bool | None = None
    configuration_reference: str | None = None
    tags: str | None = None


class _Mark(msgspec.Struct):
    owner: str = msgspec.field(name="vmapps-owner")
    machine: str = msgspec.field(name="vmapps-machine")
    previous: str | None = None
    halted: str | None = None


_read_entry = msgspec.json.Decoder(_Entry)
_read_mark = msgspec.json.Decoder(_Mark)


def entry(raw: bytes | msgspec.Raw) -> Entry:
    """Read one entry; one that is not as the specification says is kept as it is, without a reference."""
    kept = bytes(raw)
    try:
        found = _read_entry.decode(kept)
    except msgspec.MsgspecError:
        return Entry(None, "", raw=kept)
    spelled = found.package_reference_id or ""
    return Entry(
        reference=Reference.parse(spelled),
        spelled=spelled,
        order=found.order,
        fails_deployment=bool(found.treat_failure_as_deployment_failure),
        automatic_upgrade=bool(found.enable_automatic_upgrade),
        configuration=Link.seen(found.configuration_reference) if found.configuration_reference else None,
        tags=found.tags or "",
        mark=mark(found.tags or ""),
        raw=kept,
    )


def mark(tags: str) -> Mark | None:
    """The mark in an entry's passthrough text, which may hold anything; None when there is no whole mark in it."""
    try:
        found = _read_mark.decode(tags)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return Mark(found.owner, found.machine, found.previous or "", found.halted or "")
