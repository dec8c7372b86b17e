"""The stage: an emulator and Azurite behind listeners that count and can kill, set back to one moment for every run."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import local_azure
from end_to_end.azure_side import Arm, blobs_of
from end_to_end.command import PATIENCE, Ended, Vmapps
from end_to_end.projects import Project
from end_to_end.proxy import Answer, Asked, Proxy, proxy_to
from soak import everything
from soak.moment import Moment

CONTAINER = "packages"
PACKAGES = "sha256/"
SETTINGS = {"polls": 1, "retryAfterMs": 1}


class Cut(Exception):
    """The connection ends here."""


@dataclass
class Watch:
    """Counts the requests of the command, and kills it at one: before the request is passed on, or once it is done.

    `blobs` says what becomes of the n-th request to the package store: a status, or cut before or after its effect.
    """

    at: int = 0
    after: bool = False
    blobs: Mapping[int, str] = field(default_factory=dict)
    of_blobs: int = 0
    seen: list[str] = field(default_factory=list)
    process: Popen[str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: dict[int, int] = field(default_factory=dict)
    cut: dict[int, bool] = field(default_factory=dict)

    def comes(self, asked: Asked) -> Answer | None:
        """A request before it is passed on; an answer in its place when the command is dead."""
        if "vmapps/" not in asked.headers.get("User-Agent", ""):
            return None
        with self.lock:
            self.seen.append(f"{asked.method} {asked.path.partition('?')[0]}")
            self.numbers[id(asked)] = number = len(self.seen)
        if number == self.at and not self.after:
            self.kill()
            return Answer(503)
        return self._trouble(asked)

    def goes(self, asked: Asked, answer: Answer) -> Answer:
        """A request that was served."""
        if self.numbers.pop(id(asked), 0) == self.at and self.after:
            self.kill()
        if self.cut.pop(id(asked), False):
            raise Cut
        return answer

    def _trouble(self, asked: Asked) -> Answer | None:
        if not asked.path.startswith(f"/{local_azure.ACCOUNT}/"):
            return None
        with self.lock:
            self.of_blobs += 1
            way = self.blobs.get(self.of_blobs, "")
        if way == "before":
            raise Cut
        self.cut[id(asked)] = way == "after"
        return Answer(int(way), {"x-ms-error-code": "ServerBusy"}) if way.isdigit() else None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)


@dataclass
class Stage:
    """Where runs take place. Every run begins at `start`, with the project's files as today's commit has them."""

    arm: Arm
    account: str
    run: Vmapps
    project: Project
    proxies: Sequence[Proxy]
    start: Moment = field(init=False)

    def apply(self, watch: Watch | None = None, *more: str) -> Ended:
        """One `vmapps apply`, with everything consented to; the watch may kill it. A dead run's lock is broken."""
        watch = watch or Watch()
        for proxy in self.proxies:
            proxy.instead, proxy.change = watch.comes, watch.goes
        arguments = "apply", self.project.folder, "--yes", "--break-lock", *everything.CONSENT, *more
        with self.run.running(*arguments) as process:
            watch.process = process
            out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    def plan(self, *more: str) -> Ended:
        return self.run("plan", self.project.folder, *everything.CONSENT, *more)

    def retry(self) -> Ended:
        """`vmapps retry` of whatever failed in a guest."""
        return self.run("retry", "--project", self.project.folder, "--yes", "--break-lock")

    def reset(self) -> None:
        """Back to the start: Azure, guests and package store."""
        self.arm.control("POST", "reset")
        self.arm.control("PUT", "state", self.start.state)
        self.arm.control("POST", "settings", SETTINGS)
        with blobs_of(self.account) as service:
            container = service.get_container_client(CONTAINER)
            there = {one.name for one in container.list_blobs(name_starts_with=PACKAGES)}
            for name in there - self.start.blobs.keys():
                container.delete_blob(name)
            for name, (content, marks) in self.start.blobs.items():
                if name not in there:
                    container.upload_blob(name, content, metadata=marks)

    def moment(self) -> Moment:
        """Everything as it is now; what runs in Azure goes on running."""
        with blobs_of(self.account) as service:
            container = service.get_container_client(CONTAINER)
            found = list(container.list_blobs(PACKAGES, include=["metadata"]))
            blobs = {one.name: (container.download_blob(one.name).readall(), one.metadata) for one in found}
        scripts = self.arm.control("GET", "guest")["scripts"]
        return Moment(self.arm.control("GET", "state"), blobs, scripts)


@contextmanager
def staged(folder: Path, azurite: str = "") -> Iterator[Stage]:
    """A stage of one's own, with what an earlier commit left; `azurite` is one that runs already."""
    with ExitStack() as stack:
        arm = Arm(stack.enter_context(local_azure.emulator()))
        account = azurite or stack.enter_context(local_azure.azurite())
        proxies = [stack.enter_context(proxy_to(url)) for url in (arm.url, account)]
        project = Project(folder / "shop", CONTAINER)
        stage = Stage(arm, account, Vmapps(folder, proxies[0].url, proxies[1].url), project, proxies)
        everything.others(arm)
        everything.write(project, everything.before())
        stage.apply(None, "--parallelism", "1").exited(0)
        everything.others_in_ours(arm)
        everything.write(project, everything.after())
        stage.start = stage.moment()
        stage.reset()
        yield stage
