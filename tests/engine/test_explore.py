"""What an export reads: each list once, and of others' galleries only what machines use."""

from __future__ import annotations

import json
from collections.abc import Sequence

from memory_cloud import Box, MemoryCloud
from samples import desired, machine_id
from vmapps.core.address import ArmId
from vmapps.core.exporting.choice import Choice
from vmapps.core.resource import World
from vmapps.engine.explore import explore
from vmapps.engine.ports import Scope, Sighting

ALL = (Scope("Gallery", "galleries"), Scope("VirtualMachine", "machines"))


class Counted(MemoryCloud):
    """Remembers what was listed; another gallery stands elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[str] = []
        for names in (("platform",), ("platform", "nginx"), ("platform", "base"), ("tools",), ("tools", "curl")):
            self.seed(desired(*names).id, {"location": "westeurope", "tags": {}})

    def survey(self, scope: Scope) -> Sequence[Sighting]:
        self.listed.append(scope.path.rpartition("/galleries/")[2])
        if scope.path == "elsewhere":
            return [one for one in super().survey(Scope("Gallery", "galleries")) if one.seen.id.name == "tools"]
        return super().survey(scope)

    def uses(self, machine: str, *names: str) -> None:
        reference = json.dumps({"packageReferenceId": str(desired(*names).id)}).encode()
        self.add(Box(machine_id(machine), [reference]))


def explored(cloud: Counted, choice: Choice, others: str = "") -> World:
    def scope_of(_gallery: ArmId) -> Scope:
        return Scope("Gallery", "elsewhere")

    return explore(ALL, cloud, choice, scope_of=scope_of, is_others=lambda owner: owner == others != "", parallelism=2)


def test_only_what_was_asked_for_is_read() -> None:
    cloud = Counted()
    explored(cloud, Choice(("platform/nginx",)))
    assert sorted(cloud.listed) == ["galleries", "machines", "platform", "platform/applications/nginx"]


def test_another_teams_gallery_is_read_as_far_as_it_is_used() -> None:
    cloud = Counted()
    cloud.uses("web-01", "tools", "curl", "1.0.0")
    world = explored(cloud, Choice((), ("tools",)))
    assert sorted(cloud.listed) == ["elsewhere", "galleries", "machines", "tools", "tools/applications/curl"]
    assert ["/".join(one.name) for one in world.resources] == ["platform", "tools", "tools/curl"]


def test_what_no_machine_uses_is_not_read() -> None:
    cloud = Counted()
    cloud.uses("db-01", "tools", "curl", "1.0.0")
    explored(cloud, Choice(("platform/base",), ("tools",), machines=("rg-web/web-*",)))
    assert "elsewhere" not in cloud.listed


def test_a_gallery_of_another_project_is_another_teams() -> None:
    cloud = Counted()
    cloud.seed(desired("tools").id, {"location": "westeurope", "tags": {"vmapps-owner": "other.1"}})
    cloud.uses("web-01", "tools", "curl", "1.0.0")
    explored(cloud, Choice(), others="other.1")
    assert sorted(cloud.listed)[:2] == ["elsewhere", "galleries"]
