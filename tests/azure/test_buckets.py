"""One token bucket: what is granted when, and laws against a bucket of Azure's whose periods begin at any moment."""

from __future__ import annotations

import random
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmapps.azure.buckets import Allowance, Bucket

TEN = Allowance(size=10, refill=2, period=1.0)


def spent(draws: int, now: float = 0.0, allowance: Allowance = TEN) -> Bucket:
    bucket = Bucket.full(allowance, now)
    for _ in range(draws):
        bucket = bucket.drawn(now)
    return bucket


@pytest.mark.parametrize(
    ("draws", "now", "left"),
    [
        (3, 0.0, 7),
        (3, 0.9, 7),
        (3, 1.9, 7),  # the first period after it was full counts for nothing
        (3, 2.0, 8),
        (9, 3.0, 5),
        (3, 3.0, 8),  # while it is in use the last share is not counted on
        (3, 9.0, 10),
        (10, 2.5, 2),
    ],
)
def test_what_flows_back(draws: int, now: float, left: int) -> None:
    assert spent(draws).at(now).left == left


@pytest.mark.parametrize(("draws", "wait"), [(0, 0.0), (9, 0.0), (10, 2.0), (11, 2.0), (12, 3.0), (13, 3.0), (14, 4.0)])
def test_the_next_draw_waits_for_those_that_are_promised(draws: int, wait: float) -> None:
    bucket = spent(min(draws, 10))
    for _ in range(draws - 10):
        bucket = bucket.drawn(0.0, later=True)
    assert bucket.wait(0.0) == pytest.approx(wait)


def test_a_promise_is_made_good_or_taken_back() -> None:
    bucket = spent(10).drawn(0.0, later=True)
    assert (bucket.left, bucket.level, bucket.sent) == (-1, 0, 10)
    kept = bucket.at(2.0).kept()
    assert (kept.left, kept.level, kept.sent) == (1, 1, 11)
    assert bucket.waived() == spent(10)


def test_a_refusal_empties_and_shuts() -> None:
    bucket = spent(3).refused(20.0)
    assert bucket.wait(0.5) == pytest.approx(19.5)
    assert bucket.at(19.9).wait(19.9) > 0
    opened = bucket.at(20.0)
    assert (opened.left, opened.wait(20.0)) == (2, 0.0)
    assert bucket.refused(5.0).shut == 20.0
    assert (bucket.refusals, bucket.refused(21.0).refusals, bucket.answered().refusals) == (1, 2, 0)


def test_what_others_draw_is_seen_once() -> None:
    """Two requests are on their way when somebody takes three: both answers tell of it."""
    first = spent(1)
    second = first.drawn(0.0)
    after_first = second.told(6, first, 0.1)
    assert (after_first.left, after_first.lost) == (6, 2)
    assert after_first.told(5, second, 0.2).left == 5


def test_what_was_sent_since_may_have_been_counted_already() -> None:
    first = spent(1)
    later = first.drawn(0.0).drawn(0.0)
    assert later.told(7, first, 0.1) == later


def quiet(draws: int) -> Bucket:
    """So many draws, all but the last of them answered."""
    bucket = spent(draws)
    for _ in range(draws - 1):
        bucket = bucket.answered()
    return bucket


def test_room_that_azure_tells_of_is_believed() -> None:
    """As from an emulator that does not throttle: full after every request."""
    bucket = quiet(10)
    raised = bucket.told(9, bucket, 0.5)
    assert (raised.left, raised.wait(0.5)) == (9, 0.0)
    assert raised.at(1.4).left == 9


def test_room_that_others_on_their_way_may_take_is_not_counted_on() -> None:
    """Of ten that were sent none was answered yet: the tenth may have been the first to arrive."""
    bucket = spent(10)
    assert bucket.others_on_their_way == 9
    assert bucket.told(9, bucket, 0.5) == bucket


def test_a_bucket_nobody_knows_is_followed() -> None:
    bucket = Bucket.full(Allowance(1, 1, 60.0), 0.0).followed(Allowance(100, 1, 0.6), 85, None)
    assert (bucket.left, bucket.wait(0.0)) == (85, 0.0)
    drawn = bucket.drawn(0.0)
    low = drawn.drawn(0.0).followed(Allowance(100, 1, 0.6), -5, drawn)
    assert low.left == -6
    assert low.at(1.0).wait(1.0) > 3.0


def test_something_has_to_flow_back() -> None:
    with pytest.raises(ValueError, match="nothing would ever flow back"):
        Allowance(5, 0, 1.0)


class Azures:
    """A bucket as Azure keeps it: `refill` at every end of its own periods, never more than `size`."""

    def __init__(self, allowance: Allowance, phase: float) -> None:
        self.allowance, self.left, self.ended = allowance, allowance.size, phase - allowance.period

    def take(self, now: float, count: int = 1) -> int:
        periods = floor((now - self.ended) / self.allowance.period)
        if periods > 0:
            self.left = min(self.allowance.size, self.left + periods * self.allowance.refill)
            self.ended += periods * self.allowance.period
        assert self.left >= count, f"429 at {now}"
        self.left -= count
        return self.left


