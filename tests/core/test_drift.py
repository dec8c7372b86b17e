from __future__ import annotations

from typing import Any

import pytest

from samples import (
    HERE,
    OWNER,
    RULES,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    observed,
    version_body,
    wanted,
)
from vmapps.core.diagnostic import error
from vmapps.core.drift import Drift, drift_of
from vmapps.core.plan import Options
from vmapps.core.planning.make import weigh
from vmapps.core.resource import Desired, Observed, Seen, World

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))


def drift(*seen: Seen, declared: tuple[Desired, ...] = NGINX, assigned: bool = True) -> Drift:
    one = (assignment(wanted()),) if assigned else ()
    return drift_of(weigh(declarations(*declared, assignments=one), World.of(iter(seen)), RULES, Options()))


def told(found: Drift) -> list[tuple[str, str]]:
    return [(item.kind, str(item.address)) for item in found.items]


OURS = machine(entry(owner=OWNER))


def version(**more: Any) -> Observed:
    return observed("platform", "nginx", "1.0.0", **more)


ON_WEB = "VirtualMachine/rg-web/web-01"
TWO_REGIONS = version_body(regions=("eastus", "westeurope"))
VERSION = "GalleryApplicationVersion/platform/nginx/1.0.0"


@pytest.mark.parametrize(
    ("row", "seen", "items"),
    [
        ("all as declared", (*LIVE, OURS), []),
        ("a foreign entry is none", (*LIVE, machine(entry(owner=OWNER), entry(application="x"))), []),
        ("a kept orphan is none", (*LIVE, OURS, observed("Tools")), []),
        ("one that Azure still writes is none", (*LIVE[:2], version(state="Updating"), OURS), []),
        ("a version is missing", (*LIVE[:2], OURS), [("missing", VERSION)]),
        ("an entry is missing", (*LIVE, machine()), [("missing", ON_WEB)]),
        ("an entry has another version", (*LIVE, machine(entry("0.9.0", owner=OWNER))), [("changed", ON_WEB)]),
        ("other content", (*LIVE[:2], version(content="x"), OURS), [("changed", VERSION)]),
        ("another owner's", (*LIVE[:2], version(owner="x.1"), OURS), [("changed", VERSION)]),
        (
            "a managed field",
            (*LIVE[:2], version(body=TWO_REGIONS), OURS),
            [("changed", VERSION)],
        ),
        ("an entry of another owner", (*LIVE, machine(entry(owner="x.1"))), [("changed", ON_WEB)]),
        ("a failed version", (*LIVE[:2], version(state="Failed"), OURS), [("changed", VERSION)]),
    ],
)
def test_rows(row: str, seen: tuple[Seen, ...], items: list[tuple[str, str]]) -> None:
    found = drift(*seen)
    assert told(found) == items
    assert not found.diagnostics


def test_what_keeps_us_from_comparing_is_an_error() -> None:
    found = drift(*LIVE)
    assert [one.code for one in found.diagnostics] == ["no-such-machine"]


def test_notes_are_kept_and_everything_is_in_order() -> None:
    found = drift(observed("Tools"), *LIVE[1:], OURS)
    assert told(found) == [("missing", "Gallery/platform")]
    assert [note.code for note in found.notes] == ["kept", "unchanged", "unchanged", "unchanged", "matched"]


def test_findings_without_an_address_are_problems() -> None:
    problem = error("not-adopted", "something", HERE)
    assert drift_of([problem]) == Drift((), (), (problem,))


def test_a_delete_or_an_upload_is_no_drift() -> None:
    found = weigh(declarations(*NGINX[:2]), World.of(iter(LIVE)), RULES, Options(prune=True))
    assert drift_of(found).items == ()
    empty = drift(declared=NGINX, assigned=False)
    assert told(empty) == [("missing", str(one.address)) for one in NGINX]
