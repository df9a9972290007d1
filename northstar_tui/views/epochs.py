"""The epochs of the config, side by side: what each of them earned, and how far it fell."""

from __future__ import annotations

from dataclasses import dataclass

from northstar_tui.calendar import Epoch, Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.views.series import SeriesView, series


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One epoch and its sums."""

    epoch: Epoch
    period: Period
    days: int
    """Local days of it that have been."""
    measures: Measures
    curve: SeriesView | None
    """Equity and drawdown over it; None where it holds nothing."""


def epoch_rows(store: Store, now: int, *, basis: str = "closed") -> tuple[EpochRow, ...]:
    """Return the epochs that the store's calendar knows, by their beginning; one that is to come has no sums yet."""
    calendar, found = store.calendar, []
    for epoch in calendar.epochs:
        period = calendar.of_epoch(epoch, now)
        last = min(calendar.date_of(period.end - 1), calendar.date_of(now))
        found.append(
            EpochRow(
                epoch,
                period,
                max(0, (last - epoch.first).days + 1),
                queries.total(store, period, basis=basis),
                series(store, period, basis=basis, now=now),
            )
        )
    return tuple(found)
