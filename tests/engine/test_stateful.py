"""Whatever is edited, broken, killed and changed by others, in any order: an apply in peace leaves nothing to do.

A state machine against the memory cloud; `make soak` kills and burns the real command.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crank import run
from flaky_cloud import FlakyCloud
from memory_cloud import Box, Killed, Node
from samples import (
    ELSEWHERE,
    HERE,
    HOME,
    RULES,
    application_body,
    assignment,
    declarations,
    desired,
    machine_address,
    machine_id,
    resource_id,
    version_body,
    wanted,
)
from strategies import on_wire
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Declarations, Rollout, Target, Wave
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.outcome import Applied
from vmapps.core.plan import Options, Plan
from vmapps.core.resource import Desired
from vmapps.engine.ports import Scope
from vmapps.engine.prepare import prepare
from vmapps.errors import CloudFailure, Conflicted, Denied, Missing, Throttled, Unreachable

APPLICATIONS = ("platform", "nginx"), ("platform", "agent"), ("tools", "curl")
VERSIONS = "1.0.0", "1.1.0", "2.0.0"
MACHINES = "web-01", "web-02", "db-01"
SET = ArmId(HOME, "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
SCOPES = Scope("Gallery", "galleries"), Scope("VirtualMachine", "machines")
OPTIONS = Options(prune=True, allow_reinstall=True, metadata_now=True)
WAVES = Rollout((Wave(most=1), Wave(percent=100)))
FAILED = Unreachable("it failed", scope="x", code="InternalExecutionError")
MOST_APPLIES = 2
"""A version that lagging instances may still run goes with the apply after the one that brought them forward."""


@dataclass(frozen=True, order=True)
class Wish:
    """What a commit says of an application: its versions, and which of them is to be on which machines."""

    version: str
    declared: frozenset[str]
    hidden: frozenset[str]
    order: int | None
    on: frozenset[str]
    is_staged: bool


applications = st.sampled_from(APPLICATIONS)
named = st.sampled_from([("platform",), *APPLICATIONS])
versions = st.sampled_from(VERSIONS)
booleans = st.booleans()
some_versions = st.frozensets(versions)
places = st.frozensets(st.sampled_from([*MACHINES, "web-ss"]))
orders = st.sampled_from([None, None, 1, 2])
wishes = st.one_of(st.none(), st.builds(Wish, versions, some_versions, some_versions, orders, places, booleans))
machines = st.sampled_from(MACHINES)
soon = st.integers(1, 30)
refusals = st.sampled_from(
    [
        Unreachable("no answer", scope="x"),
        Unreachable("trouble", scope="x", code="InternalServerError", status=500),
        Throttled("too many", scope="x", code="TooManyRequests", status=429),
        Denied("the token has expired", scope="x", code="ExpiredAuthenticationToken", status=401),
        Conflicted("another one is in progress", scope="x", code="AnotherOperationInProgress", status=409),
        Missing("it is gone", scope="x", code="OperationNotFound", status=404),
    ]
)


class UnderFire(RuleBasedStateMachine):
    """A project, its Azure, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud = FlakyCloud()
        self.foreign: dict[str, list[bytes]] = {}
        self.words: dict[tuple[str, ...], str] = {}
        self.wanted: dict[tuple[str, str], Wish | None] = {}
        self.cloud.seed(resource_id("theirs"), {"location": "westeurope", "tags": {"vmapps-owner": "others.1"}})
        self.cloud.seed(
            resource_id("theirs", "x"), {"location": "westeurope", "properties": {"supportedOSType": "Linux"}}
        )
        for number, name in enumerate(MACHINES):
            self.cloud.add(Box(machine_id(name)))
            self.adds_a_foreign_entry(name, number)
        self.cloud.add(Box(SET, upgrade_mode="Manual", orchestration="Uniform", nodes=[Node("0"), Node("1")]))
        self.foreign[SET.key] = []

    # What a commit does.

    @rule(changed=st.dictionaries(applications, wishes, min_size=1), names=named, text=st.sampled_from(["one", "two"]))
    def commits(self, changed: dict[tuple[str, str], Wish | None], names: tuple[str, ...], text: str) -> None:
        self.wanted.update(changed)
        self.words[names] = text

    @rule(application=applications, version=versions)
    def moves_to_another_version(self, application: tuple[str, str], version: str) -> None:
        if wish := self.wanted.get(application):
            self.wanted[application] = replace(wish, version=version, declared=wish.declared - {wish.version})

    # What others do.

    @rule(machine=machines, number=st.integers(10, 12))
    def adds_a_foreign_entry(self, machine: str, number: int) -> None:
        box = self.cloud.boxes[machine_id(machine).key]
        version = ArmId(ELSEWHERE, "rg", ("galleries", "applications", "versions"), ("agents", f"a{number}", "1.0.0"))
        self.cloud.seed(version, {"location": "westeurope", **on_wire(version_body())})
        entry = f'{{ "packageReferenceId":"{version}", "tags":"no json", "x":[1.0] }}'.encode()
        if entry not in box.entries:
            box.take([*box.entries, entry])
            self.foreign.setdefault(box.id.key, []).append(entry)

    @rule(machine=machines)
    def takes_everything_of_ours_off(self, machine: str) -> None:
        box = self.cloud.boxes[machine_id(machine).key]
        box.take([*self.foreign[box.id.key]])

    @rule(gallery=st.sampled_from(["platform", "tools"]))
    def edits_a_gallery(self, gallery: str) -> None:
        if thing := self.cloud.things.get(resource_id(gallery).key):
            thing.body.setdefault("properties", {})["description"] = "by hand"

    @rule(application=applications, version=versions)
    def deletes_a_version_that_nobody_has(self, application: tuple[str, str], version: str) -> None:
        key = resource_id(*application, version).key
        thing = self.cloud.things.get(key)
        if thing is not None and thing.state == "Succeeded" and not self._is_in_use(key):
            del self.cloud.things[key]

    # What we do, and what goes wrong meanwhile.

    @rule()
    def applies_in_peace(self) -> None:
        self._peace()
        run(self._plan(), self.cloud)

    @rule(
        wrong=st.lists(st.tuples(soon, refusals, booleans), max_size=4),
        failing=st.lists(st.integers(1, 6), max_size=2),
        killed=st.one_of(st.just(0), soon),
        parallelism=st.integers(1, 4),
    )
    def applies_under_fire(
        self, wrong: list[tuple[int, CloudFailure, bool]], failing: list[int], killed: int, parallelism: int
    ) -> None:
        for at, failure, is_cut in wrong:
            (self.cloud.cut if is_cut else self.cloud.refused)[self.cloud.asked + at] = failure
        self.cloud.breaks.update((len(self.cloud.writes) + one, FAILED) for one in failing)
        self.cloud.killed = self.cloud.asked + killed if killed else 0
        with suppress(Killed, CloudFailure):
            run(self._plan(), self.cloud, parallelism=parallelism)
        self.cloud.peace()

    @rule(machine=machines, application=applications, version=versions)
    def a_guest_is_in_trouble(self, machine: str, application: tuple[str, str], version: str) -> None:
        failed = InGuest(application[1], version, State.FAILED, "Install FAILED")
        self.cloud.boxes[machine_id(machine).key].report = GuestReport((failed,))

    @rule(polls=st.integers(0, 2))
    def azure_is_slower_or_faster(self, polls: int) -> None:
        self.cloud.polls = polls

    @invariant()
    def no_reference_dangles(self) -> None:
        assert self.cloud.dangling() == set()

    @invariant()
    def what_is_foreign_is_as_it_was(self) -> None:
        for key, entries in self.foreign.items():
            assert [one for one in self.cloud.boxes[key].entries if one in entries] == entries
        assert self.cloud.things[resource_id("theirs").key].see().owner == "others.1"
        assert resource_id("theirs", "x").key in self.cloud.things

    def _peace(self) -> None:
        self.cloud.peace()
        for box in self.cloud.boxes.values():
            box.report = None

    def teardown(self) -> None:
        """Peace: an apply, and there is nothing to do."""
        self._peace()
        for _ in range(MOST_APPLIES):
            report = run(self._plan(), self.cloud)
            assert [(step.id, one) for step, one in report.results if not isinstance(one, Applied)] == []
        assert [step.id for step in self._plan().steps] == []
        self.no_reference_dangles()
        self.what_is_foreign_is_as_it_was()
        self._is_what_is_declared()

    def _is_what_is_declared(self) -> None:
        for application, wish in self._wishes():
            for name in wish.on:
                entries = [json.loads(raw) for raw in self.cloud.boxes[_id(name).key].entries]
                reference = resource_id(*application, wish.version).key
                assert reference in [one["packageReferenceId"].lower() for one in entries]
            for version in {*wish.declared, wish.version}:
                assert self.cloud.things[resource_id(*application, version).key].state == "Succeeded"

    def _plan(self) -> Plan:
        found = prepare(self._declarations(), self.cloud, OPTIONS, rules=RULES, scopes=SCOPES, parallelism=1)
        assert not found.plan.errored, found.plan.diagnostics
        return found.plan

    def _wishes(self) -> list[tuple[tuple[str, str], Wish]]:
        return sorted((application, wish) for application, wish in self.wanted.items() if wish is not None)

    def _declarations(self) -> Declarations:
        galleries = {gallery for (gallery, _), _ in self._wishes()}
        resources: list[Desired] = [desired(one, body=self._body((one,), {})) for one in sorted(galleries)]
        for application, wish in self._wishes():
            resources.append(desired(*application, body=self._body(application, application_body())))
            for number in sorted({*wish.declared, wish.version}):
                content = "-".join((*application, number))
                body = version_body(content, excludeFromLatest=number in wish.hidden)
                resources.append(desired(*application, number, body=body, content=content))
        claims = [_claim(*application, wish) for application, wish in self._wishes() if wish.on]
        return declarations(*resources, assignments=tuple(claims))

    def _body(self, names: tuple[str, ...], body: dict) -> dict:
        words = {"description": self.words[names]} if names in self.words else {}
        return {"properties": {**body.get("properties", {}), **words}}

    def _is_in_use(self, key: str) -> bool:
        return any(key in raw.decode().lower() for box in self.cloud.boxes.values() for raw in box.entries)


def _claim(gallery: str, application: str, wish: Wish) -> Assignment:
    return assignment(
        wanted(wish.version, application, gallery, order=wish.order),
        name=f"{gallery}-{application}",
        targets=tuple(Target(HERE, machine=_address(name)) for name in sorted(wish.on)),
        upgrade_instances=True,
        rollout=WAVES if wish.is_staged else None,
    )


def _id(name: str) -> ArmId:
    return SET if name == SET.name else machine_id(name)


def _address(name: str) -> Address:
    return Address("VirtualMachineScaleSet", ("rg-web", name)) if name == SET.name else machine_address(name)


TestUnderFire = UnderFire.TestCase
TestUnderFire.settings = settings(
    max_examples=int(os.environ.get("VMAPPS_STATEFUL_EXAMPLES", "60")), stateful_step_count=15
)
