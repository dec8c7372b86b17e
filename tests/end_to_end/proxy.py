"""A listener in front of a real server: remembers what was said, and can hold, change or invent an answer."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 60


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD")


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Gate:
    """Stops the first request that it is meant for, until it is opened; `after`: when the server has done it."""

    meant: Callable[[Asked], bool]
    after: bool = False
    reached: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    def stop(self, asked: Asked, *, after: bool) -> None:
        if after == self.after and not self.reached.is_set() and self.meant(asked):
            self.reached.set()
            self.opened.wait(PATIENCE)

    def wait(self) -> None:
        assert self.reached.wait(PATIENCE), "the request that the gate waits for never came"


@dataclass
class Proxy:
    """`change` gets every answer of the server and may give another; `instead` may answer in the server's place."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    change: Callable[[Asked, Answer], Answer] = lambda _asked, answer: answer
    instead: Callable[[Asked], Answer | None] = lambda _asked: None
    lock: Lock = field(default_factory=Lock)

    def gate(self, meant: Callable[[Asked], bool], *, after: bool = False) -> Gate:
        self.gates.append(Gate(meant, after))
        return self.gates[-1]

    def open(self) -> None:
        for gate in self.gates:
            gate.opened.set()
        self.gates.clear()

    @property
    def writes(self) -> list[Asked]:
        return [one for one in self.asked if one.is_write]

    def answer(self, asked: Asked, upstream: str) -> Answer:
        with self.lock:
            self.asked.append(asked)
        for gate in list(self.gates):
            gate.stop(asked, after=False)
        answer = self.instead(asked) or self.change(asked, forwarded(asked, upstream))
        for gate in list(self.gates):
            gate.stop(asked, after=True)
        return answer


def forwarded(asked: Asked, upstream: str) -> Answer:
    if not upstream:
        return Answer(404)
    connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=PATIENCE)
    try:
        connection.request(asked.method, asked.path, asked.body or None, asked.headers)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def handler(proxy: Proxy, upstream: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet: the second would wait 40 ms for the first one's receipt

        def speak(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = proxy.answer(Asked(self.command, self.path, dict(self.headers), body), upstream)
            self.send_response_only(answer.status)
            length = {"content-length": str(len(answer.body))} if self.command != "HEAD" else {}
            headers = {name.lower(): value for name, value in answer.headers.items()} | length
            for name, value in headers.items():
                if name not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_PUT = do_PATCH = do_DELETE = do_POST = do_HEAD = speak  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """A client that was killed hangs up."""


@contextmanager
def proxy_to(upstream: str = "") -> Iterator[Proxy]:
    """Listen in front of a server, which is on loopback; without one everything is answered 404."""
    parts = urlsplit(upstream)
    proxy = Proxy("")
    server = Server(("127.0.0.1", 0), handler(proxy, upstream))
    proxy.url = f"http://127.0.0.1:{server.server_port}{parts.path}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.open()
        server.shutdown()
        thread.join()
        server.server_close()
