"""The costs behind a model, a key or a recurring charge; and how a burn rate, a projection or a budget is reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from northstar_tui.calendar import Calendar, Period
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.spend import Spent, Tokens, cost_entries, spend, tokens
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, named
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.views.base import Head, ViewError, head
from northstar_tui.views.budgets import BudgetLine, Forecast, state_words
from northstar_tui.views.costs import API, ONLY, CostsView
from northstar_tui.views.outlook import Due
from northstar_tui.views.words import NONE, counted, percent

NEWEST = 2_000
"""Costs that are listed, the newest; the sum is of all of them."""
KINDS = ("model", "key", "charge")
"""What costs are listed by: a model or a key of the API's bills, or the name of a recurring charge."""


@dataclass(frozen=True, slots=True)
class SpendingView:
    """The costs of some models, keys or charges in a period."""

    head: Head
    by: str
    names: tuple[str, ...]
    period: Period
    label: str
    sums: Spent
    entries: tuple[Entry, ...]
    """The newest of them, newest first."""
    tokens: Tokens | None = None
    """Behind what a model cost; None where no source states them."""

    @property
    def title(self) -> str:
        """What they are about, fit to be shown."""
        return names_text(self.names)

    @property
    def told(self) -> str:
        """What their sum is of, in words."""
        found = self.tokens
        used = "" if found is None else f", {found.input:,} tokens in, {found.output:,} out"
        return f"{self.label}, the sum of {counted(self.sums.n, 'entry', 'entries')}{used}"


def names_text(names: Sequence[str]) -> str:
    """Return one name fit to be shown; of several, how many they are."""
    return (safe(names[0]) or "not stated") if len(names) == 1 else f"{len(names)} others"


def spending(store: Store, by: str, names: Sequence[str], period: Period) -> SpendingView:
    """Return the costs in `period` of what is called one of `names`; `by` is one of KINDS. Raises ViewError."""
    if by not in KINDS:
        raise ViewError(f"{by!r} is nothing that costs are listed by", f"use one of {', '.join(KINDS)}")
    where: Where = (*ONLY, named("model", *names))
    if by != "charge":
        where = (*ONLY, named("category", API), named(by, *names))
    sums = spend(store, period, where=where)
    used = tokens(store, period, where) if by == "model" else {}
    stated = [used[name] for name in names if name in used]
    return SpendingView(
        head=head(store),
        by=by,
        names=tuple(names),
        period=period,
        label=store.calendar.label(period),
        sums=sums[0] if sums else Spent((), 0, 0),
        entries=tuple(cost_entries(store, period, where, NEWEST)),
        tokens=reduce(Tokens.plus, stated) if stated else None,
    )


def key_of(entry: Entry) -> str:
    """Return the key or workspace that a cost states, fit to be shown; a dash where it states none."""
    found = (entry.body.get(name) for name in ("api_key_name", "workspace", "workspace_id"))
    return safe(str(next((name for name in found if name), NONE)))


# -- how it is reckoned ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How a figure of the costs comes to be, in words."""

    head: Head
    title: str
    value: str
    formula: str
    terms: tuple[tuple[str, str], ...]
    days_title: str
    days: tuple[tuple[str, str], ...]
    """The days that a mean is taken over: (``Wed 18 Feb``, amount)."""
    period: Period
    """The period of the costs that it was asked of."""


_PROJECTION = (
    "so far + charges due + days left × the mean of whole days, ± t(0.975, n − 1) · s · √(left + left² ÷ n), which is "
    "Student's 95% prediction interval for the sum of the days left; charges of the config are certain and no part of "
    "the mean; days without a cost count as zero"
)
_DAYS = "The whole days that the mean is taken over"


