"""Kalshi's exports: four generations of one thing, credits, and the report that is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from source_reading import events, read, rejects

from northstar_tui.calendar import instant
from northstar_tui.errors import FileError

_FIELDS = [
    "entry_price",
    "exit_price",
    "open_fees",
    "close_fees",
    "realized_pnl_without_fees",
    "realized_pnl_with_fees",
]


def header(generation: int) -> str:
    money = [f"{name}_{'cents' if generation == 2 else 'dollars'}" for name in _FIELDS]
    columns = ["type", "quantity" if generation == 2 else "quantity_fp", "market_ticker", "side", *money]
    columns += ["close_timestamp", "open_timestamp"]
    if generation == 4:
        columns = ["subtrader_id", *columns, "product", "period_start", "market_title"]
    return ",".join(columns)


GEN2 = header(2) + "\n"
GEN3 = header(3) + "\n"
GEN4 = header(4) + "\n"
TIMES = "2026-05-05T07:33:01-04:00,2026-05-03T11:15:59-04:00"
CLOSED = instant(datetime(2026, 5, 5, 11, 33, 1, tzinfo=UTC))
OPENED = instant(datetime(2026, 5, 3, 15, 15, 59, tzinfo=UTC))


def test_a_trade_states_its_own_profit_and_the_fees_are_what_lies_between() -> None:
    # The fee columns (2 and 0) are rounded and do not add up to what the P&L says (3).
    (event,) = events(read(GEN2 + f"trade,3,KXHIGHLAX-26MAY04-B66.5,no,68,100,2,0,96,93,{TIMES}\n", book="john"))
    assert (event.source, event.kind, event.book, event.line) == ("kalshi-csv:john", "trade.closed", "john", 2)
    assert event.occurred_at == CLOSED
    assert event.raw == f"trade,3,KXHIGHLAX-26MAY04-B66.5,no,68,100,2,0,96,93,{TIMES}"
    assert event.body == {
        "instrument": "KXHIGHLAX-26MAY04-B66.5",
        "side": "no",
        "quantity": "3",
        "price": "0.68",
        "exit_price": "1",
        "stake": 2_060_000,
        "gross": 960_000,
        "fees": 30_000,
        "net": 930_000,
        "opened_at": OPENED,
        "closed_at": CLOSED,
        "same": "kalshi:KXHIGHLAX-26MAY04-B66.5",
        "precision": "cents",
    }


def test_a_truncated_quantity_makes_the_stake_unknown_and_leaves_the_profit() -> None:
    (event,) = events(read(GEN2 + f"trade,0,KXLOW-26MAY07-B49.5,no,93,99,0,0,2,2,{TIMES}\n"))
    assert event.source == "kalshi-csv"
    assert "stake" not in event.body
    assert (event.body["net"], event.body["quantity"]) == (20_000, "0")


def test_generations_agree_on_the_key_where_they_convert_exactly() -> None:
    old = events(read(GEN2 + f"trade,1,KXA-1,yes,36,0,2,0,-36,-38,{TIMES}\n"))
    mid = events(read(GEN3 + f"trade,1.57,KXA-1,yes,0.36,0,0.02,0,-0.36,-0.38,{TIMES}\n"))
    late = "2026-05-05T06:33:01-05:00,2026-05-03T15:15:59Z"
    new = events(
        read(
            GEN4 + "sub-1,trade,1.57,KXA-1,yes,0.36000000,0.00000000,0.02000000,0.00000000,-0.36000000,-0.38000000,"
            f'{late},predictions,2026-05-01,"A, or B?"\n'
        )
    )
    assert old[0].key == mid[0].key == new[0].key
    assert new[0].body["title"] == "A, or B?"
    assert new[0].body["quantity"] == "1.57"
    assert new[0].body["price"] == old[0].body["price"] == "0.36"
    assert "precision" not in new[0].body


def test_identical_rows_are_two_trades_and_keep_their_keys_in_any_file() -> None:
    row = f"trade,1,KXA-1,yes,36,0,2,0,-36,-38,{TIMES}\n"
    other = f"trade,1,KXB-1,no,40,100,2,0,60,58,{TIMES}\n"
    whole = [event.key for event in events(read(GEN2 + row + other + row))]
    part = [event.key for event in events(read(GEN2 + row + row))]
    assert len(set(whole)) == 3
    assert part == [whole[0], whole[2]]


def test_a_credit_is_income_and_no_trade() -> None:
    data = GEN3 + f"credit,0,,,,,,,4.25,4.25,{TIMES}\ncredit,0,,,0,0,0,0,4.25,4.25,{TIMES.split(',')[0]},\n"
    first, second = events(read(data))
    assert first.kind == second.kind == "credit.received"
    assert first.body == {"net": 4_250_000, "category": "incentive", "opened_at": OPENED, "closed_at": CLOSED}
    assert second.body["opened_at"] == CLOSED
    assert first.key != second.key


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (f"transfer,0,,,,,,,1,1,{TIMES}", "type"),
        (f"trade,1,,yes,36,0,2,0,-36,-38,{TIMES}", "market_ticker"),
        (f"trade,1,KXA-1,maybe,36,0,2,0,-36,-38,{TIMES}", "side"),
        (f"trade,1,KXA-1,yes,36,0,2,0,-36,,{TIMES}", "realized_pnl_with_fees_cents"),
        (f"trade,1,KXA-1,yes,36,0,2,0,nan,-38,{TIMES}", "realized_pnl_without_fees_cents"),
        (f"trade,x,KXA-1,yes,36,0,2,0,-36,-38,{TIMES}", "quantity"),
        (f"trade,1,KXA-1,yes,1e99,0,2,0,-36,-38,{TIMES}", "entry_price_cents"),
        ("trade,1,KXA-1,yes,36,0,2,0,-36,-38,2026-05-05T07:33:01-04:00,2026-05-03", "open_timestamp"),
        ("trade,1,KXA-1,yes,36,0,2,0,-36,-38,,2026-05-03T11:15:59-04:00", "close_timestamp"),
        ("trade,1,KXA-1,yes,36", "record"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_read(row: str, field: str) -> None:
    items = read(GEN2 + row + f"\ntrade,1,KXA-1,yes,36,0,2,0,-36,-38,{TIMES}\n")
    (reject,) = rejects(items)
    assert (reject.line, reject.field, reject.raw) == (2, field, row)
    assert len(items) == 2


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_file_cut_anywhere_in_its_last_row_never_states_another_number(cut: int) -> None:
    row = f"trade,1,KXA-1,yes,36,0,2,0,-36,-38,{TIMES}"
    items = read(GEN2 + row + "\n" + row[:-cut])
    whole = events(items[:1])[0]
    assert len(items) == 2
    assert len(rejects(items)) == 1
    assert whole.body["net"] == -380_000


def test_headers_may_be_padded_reordered_repeated_and_have_more_columns() -> None:
    columns = [*reversed(header(3).split(",")), "fee_tier"]
    row = f"trade,1.5,KXA-1,yes,0.36,0,0.02,0,-0.54,-0.56,{TIMES}".split(",")
    lines = [" ; ".join(columns), ";".join([*reversed(row), "gold"])]
    data = "\ufeff" + "\r\n".join([*lines, *lines]) + "\r\n"
    found = events(read(data))
    assert [event.body["net"] for event in found] == [-560_000, -560_000]
    assert found[0].body["stake"] == 560_000


def test_a_missing_column_is_named() -> None:
    with pytest.raises(FileError, match="close timestamp"):
        read(GEN2.replace("close_timestamp", "closed") + f"trade,1,KXA-1,yes,36,0,2,0,-36,-38,{TIMES}\n")


FIRST = "Ticker,Type,Direction,Contracts,Average_Price,Realized_Revenue,Realized_Cost,Realized_Profit,Fees,Created\n"


def test_generation_1_books_what_is_realised_and_the_fees_of_opening() -> None:
    found = events(
        read(
            FIRST + 'KXA-1,trade,Yes,10,40,0,0,0,0.17,"Jan 20, 2025 at 10:04 AM EST"\n'
            'KXA-1,settlement,Yes,10,40,10.00,4.00,6.00,0,"Jan 21, 2025 at 10:00 AM EST"\n'
            'KXB-1,trade,No,10,55,5.50,4.00,1.33,0.17,"Jan 22, 2025 at 10:00 AM EST"\n'
            'KXC-1,trade,No,10,55,5.50,4.00,1.50,0.17,"Jan 22, 2025 at 10:00 AM EST"\n'
            'KXD-1,trade,No,10,55,0,0,0,0,"Jan 22, 2025 at 10:00 AM EST"\n'
        )
    )
    assert [e.kind for e in found] == ["cost.incurred", "trade.closed", "trade.closed", "trade.closed", "fill.executed"]
    same = ["kalshi:KXA-1", "kalshi:KXA-1", "kalshi:KXB-1", "kalshi:KXC-1", None]
    assert [e.body.get("same") for e in found] == same  # an opening fee is part of what its market earned
    assert found[0].body["amount"] == 170_000
    assert [(e.body["gross"], e.body["fees"], e.body["net"]) for e in found[1:4]] == [
        (6_000_000, 0, 6_000_000),
        (1_500_000, 170_000, 1_330_000),
        (1_500_000, 170_000, 1_330_000),
    ]


def test_generation_1_does_not_guess_whether_fees_are_in_the_profit() -> None:
    row = 'KXB-1,trade,No,10,55,5.50,4.00,9.99,0.17,"Jan 22, 2025 at 10:00 AM EST"\n'
    assert [reject.field for reject in rejects(read(FIRST + row))] == ["realized profit"]


@pytest.mark.parametrize(
    "columns",
    [
        "type,Status,Amount_In_Dollars,Original_Date,Traded_Time,Profit_In_Dollars",
        "type,Settled_Time,Market_Title,Result,Profit_In_Dollars,Amount_In_Dollars,Original_Date,Traded_Time",
    ],
)
def test_recent_activity_is_refused_with_the_export_to_use(columns: str) -> None:
    with pytest.raises(FileError, match=r"kalshi\.com/account/taxes"):
        read(columns + "\n" + "," * columns.count(",") + "x\n")
