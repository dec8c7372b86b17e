"""Lists that lag behind writes: a collection as it was, for a number of lists."""

from dataclasses import dataclass, field

from vmapps_emulator.packed import Packed
from vmapps_emulator.paths import Target
from vmapps_emulator.store import Resource, Store


@dataclass(slots=True)
class _Frozen:
    members: dict[str, Resource]
    lists: int


@dataclass(slots=True)
class Lags:
    """The collections that still show an old state, by their paths in lower case."""

    frozen: dict[str, _Frozen] = field(default_factory=dict)

    def freeze(self, store: Store, target: Target, lists: int) -> None:
        """Keep the collections that hold a resource as they are now, for so many lists."""
        if not target.kind or target.is_collection:
            return
        for key in (target.collection_key, target.subscription_key):
            members = {name: _copy(item) for name, item in store.collection(key).items()}
            self.frozen.setdefault(key.lower(), _Frozen(members, lists))

    def seen(self, store: Store, key: str, is_first_page: bool) -> dict[str, Resource]:
        """The members that a list shows now."""
        held = self.frozen.get(key.lower()) if self.frozen else None
        if held is None:
            return store.collection(key)
        if is_first_page:
            held.lists -= 1
        if held.lists < 0:
            del self.frozen[key.lower()]
            return store.collection(key)
        return held.members


def _copy(resource: Resource) -> Resource:
    return Packed(resource.key, resource.encoded(), resource.collections, resource.etag)
