"""What is wanted and what is there: desired and observed resources, machines with their entries, the world."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Span
from vmapps.core.guest import GuestReport

OWNER_TAG = "vmapps-owner"
CONTENT_TAG = "vmapps-content"
MARKS = (OWNER_TAG, CONTENT_TAG)

BUSY = ("Creating", "Updating", "Deleting", "Migrating")
"""The provisioning states in which Azure is still working on a write."""

KEPT_QUERY = ("versionid", "snapshot")
"""Query parameters that name another blob; every other one may be part of a SAS [azure-facts 10]."""


@dataclass(frozen=True, slots=True)
class Link:
    """A URL whose query may be a secret: here without it.

    `url` is what may be shown and compared. A wanted link is a slot that is filled right before the write: with
    `blob` (the sha256 of a package) from the package store, else from the manifest field whose whole text has
    the sha256 `digest`. An observed link has neither. `access` says how a blob of ours is read when that has to
    last: `public` or `storedPolicy`; "" is a signature minted for one write. `is_shortened`: the URL had more that
    may be a secret; it tells nothing about what the link means.
    """

    url: str
    blob: str = ""
    digest: str = ""
    access: str = ""
    is_shortened: bool = field(default=False, compare=False)

    @classmethod
    def seen(cls, url: str) -> Link:
        """A link as Azure answers it, without what may be a secret."""
        plain = without_secrets(url)
        return cls(plain, is_shortened=plain != url)

    @property
    def key(self) -> str:
        """What two links are compared by: scheme and host in lower case, the path exact [azure-facts 10]."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return self.url
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path}{query}"


