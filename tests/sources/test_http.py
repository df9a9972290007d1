"""The way out against real servers that misbehave: what is tried again, for how long, what is refused at once."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ipaddress
import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from northstar_tui.errors import ConfigError
from northstar_tui.sources import http
from northstar_tui.sources.http import Answered, Http, client
from northstar_tui.sources.source import Nonsense, Refused, Unreachable
from tests.fakes import Fake, Fault, Request, Response

pytestmark = pytest.mark.usefixtures("quick")


class Answer(msgspec.Struct):
    a: int


class Script(Fake):
    """Gives its answers one after the other; the last one for ever."""

    name = "script"

    def __init__(self, *answers: Response) -> None:
        super().__init__()
        self.answers = list(answers) or [Response.json({"a": 1})]

    def answer(self, request: Request) -> Response:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


GOOD = Response.json({"a": 1})


def ask(url: str, prepare: Callable[[Http], Any] = lambda _: None, **options: Any) -> tuple[Answer, Http]:
    """Ask once, as a source does."""

    async def asking() -> tuple[Answer, Http]:
        async with client() as shared:
            way = Http("x", shared)
            prepare(way)
            return await way.json(Answer, url, **options), way

    return asyncio.run(asking())


def wait(value: str, status: int = 429) -> Response:
    return Response(status, {"retry-after": value}, b"{}")


@pytest.mark.parametrize("fault", ["429", "500", "half", "down"])
def test_what_may_pass_is_tried_again(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    with Script() as fake:
        fake.misbehave(fault, times=3)
        answer, _ = ask(f"{fake.url}/a")
    assert answer.a == 1
    assert (fake.hits, len(fake.requests)) == (3, 4)
    assert not caplog.records, "retries are nobody's news"


@pytest.mark.parametrize("fault", ["429", "500", "half", "down", "drip"])
def test_it_gives_up_after_a_while_and_says_why(
    fault: Fault, impatient: Callable[[str | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ATTEMPTS", 3)
    impatient(fault)
    attempts: list[str] = []
    with Script(Response.json({"a": 1, "long": "x" * 100})) as fake:
        fake.misbehave(fault)
        with pytest.raises(Unreachable, match=r"x: /a: .+") as told:
            ask(f"{fake.url}/a?secret=1", headers=lambda: attempts.append("one more") or {})  # type: ignore[func-returns-value]
        assert len(attempts) == 3
        assert len(fake.requests) == 3 or fault == "drip", "given up by a clock, perhaps before it has arrived"
    assert "secret" not in str(told.value)


def test_nobody_there() -> None:
    with Script() as fake:
        url = fake.url
    with pytest.raises(Unreachable, match="no connection"):
        ask(url)


@pytest.mark.parametrize("status", [408, 425, 502, 503])
def test_other_statuses_that_pass(status: int) -> None:
    with Script(Response(status), GOOD) as fake:
        assert ask(fake.url)[0].a == 1


def test_retry_after_in_seconds_is_obeyed(waits: list[float]) -> None:
    with Script(wait("1"), GOOD) as fake:
        began = time.monotonic()
        ask(fake.url)
    assert time.monotonic() - began >= 1.0
    assert waits == [1.0]


def test_retry_after_as_a_date_is_obeyed(waits: list[float]) -> None:
    until = int(time.time()) + 2
    with Script(wait(email.utils.formatdate(until, usegmt=True), 503), GOOD) as fake:
        ask(fake.url)
    assert time.time() > until - 0.1
    assert sum(waits) <= 2.0


def test_a_late_date_to_retry_after_ends_the_run_and_is_handed_on(waits: list[float]) -> None:
    until = int(time.time()) + 3600
    with Script(wait(email.utils.formatdate(until, usegmt=True), 503)) as fake:
        with pytest.raises(Unreachable) as told:
            ask(fake.url)
        assert len(fake.requests) == 1
    assert told.value.wait is not None and until - time.time() <= told.value.wait <= 3600
    assert not waits


@pytest.mark.parametrize("value", ["-5", "soon", "1e99", "nan", "Thu, 99 Foo 2026 00:00:00 GMT", ""])
def test_a_retry_after_that_says_nothing_is_none(value: str, waits: list[float]) -> None:
    with Script(wait(value), GOOD) as fake:
        ask(fake.url)
        assert len(fake.requests) == 2
    assert len(waits) == 1 and waits[0] <= 2 * http.WAIT_FIRST, "as long as after any other failure"


def test_a_long_retry_after_ends_the_run_and_is_handed_on() -> None:
    with Script(wait("3600")) as fake:
        with pytest.raises(Unreachable) as told:
            ask(fake.url)
        assert told.value.wait == 3600
        assert len(fake.requests) == 1


def test_requests_keep_to_the_rate_and_wait_no_longer(waits: list[float]) -> None:
    async def many(url: str) -> float:
        async with client() as shared:
            way = Http("x", shared)
            began = time.monotonic()
            way.limit(40, 2)
            await asyncio.gather(*(way.get(url) for _ in range(12)))
            return time.monotonic() - began

    with Script() as fake:
        assert asyncio.run(many(fake.url)) >= 10 / 40
        assert len(fake.requests) == 12
    assert len(waits) <= 10 and all(each <= 1 / 40 for each in waits)


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ANSWER_BYTES", 1 << 20)
    with Script(Response(200, {}, b"[" + b"1," * (1 << 20))) as fake:
        with pytest.raises(Nonsense, match="more than 1 MB"):
            ask(fake.url)
        assert len(fake.requests) == 1


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr(http, "ANSWER_BYTES", 1 << 20)
    with (
        Script(Response(200, {"content-encoding": "gzip"}, gzip.compress(b" " * (64 << 20)))) as fake,
        pytest.raises(Nonsense, match="more than 1 MB"),
    ):
        ask(fake.url)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'{"a": "1"}', r"Expected `int`, got `str` - at `\$\.a`"),
        (b'{"b": 1}', "missing required field `a`"),
        (b"[]", "Expected `object`"),
        (b"", "answered no JSON"),
        (b"<html>\x1b[31m", r"answered no JSON but '<html>"),
        (b'{"a": 1', "answered no JSON"),
        (b'\xff\xfe{"a": 1}', "answered no JSON"),
    ],
)
def test_nonsense_is_named_and_not_asked_for_again(body: bytes, what: str) -> None:
    with Script(Response(200, {}, body)) as fake:
        with pytest.raises(Nonsense, match=what) as told:
            ask(f"{fake.url}/a")
        assert len(fake.requests) == 1
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": "c", "message": "m", "details": "no such key"}}',
        b'{"code": "c", "message": "no such key"}',
        b'{"error": "no such key"}',
        b"no such key",
    ],
)
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_why_and_is_not_tried_again(status: int, body: bytes) -> None:
    with Script(Response(status, {}, body)) as fake:
        with pytest.raises(Refused, match=r"refused us|doctor") as told:
            ask(fake.url)
        assert len(fake.requests) == 1
    assert ("no such key" in str(told.value)) == (b'"m"' not in body)


def test_a_refusal_with_a_clock_that_is_off_says_so() -> None:
    with Script() as fake:
        fake.misbehave("401")
        fake.now = lambda: time.time() + 420  # type: ignore[method-assign]
        with pytest.raises(Refused, match="clock is 7 min behind"):
            ask(fake.url)


def test_a_redirect_is_not_followed() -> None:
    with Script() as elsewhere, Script(Response(302, {"location": f"{elsewhere.url}/steal"})) as fake:
        with pytest.raises(Answered, match="answered 302") as told:
            ask(fake.url, headers=lambda: {"authorization": "Bearer s3cr3t"})
        assert told.value.status == 302
        assert not elsewhere.requests


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "//x", "http://[::1", "https://\x00"],
)
def test_only_this_machine_is_talked_to_without_tls(url: str) -> None:
    with pytest.raises(ConfigError):
        ask(url)


def test_plain_http_goes_to_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Script() as proxy, Script() as fake:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert ask(fake.url)[0].a == 1
        assert not proxy.requests


def certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with Script() as fake:
        assert fake._server is not None
        fake._server.socket = context.wrap_socket(fake._server.socket, server_side=True)
        with pytest.raises(Unreachable, match="certificate verify failed"):
            ask(f"https://127.0.0.1:{fake.port}/", headers=lambda: {"authorization": "Bearer s3cr3t"})
        assert not fake.requests, "not even the headers went out"
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert ask(f"https://127.0.0.1:{fake.port}/")[0].a == 1, "vouched for by the operator, it is taken"


@pytest.mark.parametrize("secret", ["s3cr3t\nkey", "s3cr3t\u2026"])
def test_a_secret_that_cannot_stand_in_a_header_is_not_told(secret: str) -> None:
    with Script() as fake:
        with pytest.raises(ConfigError, match="header") as told:
            ask(fake.url, headers=lambda: {"authorization": f"Bearer {secret}"})
        assert not fake.requests
    assert "s3cr3t" not in str(told.value)
    assert "s3cr3t" not in repr(told.value.__cause__)


def test_what_was_taken_is_counted_and_the_clock_compared() -> None:
    with Script(Response(500, {}, b"12345"), GOOD) as fake:
        fake.misbehave("clock")
        _, way = ask(fake.url)
    assert way.meter.pages == 2
    assert way.meter.bytes == 5 + len(GOOD.body)
    assert way.meter.skew == pytest.approx(420, abs=2)


def test_each_attempt_has_headers_of_its_own() -> None:
    count = 0

    def sign() -> dict[str, str]:
        nonlocal count
        count += 1
        return {"x-nonce": str(count)}

    with Script() as fake:
        fake.misbehave("500", times=2)
        ask(fake.url, headers=sign)
        assert [request.headers["x-nonce"] for request in fake.requests] == ["1", "2", "3"]


def test_stopping_in_the_middle_of_a_wait_does_not_wait(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WAIT_MOST", 7200.0)

    async def stopped(url: str) -> None:
        async with client() as shared:
            task = asyncio.create_task(Http("x", shared).get(url))
            while not waits:
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task}, timeout=60)
            assert task.cancelled()

    with Script(wait("3600")) as fake:
        asyncio.run(stopped(fake.url))
    assert waits == [3600.0]


def test_no_library_logs_what_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Script() as fake:
        fake.misbehave("500", times=1)
        ask(f"{fake.url}/a", params=[("k", "s3cr3t-in-query")], headers=lambda: {"authorization": "Bearer s3cr3t"})
    assert "Bearer" not in caplog.text
