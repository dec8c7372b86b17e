"""Text that folds at a width: words stay whole, what is not ours may be cut anywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from textwrap import wrap

NO_BREAK = "\N{NO-BREAK SPACE}"


def fold(text: str, width: int, *, indent: int = 0, hang: int = 2, cut: bool = False) -> list[str]:
    """Lines of at most `width` columns, the further ones `hang` deeper; a longer word stands alone, unless `cut`.

    Addresses are never cut, so that they can be copied; the words of a guest may be as long as it likes. At a
    no-break space (`together`) no line ends.
    """
    lines = wrap(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=cut,
        break_on_hyphens=False,
    )
    return [line.replace(NO_BREAK, " ") for line in lines]


def together(text: str) -> str:
    """The same, with every number and its noun on one line: `9 installed`."""
    return re.sub(r"(?<=\d) ", NO_BREAK, text)


def listed(addresses: Iterable[str], most: int | None) -> list[str]:
    """Addresses of one place in one line: `VirtualMachine/rg-web/: web-01, web-02 and 7 more (-v lists them)`."""
    places: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        place, _, name = address.rpartition("/")
        places[place].append(name)
    return [_place(place, names, most) for place, names in places.items()]


def _place(place: str, names: Sequence[str], most: int | None) -> str:
    if len(names) == 1:
        return f"{place}/{names[0]}"
    left = len(names) - most if most is not None else 0
    more = f" and {left} more (-v lists them)" if left > 0 else ""
    return f"{place}/: {', '.join(names[:most])}{more}"
