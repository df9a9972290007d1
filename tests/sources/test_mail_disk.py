"""Mails on disk: .eml, mbox, Maildir, folders of them; read once, whatever is moved, grown or read again."""

from __future__ import annotations

import asyncio
import json
import mailbox
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from live import Office
from mail_making import mail, table

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import now
from northstar_tui.sources.http import Http, client
from northstar_tui.sources.mail import source
from northstar_tui.sources.source import Check, Outside
from northstar_tui.sync.files import Request, import_file

OWN = {"from": ["trader@example.com"]}
HEAD = ("Market", "Pick", "Odds", "Stake")


def bet(nth: int) -> bytes:
    return mail(html=table(HEAD, (f"Game {nth}", "Home", "2.0", "$10")), nth=nth)


def result(nth: int, said: str = "won") -> bytes:
    return mail(f"Game {nth} | Home | {said}", nth=1000 + nth, date="Thu, 26 Feb 2026 10:00:00 -0500")


def boxed(*mails: bytes) -> bytes:
    return b"".join(b"From ty Wed Feb 25 10:00:00 2026\n" + each.replace(b"\r\n", b"\n") + b"\n" for each in mails)


def stored(outcome: Any) -> tuple[int, int]:
    return outcome.counts.new + outcome.counts.revised, outcome.counts.unchanged


def checks(folder: Path, own: Mapping[str, Any]) -> list[Check]:
    async def run() -> list[Check]:
        async with client() as shared:
            outside = Outside("mail", Http("mail", shared), str, ZoneInfo("UTC"), now, folder)
            return [line async for line in source.make(own, outside).check()]

    return asyncio.run(run())


def test_an_eml_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    office, own = Office(tmp_path), OWN | {"path": "bets.eml"}
    (tmp_path / "bets.eml").write_bytes(bet(1))
    assert stored(office.sync("mail", own)) == (1, 0)
    assert stored(office.sync("mail", own)) == (0, 0)
    (tmp_path / "bets.eml").write_bytes(bet(2))
    assert stored(office.sync("mail", own)) == (1, 0)


def test_an_mbox_that_grows_gives_what_is_new(tmp_path: Path) -> None:
    office, own = Office(tmp_path), OWN | {"path": "trader.mbox"}
    box = tmp_path / "trader.mbox"
    box.write_bytes(boxed(bet(1), bet(2), mail("spam | x | -110 | $5", sender="x@example.net", nth=7)))
    assert stored(office.sync("mail", own)) == (2, 0)
    with box.open("ab") as file:
        file.write(boxed(result(1), bet(3)))
    assert stored(office.sync("mail", own)) == (2, 0), "what it held before is not read again"
    assert [(where, net) for _, _, _, where, net in office.entries()] == [("Game 1", "10.00")]


def test_a_maildir_whose_mails_are_read_flagged_and_moved_counts_each_once(tmp_path: Path) -> None:
    office, own = Office(tmp_path), OWN | {"path": "Maildir"}
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(bet(1).replace(b"\r\n", b"\n"))
    key = box.add(bet(2).replace(b"\r\n", b"\n"))
    assert stored(office.sync("mail", own)) == (2, 0)
    message = box.get_message(key)
    message.set_subdir("cur")
    message.add_flag("S")
    box[key] = message
    box.add(bet(2))
    box.add(bet(3))
    box.close()
    assert stored(office.sync("mail", own)) == (1, 0), "a copy with other line ends is the same mail"


def test_a_folder_of_mails(tmp_path: Path) -> None:
    office, own = Office(tmp_path), OWN | {"path": "mails"}
    folder = tmp_path / "mails"
    folder.mkdir()
    assert stored(office.sync("mail", own)) == (0, 0)
    (folder / "1.eml").write_bytes(bet(1))
    (folder / "2.mbox").write_bytes(boxed(bet(1), bet(2)))
    (folder / "notes.txt").write_bytes(bet(3))
    assert stored(office.sync("mail", own)) == (2, 0)
    assert stored(office.sync("mail", own)) == (0, 0)


