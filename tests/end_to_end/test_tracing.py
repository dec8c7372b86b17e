"""OpenTelemetry, as `opentelemetry-instrument` would set it up: a provider that is there before vmapps starts."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from end_to_end.azure_side import AGENT, Arm
from end_to_end.command import Vmapps, ended
from end_to_end.projects import Project, linked, packaged
from end_to_end.proxy import Answer, Asked, Proxy

Span = dict[str, Any]


def spans(tmp_path: Path) -> list[Span]:
    return [json.loads(one) for one in (tmp_path / "spans.jsonl").read_text(encoding="utf-8").splitlines()]


def parent(span: Span, of: list[Span]) -> str:
    return next((one["name"] for one in of if one["context"]["span_id"] == span["parent_id"]), "")


def test_a_run_its_steps_and_their_requests(
    arm: Arm, with_blobs: Vmapps, project: Project, traced: dict[str, str], tmp_path: Path
) -> None:
    arm.machine("web-01")
    project.package()
    project.holds(*packaged("web-01"))
    words = "apply", project.folder, "--yes", "--events", "events.jsonl"
    with_blobs(*words, **traced).exited(0)
    found = spans(tmp_path)
    assert {one["name"] for one in found if not one["parent_id"]} == {"vmapps apply"}
    steps = {one["attributes"]["vmapps.address"]: one for one in found if "vmapps.address" in one["attributes"]}
    assert set(steps) == {
        *(address for address in steps if address.startswith("Package/")),
        "Gallery/platform",
        "GalleryApplication/platform/agent",
        "GalleryApplicationVersion/platform/agent/1.0.0",
        "VirtualMachine/rg-web/web-01",
    }
    assert {parent(one, found) for one in steps.values()} == {"vmapps apply"}
    assert {one["attributes"]["vmapps.outcome"] for one in steps.values()} == {"applied"}
    [write] = [one for one in found if one["name"] == "PATCH"]
    assert parent(write, found) == "assign"
    lists = [one for one in found if one["name"] == "GET" and parent(one, found) == "vmapps apply"]
    assert lists
    assert [parent(one, found) for one in found if one["name"] == "BlobClient.commit_block_list"] == ["upload"]
    [run] = [one for one in found if one["name"] == "vmapps apply"]
    told = json.loads((tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (run["attributes"]["vmapps.run"], run["attributes"]["vmapps.exit_code"]) == (told["run"], 0)


def test_failures_have_their_code_and_no_text_and_an_interrupt_loses_no_span(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, traced: dict[str, str], tmp_path: Path
) -> None:
    secret = "https://x/y?sv=1&sig=C4N4RY"
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    cut: list[str] = []

    def answers(asked: Asked) -> Answer | None:
        if "/capsOperations/" in asked.path and not cut:
            cut.append(asked.path)
            return Answer(503, {}, secret.encode())
        if asked.method == "PUT" and "/versions/" in asked.path:
            error = {"code": "InvalidParameter", "message": secret}
            return Answer(400, {"content-type": "application/json"}, json.dumps({"error": error}).encode())
        return None

    listener.instead = answers
    gate = listener.gate(lambda asked: asked.method == "PUT" and asked.path.startswith(f"{AGENT}/versions/"))
    with vmapps.through(listener.url).running("apply", project.folder, "--yes", **traced) as process:
        gate.wait()
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert "Stopping" in process.stderr.readline()
        listener.open()
        ended(process).exited(143)
    found = spans(tmp_path)
    [failed] = [one for one in found if one["attributes"].get("vmapps.outcome") == "failed"]
    assert (failed["attributes"]["error.type"], failed["status"]["status_code"]) == ("InvalidParameter", "ERROR")
    [run] = [one for one in found if one["name"] == "vmapps apply"]
    assert run["attributes"]["vmapps.exit_code"] == 143
    assert "C4N4RY" not in (tmp_path / "spans.jsonl").read_text(encoding="utf-8")


def test_a_lost_connection_quotes_no_query(
    arm: Arm, vmapps: Vmapps, project: Project, traced: dict[str, str], tmp_path: Path
) -> None:
    project.holds(*linked("web-01"))
    vmapps.through("http://127.0.0.1:9")("apply", project.folder, "--yes", **traced).exited(1)
    text = (tmp_path / "spans.jsonl").read_text(encoding="utf-8")
    assert "no answer" in text
    assert "url: /" not in text


def test_without_tracing_there_are_no_spans(
    arm: Arm, vmapps: Vmapps, project: Project, traced: dict[str, str], tmp_path: Path
) -> None:
    project.holds(*linked("web-01"))
    vmapps("apply", project.folder, "--yes", **(traced | {"AZURE_TRACING_ENABLED": ""})).exited(1)
    assert spans(tmp_path) == []
