"""The overview: how are we doing, by period and by book, why, and how fresh is that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger import log, queries
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.look import Look
from northstar_tui.ledger.pipeline import Stage, jobs, pipeline
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import Head, Part, Slice, head, slices, strict
from northstar_tui.views.needs import BUDGETS, Need, budgets_of, needs
from northstar_tui.views.operations import Planned, source_lines
from northstar_tui.views.since import HELD, SinceView, positions_at, since
from northstar_tui.views.stretch import before

ATTRIBUTED = ("category", "book", "source")
"""Dimensions that the overview attributes by; the rest have the ledger."""
BRIDGED = 20_000
"""Events up to which the overview itself tells what changed since the last look."""
if TYPE_CHECKING:
    from northstar_tui.views.budgets import BudgetLine
    from northstar_tui.views.outlook import Known

DAYS = 90
"""Local days in a book's panel."""


class Tile(NamedTuple):
    """The sums of one period, and of the same stretch of the period before it."""

    name: str
    """``today``, ``week``, ``month``, ``year``, ``all``: also what `report` takes."""
    period: Period
    measures: Measures
    before: Measures | None
    """The same stretch of the period before (`stretch.before`); None for all time."""
    before_label: str
    budget: BudgetLine | None = None
    """The config's first target for the net P&L of all of this period, and how it stands."""


class Panel(NamedTuple):
    """One book's daily net P&L, micro-dollars, oldest day first; None before the book's first entry."""

    book: str
    series: tuple[int | None, ...]
    net: int
    """Sum of the series."""
    total: Measures
    """All time."""


class OverviewView(NamedTuple):
    """What a first glance needs."""

    head: Head
    empty: bool
    now: int
    tiles: tuple[Tile, ...]
    panels: tuple[Panel, ...]
    panels_label: str
    focus: Period
    """The period of the attribution: this month, else this year, else all time, whichever holds entries."""
    focus_label: str
    slices: tuple[Slice, ...]
    dimension: str
    also: tuple[tuple[str, tuple[Slice, ...]], ...]
    """The attribution by the other dimensions of ATTRIBUTED: (dimension, slices)."""
    needs: tuple[Need, ...]
    """What needs the operator, the worst first."""
    whole: bool
    """Whether positions and budgets were looked at too: where not, more may need the operator."""
    since: SinceView
    """What changed since the operator looked last."""
    events: tuple[LoggedEvent, ...]
    """The newest of the log, quotes left out, by when they happened, the newest first."""
    pipeline: tuple[Stage, ...]
    """Jobs that nothing is booked for yet, by status and currency: no part of any figure above."""


def overview(
    store: Store,
    now: int,
    planned: Sequence[Planned] = (),
    *,
    dimension: str = "category",
    events: int = 12,
    look: Look | None = None,
    held: bool = True,
    known: Known | None = None,
    part: Part = strict,
) -> OverviewView:
    """Return the overview at instant `now`: `planned` is what the config says of its sources, `look` the last look.

    Without `held` it leaves open positions out, which take longer to load than all the rest; without `known`, which the
    config knows of costs to come, the budgets.
    """
    budgets = part(BUDGETS, lambda: budgets_of(store, now, known), ())
    tiles = _tiles(store, now, budgets)
    focus = next((tile.period for tile in tiles[2:4] if tile.measures.entries), ALL)
    span = queries.span(store)
    nothing: tuple[tuple[Panel, ...], str] = (), ""
    panels, label = part("Books", lambda: _panels(store, now, span), nothing) if span else nothing
    top, positions = head(store), part(HELD, lambda: positions_at(store, now), None) if held else None

    def attributed(by: str) -> tuple[Slice, ...]:
        return part("Attribution", lambda: slices(store, focus, by), ())

    also = [name for name in ATTRIBUTED if name != dimension]
    return OverviewView(
        head=top,
        empty=span is None and not log.newest_events(store, 1),
        now=now,
        tiles=tiles,
        panels=panels,
        panels_label=label,
        focus=focus,
        focus_label=store.calendar.label(focus),
        slices=attributed(dimension),
        dimension=dimension,
        also=tuple((name, attributed(name)) for name in also),
        needs=part("Needs", lambda: needs(top, source_lines(store, now, planned), now, positions, budgets), ()),
        whole=held,
        since=part("The bridge", lambda: since(store, now, look, most=BRIDGED, held=positions, top=top),
                   SinceView.untold(top, now)),
        events=part("Events", lambda: tuple(log.newest_but_quotes(store, events)), ()),
        pipeline=part("Pipeline", lambda: tuple(pipeline(jobs(store))), ()),
    )  # fmt: skip


def _tiles(store: Store, now: int, budgets: Sequence[BudgetLine]) -> tuple[Tile, ...]:
    calendar = store.calendar
    targets = {
        line.period: line for line in reversed(budgets) if line.budget.direction == "target" and not line.budget.where
    }
    found = []
    for name, level in (("today", "day"), ("week", "week"), ("month", "month"), ("year", "year")):
        period = calendar.period(level, now)
        stretch, label = before(calendar, period, now)
        sums = queries.total(store, period), queries.total(store, stretch)
        found.append(Tile(name, period, *sums, label, targets.get(period)))
    return (*found, Tile("all", ALL, queries.total(store, ALL), None, ""))


def _panels(store: Store, now: int, span: Period) -> tuple[tuple[Panel, ...], str]:
    """Return the books' panels over the DAYS days up to today, or up to the last entry where that is long ago."""
    calendar = store.calendar
    last = calendar.date_of(now)
    newest = calendar.date_of(span.end - 1)
    label = f"last {DAYS} days"
    if newest < last - timedelta(days=DAYS // 3):
        last, label = newest, f"{DAYS} days to {newest:%-d %b %Y}"
    days = [calendar.day_start(last - timedelta(days=back)) for back in range(DAYS - 1, -1, -1)]
    window = Period(days[0], calendar.day_start(last + timedelta(days=1)), "range")
    daily = {
        (row.names[0], row.bucket): row.measures.net for row in queries.sums(store, window, level="day", by=("book",))
    }
    totals = {row.names[0]: row.measures for row in queries.sums(store, ALL, by=("book",))}
    earlier = {
        row.names[0] for row in queries.sums(store, Period(span.start, max(days[0], span.start), "range"), by=("book",))
    }
    panels = []
    for book, total in totals.items():
        begun = book in earlier
        series: list[int | None] = []
        for day in days:
            begun = begun or (book, day) in daily
            series.append(daily.get((book, day), 0) if begun else None)
        panels.append(Panel(book, tuple(series), sum(value or 0 for value in series), total))
    return tuple(panels), label
