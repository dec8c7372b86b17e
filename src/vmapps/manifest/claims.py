"""What assignments want where, as far as the manifests alone can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Project
from vmapps.core.diagnostic import Span
from vmapps.kinds.kind import Document, Surroundings
from vmapps.manifest.assignments import application_id, machine_of


@dataclass(frozen=True, slots=True)
class Claim:
    """One application that an assignment wants somewhere, or wants away from there."""

    document: Document
    at: int
    application: ArmId

    @property
    def entry(self) -> Mapping[str, Any]:
        """The entry as it is written."""
        found: Mapping[str, Any] = self.document.spec["applications"][self.at]
        return found

    @property
    def is_absent(self) -> bool:
        """Whether it is to be removed."""
        return bool(self.entry.get("state") == "absent")

    def span(self, *path: str) -> Span:
        """Where a field of the entry stands."""
        return self.document.span("spec", "applications", str(self.at), *path)

    def needs(self, around: Surroundings) -> Iterator[tuple[Span, ArmId]]:
        """The applications that it depends on, with their places; none of an unknown gallery."""
        for at, text in enumerate(self.entry.get("dependsOn", ())):
            if found := application_id(text, around):
                yield self.span("dependsOn", str(at)), found


def claims_of(document: Document, around: Surroundings) -> list[Claim]:
    """The claims of an assignment; none of an unknown gallery."""
    found = (
        (at, application_id(entry["application"], around)) for at, entry in enumerate(document.spec["applications"])
    )
    return [Claim(document, at, arm_id) for at, arm_id in found if arm_id is not None]


def by_machine(documents: Iterable[Document], project: Project) -> Mapping[Address, tuple[Document, ...]]:
    """The assignments of every machine that a target names; selectors are left to the plan."""
    machines: dict[Address, tuple[Document, ...]] = {}
    for document in documents:
        named = {machine_of(target, project): None for target in document.spec["targets"]}
        for machine in named:
            if machine is not None:
                machines[machine] = (*machines.get(machine, ()), document)
    return machines
