"""What could not be read, said after what was found: a report of a part must not look like one of the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from vmapps.cli import speak
from vmapps.core.address import Address
from vmapps.render.words import count

NAMED = 3


def say_unread(unread: Mapping[Address, str], unseen: Sequence[str], closed: Mapping[str, str]) -> None:
    """One error a reason: guests that could not be read, subscriptions of the fleet, lists of galleries."""
    for path in closed:
        speak.complain(f"not compared, because it could not be read: {closed[path]}")
    alike: dict[str, list[Address]] = defaultdict(list)
    for address in sorted(unread):
        alike[_reason(unread[address])].append(address)
    for addresses in alike.values():
        several = ", ".join(map(str, addresses[:NAMED])) + (" and others" if len(addresses) > NAMED else "")
        guests = count(len(addresses), "guest")
        speak.complain(f"{guests} could not be read ({several}): {unread[addresses[0]]}")
    for subscription in unseen:
        speak.complain(f"subscription {subscription} of the fleet cannot be read (check spec.fleet, or ask for Reader)")


def _reason(text: str) -> str:
    """What several machines share of a failure: everything behind the scope, which is each one's own."""
    return text.partition(": ")[2] or text
