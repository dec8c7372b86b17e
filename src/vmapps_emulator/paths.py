"""ARM paths: case-insensitive to read, in Azure's own casing to write."""

from dataclasses import dataclass

PROVIDER = "Microsoft.Compute"

TYPES = {
    name.lower(): name
    for name in (
        "galleries",
        "applications",
        "versions",
        "virtualMachines",
        "virtualMachineScaleSets",
        "extensions",
        "instanceView",
        "rollingUpgrades",
        "locations",
        "operations",
        "capsOperations",
    )
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names. ``kind`` holds the types in lower case; a collection lacks its last name."""

    subscription: str = ""
    group: str = ""
    provider: str = ""
    kind: str = ""
    names: tuple[str, ...] = ()
    key: str = ""

    @property
    def is_collection(self) -> bool:
        """Whether the path ends in a type, not in a name."""
        return len(self.names) < self.kind.count("/") + bool(self.kind)

    @property
    def name(self) -> str:
        """The last name in the path."""
        return self.names[-1]

    @property
    def parent_key(self) -> str:
        """The path above the last pair (or above the type of a collection), in lower case."""
        return self.key.rsplit("/", 1 if self.is_collection else 2)[0]

    @property
    def collection_key(self) -> str:
        """The path of the collection that holds the named resource."""
        return self.key if self.is_collection else self.key.rsplit("/", 1)[0]

    @property
    def subscription_key(self) -> str:
        """The path of the subscription-wide collection of the same kind."""
        return f"/subscriptions/{self.subscription.lower()}/providers/{self.provider}/{self.kind}"

    @property
    def full_type(self) -> str:
        """The type as ARM writes it, such as ``Microsoft.Compute/galleries/applications``."""
        return "/".join([PROVIDER, *(TYPES.get(word, word) for word in self.kind.split("/"))])

    @property
    def type_and_name(self) -> str:
        """Types and names in turn, as ARM words them in its errors."""
        words = self.full_type.split("/")
        pairs = [part for pair in zip(words[1:], self.names, strict=False) for part in pair]
        return "/".join([words[0], *pairs])

    @property
    def id(self) -> str:
        """The id of the named resource, with the caller's casing of names and Azure's of types."""
        head = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/"
        return head + self.type_and_name


def parse(path: str) -> Target | None:
    """Read a path; None when it is none of ARM's shapes below a subscription."""
    parts = path.strip("/").split("/")
    words = [part.lower() for part in parts]
    if len(parts) < 2 or words[0] != "subscriptions" or not all(parts):
        return None
    key = "/" + "/".join(words)
    at, group = 2, ""
    if len(parts) > 3 and words[2] == "resourcegroups":
        at, group = 4, parts[3]
    rest = parts[at:]
    if not rest:
        return Target(parts[1], group, "", "resourcegroups" if group else "subscriptions", (parts[-1],), key)
    if words[at] != "providers":
        return Target(parts[1], group, "", words[at], tuple(rest[1:2]), key) if len(rest) <= 2 else None
    if len(rest) < 2:
        return None if group else Target(parts[1], "", "", "providers", (), key)
    kind = "/".join(words[at + 2 :: 2])
    return Target(parts[1], group, words[at + 1], kind, tuple(parts[at + 3 :: 2]), key)
