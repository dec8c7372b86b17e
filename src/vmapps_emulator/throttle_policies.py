"""The Compute provider's throttling policies: which call is counted where, and how much each allows.

Names and sizes are those of ``x-ms-ratelimit-remaining-resource`` in the recordings (the largest remainder seen, plus
the call itself); what flows back into a bucket each minute is documented (azure-facts 5.2).
"""

from typing import NamedTuple

from vmapps_emulator.paths import Target

_MINUTE = 60.0


class Allowance(NamedTuple):
    """One bucket: its name in headers, its size, what flows back in each period (in seconds), and per what it is."""

    name: str
    size: int
    refill: int
    period: float
    is_per_resource: bool = False


# policy -> (per resource: bucket, refill) or None, (per subscription and region: bucket, refill), each minute
_PER_MINUTE: dict[str, tuple[tuple[int, int] | None, tuple[int, int]]] = {
    "PutVM": ((12, 4), (1500, 500)),
    "UpdateVM": ((12, 4), (1500, 500)),
    "DeleteVM": ((12, 4), (1500, 500)),
    "LowCostGet": ((36, 12), (24000, 8000)),
    "HighCostGet": (None, (900, 300)),
    "GetOperation": ((45, 15), (15000, 5000)),
    "VMGuestPatchOperation": ((6, 2), (600, 200)),
    "CreateVMScaleSet": ((12, 4), (375, 125)),
    "VMScaleSetActions": ((12, 4), (1500, 500)),
    "DeleteVMScaleSet": ((12, 4), (525, 175)),
    "GetVMScaleSet": ((36, 12), (2400, 800)),
    "HighCostGetVMScaleSet": ((30, 10), (1080, 360)),
    "VMScaleSetVMActions": ((12, 4), (2000, 500)),  # documented: 1500; the recordings hold a remainder of 1999
    "DeleteVMScaleSetVM": ((12, 4), (1500, 500)),
    "GetVMScaleSetVM": ((36, 12), (6000, 2000)),
}
# policy -> calls in 3 minutes, calls in 30 (recorded; in no documentation)
_PER_WINDOW: dict[str, tuple[int, int]] = {
    "CreateUpdateGallery": (50, 300),
    "DeleteGallery": (50, 300),
    "GetGallery": (350, 2500),
    "ListGalleryInResourceGroup": (100, 1000),
    "ListGalleryInSubscription": (100, 1000),  # guess: name and size, those of the group's list
    "PostShareGallery": (10, 60),
    "CreateUpdateGalleryApplication": (150, 750),
    "DeleteGalleryApplication": (50, 300),
    "GetGalleryApplication": (300, 2000),
    "ListGalleryApplicationsInGallery": (1500, 10000),
    "CreateUpdateGalleryApplicationVersion": (150, 750),
    "DeleteGalleryApplicationVersion": (150, 1000),
    "GetGalleryApplicationVersion": (2000, 10000),
    "ListGalleryApplicationVersionsInGalleryApplication": (1500, 10000),
    "GetOperationStatus": (5000, 15000),
}

# kind of a named resource -> verb -> policy; PATCH of a machine: azure-facts 5.2 (older recordings count it as PutVM)
_MACHINE = {"PUT": "PutVM", "PATCH": "UpdateVM", "DELETE": "DeleteVM", "GET": "LowCostGet", "POST": "UpdateVM"}
_EXTENSION = {"PUT": "UpdateVM", "PATCH": "UpdateVM", "DELETE": "UpdateVM", "GET": "LowCostGet"}
_SET = {
    "PUT": "CreateVMScaleSet",
    "PATCH": "VMScaleSetActions",
    "DELETE": "DeleteVMScaleSet",
    "GET": "GetVMScaleSet",
    "POST": "VMScaleSetActions",
}
_INSTANCE = {
    "PUT": "VMScaleSetVMActions",
    "DELETE": "DeleteVMScaleSetVM",
    "GET": "GetVMScaleSetVM",
    "POST": "VMScaleSetVMActions",
}
_ITEMS = {
    "virtualmachines": _MACHINE,
    "virtualmachines/extensions": _EXTENSION,
    "virtualmachinescalesets": _SET,
    "virtualmachinescalesets/virtualmachines": _INSTANCE,
    "locations/operations": {"GET": "GetOperation"},
    "locations/capsoperations": {"GET": "GetOperationStatus"},
}
_LISTS = {
    "virtualmachines": "HighCostGet",
    "locations/virtualmachines": "HighCostGet",
    "virtualmachines/extensions": "LowCostGet",
    "virtualmachinescalesets": "HighCostGetVMScaleSet",
    "locations/virtualmachinescalesets": "HighCostGetVMScaleSet",
    "virtualmachinescalesets/virtualmachines": "HighCostGetVMScaleSet",
    "virtualmachinescalesets/instanceview": "HighCostGetVMScaleSet",
    "galleries/applications": "ListGalleryApplicationsInGallery",
    "galleries/applications/versions": "ListGalleryApplicationVersionsInGalleryApplication",
}
_GALLERY_NOUNS = {
    "galleries": "Gallery",
    "galleries/applications": "GalleryApplication",
    "galleries/applications/versions": "GalleryApplicationVersion",
}
_GALLERY_VERBS = {"PUT": "CreateUpdate", "PATCH": "CreateUpdate", "DELETE": "Delete", "GET": "Get"}
# Actions that are counted as deletes of the machine (recordings of deallocate, poweroff of instances).
_AS_DELETES = {
    "virtualmachines/deallocate": "DeleteVM",
    "virtualmachinescalesets/virtualmachines/deallocate": "DeleteVMScaleSetVM",
    "virtualmachinescalesets/virtualmachines/poweroff": "DeleteVMScaleSetVM",
}


def policy_of(method: str, target: Target) -> str | None:
    """The policy that counts a call; None for what Compute does not count."""
    if target.is_collection:
        return _of_collection(method, target)
    if target.kind in _GALLERY_NOUNS:
        verb = _GALLERY_VERBS.get(method)
        return f"{verb}{_GALLERY_NOUNS[target.kind]}" if verb else None
    return _ITEMS.get(target.kind, {}).get(method)


def allowances(policy: str) -> tuple[Allowance, ...]:
    """The buckets of a policy, in the order of the recorded header."""
    if policy in _PER_WINDOW:
        short, long = _PER_WINDOW[policy]
        return (
            Allowance(f"{policy}3Min", short, short, 3 * _MINUTE),
            Allowance(f"{policy}30Min", long, long, 30 * _MINUTE),
        )
    resource, subscription = _PER_MINUTE[policy]
    shared = Allowance(f"{policy}SubscriptionMaximum", *subscription, _MINUTE)
    if resource is None:
        return (shared,)
    own = Allowance(f"{policy}Resource", *resource, _MINUTE, is_per_resource=True)
    return (own, shared) if policy == "GetOperation" else (shared, own)


def _of_collection(method: str, target: Target) -> str | None:
    """Lists, views and actions: what stands after the last name."""
    if method == "GET" and target.kind in _LISTS:
        return _LISTS[target.kind]
    if target.kind == "galleries":
        return "ListGalleryInResourceGroup" if target.group else "ListGalleryInSubscription"
    if target.kind == "galleries/share":
        return "PostShareGallery"
    owner = target.kind.rpartition("/")[0]
    return _AS_DELETES.get(target.kind) or _ITEMS.get(owner, {}).get(method)
