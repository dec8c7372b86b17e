"""The buckets of one client: who goes, who waits, what a 429 shuts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmapps.azure.failures import Answer
from vmapps.azure.policies import asked
from vmapps.azure.throttle import FORGOTTEN, MANY, MOST_SPREAD, Held, Sent, Throttle

ALL = "/subscriptions/{}/providers/Microsoft.Compute"
GROUP = "/subscriptions/{}/resourceGroups/rg/providers/Microsoft.Compute"
OK = Answer(200, {}, b"{}")


class Client:
    """Asks and counts, with a clock that is turned by hand."""

    def __init__(self, spread: float = 0.0) -> None:
        self.now = 0.0
        self.throttle = Throttle(lambda: self.now, lambda: spread)

    def admit(self, method: str, path: str, key: str = "") -> Sent | Held:
        return self.throttle.admit(key or f"{method} {path}", asked(method, path))

    def send(self, method: str, path: str, answer: Answer = OK) -> Held | None:
        sent = self.admit(method, path)
        assert isinstance(sent, Sent), sent
        return self.throttle.heard(sent, answer)

    def patch(self, number: int, subscription: str = "1") -> Sent | Held:
        return self.admit("PATCH", machine(number, subscription))


def machine(number: int, subscription: str = "1") -> str:
    return f"{GROUP.format(subscription)}/virtualMachines/web-{number}"


def refused(seconds: str = "", policy: str = "", **headers: str) -> Answer:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    wait = {"Retry-After": seconds} if seconds else {}
    body: Any = {"details": [{"code": "TooManyRequests", "target": policy}]} if policy else {}
    return Answer(429, {**given, **wait}, json.dumps(body).encode())


def waits(several: list[Sent | Held]) -> list[float]:
    return [one.wait for one in several if isinstance(one, Held)]


def test_a_burst_goes_and_the_rest_waits_its_turn() -> None:
    client = Client()
    found = [client.patch(number) for number in range(225)]
    assert len([one for one in found if isinstance(one, Sent)]) == 200
    assert waits(found) == [2.0] * 10 + [3.0] * 10 + [4.0] * 5
    assert isinstance(found[-1], Held)
    assert found[-1].bucket == "subscription-writes of subscription 1"
    assert not found[-1].refused


def test_who_was_promised_a_time_goes_at_that_time_and_nobody_before() -> None:
    client = Client()
    for number in range(200):
        client.patch(number)
    assert client.patch(201) == Held("subscription-writes of subscription 1", 2.0)
    client.now = 1.5
    assert client.patch(201) == Held("subscription-writes of subscription 1", 0.5, again=True)
    client.now = 2.0
    others = [client.patch(number) for number in range(300, 310)]
    assert waits(others) == [1.0], "nine of ten: one is promised"
    assert isinstance(client.patch(201), Sent)


def test_who_waits_long_looks_in_before_and_goes_when_azure_told_of_room() -> None:
    """As from an emulator that does not throttle; a burst comes before its first answer."""
    client = Client()
    sent = [client.patch(number) for number in range(240)]
    last = sent[-1]
    assert isinstance(last, Held)
    assert (last.wait, last.look_in) == (5.0, 1.25)
    client.now = 1.25
    assert client.patch(239) == Held("subscription-writes of subscription 1", 3.75, again=True)
    for one in sent[:200]:
        assert isinstance(one, Sent)
        client.throttle.heard(one, OK)
    client.now = 2.0
    room = Answer(200, {"x-ms-ratelimit-remaining-subscription-writes": "199"}, b"")
    assert client.send("PATCH", machine(200), room) is None
    assert isinstance(client.patch(239), Sent)


def test_who_waits_for_a_shut_bucket_does_not_look_in() -> None:
    client = Client()
    assert client.send("PATCH", machine(1), refused("1200", x_ms_ratelimit_remaining_subscription_writes="0"))
    held = client.patch(2)
    assert isinstance(held, Held)
    assert held.look_in == 1200.0


def test_buckets_do_not_touch_each_other() -> None:
    client = Client()
    assert client.send("PATCH", machine(1), refused("1200", x_ms_ratelimit_remaining_subscription_writes="0"))
    assert isinstance(client.patch(2), Held)
    assert isinstance(client.patch(1, "2"), Sent), "another subscription"
    assert isinstance(client.admit("GET", machine(1)), Sent), "reads"
    assert isinstance(client.admit("DELETE", machine(1)), Sent), "deletes"


def test_a_region_is_a_bucket_of_its_own() -> None:
    client = Client()
    for number, place in enumerate(("West Europe", "eastus", "westeurope")):
        client.throttle.located(machine(number).lower(), place)
    assert client.send("PATCH", machine(0), refused("30", "UpdateVMSubscriptionMaximum"))
    assert isinstance(client.patch(2), Held)
    assert isinstance(client.patch(1), Sent)


def test_one_machine_is_a_bucket_of_its_own() -> None:
    client = Client()
    found = [client.admit("PATCH", machine(1), f"{number}") for number in range(13)]
    assert waits(found) == [120.0]
    assert isinstance(client.patch(2), Sent)


@pytest.mark.parametrize(("spread", "wait"), [(0.0, 1200.0), (0.5, 1202.5), (1.0, 1200.0 + MOST_SPREAD)])
def test_the_wait_is_obeyed_however_long_and_never_cut(spread: float, wait: float) -> None:
    client = Client(spread)
    held = client.send("PATCH", machine(1), refused("1200", "UpdateVMSubscriptionMaximum"))
    assert held == Held("UpdateVMSubscriptionMaximum of subscription 1", wait, refused=True)
    client.now = 1199.9
    assert isinstance(client.patch(2), Held)
    client.now = wait
    assert isinstance(client.patch(3), Sent)


def test_without_a_word_pauses_grow_and_an_answer_ends_that() -> None:
    client, found = Client(), []
    for _ in range(8):
        held = client.send("PUT", f"{GROUP.format('1')}/galleries/g", refused())
        assert held is not None
        found.append(held.wait)
        client.now += held.wait
    assert found == [1, 2, 4, 8, 16, 32, 60, 60]
    assert client.send("PUT", f"{GROUP.format('1')}/galleries/g") is None
    held = client.send("PUT", f"{GROUP.format('1')}/galleries/g", refused())
    assert held is not None
    assert held.wait == 1


def test_after_a_pause_nobody_comes_back_all_at_once() -> None:
    """Promises from before it are void: what waits queues up behind the end of the pause."""
    client = Client()
    for number in range(230):
        client.patch(number)
    client.throttle.heard(
        Sent(asked("PATCH", machine(0)), ()), refused("60", x_ms_ratelimit_remaining_subscription_writes="0")
    )
    client.now = 5.0
    found = [client.patch(number) for number in range(200, 230)]
    assert waits(found) == [55.0] * 10 + [56.0] * 10 + [57.0] * 10


def test_what_others_take_is_not_counted_on() -> None:
    client = Client()
    answer = Answer(200, {"x-ms-ratelimit-remaining-subscription-writes": "20"}, b"{}")
    client.send("PATCH", machine(0), answer)
    assert len(waits([client.patch(number) for number in range(1, 31)])) == 10


def test_a_service_that_has_room_is_believed() -> None:
    """The emulator without throttling says so in every answer."""
    client = Client()
    answer = Answer(200, {"x-ms-ratelimit-remaining-subscription-writes": "199"}, b"{}")
    for number in range(1000):
        assert client.send("PATCH", machine(number), answer) is None


def test_unknown_policies_are_taken_as_they_come() -> None:
    """Slower when less than a tenth of the most ever seen is left [azure-facts 5.3 RULE]."""
    client, path = Client(), f"{GROUP.format('1')}/galleries/g"

    def left(number: int) -> Answer:
        return Answer(
            200, {"x-ms-ratelimit-remaining-resource": f"Microsoft.Compute/CreateUpdateGallery3Min;{number}"}, b""
        )

    assert client.send("PUT", path, left(50)) is None
    assert client.send("PUT", path, left(7)) is None
    assert client.admit("PUT", path, "a").__class__ is Sent
    assert client.admit("PUT", path, "b").__class__ is Sent
    held = client.admit("PUT", f"{GROUP.format('1')}/galleries/other", "c")
    assert isinstance(held, Held)
    assert held.bucket == "CreateUpdateGallery3Min of subscription 1"
    assert held.wait == pytest.approx(3.6)
    assert isinstance(client.admit("DELETE", path), Sent), "another kind of request"


def test_a_refusal_by_a_policy_nobody_knows_holds_what_draws_from_it() -> None:
    client, listing = Client(), f"{ALL.format('1')}/virtualMachines"
    assert client.send("GET", listing, refused("600", "HighCostGet30Min")) is not None
    assert client.admit("GET", listing) == Held("HighCostGet30Min of subscription 1", 600.0)
    assert isinstance(client.admit("GET", machine(1)), Sent)


def test_a_request_in_no_subscription_is_paused_by_its_own_refusal() -> None:
    client, graph = Client(), "/providers/Microsoft.ResourceGraph/resources"
    assert client.send("POST", graph, refused("5")) is not None
    assert isinstance(client.admit("POST", graph), Held)
    client.now = 5.0
    assert isinstance(client.admit("POST", graph), Sent)


def test_a_promise_that_nobody_comes_back_for_is_given_to_others() -> None:
    client = Client()
    for number in range(250):
        client.patch(number)
    client.now = 300.0
    assert not waits([client.patch(number) for number in range(1000, 1190)])
    client.now = 7.0 + FORGOTTEN + 300.0
    assert isinstance(client.patch(2000), Sent)


def test_buckets_of_single_machines_do_not_pile_up() -> None:
    client = Client()
    client.throttle._many = 100
    for number in range(200):
        client.send("GET", machine(number))
        client.now += 10.0
    assert len(client.throttle._buckets) < 150
    assert client.throttle._many == MANY


asking = st.lists(
    st.tuples(
        st.floats(0.0, 2.0), st.sampled_from(["GET", "PATCH", "PUT", "DELETE"]), st.integers(0, 3), st.booleans()
    ),
    max_size=80,
)


@given(asking)
def test_nothing_goes_while_its_bucket_is_shut(rounds: list[tuple[int, str, int, bool]]) -> None:
    """Whatever is asked for in whatever order, some of it refused for ten seconds."""
    client, shut = Client(), {}
    kinds = {"GET": "reads", "DELETE": "deletes"}
    for pause, method, subscription, is_refused in rounds:
        client.now += pause / 4
        kind, path = kinds.get(method, "writes"), f"{ALL.format(subscription)}/galleries"
        sent = client.admit(method, path)
        if client.now < shut.get((subscription, kind), 0.0):
            assert isinstance(sent, Held)
        else:
            assert isinstance(sent, Sent), "nothing else is shut"
            if is_refused:
                answer = refused("10", **{f"x_ms_ratelimit_remaining_subscription_{kind}": "0"})
                assert client.throttle.heard(sent, answer) == Held(
                    f"subscription-{kind} of subscription {subscription}", 10.0, refused=True
                )
                shut[subscription, kind] = client.now + 10.0
