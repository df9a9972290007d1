"""A period's net P&L as a curve: its nets by hour or day, equity, drawdown; what a chart shows and `why` explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from northstar_tui.calendar import ALL, SECOND, Period
from northstar_tui.figures.curves import Drawdown, current_drawdown, equity, max_drawdown, underwater
from northstar_tui.ledger import queries
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where
from northstar_tui.views.base import children, resolve

HOURLY = 8 * 86_400 * SECOND
"""Microseconds up to which a span's curve goes by hour, beyond it by day: a figure has one curve, whoever asks."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The hour or day at whose end equity stood somewhere."""

    start: int
    """Microseconds UTC."""
    text: str
    """Its local start, ISO 8601; an hour with its offset."""
    label: str
    """For people: ``25 Feb 2026``, ``25 Feb 2026 13:00``."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A drawdown and when it was."""

    drawdown: Drawdown
    peak: Moment | None
    """None where the peak is the start of the span, before anything was booked."""
    trough: Moment
    recovered: Moment | None
    """None where it has not recovered within the span."""
    span: Period
    """From the peak's end to the trough's end: the entries within it add up to the depth."""
    days: int
    """Calendar days from peak to recovery, or to the end of what has been."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The net of one period of a curve, which begins on local date `first`; None where it has not begun."""

    first: date
    net: int | None


_FIRST: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
"""Level to the first date of its period that holds a date."""


@dataclass(frozen=True, slots=True)
class SeriesView:
    """Net P&L by periods of `level`, oldest first, in micro-dollars; periods that have not begun are not in it."""

    level: str
    """``hour`` or ``day``."""
    basis: str
    nets: tuple[int, ...]
    running: tuple[int, ...]
    """Equity: the sums of `nets` so far, where the period stood at each one's end; before the first it stands at 0."""
    underwater: tuple[int, ...]
    """Equity less the highest it had been until then, zero or less."""
    slots: int
    """Periods there are in all, those that have not begun included."""
    dates: tuple[date, ...]
    """The local date of each of the `slots`."""
    worst: Fall | None
    """The maximum drawdown; None where equity never fell below its highest."""
    current: Fall | None
    """The drawdown in which it ends; None where it ends at its highest."""
    over: bool
    """Whether its period is over, so that where it ends is not where it stands now."""

    def bars(self, most: int) -> tuple[str, tuple[Bar, ...]]:
        """Return the finest level of which the span has at most `most` periods (or years), and the net of each."""
        if self.level == "hour" and self.slots <= most:
            nets = (*self.nets, *[None] * (self.slots - len(self.nets)))
            return "hour", tuple(Bar(day, net) for day, net in zip(self.dates, nets, strict=True))
        for level, first in _FIRST.items():
            cuts = [0, *(at for at in range(1, self.slots) if first(self.dates[at]) != first(self.dates[at - 1]))]
            if len(cuts) <= most or level == "year":
                break
        ends = (*cuts[1:], self.slots)
        begun = len(self.nets)
        return level, tuple(
            Bar(self.dates[start], sum(self.nets[start:end]) if start < begun else None)
            for start, end in zip(cuts, ends, strict=True)
        )