allowances = st.builds(
    lambda refill, times, period: Allowance(refill * times, refill, period),
    st.integers(1, 12),
    st.integers(2, 10),
    st.sampled_from([0.5, 1.0, 60.0]),
)
pauses = st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(1, 12)), min_size=1, max_size=30)


@given(allowances, st.floats(0.0, 0.999), pauses, st.booleans())
def test_whoever_keeps_to_it_is_never_refused(
    allowance: Allowance, phase: float, rounds: list[tuple[float, int]], listens: bool
) -> None:
    """Whenever Azure's periods begin, whatever the pauses between the draws, and with its headers or without."""
    azure, bucket, now = Azures(allowance, phase * allowance.period), Bucket.full(allowance, 0.0), 0.0
    for pause, wanted in rounds:
        now += pause * allowance.period
        for _ in range(wanted):
            bucket = bucket.at(now)
            if bucket.wait(now) > 0:
                now += bucket.wait(now)
                bucket = bucket.at(now)
            bucket = bucket.drawn(now)
            rest = azure.take(now + 1e-6)
            if listens:
                bucket = bucket.told(rest, bucket, now).answered()


@given(allowances, st.floats(0.0, 0.999), st.lists(st.tuples(st.floats(0.0, 0.4), st.randoms()), max_size=60))
def test_answers_in_any_order_lead_to_no_refusal(
    allowance: Allowance, phase: float, rounds: list[tuple[float, random.Random]]
) -> None:
    """Requests are on their way for a while: they arrive in any order, and so do their answers."""
    azure, bucket, now = Azures(allowance, phase * allowance.period), Bucket.full(allowance, 0.0), 0.0
    going: list[Bucket] = []
    coming: list[tuple[int, Bucket]] = []
    for pause, chance in rounds:
        now += pause * allowance.period
        bucket = bucket.at(now)
        for _ in range(chance.randint(0, 6)):
            if bucket.wait(now) == 0:
                bucket = bucket.drawn(now)
                going.append(bucket)
        for _ in range(chance.randint(0, len(going))):
            arrived = going.pop(chance.randrange(len(going)))
            coming.append((azure.take(now + 1e-6), arrived))
        for _ in range(chance.randint(0, len(coming))):
            rest, sent_with = coming.pop(chance.randrange(len(coming)))
            bucket = bucket.told(rest, sent_with, now).answered()
    for _ in going:
        azure.take(now + 1e-6)


@given(allowances, st.floats(0.0, 0.999), pauses)
def test_promises_are_no_more_than_what_flows_in(
    allowance: Allowance, phase: float, rounds: list[tuple[float, int]]
) -> None:
    """Draws that are granted at once and draws that were promised, in the order of their times."""
    azure, bucket, now = Azures(allowance, phase * allowance.period), Bucket.full(allowance, 0.0), 0.0
    due: list[float] = []
    for pause, wanted in rounds:
        now += pause * allowance.period
        for moment in [one for one in due if one <= now]:
            bucket = bucket.at(moment).kept()
            azure.take(moment + 1e-6)
        due = [one for one in due if one > now]
        bucket = bucket.at(now)
        for _ in range(wanted):
            if wait := bucket.wait(now):
                due.append(now + wait)
                bucket = bucket.drawn(now, later=True)
            else:
                bucket = bucket.drawn(now)
                azure.take(now + 1e-6)
    assert [round(one, 6) for one in due] == sorted(round(one, 6) for one in due)


@given(allowances, st.lists(st.floats(0.0, 2.0), max_size=60), st.floats(0.5, 20.0))
def test_no_window_holds_more_than_the_bucket_and_its_shares(
    allowance: Allowance, pauses: list[float], window: float
) -> None:
    bucket, now, sent = Bucket.full(allowance, 0.0), 0.0, []
    for pause in pauses:
        now += pause * allowance.period
        bucket = bucket.at(now)
        while bucket.wait(now) == 0:
            bucket = bucket.drawn(now)
            sent.append(now)
    length = window * allowance.period
    for start in sent:
        inside = sum(start <= one <= start + length for one in sent)
        assert inside <= allowance.size + (floor(window) + 1) * allowance.refill


@given(st.floats(0.0, 100.0), st.floats(0.1, 1000.0), st.floats(0.0, 0.999))
def test_a_shut_bucket_lets_nothing_through_before_its_time(now: float, pause: float, part: float) -> None:
    shut = Bucket.full(TEN, 0.0).at(now).refused(now + pause)
    early = now + part * pause
    assert shut.at(early).wait(early) >= (now + pause - early) * (1 - 1e-9)
