"""A small ARM client for the tests: paths below one resource group, operations followed to their end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx

from specification.watch import Watched
from vmapps_emulator.app import Emulator

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
BELOW = f"{GROUP}/providers/Microsoft.Compute"
GALLERY = f"{BELOW}/galleries/g"
APPLICATION = f"{GALLERY}/applications/app"
MACHINE = f"{BELOW}/virtualMachines/vm"
API = "2024-07-01"
GALLERY_API = "2024-03-03"

Json = dict[str, Any]


class InProcess(httpx.BaseTransport):
    """Calls an ASGI application in this thread, on one loop of its own."""

    def __init__(self, application: Any) -> None:
        self.inner = httpx.ASGITransport(app=Watched(application))
        self.loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.loop.run_until_complete(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


class Arm:
    """One emulator in this process and calls to it."""

    def __init__(self, emulator: Emulator | None = None) -> None:
        self.emulator = emulator or Emulator()
        self.transport = InProcess(self.emulator)
        self.http = httpx.Client(transport=self.transport, base_url="http://127.0.0.1")

    def close(self) -> None:
        """End the loop and what it holds."""
        self.transport.loop.run_until_complete(self.emulator.world.blobs.close())
        self.transport.loop.close()
        self.http.close()

    def call(
        self, method: str, path: str, body: Any = None, *, api: str | None = None, **headers: str
    ) -> httpx.Response:
        api = api or (GALLERY_API if "/galleries" in path.lower() else API)
        joint = "&" if "?" in path else "?"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, f"{path}{joint}api-version={api}", json=body, headers=named)

    def get(self, path: str, **more: str) -> Json:
        answer = self.call("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Json:
        """Carry a call out and follow its operation; the operation's last body, or the answer's."""
        answer = self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return (
            self.follow(answer) if "azure-asyncoperation" in answer.headers else answer.json() if answer.content else {}
        )

    def follow(self, answer: httpx.Response) -> Json:
        while True:
            status = self.http.get(answer.headers["azure-asyncoperation"]).json()
            if status["status"] != "InProgress":
                return status

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, str]:
        """Status, code and message of a refusal."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["message"]

    def control(self, method: str, name: str, body: Any = None) -> Json:
        answer = self.http.request(method, f"/emulator/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def publish(self, version: str = "1.0.0", path: str = APPLICATION, **profile: Any) -> str:
        """A version with its parents; its id."""
        os_type = profile.pop("os_type", "Linux")
        self.done("PUT", path.rpartition("/applications/")[0], {"location": "eastus"})
        self.done("PUT", path, {"location": "eastus", "properties": {"supportedOSType": os_type}})
        self.done("PUT", f"{path}/versions/{version}", version_body(**profile))
        return f"{path}/versions/{version}"

    def assign(self, *entries: str | Json, machine: str = MACHINE) -> Json:
        """Set a machine's applications; the operation's end."""
        full = [{"packageReferenceId": entry} if isinstance(entry, str) else entry for entry in entries]
        return self.done("PATCH", machine, profile_body(full))


def version_body(**profile: Any) -> Json:
    """A version that the service takes, with changes to its publishing profile."""
    base = {
        "source": {"mediaLink": "https://account.blob.core.windows.net/c/package.zip?sig=one"},
        "manageActions": {"install": "install it", "remove": "remove it"},
    }
    return {"location": "eastus", "properties": {"publishingProfile": base | profile}}


def machine_body(os_type: str = "Linux", **more: Any) -> Json:
    """A machine that the service takes."""
    disk = {"osType": os_type, "name": "disk", "createOption": "Attach"}
    return {"location": "eastus", "properties": {"storageProfile": {"osDisk": disk}}, **more}


def profile_body(entries: list[Json]) -> Json:
    """A write of a machine's whole list."""
    return {"properties": {"applicationProfile": {"galleryApplications": entries}}}


def last_error(operation: Json) -> str:
    """The code with which an operation failed."""
    assert operation["status"] == "Failed"
    return operation["error"]["code"]


class Storage(BaseHTTPRequestHandler):
    """A stand-in for a blob endpoint: the path says how it answers, every call is kept."""

    calls: list[tuple[str, str]]

    def do_HEAD(self) -> None:
        self.calls.append((self.command, self.path))
        kind = urlsplit(self.path).path.strip("/")
        status = {"missing": 404, "denied": 403, "private": 409, "broken": 500}.get(kind, 200)
        self.send_response(status)
        self.send_header("Content-Length", {"empty": "0", "huge": str(3 << 30)}.get(kind, "512"))
        self.send_header("x-ms-blob-type", "AppendBlob" if kind == "append" else "BlockBlob")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def storage() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A blob endpoint on loopback: its address and its calls."""
    calls: list[tuple[str, str]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Storage,), {"calls": calls}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
