"""The guest's application manager, simulated: scripts are not run, their outcomes are given (guest-agent.md 3, 4)."""

from dataclasses import dataclass, field

from vmapps_emulator import guest_texts
from vmapps_emulator.guest_enable import CRASH, REBOOT, Enable, Ended, Outcome, Script, Touch, Trouble
from vmapps_emulator.guest_plan import Entry, Goal, make_plan
from vmapps_emulator.guest_rules import GuestRules

__all__ = ["CRASH", "REBOOT", "Ending", "Guest", "Guests", "Outcome", "Report", "Script", "Trouble"]


@dataclass(frozen=True, slots=True)
class Report:
    """One enable's status: what the agent passes on to the instance view."""

    is_success: bool
    message: str
    is_transitioning: bool = False


IN_PROGRESS = Report(True, "enable in progress: transitioning", is_transitioning=True)
"""What the launcher writes for every new sequence number (guest-agent.md 4.1)."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one enable ended: the status it wrote, if any, and what cut it short (``reboot``, ``crash``)."""

    report: Report | None = None
    cut_by: str = ""
    is_counted: bool = False
    touches: tuple[Touch, ...] = ()


@dataclass(slots=True)
class Guest:
    """The manager on one machine: its registry, the last custom action's tick, the status that it last wrote."""

    registry: dict[str, Entry] = field(default_factory=dict)
    report: Report | None = None
    data_folder: str = "/var/lib/waagent/Microsoft.CPlat.Core.VMApplicationManagerLinux"
    tick: int = 0

    def enable(
        self,
        goals: list[Goal],
        script: Script,
        trouble: Trouble | None = None,
        held: Report | None = IN_PROGRESS,
    ) -> Ending:
        """One run. ``held`` is the status file of its sequence number, None when there is none."""
        trouble = trouble or Trouble()
        critical = _critical_error(goals, trouble)
        if critical is not None:
            self.report = Report(False, f"Enable failed: {critical}")
            return Ending(self.report)
        run = Enable(self.registry, self.tick, script, trouble, self.data_folder)
        try:
            run.execute(make_plan(self.registry, goals))
            run.act(goals)
        except Ended as end:
            return Ending(cut_by=str(end), touches=tuple(run.touches))
        finally:
            self.tick = run.tick
        if not _is_written(run, held):
            return Ending(touches=tuple(run.touches))
        self.report = Report(not run.flagged, run.message())
        return Ending(self.report, is_counted=True, touches=tuple(run.touches))


@dataclass(slots=True)
class Guests:
    """The guests of all machines by the machine's id in lower case, and the outcomes asked for.

    ``ran`` is the log of the scripts that were started: machine, application, version, operation. What a seeded
    machine has is not in it.
    """

    rules: GuestRules = field(default_factory=GuestRules)
    by_machine: dict[str, Guest] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    ran: list[tuple[str, str, str, str]] = field(default_factory=list)

    def of(self, machine: str) -> Guest:
        """A machine's guest, new at the first call."""
        return self.by_machine.setdefault(machine, Guest())

    def forget(self, machine: str) -> None:
        """The machine is gone."""
        self.by_machine.pop(machine, None)
        self.stopped.discard(machine)


def _critical_error(goals: list[Goal], trouble: Trouble) -> str | None:
    """What ends an enable before anything is touched, in the manager's order (1.1, 1.2, 4.6)."""
    if trouble.settings is not None:
        return guest_texts.settings_error(trouble.settings)
    for goal in goals:
        if not goal.application:
            return guest_texts.NO_NAME
        status = trouble.metadata.get(goal.application)
        if status is not None:
            return guest_texts.host_error(status)
        if not goal.entry.version:
            return guest_texts.NO_VERSION
    return None if trouble.registry is None else guest_texts.registry_error(trouble.registry)


def _is_written(run: Enable, held: Report | None) -> bool:
    """Whether the run writes its status over the one that is there (4.5)."""
    if run.performed or held is None or held.is_transitioning:
        return True
    return guest_texts.HOST_ERROR in held.message
