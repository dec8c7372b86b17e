"""Rolling upgrades: batches that move as somebody looks."""

from emulator.arm import Arm
from emulator.scale import SET, instances, model_patch, scale_set_body, staleness

POLICY = {"rollingUpgradePolicy": {"maxBatchInstancePercent": 50, "maxUnhealthyUpgradedInstancePercent": 20}}


def latest(arm: Arm):
    return arm.get(f"{SET}/rollingUpgrades/latest")["properties"]


def start(arm: Arm, *, flagged: bool = False) -> None:
    arm.control("POST", "settings", {"polls": 0})
    arm.done("PUT", SET, scale_set_body(4, mode="Rolling", policy=POLICY))
    entry = {"packageReferenceId": arm.publish(), "treatFailureAsDeploymentFailure": flagged}
    assert arm.done("PATCH", SET, model_patch(entry))["status"] == "Succeeded"


def test_batch_after_batch(arm: Arm):
    start(arm)
    seen = [latest(arm) for _ in range(2)]
    assert [item["runningStatus"]["code"] for item in seen] == ["RollingForward", "Completed"]
    assert [item["progress"]["successfulInstanceCount"] for item in seen] == [2, 4]
    assert staleness(arm) == [False] * 4


def test_a_list_of_instances_is_a_look_too(arm: Arm):
    start(arm)
    assert staleness(arm) == [False, False, True, True]
    assert len(instances(arm, "?$filter=properties/latestModelApplied eq false")) == 0


def test_too_many_failures_stop_it(arm: Arm):
    arm.control("PUT", "guest", [{"operation": "install"}])
    start(arm, flagged=True)
    state = latest(arm)
    assert state["runningStatus"]["code"] == "Faulted"
    assert state["error"]["code"] == "MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade"
    assert state["progress"]["failedInstanceCount"] == 2
    assert latest(arm)["progress"]["pendingInstanceCount"] == 2


def test_it_can_be_cancelled(arm: Arm):
    start(arm)
    latest(arm)
    arm.done("POST", f"{SET}/rollingUpgrades/cancel")
    assert latest(arm)["runningStatus"]["code"] == "Cancelled"
    assert staleness(arm) == [False, False, True, True]


def test_polls_slow_it_down(arm: Arm):
    start(arm)
    arm.control("POST", "settings", {"polls": 2})
    codes = [latest(arm)["progress"]["successfulInstanceCount"] for _ in range(6)]
    assert codes == [0, 0, 2, 2, 2, 4]


def test_settle_ends_it(arm: Arm):
    start(arm)
    arm.control("POST", "settle")
    assert latest(arm)["runningStatus"]["code"] == "Completed"
