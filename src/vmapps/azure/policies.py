"""Which of Azure's token buckets a request draws from: ARM's, and those of the Compute provider [azure-facts 5].

A policy's name is the one that `x-ms-ratelimit-remaining-*` headers use [recordings]; sizes and refills are the
documented ones. What is in no documentation (galleries) is learned from the headers: azure.learned.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

from vmapps.azure.buckets import Allowance

MINUTE = 60.0

ARM = MappingProxyType(
    {
        "subscription-reads": Allowance(250, 25, 1.0),
        "subscription-writes": Allowance(200, 10, 1.0),
        "subscription-deletes": Allowance(200, 10, 1.0),
    }
)
"""Per subscription and principal; questions about running writes are reads [azure-facts 5.1]."""

OF_METHOD = MappingProxyType({"GET": "reads", "HEAD": "reads", "DELETE": "deletes"})

SHARED, OWN = "SubscriptionMaximum", "Resource"
"""What a policy's name ends with in headers: its bucket of a subscription in a region, and that of one resource."""


def _a_minute(size: int, refill: int) -> Allowance:
    return Allowance(size, refill, MINUTE)


COMPUTE = MappingProxyType(
    {
        f"{name}{end}": allowance
        for name, shared, own in (
            ("UpdateVM", _a_minute(1500, 500), _a_minute(12, 4)),
            ("LowCostGet", _a_minute(24000, 8000), _a_minute(36, 12)),
            ("HighCostGet", _a_minute(900, 300), None),
            ("GetOperation", _a_minute(15000, 5000), _a_minute(45, 15)),
            ("VMScaleSetActions", _a_minute(1500, 500), _a_minute(12, 4)),
            ("GetVMScaleSet", _a_minute(2400, 800), _a_minute(36, 12)),
            ("HighCostGetVMScaleSet", _a_minute(1080, 360), _a_minute(30, 10)),
        )
        for end, allowance in ((SHARED, shared), (OWN, own))
        if allowance is not None
    }
)
"""Both levels apply; they are filled up once a minute [azure-facts 5.2]."""

_MACHINE, _SET = "virtualmachines", "virtualmachinescalesets"

_OF_REQUEST = MappingProxyType(
    {
        ("GET", f"{_MACHINE}/*"): "LowCostGet",
        ("GET", f"{_MACHINE}/*/instanceview"): "LowCostGet",
        ("GET", _MACHINE): "HighCostGet",
        ("PATCH", f"{_MACHINE}/*"): "UpdateVM",
        ("GET", f"{_SET}/*"): "GetVMScaleSet",
        ("GET", f"{_SET}/*/rollingupgrades/*"): "GetVMScaleSet",
        ("GET", _SET): "HighCostGetVMScaleSet",
        ("GET", f"{_SET}/*/virtualmachines"): "HighCostGetVMScaleSet",
        ("PATCH", f"{_SET}/*"): "VMScaleSetActions",
        ("POST", f"{_SET}/*/manualupgrade"): "VMScaleSetActions",
        ("GET", "locations/*/operations/*"): "GetOperation",
    }
)
"""What vmapps sends of what is documented; names stand as `*`."""


class Which(NamedTuple):
    """One bucket: a policy's, in a subscription, and where it says so in a region or for one resource."""

    policy: str
    subscription: str
    region: str = ""
    resource: str = ""

    def __str__(self) -> str:
        """For people: `subscription-writes of subscription 1111…`."""
        whose = self.resource or f"subscription {self.subscription}"
        return f"{self.policy} of {whose}" + (f" in {self.region}" if self.region and not self.resource else "")


class Asked(NamedTuple):
    """What of a request decides where it is counted: the subscription, and what of the Compute provider is asked.

    `shape` is the path below the provider with `*` for names, `resource` the lower-case id of what the bucket of one
    resource belongs to; both are "" elsewhere. `place` is the region that the path itself names.
    """

    method: str
    subscription: str
    shape: str = ""
    resource: str = ""
    place: str = ""

    @property
    def kind(self) -> str:
        """`subscription-reads`, `-writes` or `-deletes`."""
        return f"subscription-{OF_METHOD.get(self.method, 'writes')}"


@lru_cache(maxsize=4096)
def asked(method: str, path: str) -> Asked:
    """A request by its path, without the query; one below no subscription is counted nowhere."""
    parts = unquote(path).lower().strip("/").split("/")
    if len(parts) < 2 or parts[0] != "subscriptions":
        return Asked(method, "")
    subscription = parts[1]
    if "microsoft.compute" not in parts:
        return Asked(method, subscription)
    at = parts.index("microsoft.compute") + 1
    below = parts[at:]
    shape = "/".join("*" if number % 2 else word for number, word in enumerate(below))
    is_placed = below[:1] == ["locations"]
    owner = below[: 4 if is_placed else 2] if len(below) > 1 else ()
    resource = "/".join((*parts[:at], *owner)) if owner else ""
    place = below[1] if is_placed and len(below) > 1 else ""
    return Asked(method, subscription, shape, f"/{resource}" if resource else "", place)


@lru_cache(maxsize=4096)
def drawn_from(request: Asked, region: str) -> tuple[tuple[Which, Allowance], ...]:
    """The documented buckets of a request in a region ("": not known)."""
    return tuple(_drawn_from(request, region))


def _drawn_from(request: Asked, region: str) -> Iterator[tuple[Which, Allowance]]:
    if not request.subscription:
        return
    yield Which(request.kind, request.subscription), ARM[request.kind]
    policy = _OF_REQUEST.get((request.method, request.shape))
    if policy is None:
        return
    for name in (f"{policy}{SHARED}", f"{policy}{OWN}"):
        if name in COMPUTE:
            yield bucket(name, request, region), COMPUTE[name]


def bucket(policy: str, request: Asked, region: str) -> Which:
    """The bucket of a policy that a request draws from.

    Lists over all regions, and what is in a region that is not known, share one of the subscription.
    """
    if policy in ARM:
        return Which(policy, request.subscription)
    if policy.endswith(OWN) and request.resource:
        return Which(policy, request.subscription, resource=request.resource)
    return Which(policy, request.subscription, region)
