"""The shape of a guest vector, and what the manager makes of it (guest-agent.md 5)."""

import msgspec

from vmapps_emulator.guest_plan import NO_ACTION, NUMBERS, Action, Entry, Goal
from vmapps_emulator.wire import Json

_REBOOT_BEHAVIOUR = "Rerun"


class Held(msgspec.Struct, rename="camel"):
    """One entry of a registry in a vector."""

    version: str
    ongoing_operation: str = NO_ACTION
    result: str = ""
    download_dir: str = ""
    install: str | None = None
    update: str | None = None
    remove: str | None = None
    reboot_behavior: str = "None"
    num_reboots_occurred: int = 0
    package_file_name: str = ""
    config_file_name: str = ""
    config_exists: bool = False

    def entry(self, name: str) -> Entry:
        """The same as the manager keeps it."""
        version = self.version
        if self.ongoing_operation not in NUMBERS:
            raise msgspec.ValidationError(f"'{self.ongoing_operation}' is no operation")
        return Entry(
            application=name,
            version=version,
            install=f"install {name} {version}" if self.install is None else self.install,
            update=f"update {name} {version}" if self.update is None else self.update,
            remove=f"remove {name} {version}" if self.remove is None else self.remove,
            operation=self.ongoing_operation,
            result=self.result,
            folder=self.download_dir,
            reruns=self.reboot_behavior == _REBOOT_BEHAVIOUR,
            reboots=self.num_reboots_occurred,
            package_file="" if self.package_file_name == name else self.package_file_name,
            config_file="" if self.config_file_name == f"{name}_config" else self.config_file_name,
            has_config=self.config_exists,
        )


class Parameter(msgspec.Struct):
    """One parameter of a custom action."""

    name: str
    value: str = ""


class WishedAction(msgspec.Struct, rename="camel"):
    """One custom action in a goal."""

    name: str
    script: str = ""
    timestamp: str = ""
    tick_count: int = 0
    parameters: list[Parameter] = []

    def action(self) -> Action:
        """The same as the manager reads it."""
        parameters = tuple((item.name, item.value) for item in self.parameters)
        return Action(self.name, self.script, self.tick_count, self.timestamp, parameters)


class Wish(Held, rename="camel", kw_only=True):
    """One application of a goal: what the settings and the host's metadata say together."""

    application_name: str
    order: int | None = None
    treat_failure_as_deployment_failure: bool = False
    actions: list[WishedAction] = []

    def goal(self) -> Goal:
        """The same as the manager plans with it."""
        actions = tuple(item.action() for item in self.actions)
        entry = self.entry(self.application_name)
        return Goal(entry, self.order, self.treat_failure_as_deployment_failure, actions)


class StatusFile(msgspec.Struct):
    """The status that is there before."""

    status: str
    message: str = ""


class Before(msgspec.Struct):
    """What is on the machine; no ``status_file`` is the launcher's fresh one, null is none at all."""

    registry: dict[str, Held] = {}
    status_file: StatusFile | msgspec.UnsetType | None = msgspec.UNSET
    tick_count: int = msgspec.field(name="tickCount", default=0)


class Failing(msgspec.Struct):
    """What goes wrong."""

    commands: dict[str, int | str] = {}
    package_download: dict[str, int] = {}
    config_download: dict[str, int] = {}
    metadata: dict[str, int] = {}
    settings: str | None = None
    registry: str | None = None


class After(msgspec.Struct):
    """The registry and the tick afterwards; a tick left out is the one from before."""

    registry: dict[str, Held] = {}
    tick_count: int | None = msgspec.field(name="tickCount", default=None)


class Status(msgspec.Struct):
    """The status file afterwards."""

    written: bool
    status: str | None = None
    mrseq_updated: bool | None = None
    message: str | None = None
    ended_by: str | None = None
    current_state: list[Json] | None = msgspec.field(name="CurrentState", default=None)
    actions_performed: list[Json] | None = msgspec.field(name="ActionsPerformed", default=None)
    errors: str | None = msgspec.field(name="Errors", default=None)


class Vector(msgspec.Struct):
    """One case; ``supported_by`` and ``notes`` are for readers."""

    name: str
    goal: list[Wish]
    expected_operations: list[Json]
    expected_registry: After
    expected_status_results: Status
    before: Before = msgspec.field(default_factory=Before)
    failing: Failing = msgspec.field(default_factory=Failing)