def reckoning(view: CostsView, what: str) -> Reckoning:
    """Return how ``burn``, ``end`` or ``budget NAME`` comes to be. Raises ViewError for another."""
    if what == "burn":
        return _burn(view)
    if what == "end":
        return _told(
            view, f"Costs at the end of {view.label}", _ending(view.forecast), _terms(view.forecast), view.forecast
        )
    line = next((line for line in view.budgets if f"budget {line.budget.name}" == what), None)
    if line is None:
        known = ", ".join(["burn", "end", *(f"budget {safe(line.budget.name)}" for line in view.budgets)])
        raise ViewError(f"{safe(what)!r} is not reckoned here", f"use one of {known}")
    title = f"Budget {safe(line.budget.name)}, {line.label}"
    return _told(view, title, state_words(line), (*_budget(line), *_terms(line.forecast)), line.forecast)


def _told(view: CostsView, title: str, value: str, terms: tuple[tuple[str, str], ...], forecast: Forecast) -> Reckoning:
    begun = date.fromisoformat(forecast.first)
    days = tuple((f"{begun + timedelta(days=at):%a %d %b}", dollars(day)) for at, day in enumerate(forecast.days))
    return Reckoning(view.head, title, value, _PROJECTION, terms, _DAYS, days, view.period)


def _budget(line: BudgetLine) -> tuple[tuple[str, str], ...]:
    standing = line.standing
    kind = "net P&L at or above" if line.budget.direction == "target" else "costs at or below"
    share = f"{percent(standing.used)} of it"
    return (
        ("budget", f"{kind} {dollars(line.budget.amount)} in {line.label}"),
        ("actual", f"{dollars(standing.actual)}, {share}, of {counted(line.n, 'entry', 'entries')}"),
        ("passed", f"{percent(standing.elapsed)} of the period: an even pace would be at {dollars(standing.even)}"),
        ("ends at", _ending(line.forecast)),
    )


def _burn(view: CostsView) -> Reckoning:
    first, last = view.burn_span
    value = view.burn.reason if view.burn.value is None else f"{dollars(round(view.burn.value))} a day"
    formula = "costs of whole local days ÷ their number, days without a cost included"
    terms = (("days", f"n = {view.burn.n}, {first} to {last}"),)
    return Reckoning(view.head, f"Burn rate, {view.label}", value, formula, terms, "", (), view.period)


def _ending(forecast: Forecast) -> str:
    end = forecast.projection
    if end.value is None or end.low is None or end.high is None:
        return f"{NONE}: {end.reason}"
    return f"{dollars(end.value)}, 95%: {dollars(end.low)} to {dollars(end.high)}"


def _terms(forecast: Forecast) -> tuple[tuple[str, str], ...]:
    n = len(forecast.days)
    each = forecast.mean.value
    mean = f"{dollars(round(each))} a day" if each is not None else NONE
    return (
        ("so far", dollars(forecast.so_far)),
        ("due", _dues(forecast)),
        ("days left", f"{forecast.left:.2f}, the rest of today as part of one"),
        ("mean", f"{mean}, n = {n} whole days from {forecast.first}, without recurring charges"),
    )


def _dues(forecast: Forecast) -> str:
    """Return what is still due, by charge: ``$5.30: Backup 15 Mar $4.00, Domain from 19 Mar on 13 days $1.30``."""
    groups: dict[tuple[str, str], list[Due]] = {}
    for due in forecast.dues:
        groups.setdefault((due.charge.source, due.charge.name), []).append(due)
    told = []
    for (_, name), dues in groups.items():
        days = f"from {dues[0].day:%-d %b} on {len(dues)} days" if len(dues) > 1 else f"{dues[0].day:%-d %b}"
        amount = dollars(sum(due.amount for due in dues)) if all(due.rated for due in dues) else "without a rate"
        told.append(f"{safe(name)} {days} {amount}")
    return f"{dollars(forecast.certain)}: {', '.join(told)}" if told else "nothing"


def costs_month(calendar: Calendar, subject: object) -> Period | None:
    """Return the month that a place of the costs shows: that which holds an instant; None for the one that runs."""
    return calendar.period("month", subject) if isinstance(subject, int) else None
