"""Costs: what was spent on what, how fast, where the period will end, and what is left of it all per book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from northstar_tui.calendar import ALL, Period
from northstar_tui.figures.spending import burn_rate
from northstar_tui.figures.trades import Figure
from northstar_tui.ledger import queries
from northstar_tui.ledger.log import newest_events
from northstar_tui.ledger.pipeline import OWED, STATUSES, Job, jobs
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.spend import COST, ONLY_COSTS, KeyUse, Tokens, first_day, key_uses, spend, tokens
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, named
from northstar_tui.views.base import Head, Part, head, resolve, strict
from northstar_tui.views.budgets import BudgetLine, Forecast, budget_lines, forecast
from northstar_tui.views.outlook import NOTHING, Charge, Due, Known, Outlook
from northstar_tui.views.stretch import before

API = "api"
"""Category of what models cost."""
MOST = 8
"""Names of a table shown one by one; the others are summed up visibly."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was spent on one name in the period, and in the same stretch of the one before. Micro-dollars."""

    name: str
    """As the source says it; empty where it states none."""
    amount: int
    before: int
    n: int
    where: Where
    """The filter that keeps its entries: dimensions, and ``model`` or ``key``."""
    rest: bool = False
    """True for the visible sum of the names that are not shown one by one."""
    tokens: Tokens | None = None
    """Behind a model's amount; None where no source states them."""


