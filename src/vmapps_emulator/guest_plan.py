"""What the guest's application manager decides to do: registry and goal in, steps out (guest-agent.md 3.1, 3.2)."""

from dataclasses import dataclass, replace

NO_ACTION, FAILED, SKIPPED = "NoAction", "Failed", "Skipped"
INSTALL, UPDATE, REMOVE, REMOVE_FOR_UPDATE, CLEANUP = (
    "Install",
    "Update",
    "Remove",
    "RemoveForUpdate",
    "Cleanup",
)

# The numbers that the registry file and one error text use.
NUMBERS = {
    NO_ACTION: 0,
    INSTALL: 1,
    UPDATE: 2,
    REMOVE: 3,
    REMOVE_FOR_UPDATE: 4,
    FAILED: 5,
    SKIPPED: 6,
    CLEANUP: 7,
}


@dataclass(slots=True)
class Entry:
    """One application in the registry, keyed there by its exact name."""

    application: str
    version: str
    install: str = ""
    update: str = ""
    remove: str = ""
    operation: str = NO_ACTION
    result: str = ""
    folder: str = ""
    reruns: bool = False
    reboots: int = 0
    package_file: str = ""
    config_file: str = ""
    has_config: bool = False

    @property
    def files(self) -> list[tuple[str, str]]:
        """Kind and name of each file to download; the names' defaults are those of guest-agent.md 3.5."""
        package = [("package", self.package_file or self.application)]
        config = [("config", self.config_file or f"{self.application}_config")]
        return package + config if self.has_config else package

    @property
    def commands(self) -> dict[str, str]:
        """The command of each operation that runs one."""
        return {
            INSTALL: self.install,
            UPDATE: self.update,
            REMOVE: self.remove,
            REMOVE_FOR_UPDATE: self.remove,
        }


@dataclass(frozen=True, slots=True)
class Action:
    """A custom action of an application (guest-agent.md 1.1, 3.9)."""

    name: str
    script: str = ""
    tick: int = 0
    timestamp: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its script sees beside the manager's own."""
        return {f"CustomAction_{name}": value for name, value in self.parameters}


@dataclass(frozen=True, slots=True)
class Goal:
    """One application that the machine shall have: what a fresh registry entry is made of, order and flag."""

    entry: Entry
    order: int | None = None
    is_flagged: bool = False
    actions: tuple[Action, ...] = ()

    @property
    def application(self) -> str:
        """The application's name."""
        return self.entry.application


@dataclass(slots=True)
class Step:
    """One operation on one application."""

    operation: str
    entry: Entry
    is_flagged: bool = False
    script: str | None = None

    @property
    def command(self) -> str:
        """The command line: a custom action's own script, or the entry's for the operation."""
        return self.entry.commands[self.operation] if self.script is None else self.script


@dataclass(slots=True)
class Plan:
    """Removals first, then the orders ascending, then the rest; each application's steps are a list of their own."""

    removals: list[Step]
    ordered: list[list[list[Step]]]
    unordered: list[list[Step]]


def make_plan(registry: dict[str, Entry], goals: list[Goal]) -> Plan:
    """Compare registry and goal."""
    wanted = _wanted_names(goals)
    removals = [
        Step(CLEANUP if entry.operation == SKIPPED else REMOVE, entry)
        for name, entry in sorted(registry.items())
        if name not in wanted
    ]
    planned = [(goal.order, _steps(registry.get(goal.application), goal)) for goal in goals]
    orders = sorted({order for order, steps in planned if order is not None and steps})
    return Plan(
        removals,
        [[steps for order, steps in planned if order == value and steps] for value in orders],
        [steps for order, steps in planned if order is None and steps],
    )


def same_version(one: str, other: str) -> bool:
    """Equality part by part as numbers, missing parts being 0; plain text once a part is no number."""
    left, right = one.split("."), other.split(".")
    length = max(len(left), len(right))
    for a, b in zip(left + ["0"] * (length - len(left)), right + ["0"] * (length - len(right)), strict=True):
        if not (a.isdigit() and b.isdigit()):
            return one == other
        if int(a) != int(b):
            return False
    return True


def _wanted_names(goals: list[Goal]) -> set[str]:
    """The names in the goal up to the first that comes twice: the manager's own slip (guest-agent.md 1.3)."""
    names: set[str] = set()
    for goal in goals:
        if goal.application in names:
            break
        names.add(goal.application)
    return names


def _steps(held: Entry | None, goal: Goal) -> list[Step]:
    fresh = replace(goal.entry)
    if held is None:
        return [Step(INSTALL, fresh, goal.is_flagged)]
    if same_version(held.version, fresh.version):
        return [Step(held.operation, held, goal.is_flagged)] if held.reboots else []
    if fresh.update:
        return [Step(UPDATE, fresh, goal.is_flagged)]
    return [Step(REMOVE_FOR_UPDATE, held), Step(INSTALL, fresh, goal.is_flagged)]
