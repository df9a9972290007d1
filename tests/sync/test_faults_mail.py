"""The mail source, on a real Dovecot behind a relay, against what happens to connections, mailboxes and mails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fault_world import FaultWorld
from tiny import TinyFake

from northstar_tui.ledger.store import now
from northstar_tui.sources.mail import imap, source
from northstar_tui.sync import prepare
from tests.fakes.dovecot import MISSING, PASSWORD, Dovecot, installed
from tests.fakes.proxy import SPOILS, Proxy, Spoil
from tests.sources.mail_making import mail, table

pytestmark = [
    pytest.mark.skipif(not installed(), reason=MISSING),
    pytest.mark.usefixtures("packages"),
]
GREETING, LOGGED_IN, OPENED, HEADERS, BODIES = b"* OK", b"Logged in", b"EXISTS", b"HEADER.FIELDS", b"BODY[]"
STEPS = {"greeting": GREETING, "login": LOGGED_IN, "examine": OPENED, "headers": HEADERS, "bodies": BODIES}
WHERE: dict[Spoil, str] = {"reset": "greeting", "web": "greeting", "no": "login examine headers bodies",
                           "silent": "login bodies", "drip": "bodies"}  # fmt: skip
"""Where a fault bites, if not everywhere."""
SLOW: tuple[Spoil, ...] = ("silent", "drip")
"""What is given up by a clock, on a busy machine perhaps before the fault has bitten."""
folders = (f"Bets{number}" for number in count(1))


def toml(own: Mapping[str, Any]) -> str:
    return "[sources.mail]\n" + "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in own.items())


def bet(nth: int, result: str = "") -> bytes:
    date = f"Wed, {nth % 28 + 1:02d} Feb 2026 10:00:00 -0500"
    if result:
        return mail(f"Market | Pick | Result\nGame {nth} | Home | {result}", date=date, nth=1000 + nth)
    rows = table(("Market", "Pick", "Odds", "Stake"), (f"Game {nth}", "Home", "2.0", "$10"))
    return mail(html=rows, date=date, nth=nth)


class World(FaultWorld):
    """A folder of ten mails, three at a time, behind a relay."""

    def __init__(self, server: Dovecot, proxy: Proxy, folder: Path, neighbour: TinyFake) -> None:
        self.server, self.proxy, self.mailbox = server, proxy, next(folders)
        own = server.settings(port=proxy.port, folders=[self.mailbox])
        self.slow: tuple[bytes, int] | None = None
        """The answer that does not come, or drips: the mark in it, and which of a connection's."""
        self.connections = self._asked = 0
        super().__init__(folder, "mail", toml(own), neighbour)
        server.deliver(*(bet(nth) for nth in range(1, 8)), *(bet(nth, "won") for nth in (1, 2, 4)), folder=self.mailbox)

    def spoil(self, what: Spoil, mark: bytes, **more: int) -> None:
        """Disturb it; where nothing comes any more, that is to be noticed soon."""
        self.slow = (mark, more.get("nth", 1)) if what in SLOW else None
        self.proxy.spoil(what, mark, **more)

    def hurried(self, work: Callable[..., object], arguments: Sequence[object]) -> bool:
        """Whether this command's answer will not come: a busy machine is as slow, so no other one is hurried."""
        if work.__name__ == "_connect":
            self.connections, self._asked = self.connections + 1, 0
        order = self.proxy._order
        if self.slow is None or order is None or not order.times:
            return False
        mark, nth = self.slow
        if work.__name__ == "_login" if mark == LOGGED_IN else str(arguments[-1:]).endswith("BODY.PEEK[])',)"):
            self._asked += 1
            return self._asked == nth
        return False

    def heal(self) -> None:
        self.slow = None
        self.proxy.spoil(None)
        if self.proxy._listening is None:
            self.proxy.start()

    @property
    def logins(self) -> int:
        return bytes(self.proxy.asked).count(b" LOGIN ")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def world(server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    instant = now()
    monkeypatch.setattr(prepare, "now", lambda: instant)
    monkeypatch.setenv("MAIL", PASSWORD)
    monkeypatch.setattr(source, "WAITS", (0.01, 0.01))
    monkeypatch.setattr(source, "MAILS", 3)
    monkeypatch.setattr(imap, "SILENCE", 60)
    monkeypatch.setattr(imap, "COMMAND", 60)
    given = imap.Mailbox._do

    async def done(self: imap.Mailbox, work: Callable[..., Any], *arguments: object) -> Any:
        if not made.hurried(work, arguments):
            return await given(self, work, *arguments)
        with monkeypatch.context() as patch:
            patch.setattr(imap, "COMMAND", 1.5)
            assert self._socket is not None
            self._socket.settimeout(1.2)
            found = await given(self, work, *arguments)
            self._socket.settimeout(60)
            return found

    monkeypatch.setattr(imap.Mailbox, "_do", done)
    with TinyFake() as neighbour, Proxy(server.port) as proxy:
        made = World(server, proxy, tmp_path, neighbour)
        yield made


def everywhere(*steps: str) -> list[Any]:
    return [
        pytest.param(what, STEPS[step], id=f"{what}-{step}")
        for what in SPOILS
        for step in WHERE.get(what, "greeting login examine headers bodies").split()
        if step in steps
    ]


@pytest.mark.parametrize(("what", "mark"), everywhere(*STEPS))
def test_what_passes_by_itself_is_not_noticed(
    world: World, what: Spoil, mark: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what in SLOW:
        monkeypatch.setattr(source, "WAITS", (0.01,) * 9)
    world.spoil(what, mark, times=2)
    outcome = world.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert world.proxy.hits == 2 or (what in SLOW and world.proxy.hits > 2)
    world.recovers()


@pytest.mark.parametrize(("what", "mark"), everywhere("greeting", "bodies"))
def test_what_lasts_is_a_failed_run_that_says_why(world: World, what: Spoil, mark: bytes) -> None:
    world.spoil(what, mark)
    outcome = world.fails()
    assert "does not answer" in outcome.error
    assert outcome.counts.new == 0
    assert world.connections == 3
    assert world.proxy.hits == 3 or what in SLOW
    world.recovers()


@pytest.mark.parametrize("what", ["cut", "bye", "silent", "garbage", "no"])
def test_a_connection_lost_after_every_batch_is_made_anew_to_the_end(world: World, what: Spoil) -> None:
    world.spoil(what, BODIES, nth=2)
    outcome = world.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert world.connections == 4, "every connection brought one batch"
    assert world.proxy.hits == 3 or what in SLOW
    world.recovers()


def test_a_server_that_takes_no_connection_is_named_and_what_is_stored_stays(world: World) -> None:
    assert world.sync().state == "done"
    before = world.dump()
    world.proxy.stop()
    world.fails("does not answer", "refused")
    assert world.dump() == before
    world.recovers()


def test_a_password_that_is_refused_is_tried_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL", "another horse")
    outcome = world.fails("does not let operator@example.com in")
    assert world.logins == 1, "an account is locked after a few"
    assert "horse" not in f"{outcome.error} {outcome.remedy}"
    monkeypatch.setenv("MAIL", PASSWORD)
    world.recovers()


def test_a_mailbox_made_anew_counts_nothing_twice(world: World) -> None:
    assert world.sync().state == "done"
    before = world.dump()
    again = [bet(nth, "won") for nth in (1, 2, 4)] + [bet(nth) for nth in range(7, 0, -1)]
    world.server.recreate(*again, folder=world.mailbox)
    outcome = world.sync()
    assert (outcome.state, outcome.counts.new, outcome.counts.revised) == ("done", 0, 0)
    assert world.dump() == before


def test_a_mailbox_made_anew_while_nobody_answers_counts_nothing_twice(world: World) -> None:
    assert world.sync().state == "done"
    world.server.recreate(*(bet(nth) for nth in range(1, 10)), folder=world.mailbox)
    world.spoil("cut", BODIES, nth=2, times=4)
    assert world.sync().state == "done"
    assert world.proxy.hits
    kinds = [row[3] for row in world.dump()[0] if row[0] == "mail"]
    assert (kinds.count("bet.placed"), kinds.count("bet.settled")) == (9, 3)


def test_a_mailbox_that_goes_is_named_and_comes_back(world: World) -> None:
    assert world.sync().state == "done"
    before = world.dump()
    client = world.server.client()
    client.rename(world.mailbox, "Elsewhere")
    world.fails("has no folder")
    assert world.dump() == before
    client.rename("Elsewhere", world.mailbox)
    client.logout()
    world.recovers()


HEAD = b"From: trader@example.com\r\nDate: Wed, 25 Feb 2026 10:00:00 -0500\r\nMessage-ID: <x%d@example.com>\r\n"
NONSENSE = {
    "bytes": bytes(range(128, 256)) * 40,
    "no head": b"\r\n\r\nGame 1 | Home | 2.0 | $10\r\n",
    "unended parts": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nGame 1 |',
    "parts in parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(300)
    ),
    "no such charset": b"Content-Type: text/html; charset=klingon\r\n\r\n<table><tr><td>\xff\xfe",
    "false base64": b"Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!! no base64 ====\r\n",
    "long line": b"\r\n" + b"x" * 200_000,
    "open tags": b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>" * 5_000,
    "a bet without a price": b"\r\nMarket | Pick | Odds | Stake\r\nGame 99 | Home | ? | all of it\r\n",
}

QUARANTINED = {"parts in parts", "false base64", "a bet without a price"}
"""What looks as if bets were in it; the rest is a mail without any."""


@pytest.mark.parametrize("what", NONSENSE)
def test_a_mail_that_is_nonsense_costs_no_other(world: World, what: str) -> None:
    nonsense = (b"" if what == "no head" else HEAD % 1) + NONSENSE[what]
    world.server.deliver(nonsense, bet(20), folder=world.mailbox)
    outcome = world.sync()
    assert outcome.state in ("done", "partial"), outcome.error
    kinds = [row[3] for row in world.dump()[0] if row[0] == "mail"]
    assert (kinds.count("bet.placed"), kinds.count("bet.settled")) == (8, 3)
    assert outcome.counts.quarantined == (what in QUARANTINED)
    again = world.sync()
    assert (again.state, again.counts.new, again.pages) == ("done", 0, 0), "it is behind us"
