"""Everything that recordings and official examples show as live: exported, and planned against itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import yaml

from conformance.examples import examples
from conformance.recordings import cassettes
from vmapps.core.address import SUBSCRIPTION, ArmId
from vmapps.core.declaration import Declarations, Project
from vmapps.core.exporting.choice import Choice
from vmapps.core.exporting.result import Export
from vmapps.core.plan import Options, Plan, ProjectId
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Listed, Machine, World
from vmapps.errors import Invalid
from vmapps.kinds.catalog import KINDS, kind_of
from vmapps.kinds.exporting import exported as exported_world
from vmapps.kinds.kind import Exported
from vmapps.manifest.head import project_text
from vmapps.manifest.load import load
from vmapps.manifest.place import files_of, place

Json = dict[str, Any]
HOME = "00000000-0000-0000-0000-000000000000"
RULES = {name: kind.rules for name, kind in KINDS.items()}
ROWS = Path(__file__).with_name("noise_exceptions.json")
BARE: Json = {"supportedOSType": "Linux"}
"""The properties of an application that nothing recorded shows."""


@dataclass(frozen=True)
class Row:
    """What live objects of some kinds (a glob) may say (a glob) instead of planning nothing, and why they may."""

    kind: str
    says: str
    reason: str

    def covers(self, kind: str, problem: str) -> bool:
        return fnmatchcase(kind, self.kind) and fnmatchcase(problem, self.says)


@dataclass(frozen=True)
class Trial:
    """One live object, its document, and the problems of planning it against itself."""

    live: Listed
    exported: Exported
    declared: Declarations | None
    problems: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.live.address.kind

    def __str__(self) -> str:
        return f"{self.live.address}: {'; '.join(self.problems)}"


def rows() -> list[Row]:
    return [Row(**row) for row in json.loads(ROWS.read_text(encoding="utf-8"))]


def live_bodies(folder: Path) -> list[Json]:
    """The bodies of galleries, applications, versions and machines with applications, each different one once."""
    found: dict[str, Json] = {}
    for body in answers(folder):
        for item in body["value"] if isinstance(body.get("value"), list) else [body]:
            if isinstance(item, dict) and is_of_interest(item):
                whole = at_home(item)
                found.setdefault(json.dumps(whole, sort_keys=True), whole)
    return list(found.values())


def answers(folder: Path) -> Iterator[Json]:
    for _, calls in cassettes(folder):
        for call in calls:
            if call["status"] in (200, 201) and isinstance(call["response_body"], dict):
                yield call["response_body"]
    for example in examples():
        for status, answer in example.content["responses"].items():
            if status in ("200", "201") and isinstance(answer.get("body"), dict):
                yield answer["body"]


def is_of_interest(item: Json) -> bool:
    arm_id = ArmId.parse(item["id"]) if isinstance(item.get("id"), str) else None
    kind = kind_of(arm_id.type) if arm_id else None
    if kind is None or not isinstance(item.get("properties"), dict):
        return False
    model = item["properties"].get("virtualMachineProfile") or item["properties"]
    return kind.family == "gallery" or bool((model.get("applicationProfile") or {}).get("galleryApplications"))


def at_home(item: Json) -> Json:
    """The body with a subscription's id for a placeholder such as {subscription-id}, which is none."""
    own = item["id"].strip("/").split("/")[1]
    return item if SUBSCRIPTION.match(own) else json.loads(json.dumps(item).replace(own, HOME))


def seen(body: Json) -> Listed:
    arm_id = ArmId.parse(body["id"])
    assert arm_id is not None
    kind = kind_of(arm_id.type)
    assert kind is not None
    return kind.decode(json.dumps(body).encode(), arm_id.subscription)


def exported(live: Listed) -> Exported:
    export = KINDS[live.address.kind].export
    assert export is not None
    return export(live)


