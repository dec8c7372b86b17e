"""The emulator in this process, counting requests by a clock that is turned by hand: no sockets, no waiting."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from threading import Lock
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from azure.core.utils import CaseInsensitiveDict

from crank import Crank
from vmapps.azure.arm import Arm, Means
from vmapps.azure.cloud import AzureCloud
from vmapps.azure.families import API_VERSIONS
from vmapps.azure.listening import Tally
from vmapps.azure.pace import Pace
from vmapps.azure.throttle import Throttle
from vmapps_emulator.app import Emulator

ENDPOINT = "http://127.0.0.1:1"


@dataclass
class InProcess:
    """Speaks to the emulator without HTTP, as the SDK's client would; `asked` keeps every request and its status."""

    emulator: Emulator
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def send_request(self, request: Any, **_: Any) -> Any:
        with self.lock:
            return self.loop.run_until_complete(self._call(request))

    async def _call(self, request: Any) -> Any:
        parts = urlsplit(request.url)
        headers = [(name.lower().encode(), text.encode()) for name, text in request.headers.items()]
        headers.append((b"host", parts.netloc.encode()))
        scope = {
            "type": "http",
            "method": request.method,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": headers,
            "scheme": "http",
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"body": request.content or b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.emulator(scope, receive, send)
        status = sent[0]["status"]
        self.asked.append((request.method, parts.path, status))
        told = CaseInsensitiveDict({name.decode(): text.decode() for name, text in sent[0]["headers"]})
        return SimpleNamespace(status_code=status, headers=told, content=sent[1]["body"])

    def close(self) -> None:
        self.loop.close()


def azure(emulator: Emulator, crank: Crank, home: str) -> tuple[AzureCloud, InProcess]:
    """The product's cloud over an emulator in this process, both by the crank's clock."""
    emulator.world.clock.read = lambda: crank.now

    def pause(seconds: float) -> None:
        crank.now += seconds

    client, throttle = InProcess(emulator), Throttle(lambda: crank.now, lambda: 0.0)
    client_as_sdk: Any = client
    arm = Arm(ENDPOINT, client_as_sdk, Tally(), API_VERSIONS, means=Means(throttle, pause))
    return AzureCloud(arm, home, settling=4.0, pace=Pace(throttle.now)), client
