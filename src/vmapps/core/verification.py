"""Did it work? What a guest should report after a write, and what its report says to that.

Azure's success says nothing about applications: their result stands in the guest's report alone [azure-facts 3.6].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from vmapps.core.action import Action, Assign, Change, Check, UpgradeInstances
from vmapps.core.address import Address
from vmapps.core.guest import GuestReport, InGuest, Performed, State
from vmapps.core.plan import Step
from vmapps.core.resource import Instances, Machine, Reference
from vmapps.core.versions import LATEST

Expected: TypeAlias = tuple[tuple[str, str | None], ...]
"""Applications by name, with the version that should be installed: "" is any, None is that it is gone."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The guest reports everything as it should be; `remark` says what it does not tell."""

    remark: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The guest cannot tell: its machine is off, or its agent is not heard."""

    why: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The report does not show it yet: asked again later, it may."""


@dataclass(frozen=True, slots=True)
class Unsuccessful:
    """The guest says that an application failed or was skipped.

    `may_pass`: it said so before it looked at any application, maybe of an older list: it may say something else soon.
    """

    why: str
    may_pass: bool = False


@dataclass(frozen=True, slots=True)
class Unproven:
    """The guest is done with it, and does not say whether it worked."""

    why: str


Judgement: TypeAlias = Proven | Pending | Unfinished | Unsuccessful | Unproven

REBOOTED = "No further action taken."
"""How the guest ends what a reboot cut short, when it does not run it again [guest-agent.md 3.8]."""

OFF = "the machine is off, or its agent is not heard: it installs when it is back"


def expected_of(action: Action) -> Expected:
    """What the guest should report after a step."""
    match action:
        case Assign(changes):
            return tuple(_expected(change) for change in changes)
        case UpgradeInstances():
            return tuple(action.applications)
        case _:
            return ()


def _expected(change: Change) -> tuple[str, str | None]:
    body = change.after if isinstance(change.after, dict) else change.before
    reference = Reference.parse(str(body.get("packageReferenceId"))) if isinstance(body, dict) else None
    name = reference.application if reference else change.path[-1].rpartition("/")[2]
    if change.after is None or reference is None:
        return name, None
    return name, "" if reference.version.lower() == LATEST else reference.version


def returning(step: Step) -> frozenset[str]:
    """The applications (lower case) that a later write of the plan brings back, once this one has removed them."""
    return frozenset(_expected(change)[0].lower() for change in step.expects.later)


def judge(
    expected: Iterable[tuple[str, str | None]], report: GuestReport | None, back: frozenset[str] = frozenset()
) -> Judgement:
    """What a report says; a report of a machine that does not run says nothing.

    When the last application is gone, so is the extension that reports. Of those that come `back` a failed removal is
    no failure: the guest forgets them all the same, and they are installed anew.
    """
    wanted = tuple(expected)
    if report is None:
        is_gone = all(version is None for _, version in wanted)
        return together(_unknown(name) for name, _ in wanted) if is_gone else Unfinished()
    if not report.is_running:
        return Pending(OFF)
    if report.error and not report.applications:
        return Unsuccessful(report.error, may_pass=True)
    return together(
        _one(name, version, report.of(name))
        if version is not None
        else _removed(name, report, comes_back=name.lower() in back)
        for name, version in wanted
    )


def together(several: Iterable[Judgement]) -> Judgement:
    """The judgements of several applications, or instances, as one: the worst, with all that is to be said of it."""
    judged = tuple(several)
    if bad := [one for one in judged if isinstance(one, Unsuccessful)]:
        return Unsuccessful(_said(one.why for one in bad), all(one.may_pass for one in bad))
    if any(isinstance(one, Unfinished) for one in judged):
        return Unfinished()
    if unproven := [one.why for one in judged if isinstance(one, Unproven)]:
        return Unproven(_said(unproven))
    if pending := [one.why for one in judged if isinstance(one, Pending)]:
        return Pending(pending[0])
    return Proven(_said(one.remark for one in judged if isinstance(one, Proven)))


