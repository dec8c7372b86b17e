"""A token bucket as a value: what may go now, what is promised for later. The time is an argument, in seconds.

Azure counts requests in buckets that are filled up period by period [azure-facts 5]. When its periods begin is not
known, so ours are counted in the worst way that is possible: whoever keeps to this bucket meets no refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Allowance:
    """A full bucket holds `size`; `refill` come back after every `period` seconds."""

    size: int
    refill: int
    period: float

    def __post_init__(self) -> None:
        if self.refill < 1 or self.period <= 0:
            raise ValueError("nothing would ever flow back")

    @property
    def most_again(self) -> int:
        """What it is filled up to while it is in use: the last period's share may have met a full bucket there."""
        return max(self.size - self.refill, min(self.refill, self.size))


class Bucket(NamedTuple):
    """What is left of an allowance; a named tuple, because every request copies several a few times.

    `left` is what nobody has a claim to; below 0, so many draws are promised for later. `filled` is when the last
    period that counted ended. Nothing goes before `shut`. `promised` are draws that were granted for later and not
    made yet; `sent` those that were made, `heard` those of them that were answered, `lost` what others have drawn, all
    since the beginning. `refusals` counts 429s in a row.
    """

    allowance: Allowance
    left: int
    filled: float
    shut: float = float("-inf")
    promised: int = 0
    sent: int = 0
    heard: int = 0
    lost: int = 0
    refusals: int = 0

    @classmethod
    def full(cls, allowance: Allowance, now: float) -> Bucket:
        """One that nobody has drawn from."""
        return cls(allowance, allowance.size, now)

    @property
    def level(self) -> int:
        """What Azure's own bucket holds at least: promises have not reached it yet."""
        return self.left + self.promised

    @property
    def is_full(self) -> bool:
        """Whether it is as if it had never been used."""
        return self.level >= self.allowance.size and not self.promised

    @property
    def others_on_their_way(self) -> int:
        """How many requests beside the last one were not answered yet: Azure may count them after it."""
        return max(0, self.sent - self.heard - 1)

    def at(self, now: float) -> Bucket:
        """The bucket at a time, with what has flowed back."""
        periods = floor((now - self.filled) / self.allowance.period)
        if periods <= 0:
            return self
        size, refill = self.allowance.size, self.allowance.refill
        level = self.level + periods * refill
        level = size if level >= size + refill else min(level, max(self.level, self.allowance.most_again))
        return self._replace(left=level - self.promised, filled=self.filled + periods * self.allowance.period)

    def wait(self, now: float) -> float:
        """Seconds until the next draw is granted, of a bucket that is `at(now)`."""
        opens = max(0.0, self.shut - now)
        if self.left > 0:
            return opens
        periods = ceil((1 - self.left) / self.allowance.refill)
        return max(opens, self.filled + periods * self.allowance.period - now, 0.0)

    def drawn(self, now: float, *, later: bool = False) -> Bucket:
        """After a draw, or the promise of one.

        The first period of a bucket that is nearly full counts for nothing: Azure's own may be full and lose it.
        """
        is_nearly_full = self.level > self.allowance.most_again
        filled = max(self.filled, now + self.allowance.period) if is_nearly_full else self.filled
        if later:
            return self._replace(left=self.left - 1, filled=filled, promised=self.promised + 1)
        return self._replace(left=self.left - 1, filled=filled, sent=self.sent + 1)

    def kept(self) -> Bucket:
        """A promise was made good: the request goes now."""
        return self._replace(promised=self.promised - 1, sent=self.sent + 1)

    def waived(self) -> Bucket:
        """A promise is not needed any more."""
        return self._replace(left=self.left + 1, promised=self.promised - 1)

    def told(self, rest: int, sent_with: Bucket, now: float) -> Bucket:
        """After Azure said what was left when it took a request; `sent_with` is the bucket right after its draw.

        Less than our own draws explain means that somebody else draws from it too. More than we count on is believed,
        as far as what was on its way or sent since leaves it; the next share then comes a whole period later.
        """
        since, lost = self.sent - sent_with.sent, self.lost - sent_with.lost
        others = sent_with.level - since - rest - lost
        if others > 0:
            return self._replace(left=self.left - others, lost=self.lost + others)
        least = rest - since - sent_with.others_on_their_way - lost - self.promised
        return self._replace(left=least, filled=max(now, self.filled)) if least > self.left else self

    def followed(self, allowance: Allowance, told: int, sent_with: Bucket | None) -> Bucket:
        """After Azure said what was left in a bucket of which nothing else is known: that is believed."""
        uncounted = self.sent - sent_with.sent + sent_with.others_on_their_way if sent_with else 0
        return self._replace(allowance=allowance, left=told - uncounted - self.promised)

    def refused(self, until: float) -> Bucket:
        """After a 429: empty, and shut until then; from then on it fills period by period.

        Its promises must be taken back first (`waived`).
        """
        shut = max(self.shut, until)
        return self._replace(
            left=0,
            filled=shut - self.allowance.period,
            shut=shut,
            lost=self.lost + max(0, self.left),
            refusals=self.refusals + 1,
        )

    def answered(self, *, refused: bool = False) -> Bucket:
        """After an answer, or when none will come."""
        return self._replace(heard=self.heard + 1, refusals=self.refusals if refused else 0)
