"""No signature leaves: of the manifests, of others' entries, of those minted here; in no output, file or error."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from end_to_end.azure_side import AGENT, Arm, blobs_of, machine_id
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Project, application, assignment, gallery, link, packaged, version
from end_to_end.proxy import Answer, Asked, Proxy

DECLARED = "CANARYdeclared0123456789abcdefghijklmn%3D"
FOREIGN = "CANARYforeign0123456789abcdefghijklmno%3D"
QUERY = "?sv=2025-11-05&se=2099-01-01T00%3A00%3A00Z&sr=b&sp=r&sig="
SIGNATURE = re.compile(r"sig=([^&\"\s]+)")


@dataclass
class Watch:
    """Collects everything that is said and written, and knows the signatures that must not be in it."""

    vmapps: Vmapps
    project: Project
    secrets: set[str] = field(default_factory=lambda: {DECLARED, FOREIGN})
    artefacts: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str | Path, code: int | None = None, **more: str) -> Ended:
        events = ("--events", self.events) if words[0] == "apply" else ()
        done = self.vmapps(words[0], self.project.folder, *words[1:], *events, **more)
        name = f"{len(self.artefacts)} {' '.join(map(str, words))}"
        self.artefacts[f"{name} stdout"], self.artefacts[f"{name} stderr"] = done.out, done.err
        if events:
            self.file(self.events)
        return done if code is None else done.exited(code)

    @property
    def events(self) -> Path:
        return self.vmapps.folder / "events.jsonl"

    def file(self, path: Path) -> None:
        self.artefacts[path.name] = path.read_text(encoding="utf-8")

    def learn(self, listener: Proxy) -> set[str]:
        """The signatures that were sent are secrets too."""
        sent = {one for asked in listener.asked for one in SIGNATURE.findall(asked.body.decode())}
        self.secrets |= sent
        return sent

    def leaks(self) -> list[str]:
        spelled = {form for one in self.secrets for form in (one, unquote(one), quote(one), unquote(one)[:20])}
        return [f"{name}: {one}" for name, text in self.artefacts.items() for one in spelled if one in text]


@pytest.fixture
def watch(arm: Arm, with_blobs: Vmapps, project: Project, listener: Proxy) -> Iterator[Watch]:
    """A project with a link that holds a signature, and a machine with somebody else's."""
    arm.machine(
        "web-01",
        {
            "packageReferenceId": arm.scanner(),
            "configurationReference": f"https://theirs.blob.core.windows.net/conf/s.json{QUERY}{FOREIGN}",
        },
    )
    project.package()
    linked = version("2.0.0", link("2.0.0", f"{QUERY}{DECLARED}"))
    project.holds(*packaged("web-01"), linked)
    watch = Watch(with_blobs.through(listener.url), project)
    yield watch
    assert watch.leaks() == []


EVERY_WAY = [(), ("-v", "--log-format", "json"), ("--format", "json")]


def test_no_output_and_no_file_holds_a_signature(arm: Arm, watch: Watch, listener: Proxy, tmp_path: Path) -> None:
    for more in EVERY_WAY:
        watch.run("validate", *more, code=0)
        watch.run("plan", *more, code=0)
        watch.run("drift", *more, code=2)
    watch.run("plan", "--out", tmp_path / "plan.json", code=0)
    watch.file(tmp_path / "plan.json")
    watch.run("apply", "--yes", "-v", code=0)
    minted = watch.learn(listener) - {DECLARED, FOREIGN}
    assert len(minted) == 1
    assert DECLARED in watch.secrets & watch.learn(listener), "what was declared was sent whole"
    watch.run("drift", "-v", code=0)
    watch.run("apply", "--yes", "--format", "json", code=0)
    again = watch.vmapps("apply", tmp_path / "plan.json", "--project", watch.project.folder)
    watch.artefacts["saved plan"] = again.exited(0).said
    package = watch.project.file("packages/agent-2.0.1.sh", "#!/bin/sh\n").folder / "packages" / "agent-2.0.1.sh"
    words = "--project", watch.project.folder, "--format", "json"
    copied = watch.vmapps("release", "platform/agent", "2.0.1", "--package", package, *words).exited(0)
    back = watch.vmapps("rollback", "agents", "--to", "2.0.0", "--yes", "-v", *words).exited(0)
    watch.artefacts.update(released=copied.said, back=back.said)
    watch.learn(listener)
    assert len(watch.artefacts) == 31
    assert '"event":"verified"' in watch.artefacts["events.jsonl"]


