"""Drift for people, machines and pull requests, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from render import cases
from render.stocks import LONG, SET, WEB
from vmapps.core.diagnostic import Span, warning
from vmapps.core.drift import Drift, DriftClass, DriftItem, Ignored
from vmapps.core.plan import Note

UPDATE, REORDER = cases.UPDATE_VERSION, cases.REORDER
MISSING = "platform/nginx: it is assigned and not on the machine"
GONE = "platform/nginx 1.0.0 does not exist: Azure refuses every write of the machine until it is published again"
ITEMS = (
    DriftItem(DriftClass.MISSING, cases.CREATE_GALLERY.address, "declared, and not in Azure"),
    DriftItem(DriftClass.CHANGED, UPDATE.address, "excludeFromLatest differs", UPDATE.action.changes[1:3]),
    DriftItem(
        DriftClass.CHANGED, cases.REORDER.address, "order 2 -> 1", cases.REORDER.action.changes[:1], "platform/x"
    ),
    *(DriftItem(DriftClass.MISSING, one, MISSING, (), "platform/nginx") for one in WEB[:11]),
    DriftItem(DriftClass.DANGLING, WEB[11], GONE),
    DriftItem(DriftClass.FAILED, WEB[12], f"platform/nginx 1.26.2 failed in the guest: {LONG}", (), "platform/nginx"),
    *(
        DriftItem(DriftClass.FAILED, SET, "platform/base 1.4.0 skipped in the guest", (), "platform/base", str(number))
        for number in range(3)
    ),
    DriftItem(DriftClass.ORPHANED, WEB[13], "platform/old 0.1.0 is no longer assigned", is_drift=False),
)
NOTES = (
    Note("foreign", WEB[0], "sec/agent 3.0.0 is not ours: left as it is"),
    Note("pending", WEB[1], "platform/nginx 1.26.2 is off"),
    Note("unchanged", cases.CREATE_GALLERY.address, "is as declared"),
    Note("wave-not-reached", WEB[2], "platform/nginx: version 1.25.0 -> 1.26.2 (wave 2 of VMAssignment/web-tier)"),
)
ENDED = warning("drift-ignore-expired", "this rule of spec.drift.ignore ended on 2026-01-31", Span("vmapps.yaml", 9, 9))
DRIFTS: Mapping[str, Drift] = {
    "everything": Drift(
        ITEMS,
        NOTES,
        (ENDED,),
        (Ignored(ITEMS[2], "vmapps.yaml:7:9: | until <b>@ops</b> have moved"), Ignored(ITEMS[3], "--ignore missing")),
        14,
        1,
    ),
    "none": Drift(),
    "apart": Drift(ITEMS[-1:], NOTES, guests=2),
    "partly": Drift(
        unread={WEB[0]: "Denied: no"}, unseen=("2222",), closed={"/subscriptions/1/galleries": "Denied: not these"}
    ),
    "partly-drifted": replace(Drift(ITEMS[:1]), unseen=("2222",)),
}
