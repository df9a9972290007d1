"""No secret in a debug log, a traceback, a run's words or a screen's: every source that fails, and every way it can."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fault_world import FaultWorld
from test_faults_mail import toml
from tiny import Office, TinyFake, table

from northstar_tui import debug
from northstar_tui.debug import log
from northstar_tui.ledger.store import Store
from northstar_tui.sources import http
from northstar_tui.sources.mail import source
from tests.fakes import FAULTS, Fake, Fault, fakes
from tests.fakes.dovecot import MISSING, PASSWORD, USER, Dovecot, installed
from tests.fakes.proxy import SPOILS, Proxy
from tests.sources.mail_making import mail

pytestmark = pytest.mark.usefixtures("quick", "packages")

KINDS = fakes()
PLAIN = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "content-type"}
"""Headers that every program sends."""
SAID = ["key not accepted", "Please sign in", "internal error", "too many requests"]
"""What fakes answer when they fail: bodies have no place in a log either."""


class Watched:
    """A log in a file, and every error that was handed to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.errors: list[BaseException] = []
        self._log = log.begin(str(path), "sync")
        debug.begin(str(path), self._take)

    def _take(self, event: str, fields: Mapping[str, object]) -> None:
        self.errors += [value for value in fields.values() if isinstance(value, BaseException)]
        self._log.take(event, fields)

    def end(self) -> None:
        self._log.end()

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def tracebacks(self) -> str:
        return "".join("".join(traceback.format_exception(error)) for error in self.errors)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def asked(self, source: str) -> list[dict[str, Any]]:
        """Return the lines of what `source` asked for."""
        return [each for each in self.events() if each["event"] == "http" and each["source"] == source]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path / "log")
    yield made
    made.end()


def pieces(secrets: Iterable[str]) -> set[str]:
    """Return every form in which secrets could be told: whole, line by line, and as an address spells them."""
    parts = {part.strip() for secret in secrets for part in (secret, *secret.splitlines())}
    return {form for part in parts if len(part) > 5 and "-----" not in part for form in (part, quote(part, safe=""))}


def sent(fake: Fake) -> set[str]:
    """Return what a fake was sent beside its path: values of headers, of queries, and bodies."""
    found = set()
    for request in fake.requests:
        found |= {value for name, value in request.headers.items() if name not in PLAIN}
        found |= {value for _, value in request.query} | {f"?{request.query[0][0]}=" if request.query else ""}
        found.add(request.body.decode())
    return {each for each in found if len(each) > 5}


