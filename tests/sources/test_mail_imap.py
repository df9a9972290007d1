"""The mail source against a real Dovecot, through the runner, into a real store that is verified after every run."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from live import Office
from mail_making import mail, table

from northstar_tui.errors import ConfigError
from northstar_tui.ledger.store import now
from northstar_tui.sources.http import Http, client
from northstar_tui.sources.mail import imap, source
from northstar_tui.sources.source import Check, Outside
from northstar_tui.sync.runner import Outcome
from tests.fakes.dovecot import MISSING, PASSWORD, Dovecot, installed

pytestmark = pytest.mark.skipif(not installed(), reason=MISSING)
HEAD = ("Market", "Pick", "Odds", "Stake")
OTHER = "News <news@example.net>"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dovecot]:
    monkeypatch.setenv("MAIL", PASSWORD)
    monkeypatch.setattr(source, "WAITS", (0.01, 0.01))
    with Dovecot() as running:
        yield running


def bet(nth: int, *, result: str = "", sender: str | None = None) -> bytes:
    """Return the mail of one bet on day `nth`, or of its result."""
    date = f"Wed, {nth % 28 + 1:02d} Feb 2026 10:00:00 -0500"
    if result:
        return mail(f"Market | Pick | Result\nGame {nth} | Home | {result}", date=date, nth=1000 + nth)
    rows = table(HEAD, (f"Game {nth}", "Home", "2.0", "$10"))
    return mail(html=rows, date=date, nth=nth, **({"sender": sender} if sender else {}))


def stored(outcome: Outcome) -> int:
    """Return how many statements a run added to the log: a result is a revision of its bet."""
    return outcome.counts.new + outcome.counts.revised


def log(office: Office) -> list[tuple[str, str, int, str]]:
    """Return (key, kind, revision, body) of everything in the log, in no order that depends on when it was read."""
    with office.store() as store:
        query = (
            "SELECT s.key, d.name, e.revision, e.body FROM event e JOIN subject s ON s.id = e.subject_id "
            "JOIN dimension d ON d.id = e.kind_id ORDER BY 1, 3"
        )
        return [tuple(row) for row in store.connection.execute(query)]


def cursor(office: Office) -> dict[str, Any]:
    with office.store() as store:
        found: dict[str, Any] = json.loads(store.connection.execute("SELECT value FROM cursor").fetchone()[0])
        return found


def checks(folder: Path, own: Mapping[str, Any]) -> list[Check]:
    async def run() -> list[Check]:
        async with client() as shared:
            outside = Outside("mail", Http("mail", shared), lambda _: PASSWORD, ZoneInfo("UTC"), now, folder)
            return [line async for line in source.make(own, outside).check()]

    return asyncio.run(run())


def test_new_mail_arrives_once_and_nothing_on_the_server_changes(server: Dovecot, tmp_path: Path) -> None:
    office, own = Office(tmp_path), server.settings()
    server.deliver(bet(1), mail("buy now", sender=OTHER, nth=77), mail("no plays today", nth=78))
    first = office.sync("mail", own)
    assert (first.state, first.counts.new) == ("done", 1), first.error
    assert first.pages == 1
    assert first.bytes > 500
    assert cursor(office)["tally"] == {"read": 2, "with_bets": 1, "ignored": 1}
    again = office.sync("mail", own)
    assert (again.counts.new, again.counts.unchanged, again.pages) == (0, 0, 0), "UID n:* names the last mail always"
    server.deliver(bet(1, result="won"), bet(2))
    assert stored(office.sync("mail", own)) == 2
    assert [(instrument, net) for _, _, _, instrument, net in office.entries()] == [("Game 1", "10.00")]
    assert len(log(office)) == 3
    assert all(b"Seen" not in flags for flags in server.flags()), "nothing was marked as read"
    told = server.log()
    assert "EXAMINE INBOX" in told.replace('"', "")
    assert " SELECT " not in told
    assert "BODY.PEEK[]" in told
    assert "BODY[" not in told
    assert " STORE " not in told


def test_many_small_syncs_are_one_big_one(server: Dovecot, tmp_path: Path) -> None:
    small, big = Office(tmp_path / "small"), Office(tmp_path / "big")
    for office in (small, big):
        office.folder.mkdir()
    own = server.settings(folders=["INBOX", "Results"])
    server.deliver(folder="Results")
    for nth in range(1, 13):
        server.deliver(bet(nth), bet(100 + nth, sender=OTHER))
        if nth % 3 == 0:
            server.deliver(bet(nth - 1, result="lost"), bet(nth, result="won"), folder="Results")
        small.sync("mail", own)
    assert stored(big.sync("mail", own)) == 20
    assert log(small) == log(big)
    assert small.entries() == big.entries()
    assert cursor(small)["tally"] == cursor(big)["tally"]
    assert sorted(cursor(small)["bets"]) == sorted(cursor(big)["bets"])


def test_a_folder_made_anew_is_read_again_and_counts_nothing_twice(server: Dovecot, tmp_path: Path) -> None:
    office, own = Office(tmp_path), server.settings(folders=["Bets"])
    server.deliver(bet(1), bet(2), bet(2, result="won"), folder="Bets")
    office.sync("mail", own)
    before, old = log(office), cursor(office)["folders"]["Bets"]["validity"]
    server.recreate(bet(2, result="won"), bet(3), bet(1), folder="Bets")
    outcome = office.sync("mail", own)
    assert cursor(office)["folders"]["Bets"]["validity"] != old
    assert (outcome.state, outcome.counts.new, outcome.counts.revised) == ("done", 1, 0)
    assert [row for row in log(office) if row in before] == before


def test_the_first_sync_begins_at_a_date(server: Dovecot, tmp_path: Path) -> None:
    office = Office(tmp_path)
    server.deliver(bet(1), received=datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.UTC))
    server.deliver(bet(2), received=datetime.datetime(2026, 2, 3, 12, tzinfo=datetime.UTC))
    own = server.settings(since=datetime.date(2026, 1, 1))
    assert office.sync("mail", own).counts.new == 1
    assert office.sync("mail", own).counts.new == 0
    # An older date is another config: what it adds is added, the rest is no news.
    outcome = office.sync("mail", server.settings(since=datetime.date(2025, 1, 1)))
    assert (outcome.counts.new, outcome.counts.unchanged, outcome.counts.revised) == (1, 1, 0)


def test_another_allow_list_and_a_mended_pattern_read_the_old_mails_again(server: Dovecot, tmp_path: Path) -> None:
    office = Office(tmp_path)
    server.deliver(bet(1), bet(2, sender=OTHER), mail("Lakers 2.0 for $5", nth=9))
    assert office.sync("mail", server.settings()).counts.new == 1
    both = server.settings(**{"from": ["trader@example.com", "news@example.net"]})
    outcome = office.sync("mail", both)
    assert (outcome.counts.new, outcome.counts.unchanged) == (1, 1)
    patterns = [{"line": r"(?P<pick>\w+) (?P<odds>\S+) for (?P<stake>\S+)"}]
    assert office.sync("mail", both | {"patterns": patterns}).counts.new == 1
    assert office.sync("mail", both | {"patterns": patterns}).counts.unchanged == 0
    assert len(log(office)) == 3


def test_back_fill_reads_again_from_a_date(server: Dovecot, tmp_path: Path) -> None:
    office, own = Office(tmp_path), server.settings()
    server.deliver(bet(1), bet(1, result="won"), mail("Lakers -110 $5", nth=5))
    first = office.sync("mail", own)
    assert (first.state, stored(first), first.counts.quarantined) == ("partial", 2, 1)
    before = log(office)
    outcome = office.sync("mail", own, since=0)
    assert (outcome.counts.new, outcome.counts.unchanged, outcome.counts.revised) == (0, 2, 0)
    assert log(office) == before


def test_a_wrong_password_is_refused_by_name_and_never_shown(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL", "hunter2-secret")
    outcome = Office(tmp_path).sync("mail", server.settings())
    assert outcome.state == "failed"
    assert "does not let operator@example.com in" in outcome.error
    assert "app password" in outcome.remedy
    assert "hunter2" not in outcome.error + outcome.remedy
    monkeypatch.setenv("MAIL", "pässwort")
    assert "does not let" in Office(tmp_path).sync("mail", server.settings()).error


def test_a_missing_folder_is_refused_by_name_and_the_others_are_stored(server: Dovecot, tmp_path: Path) -> None:
    office = Office(tmp_path)
    server.deliver(bet(1))
    outcome = office.sync("mail", server.settings(folders=["Trader/2026", "INBOX"]))
    assert outcome.state == "failed"
    assert "no folder" in outcome.error
    assert outcome.counts.new == 1


def test_a_folder_of_any_name_is_opened(server: Dovecot, tmp_path: Path) -> None:
    server.deliver(bet(1), folder="Wetten & Quoten für Ty")
    outcome = Office(tmp_path).sync("mail", server.settings(folders=["Wetten & Quoten für Ty"]))
    assert (outcome.state, outcome.counts.new) == ("done", 1)


def test_a_server_killed_while_it_gives_mails_loses_and_doubles_nothing(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAILS", 5)
    office, whole = Office(tmp_path / "cut"), Office(tmp_path / "whole")
    for each in (office, whole):
        each.folder.mkdir()
    server.deliver(*(bet(nth) for nth in range(1, 21)), *(bet(nth, result="won") for nth in range(1, 21, 2)))
    given = imap.Mailbox.mails
    calls = []

    async def dies(box: imap.Mailbox, uids: Any) -> dict[int, bytes]:
        calls.append(uids)
        if len(calls) == 3:
            server.kill()
        return await given(box, uids)

    with monkeypatch.context() as patch:
        patch.setattr(imap.Mailbox, "mails", dies)
        outcome = office.sync("mail", server.settings())
    assert outcome.state == "failed"
    assert "does not answer" in outcome.error
    assert outcome.counts.new == 10, "what came before is stored"
    server.start()
    assert stored(office.sync("mail", server.settings())) == 20
    whole.sync("mail", server.settings())
    assert log(office) == log(whole)
    assert office.sync("mail", server.settings()).counts.new == 0


def test_a_server_that_comes_back_within_the_run_is_read_to_the_end(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAILS", 3)
    server.deliver(*(bet(nth) for nth in range(1, 11)))
    given = imap.Mailbox.mails
    calls = []

    async def falters(box: imap.Mailbox, uids: Any) -> dict[int, bytes]:
        calls.append(uids)
        if len(calls) == 2:
            server.kill()
            server.start()
        return await given(box, uids)

    monkeypatch.setattr(imap.Mailbox, "mails", falters)
    outcome = Office(tmp_path).sync("mail", server.settings())
    assert (outcome.state, outcome.counts.new, outcome.counts.unchanged) == ("done", 10, 0), outcome.error


def test_a_server_that_falls_silent_is_given_up(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "WAITS", ())
    server.deliver(bet(1))
    given = imap.Mailbox.examine

    async def freezes(box: imap.Mailbox, folder: str) -> imap.Opened:
        server.freeze()
        return await given(box, folder)

    with monkeypatch.context() as patch:
        patch.setattr(imap, "SILENCE", 1.0)
        patch.setattr(imap.Mailbox, "examine", freezes)
        outcome = Office(tmp_path).sync("mail", server.settings())
    assert outcome.state == "failed"
    assert "does not answer" in outcome.error
    server.kill()
    assert "no connection" in Office(tmp_path).sync("mail", server.settings()).error
    server.start()
    assert Office(tmp_path).sync("mail", server.settings()).counts.new == 1


@contextlib.contextmanager
def dripping() -> Iterator[tuple[int, threading.Event]]:
    """A port that sends a byte of a greeting that never ends, ten a second; whether somebody has come to it."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop, come = threading.Event(), threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                peer, _ = listening.accept()
                come.set()
                with peer, contextlib.suppress(OSError):
                    while not stop.wait(0.1):
                        peer.send(b"*")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1], come
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def test_a_server_that_drips_is_given_up(server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "COMMAND", 1.0)
    monkeypatch.setattr(source, "WAITS", ())
    with dripping() as (port, _):
        outcome = Office(tmp_path).sync("mail", server.settings(port=port))
    assert "no answer within" in outcome.error


