"""Why a claimed entry is written: whose doing a difference is, what waits, what is remembered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.planning.machine_samples import CONF, FOLLOW, STRANGE, claim, decided
from samples import OWNER, entry
from vmapps.core.fleet import Claim
from vmapps.core.planning.verdicts import Verdict
from vmapps.core.resource import Entry, Link


@pytest.mark.parametrize(
    ("row", "live", "one", "because"),
    [
        ("a commit did it", entry("1.0.0"), claim(), "version 1.0.0 -> 2.0.0"),
        ("Azure did it", entry("1.0.0"), claim(moved=True), "version 1.0.0 -> 2.0.0 (moved by Azure, not by a commit)"),
        (
            "Azure moved the machine itself",
            entry("2.0.0", automatic_upgrade=True),
            claim("1.0.0"),
            "version 2.0.0 -> 1.0.0 (Azure's automatic upgrade moved it); enableAutomaticUpgrade true -> false",
        ),
        ("it shall follow latest", entry("1.0.0"), FOLLOW, "version 1.0.0 -> latest"),
        ("it shall stop following", entry("latest"), claim(), "version latest -> 2.0.0"),
        (
            "Azure shall move it",
            entry("latest"),
            claim("latest", now="2.0.0", follow_latest=True, automatic_upgrade=True),
            "enableAutomaticUpgrade false -> true",
        ),
    ],
)
def test_who_moved_the_version_is_said(row: str, live: Entry, one: Claim, because: str) -> None:
    verdict = decided(live, one)
    assert verdict.because == f"platform/nginx: {because}"
    assert verdict.acts


@pytest.mark.parametrize("spelling", ["latest", "Latest", "LATEST"])
def test_following_latest_is_done_when_the_entry_says_so_in_any_letters(spelling: str) -> None:
    assert decided(entry(spelling), FOLLOW) == Verdict()


def test_an_entry_that_follows_latest_says_so_on_the_wire_and_what_it_means_in_the_guest() -> None:
    verdict = decided(entry("1.0.0"), FOLLOW)
    assert verdict.change is not None
    assert isinstance(verdict.change.after, dict)
    assert str(verdict.change.after["packageReferenceId"]).endswith("/applications/nginx/versions/latest")
    assert verdict.guest == "nginx: update 1.0.0 -> 2.0.0 (runs 2.0.0's update script)"


METADATA = [
    ("order", entry("2.0.0", order=1), claim(order=2), "order 1 -> 2"),
    ("the first order", entry("2.0.0"), claim(order=0), "order none -> 0"),
    ("the flag", entry("2.0.0"), claim(fails_deployment=True), "treatFailureAsDeploymentFailure false -> true"),
    ("a configuration", entry("2.0.0"), claim(configuration=CONF), "configurationReference differs"),
    (
        "another configuration",
        entry("2.0.0", configuration=CONF),
        claim(configuration=Link(f"{CONF.url}.new")),
        "configurationReference differs",
    ),
]


@pytest.mark.parametrize(("row", "live", "one", "because"), METADATA)
def test_what_a_guest_ignores_matters_to_a_scale_set_s_new_instances(
    row: str, live: Entry, one: Claim, because: str
) -> None:
    """At the same version nothing happens in the guest [azure-facts 3.2]; an instance that is brought up reads it."""
    for mode, acts in (("", False), ("Manual", True)):
        verdict = decided(live, one, upgrade_mode=mode)
        assert verdict.because == f"platform/nginx: {because}"
        assert verdict.acts is acts
        assert verdict.guest == "nginx: no effect in the guest: same version (2.0.0)"


def test_the_author_s_tags_never_act() -> None:
    live, one = entry("2.0.0", tags='{"a":"1"}'), claim(tags={"a": "2"})
    for mode in ("", "Manual"):
        verdict = decided(live, one, upgrade_mode=mode)
        assert (verdict.because, verdict.acts) == ("platform/nginx: tags differ", False)


def test_taking_an_entry_over_does_not_wait_for_the_next_real_write() -> None:
    """Else the next plan, without --adopt, would refuse it."""
    live, one = entry("2.0.0", order=1), claim(order=2)
    taken = decided(live, one, known=STRANGE, adopt=True)
    assert taken.acts
    assert taken.because == "platform/nginx: order 1 -> 2; it becomes ours"
    assert not decided(live, one).acts


def test_an_entry_taken_from_another_owner_becomes_ours() -> None:
    live, one = entry("2.0.0", order=1, owner="other.1"), claim(order=2)
    verdict = decided(live, one, adopt=True, adopt_from="other.1")
    assert verdict.because.endswith("it becomes ours")


@pytest.mark.parametrize(
    ("row", "live", "one", "previous"),
    [
        ("another version", entry("1.0.0", owner=OWNER), claim(), "1.0.0"),
        ("latest is no version to go back to", entry("latest", owner=OWNER), claim(), None),
        ("the same version keeps what it remembers", entry("2.0.0", owner=OWNER, order=1), claim(order=2), "0.9.0"),
    ],
)
def test_what_was_there_before_is_remembered(row: str, live: Entry, one: Claim, previous: str | None) -> None:
    mark = live.mark
    assert mark is not None
    kept = replace(live, mark=replace(mark, previous="0.9.0" if row.startswith("the same") else ""))
    change = decided(kept, one).change
    assert change is not None
    assert isinstance(change.after, dict)
    assert json.loads(str(change.after["tags"])).get("previous") == previous
