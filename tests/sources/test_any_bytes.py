"""Whatever the bytes, a file is refused or every record of it comes out, as an event or as a reject."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st
from source_reading import read

from northstar_tui.errors import FileError
from northstar_tui.events import Event, Reject
from northstar_tui.sources.base import Item, Logged
from northstar_tui.text import safe

KALSHI = (
    "type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,"
    "realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp"
)
BETS = "bet_id,sportsbook,Date,Match,Selection,Stake,Odds,Result,Payout,Profit,Commission"
BETFAIR = "Market,Start time,Settled date,Profit/Loss (£)"
FIRST = "Ticker,Type,Direction,Contracts,Average_Price,Realized_Revenue,Realized_Cost,Realized_Profit,Fees,Created"

cells = st.sampled_from(
    ["", "trade", "credit", "yes", "no", "1", "0", "-36", "100", "2.5", "-110", "5/2", "win", "loss", "pending",
     "$1,234.50", "(3)", "£5", "1,833", "2026-05-05T07:33:01-04:00", "03/04/2026", "30-Apr-24 16:10", "KXA-1",
     "=cmd()", "nan", "1e400", "\x1b[31m", "\ufeff", "é", "x\ny", '"', "\u202e"]
) | st.text(max_size=8)  # fmt: skip


def checked(data: bytes) -> list[Item]:
    try:
        items = read(data)
    except FileError as refusal:
        assert safe(str(refusal)) == str(refusal)
        return []
    for item in items:
        if isinstance(item, Reject):
            assert item.reason
            assert safe(item.reason) == item.reason
            item.raw.encode()
        else:
            event = item.event if isinstance(item, Logged) else item
            event.raw.encode()
            for name in ("gross", "fees", "net", "stake", "opened_at", "closed_at"):
                assert type(event.body.get(name, 0)) is int
            if "gross" in event.body:
                assert event.body["gross"] - event.body["fees"] == event.body["net"]
    return items


@given(st.binary(max_size=400))
@example(b'{"source":"a","revision":')
@example(b"sep=\n")
def test_any_bytes(data: bytes) -> None:
    checked(data)


@settings(max_examples=60)
@given(st.sampled_from([KALSHI, BETS, BETFAIR, FIRST]), st.binary(max_size=300))
def test_any_bytes_under_a_good_header(header: str, data: bytes) -> None:
    checked(header.encode() + b"\n" + data)


@given(st.sampled_from([KALSHI, BETS, BETFAIR, FIRST]), st.data())
def test_every_record_of_a_well_formed_table_comes_out(header: str, data: st.DataObject) -> None:
    width = header.count(",") + 1
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))
    rows = [[cell.replace("\0", "0").replace("\r", "") for cell in row] for row in rows]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([header.split(","), *rows])
    told = [row for row in rows if any(cell.strip() for cell in row)]
    repeated = [row for row in told if row[0].replace("\ufeff", "").strip(" \t\"'*").lower() in ("type", "ticker")]
    items = checked(out.getvalue().encode("utf-8", "replace"))
    assert len(told) - len(repeated) <= len(items) <= len(told)


@given(st.integers(0, 200))
def test_a_table_cut_at_any_byte_loses_nothing_in_silence(cut: int) -> None:
    row = 'B,X,2026-02-03,"a ""b"", c",Réds,10,2.5,win,25,15,0'
    whole = (BETS + "\n" + f"{row}\n" * 3).encode()
    items = checked(whole[: len(whole) - cut])
    if cut < 2 * len(row.encode()):
        lines = [item.line for item in items if isinstance(item, Event | Reject)]
        assert lines[:2] == [2, 3] or len(lines) >= 1