def test_a_run_stopped_after_any_batch_goes_on_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAILS", 2)
    (tmp_path / "trader.mbox").write_bytes(boxed(*(bet(nth) for nth in range(9)), *(result(nth) for nth in range(9))))

    async def read(cursor: str | None, most: int) -> list[Batch]:
        async with client() as shared:
            outside = Outside("mail", Http("mail", shared), str, ZoneInfo("UTC"), now, tmp_path)
            found: list[Batch] = []
            async for batch in source.make(OWN | {"path": "trader.mbox"}, outside).fetch(cursor):
                found.append(batch)
                if len(found) == most:
                    break
            return found

    whole = [(e.key, e.kind, e.body) for batch in asyncio.run(read(None, 99)) for e in batch.events]
    assert len(whole) == 18
    for most in (1, 2, 3, 5):
        cursor, pieces = None, []
        while batches := asyncio.run(read(cursor, most)):
            pieces += [(e.key, e.kind, e.body) for batch in batches for e in batch.events]
            cursor = batches[-1].cursor
        assert pieces == whole


def test_a_mended_config_reads_the_files_again_and_counts_nothing_twice(tmp_path: Path) -> None:
    office, own = Office(tmp_path), OWN | {"path": "trader.mbox"}
    (tmp_path / "trader.mbox").write_bytes(boxed(bet(1), mail("Home 2.0 for $5", nth=5), result(1)))
    assert stored(office.sync("mail", own)) == (2, 0)
    mended = own | {"patterns": [{"line": r"(?P<pick>\w+) (?P<odds>\S+) for (?P<stake>\S+)"}]}
    assert stored(office.sync("mail", mended)) == (1, 2)
    assert stored(office.sync("mail", mended)) == (0, 0)


def test_a_corrected_announcement_and_a_back_fill_make_no_revision_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAILS", 1)
    office, own = Office(tmp_path), OWN | {"path": "trader.mbox"}
    first = mail("Bet ID | Pick | Odds | Stake\n7 | Home | 2.0 | 10", nth=1)
    second = mail("Bet ID | Pick | Odds | Stake\n7 | Home | 2.1 | 20", nth=2, date="Thu, 26 Feb 2026 10:00:00 -0500")
    (tmp_path / "trader.mbox").write_bytes(boxed(first, second, first.replace(b"<1@", b"<3@")))
    outcome = office.sync("mail", own)
    assert (outcome.counts.new, outcome.counts.revised) == (1, 2)
    again = office.sync("mail", own, since=0)
    assert (again.counts.new, again.counts.revised) == (0, 0)
    with office.store() as store:
        rows = store.connection.execute("SELECT json_extract(body, '$.stake') FROM event ORDER BY id").fetchall()
    assert [row[0] for row in rows] == [10_000_000, 20_000_000, 10_000_000]


def test_an_import_and_a_sync_of_the_same_mails_count_them_once(tmp_path: Path) -> None:
    office = Office(tmp_path)
    (tmp_path / "trader.mbox").write_bytes(boxed(bet(1), result(1)))
    office.sync("mail", OWN | {"path": "trader.mbox"})
    with office.store() as store:
        result_ = import_file(store, tmp_path / "trader.mbox", Request())
        assert (result_.format, result_.counts.new, result_.counts.revised) == ("mail", 0, 0)
        again = import_file(store, tmp_path / "trader.mbox", Request())
        assert (again.counts.new, again.counts.unchanged) == (0, 2)
    assert [net for *_, net in office.entries()] == ["10.00"]


def test_results_imported_before_their_bets_settle_them(tmp_path: Path) -> None:
    office = Office(tmp_path)
    dated = mail("Date | Market | Pick | Odds | Stake | Result\n2026-02-25 | Game 1 | Home | 2.0 | 10 | won", nth=2)
    with office.store() as store:
        for name, data in (("results.eml", dated), ("bets.eml", bet(1)), ("results.eml", dated)):
            (tmp_path / name).write_bytes(data)
            import_file(store, tmp_path / name, Request())
    assert [(where, net) for _, _, _, where, net in office.entries()] == [("Game 1", "10.00")]


def test_what_is_quarantined_is_told_with_its_line_and_mail(tmp_path: Path) -> None:
    office = Office(tmp_path)
    (tmp_path / "x.eml").write_bytes(mail("Morning\nLakers ML -110 $50\nHeat | Under | -110 | $5"))
    outcome = office.sync("mail", OWN | {"path": "x.eml"})
    assert (outcome.state, outcome.counts.new, outcome.counts.quarantined) == ("partial", 1, 1)
    (line, field, reason) = office.rejects()[0]
    assert (line, field) == (2, "line")
    assert "looks like a bet" in reason
    with office.store() as store:
        (raw,) = store.connection.execute("SELECT raw FROM quarantine").fetchone()
    assert "<1@mail.example.com>" in raw
    assert "Today's bets" in raw


