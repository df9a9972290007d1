"""A local server that speaks an outside API on loopback, and can be told to misbehave.

A `Fake` subclass answers requests as the API's documents say (signatures checked, pages cut); the base serves it over
real HTTP and does the misbehaving: what an HTTP server can do wrong it does for every fake, and what an answer's
content can do wrong it does where the subclass's `Layout` says the records, a field of them and the cursor are.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal, Self, get_args
from urllib.parse import parse_qsl, urlsplit

TransportFault = Literal["429", "429-after", "500", "401", "drip", "half", "content-type", "html", "down", "clock"]
ContentFault = Literal["renamed", "missing", "retyped", "duplicated", "reordered", "loop", "changed"]
Fault = TransportFault | ContentFault
"""How to misbehave; `docs` of each stand in `FAULTS`."""

FAULTS: Mapping[str, str] = {
    "429": "too many requests, without Retry-After",
    "429-after": "too many requests, with Retry-After: 1",
    "500": "an internal error",
    "401": "the key is not accepted",
    "drip": "a byte every 50 ms",
    "half": "Content-Length says more than is sent, then the connection closes",
    "content-type": "the right answer as text/plain",
    "html": "a login page with status 200",
    "down": "the connection is reset before any answer",
    "clock": "the server's clock is CLOCK_OFF seconds ahead, in its Date header and where it checks signatures",
    "renamed": "a required field of every record has another name",
    "missing": "a required field of every record is missing",
    "retyped": "a required field of every record has another type",
    "duplicated": "every record of a page twice",
    "reordered": "every page backwards",
    "loop": "the next-page cursor points to the page it stands on",
    "changed": "the first record says something else than before",
}
assert set(FAULTS) == {*get_args(TransportFault), *get_args(ContentFault)}
CONTENT: frozenset[str] = frozenset(get_args(ContentFault))
CLOCK_OFF = 420
"""Seconds that a server with the fault ``clock`` is ahead."""
DRIP_SECONDS = 0.05
_LOGIN = b"<!doctype html><html><title>Sign in</title><body><form>Please sign in</form></body></html>"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    """Without the query."""
    query: list[tuple[str, str]]
    """In order; a name may come more than once."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def param(self, name: str, default: str = "") -> str:
        """Return the first value of the query's `name`."""
        return next((value for key, value in self.query if key == name), default)

    def params(self, name: str) -> list[str]:
        """Return all values of the query's `name`."""
        return [value for key, value in self.query if key == name]

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answers; Content-Length and Date are the base's to add."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @staticmethod
    def json(data: Any, status: int = 200) -> Response:
        """Return `data` as JSON. A Decimal becomes a number with just its digits, as the APIs write it."""
        return Response(status, {"content-type": "application/json"}, encode(data))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the content faults bite in the answer to one request."""

    records: tuple[str, ...] = ()
    """Keys from the answer's top to the list of records; () where the answer is that list."""
    field: tuple[str, ...] = ()
    """Keys from a record to a field that the source needs; lists on the way are entered, each of their items."""
    change: Callable[[dict[str, Any]], None] | None = None
    """Makes a record say something else about the same thing, as the venue does when it corrects itself."""
    cursor: tuple[str, ...] | None = None
    """Keys from the answer's top to the next page's cursor; None where it has no pages."""
    asked: str = "cursor"
    """Name of the query's parameter that takes the cursor."""


def encode(data: Any) -> bytes:
    """Return `data` as JSON, a Decimal as a number with just its digits."""
    marks: dict[str, str] = {}

    def mark(value: Any) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} in an answer")
        name = f"\u2460{len(marks)}\u2460"
        marks[name] = format(value, "f")
        return name

    text = json.dumps(data, default=mark, ensure_ascii=False)
    for name, digits in marks.items():
        text = text.replace(f'"{name}"', digits)
    return text.encode()


