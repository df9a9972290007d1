"""Kalshi by API: the money of a settled market said twice, exactly once, whatever way it comes in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kalshi_venue import Venue

from northstar_tui.sources.kalshi import api
from tests.fakes.kalshi import DAY, START, KalshiFake

MICRO = 1_000_000


@pytest.fixture(autouse=True)
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a local server as often as it can answer."""
    if "rate" not in request.node.name:
        monkeypatch.setattr(api, "RATE", 2000)


@pytest.fixture
def fake() -> Iterator[KalshiFake]:
    with KalshiFake(empty=True) as served:
        yield served


@pytest.fixture
def venue(tmp_path: Path, fake: KalshiFake) -> Venue:
    return Venue(tmp_path, fake)


def settled(venue: Venue, key: str) -> dict[str, Any]:
    return venue.trades()[key]


# -- the two formulas ----------------------------------------------------------------------------------------------


def test_a_winner_closed_early_is_what_both_formulas_say_and_not_its_revenue(venue: Venue) -> None:
    venue.fake.trade("KXB-1", "bid", "2.00", "0.0060", START, "0.011650")
    venue.fake.trade("KXB-1", "ask", "2.00", "0.2000", START + 9, "0.011650")
    (row,) = venue.fake.settle("KXB-1", "0.0000", START + 900)
    assert row["revenue"] == 0
    venue.done()
    body = settled(venue, "0:KXB-1")
    assert (body["net"], body["check_net"]) == (364_700, 364_700)
    assert (body["gross"], body["fees"], body["stake"]) == (388_000, 23_300, 1_635_300)
    assert (body["side"], body["quantity"], body["price"]) == ("yes", "2", "0.006")
    assert (body["opened_at"], body["closed_at"]) == (START * MICRO, (START + 900) * MICRO)
    assert body["same"] == "kalshi:KXB-1"
    assert venue.office.entries() == [("2026-09-21", "trade", "other", "KXB-1", "0.3647")]


def test_a_losing_no_and_a_fractional_scalar_cut_to_the_cent(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "ask", "10.50", "0.1800", START, "0.010000")
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    venue.fake.trade("KXS-1", "bid", "7.31", "0.5500", START, "0")
    (row,) = venue.fake.settle("KXS-1", "0.3750", START + 60, cents=37)
    assert row["revenue"] == 274  # 7.31 × 0.375 is 2.74125
    venue.done()
    assert settled(venue, "0:KXA-1")["net"] == -8_620_000
    assert settled(venue, "0:KXA-1")["side"] == "no"
    body = settled(venue, "0:KXS-1")
    assert body["net"] == body["check_net"] == 2_740_000 - 4_020_500


def test_a_wrong_fee_in_the_fills_shows_as_a_difference_and_leaves_the_net(venue: Venue) -> None:
    fill = venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    fill["fee_cost"] = "0.260000"
    venue.done()
    body = settled(venue, "0:KXA-1")
    assert (body["net"], body["check_net"]) == (5_990_000, 5_740_000)
    assert venue.office.entries()[0][-1] == "5.99"


