"""Which buckets a request draws from, and what answers say of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vmapps.azure.failures import Answer
from vmapps.azure.learned import allowance, empty, remaining, reserve
from vmapps.azure.policies import COMPUTE, Which, asked, drawn_from

SUB = "1111"
BELOW = f"/subscriptions/{SUB}/resourceGroups/RG/providers/Microsoft.Compute"
ALL = f"/subscriptions/{SUB}/providers/Microsoft.Compute"
MACHINE, SET = f"{BELOW}/virtualMachines/Web-01", f"{BELOW}/virtualMachineScaleSets/web-ss"
OPERATION = f"{ALL}/locations/westeurope/operations/77"


@pytest.mark.parametrize(
    ("method", "path", "buckets"),
    [
        ("GET", MACHINE, ["subscription-reads", "LowCostGetSubscriptionMaximum@", "LowCostGetResource"]),
        (
            "GET",
            f"{MACHINE}/instanceView",
            ["subscription-reads", "LowCostGetSubscriptionMaximum@", "LowCostGetResource"],
        ),
        ("PATCH", MACHINE, ["subscription-writes", "UpdateVMSubscriptionMaximum@", "UpdateVMResource"]),
        ("GET", f"{ALL}/virtualMachines", ["subscription-reads", "HighCostGetSubscriptionMaximum@"]),
        ("GET", OPERATION, ["subscription-reads", "GetOperationSubscriptionMaximum@", "GetOperationResource"]),
        ("GET", SET, ["subscription-reads", "GetVMScaleSetSubscriptionMaximum@", "GetVMScaleSetResource"]),
        (
            "GET",
            f"{SET}/rollingUpgrades/latest",
            ["subscription-reads", "GetVMScaleSetSubscriptionMaximum@", "GetVMScaleSetResource"],
        ),
        (
            "GET",
            f"{SET}/virtualMachines",
            ["subscription-reads", "HighCostGetVMScaleSetSubscriptionMaximum@", "HighCostGetVMScaleSetResource"],
        ),
        (
            "POST",
            f"{SET}/manualupgrade",
            ["subscription-writes", "VMScaleSetActionsSubscriptionMaximum@", "VMScaleSetActionsResource"],
        ),
        ("PUT", f"{BELOW}/galleries/platform", ["subscription-writes"]),
        ("DELETE", f"{BELOW}/galleries/platform", ["subscription-deletes"]),
        ("GET", f"/subscriptions/{SUB}/resourceGroups/rg", ["subscription-reads"]),
        ("POST", "/providers/Microsoft.ResourceGraph/resources", []),
    ],
)
def test_every_request_has_its_buckets(method: str, path: str, buckets: list[str]) -> None:
    drawn = [which for which, _ in drawn_from(asked(method, path), "here")]
    assert [f"{one.policy}{'@' if one.region else ''}" for one in drawn] == buckets
    assert all(one.subscription == SUB for one in drawn)


def test_buckets_are_one_by_region_and_by_resource() -> None:
    first, second = (asked("PATCH", f"{BELOW}/virtualMachines/{name}") for name in ("a", "b"))
    there = {which for region in ("westeurope", "eastus") for which, _ in drawn_from(first, region)}
    assert len(there) == 4  # ARM's is one, the machine's own too
    assert len({which for one in (first, second) for which, _ in drawn_from(one, "eastus")}) == 4


def test_case_does_not_make_another_bucket_and_an_operation_names_its_region() -> None:
    assert asked("GET", MACHINE) == asked("GET", MACHINE.upper())
    assert asked("GET", OPERATION).place == "westeurope"
    assert asked("GET", f"{ALL}/virtualMachines").resource == ""


def test_a_bucket_says_what_it_is() -> None:
    assert str(Which("subscription-reads", SUB)) == "subscription-reads of subscription 1111"
    assert str(Which("UpdateVM", SUB, "eastus")) == "UpdateVM of subscription 1111 in eastus"
    assert str(Which("UpdateVMResource", SUB, resource="/x/web-01")) == "UpdateVMResource of /x/web-01"


def test_documented_numbers() -> None:
    """Bucket and refill a minute [azure-facts 5.2]."""
    shown = {name: (one.size, one.refill) for name, one in COMPUTE.items() if one.period == 60}
    assert shown["UpdateVMSubscriptionMaximum"] == (1500, 500)
    assert shown["UpdateVMResource"] == (12, 4)
    assert shown["LowCostGetSubscriptionMaximum"] == (24000, 8000)
    assert shown["HighCostGetSubscriptionMaximum"] == (900, 300)
    assert shown["GetOperationResource"] == (45, 15)
    assert shown["HighCostGetVMScaleSetResource"] == (30, 10)


RESOURCE = "x-ms-ratelimit-remaining-resource"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, {}),
        ({RESOURCE: "Microsoft.Compute/A;3"}, {"A": 3}),
        ({RESOURCE: "Microsoft.Compute/A;3, microsoft.compute/B3Min;0,Microsoft.Compute/A;2"}, {"A": 2, "B3Min": 0}),
        ({RESOURCE: "Microsoft.Storage/A;3,nonsense,Microsoft.Compute/B;many,Microsoft.Compute/C"}, {}),
        ({"x-ms-ratelimit-remaining-subscription-reads": "249"}, {"subscription-reads": 249}),
        ({"x-ms-ratelimit-remaining-subscription-writes": "?"}, {}),
        ({"x-ms-ratelimit-remaining-subscription-global-reads": "3749"}, {}),
    ],
)
def test_what_is_left(headers: dict[str, str], found: dict[str, int]) -> None:
    assert remaining(headers) == found


def refusal(body: Any, **headers: str) -> Answer:
    return Answer(429, {name.replace("_", "-"): text for name, text in headers.items()}, json.dumps(body).encode())


DETAIL = {"code": "TooManyRequests", "target": "HighCostGet30Min", "message": "{}"}


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (refusal({"code": "OperationNotAllowed", "details": [DETAIL]}), ("HighCostGet30Min",)),
        (refusal({"error": {"code": "OperationNotAllowed", "details": [DETAIL]}}), ("HighCostGet30Min",)),
        (refusal({"details": [{"code": "Other", "target": "x"}]}), ()),
        (refusal({}, x_ms_ratelimit_remaining_subscription_writes="0"), ("subscription-writes",)),
        (refusal({}, x_ms_ratelimit_remaining_resource="Microsoft.Compute/A;0,Microsoft.Compute/B;7"), ("A",)),
        (refusal("no"), ()),
        (Answer(429, {}, b"<html>"), ()),
    ],
)
def test_which_bucket_a_refusal_is_about(answer: Answer, named: tuple[str, ...]) -> None:
    assert empty(answer) == named


@pytest.mark.parametrize(
    ("policy", "largest", "period"),
    [("CreateUpdateGallery3Min", 50, 3.6), ("GetGallery30Min", 1800, 1.0), ("Whatever", 60, 1.0), ("Odd0Min", 0, 60.0)],
)
def test_an_unknown_policy_comes_back_in_the_time_its_name_tells(policy: str, largest: int, period: float) -> None:
    assert allowance(policy, largest).period == pytest.approx(period)


def test_a_tenth_is_kept() -> None:
    assert [reserve(one) for one in (0, 1, 9, 10, 11, 149)] == [0, 1, 1, 1, 2, 15]


def test_the_provider_itself_is_a_question_to_arm() -> None:
    found = asked("GET", "/subscriptions/1/providers/Microsoft.Compute")
    assert [which.policy for which, _ in drawn_from(found, "here")] == ["subscription-reads"]
