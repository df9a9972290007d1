"""A period's net P&L as a curve: what a chart beside the drill-down's rows shows."""

from __future__ import annotations

from dataclasses import dataclass

from northstar_tui.calendar import Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import Where, children, resolve

MOST = 400
"""Points of a curve: the finest level that has no more of them is taken."""
_LEVELS = {
    "all": ("day", "week", "month", "quarter"), "year": ("day",), "quarter": ("day",), "month": ("day",),
    "week": ("hour",), "day": ("hour",), "range": ("hour", "day", "week", "month", "quarter"), "hour": (),
}  # fmt: skip
_SECONDS = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 28 * 86_400, "quarter": 90 * 86_400}


@dataclass(frozen=True, slots=True)
class SeriesView:
    """Net P&L by periods of `level`, oldest first, in micro-dollars; periods that have not begun are not in it."""

    level: str
    nets: tuple[int, ...]
    running: tuple[int, ...]
    """The sums of `nets` so far: where the period stood at each one's end."""
    slots: int
    """Periods there are in all, those that have not begun included."""


def series(store: Store, period: Period, *, basis: str = "closed", where: Where = (), now: int) -> SeriesView | None:
    """Return the curve of `period`, or None where it has no levels below it."""
    span = resolve(store, period, basis)
    seconds = (span.end - span.start) // 1_000_000
    levels = [level for level in _LEVELS.get(period.level, ()) if seconds // _SECONDS[level] <= MOST]
    if not levels:
        return None
    level = levels[0]
    buckets = children(store, Period(span.start, span.end, period.level), level, basis)
    found = {
        row.bucket: row.measures.net for row in queries.sums(store, period, basis=basis, level=level, where=dict(where))
    }
    begun = [bucket for bucket in buckets if bucket.start <= now or bucket.start in found]
    nets = tuple(found.get(bucket.start, 0) for bucket in begun)
    running, so_far = [], 0
    for net in nets:
        so_far += net
        running.append(so_far)
    return SeriesView(level, nets, tuple(running), len(buckets))