def test_a_row_whose_revenue_is_not_its_worth_is_quarantined_with_both_figures(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    (row,) = venue.fake.settle("KXA-1", "1.0000", START + 60)
    row["revenue"] = 900
    outcome = venue.sync()
    assert (outcome.state, outcome.counts.quarantined) == ("partial", 1)
    ((_, field, why),) = venue.office.rejects()
    assert field == "revenue"
    assert "KXA-1" in why
    assert "pays 9.00" in why
    assert "worth 10.00" in why
    assert venue.office.entries() == []
    row["revenue"] = 1000
    venue.done()
    assert venue.office.entries()[0][-1] == "5.99"
    assert venue.office.rejects() == [], "the venue mended it"


@pytest.mark.parametrize(
    ("revenue", "value", "result", "known"),
    [(500, None, "void", False), (500, 50, "scalar", True), (1000, None, "yes", True)],
)
def test_void_and_scalar_settlements_are_booked_as_paid(
    venue: Venue, revenue: int, value: int | None, result: str, known: bool
) -> None:
    venue.fake.trade("KXV-1", "bid", "10.00", "0.5000", START)
    (row,) = venue.fake.settle("KXV-1", "0.0000", START + 60)
    row.update(revenue=revenue, value=value, market_result=result)
    venue.fake.market("KXV-1").update(result=result, settlement_value_dollars=None)
    venue.done()
    body = settled(venue, "0:KXV-1")
    assert body["net"] == revenue * 10_000 - 5_010_000
    assert ("check_net" in body, body.get("value_missing", False)) == (known, not known)


counts = st.decimals("0.01", "500", places=2).map(str)
prices = st.decimals("0.001", "0.999", places=3).map(str)
fees = st.decimals("0", "3", places=6).map(str)
trades = st.tuples(
    st.sampled_from(["KXA-1", "KXB-1", "KXC-1"]), st.sampled_from(["bid", "ask"]), counts, prices, fees,
    st.sampled_from([0, 0, 3]),
)  # fmt: skip
values = st.sampled_from(["0.0000", "1.0000", "0.3700", "0.1250"])


@settings(max_examples=15)
@given(st.lists(trades, min_size=1, max_size=12), values, st.integers(0, 12))
def test_both_formulas_agree_and_add_up_to_the_cash(made: list[Any], value: str, cut: int) -> None:
    with TemporaryDirectory() as folder, KalshiFake(empty=True) as fake:
        venue = Venue(Path(folder), fake)
        fake.cutoff = START + cut * 60  # some fills live in the archive
        fake.deposit(100_000, START - DAY)
        for at, (ticker, side, count, price, fee, sub) in enumerate(made):
            fake.trade(ticker, side, count, price, START + at * 60, fee, sub)
        for ticker in sorted({each[0] for each in made}):
            fake.settle(ticker, value, START + DAY, cents=int(Decimal(value) * 100))
        venue.done()
        bodies = venue.trades()
        assert set(bodies) == {f"{each[5]}:{each[0]}" for each in made}
        assert all(body["net"] == body["check_net"] for body in bodies.values())
        net = sum(body["net"] for body in bodies.values())
        assert 1000 * MICRO + net == int(sum(fake.account.cash.values()) * MICRO)


# -- exactly once --------------------------------------------------------------------------------------------------

steps = st.lists(
    trades | st.tuples(st.just("settle"), st.sampled_from(["KXA-1", "KXB-1", "KXC-1"]), values) | st.just("sync"),
    min_size=5, max_size=16,
)  # fmt: skip


@settings(max_examples=12)
@given(steps, st.integers(0, 16))
def test_many_small_syncs_say_what_one_big_sync_says(made: list[Any], cut: int) -> None:
    base = int(time.time()) - DAY
    with TemporaryDirectory() as folder, KalshiFake(empty=True) as fake:
        often, once = Venue(Path(folder), fake, "often"), Venue(Path(folder), fake, "once")
        over: set[str] = set()
        fake.cutoff = base - 200 * DAY
        for at, step in enumerate(made):
            old = at < 4  # long before anyone synced
            when = base + at * 600 - (100 * DAY if old else 0)
            if step == "sync" or step[0] == "settle":
                if step == "sync" and not old:
                    often.done()
                elif step != "sync" and not old and step[1] not in over:
                    over.add(step[1])
                    fake.settle(step[1], step[2], when, cents=int(Decimal(step[2]) * 100))
            elif step[0] not in over:
                fake.trade(*step[:4], when, step[4], step[5])
            if at == cut:
                fake.cutoff = base - 50 * DAY
        often.done()
        once.done()
        left = {key: said for key, said in often.said().items() if not key.startswith("position:")}
        right = {key: said for key, said in once.said().items() if not key.startswith("position:")}
        assert left == right
        again = often.done()
        assert (again.counts.new, again.counts.revised) == (0, 0)


def test_a_fill_that_comes_late_completes_its_market(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    late = venue.fake.trade("KXA-1", "bid", "5.00", "0.5000", START + 30)
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    venue.fake.trade("KXB-1", "bid", "1.00", "0.5000", START + 90)
    venue.fake.account.fills.remove(late)
    venue.done()
    body = settled(venue, "0:KXA-1")
    assert body["fills_missing"] is True
    assert "check_net" not in body
    assert body["opened_at"] == body["closed_at"], "the first fill is not known while some are missing"
    venue.fake.account.fills.append(late)
    venue.done()
    assert settled(venue, "0:KXA-1")["check_net"] == body["net"]
    assert settled(venue, "0:KXA-1")["opened_at"] == START * MICRO
    assert "fill:fill-2" in venue.said()


def test_history_beyond_the_live_window_is_read_once_and_a_fill_told_twice_is_one(venue: Venue) -> None:
    fake = venue.fake
    fill = fake.trade("KXA-1", "bid", "10.00", "0.4000", START - 100 * DAY)
    fake.trade("KXA-1", "bid", "2.00", "0.4000", START)
    fake.settle("KXA-1", "1.0000", START + 60)
    fake.cutoff = START - 10 * DAY
    venue.done()
    assert settled(venue, "0:KXA-1")["check_net"] == settled(venue, "0:KXA-1")["net"]
    assert len(venue.news("fill:fill-1")) == 1
    asked = [request.path for request in fake.requests]
    assert "/trade-api/v2/historical/fills" in asked
    assert "/trade-api/v2/historical/orders" in asked
    fake.requests.clear()
    venue.done()
    assert not any("historical/fills" in request.path for request in fake.requests), "the archive does not change"
    fill["_at"] = START + 120  # live again beside what the archive told: the same fill
    venue.done(since=(START - 200 * DAY) * MICRO)
    assert len(venue.news("fill:fill-1")) == 1


def test_what_left_the_live_data_between_two_syncs_is_found_in_the_archive(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START - 100 * DAY)
    venue.done()
    venue.fake.trade("KXA-1", "bid", "5.00", "0.4000", START - 50 * DAY)
    venue.fake.cutoff = int(time.time()) + 5 * DAY  # as if nobody had synced for months
    venue.done()
    assert "fill:fill-2" in venue.said()


def test_back_filling_reads_from_a_date_and_what_is_known_is_no_news(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START - 9 * DAY)
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    venue.done(since=(START - DAY) * MICRO)
    assert [key for key in venue.said() if key.startswith("fill:")] == ["fill:fill-2"]
    venue.done(since=(START - 30 * DAY) * MICRO)
    assert sorted(key for key in venue.said() if key.startswith("fill:")) == ["fill:fill-1", "fill:fill-2"]
    assert len(venue.news("fill:fill-2")) == 1


def test_a_market_settled_anew_is_a_revision(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    (row,) = venue.fake.settle("KXA-1", "1.0000", START + 60)
    venue.fake.trade("KXB-1", "bid", "10.00", "0.4000", START + 2 * DAY)
    venue.fake.settle("KXB-1", "1.0000", START + 3 * DAY)
    venue.done()
    row.update(revenue=0, value=0, market_result="no")
    venue.fake.market("KXA-1").update(result="no", settlement_value_dollars="0.0000")
    outcome = venue.done()
    assert outcome.counts.revised == 2, "the trade and its market's result"
    assert [body["net"] for body in venue.news("settlement:0:KXA-1")] == [5_990_000, -4_010_000]
    assert venue.office.entries()[0][-1] == "-4.01"


def test_settled_rows_stay_for_good_when_the_venue_forgets_them(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    venue.done()
    venue.fake.cutoff = START + 90 * DAY
    venue.done()
    assert [entry[-1] for entry in venue.office.entries()] == ["5.99"]
