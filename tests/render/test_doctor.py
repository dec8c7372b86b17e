"""What doctor found, as text and as JSON."""

from __future__ import annotations

import json

from vmapps.core.doctor import Finding, Level
from vmapps.render import doctor_json, doctor_text

FINDINGS = (
    Finding("sign-in", Level.OK, "upn alice@contoso.com"),
    Finding("package-store", Level.WARNING, "it is\nnot there", "wait"),
    Finding("permissions", Level.ERROR, "x is missing on https://a/b?sig=CANARY%3D", "ask"),
)


def test_text_says_everything_and_what_to_do() -> None:
    assert doctor_text.to_text(FINDINGS).splitlines() == [
        "ok      sign-in: upn alice@contoso.com",
        "warning package-store: it is\\x0anot there",
        "        -> wait",
        "error   permissions: x is missing on https://a/b?[signature hidden]",
        "        -> ask",
        "Doctor: 1 ok, 1 warning, 1 error.",
    ]


def test_quiet_leaves_out_what_is_well_and_colours_are_only_for_who_wants_them() -> None:
    assert "sign-in" not in doctor_text.to_text(FINDINGS, quiet=True)
    assert "\x1b[" in doctor_text.to_text(FINDINGS, colour=True)


def test_json_has_every_finding() -> None:
    tree = json.loads(doctor_json.to_json(FINDINGS))
    assert (tree["formatVersion"], tree["well"]) == (1, False)
    assert [one["level"] for one in tree["findings"]] == ["ok", "warning", "error"]
    assert "CANARY" not in doctor_json.to_json(FINDINGS)
    assert json.loads(doctor_json.to_json(FINDINGS[:2]))["well"]