@dataclass(frozen=True, slots=True)
class Table:
    """Spending by one thing. Its lines add up to `amount`, exactly."""

    by: str
    title: str
    lines: tuple[Line, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A recurring charge, what it books next, and what it should have booked by now and did not."""

    charge: Charge
    next: Due | None
    late: Due | None


@dataclass(frozen=True, slots=True)
class BookLine:
    """What is left in one book after all costs: trading + revenue − costs = net. Micro-dollars."""

    book: str
    trading: int
    """Net of trades and of credits."""
    revenue: int
    costs: int
    """Positive = paid; a cost counts in the book that it is booked in, shared ones too."""
    net: int
    n: int


@dataclass(frozen=True, slots=True)
class CostsView:
    """What screen 9 shows. Costs are positive amounts; every table adds up to the total it stands under."""

    head: Head
    empty: bool
    now: int
    today: date
    period: Period
    label: str
    total: Measures
    """Of the cost entries; its net is negative."""
    spent: int
    before: int | None
    """Spent in the same stretch of the period before; None for all time and odd spans."""
    before_label: str
    daily: tuple[int | None, ...]
    """Spent by local day of the period, None from tomorrow on; empty for a period longer than two months."""
    daily_before: tuple[int, ...]
    """Spent by local day of the whole period before."""
    before_name: str
    burn: Figure
    burn_span: tuple[str, str]
    """First and last of the whole days that the burn rate is taken over, ISO 8601: the period's own once it is over."""
    forecast: Forecast
    budgets: tuple[BudgetLine, ...]
    tables: tuple[Table, ...]
    keys: tuple[KeyUse, ...]
    """What API keys say that they used themselves on the period's dates in UTC: beside the bills, in no figure."""
    charges: tuple[ChargeLine, ...]
    problem: str
    """Why the config's charges could not be read; empty where they could."""
    jobs: tuple[Job, ...]
    """Those that are not over, the nearest to payment first, at each stage the longest there; see `Job.booked`."""
    books: tuple[BookLine, ...]
    net: int
    """Of all books: the period's net P&L."""


ONLY: Where = (ONLY_COSTS,)
_OF_API: Where = (named("category", API),)


def costs(
    store: Store, now: int, known: Known | None = None, period: Period | None = None, *, part: Part = strict
) -> CostsView:
    """Return the costs of `period`, by default the month that holds instant `now`."""
    calendar = store.calendar
    period = period or calendar.period("month", now)
    outlook = Outlook(store, now, known or NOTHING)
    total = queries.total(store, period, where=ONLY)
    earlier, earlier_label = None, ""
    if period.level not in ("all", "range", "hour"):
        earlier, earlier_label = before(calendar, period, now)
    burn, burn_span = _burn(store, outlook, resolve(store, period))
    daily, daily_before, before_name = part("Days", lambda: _daily(store, period, now), ((), (), ""))
    books = part("Books", lambda: _books(store, period), ())

    def table(by: str, title: str, where: Where) -> Table:
        return part(title, lambda: _table(store, period, earlier, by, title, where), Table(by, title, (), 0))

    return CostsView(
        head=head(store),
        empty=queries.span(store) is None and not newest_events(store, 1),
        now=now,
        today=outlook.today,
        period=period,
        label=calendar.label(period),
        total=total,
        spent=-total.net,
        before=None if earlier is None else -queries.total(store, earlier, where=ONLY).net,
        before_label=earlier_label,
        daily=daily,
        daily_before=daily_before,
        before_name=before_name,
        burn=burn,
        burn_span=burn_span,
        forecast=forecast(store, outlook, resolve(store, period), ONLY, costs=True, so_far=-total.net),
        budgets=part("Budgets", lambda: budget_lines(store, outlook, min(now, period.end - 1)), ()),
        tables=tuple(table(*each) for each in _TABLES),
        keys=part("Keys", lambda: _keys(store, period), ()),
        charges=part("Recurring charges", lambda: _charges(outlook), ()),
        problem=outlook.problem,
        jobs=part("Jobs", lambda: _jobs(store), ()),
        books=books,
        net=sum(line.net for line in books),
    )


def _jobs(store: Store) -> tuple[Job, ...]:
    return tuple(sorted(jobs(store), key=lambda job: -(*STATUSES, *OWED).index(job.stage)))


def _burn(store: Store, outlook: Outlook, span: Period) -> tuple[Figure, tuple[str, str]]:
    """Return the burn rate, and the first and the last day it is taken over: of a period that is over, its own."""
    if outlook.now >= span.end:
        days = [amount for _, amount in _by_day(store, span)]
        first, following = (date.fromisoformat(text) for text in store.calendar.span_text(span))
    else:
        first, days, _ = outlook.days(ONLY, costs=True)
        following = outlook.today
    burn = burn_rate(days)
    if burn.value is None and first_day(store, ONLY) is None:
        burn = Figure(None, 0, "there is no cost yet")
    return burn, (first.isoformat(), max(first, following - timedelta(days=1)).isoformat())


_TABLES: tuple[tuple[str, str, Where], ...] = (
    ("model", "API spend by model", _OF_API),
    ("key", "API spend by key or workspace", _OF_API),
    ("source", "Costs by source", ()),
)


def _table(store: Store, period: Period, earlier: Period | None, by: str, title: str, where: Where) -> Table:
    then = {row.names[0]: row.amount for row in spend(store, earlier, (by,), where=where)} if earlier else {}
    found = {row.names[0]: (row.amount, row.n) for row in spend(store, period, (by,), where=where)}
    used = tokens(store, period, where) if by == "model" else {}
    lines = []
    for name in dict.fromkeys((*found, *then)):
        amount, n = found.get(name, (0, 0))
        kept = (*ONLY, *where, named(by, name))
        lines.append(Line(name, amount, then.get(name, 0), n, kept, tokens=used.get(name)))
    lines.sort(key=lambda line: (-line.amount, -line.before, line.name))
    shown, rest = lines[:MOST], lines[MOST:]
    if len(rest) > 1:
        names = tuple(line.name for line in rest)
        stated = [line.tokens for line in rest if line.tokens is not None]
        shown.append(
            Line(
                f"{len(rest)} others", sum(line.amount for line in rest), sum(line.before for line in rest),
                sum(line.n for line in rest), (*ONLY, *where, named(by, *names)), rest=True,
                tokens=reduce(Tokens.plus, stated) if stated else None,
            )
        )  # fmt: skip
    else:
        shown += rest
    return Table(by, title, tuple(shown), sum(line.amount for line in lines))


def _daily(store: Store, period: Period, now: int) -> tuple[tuple[int | None, ...], tuple[int, ...], str]:
    """Return what was spent by day of `period`, by day of the whole period before it, and what that is called."""
    calendar = store.calendar
    if period.level not in ("week", "month"):
        return (), (), ""
    whole = calendar.period(period.level, period.start - 1)
    here = [None if day > now else amount for day, amount in _by_day(store, period)]
    return tuple(here), tuple(amount for _, amount in _by_day(store, whole)), calendar.label(whole)


def _by_day(store: Store, period: Period) -> list[tuple[int, int]]:
    """Return (start of the local day, spent on it), days without a cost included."""
    found = {date.fromisoformat(row.names[0]): row.amount for row in spend(store, period, ("day",))}
    days = [day.start for day in store.calendar.children(period, "day")]
    return [(day, found.get(store.calendar.date_of(day), 0)) for day in days]


def _keys(store: Store, period: Period) -> tuple[KeyUse, ...]:
    span = resolve(store, period)
    if span == ALL:
        return ()
    first, following = (date.fromisoformat(text) for text in store.calendar.span_text(span))
    return tuple(key_uses(store, first, following - timedelta(days=1)))


def _charges(outlook: Outlook) -> tuple[ChargeLine, ...]:
    """Return the charges that will book something, or should have, the next first; not those that have ended."""
    late: dict[int, Due] = {}
    for due in outlook.dues(date.min, outlook.today):
        late.setdefault(id(due.charge), due)
    lines = [ChargeLine(charge, outlook.next_of(charge), late.get(id(charge))) for charge in outlook.charges]
    running = [line for line in lines if line.next is not None or line.late is not None]
    return tuple(sorted(running, key=_when))


def _when(line: ChargeLine) -> tuple[date, str]:
    due = line.late or line.next
    return (due.day if due is not None else date.max), line.charge.name


def _books(store: Store, period: Period) -> tuple[BookLine, ...]:
    """Return what is left in each book, in order of their names; together they are the period's net."""
    kinds: dict[str, dict[str, Measures]] = {}
    for row in queries.sums(store, period, by=("book", "kind")):
        kinds.setdefault(row.names[0], {})[row.names[1]] = row.measures
    return tuple(_book(book, kinds[book]) for book in sorted(kinds))


def _book(book: str, found: dict[str, Measures]) -> BookLine:
    def net(kind: str) -> int:
        return found[kind].net if kind in found else 0

    whole = sum((measures.net for measures in found.values()), 0)
    return BookLine(
        book=book,
        trading=whole - net("revenue") - net(COST),
        revenue=net("revenue"),
        costs=-net(COST),
        net=whole,
        n=sum(measures.entries for measures in found.values()),
    )


def totals(lines: Sequence[BookLine]) -> BookLine:
    """Return the sums of all books."""
    return BookLine(
        "total", sum(line.trading for line in lines), sum(line.revenue for line in lines),
        sum(line.costs for line in lines), sum(line.net for line in lines), sum(line.n for line in lines),
    )  # fmt: skip