def test_what_a_guest_quotes_holds_no_signature(arm: Arm, watch: Watch, listener: Proxy) -> None:
    quoting = f"cannot read https://elsewhere.blob.core.windows.net/p/a{QUERY}{DECLARED} ({quote(QUERY + FOREIGN)})"
    arm.control("PUT", "guest", [{"application": "agent", "result": "fail", "message": quoting}])
    watch.run("apply", "--yes", code=3)
    for more in (*EVERY_WAY, ("--format", "markdown"), ("-v", "--foreign")):
        told = watch.run("status", *more, code=0)
        assert "cannot read https://" in " ".join(unescape(told.out).split())
    for more in (*EVERY_WAY, ("--format", "markdown")):
        told = watch.run("drift", *more, code=2)
        assert "cannot read https://" in " ".join(unescape(told.out).split())
    watch.learn(listener)


def test_the_lock_tells_who_holds_it_and_no_secret(
    watch: Watch, listener: Proxy, project: Project, azurite: str
) -> None:
    token = "CANARYtoken0123456789"
    job = {"GITHUB_SERVER_URL": "https://g.example", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}
    secrets = {"GITHUB_TOKEN": token, "SYSTEM_ACCESSTOKEN": token, "CI_JOB_TOKEN": token}
    watch.secrets.add(token)
    gate = listener.gate(lambda asked: asked.method == "PUT")
    with watch.vmapps.running("apply", project.folder, "--yes", **job, **secrets):
        gate.wait()
        with blobs_of(azurite) as service:
            lock = service.get_blob_client(project.container, "locks/shop.a1b2c3d4").get_blob_properties()
        assert lock.metadata["job"].endswith("/a/b/actions/runs/7")
        watch.artefacts["lock"] = str(lock.metadata)
        watch.run("apply", "--yes", code=1)
    watch.learn(listener)


def test_an_export_holds_no_signature(arm: Arm, watch: Watch, tmp_path: Path) -> None:
    """The package's link came back from Azure with the SAS that it was published with, the entry's with its own."""
    watch.run("apply", "--yes", code=0)
    assert unquote(DECLARED) in unquote(arm.raw(f"{AGENT}/versions/2.0.0"))
    for more in EVERY_WAY:
        folder = tmp_path / f"live{len(more)}{''.join(more)}"
        folder.mkdir()
        shutil.copy(watch.project.folder / "vmapps.yaml", folder)
        done = watch.vmapps("export", "platform", "--unmanaged", "security", "--out", folder, *more)
        watch.artefacts[f"export {more}"] = done.exited(0).said
        for file in folder.rglob("manifests/**/*.yaml"):
            watch.artefacts[f"{more} {file.name}"] = file.read_text(encoding="utf-8")
    assert "agent-2.0.0" in watch.artefacts["() agent.yaml"]
    assert "configurationReference" in watch.artefacts["() rg-web.web-01.yaml"]


def test_no_span_holds_a_signature(
    arm: Arm, watch: Watch, listener: Proxy, traced: dict[str, str], tmp_path: Path
) -> None:
    failing = {"code": "Failed", "message": f"Cannot read https://e.blob.core.windows.net/p/a{QUERY}{DECLARED}"}
    arm.fault(method="PUT", path=f"{AGENT}/versions/2.0.0", operation=failing)
    watch.run("apply", "--yes", code=3, **traced)
    watch.run("apply", "--yes", code=0, **traced)
    assert watch.learn(listener)
    watch.file(tmp_path / "spans.jsonl")
    assert '"url.full"' in watch.artefacts["spans.jsonl"]


def test_the_watch_sees_a_leak(watch: Watch) -> None:
    for text in (DECLARED, unquote(FOREIGN), f"…{quote(DECLARED)}…"):
        watch.artefacts["leaking"] = text
        assert watch.leaks()
    watch.artefacts.clear()


def test_a_foreign_entry_is_written_back_with_what_it_had(arm: Arm, watch: Watch) -> None:
    [before] = arm.raw_entries(machine_id("web-01"))
    assert FOREIGN in before
    watch.run("apply", "--yes", code=0)
    assert arm.raw_entries(machine_id("web-01"))[0] == before


