"""The costs view: it adds up whatever the history; forecasts and budgets are those of a company reckoned by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import scipy.stats as oracle
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import RATES, ZONES, histories, times

from northstar_tui.calendar import ALL, Calendar
from northstar_tui.config import read
from northstar_tui.errors import ConfigError
from northstar_tui.events import Batch, Event
from northstar_tui.figures.budgets import Budget
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import named
from northstar_tui.sync.ahead import FAR, Charge, charges
from northstar_tui.views.budgets import budget_lines, state_words
from northstar_tui.views.cost_words import figure_words
from northstar_tui.views.costs import ONLY, CostsView, costs
from northstar_tui.views.outlook import Known, Outlook
from northstar_tui.views.plain_costs import costs_json, costs_text

NY = Calendar("America/New_York")
NOON = 43_200_000_000
DOLLAR = 1_000_000
NOW = NY.day_start(date(2026, 3, 18)) + NOON
"""The eighteenth at noon: thirteen days and a half are left of March."""


@contextmanager
def store_of(events: list[Event], zone: str = "America/New_York") -> Iterator[Store]:
    rules = Rules(zone, books={"costs:bills": "operations"}, rates=RATES[:2])
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db", rules) as store:
        for source in dict.fromkeys(event.source for event in events):
            store.append(Batch(source, [event for event in events if event.source == source]))
        yield store


@dataclass(frozen=True)
class Fee:
    """A recurring charge, as the config's source would lay it out."""

    name: str
    plan: tuple[tuple[date, int], ...]
    currency: str = "USD"
    source: str = "costs:bills"
    book: str | None = None
    category: str = "infrastructure"
    every: str = "month"
    spread: bool = False


