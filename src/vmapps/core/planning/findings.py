"""What deciding yields: drafts of steps, notes, diagnostics, and questions that have to be answered by reading more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from vmapps.core.action import Action
from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.plan import Expectation, Note
from vmapps.core.rollout import Gate


@dataclass(frozen=True, slots=True)
class Draft:
    """A step without its place in the plan.

    `uses` are the addresses that must be there (created or changed) before it, `frees` those that this step stops
    needing: their deletion waits for it, and so does an update that `shrinks` them. `keeps` are those that it leaves
    for a later write of this plan to move away from: it waits for what mends them. Drafts of one address are
    carried out by their `turn`. `gate` is the wave of a rollout that a write belongs to, or that a look closes.
    With `undoes` it is carried out only when a look after that wave, or a later one, halts that rollout.
    `ahead`: the rollout has not come so far yet, which is no drift.
    """

    address: Address
    resource: ArmId | None
    action: Action
    because: str
    guest: tuple[str, ...] = ()
    source: tuple[Span, ...] = ()
    expects: Expectation = Expectation()
    uses: tuple[Address, ...] = ()
    frees: tuple[Address, ...] = ()
    keeps: tuple[Address, ...] = ()
    turn: int = 0
    shrinks: bool = False
    gate: Gate | None = None
    ahead: bool = False
    undoes: Gate | None = None


class Topic(StrEnum):
    """What can be asked about."""

    REFERENCE = "reference"
    """whether a version (or for `latest` its application) is there, and may be read"""
    REPORT = "report"
    """what a machine's guest says"""
    INSTANCES = "instances"
    """the instances of a scale set"""
    STORE = "store"
    """what is in the package store"""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that no list tells: it is read before the same is weighed again."""

    topic: Topic
    address: Address
    id: ArmId | None = None


Finding: TypeAlias = Draft | Note | Diagnostic | Question


def drafts_of(findings: Iterable[Finding]) -> tuple[Draft, ...]:
    """The drafts among the findings."""
    return tuple(found for found in findings if isinstance(found, Draft))


def questions_of(findings: Iterable[Finding]) -> tuple[Question, ...]:
    """The questions among the findings, each once, in order."""
    found = dict.fromkeys(one for one in findings if isinstance(one, Question))
    return tuple(sorted(found, key=lambda one: (one.topic, one.address, str(one.id))))
