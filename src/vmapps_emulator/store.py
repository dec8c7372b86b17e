"""What exists: resources by id in lower case, and the collections that hold them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vmapps_emulator.replication import Replication
from vmapps_emulator.wire import Json, encode

if TYPE_CHECKING:
    from vmapps_emulator.operations import Operation


@dataclass(slots=True, eq=False)
class Resource:
    """One ARM resource: the body as the newest api-version shows it, what runs on it, what is never shown."""

    key: str
    body: Json
    collections: tuple[str, ...]
    etag: int = 0
    operation: "Operation | None" = None
    hidden: Json = field(default_factory=dict)
    _encoded: bytes | None = field(default=None, repr=False)
    _listed: bytes | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """The id in the casing of its creation."""
        return str(self.body["id"])

    @property
    def properties(self) -> Json:
        """The body's ``properties``."""
        properties: Json = self.body["properties"]
        return properties

    @property
    def state(self) -> str:
        """provisioningState, or the empty text for a kind that has none."""
        return str(self.properties.get("provisioningState", ""))

    @property
    def location(self) -> str:
        """The region as it was written."""
        return str(self.body.get("location", ""))

    def peek(self) -> Json:
        """The body for reading only."""
        return self.body

    def encoded(self) -> bytes:
        """The body as bytes, kept until the next change."""
        if self._encoded is None:
            self._encoded = encode(self.body)
        return self._encoded

    def listed(self) -> bytes:
        """The bytes in a list, kept as well: what is nested shows its id only.

        No recording lists a machine with extensions; az 2.91 ends with an error when a list holds whole ones.
        """
        if self._listed is None:
            has_nested = b'"resources":' in self.encoded()
            self._listed = encode(with_nested_ids(self.body)) if has_nested else self.encoded()
        return self._listed

    def touched(self) -> None:
        """Forget the bytes: the body has changed."""
        self._encoded = self._listed = None

    def set_state(self, state: str) -> None:
        """Write provisioningState."""
        self.properties["provisioningState"] = state
        self.touched()

    def write_etag(self) -> str:
        """Count one write: quoted integers from "1" (recordings test_vm_update_size and others)."""
        self.etag += 1
        self.body["etag"] = f'"{self.etag}"'
        self.touched()
        return str(self.body["etag"])


class Store:
    """All state of one emulator but for operations and guests."""

    def __init__(self) -> None:
        self.groups: dict[str, Json] = {}
        self._resources: dict[str, Resource] = {}
        self._collections: dict[str, dict[str, Resource]] = {}
        self._gone: dict[str, dict[str, str]] = {}
        self._refused: dict[str, int] = {}
        self.replication = Replication()

    def get(self, key: str) -> Resource | None:
        """The resource with this id, whatever its casing."""
        return self._resources.get(key.lower())

    def resources(self) -> Collection[Resource]:
        """Everything, in order of creation."""
        return self._resources.values()

    def put(self, resource: Resource) -> None:
        """Add a resource to its collections."""
        self._resources[resource.key] = resource
        for collection in resource.collections:
            self._collections.setdefault(collection, {})[resource.key] = resource
            self._gone.get(collection, {}).pop(resource.key, None)

    def join(self, resource: Resource, collection: str) -> None:
        """Add a resource to one more collection, such as the instances of a scale set."""
        if collection not in resource.collections:
            resource.collections = (*resource.collections, collection)
        self._collections.setdefault(collection, {})[resource.key] = resource

    def remove(self, resource: Resource) -> None:
        """Forget a resource; what lies below it stays."""
        self._resources.pop(resource.key, None)
        self.replication.forget(resource.key)
        for collection in resource.collections:
            self._collections.get(collection, {}).pop(resource.key, None)
            self._gone.setdefault(collection, {})[resource.key] = resource.id

    def ghosts(self, collection: str, refusals: int) -> list[str]:
        """The ids of removed members that still keep their parent from being deleted: for so many refusals."""
        gone = self._gone.get(collection, {})
        refused = self._refused.get(collection, 0)
        if gone and refused < refusals:
            self._refused[collection] = refused + 1
            return list(gone.values())
        self._gone.pop(collection, None)
        self._refused.pop(collection, None)
        return []

    def collection(self, key: str) -> dict[str, Resource]:
        """The resources of one collection, in order of creation."""
        return self._collections.get(key.lower(), {})

    def below(self, prefix: str) -> Iterator[Resource]:
        """Everything whose id starts with a path."""
        start = prefix.lower().rstrip("/") + "/"
        return (resource for key, resource in list(self._resources.items()) if key.startswith(start))

    def has_group(self, subscription: str, group: str) -> bool:
        """Whether a resource group exists."""
        return group_key(subscription, group) in self.groups


def with_nested_ids(body: Json) -> Json:
    """A body whose nested resources are their ids."""
    nested = body.get("resources")
    return {**body, "resources": [{"id": item["id"]} for item in nested]} if isinstance(nested, list) else body


def group_key(subscription: str, group: str) -> str:
    """A resource group's id in lower case."""
    return f"/subscriptions/{subscription}/resourcegroups/{group}".lower()
