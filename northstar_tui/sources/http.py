"""The way out: one shared client, with time limits, retries, rate limits and typed answers.

What may pass by itself (no connection, 429, 5xx, a cut answer) is tried again with growing, jittered waits,
`Retry-After` obeyed; what does not (401, 403, other 4xx, an answer of another shape) is an error at once. Certificates
are always verified: there is no way to say otherwise, and plain ``http`` goes to this machine only.
"""

from __future__ import annotations

import asyncio
import email.utils
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from northstar_tui import debug
from northstar_tui.errors import NO_CONNECTION, ConfigError, shown
from northstar_tui.sources.source import Nonsense, Refused, SourceError, Unreachable

stamina.instrumentation.set_on_retry_hooks([])
"""By default it logs every retry with the call's arguments: on stderr, where cron mails it."""

ATTEMPTS = 5
WAIT_FIRST = 0.5
"""Seconds before the second attempt; each later wait doubles, with jitter."""
WAIT_MOST = 30.0
"""Longest wait between two attempts, seconds; a `Retry-After` beyond it ends the run, and the breaker waits it out."""
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
"""Seconds without a byte before an attempt is given up."""
ANSWER_SECONDS = 60.0
"""Longest a whole answer may take: a server that drips does not hold a run for ever."""
ANSWER_BYTES = 64 << 20
"""Largest answer taken."""
SKEW = 60.0
"""Seconds by which this machine's clock may differ from a server's before it is worth a word."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PASSING = (408, 425, 429)
"""Refusals that pass by themselves, beside everything from 500 up."""
T = TypeVar("T")
Params = Sequence[tuple[str, str]]
"""A query, in order; a name may come more than once."""
Headers = Callable[[], Mapping[str, str]]
"""Makes an attempt's headers: a signature holds the time and is made anew for each."""


@dataclass(slots=True)
class Meter:
    """What a run took from the network."""

    pages: int = 0
    bytes: int = 0
    skew: float | None = None
    """Seconds that the server's clock was ahead of ours at its last answer; None where it did not say."""


class Bucket:
    """A token bucket: at most `rate` requests a second, `burst` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = time.monotonic()
        self._lock = asyncio.Lock()

    async def take(self) -> None:
        """Wait until a request may go out."""
        async with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens < 1:
                await asyncio.sleep((1 - self._tokens) / self._rate)
                self._at = time.monotonic()
                self._tokens = 1
            self._tokens -= 1


class Answered(SourceError):  # noqa: N818 - named for what it says of the source
    """The outside answered with another status than 200, one that no retry mends: `status`."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, "is the address right?")
        self.status = status


class _Again(Exception):  # noqa: N818 - named for what it says of the source
    """An attempt failed in a way that may pass; `wait` is what the server asked for, seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def client() -> httpx.AsyncClient:
    """Return the client that all sources of a sync share.

    It verifies certificates, follows no redirect (a secret goes nowhere but where the config sends it), and takes plain
    http to no proxy: that is for this machine alone.
    """
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"user-agent": "northstar"},
        mounts={"http://": httpx.AsyncHTTPTransport()},
    )


class Http:
    """One source's way out: `name` stands in its errors, `bucket` limits its requests, `meter` counts them."""

    def __init__(self, name: str, shared: httpx.AsyncClient, bucket: Bucket | None = None) -> None:
        self.name = name
        self.meter = Meter()
        self._client = shared
        self._bucket = bucket or Bucket(10, 10)

    def limit(self, rate: float, burst: int) -> None:
        """Keep to at most `rate` requests a second, `burst` at once."""
        self._bucket = Bucket(rate, burst)

    async def json(
        self,
        shape: type[T],
        url: str,
        *,
        method: str = "GET",
        params: Params = (),
        headers: Headers = dict,
        body: Any = None,
    ) -> T:
        """Return the answer decoded as `shape`. Raises Unreachable, Refused or Nonsense, naming what was asked."""
        answer = await self.get(url, method=method, params=params, headers=headers, body=body)
        where = _where(url)
        try:
            return msgspec.json.decode(answer, type=shape)
        except msgspec.ValidationError as error:
            raise Nonsense(
                f"{self.name}: {where} is not as documented: {shown(str(error), 300)}",
                "nothing of this answer was stored; upgrade northstar, or report it",
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            begin = shown(answer[:80].decode("utf-8", "replace"))
            raise Nonsense(f"{self.name}: {where} answered no JSON but {begin!r}", "is the address right?") from None

    async def get(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Params = (),
        headers: Headers = dict,
        body: Any = None,
    ) -> bytes:
        """Return the body of a successful answer. Raises Unreachable or Refused, naming what was asked."""
        checked(url, self.name)
        where = _where(url)
        try:
            async for attempt in stamina.retry_context(
                on=_wait,
                attempts=ATTEMPTS,
                timeout=None,
                wait_initial=WAIT_FIRST,
                wait_max=WAIT_MOST,
                wait_jitter=WAIT_FIRST,
            ):
                with attempt, self._noted(attempt.num, method, url) as told:
                    return await self._once(told, method, url, params, headers, body)
        except _Again as error:
            raise Unreachable(
                f"{self.name}: {where}: {error}", "it is tried again at the next sync", wait=error.wait
            ) from None
        raise AssertionError("a retry context ends with an answer or an error")

    @contextmanager
    def _noted(self, attempt: int, method: str, url: str) -> Iterator[dict[str, object]]:
        """Give what is filled in of one attempt, and note it."""
        told: dict[str, object] = {}
        began = time.monotonic()
        try:
            yield told
        except BaseException as error:
            told["failed"] = error.__context__ or error
            if isinstance(error, _Again) and error.wait is not None:
                told["retry_after"] = error.wait
            raise
        finally:
            parts = urlsplit(url)
            took = (time.monotonic() - began) * 1e3
            debug.note(
                "http", source=self.name, attempt=attempt, method=method, host=parts.hostname, path=parts.path,
                ms=took, **told,
            )  # fmt: skip

    async def _once(
        self,
        told: dict[str, object],
        method: str,
        url: str,
        params: Params,
        headers: Headers,
        body: Any,
    ) -> bytes:
        asked = time.monotonic()
        await self._bucket.take()
        told["waited"] = (time.monotonic() - asked) * 1e3
        query = (
            httpx.QueryParams(list(params)) if params else None
        )  # an empty one would cut off the address's own query
        try:
            sent = time.time()
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._client.stream(method, url, params=query, headers=dict(headers()), json=body) as answer,
            ):
                told["status"] = answer.status_code
                self.meter.skew = _skew(answer.headers.get("date"), sent)
                content = await self._read(answer)
                told["bytes"] = len(content)
                self.meter.pages += 1
                self._judge(answer, content)
                return content
        except TimeoutError:
            raise _Again(f"no whole answer within {ANSWER_SECONDS:g} s") from None
        except (httpx.LocalProtocolError, UnicodeEncodeError):  # its text holds the header, and that the secret
            raise ConfigError(
                f"{self.name}: {_where(url)} cannot be asked: a header cannot be sent as it is",
                "does its secret hold a line break, or characters that are none of ASCII?",
            ) from None
        except httpx.HTTPError as error:
            raise _Again(_words(error)) from None

    async def _read(self, answer: httpx.Response) -> bytes:
        parts = bytearray()
        async for part in answer.aiter_bytes():
            parts += part
            self.meter.bytes += len(part)
            if len(parts) > ANSWER_BYTES:
                raise Nonsense(
                    f"{self.name}: {_where(str(answer.url))} answered more than {ANSWER_BYTES >> 20} MB",
                    "is the address right?",
                )
        return bytes(parts)

    def _judge(self, answer: httpx.Response, content: bytes) -> None:
        status = answer.status_code
        if status in _PASSING or status >= 500:
            raise _Again(f"answered {status}", _retry_after(answer.headers.get("retry-after")))
        if status in (401, 403):
            raise Refused(
                f"{self.name}: {_where(str(answer.url))} refused us ({status}): {reason(content)}",
                skewed(self.meter.skew) or "check its key and the key's rights: northstar doctor",
            )
        if status != 200:
            raise Answered(f"{self.name}: {_where(str(answer.url))} answered {status}: {reason(content)}", status)