class Fake(ABC):
    """One fake server. `with KalshiFake() as fake:` serves at `fake.url` until the block ends.

    A subclass says what the API answers; everything that a person or the fault table needs to try its source is here:
    `config`, `secrets`, `layout`. A subclass without arguments must serve a small world of at least two pages.
    """

    name: ClassVar[str]
    """Kind of the source that it feeds, and of its module: ``kalshi``."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        """Every request so far, those hit by a fault too."""
        self.fault: Fault | None = None
        self.fault_times: int | None = None
        """How many answers the fault hits; None: all, until it is cleared."""
        self.fault_path: str | None = None
        """Only requests whose path holds this are hit; None: all."""
        self.hits = 0
        """Answers that a fault hit."""
        self.lock = threading.RLock()
        """Held while a request is answered; hold it to change the world from a test."""
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    # -- what a subclass says ------------------------------------------------------------------------------------

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """Answer as the API's documents say. Called under `lock`."""

    def layout(self, request: Request) -> Layout | None:
        """Return where content faults bite in the answer to `request`; None where they do not."""
        return None

    def config(self) -> str:
        """Return the config's ``[sources.NAME]`` table that reads from this server, as TOML."""
        return f'[sources.{self.name}]\nurl = "{self.url}"\n'

    def secrets(self) -> Mapping[str, str]:
        """Return the environment that `config` needs."""
        return {}

    # -- serving -------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> float:
        """Return the server's clock, seconds: what signatures and Date are measured by."""
        return time.time() + (CLOCK_OFF if self.fault == "clock" else 0)

    def start(self) -> None:
        """Serve, at the port it had before where it was stopped."""
        self._stopping.clear()
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop: whoever connects now is refused by the system itself."""
        self._stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def misbehave(self, fault: Fault | None, times: int | None = None, path: str | None = None) -> None:
        """Misbehave in the next `times` answers to paths that hold `path` (None: all); `misbehave(None)` ends it."""
        with self.lock:
            self.fault, self.fault_times, self.fault_path = fault, times, path

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- misbehaving ---------------------------------------------------------------------------------------------

    def _respond(self, request: Request) -> tuple[Response, str | None]:
        """Return the answer and the transport fault that it is to be sent with."""
        with self.lock:
            self.requests.append(request)
            fault = self._due(request)
            if fault is None or fault in ("clock", "drip", "half", "content-type"):
                return self.answer(request), fault
            if fault in CONTENT:
                return self._spoiled(self.answer(request), request, fault), None
            self._hit()
            return _REFUSALS.get(fault, Response(200)), fault

    def _due(self, request: Request) -> str | None:
        if self.fault is None or self.fault_times == 0:
            return None
        if self.fault_path is not None and self.fault_path not in request.path:
            return None
        if self.fault in ("drip", "half", "content-type"):
            self._hit()
        return self.fault

    def _hit(self) -> None:
        self.hits += 1
        if self.fault_times is not None:
            self.fault_times -= 1

    def _spoiled(self, response: Response, request: Request, fault: str) -> Response:
        layout = self.layout(request)
        if layout is None or response.status != 200:
            return response
        data = json.loads(response.body, parse_float=Decimal)
        if not spoil(data, layout, request, fault):
            return response
        self._hit()
        return Response(response.status, response.headers, encode(data))


def spoil(data: Any, layout: Layout, request: Request, fault: str) -> bool:
    """Do the content fault to `data` in place; return whether it had what the fault needs."""
    if fault == "loop":
        return _loop(data, layout, request.param(layout.asked))
    records = data
    for key in layout.records:
        records = records.get(key)
    if not isinstance(records, list) or not records:
        return False
    if fault == "duplicated":
        records += json.loads(encode(records), parse_float=Decimal)
    elif fault == "reordered":
        records.reverse()
    elif fault == "changed":
        if layout.change is None:
            return False
        layout.change(records[0])
    else:
        return _respell(records, layout.field, fault)
    return True


def _loop(data: Any, layout: Layout, asked: str) -> bool:
    if layout.cursor is None or not asked:
        return False
    for key in layout.cursor[:-1]:
        data = data[key]
    data[layout.cursor[-1]] = asked
    return True


def _respell(record: Any, path: Sequence[str], fault: str) -> bool:
    if isinstance(record, list):
        hit = [_respell(each, path, fault) for each in record]  # all of them, not up to the first
        return any(hit)
    if not path or not isinstance(record, dict) or path[0] not in record:
        return False
    if len(path) > 1:
        return _respell(record[path[0]], path[1:], fault)
    if fault == "retyped":
        record[path[0]] = {"value": record[path[0]]}
        return True
    value = record.pop(path[0])
    if fault == "renamed":
        record[f"{path[0]}_v2"] = value
    return True


_REFUSALS: Mapping[str, Response] = {
    "429": Response.json({"error": "too many requests"}, 429),
    "429-after": Response(
        429, {"content-type": "application/json", "retry-after": "1"}, b'{"error":"too many requests"}'
    ),
    "500": Response.json({"error": {"code": "internal_error", "message": "internal error"}}, 500),
    "401": Response.json({"error": {"code": "unauthorized", "message": "key not accepted"}}, 401),
    "html": Response(200, {"content-type": "text/html; charset=utf-8"}, _LOGIN),
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up in the middle are what these tests are about."""


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        disable_nagle_algorithm = True  # else every answer waits 40 ms for the client's acknowledgement of its head

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query, keep_blank_values=True)
            headers = {name.lower(): value for name, value in self.headers.items()}
            response, fault = fake._respond(Request(self.command, parts.path, query, headers, body))
            if fault == "down":
                self._reset()
            else:
                self._send(response, fault)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names that the library looks for

        def _reset(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def _send(self, response: Response, fault: str | None) -> None:
            headers = dict(response.headers)
            if fault == "content-type":
                headers["content-type"] = "text/plain"
            self.send_response(response.status)
            for name, value in headers.items():
                self.send_header(name, value)
            body = response.body
            self.send_header("content-length", str(len(body) * 2 + 100 if fault == "half" else len(body)))
            self.end_headers()
            if fault == "half":
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            elif fault == "drip":
                self._drip(body)
            else:
                self.wfile.write(body)

        def _drip(self, body: bytes) -> None:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                if fake._stopping.wait(DRIP_SECONDS):
                    self.close_connection = True
                    return

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(fake.now() if timestamp is None else timestamp)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing; `fake.requests` has it."""

    return Handler
