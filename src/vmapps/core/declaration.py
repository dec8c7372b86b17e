"""What the manifests say, typed, with the place of every word: the manifest room builds it, the planner reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath

from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.resource import Desired, Link


@dataclass(frozen=True, slots=True)
class Store:
    """Where packages are uploaded to: `account` is the blob endpoint's URL without a trailing slash.

    `access` is how a gallery reads a package (`sas` or `identity`); `configuration_access` how a machine reads an
    entry's configuration, months later (`public`, `storedPolicy`, or "": not at all).
    """

    account: str
    container: str
    blob_type: str = "block"
    access: str = "sas"
    configuration_access: str = ""

    def link(self, sha256: str) -> Link:
        """The link of a package in this store: the name is its content."""
        return Link(f"{self.account}/{self.container}/{blob_name(sha256)}", blob=sha256)

    def lasting_link(self, sha256: str) -> Link:
        """The link of a configuration in this store, which has to be readable for as long as an entry stands."""
        return replace(self.link(sha256), access=self.configuration_access)


def blob_name(sha256: str) -> str:
    """The content-addressed name of a package's blob."""
    return f"sha256/{sha256}"


@dataclass(frozen=True, slots=True)
class Safety:
    """How much one plan may do without being told so by --accept (product.md, "safety")."""

    max_deletes: int = 10
    max_delete_percent: int = 30
    max_machines: int = 500


@dataclass(frozen=True, slots=True)
class Ignore:
    """Drift that is not reported: of a class, at addresses (a glob), in a field (a glob), until a day and with it.

    What is "" (or None) says nothing. `reason` is for the reader of the report.
    """

    span: Span
    cls: str = ""
    address: str = ""
    field: str = ""
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """The project document. `owner` is what is written into ownership marks: name.id, or the name alone."""

    name: str
    id: str
    cloud: str
    subscription: str
    resource_group: str = ""
    location: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    store: Store | None = None
    fleet: tuple[str, ...] = ()
    safety: Safety = Safety()
    former_owners: tuple[str, ...] = ()
    ignored_drift: tuple[Ignore, ...] = ()
    span: Span = Span("vmapps.yaml")

    @property
    def owner(self) -> str:
        """The mark of what is ours."""
        return f"{self.name}.{self.id}" if self.id else self.name


@dataclass(frozen=True, slots=True)
class Package:
    """A local file to upload: a package or a default configuration. `path` is None when only its sha256 is known."""

    sha256: str
    size: int
    path: PurePath | None
    shown: str
    source: tuple[Span, ...] = ()

    @property
    def address(self) -> Address:
        """`Package/<12 hex of its sha256>`."""
        return Address("Package", (self.sha256[:12],))


@dataclass(frozen=True, slots=True)
class Selector:
    """Which machines: the fields are ANDed, the values of a field ORed; an empty field says nothing.

    Globs (`resource_groups`, `names`) ignore case; tag names ignore case, tag values do not. `exclude` is the
    selector under `not`.
    """

    kinds: tuple[str, ...] = ("VirtualMachine",)
    subscriptions: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    os_type: str = ""
    locations: tuple[str, ...] = ()
    exclude: Selector | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A machine by name (`machine`) or machines by a selector; `at_least` and `at_most` are its `expect`."""

    span: Span
    machine: Address | None = None
    selector: Selector | None = None
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One application of an assignment.

    `version` is an exact version, a range such as `1.26.x`, or `latest`: among the declared versions, unless
    `live` adds those that Azure has. `tags` are the author's own keys of the entry's passthrough text.
    `depends_on` are applications that are installed before it, compiled into orders on every machine. `absent` is
    the reviewable removal (`version` is "" then). `follow_latest` refers to the literal `versions/latest`, and only
    then Azure may move the machine by itself (`automatic_upgrade`).
    """

    application: Address
    gallery: ArmId
    version: str
    span: Span
    live: bool = False
    order: int | None = None
    fails_deployment: bool = False
    configuration: Link | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    depends_on: tuple[Address, ...] = ()
    absent: bool = False
    follow_latest: bool = False
    automatic_upgrade: bool = False

    @property
    def application_name(self) -> str:
        """The application's name in its gallery."""
        return self.application.name[-1]


@dataclass(frozen=True, slots=True)
class Wave:
    """How far a rollout has gone when this wave is done: machines counted (`most`), in per cent, or by region.

    Exactly one of the three is set. What earlier waves took counts: waves are cumulative.
    """

    most: int | None = None
    percent: int | None = None
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollout:
    """How an assignment comes to its machines: wave after wave, each looked at before the next.

    `pause` is in seconds, after a wave and before the look. `max_failures` machines may be without success before
    the rollout halts. `skip_off`: machines that are off are not written. `all_at_once`: scale sets in Automatic mode,
    which cannot be staged, may be written in one wave.
    """

    waves: tuple[Wave, ...]
    pause: float = 0.0
    max_failures: int = 0
    skip_off: bool = False
    all_at_once: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which applications go on which machines.

    `exclusive`: the machines' whole lists are ours, but for entries that a glob of `ignore` names (matched against
    `gallery/application` and the application's ARM id). `upgrade_instances`: the instances of a scale set in Manual
    mode get its new model.
    """

    address: Address
    targets: tuple[Target, ...]
    applications: tuple[Wanted, ...]
    span: Span
    exclusive: bool = False
    ignore: tuple[str, ...] = ()
    upgrade_instances: bool = False
    rollout: Rollout | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """A whole project, loaded and checked.

    `links` maps the sha256 of a manifest link's whole text to that text (it may hold a SAS: it never leaves
    memory). `foreign_galleries` are the `managed: false` ones, read but never written.
    """

    project: Project
    resources: tuple[Desired, ...] = ()
    packages: tuple[Package, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    foreign_galleries: tuple[ArmId, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[Diagnostic, ...] = ()
