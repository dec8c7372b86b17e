"""Which entries a manifest may claim without planning anything, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import application_body, gallery_id, machine_address, machine_id, observed, version_body
from vmapps.core.exporting.offer import Offer, foreign, offered, stays
from vmapps.core.resource import Entry, Machine, Observed, Reference

KEY = (gallery_id().key, "nginx")


def live() -> list[Observed]:
    return [
        observed("platform"),
        observed("platform", "nginx", body=application_body()),
        version("1.0.0"),
        version("1.1.0", regions=("westeurope", "northeurope")),
        replace(version("2.0.0"), state="Failed"),
        replace(version("3.0.0"), state="Deleting"),
    ]


def version(number: str, **more: Any) -> Observed:
    return observed("platform", "nginx", number, body=version_body(number, **more))


def offer(**more: Any) -> Offer:
    said = {"names": {KEY: "platform/nginx"}, "declared": {KEY: frozenset({"1.0.0"})}, "refused": {}, **more}
    return offered(live(), frozenset({gallery_id().key}), said["names"], said["declared"], said["refused"])


def machine(*entries: Entry, location: str = "West Europe", system: str = "Linux") -> Machine:
    return Machine(machine_address(), machine_id(), location, system, entries=entries)


def entry(number: str = "1.0.0", application: str = "nginx", gallery: str = "platform", **more: Any) -> Entry:
    reference = Reference(gallery_id(gallery), application, number)
    return Entry(reference, str(reference.id), raw=b"{}", **more)


def why(one: Entry, *others: Entry, known: Offer | None = None, **more: Any) -> str:
    assert one.reference is not None
    return stays(one.reference, machine(one, *others, **more), known or offer())


@pytest.mark.parametrize(
    ("one", "more", "said"),
    [
        (entry(), {}, ""),
        (entry(application="NGINX"), {}, ""),
        (entry("latest"), {}, ""),
        (entry("1.1.0"), {"location": "northeurope"}, ""),
        (entry("latest"), {"location": "North Europe"}, ""),
        (entry(), {"system": ""}, ""),
        (entry("9.9.9"), {}, "its version does not exist"),
        (entry("2.0.0"), {}, "the publication of its version failed"),
        (entry("3.0.0"), {}, "the publication of its version failed"),
        (entry("1.0.0"), {"location": "northeurope"}, "its version is not replicated to northeurope"),
        (entry(), {"system": "Windows"}, "its application is for Linux, the machine runs Windows"),
        (entry(application="gone"), {}, "its application is not there any more"),
    ],
)
def test_why_an_entry_stays_as_it_is(one: Entry, more: dict[str, Any], said: str) -> None:
    found = why(one, **more)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_of_two_namesakes_none_is_claimed() -> None:
    assert why(entry(), entry(gallery="tools")) == "another entry's application is called 'nginx' too"
    assert why(entry(), entry(application="base")) == ""


def test_an_application_that_is_left_out_says_why() -> None:
    known = offer(names={}, refused={KEY: "its application is left out"})
    assert why(entry(), known=known) == "its application is left out"


def test_latest_needs_a_version() -> None:
    none = replace(offer(), versions={})
    assert why(entry("latest"), known=none) == "it has no version that is 'latest' in West Europe"


def test_versions_that_have_no_document_are_live_only() -> None:
    def is_live_only(number: str, known: Offer | None = None) -> bool:
        return (known or offer()).is_live_only(Reference(gallery_id(), "nginx", number))

    assert [is_live_only(number) for number in ("1.0.0", "1.1.0", "latest")] == [False, True, False]
    assert is_live_only("latest", offer(declared={KEY: frozenset()}))
    assert not is_live_only("1.1.0", offer(declared={})), "another team's gallery has no documents at all"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (entry(), "platform/nginx 1.0.0 is of what was not exported: it stays as it is"),
        (
            entry("latest", order=1, fails_deployment=True),
            (
                "platform/nginx latest is of what was not exported: it stays as it is "
                "(it looks like what Azure Policy adds)"
            ),
        ),
        (Entry(None, "x"), "an entry whose packageReferenceId is not the id of a version: it stays as it is"),
    ],
)
def test_what_is_said_of_others_entries(one: Entry, said: str) -> None:
    assert foreign(one) == said
