"""Answers that no Azure gives, or that somebody gives in its place: one line, the right exit code, nothing followed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import local_azure
from end_to_end.azure_side import COMPUTE, Arm, machine_id
from end_to_end.command import Vmapps
from end_to_end.projects import Project, gallery, linked
from end_to_end.proxy import Answer, Asked, Proxy, proxy_to

JSON, HTML = {"Content-Type": "application/json"}, {"Content-Type": "text/html"}
GALLERY = b'{"name":"platform","id":"/subscriptions/x","location":"westeurope","properties":{}}'


@pytest.fixture
def elsewhere() -> Iterator[Proxy]:
    """Another host: nobody must come."""
    with proxy_to() as other:
        yield other
        assert other.asked == []


def lists(asked: Asked) -> bool:
    return asked.method == "GET" and f"/{COMPUTE}/" in asked.path


def hears(vmapps: Vmapps, project: Project, listener: Proxy, answer: Answer, *words: str) -> None:
    """Every list is answered so: planning ends with one line."""
    project.holds(*linked("web-01"))
    listener.instead = lambda asked: answer if lists(asked) else None
    done = vmapps.through(listener.url)("plan", project.folder).exited(1)
    assert done.complained(*words).out == ""
    assert len(done.err) < 600
    assert listener.writes == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (HTML, b"<html><body>Sign in to the hotel's network</body></html>"),
        (JSON, b"<!doctype html><title>\x1b[2J</title>"),
        (JSON, b""),
        (JSON, b'{"value": [{"name": "platf'),
        (JSON, b'{"value": {"name": "platform"}}'),
        (JSON, b'{"value": [42]}'),
        (JSON, b'{"value": [{}]}'),
        (JSON, b'{"value": [' + GALLERY + b'], "nextLink": 7}'),
        (JSON, b'{"value": [' + GALLERY + b"]}"),
        (JSON, b"[]"),
        (JSON, b"null"),
        (JSON, b"[" * 200_000),
        (JSON, b'{"value": ' * 50_000),
        (JSON, b"\xff\xfe\x00\x01" * 100),
        (JSON, b'{"value": [{"id": "\xed\xa0\x80"}]}'),
        ({**JSON, "Content-Encoding": "gzip"}, b"this is no gzip"),
        (JSON, b'{"value": [' + b'"' + b"x" * 30_000_000 + b'"]}'),
    ],
    ids=[
        "html", "html-as-json", "empty", "truncated", "object-for-list", "number", "no-id", "bad-next", "bad-id",
        "list", "null", "deep-list", "deep-object", "binary", "surrogate", "no-gzip", "huge",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_azures_is_one_line(
    vmapps: Vmapps, project: Project, listener: Proxy, headers: dict[str, str], body: bytes
) -> None:
    hears(vmapps, project, listener, Answer(200, headers, body), "error: ")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b""),
        (404, b"<h1>Oops</h1>"),
        (418, b'{"error": []}'),
        (500, b'{"error": {"message": {"a": 1}}}'),
        (503, b"\xff"),
    ],
)
def test_a_refusal_without_a_word_names_the_scope(
    vmapps: Vmapps, project: Project, listener: Proxy, status: int, body: bytes
) -> None:
    project.holds(*linked("web-01"))
    listener.instead = lambda asked: Answer(status, JSON, body)
    done = vmapps.through(listener.url)("plan", project.folder).exited(1)
    done.complained(f"/{COMPUTE}/", str(status))


def test_a_refusal_full_of_escapes_is_one_harmless_line(vmapps: Vmapps, project: Project, listener: Proxy) -> None:
    text = "Look:\x1b[31m red \x1b]8;;http://evil\x07link\x1b]8;;\x07\r\nerror: \u202egnorw\x00" + "y" * 100
    body = json.dumps({"error": {"code": "Bad\x1b[0m", "message": text}}).encode()
    project.holds(*linked("web-01"))
    listener.instead = lambda asked: Answer(400, JSON, body)
    done = vmapps.through(listener.url)("plan", project.folder).exited(1)
    assert done.complained("\\x1b[31m red").err.rstrip("\n").isprintable()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(
    vmapps: Vmapps, project: Project, listener: Proxy, elsewhere: Proxy, status: int
) -> None:
    project.holds(*linked("web-01"))
    listener.instead = lambda asked: Answer(status, {"Location": f"{elsewhere.url}{asked.path}"})
    vmapps.through(listener.url)("plan", project.folder).exited(1).complained("redirect, which is never followed")


def test_a_next_page_at_another_host_is_refused(
    vmapps: Vmapps, project: Project, listener: Proxy, elsewhere: Proxy
) -> None:
    page = json.dumps({"value": [], "nextLink": f"{elsewhere.url}/more?sig=CANARY"}).encode()
    hears(vmapps, project, listener, Answer(200, JSON, page), "another host; it was not asked", elsewhere.url)


@pytest.mark.parametrize("spelled", ["//evil.example/x", "javascript:alert(1)", "file:///etc/passwd", "http://[", "?"])
def test_a_next_page_that_is_no_address_is_refused(
    vmapps: Vmapps, project: Project, listener: Proxy, spelled: str
) -> None:
    page = json.dumps({"value": [], "nextLink": spelled}).encode()
    hears(vmapps, project, listener, Answer(200, JSON, page), "error: ")


def test_a_list_whose_next_page_is_itself_ends(vmapps: Vmapps, project: Project, listener: Proxy) -> None:
    page = json.dumps({"value": [], "nextLink": f"{listener.url}/subscriptions/again"}).encode()
    project.holds(*linked("web-01"))
    listener.instead = lambda asked: Answer(200, JSON, page)
    vmapps.through(listener.url)("plan", project.folder).exited(1).complained("error: ")


HEADERS = ["Azure-AsyncOperation", "Location"]


@pytest.mark.parametrize("header", HEADERS)
def test_an_operation_at_another_host_is_not_asked(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, elsewhere: Proxy, header: str
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))

    def moved(asked: Asked, answer: Answer) -> Answer:
        if not asked.is_write or "/versions/" not in asked.path:
            return answer
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in map(str.lower, HEADERS)}
        return Answer(answer.status, {**kept, header: f"{elsewhere.url}/operations/1?token=CANARY"}, answer.body)

    listener.change = moved
    done = vmapps.through(listener.url)("apply", project.folder, "--yes").exited(3)
    assert "Azure named an address at another host; it was not asked" in done.out
    assert "CANARY" not in done.said
    assert done.out.endswith("Applied 2, failed 1, skipped 1.\n")


def garbled(asked: Asked, answer: Answer) -> Answer:
    return Answer(200, JSON, b"<html>") if "perations/" in asked.path else answer


def cut_short(asked: Asked, answer: Answer) -> Answer:
    return Answer(answer.status, answer.headers, answer.body[:20]) if asked.is_write else answer


def always_failed(asked: Asked, answer: Answer) -> Answer:
    return Answer(200, JSON, b'{"status": "Failed"}') if "perations/" in asked.path else answer


def forgotten(asked: Asked, answer: Answer) -> Answer:
    return Answer(404, JSON, b"{}") if "perations/" in asked.path else answer


@pytest.mark.parametrize("change", [garbled, cut_short, forgotten], ids=lambda change: change.__name__)
def test_what_became_of_a_write_is_seen_by_reading(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy, change: Callable[[Asked, Answer], Answer]
) -> None:
    """Whatever the answers to a write and to the questions about it say, the object itself decides."""
    arm.machine("web-01")
    arm.control("POST", "settings", {"polls": 0})
    project.holds(*linked("web-01"))
    listener.change = change
    vmapps.through(listener.url)("apply", project.folder, "--yes").exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


def test_an_operation_that_fails_without_a_word_is_3_since_something_may_have_changed(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Proxy
) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    listener.change = always_failed
    done = vmapps.through(listener.url)("apply", project.folder, "--yes").exited(3)
    assert "the operation ended as failed and gave no reason" in done.out
    assert done.out.endswith("Applied 0, failed 1, skipped 3.\n")


@pytest.mark.parametrize(("cut", "code"), [("before", 3), ("after", 0)])
def test_a_write_whose_connection_is_cut_is_settled_by_the_next_apply(
    arm: Arm, vmapps: Vmapps, project: Project, cut: str, code: int
) -> None:
    arm.machine("web-01")
    arm.fault(method="PUT", path="*/applications/agent", drop=cut, times=4 if cut == "before" else 1)
    project.holds(*linked("web-01"))
    vmapps("apply", project.folder, "--yes").exited(code)
    vmapps("apply", project.folder, "--yes").exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


EVIL = "web\u001b[31m-\u202e01"


def seeded(folder: Path, evil: str) -> Path:
    """A machine's tags, a gallery's tags and description and a foreign entry, all with control characters."""
    gallery: dict[str, Any] = {
        "id": f"{machine_id('x', 'rg-galleries').rpartition('/virtualMachines/')[0]}/galleries/platform",
        "location": "westeurope",
        "tags": {f"note{evil}": evil},
        "properties": {"description": f"{evil}\r\nerror: all is lost\x00\u2028"},
    }
    entry = {"packageReferenceId": f"/{evil}/galleries/a", "tags": f'{{"by":"{evil}"}}'}
    disk = {"osDisk": {"osType": "Linux", "createOption": "FromImage"}}
    profile = {"galleryApplications": [entry]}
    properties = {"storageProfile": disk, "applicationProfile": profile}
    machine = {"id": machine_id("web-01"), "location": "westeurope", "tags": {evil: evil, "role": "web"}}
    content = {"resources": [gallery, {**machine, "properties": properties}]}
    file = folder / "seed.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_control_characters_from_azure_are_spelled_out(vmapps: Vmapps, project: Project, tmp_path: Path) -> None:
    project.holds(gallery(description="harmless"), *linked("web-01")[1:])
    with local_azure.emulator("--seed", str(seeded(tmp_path, EVIL))) as url:
        run = vmapps.through(url)
        outputs = [
            run("plan", project.folder, "-v").exited(1).said,
            run("plan", project.folder, "-v", "--adopt").exited(0).said,
            run("drift", project.folder, "-v").exited(2).said,
            run("plan", project.folder, "--adopt", "--format", "json").exited(0).said,
        ]
        apply = run("apply", project.folder, "--yes", "--adopt", "-v")
    for said in [*outputs, apply.said]:
        assert all(line.isprintable() for line in said.splitlines()), said
        assert said.isascii() or "\u202e" not in said
    assert "\\x1b[31m" in outputs[1]
