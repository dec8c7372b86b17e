"""One apply, timed from inside: plan the project, then carry the plan out against the emulator. Prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from vmapps.azure.cloud import AzureCloud
from vmapps.cli import wiring
from vmapps.cli.options import Common
from vmapps.core.plan import Options
from vmapps.engine.stop import Stop
from vmapps.manifest.load import load


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(folder: str, url: str, parallelism: int) -> None:
    declared = load(Path(folder), {}, today=datetime.now(UTC).date(), blob_endpoint=None)
    common = Common(endpoint=url, parallelism=parallelism)
    with wiring.cloud(declared, common) as azure:
        assert isinstance(azure, AzureCloud)
        planned = time.monotonic()
        found = wiring.prepared(declared, azure, Options(), common)
        made, known = found.plan, found.world.machines.values()
        began, used, before = time.monotonic(), cpu(), azure.requests()
        report = wiring.execute(made, azure, lambda _event: None, Stop(), common, known=known)
        took, used = time.monotonic() - began, cpu() - used
        asked = {method: count - before.get(method, 0) for method, count in azure.requests().items()}
    if not report.succeeded:
        print(report, file=sys.stderr)
        sys.exit(1)
    print(
        json.dumps(
            {
                "steps": len(made.steps),
                "planSeconds": round(began - planned, 3),
                "seconds": round(took, 3),
                "cpu": round(used, 3),
                "requests": asked,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