def reason(content: bytes) -> str:
    """Return what an error's body says, in any of the shapes that APIs give it: a text, an object, one in another."""
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return shown(content[:200].decode("utf-8", "replace").strip() or "no reason given")
    for key in ("error", "message", "details", "code"):
        while isinstance(found, dict) and key in found:
            found = found[key]
    return shown(found if isinstance(found, str) else content[:200].decode("utf-8", "replace"))


def checked(url: str, name: str) -> None:
    """Raise ConfigError where `url` would leave this machine without TLS."""
    try:
        parts = urlsplit(url)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigError(f"{name}: {shown(url)} is not an address: {error}", "correct it in the config") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConfigError(f"{name}: {shown(url)} is not an https address", "NorthStar talks to others over TLS only")


def skewed(skew: float | None) -> str:
    """Return what to do where a server's clock is `skew` seconds ahead of ours; nothing where that is little."""
    if skew is None or abs(skew) < SKEW:
        return ""
    ahead = "behind" if skew > 0 else "ahead of"
    return (
        f"this machine's clock is {round(abs(skew) / 60)} min {ahead} the server's: set it (timedatectl set-ntp true)"
    )


def _skew(date: str | None, sent: float) -> float | None:
    """Return how far ahead of ours a server's clock is. Its Date has whole seconds: half of one is added."""
    try:
        stated = email.utils.parsedate_to_datetime(date or "").timestamp() + 0.5
    except (ValueError, OverflowError):
        return None
    return stated - (sent + time.time()) / 2


_WORDS: Sequence[tuple[type[httpx.HTTPError], str]] = (
    (httpx.ConnectTimeout, f"{NO_CONNECTION} within the time allowed"),
    (httpx.TimeoutException, "no answer within the time allowed"),
    (httpx.ConnectError, NO_CONNECTION),
    (httpx.RemoteProtocolError, "the answer broke off"),
    (httpx.ReadError, "the connection broke off"),
)


def _words(error: httpx.HTTPError) -> str:
    what = next((words for kind, words in _WORDS if isinstance(error, kind)), type(error).__name__)
    return f"{what} ({shown(str(error))})" if str(error) else what


def _where(url: str) -> str:
    return shown(urlsplit(url).path or "/")


def _retry_after(text: str | None) -> float | None:
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
        return max(0.0, until.replace(tzinfo=until.tzinfo or UTC).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _wait(error: Exception) -> bool | float:
    """Say whether, and after how long, an attempt is made again."""
    if not isinstance(error, _Again):
        return False
    if error.wait is None:
        return True
    return error.wait if error.wait <= WAIT_MOST else False
