"""Hyperliquid's files: a closed P&L that is net in one and gross in the other, and the API beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import Desk
from source_reading import events, read, rejects

from northstar_tui.errors import FileError
from northstar_tui.sources.hyperliquid import make
from tests.fakes.hyperliquid import ADDRESS, HyperliquidFake

SHARED = Path(__file__).parents[3] / "shared"
real = pytest.mark.skipif(
    not (SHARED / "data" / "README.md").is_file(), reason=f"the real files are not at {SHARED / 'data'}"
)
PAGE = "time,coin,dir,px,sz,ntl,fee,closedPnl"
SET = (
    "Account,Coin,Execution Price,Size Tokens,Size USD,Side,Timestamp IST,Start Position,Direction,Closed PnL,"
    "Transaction Hash,Order ID,Crossed,Fee,Trade ID,Timestamp"
)


def page(*rows: str) -> str:
    return "\n".join([PAGE, *rows, ""])


def test_the_pages_closed_pnl_is_net() -> None:
    opened, closed = events(
        read(
            page(
                "14/04/2026 - 20:59:22,HYPE,Open Long,44.912,3.02,135.63,0.058593,-0.058593",
                "18/05/2026 - 18:15:33,HYPE,Close Long,45.502,0.75,34.1,0.014742,0.42775800000000004",
            )
        )
    )
    assert (opened.kind, opened.body["amount"]) == ("cost.incurred", 58_593)
    assert (closed.kind, closed.body["net"], closed.body["fees"]) == ("trade.closed", 427_758, 14_742)
    assert closed.body["gross"] == 442_500  # (45.502 − 44.912) × 0.75
    assert datetime.fromtimestamp(opened.occurred_at / 1e6, UTC) == datetime(2026, 4, 15, 0, 59, 22, tzinfo=UTC)
    assert opened.body["same"] == f"hyperliquid:{opened.occurred_at // 1_000_000}:HYPE:buy"
    assert closed.body["same"].endswith(":HYPE:sell")


def test_names_of_the_page() -> None:
    found = events(
        read(
            page(
                "22/05/2026 - 16:56:25,HYPE/USDC,Buy,57.193,0.29,16.58597,0.00019487,-0.01114519991",
                "18/05/2026 - 17:25:20,NVDA (xyz),Open Short,223.97,0.447,100.1,0.008649,-0.008649",
                "18/05/2026 - 17:25:21,ETH,Long > Short,2000,1,2000,0.9,4.1",
                "18/05/2026 - 17:25:22,ETH,Something New,2000,1,2000,0,0",
            )
        )
    )
    assert [each.body["instrument"] for each in found] == ["HYPE/USDC", "xyz:NVDA", "ETH", "ETH"]
    assert [each.kind for each in found] == ["cost.incurred", "cost.incurred", "trade.closed", "fill.executed"]
    assert found[0].body["amount"] == 11_145  # the fee is in HYPE, × 57.193
    assert found[1].body["same"].endswith(":xyz:NVDA:sell")
    assert (found[2].body["gross"], found[2].body["side"]) == (5_000_000, "sell")


def test_the_sets_closed_pnl_is_gross_and_its_ids_are_no_keys() -> None:
    row = "0x1,{},{},16,127.68,{},02-12-2024 22:50,{},{},{},0xec,52017706630,TRUE,{},8.95E+14,1.73E+12"
    text = "\n".join(
        [
            SET,
            row.format("@107", "7.98", "BUY", "986.5", "Buy", "0", "0.0056"),
            row.format("@107", "7.98", "SELL", "986.5", "Sell", "139.418262", "1.2544"),
            row.format("BTC", "60000", "BUY", "0", "Open Long", "0", "1.2544"),
            row.format("BTC", "60000", "BUY", "0", "Open Long", "0", "1.2544"),
            row.format("BTC", "60000", "BUY", "-1", "Close Short", "0", "0"),
            row.format("BTC", "60000", "SELL", "0", "Open Short", "0", "0").replace("02-12-2024", "13-12-2024"),
        ]
    )
    bought, sold, one, twin, even, nothing = events(read(text))
    assert bought.body["amount"] == 44_688  # 0.0056 HYPE × 7.98
    assert (sold.body["gross"], sold.body["net"]) == (139_418_262, 138_163_862)
    assert one.key != twin.key
    assert one.key.partition("#")[0] == twin.key.partition("#")[0]
    assert (even.kind, nothing.kind) == ("trade.closed", "fill.executed")
    assert datetime.fromtimestamp(one.occurred_at / 1e6, UTC) == datetime(2024, 12, 2, 17, 20, tzinfo=UTC)
    assert "same" not in one.body


def test_dates_of_either_order() -> None:
    american = page(
        "4/5/2026 - 20:59:22,HYPE,Open Long,44.9,3,135,0.05,-0.05",
        "4/14/2026 - 20:59:22,HYPE,Open Long,44.9,3,135,0.05,-0.05",
    )
    assert [datetime.fromtimestamp(e.occurred_at / 1e6, UTC).month for e in events(read(american))] == [4, 4]
    open_ = page("04/05/2026 - 20:59:22,HYPE,Open Long,44.9,3,135,0.05,-0.05")
    (reject,) = rejects(read(open_))
    assert (reject.field, "export a span with a day above 12" in reject.reason) == ("time", True)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("yesterday,HYPE,Open Long,1,1,1,1,-1", "time"), ("14/04/2026 - 1:00:00,,Open Long,1,1,1,1,-1", "coin"),
        ("14/04/2026 - 1:00:00,A,Open Long,x,1,1,1,-1", "px"), ("14/04/2026 - 1:00:00,A,Open Long,1,,1,1,-1", "sz"),
        ("14/04/2026 - 1:00:00,A,Open Long,1,1,1,nan,-1", "fee"),
        ("14/04/2026 - 1:00:00,A,Open Long,1,1,1,1,1e300", "closedPnl"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_goes_to_quarantine(row: str, field: str) -> None:
    items = read(page(row, "14/04/2026 - 20:59:22,HYPE,Open Long,44.912,3.02,135.63,0.058593,-0.058593"))
    assert [each.field for each in rejects(items)] == [field]
    assert len(items) == 2


def test_a_side_that_is_none_and_a_column_that_is_missing() -> None:
    row = "0x1,BTC,1,1,1,HOLD,13-12-2024 22:50,0,Buy,0,0x,1,TRUE,0,1,1"
    assert [each.field for each in rejects(read(f"{SET}\n{row}\n"))] == ["Side"]
    with pytest.raises(FileError, match="column 'fee' is missing"):
        read(page("14/04/2026 - 20:59:22,HYPE,Open Long,1,1,1,1,-1").replace("fee", "charge"))
    with pytest.raises(FileError):
        read(f"{SET.replace('Timestamp IST', 'Timestamp XYZ')}\n{row}\n")


def test_the_page_and_the_api_count_once(tmp_path: Path) -> None:
    """The page merges the partial fills of an order, and names coins and spot pairs in its own way."""
    at = int(datetime(2026, 4, 14, 20, 59, 22, 250_000, tzinfo=UTC).timestamp() * 1000)
    later = at + 40 * 86_400_000
    with HyperliquidFake(0) as fake:
        fake.fill(at, fee="0.01", sz="1.0")
        fake.fill(at, fee="0.02", sz="2.0")
        fake.fill(later, coin="xyz:NVDA", opens=False, closed="5.5", fee="0.5")
        fake.fill(later, coin="@107", px="50.0", dir="Buy", fee="0.001", feeToken="HYPE")
        fake.fill(later + 5000, fee="0.25")  # after the export
        one = Desk(tmp_path, make, "hyperliquid", {"address": ADDRESS, "url": fake.url}, zone="UTC")
        one.load(
            "trades.csv",
            page(
                "14/04/2026 - 20:59:22,BTC,Open Long,60000.5,3,180001.5,0.03,-0.03",
                "24/05/2026 - 20:59:22,NVDA (xyz),Close Long,60000.5,0.01,600,0.5,5.0",
                "24/05/2026 - 20:59:22,HYPE/USDC,Buy,50,0.01,0.5,0.001,-0.05",
            ),
        )
        assert one.net() == Decimal("4.92")
        one.sync()
        assert one.net() == Decimal("4.67")
        assert {each.source for each in one.entries()} == {"hyperliquid"}


cells = st.sampled_from(["", "0", "1.5", "x", "HYPE", "14/04/2026 - 20:59:22", "Buy", "Close Long", "(", "A (b)"])


@given(st.sampled_from([PAGE, SET]), st.data())
def test_any_rows_come_out(header: str, data: st.DataObject) -> None:
    width = header.count(",") + 1
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))
    told = [row for row in rows if any(row)]
    assert len(read(header + "\n" + "\n".join(map(",".join, rows)))) == len(told)


# -- real files ----------------------------------------------------------------------------------------------------


@real
def test_a_real_page() -> None:
    text = (SHARED / "data/hyperliquid/Varial17__hyperliquid_trades.csv").read_text()
    found = events(read(text))
    stated = [Decimal(line.split(",")[7]) for line in text.splitlines()[1:]]
    nets = [each.body.get("net", -each.body.get("amount", 0)) for each in found]
    assert nets == [round(each * 1_000_000) for each in stated]
    assert [each.kind for each in found].count("trade.closed") == 6 == sum("Close" in e.body["dir"] for e in found)


@real
def test_a_real_set_sums_to_its_answer_key() -> None:
    found = events(read((SHARED / "data/hyperliquid/Auraangel07__historical_data.csv").read_bytes()))
    assert len(found) == len({each.key for each in found}) == 15_629
    assert sum(each.body.get("gross", 0) for each in found) == 1_272_260_125_956
    assert sum(Decimal(each.body["fee"]) for each in found) == Decimal("80597.53564146")
    closing = {each.body["dir"] for each in found if each.kind == "trade.closed"}
    assert closing == {"Close Long", "Close Short", "Long > Short", "Short > Long", "Sell", "Spot Dust Conversion"}
    assert {each.body["dir"] for each in found if each.kind != "trade.closed"} == {"Open Long", "Open Short", "Buy"}


@real
def test_real_fills_through_the_api(tmp_path: Path) -> None:
    told = json.loads((SHARED / "data/hyperliquid/hlcopytrader__exchange_follower_fills.json").read_text())
    with HyperliquidFake(0, page=30) as fake:
        fake.fills = [fill for query in told["queries"] for fill in query["fills"]]
        one = Desk(tmp_path, make, "hyperliquid", {"address": ADDRESS, "url": fake.url})
        assert one.sync().counts.new == 202
        trades = [each for each in one.entries() if each.kind == "trade"]
        assert len(trades) == 106
        assert sum(each.gross for each in trades) == -1_212_200
        assert one.net() == Decimal("-1.2122") - Decimal("0.954406")


@real
@pytest.mark.parametrize("name", ["run_2026-07", "variety_2026-07", "official_doc_example"])
def test_sampled_fills_through_the_api(tmp_path: Path, name: str) -> None:
    with HyperliquidFake(0) as fake:
        fake.fills = json.loads((SHARED / f"samples/hyperliquid/userFillsByTime_{name}.json").read_text())
        one = Desk(tmp_path, make, "hyperliquid", {"address": ADDRESS, "url": fake.url})
        assert one.sync().counts.new == len(fake.fills)
        usdc = sum(Decimal(each["closedPnl"]) - Decimal(each["fee"]) for each in fake.fills)
        assert one.net() == usdc
