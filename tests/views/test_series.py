"""Curves: equity adds up to the node, a drawdown is what its entries sum to, every face says the same."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import RATES, ZONES, histories, times

from northstar_tui.calendar import ALL, SECOND, instant
from northstar_tui.cli import cli
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Amount, Term, Where, named
from northstar_tui.views.falls import at_end, below_peak, drawdown_text
from northstar_tui.views.node import node
from northstar_tui.views.report import report, report_json
from northstar_tui.views.series import HOURLY, series
from northstar_tui.views.why import why

bases = st.sampled_from(["closed", "opened"])
levels = st.sampled_from(["all", "year", "quarter", "month", "week", "day"])
filters = st.sampled_from(
    [(), (named("kind", "trade"),), (named("category", "nothing"),), (Term("net", (Amount("<", 5),)),)]
)


@contextmanager
def store_of(events: list[Event], zone: str = "America/New_York") -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        with Store.create(path, Rules(zone, rates=RATES[:2])) as store:
            store.append(Batch("alpha", events))
            yield store


@given(histories, st.sampled_from(ZONES), times, levels, bases, filters)
def test_a_curve_is_its_entries_in_order(
    events: list[Event], zone: str, t: int, level: str, basis: str, where: Where
) -> None:
    with store_of(events, zone) as store:
        period = ALL if level == "all" else store.calendar.path(level, t)[-1]
        curve = series(store, period, basis=basis, where=where)
        total = node(store, period, basis=basis, where=where).totals
        if curve is None:
            assert total.entries == 0
            return
        span = queries.span(store, basis) if level == "all" else period
        assert span is not None
        assert curve.level == ("hour" if span.end - span.start <= HOURLY else "day")
        assert len(curve.nets) == curve.slots == len(curve.dates) and sum(curve.nets) == total.net
        expected = dict.fromkeys(store.calendar.children(span, curve.level), 0)
        for entry in queries.entries(store, period, basis=basis, where=where):
            at = entry.opened_at if basis == "opened" else entry.closed_at
            expected[next(bucket for bucket in expected if at in bucket)] += entry.net
        skipped = curve.slots - len(expected)  # dates that a zone never had
        if not skipped:
            assert list(curve.nets) == list(expected.values())
        else:
            assert [net for net in curve.nets if net] == [net for net in expected.values() if net]
        for fall in (curve.worst, curve.current):
            if fall is not None:
                parts = queries.entries(store, fall.span, basis=basis, where=where)
                assert sum(entry.net for entry in parts) == fall.drawdown.depth


@given(histories, times, levels, st.integers(1, 80))
def test_bars_add_up_and_fit(events: list[Event], t: int, level: str, most: int) -> None:
    with store_of(events) as store:
        period = ALL if level == "all" else store.calendar.path(level, t)[-1]
        curve = series(store, period, now=t)
        if curve is None:
            return
        name, bars = curve.bars(most)
        assert len(bars) <= most or name == "year"
        assert sum(bar.net or 0 for bar in bars) == sum(curve.nets)
        assert [bar.first for bar in bars] == sorted({bar.first for bar in bars}) or name == "hour"
        begun = [bar.net is not None for bar in bars]
        assert begun == sorted(begun, reverse=True)


@given(histories, st.sampled_from(ZONES), times, levels, bases)
def test_why_a_drawdown(events: list[Event], zone: str, t: int, level: str, basis: str) -> None:
    with store_of(events, zone) as store:
        period = ALL if level == "all" else store.calendar.path(level, t)[-1]
        curve, view = series(store, period, basis=basis), why(store, "max_drawdown", period, basis=basis)
        said = report_json(report(store, period, basis=basis))["drawdown"]
        assert view.proved and view.listed == len(view.rows) == view.n
        if curve is None or not any(curve.nets):
            assert view.value == "—" and view.note and said is None
        elif curve.worst is None:
            assert view.value == "$0.00" and said["max"] is None and said["current"] is None
        else:
            depth = curve.worst.drawdown.depth
            assert view.measures.net == depth == sum(row.net for row in view.rows) == min(curve.underwater)
            assert view.under == curve.worst.span and view.period == period
            assert int(said["max"]["depth"].replace(".", "").ljust(1)) < 0


@given(histories, times, bases)
def test_what_has_not_recovered_lasts_until_now_whoever_asks(events: list[Event], t: int, basis: str) -> None:
    """All time ends with its last entry, a fall does not: the same entries have one length of a fall."""
    with store_of(events) as store:
        span = queries.span(store, basis)
        if span is None:
            return
        now = max(t, span.end)
        first = store.calendar.date_of(span.start).isoformat()
        since = store.calendar.parse(f"{first}..{store.calendar.date_of(now).isoformat()}", now)
        whole, until = (series(store, period, basis=basis, now=now) for period in (ALL, since))
        assert whole is not None and until is not None
        if whole.level == until.level:  # by hours only where the span is short
            for one, other in ((whole.worst, until.worst), (whole.current, until.current)):
                assert (one and (one.peak, one.trough, one.recovered, one.days)) == (
                    other and (other.peak, other.trough, other.recovered, other.days)
                )
        said = report_json(report(store, ALL, basis=basis, now=now))["drawdown"]
        told = dict(why(store, "max_drawdown", ALL, basis=basis, now=now).terms)
        if whole.worst is not None and whole.worst.recovered is None:
            days = (
                store.calendar.date_of(now) - date.fromisoformat((whole.worst.peak or whole.worst.trough).text[:10])
            ).days
            assert said["max"]["days"] == whole.worst.days
            assert whole.worst.peak is None or whole.worst.days == days
            assert f"{whole.worst.days:,} day" in told["since"]


def trade(key: str, when: datetime, net: int) -> Event:
    at = instant(when)
    body = {"instrument": "KX", "gross": net, "fees": 0, "net": net, "opened_at": at - SECOND, "closed_at": at}
    return Event("alpha", key, "trade.closed", at, body)


@pytest.fixture
def known() -> Iterator[Store]:
    """Falls $5 on the first day, rises to +$10 on the fourth, falls to −$2, and ends at +$4."""
    nets = {2: -5, 3: 7, 5: 8, 9: -12, 20: 6}
    with store_of([trade(f"{day}", datetime(2026, 2, day, 18, tzinfo=UTC), net * 10**6) for day, net in nets.items()]
                  ) as store:  # fmt: skip
        yield store


def test_the_moments_of_a_fall(known: Store) -> None:
    february = known.calendar.parse("2026-02", 0)
    now = instant(datetime(2026, 2, 24, 12, tzinfo=UTC))
    curve = series(known, february, now=now)
    assert curve is not None and curve.worst is not None and curve.current is not None
    assert len(curve.nets) == 24 and curve.slots == 28 and curve.dates[0] == date(2026, 2, 1)
    worst = curve.worst
    assert worst.peak is not None and (worst.peak.text, worst.trough.text) == ("2026-02-05", "2026-02-09")
    assert worst.recovered is None and worst.days == 19, "from the fifth to the twenty-fourth"
    assert curve.current == worst and curve.underwater[-1] == -6_000_000
    early = series(known, known.calendar.parse("2026-02-01..2026-02-04", 0))
    assert early is not None and early.worst is not None and early.level == "hour"
    assert early.worst.peak is None and early.worst.drawdown.depth == -5_000_000, "a first loss falls from the start"
    assert early.worst.recovered is not None and early.worst.recovered.text == "2026-02-03T13:00-05:00"
    assert early.current is None


def test_every_face_says_the_same(known: Store) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["--store", str(known.path), *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    said = json.loads(run("report", "2026-02", "--json"))["drawdown"]
    assert said["max"] == {
        "depth": "-12.00", "peak": {"at": "2026-02-05", "equity": "10.00"},
        "trough": {"at": "2026-02-09", "equity": "-2.00"}, "recovered": None, "days": said["max"]["days"],
    }  # fmt: skip
    assert said["current"]["depth"] == "-6.00" and said["equity"] == "4.00"
    line = next(line for line in run("report", "2026-02").splitlines() if line.startswith("= max drawdown"))
    assert "-$12.00 (closed curve, by day): peak $10.00, 5 Feb 2026; trough -$2.00, 9 Feb 2026; since" in line
    text = run("why", "max-drawdown", "2026-02")
    assert "  -$12.00   (closed curve, by day)" in text and "n = 1 entries from peak to trough" in text
    assert json.loads(run("why", "max_drawdown", "2026-02", "--json"))["value"] == "-$12.00"
    quiet = json.loads(run("report", "2025", "--json"))
    assert quiet["drawdown"] is None


def test_where_a_curve_ends_is_told_as_a_distance_from_its_peak(known: Store) -> None:
    now = instant(datetime(2026, 2, 24, 12, tzinfo=UTC))
    curve = series(known, known.calendar.parse("2026-02", 0), now=now)
    assert curve is not None and below_peak(curve) == "$6.00 below its peak of 5 Feb 2026"
    begun = series(known, known.calendar.parse("2026-02-01..2026-02-02", 0), now=now)
    assert begun is not None and below_peak(begun) == "$5.00 below its start"


def test_only_what_is_not_over_ends_now(known: Store) -> None:
    february = known.calendar.parse("2026-02", 0)
    for now, ends in ((february.end - 1, "now"), (february.end, "ended")):
        curve = series(known, february, now=now)
        assert curve is not None and at_end(curve) == ends
        assert dict(why(known, "max_drawdown", february, now=now).terms)[ends] == below_peak(curve)
        assert drawdown_text(curve)[0].endswith(f"; {ends} {below_peak(curve)}")
        whole = series(known, ALL, now=february.end)
        assert whole is not None and at_end(whole) == "now", "all time goes on"
