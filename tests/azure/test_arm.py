"""Waiting for room over HTTP: who waits where it is, who is told when to come back, and what is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from scripted_server import Reply, Script
from vmapps.azure.arm import FOLLOWING, Means
from vmapps.azure.cloud import AzureCloud, open_azure
from vmapps.azure.families import gallery_scope
from vmapps.azure.throttle import Held, Throttle
from vmapps.core.address import ArmId
from vmapps.core.settle import PutEntries
from vmapps.errors import Throttled, Unreachable

HOME = "11111111-1111-1111-1111-111111111111"
GALLERY = ArmId(HOME, "rg", ("galleries",), ("platform",))
MACHINE = ArmId(HOME, "rg", ("virtualMachines",), ("web-01",))
SET = ArmId(HOME, "rg", ("virtualMachineScaleSets",), ("web-ss",))


@dataclass
class Wound:
    """A clock that moves by the pauses that are made; they are written down."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    told: list[Held] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 3))
        self.now += seconds

    @property
    def means(self) -> Means:
        return Means(Throttle(lambda: self.now, lambda: 0.0), self.pause, self.told.append)


@pytest.fixture
def wound() -> Wound:
    return Wound()


@pytest.fixture
def cloud(server: Script, wound: Wound) -> Iterator[AzureCloud]:
    with open_azure(server.url, home=HOME, means=wound.means) as opened:
        yield opened


def refusal(**headers: str) -> Reply:
    return Reply(429, {"error": {"code": "TooManyRequests", "message": "Slowly."}}, headers)


def there(arm_id: ArmId) -> Reply:
    return Reply(body={"id": str(arm_id), "name": arm_id.name, "location": "westus", "properties": {}})


READS = f"subscription-reads of subscription {HOME}"


def test_a_refused_request_is_sent_again_when_azure_said(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    server.says(refusal(**{"Retry-After": "1200"}), refusal(**{"retry-after-ms": "500"}), there(GALLERY))
    assert cloud.read(GALLERY) is not None
    assert wound.pauses == [1200.0, 0.5]
    assert wound.told == [Held(READS, 1200.0, refused=True), Held(READS, 0.5, refused=True)]
    assert cloud.requests() == {"GET": 3}


def test_who_does_not_wait_is_told_when_to_come_back(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    hurried = cloud.impatient()
    server.says(refusal(**{"Retry-After": "1200"}))
    for refused, message in ((True, "Slowly"), (False, "there is no room")):
        with pytest.raises(Throttled, match=message) as caught:
            hurried.read(GALLERY)
        assert (caught.value.wait, caught.value.bucket, caught.value.refused) == (1200.0, READS, refused)
    assert cloud.requests() == {"GET": 1}, "the second was not sent"
    assert wound.pauses == []


def test_a_write_that_has_to_wait_is_the_same_write_later(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    hurried, write = cloud.impatient(), PutEntries(MACHINE, (), '"1"')
    server.says(refusal(**{"Retry-After": "30"}), Reply(200))
    with pytest.raises(Throttled):
        hurried.begin(write)
    wound.now = 30.0
    assert hurried.begin(write).poll == ""
    assert [one.headers["If-Match"] for one in server.asked] == ['"1"', '"1"']


def test_later_pages_wait_a_little_where_they_are(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    """Beginning the list again would cost more, and might never end."""
    page = Reply(body={"value": [], "nextLink": "{url}/second"})
    server.says(page, refusal(**{"Retry-After": "3"}), Reply(body={"value": []}))
    assert cloud.impatient().survey(gallery_scope(HOME)) == ()
    assert wound.pauses == [3.0]
    server.says(page, refusal(**{"Retry-After": str(int(FOLLOWING) + 1)}))
    with pytest.raises(Throttled):
        cloud.impatient().survey(gallery_scope(HOME))


def test_the_requests_of_one_question_follow_each_other(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    model = Reply(body={"id": str(SET), "name": "web-ss", "properties": {"upgradePolicy": {"mode": "Rolling"}}})
    status = Reply(body={"properties": {"runningStatus": {"code": "Completed"}}})
    again = refusal(**{"Retry-After": "1"})
    server.says(model, again, status, again, Reply(body={"value": []}))
    found = cloud.impatient().instances(SET)
    assert found is not None
    assert found.rolling == "Completed"
    assert wound.pauses == [1.0, 1.0]


def test_a_service_that_says_when_it_is_well_again_is_believed(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    ill = Reply(503, {"error": {"code": "ServiceUnavailable", "message": "No."}}, {"Retry-After": "90"})
    server.says(ill, there(GALLERY))
    assert cloud.read(GALLERY) is not None
    assert wound.pauses == [90.0]
    server.says(ill)
    with pytest.raises(Throttled) as caught:
        cloud.impatient().read(GALLERY)
    assert caught.value.wait == 90.0
    server.says(there(GALLERY))
    assert cloud.impatient().read(GALLERY) is not None, "it shuts no bucket"


def test_a_service_that_says_nothing_is_asked_a_few_times(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    server.says(Reply(503, {"error": {"code": "ServiceUnavailable", "message": "No."}}))
    with pytest.raises(Unreachable):
        cloud.impatient().read(GALLERY)
    assert cloud.requests() == {"GET": 4}
    assert wound.pauses == []


def test_machines_are_counted_in_the_region_they_were_seen_in(cloud: AzureCloud, server: Script, wound: Wound) -> None:
    server.says(there(MACHINE))
    cloud.read(MACHINE)
    body = {"details": [{"code": "TooManyRequests", "target": "UpdateVMSubscriptionMaximum"}]}
    server.says(Reply(429, body, {"Retry-After": "9"}))
    with pytest.raises(Throttled) as caught:
        cloud.impatient().begin(PutEntries(MACHINE, (), '"1"'))
    assert caught.value.bucket == f"UpdateVMSubscriptionMaximum of subscription {HOME} in westus"
