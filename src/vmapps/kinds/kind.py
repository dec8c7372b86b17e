"""What every kind tells about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Package, Project
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.fields import Field, Ownership, Path, Rules
from vmapps.core.guest import GuestReport
from vmapps.core.resource import Body, Desired, Link, Listed


class Decoder(Protocol):
    """Reads one item of an answer: `raw` is its JSON, `home` the project's own subscription."""

    def __call__(self, raw: bytes | msgspec.Raw, home: str) -> Listed:
        """Raises msgspec.MsgspecError when the item is not what the kind expects."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """One manifest document that passed its schema: `spec` has plain YAML values, variables already filled in.

    `spans` maps a path inside the document (keys, and list positions as text: ("spec", "targets", "0")) to its
    place; `span(path)` falls back to the nearest place above it.
    """

    kind: str
    name: str
    spec: Mapping[str, Any]
    spans: Mapping[Path, Span]

    def span(self, *path: str) -> Span:
        """Where a field stands, or the nearest thing around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.spans:
                return self.spans[path[:end]]
        return Span("")

    @property
    def is_absent(self) -> bool:
        """Whether the author wants it deleted: then only its name and its parent count."""
        return self.spec.get("state") == "absent"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document may refer to: the project, galleries and applications by name, hashed local files.

    `gallery_ids` maps a gallery's name (lower case) to its ARM id; `applications` maps `gallery/application`
    (lower case) to that document. `package(path)` is the hashed local file of a manifest field, None when it
    could not be read (a diagnostic says so already); `text(path)` is the text of a small one, likewise. `link(text)`
    remembers a manifest URL and gives its slot.
    """

    project: Project
    gallery_ids: Mapping[str, ArmId]
    applications: Mapping[str, Document]
    package: Callable[[Document, Path], Package | None]
    link: Callable[[str], Link]
    text: Callable[[Document, Path], str | None]


@dataclass(frozen=True, slots=True)
class Exported:
    """A live object as a manifest document in plain data; None when nothing of it can be declared.

    `lost` says what the document leaves out because manifests cannot say it: the field, and why.
    """

    document: Mapping[str, Any] | None
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of Azure resource.

    `name` is its manifest kind and the first word of its addresses; `arm_type` its type below Microsoft.Compute;
    `family` picks the api-version (`gallery` or `compute`). `decode` reads one live item. `declare` turns a
    document into what is wanted; `check` finds what the schema cannot (azure-facts limits). Machines have neither:
    they have `with_entries`, the body that replaces their list of applications. `decode_view` reads the guest's report
    out of a machine that was read with its instance view.
    `export` is the way back: what `decode` read as a document that plans nothing.
    """

    name: str
    arm_type: str
    family: str
    rules: Rules
    decode: Decoder
    declare: Callable[[Document, Surroundings], Desired | None] | None = None
    check: Callable[[Document, Surroundings], tuple[Diagnostic, ...]] | None = None
    export: Callable[[Any], Exported] | None = None
    schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    with_entries: Callable[[bytes], bytes] | None = None
    decode_view: Callable[[bytes], GuestReport | None] | None = None

    def address(self, arm_id: ArmId, home: str) -> Address:
        """The address of one of this kind: galleries are unique in a subscription, machines in a resource group."""
        below = arm_id.subscription if arm_id.subscription.lower() != home.lower() else ""
        name = arm_id.names if self.family == "gallery" else (arm_id.resource_group, *arm_id.names)
        return Address(self.name, name, below)


def rules_of(schema: Mapping[str, Any]) -> Rules:
    """The rules that a kind's schema notes under `x-vmapps` of its `spec` fields.

    `x-vmapps: {path: "properties.description", ownership: fixed, compare: instant, default: false, whole: true}`;
    `path` is where the field stands on the wire, and is required for a note to become a rule; `uncleared: true` is for
    a field that Azure cannot clear.
    """
    fields: dict[Path, Field] = {}
    for note in _notes(schema):
        fields[tuple(note["path"].split("."))] = Field(
            Ownership(note.get("ownership", "managed")),
            note.get("compare", "exact"),
            note.get("default"),
            bool(note.get("whole", False)),
            bool(note.get("uncleared", False)),
        )
    return Rules(fields)


def _notes(node: Any) -> list[dict[str, Any]]:
    """Every `x-vmapps` note below a schema node."""
    if isinstance(node, list):
        return [note for item in node for note in _notes(item)]
    if not isinstance(node, dict):
        return []
    own = [node["x-vmapps"]] if "path" in node.get("x-vmapps", {}) else []
    return own + [note for value in node.values() for note in _notes(value)]


def put(body: Body, path: str, value: Any) -> None:
    """Set a dotted path of a body under construction; an absent value (None) leaves it out."""
    if value is None:
        return
    *above, last = path.split(".")
    here: Any = body
    for part in above:
        here = here.setdefault(part, {})
    here[last] = value
