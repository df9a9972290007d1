"""Views: rows add up, every surface shows the same figure, and `report --json` keeps its contract."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_filters import filters, only
from ledger_model import DIMENSIONS, RATES, ZONES, Model, histories, times, utc

from northstar_tui.calendar import ALL, DRILL
from northstar_tui.events import Batch, Event, Origin
from northstar_tui.figures import trades as figures
from northstar_tui.figures.trades import win_rate
from northstar_tui.ledger import queries
from northstar_tui.ledger.log import newest_but_quotes, newest_events
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.rules import Rate, Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Name, Term, Where
from northstar_tui.money import dollars, exact_dollars, micros
from northstar_tui.views.base import ViewError, slices, where_text
from northstar_tui.views.node import entries_page, entry_view, node, statistics
from northstar_tui.views.overview import overview
from northstar_tui.views.plain import rate
from northstar_tui.views.report import report, report_json
from northstar_tui.views.why import FIGURES, figure_text, why
from northstar_tui.views.words import percent


@contextmanager
def store_of(events: list[Event], zone: str, rates: tuple[Rate, ...] = RATES[:2]) -> Iterator[Store]:
    rules = Rules(zone, rates=rates, books={"beta": "beta"}, categories={"KXHIGH": "weather", "KXBTC": "crypto"})
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db", rules) as store:
        store.append(Batch("alpha", events))
        yield store


def total(rows: Any) -> Measures:
    found = Measures()
    for row in rows:
        found += row.measures
    return found


zones = st.sampled_from(ZONES)
bases = st.sampled_from(["closed", "opened"])
levels = st.sampled_from(["all", "year", "quarter", "month", "week", "day"])


@given(histories, zones, times, levels, bases, filters, st.sampled_from(DIMENSIONS))
def test_a_node_is_its_rows_is_its_slices_is_its_entries(
    events: list[Event], zone: str, t: int, level: str, basis: str, where: Where, dimension: str
) -> None:
    with store_of(events, zone) as store:
        period = ALL if level == "all" else store.calendar.path(level, t)[-1]
        view = node(store, period, basis=basis, where=where, dimension=dimension)
        assert view.totals == report(store, period, basis=basis, where=where).totals
        if view.child_level == "trade":
            assert view.rows == ()
        else:
            assert total(view.rows) == view.totals
            assert view.child_level == DRILL[level]
            for row in view.rows:
                assert row.measures == node(store, row.period, basis=basis, where=where).totals, "one step deeper"
        assert total(view.slices) == view.totals
        page = entries_page(store, period, 0, 10**6, basis=basis, where=where)
        assert len(page.entries) == view.totals.entries
        for name in ("gross", "fees", "net"):
            assert sum(getattr(entry, name) for entry in page.entries) == getattr(view.totals, name)
        assert [step for step, _ in view.crumbs][-1] == period
        assert all(
            outer.start <= inner.start for (outer, _), (inner, _) in zip(view.crumbs, view.crumbs[1:], strict=False)
        )
        if level == "all":
            assert view.previous is None


@given(histories, zones, times, levels, bases, filters)
def test_statistics_are_those_of_the_closed_trades(
    events: list[Event], zone: str, t: int, level: str, basis: str, where: Where
) -> None:
    with store_of(events, zone) as store:
        period = store.calendar.period(level, t)
        kept = [
            entry
            for entry in queries.entries(store, period, basis=basis, where=where)
            if entry.kind == "trade" and entry.outcome is not None
        ]
        found = statistics(store, period, basis=basis, where=where)
        wins = [entry.net for entry in kept if entry.outcome == 1]
        losses = [entry.net for entry in kept if entry.outcome == -1]
        assert found.win_rate == figures.win_rate(len(wins), len(losses))
        assert found.profit_factor == figures.profit_factor(sum(wins), sum(losses), len(kept))
        assert found.expectancy == figures.expectancy(sum(wins) + sum(losses), len(kept))
        assert found.average_win == figures.average_win(sum(wins), len(wins))
        assert found.average_loss == figures.average_loss(sum(losses), len(losses))
        still_open = [
            entry
            for entry in queries.entries(store, period, basis=basis, where=where)
            if entry.kind == "trade" and entry.closed_at is None
        ]
        if still_open:
            assert found.roi.value is None
            assert "still open" in found.roi.reason
        else:
            assert found.roi == figures.roi(sum(e.net for e in kept), sum(e.stake or 0 for e in kept), len(kept))


MONEY = re.compile(r"-?\d+\.\d{2,6}")
COUNTS = ("entries", "trades", "wins", "losses", "scratches", "open")
AMOUNTS = ("stake", "gross", "fees", "net")
BUCKETS = {"hour": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d")}
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@given(
    histories,
    zones,
    times,
    levels,
    st.sampled_from([None, "all", "year", "quarter", "month", "week", "day", "hour"]),
    st.sampled_from([(), ("category",), ("book", "kind"), DIMENSIONS]),
    bases,
    filters,
)
def test_report_json_keeps_its_contract(
    events: list[Event], zone: str, t: int, of: str, level: str | None, by: tuple[str, ...], basis: str, where: Where
) -> None:
    with store_of(events, zone) as store:
        calendar = store.calendar
        period = calendar.period(of, t)
        view = report(store, period, level=level, by=by, basis=basis, where=where)
        data = json.loads(json.dumps(report_json(view)))
        assert list(data) == [
            "period", "basis", "filter", "totals", "rows", "incomplete", "unreconciled", "overlaps", "drawdown"
        ]  # fmt: skip
        assert list(data["period"]) == ["from", "to", "zone"]
        assert data["period"]["zone"] == zone
        assert data["basis"] == basis
        assert data["filter"] == where_text(where)
        for measures, keys in [
            (data["totals"], []),
            *((row, ["bucket", "level", "dimensions"]) for row in data["rows"]),
        ]:
            assert list(measures) == [*keys, *COUNTS, *AMOUNTS]
            assert all(type(measures[name]) is int for name in COUNTS)
            assert all(MONEY.fullmatch(measures[name]) for name in AMOUNTS)
            assert measures["trades"] == measures["wins"] + measures["losses"] + measures["scratches"]
            assert Decimal(measures["net"]) == Decimal(measures["gross"]) - Decimal(measures["fees"])
        for name in COUNTS:
            assert sum(row[name] for row in data["rows"]) == data["totals"][name]
        for name in AMOUNTS:
            assert sum(Decimal(row[name]) for row in data["rows"]) == Decimal(data["totals"][name])
        assert all(list(row["dimensions"]) == list(by) for row in data["rows"])
        starts = []
        for row in data["rows"]:
            assert BUCKETS.get(row["level"], DATE).fullmatch(row["bucket"])
            assert row["level"] == (level or of)
            if level not in (None, "all"):
                named = calendar.parse(row["bucket"], 0)
                starts.append((named.start, *row["dimensions"].values()))
                assert calendar.bucket(level, named.start) == named.start, "a bucket is the start of its period"
        assert starts == sorted(starts)
        assert all(MONEY.fullmatch(each["net"]) and type(each["entries"]) is int for each in data["incomplete"])
        assert sum(each["entries"] for each in data["incomplete"]) == view.totals.incomplete
        model = Model(store.rules)
        model.append(Batch("alpha", events))
        sums = model.sums(basis, "all", (), where) if of == "all" else None
        if sums is not None:
            expected = sum(measures.unreconciled for measures in sums.values())
            assert Decimal(data["unreconciled"]) == Decimal(expected).scaleb(-6)


T = utc(2026, 2, 1, 18, 30)
DAY = 86_400_000_000


def trade(key: str, net: str, at: int = T, **facts: Any) -> Event:
    body = {
        "gross": micros(net) + 10_000,
        "net": micros(net),
        "closed_at": at,
        "opened_at": at - 3 * DAY,
        "stake": 5_000_000,
    }
    return Event("alpha", key, "trade.closed", at, body | facts, raw=f"{key};{net}", line=4)


SMALL = [
    trade("a", "1.50", instrument="KXHIGHNY-26FEB01"),
    trade("b", "-0.250001", T + 1, instrument="KXBTC-1"),
    trade("c", "0", T + 2 * DAY),
    trade("d", "412.07", T + 40 * DAY, currency="EUR"),
    Event("beta", "x", "cost.incurred", T + 3_600_000_000, {"amount": 2_000_000}),
    Event("beta", "y", "bet.placed", T, {"stake": 1_000_000}),
]


FALL = {
    "depth": "-2.00", "peak": {"at": "2026-02-01T13:00-05:00", "equity": "1.249999"},
    "trough": {"at": "2026-02-01T14:00-05:00", "equity": "-0.750001"}, "recovered": None, "days": 0,
}  # fmt: skip


def test_report_json_to_the_letter() -> None:
    with store_of(SMALL, "America/New_York", ()) as store:
        period = store.calendar.parse("2026-02-01", 0)
        view = report(store, period, level="hour", by=("book", "category"))
        assert report_json(view) == {
            "period": {"from": "2026-02-01", "to": "2026-02-02", "zone": "America/New_York"},
            "basis": "closed",
            "filter": "",
            "totals": {
                "entries": 3, "trades": 2, "wins": 1, "losses": 1, "scratches": 0, "open": 0,
                "stake": "10.00", "gross": "-0.730001", "fees": "0.02", "net": "-0.750001",
            },
            "rows": [
                {
                    "bucket": "2026-02-01T13:00-05:00", "level": "hour",
                    "dimensions": {"book": "main", "category": "crypto"},
                    "entries": 1, "trades": 1, "wins": 0, "losses": 1, "scratches": 0, "open": 0,
                    "stake": "5.00", "gross": "-0.240001", "fees": "0.01", "net": "-0.250001",
                },
                {
                    "bucket": "2026-02-01T13:00-05:00", "level": "hour",
                    "dimensions": {"book": "main", "category": "weather"},
                    "entries": 1, "trades": 1, "wins": 1, "losses": 0, "scratches": 0, "open": 0,
                    "stake": "5.00", "gross": "1.51", "fees": "0.01", "net": "1.50",
                },
                {
                    "bucket": "2026-02-01T14:00-05:00", "level": "hour",
                    "dimensions": {"book": "beta", "category": "other"},
                    "entries": 1, "trades": 0, "wins": 0, "losses": 0, "scratches": 0, "open": 0,
                    "stake": "0.00", "gross": "-2.00", "fees": "0.00", "net": "-2.00",
                },
            ],
            "incomplete": [],
            "unreconciled": "0.00",
            "overlaps": {
                "groups": 0, "mirrored_entries": 0, "mirrored_net": "0.00", "differing": 0, "differences": [],
            },
            "drawdown": {"curve": "closed", "level": "hour", "equity": "-0.750001", "max": FALL, "current": FALL},
        }  # fmt: skip


def test_report_of_all_time_by_month_names_whole_months() -> None:
    with store_of(SMALL, "America/New_York", ()) as store:
        data = report_json(report(store, ALL, level="month"))
        assert [row["bucket"] for row in data["rows"]] == ["2026-02-01", "2026-03-01"]
        assert data["period"] == {"from": "2026-02-01", "to": "2026-03-14", "zone": "America/New_York"}
        assert data["incomplete"] == [{"currency": "EUR", "entries": 1, "net": "412.07"}]
        opened = report_json(report(store, ALL, level="year", basis="opened"))
        assert [(row["bucket"], row["open"], row["entries"]) for row in opened["rows"]] == [("2026-01-01", 1, 6)]


def test_an_empty_store_has_designed_views() -> None:
    with store_of([], "Asia/Kathmandu") as store:
        data = report_json(report(store, ALL, level="day"))
        assert data["rows"] == []
        assert data["totals"]["net"] == "0.00"
        view = overview(store, T)
        assert view.empty
        assert [tile.measures for tile in view.tiles] == [Measures()] * 5
        assert node(store, ALL).rows == ()
        assert why(store, "win_rate", ALL).value == "—"
        assert why(store, "net", ALL).proved


def test_entries_far_apart_still_add_up() -> None:
    events = [
        trade("old", "1", utc(1066, 10, 14)),
        trade("new", "2", utc(2026, 2, 1)),
        trade("odd", "4", utc(9000, 1, 1)),
    ]
    with store_of(events, "Europe/London", ()) as store:
        view = node(store, ALL, now=T)
        assert view.totals.net == 7_000_000
        assert total(view.rows) == view.totals


@given(histories, zones, times)
def test_the_overview_shows_what_the_report_shows(events: list[Event], zone: str, now: int) -> None:
    with store_of(events, zone) as store:
        calendar = store.calendar
        view = overview(store, now)
        assert [tile.name for tile in view.tiles] == ["today", "week", "month", "year", "all"]
        for tile in view.tiles:
            text = calendar.argument(tile.period)
            assert tile.measures == report(store, calendar.parse(text, now)).totals
            assert calendar.bucket(tile.period.level, now) == tile.period.start
            if tile.before is not None:
                assert (
                    tile.before.entries
                    <= report(store, calendar.period(tile.period.level, tile.period.start - 1)).totals.entries
                )
            if tile.name in ("today", "month", "year"):  # a week of the ledger ends with its month
                found = node(store, tile.period, now=now)
                assert (found.previous, found.previous_label) == (tile.before, tile.before_label)
        assert view.head.net == view.tiles[-1].measures.net
        assert total(view.slices) == report(store, view.focus).totals
        assert {panel.book for panel in view.panels} == {row.names[0] for row in queries.sums(store, ALL, by=("book",))}
        assert sum(panel.total.net for panel in view.panels) == view.head.net
        for panel in view.panels:
            assert len(panel.series) == 90
            assert panel.net == sum(value or 0 for value in panel.series)
            begun = [value is not None for value in panel.series]
            assert begun == sorted(begun), "once a book has begun, its days are numbers"
        model = Model(store.rules)
        model.append(Batch("alpha", events))
        closed = model.sums("closed", "all", (), {}).values()
        assert view.head.incomplete == sum(measures.incomplete for measures in closed)
        assert view.head.unreconciled == sum(measures.unreconciled for measures in closed)


@given(histories, zones, times, levels, bases, filters, st.sampled_from(sorted(FIGURES)))
def test_why_is_proved_by_the_entries(
    events: list[Event], zone: str, t: int, level: str, basis: str, where: Where, name: str
) -> None:
    with store_of(events, zone) as store:
        period = store.calendar.period(level, t)
        view = why(store, name, period, basis=basis, where=where)
        assert view.proved
        assert view.n == sum(count for _, count in view.origins)
        assert view.listed == len(view.rows)
        assert (view.listed == view.n) or name == "unreconciled"
        totals = report(store, period, basis=basis, where=where).totals
        if not FIGURES[name].trades_only and name != "max_drawdown":
            assert view.measures == totals
            value = getattr(totals, name)
            assert view.value == (dollars(value) if name in (*AMOUNTS, "unreconciled") else f"{value:,}")
        assert view.value
        assert view.value != "—" or view.note
        if name == "net":
            terms = dict(view.terms)
            assert (micros(terms["gross"]), micros(terms["fees"])) == (totals.gross, totals.fees)
            assert micros(terms["gross"]) - micros(terms["fees"]) == totals.net, "as they stand there they add up"
            assert f" net {exact_dollars(totals.net)}, the same to the micro-dollar" in view.proof


def test_why_is_not_proved_by_damaged_rollups() -> None:
    with store_of(SMALL, "UTC") as store:
        store.connection.execute("UPDATE rollup_booked SET net = net + 1, gross = gross + 1")
        assert not why(store, "net", ALL).proved


def test_why_names_the_files() -> None:
    with store_of([], "UTC") as store:
        store.append(Batch("alpha", [trade("a", "1"), trade("b", "2")], origin=Origin("one.csv", "1" * 64, 5)))
        store.append(Batch("alpha", [trade("b", "3")], origin=Origin("two.csv", "2" * 64, 5)))
        store.append(Batch("beta", [Event("beta", "x", "cost.incurred", T, {"amount": 1})]))
        assert sorted(why(store, "net", ALL).origins) == [("one.csv", 1), ("two.csv", 1), ("—", 1)]
        with pytest.raises(ViewError, match="'luck' is not a figure"):
            why(store, "luck", ALL)


def test_a_panel_is_empty_before_its_book_began() -> None:
    events = [trade("a", "1", T - 10 * DAY), trade("b", "2", T), Event("beta", "x", "cost.incurred", T, {"amount": 1})]
    with store_of(events, "UTC") as store:
        panels = {panel.book: panel for panel in overview(store, T + DAY).panels}
        assert [value is None for value in panels["main"].series] == [True] * 78 + [False] * 12
        assert [value is None for value in panels["beta"].series] == [True] * 88 + [False] * 2
        assert panels["main"].series[-12:] == (1_000_000, *[0] * 9, 2_000_000, 0)


def test_only_trades_enter_the_statistics_of_trades() -> None:
    credit = Event("alpha", "c", "credit.received", T, {"net": 7_000_000, "stake": 1_000_000_000})
    with store_of([trade("a", "1"), credit], "UTC") as store:
        for where in ((), (Term("kind", (Name("trade"), Name("credit"))),)):
            found = statistics(store, ALL, where=where)
            assert found.roi.value == 0.2
            assert found.expectancy.value == 1_000_000
            assert why(store, "roi", ALL, where=where).value == "20.0%"
        assert statistics(store, ALL, where=only(kind="credit")).roi.value is None


def test_an_entry_shows_everything_said_about_it() -> None:
    with store_of(SMALL, "UTC") as store:
        store.append(Batch("alpha", [trade("a", "2.50")]))
        [entry] = [e for e in queries.entries(store, ALL) if e.key == "a"]
        view = entry_view(store, entry.id)
        assert view is not None
        assert [event.revision for event in view.events] == [1, 2]
        assert view.entry.revision == 2
        assert [event.raw for event in view.events] == ["a;1.50", "a;2.50"]
        assert entry_view(store, 999) is None


@pytest.mark.parametrize("most", [1, 2, 12])
def test_the_rest_of_the_slices_is_visible(most: int) -> None:
    events = [trade(f"k{n}", str(n - 3), category=f"c{n}") for n in range(9)]
    with store_of(events, "UTC") as store:
        found = slices(store, ALL, "category", most=most)
        assert total(found) == queries.total(store, ALL)
        assert [each.rest for each in found] == [False] * min(most, 9) + [True] * (most < 9)
        shown = [abs(each.measures.net) for each in found if not each.rest]
        assert shown == sorted(shown, reverse=True)


def test_the_overview_tells_of_targets_and_of_budgets_at_risk(tmp_path: Path) -> None:
    from northstar_tui.figures.budgets import Budget
    from northstar_tui.views.outlook import Known

    budgets = (
        Budget("year", 1_000_000_000, "year", "target"),
        Budget("api", 10_000_000, "month", "ceiling", (("category", ("api",)),)),
    )
    with Store.create(tmp_path / "s.db", Rules("UTC")) as store:
        body = {"amount": 12_000_000, "instrument": "model", "category": "api"}
        store.append(Batch("a", [Event("a", "c", "cost.incurred", T, body)]))
        plain = overview(store, T)
        assert plain.needs == () and all(tile.budget is None for tile in plain.tiles)
        view = overview(store, T, known=Known(budgets, lambda _: ()))
        told = {tile.name: tile.budget.budget.name for tile in view.tiles if tile.budget is not None}
        assert told == {"year": "year"}
        assert [(need.kind, need.subject) for need in view.needs][:1] == [("budget", "api")]
        assert "over by $2.00" in view.needs[0].text and view.needs[0].severe
        assert view.needs[0].remedy.startswith("nothing is left of it")
        assert all(need.remedy for need in view.needs)


def test_quotes_do_not_push_what_happened_out_of_the_last_events() -> None:
    def said(key: str, kind: str, at: int, **body: object) -> Event:
        return Event("alpha", key, kind, at, {"instrument": "KX", **body})

    trades = [said(f"t{at}", "trade.closed", at, net=1, gross=1, closed_at=at) for at in (30, 10, 20)]
    with store_of(trades, "UTC") as store:
        store.append(Batch("alpha", [said(f"q{n}", "market.quoted", 40 + n, bid="0.5") for n in range(20)]))
        assert [event.occurred_at for event in newest_but_quotes(store, 20)] == [30, 20, 10], "by when they happened"
        assert [event.occurred_at for event in newest_but_quotes(store, 2)] == [20, 10], "the newest of the log"
        assert {event.kind for event in newest_events(store, 20)} == {"market.quoted"}
        assert {event.kind for event in overview(store, 2_000).events} == {"trade.closed"}
        store.append(Batch("alpha", [said(f"r{n}", "market.quoted", 40 + n, bid="0.5") for n in range(5_000)]))
        assert [event.occurred_at for event in newest_but_quotes(store, 20)] == [30, 20, 10], "after any burst of them"
        store.append(Batch("beta", [Event("beta", "c", "cost.incurred", 25, {"instrument": "i", "amount": 1})]))
        assert [event.kind for event in newest_but_quotes(store, 2)] == ["cost.incurred", "trade.closed"]
    with store_of(trades, "UTC") as store:
        assert len(newest_but_quotes(store, 20)) == 3, "also where nothing was ever quoted"


@given(st.integers(0, 1_000), st.integers(1, 1_000))
def test_percentages_are_written_in_one_way(wins: int, losses: int) -> None:
    measures = Measures(trades=wins + losses, wins=wins, losses=losses)
    told = figure_text(win_rate(wins, losses), "%")[0]
    assert told == rate(measures) == percent(wins / (wins + losses)) and re.fullmatch(r"\d{1,3}\.\d%", told)
