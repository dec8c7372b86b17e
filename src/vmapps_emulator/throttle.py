"""Token buckets of ARM and of the Compute provider (azure-facts 5.1, 5.2); they refuse only when switched on."""

from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, floor

from vmapps_emulator.errors import ArmError
from vmapps_emulator.paths import Target
from vmapps_emulator.regions import normal
from vmapps_emulator.store import Store
from vmapps_emulator.throttle_policies import Allowance, allowances, policy_of
from vmapps_emulator.wire import Json, Request, Response, encode, now

_PROVIDER = "Microsoft.Compute"
_GLOBAL = 15  # all principals of a subscription together (azure-facts 5.1)
_ARM = {
    "reads": Allowance("reads", 250, 25, 1.0),
    "writes": Allowance("writes", 200, 10, 1.0),
    "deletes": Allowance("deletes", 200, 10, 1.0),
}
_KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


@dataclass(slots=True)
class Bucket:
    """What is left of one allowance; what flows back comes at the end of each period."""

    allowance: Allowance
    left: int
    filled: float

    def wait(self, seconds: float) -> float:
        """Fill up to now; how long until a call is allowed, 0 when it is."""
        periods = floor((seconds - self.filled) / self.allowance.period)
        if periods > 0:
            self.left = min(self.allowance.size, self.left + periods * self.allowance.refill)
            self.filled += periods * self.allowance.period
        return 0.0 if self.left > 0 else self.filled + self.allowance.period - seconds


@dataclass(slots=True)
class Throttle:
    """All buckets that calls have touched."""

    buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    def take(self, store: Store, request: Request, seconds: float) -> tuple[Response | None, float]:
        """Count a call: None, or ARM's or the provider's refusal and how long to wait."""
        target = request.target
        subscription = target.subscription.lower()
        own = [self._bucket(_ARM[_kind(request)], seconds, "arm", subscription)] if subscription else []
        policy = _policy(request.method, target)
        shared = [self._bucket(item, seconds, *_owner(store, item, target)) for item in _allowed(policy)]
        for bucket in own + shared:
            wait = bucket.wait(seconds)
            if wait > 0:
                return self._refusal(request, bucket, policy, wait), wait
        for bucket in own + shared:
            bucket.left -= 1
        return None, 0.0

    def headers(self, store: Store, request: Request, is_on: bool) -> dict[str, str]:
        """What is left: as recorded for Compute, as documented for ARM; full buckets while it is switched off."""
        target = request.target
        policy = _policy(request.method, target)
        if not is_on:
            return _full_headers(_kind(request), policy)
        lefts = [(item.name, self._left(item, *_owner(store, item, target))) for item in _allowed(policy)]
        kind = _kind(request)
        return _headers(kind, self._left(_ARM[kind], "arm", target.subscription.lower()), lefts)

    def _bucket(self, allowance: Allowance, seconds: float, *owner: str) -> Bucket:
        key = (allowance.name, *owner)
        held = self.buckets.get(key)
        if held is None:
            held = self.buckets[key] = Bucket(allowance, allowance.size, seconds)
        return held

    def _left(self, allowance: Allowance, *owner: str) -> int:
        held = self.buckets.get((allowance.name, *owner))
        return allowance.size if held is None else held.left

    def _refusal(self, request: Request, bucket: Bucket, policy: str | None, wait: float) -> Response:
        if bucket.allowance.name in _ARM or policy is None:
            return arm_refusal(request, ceil(wait))
        return compute_refusal(bucket.allowance.name, bucket.allowance.size, ceil(wait))


def arm_refusal(request: Request, wait: int) -> Response:
    """429 of ARM itself (guess: the sentence; azure-facts 4.6 has the code)."""
    kind = _kind(request)
    text = f"Number of '{kind.removesuffix('s')}' requests for subscription '{request.target.subscription}' actor "
    text += f"'00000000-0000-0000-0000-000000000000' exceeded. Please try again after '{wait}' seconds after "
    text += "additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information."
    headers = {"Retry-After": str(wait), f"x-ms-ratelimit-remaining-subscription-{kind}": "0"}
    return Response(429, ArmError(429, "SubscriptionRequestsThrottled", text).body(), headers)


def compute_refusal(policy: str, allowed: int, wait: int) -> Response:
    """429 of the Compute provider: no ``error`` around it, JSON inside a text (azure-facts 5.2 [T429])."""
    moment = now()
    measured: Json = {"operationGroup": policy, "startTime": moment, "endTime": moment}
    measured |= {"allowedRequestCount": allowed, "measuredRequestCount": allowed + 1}
    detail = {"code": "TooManyRequests", "target": policy, "message": encode(measured).decode()}
    text = "The server rejected the request because too many requests have been received for this subscription."
    headers = {"Retry-After": str(wait), "x-ms-ratelimit-remaining-resource": f"{_PROVIDER}/{policy};0"}
    return Response(429, {"code": "OperationNotAllowed", "message": text, "details": [detail]}, headers)


def _kind(request: Request) -> str:
    return _KINDS.get(request.method, "writes")


def _policy(method: str, target: Target) -> str | None:
    return policy_of(method, target) if target.provider == _PROVIDER.lower() else None


def _allowed(policy: str | None) -> tuple[Allowance, ...]:
    return () if policy is None else allowances(policy)


def _owner(store: Store, allowance: Allowance, target: Target) -> tuple[str, ...]:
    """Whose bucket: the resource's, or the subscription's in the resource's region (lists: in no region)."""
    named = target.parent_key if target.is_collection else target.key
    if allowance.is_per_resource:
        return (named,)
    held = store.get(named)
    region = target.names[0] if target.kind.startswith("locations/") and target.names else ""
    return (target.subscription.lower(), normal(held.location if held else region))


@lru_cache(maxsize=256)
def _full_headers(kind: str, policy: str | None) -> dict[str, str]:
    return _headers(kind, _ARM[kind].size - 1, [(item.name, item.size - 1) for item in _allowed(policy)])


def _headers(kind: str, left: int, lefts: list[tuple[str, int]]) -> dict[str, str]:
    spare = _GLOBAL * _ARM[kind].size - (_ARM[kind].size - left)
    headers = {
        f"x-ms-ratelimit-remaining-subscription-{kind}": str(left),
        f"x-ms-ratelimit-remaining-subscription-global-{kind}": str(spare),
    }
    if lefts:
        shown = (f"{_PROVIDER}/{name};{left}" for name, left in lefts)
        headers["x-ms-ratelimit-remaining-resource"] = ",".join(shown)
        headers["x-ms-request-charge"] = "1"
    return headers
