"""The official examples of the operations served: each asked of an emulator that holds what it needs."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from emulator.arm import Arm
from specification.operations import Operation, specification
from vmapps_emulator.errors import ArmError
from vmapps_emulator.paths import Target, parse
from vmapps_emulator.routes import handler_for
from vmapps_emulator.seed import plant
from vmapps_emulator.wire import Request

Json = dict[str, Any]

PLACEHOLDER = re.compile("^a+$")
ROLLING = "virtualmachinescalesets/rollingupgrades"
VERSION = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/galleries/g/applications/a/versions/1.0.0"

# What stands for a resource that an example only names.
BARE: dict[str, Json] = {
    "galleries": {},
    "galleries/applications": {"supportedOSType": "Linux"},
    "galleries/applications/versions": {"publishingProfile": {}},
    "virtualmachines": {"storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}}},
    "virtualmachinescalesets": {
        "orchestrationMode": "Uniform",
        "virtualMachineProfile": {
            "priority": "Spot",
            "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
        },
    },
    "virtualmachinescalesets/virtualmachines": {"priority": "Spot"},
}
_FEW = {"sku": {"name": "Standard_D1_v2", "tier": "Standard", "capacity": 3}}


@dataclass(frozen=True)
class Example:
    """One example file of one operation."""

    title: str
    operation: Operation
    file: Path
    content: Json

    @cached_property
    def path(self) -> str:
        """The path with the example's names in it."""
        given = {name.lower(): str(value) for name, value in self.content["parameters"].items()}
        return re.sub(r"{(\w+)}", lambda found: given[found[1].lower()], self.operation.path)

    @property
    def target(self) -> Target:
        target = parse(self.path)
        assert target is not None, self.path
        return target

    @property
    def api_version(self) -> str:
        return str(self.content["parameters"]["api-version"])

    @property
    def body(self) -> Any:
        """The value of the body parameter, whatever its name; a reference that is a placeholder becomes a real one."""
        name = next((one["name"] for one in self._parameters() if one["in"] == "body"), None)
        return with_references(self.content["parameters"].get(name))

    @property
    def instances(self) -> list[str]:
        """The instances of a scale set that the body names."""
        body = self.body
        is_about = self.target.kind.startswith("virtualmachinescalesets/") and isinstance(body, dict)
        return list(body.get("instanceIds", ())) if is_about else []

    @property
    def query(self) -> dict[str, str]:
        """The query but for its placeholders (a filter ``aaaa`` is no filter)."""
        names = [one["name"] for one in self._parameters() if one["in"] == "query" and one["name"] != "api-version"]
        given = {name: str(self.content["parameters"].get(name, "")) for name in names}
        return {name: value for name, value in given.items() if value and not PLACEHOLDER.match(value)}

    @property
    def statuses(self) -> set[int]:
        return {int(status) for status in self.content["responses"]}

    def shown(self) -> Json:
        """The resource that the example's answers show, if they show one."""
        answers = [answer for _, answer in sorted(self.content["responses"].items())]
        bodies = [with_references(answer.get("body")) for answer in answers]
        return next((body for body in bodies if isinstance(body, dict) and "properties" in body), {})

    def _parameters(self) -> list[Json]:
        documents = self.operation.schemas.documents
        given = self.operation.description["parameters"]
        return [documents.target(one["$ref"], self.operation.file)[1] if "$ref" in one else one for one in given]


def examples() -> list[Example]:
    """All examples of all operations of the oracle."""
    known = specification()
    found = []
    for operation in [one for held in (known.operations.values() if known else ()) for one in held]:
        for title, reference in operation.description.get("x-ms-examples", {}).items():
            file = operation.file.parent / reference["$ref"]
            content = operation.schemas.documents.read(file)
            found.append(Example(title, operation, file, content))
    return found


def is_served(example: Example) -> bool:
    """Whether the emulator has a handler for the example's operation."""
    target = parse(example.path)
    if target is None:
        return False
    try:
        handler_for(Request(example.operation.method, example.path, target=target))
    except ArmError:
        return False
    return True


def unserved(found: list[Example]) -> Counter[str]:
    """Examples that are not exercised, by the kind of resource."""
    kinds = [parse(one.path) for one in found if not is_served(one)]
    return Counter("/".join(kind.kind.split("/")[:2]) if kind else "(no subscription)" for kind in kinds)