@pytest.mark.parametrize("kind", KINDS)
def test_no_source_on_http_tells_a_secret_whatever_fails(
    kind: str,
    watched: Watched,
    tmp_path: Path,
    impatient: Callable[[str | None], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    failed = arrived = told = 0
    with KINDS[kind]() as fake, TinyFake() as neighbour:
        for name, value in fake.secrets().items():
            monkeypatch.setenv(name, value)
        world = FaultWorld(tmp_path, fake.name, fake.config(), neighbour)
        faults: list[Fault | None] = [None, *(each for each in FAULTS if each != "drip"), "drip"]
        for fault in faults:
            if fault == "drip":  # given up by a clock, perhaps before a busy server takes note of what is asked
                arrived, told = len(fake.requests), len(watched.asked(fake.name))
                impatient(fault)
            fake.misbehave(fault)
            failed += world.sync("s").state == "failed"
        secrets, others = pieces(fake.secrets().values()), sent(fake)
        with Store.open(tmp_path / "s.db") as store:
            stored = "\n".join(row[0] or "" for row in store.connection.execute("SELECT error FROM run"))
    assert failed >= 6
    assert not [each for each in secrets | others | set(SAID) if each in watched.text]
    assert not [each for each in secrets if each in watched.tracebacks]
    assert not [each for each in secrets if each in stored]
    events = watched.events()
    asked = watched.asked(fake.name)
    assert told == arrived > len(faults), "every request has its line"
    assert len(asked) >= len(fake.requests)
    assert {each["method"] for each in asked} == {each.method for each in fake.requests}
    assert {each.get("status") for each in asked} >= {200, 401, 429, 500}
    assert max(each["attempt"] for each in asked) == 2
    assert sum(each["event"] == "run ended" and each["source"] == fake.name for each in events) == len(faults)
    assert sum(each["event"] == "batch" and each["new"] > 0 for each in events)
    whole = {each["path"] for each in asked if each.get("status") == 200 and "•" not in each["host"] + each["path"]}
    assert whole, "what is asked for can be told"


@pytest.mark.skipif(not installed(), reason=MISSING)
def test_the_mail_source_tells_no_secret_whatever_fails(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "WAITS", ())
    wrong = "hunter2-is-no-horse"
    with Dovecot() as server, Proxy(server.port) as proxy, TinyFake() as neighbour:
        server.deliver(mail("Lakers | Home | 2.0 | $10\nsecretive words"))
        world = FaultWorld(tmp_path, "mail", toml(server.settings(port=proxy.port)), neighbour)
        for password, expected in ((wrong, "failed"), ("pässwort-mit-Ümlaut", "failed"), (PASSWORD, "done")):
            monkeypatch.setenv("MAIL", password)
            assert world.sync("s").state == expected
        for spoil in SPOILS:
            if spoil in ("silent", "drip"):  # how these end nobody asks here, but soon
                monkeypatch.setattr("northstar_tui.sources.mail.imap.SILENCE", 1.0)
                monkeypatch.setattr("northstar_tui.sources.mail.imap.COMMAND", 1.3)
            for mark in (b"* OK", b"Logged in", b"EXISTS"):
                proxy.spoil(spoil, b"Logged in" if spoil == "no" else mark, times=1)
                world.sync("s")
            monkeypatch.setattr("northstar_tui.sources.mail.imap.SILENCE", 20.0)
            monkeypatch.setattr("northstar_tui.sources.mail.imap.COMMAND", 90.0)
    secrets = pieces([wrong, PASSWORD, "pässwort-mit-Ümlaut"])
    assert not [each for each in {*secrets, USER, "trader@", "secretive", "Lakers"} if each in watched.text]
    assert not [each for each in secrets if each in watched.tracebacks]
    events = [each for each in watched.events() if each["event"] == "imap"]
    assert {each["command"] for each in events} >= {"connect", "login", "examine", "search", "fetch", "leave"}
    assert {"Refused", "Unreachable"} <= {each["failed"] for each in events if "failed" in each}
    assert all(each["host"] == "127.0.0.1" for each in events)


@pytest.mark.parametrize("mode", ["raise", "unmade", "nonsense", "stranger", "exit", "timeout", "cancel"])
def test_a_source_of_others_tells_no_secret(
    mode: str, watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY", "tiny-Secret-0815")
    with TinyFake() as fake, TinyFake() as neighbour:
        world = FaultWorld(tmp_path, "tiny:x", table(fake, "x", mode=mode, key="env:TINY"), neighbour)
        outcome = world.sync()
    assert outcome.state == "failed"
    assert "tiny-Secret" not in f"{outcome.error}{outcome.remedy}{watched.text}"
    (ended,) = [each for each in watched.events() if each["event"] == "run ended" and each["source"] == "tiny:x"]
    assert ended["error"][0]["frames"] or mode == "cancel", "where it failed is told, if it was raised anywhere"


def test_where_a_secret_is_kept_is_not_told(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "vault-7.pem").write_text("x")
    (tmp_path / "vault-7.pem").chmod(0o644)
    with TinyFake() as fake, TinyFake() as neighbour:
        for reference in ("file:vault-7.pem", "file:no/vault-8.pem", "env:VAULT_9", "keyring:vault-10/me", "vault-11"):
            world = FaultWorld(tmp_path, "tiny:x", table(fake, "x", key=reference), neighbour)
            assert world.sync().state == "failed"
    assert "vault" not in watched.text.lower()
    assert str(tmp_path) not in watched.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_program_itself_tells_no_secret(kind: str, tmp_path: Path, packages: Path) -> None:
    office = Office(tmp_path, packages)
    with KINDS[kind]() as fake:
        office.environment.update(fake.secrets())
        office.config(fake.config())
        fake.misbehave("401")
        done = [office.run("--debug", target, verb) for target in ("log", "-") for verb in ("sync", "doctor")]
        secrets, others = pieces(fake.secrets().values()), sent(fake)
    assert all(each.returncode == 1 for each in done)
    text = (tmp_path / "log").read_text()
    told = "".join(each.stdout + each.stderr for each in done)
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    assert '"status": 401' in text
    assert '"status": 401' in done[2].stderr
    assert "Traceback" not in told
    assert not [each for each in secrets if each in text + told]
    assert not [each for each in others if each in text]
