"""Bet logs: names, results, money and identities of bets, as books and people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from source_reading import events, read, rejects

from northstar_tui.calendar import instant
from northstar_tui.errors import FileError
from northstar_tui.events import Event
from northstar_tui.sources.base import FormatSettings, settings_of
from northstar_tui.text import safe

PIKKIT = (
    "bet_id,sportsbook,type,status,odds,closing_line,ev,amount,profit,time_placed,time_placed_iso,time_settled,"
    "time_settled_iso,bet_info,tags,sports,leagues\n"
)


def bet(columns: str, *values: str, settings: FormatSettings | None = None) -> dict[str, Any]:
    """Return the body of the one bet in a log with these columns and this row, its kind under ``kind``."""
    (event,) = events(read(columns + "\n" + ",".join(values) + "\n", settings=settings))
    return {**event.body, "kind": event.kind}


def refused(columns: str, *values: str) -> tuple[str, str]:
    (reject,) = rejects(read(columns + "\n" + ",".join(values) + "\n"))
    return reject.field, reject.reason


def test_pikkit() -> None:
    row = (
        "B7,FanDuel,straight,SETTLED_WIN,2.10,,0.05,100,110,02/24/2026 19:53:23 GMT,2026-02-24T19:53:23.751Z,"
        "02/25/2026 03:26:51 GMT,2026-02-25T03:26:51.000Z,Reds ML,,Basketball,NBA\n"
    )
    (event,) = events(read(PIKKIT + row, book="john"))
    assert (event.source, event.key, event.kind) == ("bets-csv:john", "fanduel:B7", "bet.settled")
    assert event.occurred_at == event.body["closed_at"] == instant(datetime(2026, 2, 25, 3, 26, 51, tzinfo=UTC))
    assert event.body["opened_at"] == instant(datetime(2026, 2, 24, 19, 53, 23, 751_000, tzinfo=UTC))
    assert event.body["odds"] == "2.1"
    assert (event.body["stake"], event.body["gross"], event.body["fees"], event.body["net"]) == (
        100_000_000,
        110_000_000,
        0,
        110_000_000,
    )
    assert (event.body["result"], event.body["league"], event.body["category"]) == ("win", "NBA", "sports")
    assert event.raw == row.strip()


def test_pikkits_old_header_is_month_first_even_where_no_date_shows_it() -> None:
    columns = (
        "bet_id,sportsbook,type,status,odds,closing_line,ev,amount,profit,time_placed,time_settled,bet_info,tags,"
        "sports,leagues"
    )
    found = bet(
        columns,
        *["1", "X", "straight", "PENDING", "2", "", "", "5", "", "02/03/2026 10:00:00 GMT", "", "Reds", "", "", ""],
    )
    assert found["opened_at"] == instant(datetime(2026, 2, 3, 10, tzinfo=UTC))
    assert (found["kind"], found["stake"]) == ("bet.placed", 5_000_000)
    assert "net" not in found
    assert "closed_at" not in found


SHORT = "Date,Selection,Stake,Odds,Result"


@pytest.mark.parametrize(
    ("odds", "result", "net", "said"),
    [
        ("2.50", "WIN", 15_000_000, "win"),
        ("+150", "Won", 15_000_000, "win"),
        ("-110", "w", 9_090_909, "win"),
        ("3/2", "SETTLED_WIN", 15_000_000, "win"),
        ("40¢", "1", 15_000_000, "win"),
        ("2.50", "L", -10_000_000, "loss"),
        ("2.50", "push", 0, "push"),
        ("2.50", "Voided", 0, "void"),
        ("2.50", "half won", 7_500_000, "half-win"),
        ("2.50", "HALF_LOSS", -5_000_000, "half-loss"),
    ],
)
def test_the_net_follows_from_result_and_odds_where_nothing_else_is_stated(
    odds: str, result: str, net: int, said: str
) -> None:
    found = bet(SHORT, "2026-02-03", "Reds", "10", odds, result)
    assert (found["net"], found["gross"], found["result"]) == (net, net, said)
    assert found["closed_at"] == found["opened_at"]


def test_commission_comes_off_what_odds_promise_and_is_added_to_a_stated_profit() -> None:
    found = bet(SHORT + ",Commission", "2026-02-03", "Reds", "10", "2.50", "win", "0.30")
    assert (found["gross"], found["fees"], found["net"]) == (15_000_000, 300_000, 14_700_000)
    found = bet("Date,Stake,Odds,Profit,Commission", "2026-02-03", "10", "2.50", "14.70", "0.30")
    assert (found["gross"], found["fees"], found["net"]) == (15_000_000, 300_000, 14_700_000)


@pytest.mark.parametrize(
    ("columns", "values", "net"),
    [
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,win,25", 15_000_000),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,loss,0", -10_000_000),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,cashout,6", -4_000_000),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,void,10", 0),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,void,0", 0),
        ("Date,Stake,Odds,Result,Payout,Profit", "2026-02-03,10,2.5,win,27.50,17.50", 17_500_000),
        ("Date,Stake,Odds,Payout", "2026-02-03,10,2.5,0", -10_000_000),
        ("Date,Odds,Result,P&L", "2026-02-03,2.5,,($3.00)", -3_000_000),
        ("Date,Stake,Odds,Result,Amount Won/Lost", '2026-02-03,"$1,000",-110,LOSS,"($1,000.00)"', -1_000_000_000),
    ],
)
def test_what_is_stated_is_believed(columns: str, values: str, net: int) -> None:
    assert bet(columns, values)["net"] == net


@pytest.mark.parametrize(
    ("columns", "values", "field"),
    [
        ("Date,Stake,Odds,Result,Payout,Profit", "2026-02-03,10,2.5,win,25,25", "Profit"),
        ("Date,Stake,Odds,Result,Profit", "2026-02-03,10,2.5,LOSS,10", "Profit"),
        ("Date,Stake,Odds,Result,Profit", "2026-02-03,10,2.5,won,-10", "Profit"),
        ("Date,Stake,Odds,Result,Profit", "2026-02-03,10,2.5,void,10", "Profit"),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,win,15", "Payout"),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,win,5", "Payout"),
        ("Date,Stake,Odds,Result,Payout", "2026-02-03,10,2.5,loss,25", "Payout"),
        ("Date,Stake,Odds,Result", "2026-02-03,10,2.5,cashout", "payout"),
        ("Date,Stake,Odds,Result", "2026-02-03,10,SP,win", "Odds"),
        ("Date,Stake,Odds,Result", "2026-02-03,10,2.5,maybe", "Result"),
        ("Date,Stake,Odds,Result", "2026-02-03,-10,2.5,win", "Stake"),
        ("Date,Stake,Odds,Result", "2026-02-03,,2.5,win", "Stake"),
        ("Date,Stake,Odds,Result", "01-Jan,10,2.5,win", "Date"),
        ("Date,Stake,Odds,Result", ",10,2.5,win", "Date"),
        ("Date,Stake (£),Odds,Result", "2026-02-03,€10,2.5,win", "Stake (£)"),
        ("Date,Stake,Odds,Result,Currency", "2026-02-03,10,2.5,win,bananas", "Currency"),
    ],
)
def test_what_contradicts_itself_is_quarantined_by_the_columns_name(columns: str, values: str, field: str) -> None:
    assert refused(columns, values)[0] == field


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("Date,Stake,Odds,Result,Payout,Profit", "2026-02-03,10,2.5,Pending,0.0,0.0"),
        ("Date,Stake,Odds,Result,Payout,Profit", "2026-02-03,10,2.5,,0,0"),
        ("Date,Stake,Odds,Result,Payout,Profit", "2026-02-03,10,SP,open,25,"),
        ("Date,Stake,Odds,Profit", "2026-02-03,10,2.5,"),
    ],
)
def test_an_open_bet_bears_no_money(columns: str, values: str) -> None:
    found = bet(columns, values)
    assert found["kind"] == "bet.placed"
    assert found["stake"] == 10_000_000
    assert "net" not in found


@pytest.mark.parametrize(
    ("columns", "values", "currency"),
    [
        ("Date,Stake,Odds,Result", "2026-02-03,£10,2.5,win", "GBP"),
        ("Date,Stake,Odds,Result", "2026-02-03,10 €,2.5,win", "EUR"),
        ("Date,Stake,Odds,Result", "2026-02-03,AUD 10,2.5,win", "AUD"),
        ("Date,Stake (AUD),Odds,Result", "2026-02-03,$10,2.5,win", "AUD"),
        ("Date,Stake,Odds,Result,Currency", "2026-02-03,10,2.5,win,gbp", "GBP"),
        ("Date,Stake,Odds,Result", "2026-02-03,$10,2.5,win", None),
    ],
)
def test_the_currency_is_kept(columns: str, values: str, currency: str | None) -> None:
    found = bet(columns, values)
    assert found.get("currency") == currency
    assert (found["stake"], found["net"]) == (10_000_000, 15_000_000)


def test_a_bet_and_its_later_result_share_a_key() -> None:
    def key(row: str) -> str:
        return events(read(SHORT + ",Profit\n" + row))[0].key

    assert key("2026-02-03,Reds,10,2.5,pending,") == key("2026-02-03,Reds,10.00,2.50,win,15")
    assert key("2026-02-03,Reds,10,2.5,pending,") != key("2026-02-04,Reds,10,2.5,win,15")
    both = events(read(SHORT + "\n2026-02-03,Reds,10,2.5,pending\n2026-02-03,Reds,10,2.5,win\n"))
    assert [event.kind for event in both] == ["bet.placed", "bet.settled"]
    assert both[0].key == both[1].key


def test_two_equal_bets_are_two() -> None:
    found = events(read(SHORT + "\n" + "2026-02-03,Reds,10,2.5,win\n" * 2))
    assert found[0].key != found[1].key


def test_an_id_names_one_bet_of_one_book() -> None:
    columns = "id,Sportsbook,Date,Stake,Odds,Result\n"
    found = read(columns + "1,A,2026-02-03,10,2,pending\n1,A,2026-02-03,10,2,win\n1,B,2026-02-04,5,2,win\n")
    assert [event.key for event in events(found)] == ["a:1", "a:1", "b:1"]
    (reject,) = rejects(read(columns + "1,A,2026-02-03,10,2,win\n1,A,2026-02-04,5,2,win\n"))
    assert (reject.line, reject.field) == (3, "id")


def test_the_column_as_a_whole_decides_dates_odds_and_decimals() -> None:
    data = "Datum;Auswahl;Einsatz;Quote;Gewinn\n03/04/2026;Rot;1.000;1,833;-1.000,00\n25/04/2026;Blau;2,50;2,1;2,75\n"
    settings = FormatSettings(
        columns={"time": "Datum", "selection": "Auswahl", "stake": "Einsatz", "odds": "Quote", "profit": "Gewinn"}
    )
    first, second = events(read(data, settings=settings))
    assert first.body["opened_at"] == instant(datetime(2026, 4, 3, 4, tzinfo=UTC))
    assert (first.body["stake"], first.body["odds"], first.body["net"]) == (10**9, "1.833", -(10**9))
    assert (second.body["stake"], second.body["odds"], second.body["net"]) == (2_500_000, "2.1", 2_750_000)


def test_an_open_date_order_is_quarantined_and_the_config_settles_it() -> None:
    data = SHORT + "\n03/04/2026,Reds,10,2.5,win\n"
    (reject,) = rejects(read(data))
    assert reject.field == "Date"
    assert "[formats.NAME]" in reject.reason
    (event,) = events(read(data, settings=FormatSettings(dates="dmy")))
    assert event.body["opened_at"] == instant(datetime(2026, 4, 3, 4, tzinfo=UTC))


def test_date_and_clock_in_two_columns() -> None:
    columns = "date,horse,course,time,odds,stake,result"
    found = bet(columns, "2026-02-03,Bolt,Ayr,14:25,1/2,5.0,Lost")
    assert found["opened_at"] == instant(datetime(2026, 2, 3, 19, 25, tzinfo=UTC))
    found = bet(columns, "2026-02-03,Bolt + Dash,Ayr/Bath,15:30/14:35,8/1 + 9/4,10,Lost")
    assert (found["odds"], found["net"]) == ("29.25", -10_000_000)


def test_a_mapping_names_columns_unit_category_and_book() -> None:
    settings = settings_of(
        "tips",
        {
            "kind": "bets",
            "columns": {"time": "posted", "profit": "units"},
            "unit": 25,
            "category": "tips",
            "book": "anna",
        },
    )
    data = "posted,pick,odds,result,units\n2026-02-03 10:00:00,Reds,1.83,1.0,0.83\n2026-02-03 11:00:00,Blues,2,,\n"
    won, pending = events(read(data, settings=settings))
    assert (won.source, won.book, won.body["category"]) == ("bets-csv:anna", "anna", "tips")
    assert won.body["net"] == 20_750_000
    assert pending.kind == "bet.placed"


@pytest.mark.parametrize(
    "table",
    [
        {"kind": "trades"},
        {"colums": {}},
        {"columns": {"when": "x"}},
        {"odds": "roman"},
        {"dates": "ymd"},
        {"unit": 0},
        {"unit": "many"},
    ],
)
def test_a_wrong_mapping_is_named(table: dict[str, Any]) -> None:
    with pytest.raises(FileError, match=r"formats\.tips"):
        settings_of("tips", table)


def test_a_unit_may_be_a_decimal_text() -> None:
    assert settings_of("tips", {"unit": "0.01"}).unit == Decimal("0.01")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("league,home,selection,odds,result,stake\nA,B,C,1.8,1,5\n", "lacks a date"),
        ("Date,Selection,Stake,Result\n2026-01-01,a,5,win\n", "lacks odds"),
        ("a,b\n1,2\n", "its columns are a, b"),
        ("no table at all\n", "no file that NorthStar knows"),
        ('{"orders": []}', "JSON of another program"),
        ("<html><body>Sign in</body></html>", "web page"),
        ("Date,Profit,Profit,Odds\n2026-01-01,1,2,3\n", "stands 2 times"),
        ("\x1b[2Ja,b\n1,2\n", "␛"),
    ],
)
def test_what_is_no_log_of_bets_is_refused_saying_why(data: str, why: str) -> None:
    with pytest.raises(FileError, match=why) as refusal:
        read(data)
    assert safe(str(refusal.value)) == str(refusal.value)


def test_a_mapping_that_names_a_missing_column_is_refused() -> None:
    with pytest.raises(FileError, match="'posted'"):
        read("Date,Odds,Profit\n2026-01-01,2,1\n", settings=FormatSettings(columns={"time": "posted"}))


def test_betfair() -> None:
    data = "\ufeffMarket,Start time,Settled date,Profit/Loss (£)\r\n"
    data += "Horse Racing / Ayr 30th Apr : 1m2f,30-Apr-24 16:10,30-Apr-24 16:13,78.60\r\n"
    data += "Horse Racing / Ayr 30th Apr : 1m2f,30-Apr-24 16:10,30-Apr-24 16:13,x\r\n"
    items = read(data)
    (reject,) = rejects(items)
    assert (reject.line, reject.field) == (3, "Profit/Loss (£)")
    event = items[0]
    assert isinstance(event, Event)
    assert (event.source, event.kind, event.body["currency"]) == ("betfair-csv", "bet.settled", "GBP")
    assert (event.body["net"], event.body["gross"], event.body["category"]) == (78_600_000, 78_600_000, "sports")
    assert event.body["closed_at"] - event.body["opened_at"] == 180_000_000
    corrected = events(read(data.replace("78.60", "-3.10").rsplit("Horse", 1)[0]))[0]
    assert corrected.key == event.key
