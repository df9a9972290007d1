"""Hyperliquid's API: what a fill is worth, inclusive pages, the window of 10,000, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import HARMLESS, PASSING, REFUSED, Desk

from northstar_tui.errors import ConfigError
from northstar_tui.sources.hyperliquid import Budget, cost, make
from northstar_tui.views.holdings import PositionRow
from northstar_tui.views.positions import positions
from tests.fakes.hyperliquid import ADDRESS, AGENT, HOUR, HyperliquidFake
from tests.fakes.server import CONTENT, Fault, Request, Response

AT = 1_784_507_190_411


pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def fake() -> Any:
    with HyperliquidFake() as served:
        yield served


def desk(folder: Path, fake: HyperliquidFake, address: str = ADDRESS) -> Desk:
    folder.mkdir(exist_ok=True)
    return Desk(folder, make, "hyperliquid", {"address": address, "url": fake.url})


def truth(fake: HyperliquidFake) -> Decimal:
    """Σ closedPnl − Σ fee + Σ funding, where all fees are USDC."""
    fills = sum((Decimal(each["closedPnl"]) - Decimal(each["fee"]) for each in fake.fills), Decimal(0))
    return fills + sum((Decimal(each["delta"]["usdc"]) for each in fake.funding), Decimal(0))


def single(folder: Path, **more: Any) -> Any:
    """Return the one entry that one fill makes."""
    with HyperliquidFake(0) as fake:
        fake.fill(AT, **more)
        one = desk(folder, fake)
        assert one.sync().state == "done"
        (entry,) = one.entries()
        return entry


def test_all_of_it_arrives_once_and_adds_up(tmp_path: Path, fake: HyperliquidFake) -> None:
    one = desk(tmp_path, fake)
    outcome = one.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert one.net() == truth(fake)
    assert len(one.events()) == len(fake.fills) + len(fake.funding) + len(fake.cash)
    assert len(one.events("cash.moved")) == 2
    kinds = sorted({(each.kind, each.category) for each in one.entries()})
    assert kinds == [("cost", "crypto"), ("credit", "crypto"), ("trade", "crypto")]
    asked = [request.json() for request in fake.requests]
    assert {each.get("aggregateByTime") for each in asked if each["type"] == "userFillsByTime"} == {False}
    again = one.sync()
    assert (again.counts.new, again.counts.revised) == (0, 0)


def test_a_closing_fill_is_a_trade_and_an_opening_one_its_fee(tmp_path: Path) -> None:
    closing = single(tmp_path / "a", opens=False, closed="0.134435", fee="0.005326")
    assert (closing.kind, closing.gross, closing.fees, closing.net) == ("trade", 134_435, 5_326, 129_109)
    assert closing.closed_at == AT * 1000
    opening = single(tmp_path / "b", fee="0.005386")
    assert (opening.kind, opening.net, opening.instrument) == ("cost", -5_386, "BTC")
    rebate = single(tmp_path / "c", fee="-0.001")
    assert (rebate.kind, rebate.net) == ("cost", 1_000)
    flip = single(tmp_path / "d", dir="Long > Short", side="A", startPosition="0.5", closedPnl="34.75", fee="0.03")
    assert (flip.kind, flip.gross, flip.fees) == ("trade", 34_750_000, 30_000)
    even = single(tmp_path / "e", opens=False, closed="0.0", fee="0.01", dir="Something New")
    assert (even.kind, even.gross, even.net) == ("trade", 0, -10_000)
    liquidated = single(tmp_path / "f", dir="Liquidated Cross Long", side="A", startPosition="0.0", closedPnl="-3")
    assert (liquidated.kind, liquidated.gross) == ("trade", -3_000_000)


def test_fees_in_other_tokens(tmp_path: Path) -> None:
    spot = {"coin": "@156", "px": "160.32", "sz": "1.267", "dir": "Buy", "fee": "0.00088689"}
    bought = single(tmp_path / "a", **spot, feeToken="USOL")
    assert (bought.net, bought.incomplete) == (-142_186, False)  # 0.00088689 × 160.32 = 0.1421862
    assert (bought.body["fee"], bought.body["fee_token"]) == ("0.00088689", "USOL")
    settled = single(tmp_path / "b", opens=False, closed="5", fee="0.1", coin="xyz:SP500", feeToken="USDH")
    assert (settled.net, settled.incomplete, settled.currency, settled.stated_net) == (0, True, "USDH", 4_900_000)
    quoted = single(tmp_path / "c", coin="HYPE/USDH", px="40", dir="Buy", fee="0.001", feeToken="HYPE")
    assert (quoted.incomplete, quoted.currency, quoted.stated_net) == (True, "USDH", -40_000)


def test_ids(tmp_path: Path) -> None:
    with HyperliquidFake(0, page=20) as fake:
        old = {"tid": 0, "oid": 189324432, "opens": False}
        for sz, start in (("142.7", "4623.5"), ("3749.1", "4480.8")):  # of 2023: one order, one millisecond, no ids
            made = fake.fill(AT, closed="-1.5", sz=sz, startPosition=start, **old)
            del made["tid"], made["feeToken"]
        for nth in range(2):  # a trade with oneself: one trade id, two orders
            fake.fill(AT, tid=77, oid=100 + nth)
        fake.fill(AT, tid=0, oid=5, dir="Spot Dust Conversion", coin="@142", side="A", fee="0.0")
        fake.fill(AT, tid=0, oid=6, dir="Spot Dust Conversion", coin="@143", side="A", fee="0.0")
        one = desk(tmp_path, fake)
        assert one.sync().counts.new == 6
        assert one.net() == truth(fake)
        assert {key for key, *_ in one.events() if key.endswith("/77")} == {"fill/100/77", "fill/101/77"}


def test_a_fill_without_money_is_logged(tmp_path: Path) -> None:
    with HyperliquidFake(0) as fake:
        fake.fill(AT, fee="0.0", dir="Net Child Vaults", side="A", startPosition="-62627.3")
        one = desk(tmp_path, fake)
        one.sync()
        assert one.entries() == []
        assert [kind for _, _, kind, _ in one.events()] == ["fill.executed"]


def test_funding_is_received_or_paid(tmp_path: Path) -> None:
    with HyperliquidFake(0) as fake:
        fake.pay(AT, "BTC", "2.694388")
        fake.pay(AT, "xyz:SP500", "-0.572915")
        one = desk(tmp_path, fake)
        one.sync()
        assert sorted((e.kind, e.instrument, e.net) for e in one.entries()) == [
            ("cost", "xyz:SP500", -572_915),
            ("credit", "BTC", 2_694_388),
        ]


def test_movements_are_told_apart_and_bear_nothing(tmp_path: Path) -> None:
    with HyperliquidFake(0) as fake:
        for destination in ("0x1", "0x2"):
            fake.move(AT, "spotTransfer", token="USDC", amount="10.5", destination=destination)
        fake.move(AT, "somethingNew")
        one = desk(tmp_path, fake)
        assert one.sync().counts.new == 3
        assert one.entries() == []


def test_piece_by_piece_is_one_big_sync(tmp_path: Path) -> None:
    with HyperliquidFake(0, page=4, page_others=3) as fake:
        small = desk(tmp_path / "small", fake)
        for nth in range(20):
            fake.trade(AT + nth * HOUR // 3, closed=f"{nth - 7}.5")
            fake.fill(AT + nth * HOUR // 3, fee=f"0.0{nth:02}1")
            fake.pay(AT + nth * HOUR, "BTC", f"-0.{nth:02}1")
            if nth % 3 == 0:
                small.sync()
        small.sync()
        big = desk(tmp_path / "big", fake)
        big.sync()
        assert sorted((e.key, e.net) for e in small.entries()) == sorted((e.key, e.net) for e in big.entries())
        assert small.net() == truth(fake)


def test_a_late_record_within_the_overlap_is_read(tmp_path: Path, fake: HyperliquidFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    newest = max(each["time"] for each in fake.fills)
    fake.fill(newest - HOUR + 1, fee="1.0")
    fake.fill(newest - HOUR - 1, fee="2.0")
    assert one.sync().counts.new == 1
    one.sync(since=(newest - 3 * HOUR) * 1000)
    assert one.net() == truth(fake)
    assert fake.requests[-2].json()["startTime"] > newest - 60 * HOUR


def test_a_first_sync_since_a_time(tmp_path: Path, fake: HyperliquidFake) -> None:
    times = sorted({each["time"] for each in fake.fills})
    one = desk(tmp_path, fake)
    one.sync(since=times[3] * 1000)
    assert len([key for key, *_ in one.events() if key.startswith("fill/")]) == 6
    one.sync(since=0)
    assert one.net() == truth(fake)


@pytest.mark.parametrize("follows", [True, False])
def test_more_in_a_millisecond_than_an_answer_holds_is_told(tmp_path: Path, follows: bool) -> None:
    with HyperliquidFake(0, page=2000) as fake:
        for _ in range(2003):
            fake.fill(AT, fee="0.01")
        if follows:
            fake.fill(AT + 5, fee="7.0")
        one = desk(tmp_path, fake)
        outcome = one.sync()
        assert (outcome.state, outcome.counts.new) == ("partial", 2000 + follows)
        assert one.net() == Decimal("-27" if follows else "-20")
        (reason,) = one.rejects()
        assert reason.startswith("more fills share one millisecond than an answer holds (2026-07-20 00:26:30 UTC")


def test_a_fill_that_happens_meanwhile_is_no_gap(tmp_path: Path) -> None:
    class Busy(HyperliquidFake):
        def answer(self, request: Request) -> Response:
            if request.json().get("startTime") == AT + 1:
                self.fills = self.fills[:1]
                self.fill(AT + 9)
            return super().answer(request)

    with Busy(0) as fake:
        fake.fill(AT)
        one = desk(tmp_path, fake)
        assert one.sync().state == "done"
        assert one.net() == truth(fake)
        assert len(one.events()) == 2


def test_an_answer_that_is_shorter_than_documented_is_noticed(tmp_path: Path) -> None:
    with HyperliquidFake(0, page=4) as fake:
        for nth in range(9):
            fake.fill(AT + nth // 5)
        one = desk(tmp_path, fake)
        assert one.sync().state == "partial"
        assert len(one.events()) == 8


def test_an_answer_that_does_not_go_on_is_told(tmp_path: Path) -> None:
    class Stuck(HyperliquidFake):
        def answer(self, request: Request) -> Response:
            return Response.json(self.fills[:2000])

    with Stuck(0) as fake:
        for nth in range(2000):
            fake.fill(AT + nth)
        outcome = desk(tmp_path, fake).sync()
        assert "userFillsByTime startTime is not as documented: the answers do not go on" in outcome.error


def test_the_window_of_ten_thousand_is_told(tmp_path: Path) -> None:
    with HyperliquidFake(0, page=2000) as fake:
        for nth in range(10_040):
            fake.fill(AT + nth // 3, fee="0.001")
        one = desk(tmp_path, fake)
        outcome = one.sync()
        assert (outcome.state, outcome.counts.new) == ("partial", 10_000)
        assert one.net() == Decimal("-10")
        (reason,) = one.rejects()
        assert "the API gives the 10,000 newest fills, not those before (the beginning..2026-07-20" in reason
        assert one.sync().state == "done"


def test_fills_lost_between_two_syncs_are_told(tmp_path: Path) -> None:
    with HyperliquidFake(0, window=10) as fake:
        for nth in range(8):
            fake.fill(AT + nth * HOUR)
        one = desk(tmp_path, fake)
        assert one.sync().state == "done"
        for nth in range(8, 30):
            fake.fill(AT + nth * HOUR)
        outcome = one.sync()
        assert (outcome.state, outcome.counts.new, outcome.counts.quarantined) == ("partial", 10, 1)
        (reason,) = one.rejects()
        assert reason.startswith(
            "fills are missing, the API gives the 10,000 newest (2026-07-20 07:26:30 UTC..2026-07-"
        )
        assert one.sync().state == "done"


def test_an_account_whose_fills_are_gone_is_told(tmp_path: Path, fake: HyperliquidFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.fills.clear()
    outcome = one.sync()
    assert outcome.state == "failed"
    assert "no fill is given where some were read before" in outcome.error


def test_an_agents_address(tmp_path: Path, fake: HyperliquidFake) -> None:
    one = desk(tmp_path, fake, AGENT)
    outcome = one.sync()
    assert outcome.state == "failed"
    assert "agent" in outcome.remedy
    (check,) = one.checks()
    assert (check.state, "agent" in check.what, "master" in check.remedy) == ("failed", True, True)
    (check,) = desk(tmp_path, fake, "0x" + "00" * 20).checks()
    assert (check.state, "(missing) has no fills" in check.what) == ("warning", True)
    (check,) = desk(tmp_path, fake).checks()
    assert check.state == "ok"
    fake.misbehave("500")
    (check,) = desk(tmp_path, fake).checks()
    assert check.state == "failed"


@pytest.mark.parametrize("address", ["", "0x12", "ab" * 21, "0x" + "zz" * 20, f"{ADDRESS} "])
def test_an_address_that_is_none(tmp_path: Path, fake: HyperliquidFake, address: str) -> None:
    with pytest.raises(ConfigError, match="is no address"):
        desk(tmp_path, fake, address).checks()


def held_now(one: Desk) -> dict[str, PositionRow]:
    with one.store() as store:
        return {row.instrument: row for row in positions(store, one.now()).rows}


def test_what_is_held_is_marked_by_its_book(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    with HyperliquidFake(0) as fake:
        fake.fill(now - HOUR, px="60000.5", sz="0.010", startPosition="0.0")
        fake.fill(now - HOUR + 1, opens=False, coin="ETH", px="2500", sz="2", startPosition="0.0", dir="Open Short")
        fake.fill(now - HOUR + 2, coin="@107", px="40", sz="1", startPosition="0.0", dir="Buy")
        fake.held = {"BTC": "0.010", "ETH": "-2.0", "DOGE": "0.0"}
        fake.books = {"BTC": (["61000.5", "61000"], ["61002"]), "ETH": (["2400"], ["2401.25", "2402"])}
        one = desk(tmp_path, fake)
        assert one.sync().state == "done"
        rows = held_now(one)
        assert [(rows[coin].mark, rows[coin].unrealised) for coin in ("BTC", "ETH")] == [
            ("61000.5", 10_000_000), ("2401.25", 197_500_000),  # 0.01 × (bid − 60,000.5), 2 × (2,500 − ask)
        ]  # fmt: skip
        assert (rows["@107"].mark, rows["@107"].why) == (None, "no quote")
        asked = [each.json().get("coin") for each in fake.requests if each.json()["type"] == "l2Book"]
        assert asked == ["BTC", "ETH"]
        again = one.sync()
        assert (again.counts.new, again.counts.revised) == (0, 0), "a quote that stands is no news"
        fake.books["BTC"] = ([], ["61002"])
        del fake.books["ETH"]
        assert one.sync().counts.revised == 2
        rows = held_now(one)
        assert [(rows[coin].mark, rows[coin].why) for coin in ("BTC", "ETH")] == [
            (None, "nobody bids"), (None, "no quote"),
        ]  # fmt: skip
        assert one.net() == truth(fake), "a mark is no money"


@pytest.mark.parametrize(
    ("held", "book", "why"),
    [
        ("much", (["1"], ["2"]), "assetPositions BTC szi"), ("1", (["1,0"], ["2"]), "l2Book BTC px"),
        ("1", (["1"],), "info is not as documented"), ("1", ([], [3]), "l2Book BTC ask"),
    ],
)  # fmt: skip
def test_marks_that_are_none(tmp_path: Path, held: str, book: Any, why: str) -> None:
    with HyperliquidFake() as fake:
        fake.held, fake.books = {"BTC": held}, {"BTC": book}
        one = desk(tmp_path, fake)
        outcome = one.sync()
        assert outcome.state == "failed" and why in outcome.error
        assert one.net() == truth(fake), "what was read before stays"


def test_the_budget_waits_for_weight(waits: list[float]) -> None:
    assert [cost(0), cost(1), cost(20), cost(21), cost(2000)] == [20, 21, 21, 22, 120]

    async def spent() -> float:
        began = time.monotonic()
        budget = Budget()
        for _ in range(9):
            await budget.need(2000)
            budget.use(2000)
        budget.use(40)
        await budget.need(2000)
        return time.monotonic() - began

    assert asyncio.run(spent()) >= 1.1  # 1200 − 9 × 120 − 22 leaves 98 of 120: 22 more come in 1.1 s
    assert len(waits) <= 1 and sum(waits) <= 1.1


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again(
    tmp_path: Path, fake: HyperliquidFake, fault: Fault, impatient: Callable[[str | None], None]
) -> None:
    impatient(fault)
    one = desk(tmp_path, fake)
    fake.misbehave(fault, times=1)
    assert one.sync().state == "done"
    assert fake.hits == 1
    assert one.net() == truth(fake)


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_does_no_harm_is_stored_once(tmp_path: Path, fake: HyperliquidFake, fault: Fault) -> None:
    one = desk(tmp_path, fake)
    fake.misbehave(fault)
    assert one.sync().state == "done"
    assert fake.hits > 0 or fault not in CONTENT
    fake.misbehave(None)
    assert one.sync().counts.revised == 0
    assert one.net() == truth(fake)
    assert len(one.events()) == len(fake.fills) + len(fake.funding) + len(fake.cash)


@pytest.mark.parametrize(("which", "field"), [("fills", "closedPnl"), ("funding", "usdc"), ("cash", "type")])
@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_understood_stops_the_run(tmp_path: Path, fault: Fault, which: str, field: str) -> None:
    with HyperliquidFake() as fake:
        for other in {"fills", "funding", "cash"} - {which}:
            getattr(fake, other).clear()
        one = desk(tmp_path, fake)
        fake.misbehave(fault)
        outcome = one.sync()
        assert outcome.state == "failed"
        assert REFUSED[fault] in outcome.error
        if fault in CONTENT:
            assert field in outcome.error
            assert "[0]" in outcome.error
        assert one.events() == []
        fake.misbehave(None)
        assert one.sync().state == "done"
        assert one.net() == truth(fake)


def test_a_record_changed_after_the_fact_is_a_revision(tmp_path: Path) -> None:
    with HyperliquidFake(0) as fake:
        fake.trade(AT, "1.5")
        one = desk(tmp_path, fake)
        one.sync()
        fake.fills[1]["closedPnl"] = "2.5"
        assert one.sync().counts.revised == 1
        assert one.net() == truth(fake)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"closedPnl": 1.5}, "Expected `str`, got `float`"), ({"px": "1e999"}, "px"), ({"fee": "nan"}, "fee"),
        ({"time": "x"}, "time"), ({"time": AT * 1000}, "is no time in milliseconds"), ({"time": 12}, "milliseconds"),
        ({"side": "C"}, "'C' is neither A nor B"), ({"coin": None}, "coin"), ({"tid": "x"}, "tid"),
        ({"closedPnl": "99999999999999"}, "beyond what one record may state"),
    ],
)  # fmt: skip
def test_fills_that_are_none(tmp_path: Path, more: dict[str, Any], why: str) -> None:
    with HyperliquidFake(0) as fake:
        fake.fills.append(fake.fill(AT) | more)
        if not isinstance(more.get("time", 0), int):
            fake.fills = fake.fills[1:]
            fake.answer = lambda request: Response.json(fake.fills)  # type: ignore[method-assign]
        one = desk(tmp_path, fake)
        outcome = one.sync()
        assert outcome.state == "failed"
        assert why in outcome.error
        assert "userFillsByTime [" in outcome.error


def test_one_fill_said_twice_and_differently_is_told(tmp_path: Path) -> None:
    with HyperliquidFake(0) as fake:
        fake.fills = [fake.fill(AT, oid=1, tid=2), fake.fill(AT, oid=1, tid=2, fee="9")]
        assert "fill/1/2 is said twice and differently" in desk(tmp_path, fake).sync().error


said = st.tuples(st.integers(0, 6), st.booleans(), st.decimals(-1000, 1000, places=6), st.decimals(-1, 5, places=6))


@settings(max_examples=15)
@given(st.lists(said, max_size=25), st.integers(3, 6), st.integers(0, 25))
def test_any_world_in_two_syncs_adds_up(
    tmp_path_factory: pytest.TempPathFactory, world: list[tuple[int, bool, Decimal, Decimal]], page: int, cut: int
) -> None:
    """Whatever lies in one millisecond, whatever the page (above what one millisecond holds), whenever it is cut."""
    with HyperliquidFake(0, page=page + 25, page_others=page) as fake:
        one = desk(tmp_path_factory.mktemp("world"), fake)
        fake.move(AT, "deposit", usdc="1")
        ordered = sorted(world)
        for nth, (hours, opens, closed, fee) in enumerate(ordered):
            if nth == cut:
                assert one.sync().state == "done"
            fake.fill(AT + hours * HOUR // 2, opens=opens, closed=str(closed), fee=str(fee))
            fake.pay(AT + nth, "BTC", str(fee))
        assert one.sync().state == "done"
        assert one.net() == truth(fake)
        assert len(one.events()) == len(fake.fills) + len(fake.funding) + 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(st.sampled_from(["time", "coin", "delta", "px", "type", "usdc"]), x, max_size=4)
        ),
    )
)
def test_any_json_is_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, answer: Any) -> None:
    with HyperliquidFake(0) as fake:
        fake.answer = lambda request: Response.json(json.loads(json.dumps(answer)))  # type: ignore[method-assign]
        outcome = desk(tmp_path_factory.mktemp("any"), fake).sync()
        assert outcome.state == "failed"
        assert "defect" not in outcome.error
