"""What an apply did, as a comment: the count first, what did not end well next, the rest folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from vmapps.core.outcome import Applied, NotNeeded, Outcome, Report
from vmapps.core.plan import Step
from vmapps.render.comment import Block, comment, fenced
from vmapps.render.markdown_text import code, details
from vmapps.render.paint import plain
from vmapps.render.report_text import not_rolled_back, step_lines, summary_line, word_of
from vmapps.render.width import listed
from vmapps.render.words import count

Results = Sequence[tuple[Step, Outcome]]


def to_markdown(report: Report, *, project: str, owner: str) -> str:
    """Every step that did not end well with its reason, as far as a comment takes them, then those that did."""
    head = [[f"### Applied to {code(project)}"], [f"**{summary_line(report)}**"], list(not_rolled_back(report))]
    bad = [(step, outcome) for step, outcome in report.results if not _is_well(outcome)]
    well = [(step, outcome) for step, outcome in report.results if _is_well(outcome)]
    return comment("apply", owner, head, [*map(_failure, bad), *_folded(well)])


def _is_well(outcome: Outcome) -> bool:
    return isinstance(outcome, Applied | NotNeeded)


def _failure(result: tuple[Step, Outcome]) -> Block:
    return Block(tuple(fenced(list(step_lines(*result, plain)))))


def _folded(results: Results) -> Iterator[Block]:
    """By how the steps ended."""
    ended: dict[str, list[str]] = defaultdict(list)
    for step, outcome in results:
        ended[word_of(step, outcome)].append(str(step.address))
    for word, addresses in ended.items():
        lines = [f"- {code(place)}" for place in listed(addresses, None)]
        yield Block(tuple(details(f"{word}: {count(len(addresses), 'step')}", lines)), len(addresses))
