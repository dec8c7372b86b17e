"""Ask the guests, after a write and between the waves of a rollout. Each turn is a bounded number of requests."""

from __future__ import annotations

from vmapps.core.action import Check, UpgradeInstances, Verify
from vmapps.core.address import Address
from vmapps.core.guest import GuestReport
from vmapps.core.outcome import Applied, Failed, Outcome
from vmapps.core.plan import Step
from vmapps.core.verification import (
    Expected,
    Judgement,
    Pending,
    Proven,
    Unfinished,
    Unsuccessful,
    expected_of,
    judge,
)
from vmapps.engine.ports import Cloud
from vmapps.errors import CloudFailure

MOST_LOOKS = 150
"""How often a guest is asked after a write: with 4 seconds in between, ten minutes."""

MOST_UNREPORTED = 10
"""The same for a guest that has reported nothing at all."""

AT_ONCE = 16
"""Guests that one turn of a look between waves asks."""

SILENT = "the guest has not reported the result yet"


def looked_at(step: Step, tries: int, cloud: Cloud) -> Outcome | None:
    """How a written machine's guests ended it; None when they have to be asked again."""
    expected = expected_of(step.action)
    reports = _reports(step, cloud)
    judged = [judge(expected, report) for report in reports]
    bad = [one.why for one in judged if isinstance(one, Unsuccessful)]
    if bad:
        return Failed(_in_guest(step, "; ".join(dict.fromkeys(bad))), begun=True)
    if any(isinstance(one, Unfinished) for one in judged):
        most = MOST_LOOKS if any(reports) else MOST_UNREPORTED
        return None if tries + 1 < most else Applied(pending=SILENT)
    pending = [one.why for one in judged if isinstance(one, Pending)]
    return Applied(pending=pending[0] if pending else "")


def _reports(step: Step, cloud: Cloud) -> list[GuestReport | None]:
    if step.resource is None:
        return []
    if isinstance(step.action, UpgradeInstances):
        found = cloud.instances(step.resource)
        return [one.report for one in (found.instances if found else ()) if one.name in step.action.instances]
    return [cloud.report(step.resource)]


def _in_guest(step: Step, why: str) -> CloudFailure:
    hint = "the script's output is on the machine, in the application's folder; a new version is tried, the same is not"
    return CloudFailure(why, scope=str(step.resource), code="FailedInGuest", hint=hint)


def without_success(checks: tuple[Check, ...], cloud: Cloud) -> tuple[Address, ...]:
    """Those of some machines whose guests do not report success; machines that are off do not count."""
    return tuple(check.address for check in checks if not isinstance(_checked(check, cloud), Proven | Pending))


def _checked(check: Check, cloud: Cloud) -> Judgement:
    expected: Expected = tuple(check.applications)
    found = cloud.instances(check.machine) if check.is_scale_set else None
    if found is None:
        return judge(expected, cloud.report(check.machine))
    judged = [judge(expected, one.report) for one in found.instances if not one.is_protected]
    return next((one for one in judged if not isinstance(one, Proven | Pending)), Proven())


def concluded(step: Step, action: Verify, failed: tuple[Address, ...]) -> Outcome:
    """Whether the next wave may begin."""
    new = [one for one in failed if one not in action.accepted]
    if len(new) <= action.max_failures:
        return Applied(changed=False)
    names = ", ".join(map(str, new[:3])) + (f" and {len(new) - 3} more" if len(new) > 3 else "")
    message = f"wave {step.wave}: {len(new)} of {len(action.checks)} machines without success ({names})"
    hint = f"mend them or declare another version; --resume {step.address} goes on all the same"
    return Failed(CloudFailure(message, scope=str(step.address), code="Halted", hint=hint))
