"""The HTTP server: loopback only, its URL on stdout, a clean end on SIGINT and SIGTERM."""

import asyncio
import signal
import socket
import ssl
import sys
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vmapps_emulator.app import Emulator
from vmapps_emulator.options import HOST


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which lends its transport to the application so that a fault can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["emulator.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class _Server(uvicorn.Server):
    """uvicorn's server, which raises the signal again when it has ended; this one ends with 0."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._end)
        yield

    def _end(self) -> None:
        self.should_exit = self.force_exit = True


def serve(emulator: Emulator, port: int, context: ssl.SSLContext | None = None) -> None:
    """Bind loopback, print the URL as the only line of stdout, and serve until a signal comes."""
    with _listen(port) as listener:
        config = _configuration(emulator)
        config.ssl = context
        scheme = "http" if context is None else "https"
        print(f"{scheme}://{HOST}:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - the contract
        asyncio.run(_serve(_Server(config), emulator, listener))


def _configuration(emulator: Emulator) -> uvicorn.Config:
    """The application writes its own ``Date``; loaded here, so that a context of our own can be set."""
    config = uvicorn.Config(
        emulator,
        http=_Protocol,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
    )
    config.load()
    return config


def _listen(port: int) -> socket.socket:
    """A listening socket that says it is TCP: asyncio sets TCP_NODELAY only then, and an answer waits 40 ms else."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(512)
    except (OSError, OverflowError) as error:
        listener.close()
        raise OSError(f"port {port}: {error}") from None
    return listener


async def _serve(server: _Server, emulator: Emulator, listener: socket.socket) -> None:
    await server.serve(sockets=[listener])
    await emulator.world.blobs.close()
    emulator.end()
    sys.stdout.flush()