def series(
    store: Store, period: Period, *, basis: str = "closed", where: Where = (), now: int | None = None
) -> SeriesView | None:
    """Return the curve of `period`, or None where it has no levels below it, or holds nothing at all.

    Periods that begin after `now` and hold nothing are left out. All time goes on: what has not recovered lasts until
    `now`, also after its last entry.
    """
    span = resolve(store, period, basis)
    if period.level == "hour" or span == ALL:  # all time of an empty store has no days
        return None
    level = "hour" if span.end - span.start <= HOURLY else "day"
    axis = _Hours(store, span, basis) if level == "hour" else _Days(store, span)
    found = queries.nets(store, span, level, basis=basis, where=where)
    begun = axis.slots if now is None else max(0, min(axis.slots, axis.point(min(now, span.end - 1)) + 1))
    nets = [0] * max([begun, *(axis.point(bucket) + 1 for bucket, _ in found[-1:])])
    for bucket, net in found:
        nets[axis.point(bucket)] += net
    worst, current = max_drawdown(nets), current_drawdown(nets)
    today = store.calendar.date_of(now) if now is not None and period.level == "all" else None
    return SeriesView(
        level=level,
        basis=basis,
        nets=tuple(nets),
        running=equity(nets),
        underwater=underwater(nets),
        slots=axis.slots,
        dates=axis.dates,
        worst=None if worst is None else axis.fall(worst, len(nets), today),
        current=None if current is None else axis.fall(current, len(nets), today),
        over=period.level != "all" and now is not None and now >= span.end,
    )


class _Axis:
    """The points of a span: which one holds an instant, and where each begins."""

    level = ""

    def __init__(self, store: Store, span: Period) -> None:
        self.calendar, self.span = store.calendar, span
        self.slots = 0
        self.dates: tuple[date, ...] = ()

    def point(self, instant: int) -> int:
        """Return the index of the point that holds `instant`; negative before the span."""
        raise NotImplementedError

    def start(self, index: int) -> int:
        """Return where the point at `index` begins; the span's end for the one after the last."""
        raise NotImplementedError

    def fall(self, drawdown: Drawdown, points: int, today: date | None) -> Fall:
        """Return `drawdown` with its moments; `points` of the span have been.

        Where the span goes on, it is `today` now.
        """
        peak, recovery = drawdown.peak, drawdown.recovery
        last = self.dates[(recovery or points) - 1]
        if recovery is None and today is not None:
            last = max(last, today)
        first = self.dates[peak - 1] if peak else self.dates[0]
        return Fall(
            drawdown=drawdown,
            peak=self._moment(peak) if peak else None,
            trough=self._moment(drawdown.trough),
            recovered=None if recovery is None else self._moment(recovery),
            span=Period(self.start(peak), self.start(drawdown.trough), "range"),
            days=(last - first).days,
        )

    def _moment(self, point: int) -> Moment:
        start = self.start(point - 1)
        local = self.calendar.local(start) if self.level == "hour" else None
        label = f"{local:%-d %b %Y %H:%M}" if local else f"{self.dates[point - 1]:%-d %b %Y}"
        return Moment(start, self.calendar.bucket_text(self.level, start), label)


class _Days(_Axis):
    """Local days, by the dates' own arithmetic: thousands of them cost little."""

    level = "day"

    def __init__(self, store: Store, span: Period) -> None:
        super().__init__(store, span)
        first, last = self.calendar.date_of(span.start), self.calendar.date_of(span.end - 1)
        self._first = first.toordinal()
        self.slots = (last - first).days + 1
        self.dates = tuple(first + timedelta(days) for days in range(self.slots))

    def point(self, instant: int) -> int:
        return self.calendar.date_of(instant).toordinal() - self._first

    def start(self, index: int) -> int:
        if index >= self.slots:
            return self.span.end
        return max(self.span.start, self.calendar.day_start(self.dates[index]))


class _Hours(_Axis):
    """Local hours, of which a day has 23 to 25."""

    level = "hour"

    def __init__(self, store: Store, span: Period, basis: str) -> None:
        super().__init__(store, span)
        hours = children(store, Period(span.start, span.end, "day"), "hour", basis)
        self.slots = len(hours)
        self._starts = [hour.start for hour in hours]
        self._index = {start: index for index, start in enumerate(self._starts)}
        self.dates = tuple(self.calendar.date_of(start) for start in self._starts)

    def point(self, instant: int) -> int:
        start = self.calendar.bucket("hour", instant) if instant >= self.span.start else instant
        return self._index.get(start, -1)

    def start(self, index: int) -> int:
        return self.span.end if index >= self.slots else self._starts[index]
