"""What every view shares: the question it answers, and the clock it is answered at."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from northstar_tui.calendar import ALL, Period
from northstar_tui.errors import NorthStarError
from northstar_tui.ledger import queries, state
from northstar_tui.ledger.change import newest_event
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where

T = TypeVar("T")
U = TypeVar("U")
BASES = ("closed", "opened")


class ViewError(NorthStarError):
    """A question that cannot be asked; the message says what can."""


class Part(Protocol):
    """How a view reads a part that it can do without."""

    def __call__(self, name: str, read: Callable[[], T], without: U) -> T | U:
        """Return what `read` returns. One that goes on where that breaks says so under `name`, and gives `without`."""


def strict(name: str, read: Callable[[], T], without: U) -> T | U:  # noqa: ARG001 - what raises gives nothing
    """Return what `read` returns: what breaks in a part breaks the view. What scripts read is whole, or an error."""
    return read()


class Slice(NamedTuple):
    """What one member of a dimension contributes to a node. Slices of a node add up to it, exactly."""

    name: str
    measures: Measures
    rest: bool = False
    """True for the visible sum of the members that are not shown one by one."""


class Head(NamedTuple):
    """What stands on top of every screen: net P&L of all time, and how far it can be trusted."""

    net: int
    """Micro-dollars, all time, by the closed basis."""
    unreconciled: int
    """Micro-dollars that two statements of the same money disagree about; zero where nothing is stated twice."""
    incomplete: int
    """Entries whose foreign amount has no rate."""
    quarantined: int
    """Records that could not be read."""
    sources: tuple[state.SourceState, ...]
    batch: int
    """Newest append that changed something; 0 for an empty store."""
    event: int
    """Newest event of the log; 0 for an empty store."""
    recorded_at: int | None
    """When that was, microseconds UTC."""
    kind: str
    """``real`` or ``demo``."""
    zone: str


def head(store: Store) -> Head:
    """Return the head of the screens as the store stands."""
    total = queries.total(store, ALL)
    batch = state.last_batch(store)
    return Head(
        net=total.net,
        unreconciled=total.unreconciled,
        incomplete=total.incomplete,
        quarantined=state.quarantined(store),
        sources=tuple(state.source_states(store)),
        batch=batch[0] if batch else 0,
        event=newest_event(store),
        recorded_at=batch[1] if batch else None,
        kind=store.kind,
        zone=store.calendar.zone,
    )


def slices(
    store: Store, span: Period, dimension: str, *, basis: str = "closed", where: Where = (), most: int = 12
) -> tuple[Slice, ...]:
    """Return what each member of `dimension` contributes to `span`, largest |net| first, the rest summed up visibly."""
    rows = queries.sums(store, span, basis=basis, by=(dimension,), where=where)
    ranked = sorted(rows, key=lambda row: (-abs(row.measures.net), row.names))
    shown = [Slice(row.names[0], row.measures) for row in ranked[:most]]
    if len(ranked) > most:
        rest = Measures()
        for row in ranked[most:]:
            rest += row.measures
        shown.append(Slice(f"{len(ranked) - most} more", rest, rest=True))
    return tuple(shown)


def where_text(where: Where) -> str:
    """Return a filter in the words that `filter.parse` reads."""
    if not where:
        return ""  # most questions have none, and need not load the language
    from northstar_tui.views.filter import Filter

    return Filter(where).text


def resolve(store: Store, period: Period, basis: str = "closed") -> Period:
    """Return `period`, or for all time the whole days that hold entries (ALL itself where there are none)."""
    if period.level != "all":
        return period
    return queries.span(store, basis) or period


def children(store: Store, period: Period, level: str, basis: str) -> list[Period]:
    """Return the periods of `level` under `period`; under all time, those from the first entry to the last."""
    span = resolve(store, period, basis)
    if span == ALL:
        return []
    calendar = store.calendar
    if period.level == "all":
        first, last = calendar.period(level, span.start), calendar.period(level, span.end - 1)
        span = Period(first.start, last.end, "all")
    return calendar.children(span, level)