def without_secrets(url: str) -> str:
    """The URL without user, fragment and query, but for a query that names another blob."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return re.split(r"[?#]", url, maxsplit=1)[0].rpartition("@")[2]
    if not parts.scheme or not host:
        return re.split(r"[?#]", url, maxsplit=1)[0]
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() in KEPT_QUERY]
    tail = f"?{urlencode(kept)}" if kept else ""
    return f"{parts.scheme}://{host}{port}{parts.path}{tail}"


Value: TypeAlias = "bool | int | float | str | Link | list[Value] | dict[str, Value] | None"
Body: TypeAlias = dict[str, Value]
"""A resource in the shape of the wire, treated as immutable; URLs that may hold a SAS are `Link`s."""


@dataclass(frozen=True, slots=True)
class Desired:
    """A gallery, application or version as the manifests want it.

    `body` holds only what the author declared: what it leaves out is nobody's business. `initial` is added when
    the resource is created, and never compared. Marks are not part of either: `owner` and `content` become tags.
    `needs` are the addresses (parent, packages) that must be there before. `absent`: the author wants it deleted.
    `retention` is how many of an application's versions that are no longer declared stay (None: as --prune says).
    """

    address: Address
    id: ArmId
    body: Body
    owner: str
    initial: Body = field(default_factory=dict)
    content: str = ""
    needs: tuple[Address, ...] = ()
    source: tuple[Span, ...] = ()
    protect: bool = False
    absent: bool = False
    retention: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A gallery, application or version as Azure has it: the whole body, links without their query.

    `owner` and `content` are read from its tags ("": no mark). `state` is its provisioningState; an application
    has none (""), and is never busy [recordings: applications answer synchronously].
    """

    address: Address
    id: ArmId
    body: Body
    owner: str = ""
    content: str = ""
    state: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether Azure is still working on its last write."""
        return self.state in BUSY

    @property
    def is_sound(self) -> bool:
        """Whether its last write did not fail: a failed one is there, but of no use."""
        return self.state not in ("Failed", "Canceled")


@dataclass(frozen=True, slots=True)
class Reference:
    """What an entry installs: a version of an application, by name (`latest` is a version name here)."""

    gallery: ArmId
    application: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Reference | None:
        """Read a packageReferenceId; None when it is not the id of a version."""
        found = ArmId.parse(text)
        if found is None or found.type != "galleries/applications/versions":
            return None
        return cls(found.parent.parent, found.names[1], found.names[2])

    @property
    def id(self) -> ArmId:
        """The ARM id of the version."""
        return self.gallery.child("applications", self.application).child("versions", self.version)

    @property
    def key(self) -> tuple[str, str]:
        """One entry per gallery and application may stand on a machine [azure-facts 1.5]."""
        return self.gallery.key, self.application.lower()


@dataclass(frozen=True, slots=True)
class Mark:
    """What vmapps writes into an entry's passthrough `tags`: who owns it, for which machine, what came before.

    `halted` is the version from which a rollout that halted put it back.
    """

    owner: str
    machine: str
    previous: str = ""
    halted: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a machine's `galleryApplications`.

    `reference` is None when the packageReferenceId could not be read (still copied, never judged). `spelled` is
    the packageReferenceId with the machine's casing. `tags` is the passthrough text, `raw` the bytes as read:
    a foreign entry is written back as exactly these. `configuration` is the configurationReference.
    """

    reference: Reference | None
    spelled: str
    order: int | None = None
    fails_deployment: bool = False
    automatic_upgrade: bool = False
    configuration: Link | None = None
    tags: str = ""
    mark: Mark | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual machine, or the model of a scale set, as a list shows it."""

    address: Address
    id: ArmId
    location: str
    os_type: str
    tags: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    etag: str = ""
    state: str = ""
    scale_set: str = ""
    """The id of the scale set that a virtual machine belongs to: selectors leave such machines alone."""
    orchestration: str = ""
    """Of a scale set: `Uniform` or `Flexible` [azure-facts 3.9]."""
    upgrade_mode: str = ""
    """Of a scale set: `Manual`, `Automatic` or `Rolling`: who brings a new model to its instances."""
    traits: Mapping[str, str] = field(default_factory=dict)
    """What of a scale set's model (size, image, …) can be compared with what an instance runs."""
    capacity: int = 1
    """How many machines it stands for: a scale set weighs its instances."""

    @property
    def is_scale_set(self) -> bool:
        """Whether it is the model of a scale set, not a machine by itself."""
        return bool(self.upgrade_mode)


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a scale set.

    `name` is what manualupgrade takes: the number of a Uniform instance, the name of a Flexible one. `latest`: it
    runs the set's newest model. `is_protected`: its protection policy keeps the set's actions away. `traits` as in
    the set's model, as far as the instance tells them.
    """

    name: str
    latest: bool
    is_protected: bool = False
    traits: Mapping[str, str] = field(default_factory=dict)
    report: GuestReport | None = None


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of a scale set, and the state of its last rolling upgrade ("": there was none)."""

    id: ArmId
    instances: tuple[Instance, ...] = ()
    rolling: str = ""


Listed: TypeAlias = Observed | Machine
"""What a list of Azure's holds."""

Seen: TypeAlias = Listed | Instances


@dataclass(frozen=True, slots=True)
class World:
    """Everything that was read.

    `blobs` holds the sha256 of packages known to be in the store; `stored` those of ours when the whole store was
    listed. `references` says of single versions in galleries that are not listed whether they are there (by
    lower-case ARM id: `there`, `missing` or `unreadable`). `reports` is what guests say, by machine, and `unseen`
    names the subscriptions of the fleet that could not be read; `unread` says why a machine's guest (or a scale set's
    instances) could not be read, `closed` why a list of galleries, applications or versions could not, by its path;
    `store_unread` why the store was not listed.
    """

    resources: Mapping[Address, Observed] = field(default_factory=dict)
    machines: Mapping[Address, Machine] = field(default_factory=dict)
    blobs: frozenset[str] = frozenset()
    stored: frozenset[str] | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[Address, Instances] = field(default_factory=dict)
    reports: Mapping[Address, GuestReport] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    store_unread: str = ""
    unread: Mapping[Address, str] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, seen: Iterator[Listed], blobs: frozenset[str] = frozenset()) -> World:
        """Sort what was seen; the order in which it came does not matter."""
        everything = sorted(seen, key=lambda one: one.address)
        resources = {one.address: one for one in everything if isinstance(one, Observed)}
        machines = {one.address: one for one in everything if isinstance(one, Machine)}
        return cls(resources, machines, blobs)
