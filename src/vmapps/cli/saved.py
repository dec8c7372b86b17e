"""Saved plans: written whole or not at all, read back, and held against the checkout they are applied from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vmapps.core.action import Upload, changes_of
from vmapps.core.declaration import Declarations
from vmapps.core.plan import Plan, ProjectId, Step
from vmapps.core.resource import Link, Value
from vmapps.engine.ports import CloudReader
from vmapps.errors import Error, SavedPlanUnusable
from vmapps.render import plan_json

LARGEST = 512 * 1024 * 1024
"""Bytes; a plan for a hundred thousand machines is smaller."""


def write(plan: Plan, file: Path) -> None:
    """Save a plan, readable by its owner only; there is never half a file. Raises Error when it cannot be written.

    What is no file, such as /dev/stdout or a pipe, is written to; a link stays one.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_text(plan_json.to_json(plan), encoding="utf-8", newline="\n")
            return
        target = file.resolve()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{file.name}.")
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123  a handle, made with 0600
                stream.write(plan_json.to_json(plan))
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Error(f"{file}: the plan cannot be saved: {error.strerror}") from error


def read(file: Path) -> Plan:
    """Load a saved plan; raises SavedPlanUnusable."""
    try:
        if file.stat().st_size > LARGEST:
            raise SavedPlanUnusable(f"{file}: too large to be a plan")
        text = file.read_bytes()
    except OSError as error:
        raise SavedPlanUnusable(f"{file}: cannot be read: {error.strerror}") from error
    try:
        return plan_json.from_json(text)
    except SavedPlanUnusable as error:
        raise SavedPlanUnusable(f"{file}: {error}") from error


def check_project(plan: Plan, declared: Declarations) -> None:
    """Raise SavedPlanUnusable unless the plan is of this project and every link in it is still in the manifests."""
    project = declared.project
    here = ProjectId(project.name, project.owner, project.subscription)
    if (plan.project.owner, plan.project.subscription.lower()) != (here.owner, here.subscription.lower()):
        raise SavedPlanUnusable(
            f"the plan is of {plan.project.owner} in subscription {plan.project.subscription}, "
            f"this project is {here.owner} in {here.subscription}"
        )
    lost = {
        link.url for step in plan.steps for link in _links(step) if link.digest and link.digest not in declared.links
    }
    if lost:
        raise SavedPlanUnusable(f"the manifests no longer have the links {', '.join(sorted(lost))}; plan again")


def check_packages(plan: Plan, declared: Declarations, cloud: CloudReader) -> None:
    """Raise SavedPlanUnusable when a package still has to be sent and its file is not here."""
    here = {package.sha256 for package in declared.packages if package.path is not None}
    uploads = {step.action.sha256: step.action.file for step in plan.steps if isinstance(step.action, Upload)}
    absent = sorted(uploads.keys() - here)
    lost = sorted(set(absent) - cloud.present(absent)) if absent else []
    if lost:
        files = ", ".join(uploads[sha256] for sha256 in lost)
        raise SavedPlanUnusable(f"the plan uploads files that this checkout does not have as they were: {files}")


def _links(step: Step) -> Iterator[Link]:
    for change in changes_of(step.action):
        yield from _inside(change.after)
    yield from (link for _, link in step.expects.slots)


def _inside(value: Value) -> Iterator[Link]:
    match value:
        case Link():
            yield value
        case list():
            for item in value:
                yield from _inside(item)
        case dict():
            for item in value.values():
                yield from _inside(item)
        case _:
            pass