def echoed(asked: Asked, whole: dict[str, str]) -> str:
    """The link of a write, as Azure's own messages repeat it."""
    source = json.loads(asked.body)["properties"]["publishingProfile"]["source"]["mediaLink"]
    whole[source] = source
    return f"The SAS is not valid for source uri {source} (asked by {quote(source)}); also '{source}'."


@pytest.mark.parametrize("more", EVERY_WAY, ids=["text", "verbose", "json"])
def test_a_write_that_fails_with_the_link_in_its_message_does_not_repeat_it(
    watch: Watch, listener: Proxy, more: tuple[str, ...]
) -> None:
    seen: dict[str, str] = {}

    def refusing(asked: Asked) -> Answer | None:
        if asked.method != "PUT" or "/versions/" not in asked.path:
            return None
        text = echoed(asked, seen)
        details = [{"code": text, "message": text}]
        error = {"code": "InvalidParameter", "message": text, "target": text, "details": details}
        headers = {"content-type": "application/json", "x-ms-request-id": text}
        return Answer(400, headers, json.dumps({"error": error}).encode())

    listener.instead = refusing
    done = watch.run("apply", "--yes", *more, VMAPPS_DEBUG="1")
    assert done.code == 3
    assert "InvalidParameter" in done.said
    assert '"status":400' in watch.artefacts["events.jsonl"]
    assert len(seen) == 2, "the one that was minted, and the one that was declared"
    watch.learn(listener)


def test_an_operation_that_fails_with_the_link_in_its_message_does_not_repeat_it(
    arm: Arm, watch: Watch, listener: Proxy
) -> None:
    text = f"Cannot read https://elsewhere.blob.core.windows.net/p/a{QUERY}{DECLARED}"
    arm.fault(method="PUT", path=f"{AGENT}/versions/*", times=None, operation={"code": "Failed", "message": text})
    assert "https://elsewhere.blob.core.windows.net/p/a" in watch.run("apply", "--yes", code=3).out
    watch.learn(listener)


def test_a_package_store_that_refuses_does_not_make_a_signature_known(
    watch: Watch, listener: Proxy, project: Project
) -> None:
    watch.vmapps = watch.vmapps.through(blobs=f"{listener.url}/devstoreaccount1")

    def refusing(asked: Asked) -> Answer | None:
        authorization = asked.headers.get("Authorization", "")
        return Answer(403, {"x-ms-error-code": authorization}, authorization.encode()) if authorization else None

    listener.instead = refusing
    done = watch.run("plan", "-v", VMAPPS_DEBUG="1")
    assert done.code == 1
    keys = {
        asked.headers["Authorization"].rpartition(":")[2]
        for asked in listener.asked
        if "Authorization" in asked.headers
    }
    assert keys
    watch.secrets |= keys


def test_a_signature_at_the_wrong_place_is_refused_unseen(watch: Watch) -> None:
    secret = f"https://e.blob.core.windows.net/p/a{QUERY}{DECLARED}"
    watch.project.holds(
        version("3.0.0", {"mediaLink": [secret]}),
        version("3.0.1", {"mediaLnk": secret}),
        version("3.0.2", {"package": secret}),
        version("3.0.3", link(), **{secret: 1}),
        application("long", description=f"{'x' * 3000} {secret}"),
        assignment("2.0.0", "web-01", name="wrong", configuration=secret),
        assignment(secret, "web-01", name="version"),
        assignment("2.0.0", secret, name="machine"),
        gallery(secret),
        file="manifests/wrong.yaml",
    )
    for more in EVERY_WAY:
        watch.run("validate", *more, code=1)
    assert watch.run("plan", code=1).err.count("manifests/wrong.yaml:") >= 9


def test_a_foreign_link_that_came_back_bare_is_kept(arm: Arm, watch: Watch, listener: Proxy) -> None:
    """Azure may strip the query when it is read: written back bare, it would be lost."""

    def stripped(asked: Asked, answer: Answer) -> Answer:
        if asked.method != "GET" or "/virtualmachines" not in asked.path.lower():
            return answer
        return Answer(answer.status, answer.headers, answer.body.replace(f"{QUERY}{FOREIGN}".encode(), b""))

    listener.change = stripped
    [before] = arm.raw_entries(machine_id("web-01"))
    watch.run("apply", "--yes", code=0)
    assert arm.raw_entries(machine_id("web-01"))[0] == before
    watch.learn(listener)
