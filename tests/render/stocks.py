"""A fleet's status for people and machines, as values."""

from __future__ import annotations

from collections.abc import Mapping

from vmapps.core.address import Address
from vmapps.core.diagnostic import Span, error
from vmapps.core.explain_live import Standing
from vmapps.core.status import Condition, Row, Status, View

WEB = [Address("VirtualMachine", ("rg-web", f"web-{number:02}")) for number in range(1, 15)]
SET = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))
TIER = (Address("VMAssignment", ("web-tier",)),)
SAS = "https://contosopkgs.blob.core.windows.net/p/nginx?sv=2025-11-05&sig=abc%3D"
LONG = f"Install FAILED Error executing command 'sh ./install.sh --from {SAS}': {'command terminated, ' * 30}exit 1"


SHOP = {"project": "shop", "owner": "shop.1"}


def row(machine: Address, condition: Condition, **more: object) -> Row:
    given = {"instance": "", "application": "platform/nginx", "declared": "1.26.2", "model": "1.26.2", **more}
    return Row(machine=machine, condition=condition, assignments=TIER, **given)  # type: ignore[arg-type]


ROWS = (
    *(row(one, Condition.INSTALLED, guest="1.26.2") for one in WEB[:9]),
    *(row(one, Condition.INSTALLED, guest="1.4.0", application="platform/base", declared="1.4.0") for one in WEB[:9]),
    row(WEB[9], Condition.FAILED, guest="1.26.2", message=LONG),
    row(WEB[10], Condition.FAILED, guest="1.25.0", message="RemoveForUpdate FAILED | <b>@octocat</b> `rm`\n#1"),
    row(WEB[9], Condition.SKIPPED, application="platform/base", message="skipped, lower order operation failed"),
    *(row(one, Condition.OFF, guest="1.25.0") for one in WEB[11:13]),
    *(row(one, Condition.OFF, guest="1.25.0", application="platform/base", declared="1.4.0") for one in WEB[11:13]),
    row(WEB[13], Condition.NOT_CONVERGED, model="1.25.0", guest="1.25.0", standing=Standing.CLAIMED),
    row(WEB[13], Condition.NOT_READ, application="platform/base", message="ReadFailed: you may not read it"),
    row(WEB[13], Condition.NOT_CONVERGED, application="platform/cli", declared="2.0.0", model=""),
    row(WEB[13], Condition.INSTALLED, application="platform/old", declared="", model="0.1.0", guest="0.1.0"),
    *(row(SET, Condition.INSTALLED, instance=str(number), guest="1.26.2") for number in range(12)),
    row(SET, Condition.PENDING, instance="12", guest="1.25.0"),
    row(SET, Condition.NOT_REPORTED, instance="13"),
    row(WEB[0], Condition.INSTALLED, application="sec/agent", declared="", model="3.0.0", standing=Standing.FOREIGN),
)
NO_MACHINE = error("no-such-machine", "VirtualMachine/rg-web/web-99 is not in the fleet", Span("a.yaml", 3, 7))
UNREAD = {WEB[13]: "ReadFailed: you may not read it"}
STATUSES: Mapping[str, Status] = {
    "everything": Status(
        ROWS,
        ROWS,
        0,
        27,
        1,
        {WEB[13]: "ReadFailed: you may not read it"},
        ("2222",),
        {},
        (NO_MACHINE,),
        View(foreign=True),
    ),
    "well": Status(ROWS[:18], ROWS[:18], 3, 9),
    "failed": Status(ROWS[18:21], ROWS, 2, 27, 1, view=View(conditions=(Condition.FAILED, Condition.SKIPPED))),
    "nothing": Status(),
    "narrow": Status(
        (row(Address("VirtualMachine", ("rg-" + "w" * 60, "x")), Condition.PENDING, application="g/" + "a" * 60),) * 2,
        (row(Address("VirtualMachine", ("rg-" + "w" * 60, "x")), Condition.PENDING, application="g/" + "a" * 60),) * 2,
    ),
}
