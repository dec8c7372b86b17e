"""The guest's report, read against the documented sample, the agent's vectors, and whatever else may stand there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vmapps.core.guest import GuestReport, InGuest, Performed, State, read_report, state_of

ORACLE = Path(os.environ.get("VMAPPS_ORACLE") or Path(__file__).parents[3] / "shared/oracle")


def facts(name: str) -> Any:
    path = ORACLE / "facts" / name
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    if os.environ.get("CI") == "true":
        pytest.fail(f"no oracle at {ORACLE}")
    return pytest.skip(f"no oracle at {ORACLE}: set VMAPPS_ORACLE")


def message_of(status: dict[str, Any]) -> str:
    """What the guest writes at the end of a run [guest-agent.md 4.2]: indented by one space, escaped as Go does it."""
    body = {name: status[name] for name in ("CurrentState", "ActionsPerformed", "Errors")}
    text = json.dumps(body, indent=1).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f"Enable {'succeeded' if status['status'] == 'success' else 'failed'}: {text}"


def said(*states: dict[str, Any], prefix: str = "Enable succeeded: ", **more: Any) -> str:
    return prefix + json.dumps({"CurrentState": states, **more})


def app(result: Any = "Install SUCCESS", **more: Any) -> dict[str, Any]:
    return {"applicationName": "nginx", "version": "1.0.0", "result": result, **more}


INSTALLED = InGuest("nginx", "1.0.0", State.INSTALLED, "Install SUCCESS")


def test_the_documented_sample() -> None:
    extension = facts("vmappextension_instance_view.json")["extensions"][0]
    found = read_report([status["message"] for status in extension["statuses"]])
    assert [(one.application, one.version, one.state) for one in found.applications] == [
        ("doNothingLinux", "1.0.0", State.INSTALLED),
        ("badapplinux", "1.0.0", State.FAILED),
    ]
    assert (found.performed, found.error, found.is_running) == ((), "", True)
    assert found.applications[1].message.endswith("command terminated with exit status=1")


BY_REGISTRY = {"NoAction": State.INSTALLED, "Failed": State.FAILED, "Skipped": State.SKIPPED, "Install": State.UNKNOWN}
"""What the agent itself knows of an application, by its ongoingOperation; one that it began is not done."""


def expected(vector: dict[str, Any]) -> dict[str, State]:
    """From the registry, not from the texts; a reboot that ends a script proves no success [guest-agent.md 6]."""
    registry = vector["expected_registry"]["registry"]
    rebooted = {name for name, one in registry.items() if one.get("result", "").startswith("Reboot detected")}
    return {
        name: State.UNKNOWN if name in rebooted else BY_REGISTRY[one["ongoingOperation"]]
        for name, one in registry.items()
    }


def test_every_vectors_message_means_what_the_registry_holds() -> None:
    reported = [one for one in facts("guest-agent-vectors.json") if "CurrentState" in one["expected_status_results"]]
    assert len(reported) > 50
    for vector in reported:
        status = vector["expected_status_results"]
        found = read_report([message_of(status)])
        assert {one.application: one.state for one in found.applications} == expected(vector), vector["name"]
        assert [one.version for one in found.applications] == [one["version"] for one in status["CurrentState"]]
        assert not found.error


def test_every_vectors_actions_are_told_apart() -> None:
    actions = [
        (vector, one)
        for vector in facts("guest-agent-vectors.json")
        for one in vector["expected_status_results"].get("ActionsPerformed", ())
    ]
    assert len(actions) > 50
    for vector, action in actions:
        performed = read_report([message_of(vector["expected_status_results"])]).performed
        succeeded = action["result"] == "SUCCESS"
        told = Performed(
            action["package"], action["version"], action["operation"], succeeded, "" if succeeded else action["result"]
        )
        assert told in performed, vector["name"]


def test_every_vectors_critical_error_is_kept_as_text() -> None:
    statuses = [one["expected_status_results"] for one in facts("guest-agent-vectors.json")]
    critical = [one["message"] for one in statuses if "message" in one]
    assert len(critical) > 3
    for message in critical:
        assert read_report([message]) == GuestReport(error=message)


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("Install SUCCESS", State.INSTALLED),
        ("Update SUCCESS", State.INSTALLED),
        ("RemoveForUpdate SUCCESS", State.UNKNOWN),
        ("Install FAILED why", State.FAILED),
        ("RemoveForUpdate FAILED why", State.FAILED),
        ("Skipped FAILED Unexpected Action to perform encountered 6", State.FAILED),
        ("skipped, lower order operation failed", State.SKIPPED),
        ("Skipped, lower order operation failed", State.SKIPPED),
        ("Reboot detected during 'Install' operation. Rerun operation after reboot.", State.UNKNOWN),
        ("", State.UNKNOWN),
        ("install success", State.UNKNOWN),
        ("It did not Install SUCCESSfully", State.UNKNOWN),
        ("SUCCESS", State.UNKNOWN),
    ],
)
def test_a_text_that_is_not_known_is_never_a_success(result: str, state: State) -> None:
    assert state_of(result) is state


@pytest.mark.parametrize("prefix", ["", "Enable failed: ", "Enable succeeded: Enable succeeded: ", "Aktiviert: "])
def test_the_prefix_is_free_text(prefix: str) -> None:
    assert read_report([said(app(), prefix=prefix) + " \n"]).applications == (INSTALLED,)


def test_the_body_with_a_critical_error_is_read_too() -> None:
    assert read_report([said(app(), CriticalError="why")]).applications == (INSTALLED,)


@pytest.mark.parametrize(
    "message",
    [
        "Enable failed: Could not read current package registry: invalid character '}' looking for beginning of value",
        "Enable failed: {not: json}",
        "Enable failed: {",
        "Enable failed: }{",
        'Enable failed: {"CurrentState": null}',
        'Enable failed: {"CurrentState": {}}',
        'Enable failed: {"code": 5}',
        "[{}]x",
        said(app())[:60],
        '{"x": ' + "[" * 100_000 + "}",
        '{"CurrentState": [' + "9" * 10_000 + "]}",
    ],
)
def test_what_is_no_report_is_text(message: str) -> None:
    found = read_report([message])
    assert (found.applications, found.performed, found.error) == ((), (), message.strip())


def test_several_messages() -> None:
    assert read_report(["first", "", "  ", "second"]).error == "first; second"
    found = read_report(["transitioning", said(app())])
    assert (found.applications, found.error) == ((INSTALLED,), "")
    assert read_report([]) == GuestReport()
    assert read_report([], is_running=False) == GuestReport(is_running=False)
    assert not read_report([said(app())], is_running=False).is_running


def test_odd_items_are_passed_over_or_say_little() -> None:
    odd: list[Any] = [None, 5, "x", [], {}, {"applicationName": 5, "result": "Install SUCCESS"}, app(None), app(["x"])]
    body = json.dumps({"CurrentState": [*odd, app()], "ActionsPerformed": [None, {"operation": 1, "result": True}]})
    found = read_report([body])
    assert found.applications == (InGuest("nginx", "1.0.0", State.UNKNOWN),) * 2 + (INSTALLED,)
    assert found.performed == (Performed("", "", "", succeeded=False),)
    assert read_report([said(app(), ActionsPerformed="x")]).performed == ()


def test_an_application_is_found_whatever_its_case() -> None:
    found = read_report([said(app())])
    assert found.of("NGINX") == INSTALLED
    assert found.of("nginx2") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.lists(st.text() | JSON.map(json.dumps) | JSON.map(lambda one: json.dumps({"CurrentState": [one, app(one)]}))))
@example(['{"CurrentState": [NaN, -Infinity]}'])
@example(['{"CurrentState": [{"applicationName": "\\ud800", "version": "\x00", "result": "Install SUCCESS"}]}'])
def test_no_message_breaks_it_and_only_the_known_words_are_a_success(messages: list[str]) -> None:
    found = read_report(messages)
    for one in found.applications:
        assert one.application
        if one.state is State.INSTALLED:
            assert one.message.startswith(("Install SUCCESS", "Update SUCCESS"))
