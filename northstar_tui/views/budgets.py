"""Budgets: what was used of each, what is left, and where it will end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from northstar_tui.calendar import Period
from northstar_tui.figures.budgets import MET, MISSED, OVER, Budget, Standing, pace, standing
from northstar_tui.figures.spending import Projection, burn_rate, project
from northstar_tui.figures.trades import Figure
from northstar_tui.ledger import queries
from northstar_tui.ledger.spend import COST, ONLY_COSTS
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, name_fits, named
from northstar_tui.money import dollars
from northstar_tui.views.outlook import Due, Outlook


@dataclass(frozen=True, slots=True)
class Forecast:
    """The end of a period, and what it is made of. Money is micro-dollars, costs positive where it is one of costs."""

    projection: Projection
    first: str
    """First of the whole days that the mean is taken over, ISO 8601; they end with yesterday."""
    days: tuple[int, ...]
    """Their sums, without the recurring charges."""
    left: float
    """Days left in the period, the rest of today as a part of one."""
    so_far: int
    dues: tuple[Due, ...]
    """Recurring charges still to be booked in the period."""
    certain: int
    """Their sum."""
    last: date | None = None
    """Last day of the period; None once it is over."""

    @property
    def mean(self) -> Figure:
        """What the days left are taken to bring, each: the mean of `days`."""
        return burn_rate(self.days)


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One budget over the period of its own that holds an instant."""

    budget: Budget
    period: Period
    label: str
    where: Where
    """What its actual is summed over: for a ceiling costs alone."""
    standing: Standing
    forecast: Forecast
    n: int
    """Entries under its actual."""


def budget_lines(store: Store, outlook: Outlook, at: int) -> tuple[BudgetLine, ...]:
    """Return how each budget of the config stands, over its period that holds instant `at`, in the config's order."""
    return tuple(_line(store, outlook, budget, store.calendar.period(budget.period, at)) for budget in outlook.budgets)


def _line(store: Store, outlook: Outlook, budget: Budget, period: Period) -> BudgetLine:
    costs = budget.direction == "ceiling"
    kept = tuple(named(dimension, *names) for dimension, names in budget.where)
    where = costs_only(kept) if costs else kept
    measures = queries.total(store, period, where=where)
    actual = -measures.net if costs else measures.net
    found = forecast(store, outlook, period, where, costs=costs, so_far=actual)
    elapsed = min(1.0, max(0.0, (outlook.now - period.start) / (period.end - period.start)))
    return BudgetLine(
        budget=budget,
        period=period,
        label=store.calendar.label(period),
        where=where,
        standing=standing(budget.direction, budget.amount, actual, elapsed, found.projection),
        forecast=found,
        n=measures.entries,
    )


def costs_only(where: Where) -> Where:
    """Return a filter that keeps costs alone of what `where` keeps."""
    return (ONLY_COSTS, *(term for term in where if term.kind != "kind" or not name_fits(term, COST)))


def forecast(store: Store, outlook: Outlook, period: Period, where: Where, *, costs: bool, so_far: int) -> Forecast:
    """Return where `period` will end, of which `so_far` is booked. Costs are positive where `costs`; else nets."""
    calendar = store.calendar
    first, _, days = outlook.days(where, costs=costs)
    if outlook.now >= period.end:
        over = Projection(None, None, None, len(days), "the period is over")
        return Forecast(over, first.isoformat(), tuple(days), 0.0, so_far, (), 0)
    today = calendar.period("day", outlook.now)
    begins = max(period.start, today.start)
    whole = (calendar.date_of(period.end) - calendar.date_of(begins)).days
    part = (outlook.now - today.start) / (today.end - today.start) if period.start <= outlook.now else 0.0
    last = calendar.date_of(period.end) - timedelta(days=1)
    dues = tuple(outlook.dues(calendar.date_of(period.start), last, where))
    certain = sum(due.amount for due in dues) * (1 if costs else -1)
    left = whole - part
    end = project(days, left, so_far, certain)
    return Forecast(end, first.isoformat(), tuple(days), left, so_far, dues, certain, last)


def state_words(line: BudgetLine) -> str:
    """Return how a budget stands, in words: ``at risk: $12.40 left, ends $21.10 over``."""
    found, state = line.standing, line.standing.state
    over = found.elapsed >= 1
    if line.budget.direction == "ceiling":
        if state == OVER:
            told = f"over by {dollars(-found.left)}"
            return told if over or found.beyond is None else f"{told}, ends {dollars(found.beyond)} over"
        if over:
            return f"ok: {dollars(found.left)} was left"
        return f"{state}: {dollars(found.left)} left, {_ending(found, 'over', 'under', 'over', 'under')}"
    if state in (MET, MISSED):
        by = dollars(abs(found.left))
        return f"missed by {by}" if state == MISSED else f"met{'' if over else ' so far'}, {by} above it"
    return f"{state}: {dollars(found.left)} to earn, {_ending(found, 'above', 'short', 'ahead of', 'behind')}"


def remedy_words(line: BudgetLine) -> str:
    """Return what keeps a budget, or meets it: what is left a day; where it is passed, what is still in hand."""
    ceiling, days = line.budget.direction == "ceiling", line.forecast.left
    each = pace(line.standing.left, days)
    if each is None:
        return "nothing is left of it: stop what spends, or raise its amount" if ceiling else "its period is over"
    until = f"in each of the {days:.1f} days left" if days > 1 else "today"
    return f"spend at most {dollars(each)} {until}" if ceiling else f"earn {dollars(each)} {until}"


def _ending(found: Standing, above: str, below: str, ahead: str, behind: str) -> str:
    """Return where a budget ends, or, as long as nothing is projected, where it is beside an even pace."""
    if found.beyond is None:
        off = found.actual - found.even
        return f"{dollars(abs(off))} {ahead if off > 0 else behind} an even pace"
    return f"ends {dollars(abs(found.beyond))} {above if found.beyond > 0 else below}"
