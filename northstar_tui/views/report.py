"""The report: sums of a period by level and dimensions, in the contract's shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.overlaps import Overlaps, Statement, overlaps
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where
from northstar_tui.money import decimal_text
from northstar_tui.views.base import resolve, where_text
from northstar_tui.views.series import Fall, Moment, SeriesView, series

COUNTS = ("entries", "trades", "wins", "losses", "scratches", "open")
MONEY = ("stake", "gross", "fees", "net")


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One bucket and combination of dimension members."""

    bucket: str
    """Local start of the whole period, ISO 8601, also where only a part of it lies in the report's span."""
    label: str
    period: Period
    dimensions: tuple[str, ...]
    measures: Measures


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Money in a currency without a rate: it is in no sum."""

    currency: str
    entries: int
    net: int
    """Micro-units of `currency`."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """Rows add up to the totals, exactly."""

    period: Period
    span: Period
    """The period, or for all time the whole days that hold entries."""
    dates: tuple[str | None, str | None]
    """Local first date, and the date after the last one; None for all time of an empty store."""
    zone: str
    label: str
    basis: str
    level: str
    by: tuple[str, ...]
    where: Where
    totals: Measures
    rows: tuple[ReportRow, ...]
    incomplete: tuple[Incomplete, ...]
    unreconciled: int
    """Micro-dollars that two statements of the same money disagree about: by check figures, and between doors."""
    overlaps: Overlaps
    """What the sums were freed of: money that came through two doors."""
    curve: SeriesView | None
    """Equity and drawdown over the period; None where it holds nothing or has no hours below it."""


def report(
    store: Store,
    period: Period,
    *,
    level: str | None = None,
    by: Sequence[str] = (),
    basis: str = "closed",
    where: Where = (),
    now: int | None = None,
) -> ReportView:
    """Return the report of `period`, of which nothing after `now` has been.

    Without `level` its rows are the whole period's, by dimensions alone.
    """
    calendar = store.calendar
    span = resolve(store, period, basis)
    within = level if level and level != "all" else None
    rows = []
    for row in queries.sums(store, period, basis=basis, level=within or "all", by=by, where=where):
        whole = calendar.period(within, row.bucket) if within else span
        shown = Period(max(whole.start, span.start), min(whole.end, span.end), whole.level) if within else period
        text = calendar.bucket_text(within if within == "hour" else "day", whole.start)
        rows.append(ReportRow(text, calendar.label(shown), shown, row.names, row.measures))
    totals = queries.total(store, period, basis=basis, where=where)
    return ReportView(
        period=period,
        span=span,
        dates=calendar.span_text(span) if span != ALL else (None, None),
        zone=calendar.zone,
        label=calendar.label(period),
        basis=basis,
        level=level or period.level,
        by=tuple(by),
        where=where,
        totals=totals,
        rows=tuple(rows),
        incomplete=tuple(Incomplete(*found) for found in queries.incomplete(store, period, basis, where)),
        unreconciled=totals.unreconciled,
        overlaps=overlaps(store, period, basis=basis, where=where),
        curve=series(store, period, basis=basis, where=where, now=now),
    )


def measures_json(measures: Measures) -> dict[str, Any]:
    """Return sums for machines: counts as integers, money as decimal texts in dollars."""
    counts = {name: getattr(measures, name) for name in COUNTS}
    return counts | {name: decimal_text(getattr(measures, name)) for name in MONEY}


def report_json(view: ReportView) -> dict[str, Any]:
    """Return `report --json`: a contract that DESIGN and the user guide state."""
    return {
        "period": {"from": view.dates[0], "to": view.dates[1], "zone": view.zone},
        "basis": view.basis,
        "filter": where_text(view.where),
        "totals": measures_json(view.totals),
        "rows": [
            {
                "bucket": row.bucket,
                "level": view.level,
                "dimensions": dict(zip(view.by, row.dimensions, strict=True)),
                **measures_json(row.measures),
            }
            for row in view.rows
        ],
        "incomplete": [
            {"currency": each.currency, "entries": each.entries, "net": decimal_text(each.net)}
            for each in view.incomplete
        ],
        "unreconciled": decimal_text(view.unreconciled),
        "overlaps": _overlaps_json(view.overlaps),
        "drawdown": drawdown_json(view.curve),
    }


def drawdown_json(curve: SeriesView | None) -> dict[str, Any] | None:
    """Return the curve's deepest fall, and the one it ends in; null where nothing was booked."""
    if curve is None or not any(curve.nets):
        return None

    def point(at: Moment | None, equity: int) -> dict[str, str | None]:
        return {"at": at.text if at else None, "equity": decimal_text(equity)}

    def fall(found: Fall | None, depth: int) -> dict[str, Any] | None:
        if found is None:
            return None
        drop = found.drawdown
        return {
            "depth": decimal_text(depth),
            "peak": point(found.peak, drop.high),
            "trough": point(found.trough, drop.low),
            "recovered": found.recovered.text if found.recovered else None,
            "days": found.days,
        }

    return {
        "curve": curve.basis,
        "level": curve.level,
        "equity": decimal_text(curve.running[-1]),
        "max": fall(curve.worst, min(curve.underwater)),
        "current": fall(curve.current, curve.underwater[-1]),
    }


def _overlaps_json(found: Overlaps) -> dict[str, Any]:
    def statement(said: Statement) -> dict[str, str]:
        return {"source": said.source, "net": decimal_text(said.net)}

    return {
        "groups": found.groups,
        "mirrored_entries": found.mirrored_entries,
        "mirrored_net": decimal_text(found.mirrored_net),
        "differing": found.differing,
        "differences": [
            {
                "same": each.same,
                "book": each.book,
                "bears": statement(each.bears),
                "mirrors": [statement(mirror) for mirror in each.mirrors],
                "difference": decimal_text(each.difference),
            }
            for each in found.differences
        ],
    }
