"""One throttled apply in scaled time: the client's clock runs as fast as the emulator's. Prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from vmapps.azure.arm import Means as ArmMeans
from vmapps.azure.cloud import open_azure
from vmapps.azure.throttle import Throttle
from vmapps.cli import wiring
from vmapps.core.plan import Options
from vmapps.engine import execute as engine
from vmapps.engine.execute import Answer, Answers, Means
from vmapps.engine.prepare import prepare
from vmapps.engine.stop import Stop
from vmapps.manifest.load import load


def scaled(scale: float) -> tuple[Callable[[], float], Means, ArmMeans]:
    """A clock that runs so much faster than the wall's, and what waits by it."""

    def clock() -> float:
        return time.monotonic() * scale

    def listen(answers: Answers, seconds: float) -> Answer | None:
        return engine.listen(answers, seconds / scale)

    def pause(seconds: float) -> None:
        time.sleep(seconds / scale)

    return clock, Means(clock=clock, listen=listen), ArmMeans(Throttle(clock), pause)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(folder: str, url: str, parallelism: int, scale: float) -> None:
    declared = load(Path(folder), {}, today=datetime.now(UTC).date(), blob_endpoint=None)
    clock, means, arm = scaled(scale)
    rules, scopes = wiring.rules(), wiring.scopes(declared)
    home = declared.project.subscription
    with open_azure(url, home=home, links=declared.links, parallelism=parallelism, means=arm) as azure:
        made = prepare(declared, azure, Options(), rules=rules, scopes=scopes, parallelism=8)
        known = {one.id: one for one in made.world.machines.values()}
        real, began, used = time.monotonic(), clock(), cpu()
        report = engine.execute(
            made.plan,
            azure,
            rules=rules,
            observer=lambda _event: None,
            stop=Stop(),
            parallelism=parallelism,
            means=means,
            known=known,
        )
        took, used, real = clock() - began, cpu() - used, time.monotonic() - real
    if not report.succeeded:
        print(report, file=sys.stderr)
        sys.exit(1)
    print(json.dumps({"steps": len(made.plan.steps), "seconds": took, "realSeconds": real, "cpu": used}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
