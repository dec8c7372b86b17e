"""What stands in for GitHub: a runner that does a job's steps in bash, and the few calls of the API that they make."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from end_to_end.command import COMMAND, environment
from local_azure import REPOSITORY

EXAMPLES = REPOSITORY / "examples" / "github"
TOKEN = "ghs_of-this-job"
NAME = "contoso/platform"

CALL = re.compile(rf"/repos/{NAME}/(\S+?)(?:\?(\S*))?\Z")


@dataclass
class GitHub:
    """A repository's comments, issues, pull requests and runs; `calls` are the writes that were made."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    merged: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, query: str, body: Any) -> Any:
        """What the API says; None is 404."""
        if method != "GET":
            self.calls.append(f"{method} {path}")
        page = int((re.search(r"\bpage=(\d+)", query) or [0, "1"])[1])
        match path.split("/"):
            case ["issues", number, "comments"]:
                several = self.comments.setdefault(int(number), [])
                if method == "GET":
                    return several[100 * (page - 1) : 100 * page]
                several.append({"id": 1000 + len(several), **body})
                return several[-1]
            case ["issues", "comments", number]:
                found = next(one for several in self.comments.values() for one in several if one["id"] == int(number))
                return found.update(body) or found
            case ["issues"]:
                if method == "GET":
                    return [one for one in self.issues if one["state"] == "open"]
                self.issues.append({"number": len(self.issues) + 1, "state": "open", **body})
                return self.issues[-1]
            case ["issues", number]:
                return self.issues[int(number) - 1].update(body) or self.issues[int(number) - 1]
            case ["commits", _, "pulls"]:
                return self.merged
            case ["actions", "workflows", _, "runs"]:
                return {"workflow_runs": [one for one in self.runs if one["head_sha"] in query]}
        return None


@contextmanager
def github() -> Iterator[GitHub]:
    """The API on this machine."""
    state = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            assert self.headers["Authorization"] == f"Bearer {TOKEN}"
            found = CALL.match(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            said = state.answer(self.command, found[1], found[2] or "", body) if found else None
            content = json.dumps(said).encode()
            self.send_response(404 if said is None else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815  http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Ran:
    """How a job ended: the exit code of the first step that failed, what it printed, the actions it used."""

    code: int
    said: str
    used: tuple[str, ...]
    skipped: bool = False


@dataclass(frozen=True)
class Runner:
    """Does the jobs of a workflow in a checkout. Artefacts of all its runs are kept in a folder."""

    folder: Path
    checkout: Path
    github: GitHub
    arm: str
    blobs: str

    def run(self, workflow: str, job: str, event: Mapping[str, Any], **told: str) -> Ran:
        """One job, as the runner would do it for an event."""
        whole = yaml.safe_load((EXAMPLES / workflow).read_text(encoding="utf-8"))
        what = whole["jobs"][job]
        known = {"github.token": TOKEN, "github.repository": NAME, **_flat("github.event", event)}
        if "if" in what and not _holds(what["if"], known, failed=False):
            return Ran(0, "", (), skipped=True)
        return _Job(self, {**whole.get("env", {})}, known, told).do(what["steps"])


@dataclass
class _Job:
    runner: Runner
    env: dict[str, str]
    known: dict[str, str]
    told: Mapping[str, str]
    code: int = 0
    said: str = ""
    used: list[str] = field(default_factory=list)

    def do(self, steps: list[dict[str, Any]]) -> Ran:
        for step in steps:
            if _holds(step.get("if", "success()"), self.known, failed=bool(self.code)):
                self._uses(step) if "uses" in step else self._bash(step)
        return Ran(self.code, self.said, tuple(self.used))

    def _uses(self, step: dict[str, Any]) -> None:
        name = step["uses"].partition("@")[0]
        given = {key: _filled(str(value), self.known) for key, value in step.get("with", {}).items()}
        self.used.append(name)
        kept = self.runner.folder / "artifacts"
        match name:
            case "actions/checkout":
                scripts = self.runner.checkout / ".github"
                scripts.mkdir(exist_ok=True)
                shutil.copy(EXAMPLES / "vmapps_github.py", scripts)
            case "actions/upload-artifact":
                kept.mkdir(exist_ok=True)
                shutil.copy(self.runner.checkout / given["path"], kept / f"{self.told['RUN']}-{given['name']}")
            case "actions/download-artifact":
                shutil.copy(kept / f"{given['run-id']}-{given['name']}", self.runner.checkout / "plan.json")
            case "actions/setup-python" | "azure/login":
                pass
            case _:
                raise AssertionError(f"nothing stands in for {name}")

    def _bash(self, step: dict[str, Any]) -> None:
        assert "${{" not in step["run"], "what comes from outside belongs into env"
        output = self.runner.folder / "output"
        output.write_text("", encoding="utf-8")
        env = {key: _filled(str(value), self.known) for key, value in {**self.env, **step.get("env", {})}.items()}
        ended = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.runner.checkout,
            env=environment(self.runner.folder, {**self._around(output), **env}),
            capture_output=True,
            text=True,
            check=False,
        )
        self.said += ended.stdout + ended.stderr
        self.code = self.code or ended.returncode
        for line in output.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            self.known[f"steps.{step['id']}.outputs.{name}"] = value

    def _around(self, output: Path) -> dict[str, str]:
        """What the runner gives to every step; the command is installed already, so pip has nothing to do."""
        stand_ins = self.runner.folder / "bin"
        stand_ins.mkdir(exist_ok=True)
        (stand_ins / "pip").write_text("#!/bin/sh\n", encoding="utf-8")
        (stand_ins / "pip").chmod(0o755)
        (stand_ins / "python").unlink(missing_ok=True)
        (stand_ins / "python").symlink_to(sys.executable)
        return {
            "PATH": f"{stand_ins}:{COMMAND.parent}:{os.environ['PATH']}",
            "GITHUB_API_URL": self.runner.github.url,
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.runner.folder / "summary.md"),
            "VMAPPS_ENDPOINT": self.runner.arm,
            "VMAPPS_BLOB_ENDPOINT": self.runner.blobs,
            **self.told,
        }


def _flat(name: str, value: Any) -> dict[str, str]:
    """An event as the names by which expressions ask for its parts."""
    if not isinstance(value, Mapping):
        return {name: str(value)}
    return {key: text for part, inner in value.items() for key, text in _flat(f"{name}.{part}", inner).items()}


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda found: known.get(found[1], ""), text)


def _holds(condition: str, known: Mapping[str, str], *, failed: bool) -> bool:
    """The few conditions that the workflows have: comparisons joined by `&&`, and always()."""
    parts = [part.strip() for part in condition.split("&&")]
    if failed and "always()" not in parts:
        return False
    return all(_part(part, known) for part in parts if part not in ("always()", "success()"))


def _part(part: str, known: Mapping[str, str]) -> bool:
    left, sign, right = re.fullmatch(r"(\S+) (==|!=) (\S+)", part).groups()
    values = [one.strip("'") if one.startswith("'") else known.get(one, "") for one in (left, right)]
    return (values[0] == values[1]) == (sign == "==")
