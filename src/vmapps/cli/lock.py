"""The lock that keeps two runs of one project apart: taken before the plan is made, given back at the end."""

from __future__ import annotations

import getpass
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from vmapps.cli import speak, wiring
from vmapps.cli.options import Common, decorated, option
from vmapps.core.declaration import Declarations
from vmapps.errors import CloudFailure, Error
from vmapps.render.safe import shown

if TYPE_CHECKING:
    from vmapps.azure.lease import Holder, Lease

AGAIN = 5.0
"""Seconds between two looks at a lock that is waited for."""

ADVICE = (
    "wait for it (--lock-wait SECONDS; a run that was killed loses the lock within a minute), or take the lock from "
    "it with --break-lock: then it begins nothing new"
)

_OPTIONS = (
    option("--break-lock", is_flag=True, help="Take the project's lock from a run that holds it."),
    option(
        "--lock-wait",
        type=click.IntRange(min=0),
        default=0,
        metavar="SECONDS",
        help="Wait so long for another run of this project to end.",
    ),
    option("--no-lock", is_flag=True, help="Take no lock: nothing keeps two runs of this project apart."),
)


@dataclass(frozen=True, slots=True)
class Locking:
    """What was said about the lock."""

    no_lock: bool = False
    break_lock: bool = False
    lock_wait: int = 0


def lock_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that writes; it gets them as `locking`."""

    @wraps(command)
    def gather(*parents: Any, **given: Any) -> int:
        told = {name: given.pop(name) for name in Locking.__dataclass_fields__}
        return command(*parents, locking=Locking(**told), **given)

    return decorated(gather, _OPTIONS)


@contextmanager
def locked(declared: Declarations, common: Common, locking: Locking) -> Iterator[Lease | None]:
    """Hold the project's lock; None when there is none to hold.

    Raises Error, naming the holder, when another run has it, or when the package store does not give it.
    """
    if locking.no_lock or declared.project.store is None:
        if not locking.no_lock and not common.quiet:
            speak.tell("Nothing keeps two runs of this project apart: spec.packageStore is not there.")
        yield None
        return
    lease = _taken(declared, common, locking)
    try:
        yield lease
    finally:
        lease.release()


def _taken(declared: Declarations, common: Common, locking: Locking) -> Lease:
    from vmapps.azure.lease import Holder

    asking, until, owner = me(os.environ), time.monotonic() + locking.lock_wait, declared.project.owner
    found = _asked(declared, common, asking, locking)
    if isinstance(found, Holder) and locking.lock_wait and not common.quiet:
        speak.tell(f"Waiting for another run of {owner}: {shown(str(found))}.")
    while isinstance(found, Holder):
        if time.monotonic() >= until:
            raise Error(f"another run of {owner} holds the lock: {found}; nothing was changed. Next: {ADVICE}")
        time.sleep(AGAIN)
        found = _asked(declared, common, asking, locking)
    if found.broke is not None:
        speak.tell(f"Broke the lock of {shown(str(found.broke))}.")
    found.keep()
    return found


def _asked(declared: Declarations, common: Common, asking: Holder, locking: Locking) -> Lease | Holder:
    try:
        return wiring.lease(declared.project, common, asking, breaking=locking.break_lock)
    except CloudFailure as failure:
        raise Error(
            f"the project's lock cannot be taken: {failure}. The package store takes a lease on a blob, for which "
            "Storage Blob Data Contributor is enough; --no-lock goes without"
        ) from failure


def demand(lease: Lease | None) -> None:
    """Raise Error when the lock was lost before anything was begun."""
    if lease is not None and lease.lost:
        raise Error(f"the lock was lost: {lease.lost}; nothing was changed, plan again")


def me(variables: Mapping[str, str]) -> Holder:
    """This run, as it tells others who holds a lock."""
    from vmapps.azure.lease import Holder

    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Holder(uuid4().hex[:8], _who(), job_of(variables), now)


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "somebody"
    return f"{user}@{socket.gethostname()}"


def job_of(variables: Mapping[str, str]) -> str:
    """Where to look at the CI job that this process belongs to; "" outside of one.

    GitHub, Azure Pipelines, GitLab and Jenkins say it in variables of their own.
    """
    of = variables.get
    if of("GITHUB_RUN_ID"):
        return f"{of('GITHUB_SERVER_URL', '')}/{of('GITHUB_REPOSITORY', '')}/actions/runs/{of('GITHUB_RUN_ID')}"
    if of("BUILD_BUILDID"):
        return f"{of('SYSTEM_COLLECTIONURI', '')}{of('SYSTEM_TEAMPROJECT', '')} build {of('BUILD_BUILDID')}"
    return of("CI_JOB_URL") or of("BUILD_URL") or ""
