"""A server on loopback that says what it is told to say, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """Answers in their order; the last one is repeated. A reply of None closes the connection."""

    url: str = ""
    replies: list[Reply | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def says(self, *replies: Reply | None) -> None:
        self.replies = list(replies)

    def next(self) -> Reply | None:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            reply = script.next()
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value.replace("{url}", script.url))
            content = reply.content.replace(b"{url}", script.url.encode())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_PATCH = do_DELETE = do_POST = do_HEAD = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    return Handler


@contextmanager
def scripted_server(tls: ssl.SSLContext | None = None) -> Iterator[Script]:
    """The server, until the end of the block."""
    script = Script()
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
    http.daemon_threads = True
    http.block_on_close = False
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    script.url = f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield script
    http.shutdown()
    thread.join()
    http.server_close()
