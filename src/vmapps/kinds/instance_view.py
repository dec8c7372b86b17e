"""What Azure passes on of a machine's guest: the instance view, read as the guest's report."""

from __future__ import annotations

import msgspec

from vmapps.core.guest import GuestReport, read_report

EXTENSION = "vmappextension"
EXTENSION_TYPE = "microsoft.cplat.core.vmapplicationmanager"
"""By either of them the extension that reports about applications is known, in any case [azure-facts 3.5]."""

RUNNING, HEARD = "powerstate/running", "provisioningstate/succeeded"
"""How a machine says that it runs, and its agent that it is heard: one that is silent is `Unavailable` [recordings]."""


class Status(msgspec.Struct):
    """A status of the machine, its agent or an extension."""

    code: str | None = None
    message: str | None = None


class Agent(msgspec.Struct):
    """The agent; a deallocated machine has none [recordings]."""

    statuses: list[Status] | None = None


class Extension(msgspec.Struct):
    """An extension as its last report left it."""

    name: str | None = None
    type: str | None = None
    statuses: list[Status] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is the one that installs applications."""
        return (self.name or "").lower() == EXTENSION or (self.type or "").lower().startswith(EXTENSION_TYPE)


class InstanceView(msgspec.Struct, rename="camel"):
    """The part of an instance view that says something about applications."""

    vm_agent: Agent | None = None
    extensions: list[Extension] | None = None
    statuses: list[Status] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the machine runs and its agent is heard; without either, what it reports is old [3.5]."""
        agent = self.vm_agent.statuses if self.vm_agent else None
        return _says(self.statuses, RUNNING) and _says(agent, HEARD)


def report_of(view: InstanceView | None) -> GuestReport | None:
    """The guest's report; None when there is no view, or a machine that runs has no extension to report.

    A machine that is off shows none either [recordings]: that it cannot tell is all that it says.
    """
    found = next((one for one in (view.extensions if view else None) or () if one.is_ours), None)
    if view is None or found is None:
        return None if view is None or view.is_running else GuestReport(is_running=False)
    messages = [status.message for status in found.statuses or () if status.message]
    return read_report(messages, is_running=view.is_running)


def _says(statuses: list[Status] | None, code: str) -> bool:
    return any((status.code or "").lower() == code for status in statuses or ())
