"""Plans and reports as comments: harmless whatever they hold, never too long, and honest about what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from render import cases
from render.stocks import SHOP
from render.strategies import drifts, plans, reports, statuses
from vmapps.core.action import Assign, Change
from vmapps.core.address import Address
from vmapps.core.drift import Drift, DriftClass, DriftItem
from vmapps.core.outcome import Applied, Failed, Report
from vmapps.core.plan import Plan
from vmapps.core.status import Condition, Row, Status
from vmapps.errors import Refused
from vmapps.render.comment import LONGEST, MOST, ROOM, Block, bounded, comment, fenced, marker
from vmapps.render.drift_markdown import to_markdown as drift_markdown
from vmapps.render.plan_markdown import to_markdown
from vmapps.render.report_markdown import to_markdown as report_markdown
from vmapps.render.status_markdown import to_markdown as status_markdown

OURS = re.compile(r"[A-Za-z0-9 _,.:;()*'-]*\Z")
TAGS = re.compile(
    r"(?:<!-- vmapps [a-z]+ [A-Za-z0-9._-]* -->|</?(?:details|summary|code)>|&#\d+;|[A-Za-z0-9 _,;()+=/:.\n-])*\Z",
    re.ASCII,
)
CODE = re.compile(r"<code>[^<]*</code>")


def spoken(text: str) -> Iterator[tuple[str, str]]:
    """What a reader of Markdown makes of a text: (kind, content) of everything that is not code."""
    for token in MarkdownIt("commonmark").enable("table").parse(CODE.sub(lambda found: checked(found[0]), text)):
        yield from (_spoken(one) for one in (token, *(token.children or [])) if one.type in KINDS)


def checked(tag: str) -> str:
    """A tag of code, once it is seen to hold nothing but words and references, as a span of code."""
    assert TAGS.match(tag), tag
    return "<code></code>"


KINDS = ("text", "html_inline", "html_block", "link_open", "image", "heading_open")


def _spoken(token: Token) -> tuple[str, str]:
    return token.type, token.content or token.tag


def is_harmless(text: str) -> bool:
    """Outside of code there are our own words and our own tags alone: no mention, link, picture or foreign heading."""
    said = list(spoken(text))
    headings = [tag for kind, tag in said if kind == "heading_open"]
    return (
        headings == ["h3"]
        and not any(kind in ("link_open", "image") for kind, _ in said)
        and all(OURS.match(content) for kind, content in said if kind == "text")
        and all(TAGS.match(content) for kind, content in said if kind.startswith("html"))
    )


@given(plans)
def test_any_plan_is_harmless(plan: Plan) -> None:
    text = to_markdown(plan)
    assert is_harmless(text), text
    assert text.startswith("<!-- vmapps plan ")
    assert len(text) <= LONGEST


@given(reports)
def test_any_report_is_harmless(report: Report) -> None:
    text = report_markdown(report, project="shop", owner="shop.1")
    assert is_harmless(text), text
    assert text.startswith("<!-- vmapps apply shop.1 -->\n")


@given(drifts)
def test_any_drift_is_harmless(drift: Drift) -> None:
    text = drift_markdown(drift, **SHOP)
    assert is_harmless(text), text
    assert text.startswith("<!-- vmapps drift shop.1 -->\n")


@given(statuses)
def test_any_status_is_harmless(status: Status) -> None:
    text = status_markdown(status, **SHOP)
    assert is_harmless(text), text
    assert text.startswith("<!-- vmapps status shop.1 -->\n")


def test_a_drift_and_a_status_of_a_large_fleet_are_bounded_and_say_so() -> None:
    machines = [Address("VirtualMachine", ("rg-web", f"web-{number}")) for number in range(4000)]
    items = tuple(DriftItem(DriftClass.FAILED, one, f"exit {one.name[1]}", (), "p/a") for one in machines)
    drift = drift_markdown(Drift(items, unread=dict.fromkeys(machines, "no")), **SHOP)
    rows = tuple(Row(one, "", "p/a", Condition.FAILED, "1", "1", "1", f"exit {one.name[1]}") for one in machines)
    status = status_markdown(Status(rows, rows), **SHOP)
    for text, noun in ((drift, "differences"), (status, "rows")):
        assert LONGEST - 2000 < len(text) <= LONGEST
        assert re.search(rf"\*\*Not shown: \d+ blocks of details \(\d+ {noun}\)\*\*", text)
    assert "4000 failed" in drift
    assert "- and 3975 more" in drift


def fleet(size: int) -> Plan:
    """A plan that does another thing to every machine."""
    first = cases.PLANS["fleet"]
    steps = tuple(
        replace(
            first.steps[0],
            id=f"VirtualMachine/rg-web/web-{number}#1",
            address=Address("VirtualMachine", ("rg-web", f"web-{number}")),
            action=Assign((Change(("applications", f"platform/app-{number}"), None, {"order": number}),)),
            because=f"platform/app-{number} is assigned",
            guest=(f"platform/app-{number}: install 1.0.0",),
        )
        for number in range(size)
    )
    return replace(first, steps=steps)


@pytest.mark.parametrize("size", [10, 3000])
def test_what_finds_no_room_is_counted(size: int) -> None:
    text = to_markdown(fleet(size))
    shown = text.count("<details>")
    assert shown == text.count("</details>")
    assert len(text) <= LONGEST
    told = re.search(r"\*\*Not shown: (\d+) blocks of details \((\d+) steps\)\*\*", text)
    left = int(told[1]) if told else 0
    assert shown + left == size
    assert (left > 0) == (size > 1000)
    assert f"{size} machines to write" in text


def test_most_of_the_room_is_used() -> None:
    assert len(to_markdown(fleet(3000))) > LONGEST - 2000


def test_a_list_that_stands_open_is_bounded() -> None:
    assert bounded(["- a"] * MOST) == ["- a"] * MOST
    assert bounded(["- a"] * (MOST + 3))[-1] == "- and 3 more"
    assert bounded(["x" * ROOM, "y", "z"]) == ["x" * ROOM, "- and 2 more"]


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fenced(["a", "````"], "diff") == ["`````diff", "a", "````", "`````"]
    assert fenced(["a"]) == ["```", "a", "```"]


def test_a_marker_ends_where_it_should() -> None:
    assert marker("plan", "a--> <b>.1") == "<!-- vmapps plan a-b-.1 -->"


def test_blocks_after_one_that_is_too_long_are_left_out_too() -> None:
    text = comment("plan", "o", [["head"]], [Block(("x" * LONGEST,), 7), Block(("y",))], [["end"]])
    assert "x" not in text.replace("text", "")
    assert "2 blocks of details (8 steps)" in text
    assert text.endswith("end\n")


def test_failures_of_a_run_stand_open() -> None:
    failed = Failed(Refused("no ``` @all <b>", scope="/x", code="No", hint="ask @ops"))
    results = ((cases.UPLOAD, Applied()), (cases.CREATE_GALLERY, failed))
    text = report_markdown(Report(results), project="shop", owner="shop.1")
    assert is_harmless(text)
    before = text.partition("<details>")[0]
    assert "No: no ``` @all <b>" in before
    assert "what to do: ask @ops" in before
    assert "Applied 1, failed 1." in before
