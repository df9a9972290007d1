"""The drill-down: one node of the path from all time to a day, its children, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from northstar_tui.calendar import DRILL, SECOND, Period
from northstar_tui.figures import trades as figures
from northstar_tui.figures.trades import Figure
from northstar_tui.ledger import lists, log, queries
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.overlaps import linked
from northstar_tui.ledger.queries import Entry, Listed, Measures
from northstar_tui.ledger.sorts import BY_TIME
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import ONLY_TRADES, Where
from northstar_tui.views.base import Head, Part, Slice, children, head, slices, strict
from northstar_tui.views.stretch import before, beside

_DAY = 86_400 * SECOND
_END, _MOST = 3, 12
"""Characters of a key's end that are told at least, and at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One child period and its sums."""

    period: Period
    label: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a node's closed trades."""

    win_rate: Figure
    profit_factor: Figure
    expectancy: Figure
    roi: Figure
    average_win: Figure
    average_loss: Figure


@dataclass(frozen=True, slots=True)
class NodeView:
    """A period, its totals, its children (empty under a day, whose children are entries) and its attribution.

    Rows add up to the totals exactly, and so do the slices.
    """

    head: Head
    period: Period
    label: str
    crumbs: tuple[tuple[Period, str], ...]
    """The path from all time to this node, with each one's label."""
    basis: str
    where: Where
    dimension: str
    totals: Measures
    rows: tuple[Row, ...]
    child_level: str
    """Level of the rows; ``trade`` under a day."""
    slices: tuple[Slice, ...]
    statistics: Statistics
    previous: Measures | None
    """The totals of the period before, of one that is not over of as many days; None for all time."""
    previous_label: str


def node(
    store: Store,
    period: Period,
    *,
    basis: str = "closed",
    dimension: str = "category",
    where: Where = (),
    now: int | None = None,
    listed: bool = False,
    part: Part = strict,
) -> NodeView:
    """Return the node of `period`. Children after `now` that hold nothing are left out; `listed`, they are entries."""
    calendar = store.calendar
    child_level = "trade" if listed else level_below(period)
    totals = queries.total(store, period, basis=basis, where=where)
    rows: list[Row] = []
    if child_level != "trade":
        found = {
            row.bucket: row.measures for row in queries.sums(store, period, basis=basis, level=child_level, where=where)
        }
        for child in children(store, period, child_level, basis):
            measures = found.get(child.start, Measures())
            if measures.entries or now is None or child.start <= now:
                rows.append(Row(child, calendar.label(child), measures))
    previous, previous_label = _previous(store, period, now, basis, where)
    return NodeView(
        head=head(store),
        period=period,
        label=calendar.label(period),
        crumbs=tuple((step, calendar.label(step)) for step in _path(store, period)),
        basis=basis,
        where=where,
        dimension=dimension,
        totals=totals,
        rows=tuple(rows),
        child_level=child_level,
        slices=part("Attribution", lambda: slices(store, period, dimension, basis=basis, where=where), ()),
        statistics=part(
            "Figures", lambda: statistics(store, period, basis=basis, where=where), _statistics(Measures())
        ),
        previous=previous,
        previous_label=previous_label,
    )


def level_below(period: Period) -> str:
    """Return the level of a node's rows: a step down the drill-down; under an odd span what its length asks for."""
    if period.level != "range":
        return DRILL.get(period.level, "trade")
    days = (period.end - period.start + _DAY // 2) // _DAY  # a day has 23 to 25 hours
    return "month" if days > 62 else "week" if days > 14 else "day" if days > 1 else "trade"


def _path(store: Store, period: Period) -> list[Period]:
    if period.level in ("range", "hour"):
        return [*store.calendar.path("all", period.start), period]
    return [*store.calendar.path(period.level, period.start)[:-1], period]


def _previous(store: Store, period: Period, now: int | None, basis: str, where: Where) -> tuple[Measures | None, str]:
    if period.level not in DRILL.values():
        return None, ""
    over = period.end if now is None else now
    stretch, label = before(store.calendar, period, over, beside(store.calendar, period, -1))
    return queries.total(store, stretch, basis=basis, where=where), label


def statistics(store: Store, period: Period, *, basis: str = "closed", where: Where = ()) -> Statistics:
    """Return the figures of the closed trades in `period`: costs, credits and revenue are no trades."""
    return _statistics(queries.total(store, period, basis=basis, where=(*where, ONLY_TRADES)))


def _statistics(m: Measures) -> Statistics:
    return Statistics(
        win_rate=figures.win_rate(m.wins, m.losses),
        profit_factor=figures.profit_factor(m.won, m.lost, m.trades),
        expectancy=figures.expectancy(m.won + m.lost, m.trades),
        roi=figures.roi(m.won + m.lost, m.stake, m.trades, m.open),
        average_win=figures.average_win(m.won, m.wins),
        average_loss=figures.average_loss(m.lost, m.losses),
    )


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Some of a node's entries, in the order asked for. `first` is the number of those before them."""

    first: int
    entries: tuple[Listed, ...]
    apart: Mapping[int, str]
    """By its id, what tells an entry from those of the page that else look alike: the end of its key."""


def entries_page(
    store: Store,
    period: Period,
    first: int,
    count: int,
    *,
    basis: str = "closed",
    where: Where = (),
    sort: str = BY_TIME,
    most: int | None = None,
    seek: lists.Seek | None = None,
    renewed: bool = True,
) -> EntriesPage:
    """Return entries `first` … `first` + `count` − 1 of `period`; see `lists.page`."""
    found = lists.page(
        store, period, first, count, basis=basis, where=where, sort=sort, most=most, seek=seek, renewed=renewed
    )
    return EntriesPage(first, tuple(found), _apart(store, period, basis, found))


def _apart(store: Store, period: Period, basis: str, entries: Sequence[Listed]) -> dict[int, str]:
    """Return the ends of the keys of real twins, as fills of one second, which a list would show alike."""
    unit = SECOND if period.level in ("day", "hour") else 60 * SECOND  # as finely as lists write their times
    alike: dict[tuple[object, ...], list[int]] = {}
    for each in entries:
        at = each.opened_at if basis == "opened" or each.closed_at is None else each.closed_at
        seen = at // unit, each.title or each.instrument, each.side, each.stake, each.net
        alike.setdefault(seen, []).append(each.id)
    groups = [ids for ids in alike.values() if len(ids) > 1]
    keys = lists.keys(store, [each for ids in groups for each in ids])
    found: dict[int, str] = {}
    for ids in groups:
        sizes = range(min(_MOST, max(_END, *(len(keys[each]) for each in ids))), _END - 1, -1)
        best = {len({keys[each][-size:] for each in ids}): size for size in sizes}
        found |= {each: keys[each][-best[max(best)] :].strip(" -:/._") for each in ids}
    return found


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry, everything that was ever said about it, oldest first, and what other doors say of its money."""

    head: Head
    entry: Entry
    events: tuple[LoggedEvent, ...]
    linked: tuple[Entry, ...]
    """What other doors say of the same money, the one that bears it first, where that is not this entry's."""
    zone: str


def entry_view(store: Store, entry_id: int) -> EntryView | None:
    """Return the entry of `entry_id` with its events, or None where the log no longer makes one."""
    found = queries.entry(store, entry_id)
    if found is None:
        return None
    said, others = log.events_of(store, entry_id), linked(store, found) if found.same else ()
    return EntryView(head(store), found, tuple(said), tuple(others), store.calendar.zone)