def prepared(arm: Arm, example: Example) -> None:
    """Plant what the example takes for granted: parents, the resource itself, the versions that its body names."""
    _plant_versions(arm, example)
    target = example.target
    is_new = example.operation.method == "PUT" and target.kind in BARE and "virtualmachines" not in target.kind
    for depth in range(1, len(target.names) + 1 - is_new):
        _plant_pair(arm, example, depth, target.names[:depth])
    for instance in example.instances:
        _plant_pair(arm, example, 2, (target.names[0], instance))
    if target.kind == ROLLING:
        _start_rolling(arm, example)


def _start_rolling(arm: Arm, example: Example) -> None:
    """A rolling upgrade that has begun; it still runs when the example is to cancel one."""
    scale_set = example.path[: example.path.lower().index("/rollingupgrades")]
    model = {"upgradePolicy": {"mode": "Rolling"}, "virtualMachineProfile": {"licenseType": "RHEL_BYOS"}}
    arm.done("PATCH", quote(scale_set), {"properties": model})
    arm.control("POST", "settings", {"polls": 1000 if example.operation.method == "POST" else 0})


def _plant_pair(arm: Arm, example: Example, depth: int, names: tuple[str, ...]) -> None:
    """The resource that the first pairs of type and name in the path stand for."""
    target = example.target
    kind = "/".join(target.kind.split("/")[: max(depth, len(names))])
    if example.instances and depth == 2:
        kind = "virtualmachinescalesets/virtualmachines"
    if kind not in BARE or not target.group:
        return
    start = f"/subscriptions/{target.subscription}/resourceGroups/{target.group}/providers/Microsoft.Compute"
    own = "/".join(part for pair in zip(kind.split("/"), names, strict=True) for part in pair)
    shown = example.shown() if depth == len(target.names) and not target.is_collection else {}
    few = _FEW if "scalesets" in kind else {}
    body = {"location": "westus", "properties": BARE[kind], **few, **without_nulls(shown)}
    if target.kind.endswith("/extensions") and not target.is_collection:
        own_extension = {**example.shown(), "id": example.path, "name": target.name, "type": target.full_type}
        body["resources"] = [{"location": "westus", "properties": {}, **own_extension}]
    plant(arm.emulator.world, {"resources": [{**body, "id": f"{start}/{own}", "name": names[-1]}]})


def _plant_versions(arm: Arm, example: Example) -> None:
    body = example.body if isinstance(example.body, dict) else {}
    for reference in re.findall(r"'packageReferenceId': '([^']+)'", str((body, example.shown()))):
        application, _, _ = reference.rpartition("/versions/")
        if not application:
            continue
        where = {"location": body.get("location", example.shown().get("location", "westus"))}
        bodies = [
            {"id": application.rpartition("/applications/")[0], **where},
            {"id": application, **where, "properties": {"supportedOSType": os_type(body)}},
            {"id": reference, **where, "properties": {"publishingProfile": {}}},
        ]
        plant(arm.emulator.world, {"resources": bodies})


def with_references(value: Any) -> Any:
    return json.loads(re.sub('"packageReferenceId": "a+"', f'"packageReferenceId": "{VERSION}"', json.dumps(value)))


def os_type(body: Json) -> str:
    return "Windows" if "windowsConfiguration" in str(body) or "MicrosoftWindowsServer" in str(body) else "Linux"


def without_nulls(value: Any) -> Any:
    """An example's answer as a seed: the specification forbids the nulls that a few examples show."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def asked(arm: Arm, example: Example) -> Any:
    """The emulator's answer to the example's request."""
    arm.control("POST", "settings", {"polls": 0})
    group = f"/subscriptions/{example.target.subscription}/resourceGroups/{example.target.group}"
    if example.target.group:
        plant(arm.emulator.world, {"resourceGroups": [{"id": group, "location": "westus"}]})
    prepared(arm, example)
    query = "&".join(f"{name}={quote(value)}" for name, value in example.query.items())
    path = quote(example.path) + (f"?{query}" if query else "")
    return arm.call(example.operation.method, path, example.body, api=example.api_version)
