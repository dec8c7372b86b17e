"""What replays found: calls, equal ones, those that differ only where a row says so, and the rest."""

from collections import Counter
from dataclasses import dataclass, field

from conformance.comparison import Difference
from conformance.rows import Row, rows


@dataclass
class Tally:
    """Counts by family; ``agreed`` counts answers whose core (profile, VMAppExtension, ETag) is the recorded one."""

    rows: list[Row] = field(default_factory=rows)
    replayed: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    by_row: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    per_row: Counter[Row] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    planted: Counter[str] = field(default_factory=Counter)

    def note(self, family: str, found: list[Difference], *, is_agreed: bool, example: str) -> None:
        """Count one compared call."""
        self.replayed[family] += 1
        self.agreed[family] += is_agreed
        covering = {item: self._row(item) for item in found}
        self.per_row.update({row for row in covering.values() if row is not None})
        rest = [item for item, row in covering.items() if row is None]
        if not found:
            self.equal[family] += 1
        elif not rest:
            self.by_row[family] += 1
        for item in rest:
            self.unexplained[str(item)] += 1
            self.examples.setdefault(str(item), f"{example} {item.detail}")

    def share(self, counter: Counter[str], family: str) -> float:
        """A part of the replayed calls of one family."""
        return counter[family] / self.replayed[family] if self.replayed[family] else 1.0

    def report(self) -> str:
        """The figures as text: families, rows, and what no row explains."""
        lines = [
            f"{name}: {total} replayed, {self.equal[name]} equal, {self.by_row[name]} by row, "
            f"{total - self.equal[name] - self.by_row[name]} unlike; {self.agreed[name]} agree in profile, "
            f"VMAppExtension and ETag; {self.planted[name]} planted, not counted"
            for name, total in sorted(self.replayed.items())
        ]
        lines += [f"  {count:4} by row   {row}" for row, count in self.per_row.most_common()]
        lines += [
            f"  {count:4} unlike   {name}  e.g. {self.examples[name]}" for name, count in self.unexplained.most_common()
        ]
        return "\n".join(lines)

    def _row(self, item: Difference) -> Row | None:
        return next((row for row in self.rows if row.covers(item)), None)
