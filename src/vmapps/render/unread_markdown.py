"""What could not be read, for a reader of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmapps.core.address import Address
from vmapps.render.markdown_text import code


def unread_lines(unread: Mapping[Address, str], unseen: Sequence[str], closed: Mapping[str, str]) -> list[str]:
    """A warning a line: a report of a part must not look like one of the whole."""
    return [
        *(f"- :warning: Not read: {code(str(address))}: {code(unread[address])}" for address in sorted(unread)),
        *(f"- :warning: Not read: the machines of subscription {code(one)}" for one in unseen),
        *(f"- :warning: Not read: {code(closed[path])}" for path in sorted(closed)),
    ]