def cost(day: date, amount: int, *, source: str = "anthropic", model: str = "opus", category: str = "api") -> Event:
    body = {"amount": amount, "instrument": model, "category": category}
    return Event(source, f"{day}/{model}", "cost.incurred", NY.day_start(day) + NOON // 2, body)


def march(day: int) -> date:
    return date(2026, 3, 1) + timedelta(days=day - 1)


def seen(view: CostsView) -> CostsView:
    """Return the view after both twins took it."""
    assert costs_text(view, NY) and costs_json(view, NY)
    return view


# -- it adds up --------------------------------------------------------------------------------------------------------


@given(histories, st.sampled_from(ZONES), times, st.sampled_from(["all", "year", "month", "week", "day"]))
def test_every_table_adds_up_whatever_the_history(events: list[Event], zone: str, t: int, level: str) -> None:
    with store_of(events, zone) as store:
        period = store.calendar.period(level, t)
        view = seen(costs(store, t, None, period))
        whole = queries.total(store, period)
        only = queries.total(store, period, where=ONLY)
        assert (view.spent, view.total) == (-only.net, only)
        for table in view.tables:
            assert sum(line.amount for line in table.lines) == table.amount
            if view.before is not None and table.by == "source":
                assert sum(line.before for line in table.lines) == view.before
        by_source = next(table for table in view.tables if table.by == "source")
        assert by_source.amount == view.spent
        assert sum(line.n for line in by_source.lines) == only.entries
        api = queries.total(store, period, where=(*ONLY, named("category", "api")))
        assert {table.amount for table in view.tables if table.by in ("model", "key")} == {-api.net}
        if view.daily:
            assert sum(day or 0 for day in view.daily) == -queries.total(store, period, where=ONLY).net - sum(
                -row.measures.net for row in queries.sums(store, period, level="day", where=ONLY) if row.bucket > t
            )
        assert view.net == sum(line.net for line in view.books) == whole.net
        assert sum(line.n for line in view.books) == whole.entries
        for line in view.books:
            assert line.trading + line.revenue - line.costs == line.net


# -- forecasts ---------------------------------------------------------------------------------------------------------


def test_the_month_ends_where_the_textbook_says(tmp_path: Path) -> None:
    amounts = [(3 + n * 7 % 5) * DOLLAR for n in range(40)]
    days = [march(18) - timedelta(days=40 - n) for n in range(40)]
    events = [cost(day, amount) for day, amount in zip(days, amounts, strict=True)]
    with store_of(events) as store:
        found = seen(costs(store, NOW)).forecast
    window = amounts[-28:]
    mean, left = sum(window) / 28, 13.5
    deviation = (sum((a - mean) ** 2 for a in window) / 27) ** 0.5
    half = oracle.t.ppf(0.975, 27) * deviation * (left + left**2 / 28) ** 0.5
    so_far = sum(amounts[-17:])
    assert (found.left, found.so_far, found.days) == (left, so_far, tuple(window))
    assert found.first == "2026-02-18"
    assert found.projection.value == pytest.approx(so_far + left * mean, abs=1)
    assert found.projection.low == pytest.approx(so_far + left * mean - half, abs=1)
    assert found.projection.high == pytest.approx(so_far + left * mean + half, abs=1)


def test_charges_are_certain_and_in_no_mean() -> None:
    fee = Fee("server", tuple((date(2026, m, 10), 90 * DOLLAR) for m in (1, 2, 3, 4)))
    late = Fee("domain", ((march(15), 20 * DOLLAR), (march(15) + FAR, 20 * DOLLAR)), every="year")
    ahead = Fee("backup", ((date(2026, 2, 25), 4 * DOLLAR), (march(25), 4 * DOLLAR)))
    foreign = Fee("unrated", ((march(30), 9 * DOLLAR),), currency="XXX")
    events = [cost(march(18) - timedelta(days=n), 2 * DOLLAR) for n in range(1, 40)]
    events += [cost(day, 90 * DOLLAR, source="costs:bills", model="server", category="infrastructure")
               for day, _ in fee.plan[:3]]  # fmt: skip
    events += [cost(date(2026, 2, 25), 4 * DOLLAR, source="costs:bills", model="backup", category="infrastructure")]
    with store_of(events) as store:
        view = seen(costs(store, NOW, Known((), lambda _: (fee, late, ahead, foreign))))
    found = view.forecast
    assert set(found.days) == {2 * DOLLAR}, "what was booked of a charge is not extrapolated"
    assert [(due.charge.name, due.day, due.late) for due in found.dues] == [
        ("domain", march(15), True), ("backup", march(25), False), ("unrated", march(30), False),
    ]  # fmt: skip
    assert found.certain == 24 * DOLLAR
    assert found.projection.value == (17 * 2 + 90 + 24 + 27) * DOLLAR == found.projection.low
    assert [(line.charge.name, line.next and line.next.day, line.late and line.late.day) for line in view.charges] == [
        ("domain", march(15) + FAR, march(15)), ("backup", march(25), None), ("unrated", march(30), None),
        ("server", date(2026, 4, 10), None),
    ]  # fmt: skip
    assert view.burn.value == pytest.approx((28 * 2 + 90 + 4) * DOLLAR / 28), "the burn rate counts everything"
    told = {name: (value, words) for _, name, value, words in figure_words(view)}
    assert "a day, $2.00 without recurring charges; 28 whole days" in told["Burn"][1]
    assert told["Due"] == ("$24.00", "3 recurring charges until 31 Mar, certain, 1 of them without a rate")
    assert (told["Spent"][0], told["Ends at"][0]) == ("$124.00", "$175.00")
    assert told["Ends at"][1].startswith("spent + due + 13.50 days × $2.00; 95%: "), "124 + 24 + 13.5 × 2"


def test_too_young_a_record_says_how_much_more_it_needs() -> None:
    with store_of([cost(march(14), 5 * DOLLAR), cost(march(16), DOLLAR)]) as store:
        view = seen(costs(store, NOW))
    assert view.forecast.projection.value is None
    assert view.forecast.projection.reason == "4 whole days so far, 3 more needed"
    assert (view.burn.value, view.burn.n, view.burn_span) == (1.5 * DOLLAR, 4, ("2026-03-14", "2026-03-17"))


def test_a_month_that_is_over_has_its_own_burn_and_no_projection() -> None:
    with store_of([cost(date(2026, 2, 3), 56 * DOLLAR), cost(march(3), DOLLAR)]) as store:
        view = seen(costs(store, NOW, None, NY.parse("2026-02", NOW)))
    assert (view.burn.value, view.burn.n, view.burn_span) == (2 * DOLLAR, 28, ("2026-02-01", "2026-02-28"))
    assert view.forecast.projection.reason == "the period is over" and view.forecast.left == 0
    assert (view.spent, view.before, view.before_label) == (56 * DOLLAR, 0, "Jan 2026")


def test_the_days_stand_beside_those_of_the_month_before() -> None:
    with store_of([cost(date(2026, 2, 28), 3), cost(march(1), 5), cost(march(18), 7)]) as store:
        view = costs(store, NOW)
    assert view.daily == (5, *[0] * 16, 7, *[None] * 13)
    assert view.daily_before == (*[0] * 27, 3) and view.before_name == "Feb 2026"
    assert (view.before, view.before_label) == (0, "1–18 Feb")


def test_a_month_to_come_has_its_charges_and_no_past() -> None:
    fee = Fee("server", tuple((date(2026, m, 10), 90 * DOLLAR) for m in (3, 4, 5)))
    events = [cost(march(18) - timedelta(days=n), 2 * DOLLAR) for n in range(1, 20)]
    events += [cost(march(10), 90 * DOLLAR, source="costs:bills", model="server", category="infrastructure")]
    with store_of(events) as store:
        view = seen(costs(store, NOW, Known((), lambda _: (fee,)), NY.parse("2026-04", NOW)))
    assert (view.spent, view.before, view.before_label) == (0, (17 * 2 + 90) * DOLLAR, "Mar 2026")
    assert (view.forecast.left, view.forecast.certain) == (30, 90 * DOLLAR)
    assert view.forecast.projection.value == (90 + 60) * DOLLAR
    assert view.daily == (None,) * 30


def test_another_bill_of_the_same_vendor_is_no_part_of_its_charge() -> None:
    fee = Fee("server", ((march(10), 90 * DOLLAR), (date(2026, 4, 10), 90 * DOLLAR)))
    events = [cost(march(18) - timedelta(days=n), 2 * DOLLAR) for n in range(1, 40)]
    for day, amount in ((10, 90), (12, 28)):
        bill = cost(march(day), amount * DOLLAR, source="costs:bills", model="server", category="infrastructure")
        events.append(bill)
    with store_of(events) as store:
        found = costs(store, NOW, Known((), lambda _: (fee,))).forecast
    assert sum(found.days) == (28 * 2 + 28) * DOLLAR


def test_many_names_are_summed_up_visibly() -> None:
    with store_of([cost(march(2), n, model=f"m{n:02}") for n in range(1, 13)]) as store:
        view = costs(store, NOW)
    table = view.tables[0]
    assert [line.name for line in table.lines] == [f"m{n:02}" for n in range(12, 4, -1)] + ["4 others"]
    assert (table.lines[-1].amount, table.lines[-1].n, table.lines[-1].rest) == (10, 4, True)


# -- budgets -----------------------------------------------------------------------------------------------------------


def test_budgets_count_what_their_filter_keeps_over_their_own_period() -> None:
    events = [cost(march(18) - timedelta(days=n), 2 * DOLLAR) for n in range(1, 40)]
    events += [cost(march(4), 30 * DOLLAR, model="Hetzner", source="bills", category="infrastructure")]
    trade = {"gross": 70 * DOLLAR, "net": 70 * DOLLAR, "closed_at": NY.day_start(march(16)), "instrument": "KX"}
    events += [Event("kalshi", "1", "trade.closed", NY.day_start(march(16)), trade, book="scalper")]
    api = (("category", ("api",)),)
    budgets = (
        Budget("api", 60 * DOLLAR, "month", "ceiling", api),
        Budget("tight", 50 * DOLLAR, "month", "ceiling", api),
        Budget("week", 3 * DOLLAR, "week", "ceiling", api),
        Budget("all", 500 * DOLLAR, "quarter"),
        Budget("net", 100 * DOLLAR, "month", "target"),
        Budget("desk", 60 * DOLLAR, "month", "target", (("book", ("scalper",)),)),
        Budget("no costs", 5 * DOLLAR, "month", "ceiling", (("kind", ("trade",)),)),
    )
    with store_of(events) as store:
        outlook = Outlook(store, NOW, Known(budgets))
        lines = {line.budget.name: line for line in budget_lines(store, outlook, NOW)}
        before = budget_lines(store, outlook, NY.day_start(date(2026, 2, 27)))
    assert {name: line.standing.actual // DOLLAR for name, line in lines.items()} == {
        "api": 34, "tight": 34, "week": 4, "all": 108, "net": 6, "desk": 70, "no costs": 0,
    }  # fmt: skip
    assert {name: state_words(line) for name, line in lines.items()} == {
        "api": "at risk: $26.00 left, ends $1.00 over",
        "tight": "at risk: $16.00 left, ends $11.00 over",
        "week": "over by $1.00, ends $10.00 over",
        "all": "ok: $392.00 left, ends $350.54 under",
        "net": "at risk: $94.00 to earn, ends $101.71 short",
        "desk": "met so far, $10.00 above it",
        "no costs": "ok: $5.00 left, $2.82 under an even pace",
    }
    assert lines["api"].standing.elapsed == pytest.approx(17.5 / 31, abs=0.002)  # March has 23 hours on the 8th
    assert [(line.label, state_words(line)) for line in before[:2]] == [
        ("Feb 2026", "ok: $16.00 was left"), ("Feb 2026", "ok: $6.00 was left"),
    ]  # fmt: skip


def test_a_missed_target_and_one_without_evidence() -> None:
    trade = {"gross": 7 * DOLLAR, "net": 7 * DOLLAR, "closed_at": NY.day_start(march(16)), "instrument": "KX"}
    budgets = (Budget("net", 100 * DOLLAR, "month", "target"),)
    with store_of([Event("kalshi", "1", "trade.closed", NY.day_start(march(16)), trade)]) as store:
        now = budget_lines(store, Outlook(store, NOW, Known(budgets)), NOW)[0]
        later = budget_lines(store, Outlook(store, NY.day_start(date(2026, 4, 2)), Known(budgets)), NOW)[0]
    assert state_words(now) == "at risk: $93.00 to earn, $49.39 behind an even pace"
    assert state_words(later) == "missed by $93.00"


# -- the config's charges ----------------------------------------------------------------------------------------------


def test_charges_of_the_config_are_laid_out_around_today(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[sources.bills]\nkind = "costs"\nbook = "operations"\n'
        '[[sources.bills.recurring]]\nname = "a"\namount = "10"\nfrom = 2020-01-31\n'
        '[[sources.bills.recurring]]\nname = "b"\namount = "365"\nfrom = 2026-01-01\nevery = "year"\nspread = true\n'
        'to = 2026-03-20\nbook = "john"\ncurrency = "EUR"\n'
        '[sources.off]\nkind = "costs"\nenabled = false\n'
        '[[sources.off.recurring]]\nname = "c"\namount = "1"\nfrom = 2026-01-01\n'
    )
    found = charges(read(tmp_path / "config.toml"), march(18))
    assert [(c.source, c.name, c.book, c.currency, c.every, c.spread) for c in found] == [
        ("costs:bills", "a", "operations", "USD", "month", False), ("costs:bills", "b", "john", "EUR", "year", True),
    ]  # fmt: skip
    first = [day for day, _ in found[0].plan]
    assert first[0] >= march(18) - FAR and first[-1] <= march(18) + FAR and len(first) == 24
    assert date(2026, 2, 28) in first and date(2026, 3, 31) in first
    assert found[1].plan[0] == (date(2026, 1, 1), DOLLAR) and found[1].plan[-1] == (march(20), DOLLAR)
    assert isinstance(found[0], Charge)


def test_a_wrong_charge_is_named_and_takes_nothing_else_with_it(tmp_path: Path) -> None:
    text = '[sources.bills]\nkind = "costs"\n[[sources.bills.recurring]]\nname = "a"\namount = 5\nfrom = 2026-01-01\n'
    (tmp_path / "config.toml").write_text(text)
    settings = read(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match=r"sources\.bills: .*amount"):
        charges(settings, march(18))
    with store_of([cost(march(2), DOLLAR)]) as store:
        view = seen(costs(store, NOW, Known((), lambda day: charges(settings, day))))
    assert "sources.bills" in view.problem and view.charges == () and view.spent == DOLLAR


def test_all_time_of_an_empty_store() -> None:
    with store_of([]) as store:
        view = seen(costs(store, NOW, None, ALL))
        assert view.empty and view.spent == view.net == 0 and view.books == () and view.jobs == ()
        assert view.tables[0].lines == ()
        assert "there is no cost yet" in costs_text(view, NY)
