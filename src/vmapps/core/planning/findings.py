"""What deciding yields: drafts of steps, notes, diagnostics. A draft becomes a step once its order is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.action import Action
from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.plan import Expectation, Note


@dataclass(frozen=True, slots=True)
class Draft:
    """A step without its place in the plan.

    `uses` are the addresses that must be there (created or changed) before it, `frees` those that this step stops
    needing: their deletion waits for it. `lane` names what only one step at a time may write.
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


Finding: TypeAlias = Draft | Note | Diagnostic