def tried(body: Json, known: dict[str, Json], folder: Path, options: Options) -> Trial:
    """One body: decoded, exported, written, loaded and planned."""
    try:
        live = seen(body)
    except msgspec.MsgspecError as error:
        raise AssertionError(f"{body['id']} cannot be read: {error}") from error
    found = exported(live)
    if found.document is None:
        return Trial(live, found, None, found.lost)
    around = list(neighbours(live, known))
    documents = [found.document]
    if not isinstance(live, Machine):
        documents += [document for one in around if (document := exported(one).document)]
    try:
        declared = load(project(folder, live.id.subscription, documents))
    except Invalid as error:
        return Trial(
            live, found, None, tuple(f"{one.code}: {one.summary}" for one in error.diagnostics if one.is_error)
        )
    plan = make_plan(declared, World.of(iter([live, *around])), RULES, options)
    return Trial(live, found, declared, (*steps_of(plan), *errors_of(plan)))


def through_the_command(body: Json, known: dict[str, Json], folder: Path) -> tuple[Export, Plan | Invalid]:
    """One body as `vmapps export` writes it: what it is part of is ours, what a machine refers to another team's."""
    live = seen(body)
    world = World.of(iter([live, *neighbours(live, known)]))
    whole = Choice(theirs=("*",)) if isinstance(live, Machine) else Choice(ours=(live.id.names[0],))
    own = Project("noise", "n1", "AzurePublic", live.id.subscription)
    made = exported_world(world, whole, own)
    if not made.pieces:
        return made, Plan(ProjectId("noise", "noise.n1", own.subscription))
    place({**files_of(made.pieces), "vmapps.yaml": project_text(own)}, folder, force=False)
    try:
        return made, make_plan(load(folder), world, RULES, Options())
    except Invalid as error:
        return made, error


def neighbours(live: Listed, known: dict[str, Json]) -> Iterator[Listed]:
    """What a live object is part of, or refers to: as recorded, else as little as possible.

    Of what a machine refers to only that it is there counts; whether the version fits it is not asked here.
    """
    if isinstance(live, Machine):
        references = [entry.reference for entry in live.entries if entry.reference]
        versions = [replace(one, version="1.0.0") if one.version == "latest" else one for one in references]
        wanted = {up for one in versions for up in (one.id, one.id.parent, one.gallery)}
    else:
        wanted = {live.id.parent, live.id.parent.parent} - {live.id}
    for arm_id in sorted(wanted, key=lambda one: one.key):
        bare = {"id": str(arm_id), "location": "westus", "properties": BARE}
        if isinstance(live, Machine):
            bare = {"id": str(arm_id), "location": live.location}
        kind = kind_of(arm_id.type)
        assert kind is not None
        body = bare if isinstance(live, Machine) else known.get(arm_id.key, bare)
        yield kind.decode(json.dumps(body).encode(), live.id.subscription)


def project(folder: Path, subscription: str, documents: list[Any], owner: str = "noise.n1") -> Path:
    """The documents as the YAML files of a project; nothing of it is ours but what carries the owner's mark."""
    name, _, number = owner.partition(".")
    head = {
        "apiVersion": "vmapps/v1",
        "kind": "Project",
        "metadata": {"name": name, "id": number},
        "spec": {"subscription": subscription, "root": ".", "manifests": ["*.yaml"], "formerOwners": ["old"]},
    }
    (folder / "vmapps.yaml").write_text(yaml.safe_dump(head), encoding="utf-8")
    (folder / "live.yaml").write_text(yaml.safe_dump_all(documents, allow_unicode=True), encoding="utf-8")
    return folder


def steps_of(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        fields = ", ".join(".".join(change.path) for change in getattr(step.action, "changes", ()))
        yield f"{step.address.kind} {type(step.action).__name__} {fields}"


def errors_of(plan: Plan | Invalid) -> Iterator[str]:
    return (f"{one.code}: {one.summary}" for one in plan.diagnostics if one.is_error)