def _said(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _removed(name: str, report: GuestReport, *, comes_back: bool) -> Judgement:
    """A removal is done when the report lists it as a success; the guest forgets the application in any case [3.3].

    Only the last run's actions are listed: a run in between hides how it went.
    """
    if report.of(name) is not None:
        return Unfinished()
    done = removal_of(name, report)
    if done is None:
        return _unknown(name)
    if done.succeeded:
        return Proven()
    why = f"{name}: its remove script failed: {done.message}"
    return Proven(why) if comes_back else Unsuccessful(why)


REMOVING = ("Remove", "Cleanup")
"""How an application leaves the guest; without its script when it was skipped before [guest-agent.md 3.1]."""


def removal_of(name: str, report: GuestReport) -> Performed | None:
    """The last removal of an application that a report lists."""
    named = (one for one in reversed(report.performed) if one.application.lower() == name.lower())
    return next((one for one in named if one.operation in REMOVING), None)


def _unknown(name: str) -> Proven:
    return Proven(f"{name}: removed, result unknown")


def _one(name: str, version: str, seen: InGuest | None) -> Judgement:
    """One application. A failure at another version is an old one, but for the first half of a pair [3.1]."""
    if seen is None:
        return Unfinished()
    is_it = version in ("", seen.version)
    if seen.state is State.INSTALLED:
        return Proven() if is_it else Unfinished()
    is_half = seen.message.startswith("RemoveForUpdate")
    if seen.state in (State.FAILED, State.SKIPPED) and (is_it or is_half):
        return Unsuccessful(f"{name} {version or seen.version} {seen.state}: {seen.message}")
    return _cut_short(name, seen) if is_it else Unfinished()


def _cut_short(name: str, seen: InGuest) -> Judgement:
    """What neither succeeded nor failed: it may be run again after a reboot, or was left at that [3.8]."""
    if not seen.message:
        return Unsuccessful(f"{name} {seen.version}: interrupted in the middle, and not tried again")
    if seen.message.endswith(REBOOTED):
        return Unproven(f"{name} {seen.version}: result unknown: {seen.message}")
    return Unfinished()


def may_change(judged: Judgement) -> bool:
    """Whether asking again later may give another answer."""
    return isinstance(judged, Unfinished) or (isinstance(judged, Unsuccessful) and judged.may_pass)


def named(instance: str, judged: Judgement) -> Judgement:
    """A judgement with the name of the instance that it is about, if there is one."""
    if not instance:
        return judged
    match judged:
        case Unsuccessful(why, may_pass):
            return Unsuccessful(f"instance {instance}: {why}", may_pass)
        case Unproven(why):
            return Unproven(f"instance {instance}: {why}")
        case Pending(why):
            return Pending(f"instance {instance}: {why}")
        case Proven(remark):
            return Proven(f"instance {instance}: {remark}" if remark else "")
        case Unfinished():
            return judged
        case _ as never:
            assert_never(never)


def instance_of(scale_set: Address, name: str) -> Address:
    """What an instance is called beside its set: `VirtualMachineScaleSet/rg-web/web-ss/3`."""
    return Address(scale_set.kind, (*scale_set.name, name), scale_set.subscription)


def checked(check: Check, report: GuestReport | None) -> tuple[tuple[Address, Judgement], ...]:
    """What a virtual machine's report says to a look between waves."""
    return ((check.address, judge(check.applications, report)),)


def checked_instances(check: Check, known: Instances) -> tuple[tuple[Address, Judgement], ...]:
    """The same of every instance of a scale set: each counts by itself.

    Protected ones are left alone by the set's actions, and say nothing.
    """
    return tuple(
        (instance_of(check.address, one.name), judge(check.applications, one.report))
        for one in known.instances
        if not one.is_protected and (one.latest or not check.older_stay)
    )


def is_assigned(check: Check, machine: Machine) -> bool:
    """Whether the machine's list names everything that its guest should report."""
    found = {(one.application.lower(), one.version.lower()) for one in _references(machine)}
    names = {name for name, _ in found}
    return all(
        (name.lower(), version.lower()) in found if version else name.lower() in names
        for name, version in check.applications
    )


def _references(machine: Machine) -> Iterable[Reference]:
    return (entry.reference for entry in machine.entries if entry.reference is not None)