def test_the_cursor_stays_small_and_another_version_of_it_is_read_from_the_start(tmp_path: Path) -> None:
    office, own = Office(tmp_path), OWN | {"path": "trader.mbox"}
    (tmp_path / "trader.mbox").write_bytes(boxed(*(bet(nth) for nth in range(300))))
    assert stored(office.sync("mail", own)) == (300, 0)
    with office.store() as store:
        (value,) = store.connection.execute("SELECT value FROM cursor").fetchone()
        assert len(value) < 300 * 200
        ((_, tally),) = json.loads(value)["files"].values()
        assert tally == {"read": 300, "with_bets": 300}
        store.connection.execute("UPDATE cursor SET value = '{\"seen\": 5}'")
        store.connection.commit()
    assert stored(office.sync("mail", own)) == (0, 300)


@pytest.mark.parametrize("gone", [True, False])
def test_a_path_that_cannot_be_read_is_named(tmp_path: Path, gone: bool) -> None:
    path = tmp_path / "trader.mbox"
    if not gone:
        path.write_bytes(b"x")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read any file")
    outcome = Office(tmp_path).sync("mail", OWN | {"path": "trader.mbox"})
    assert (outcome.state, "trader.mbox cannot be read" in outcome.error) == ("failed", True)
    assert checks(tmp_path, OWN | {"path": "trader.mbox"})[-1].state == "failed"


def test_doctor_counts_what_is_on_disk(tmp_path: Path) -> None:
    (tmp_path / "trader.mbox").write_bytes(boxed(bet(1), mail("x", sender="x@example.net", nth=2)))
    lines = checks(tmp_path, OWN | {"path": "trader.mbox"})
    assert [line.state for line in lines] == ["ok", "ok"]
    assert "1 of the newest 2" in lines[1].what
    (tmp_path / "empty").mkdir()
    assert checks(tmp_path, OWN | {"path": "empty"})[-1].state == "warning"


def test_a_bet_on_kalshi_enriches_the_venues_own_trade_and_adds_no_money(tmp_path: Path) -> None:
    office = Office(tmp_path)
    ticker = "KXHIGHNY-26FEB25-B45.5"
    head = "type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,"
    head += "realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp"
    row = f"trade,100,{ticker},yes,52,100,0,0,4800,4800,2026-02-25T22:00:00-05:00,2026-02-25T10:05:00-05:00"
    (tmp_path / "kalshi.csv").write_text(f"{head}\n{row}\n")
    (tmp_path / "x.mbox").write_bytes(
        boxed(
            mail(f"{ticker} | YES | 52¢ | $52 | 6% | 58% | Cold front", nth=1),
            mail(f"{ticker} | YES | WON", nth=2, date="Thu, 26 Feb 2026 10:00:00 -0500"),
        )
    )
    with office.store() as store:
        import_file(store, tmp_path / "kalshi.csv", Request())
    office.sync("mail", OWN | {"path": "x.mbox"})
    with office.store() as store:
        (placed,) = store.connection.execute("SELECT body FROM event WHERE body LIKE '%Cold front%'").fetchone()
    body = json.loads(placed)
    assert (body["same"], body["edge"], body["confidence"]) == (f"kalshi:{ticker}", "0.06", "0.58")
    assert [net for *_, net in office.entries()] == ["48.00"], "the venue bears the money, once"


def test_the_books_of_events_come_from_the_config_alone(tmp_path: Path) -> None:
    async def read() -> list[Event]:
        (tmp_path / "x.eml").write_bytes(bet(1))
        async with client() as shared:
            outside = Outside("mail:trader", Http("mail", shared), str, ZoneInfo("UTC"), now, tmp_path)
            fetched = source.make(OWN | {"path": "x.eml"}, outside).fetch(None)
            return [event async for batch in fetched for event in batch.events]

    (event,) = asyncio.run(read())
    assert (event.source, event.book) == ("mail:trader", None)
