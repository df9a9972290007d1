"""A relay on loopback before a real server, which can be told to spoil what passes through it."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

Spoil = Literal["reset", "cut", "bye", "silent", "drip", "garbage", "web", "no"]
SPOILS: dict[Spoil, str] = {
    "reset": "the connection is reset before any word",
    "cut": "the connection ends in the middle of an answer",
    "bye": "the server says goodbye in the middle of an answer",
    "silent": "nothing comes any more, and the connection stays",
    "drip": "a byte every 20 ms",
    "garbage": "random bytes in place of the answer",
    "web": "a web server answers at this port",
    "no": "the answer is NO [UNAVAILABLE]",
}
_WEB = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n\r\n<html>what?</html>\r\n"


@dataclass
class _Order:
    """What to spoil: in the `times` next connections, the `nth` answer in which `mark` stands."""

    what: Spoil
    mark: bytes
    nth: int
    times: int


class Proxy:
    """Relays what comes to `port` to the server at `upstream`; close it with ``with``."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.asked = bytearray()
        """All that clients sent."""
        self.hits = 0
        self._order: _Order | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None
        self.port = 0
        self.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Take connections, at the port it had before."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()

    def stop(self) -> None:
        """Break every connection, and take none: who comes now is refused by the system itself."""
        listening, self._listening = self._listening, None
        if listening is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def spoil(self, what: Spoil | None, mark: bytes = b"", *, nth: int = 1, times: int = 10_000) -> None:
        """Spoil the answers that `_Order` describes; ``spoil(None)`` ends it."""
        with self._lock:
            self._order = None if what is None else _Order(what, mark, nth, times)

    # -- its threads ---------------------------------------------------------------------------------------------

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with self._lock:
            order = self._order if self._order is not None and self._order.times > 0 else None
        with contextlib.suppress(OSError), client:
            if order is not None and order.what in ("reset", "web"):
                self._hit(order)
                if order.what == "web":
                    client.sendall(_WEB)
                else:
                    _reset(client)
                return
            with socket.create_connection(("127.0.0.1", self.upstream)) as server, self._held(client, server):
                threading.Thread(target=self._upward, args=(client, server), daemon=True).start()
                self._downward(client, server, order)

    @contextlib.contextmanager
    def _held(self, *sockets: socket.socket):  # type: ignore[no-untyped-def]
        with self._lock:
            self._open.update(sockets)
        try:
            yield
        finally:
            with self._lock:
                self._open.difference_update(sockets)

    def _upward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := client.recv(1 << 16):
                self.asked += part
                server.sendall(part)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _downward(self, client: socket.socket, server: socket.socket, order: _Order | None) -> None:
        left = order.nth if order is not None else 0
        while part := server.recv(1 << 16):
            if order is not None and left and order.mark in part:
                left -= 1
                if not left:
                    self._hit(order)
                    if _SPOILT[order.what](client, part):
                        return
                    while server.recv(1 << 16):
                        """Whatever else it says is not passed on; the end of the client is the end of this."""
                    return
            client.sendall(part)

    def _hit(self, order: _Order) -> None:
        with self._lock:
            order.times -= 1
            self.hits += 1


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _cut(client: socket.socket, part: bytes) -> bool:
    client.sendall(part[: len(part) // 2])
    return _over(client)


def _bye(client: socket.socket, _: bytes) -> bool:
    client.sendall(b"* BYE going down for maintenance\r\n")
    return _over(client)


def _over(client: socket.socket) -> bool:
    client.shutdown(socket.SHUT_RDWR)  # a mere close waits for the other thread, which reads from it
    return True


def _silent(client: socket.socket, part: bytes) -> None:
    client.sendall(part[: len(part) // 2])


def _drip(client: socket.socket, part: bytes) -> None:
    for at in range(len(part)):
        client.sendall(part[at : at + 1])
        time.sleep(0.02)


def _garbage(client: socket.socket, part: bytes) -> None:
    client.sendall(os.urandom(len(part)) + b"\r\n" + os.urandom(100) + b"\r\n")


def _no(client: socket.socket, part: bytes) -> None:
    tag = next(line for line in part.splitlines() if not line.startswith((b"*", b"+"))).split()[0]
    client.sendall(tag + b" NO [UNAVAILABLE] Temporary failure\r\n")


_SPOILT: dict[str, Callable[[socket.socket, bytes], bool | None]] = {
    "cut": _cut, "bye": _bye, "silent": _silent, "drip": _drip, "garbage": _garbage, "no": _no,
}  # fmt: skip