def test_a_cancelled_run_lets_go_and_goes_on_later(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(bet(1))

    async def cancelled(own: Mapping[str, Any], come: threading.Event) -> None:
        async with client() as shared:
            outside = Outside("mail", Http("mail", shared), lambda _: PASSWORD, ZoneInfo("UTC"), now, tmp_path)
            task = asyncio.create_task(anext(aiter(source.make(own, outside).fetch(None))))
            while not come.is_set():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with dripping() as (port, come):
        asyncio.run(asyncio.wait_for(cancelled(server.settings(port=port), come), 60))
    assert Office(tmp_path).sync("mail", server.settings()).counts.new == 1


def test_tls_is_verified(server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.deliver(bet(1))
    own = server.settings(host="localhost", port=server.tls_port, security="tls")
    refused = Office(tmp_path).sync("mail", own)
    assert refused.state == "failed"
    assert "certificate of localhost is not valid" in refused.error
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    assert Office(tmp_path).sync("mail", own).counts.new == 1
    starttls = server.settings(host="localhost", security="starttls")
    assert Office(tmp_path).sync("mail", starttls).state == "done"
    other = Office(tmp_path).sync("mail", server.settings(port=server.tls_port, security="tls"))
    assert "certificate of 127.0.0.1 is not valid" in other.error, "the name must be the one on it"
    plain = Office(tmp_path).sync("mail", server.settings(host="localhost", security="tls"))
    assert "does not speak TLS" in plain.error
    assert "993" in plain.remedy
    lines = checks(tmp_path, own)
    assert any("TLSv1" in line.what for line in lines)


def test_doctor_says_what_it_found(server: Dovecot, tmp_path: Path) -> None:
    server.deliver(bet(1), bet(2, sender=OTHER))
    lines = checks(tmp_path, server.settings(folders=["INBOX", "Nowhere"]))
    assert [line.state for line in lines] == ["ok", "ok", "ok", "ok", "ok", "failed"]
    told = "\n".join(f"{line.what} {line.remedy}" for line in lines)
    for part in ("trader@example.com alone", "answers", "is let in", "INBOX is open read-only, with 2 mails",
                 "1 of the newest 2", "no folder 'Nowhere'", "the account has INBOX"):  # fmt: skip
        assert part in told
    nobody = checks(tmp_path, server.settings(**{"from": "nobody@example.com"}))
    assert nobody[-1].state == "warning"
    server.kill()
    gone = checks(tmp_path, server.settings())
    assert (gone[-1].state, PASSWORD in str(gone)) == ("failed", False)


def test_a_mail_larger_than_any_is_named_and_not_fetched(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAIL_MAX", 20_000)
    server.deliver(mail("x" * 70 + "\n" + "word\n" * 10_000), bet(2))
    office = Office(tmp_path)
    outcome = office.sync("mail", server.settings())
    assert (outcome.counts.new, outcome.counts.quarantined) == (1, 1)
    assert outcome.bytes < 20_000
    assert "larger" in office.rejects()[0][2]


def test_settings_that_cannot_be_are_named(tmp_path: Path) -> None:
    server = {"host": "mail.example.com", "user": "me", "password": "env:MAIL", "from": ["trader@example.com"]}
    for change, key in (
        ({"security": "none"}, "security"), ({"from": []}, "from"), ({"from": ["Ty"]}, "from"), ({"host": ""}, "host"),
        ({"path": "x.eml"}, "host"), ({"user": ""}, "user"), ({"user": "a\r\nb"}, "user"), ({"folders": []}, "folders"),
        ({"folders": ["a\nb"]}, "folders"), ({"port": 70000}, "port"), ({"unit": "2u"}, "unit"),
        ({"colour": 1}, "colour"),
        ({"patterns": [{"line": "("}]}, "pattern 1"), ({"patterns": [{"line": "(?P<x>a)"}]}, "x is no group"),
        ({"patterns": [{"line": "(?P<pick>a)"}]}, "stake"), ({"patterns": [{"line": "(?P<stake>a)"}]}, "names a bet"),
        ({"host": "a b"}, "host"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=key):
            checks(tmp_path, {**server, **change})
