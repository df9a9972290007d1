"""What is known of days to come: the config's recurring charges and budgets; and what is only to be extrapolated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from northstar_tui.calendar import Period
from northstar_tui.errors import NorthStarError
from northstar_tui.figures.budgets import Budget
from northstar_tui.figures.spending import WINDOW
from northstar_tui.ledger import queries
from northstar_tui.ledger.spend import COST, first_day, spend
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, name_fits, named
from northstar_tui.money import convert

LOOK_BACK = timedelta(days=62)
"""How long before today a charge that is not booked is still awaited: two months of a source that was not read."""


class Charge(Protocol):
    """A recurring charge of the config (`sync.ahead.Charge` is one)."""

    @property
    def source(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def book(self) -> str | None: ...
    @property
    def category(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def every(self) -> str: ...
    @property
    def spread(self) -> bool: ...
    @property
    def plan(self) -> tuple[tuple[date, int], ...]: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What the config says of days to come."""

    budgets: tuple[Budget, ...] = ()
    charges: Callable[[date], Sequence[Charge]] = lambda _: ()
    """The recurring charges as of a day. Raises NorthStarError for a config that cannot be used."""


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Due:
    """What a recurring charge books on one day that it is not booked for yet."""

    charge: Charge
    day: date
    amount: int
    """Micro-dollars; 0 where `rated` is False."""
    rated: bool
    """False where no rate makes dollars of its currency: it is then in no projection."""
    late: bool
    """Whether its day has come: the source that books it was not read since."""


class Outlook:
    """The recurring charges beside what is booked of them, as a store stands at instant `now`."""

    def __init__(self, store: Store, now: int, known: Known) -> None:
        self._store = store
        self.now = now
        self.today = store.calendar.date_of(now)
        self.budgets = known.budgets
        self.problem = ""
        """Why the charges could not be read; empty where they could."""
        self.charges: tuple[Charge, ...] = ()
        try:
            self.charges = tuple(known.charges(self.today))
        except NorthStarError as error:
            self.problem = str(error)
        self._booked = self._read() if self.charges else {}

    def _read(self) -> dict[tuple[str, str, date], list[tuple[dict[str, str], int]]]:
        """Return what is booked of the charges, by source, name and day, from LOOK_BACK before today on."""
        calendar = self._store.calendar
        since = calendar.day_start(self.today - LOOK_BACK)
        span = Period(since, calendar.day_start(self.today + timedelta(days=1)), "range")
        sources, models = {c.source for c in self.charges}, {c.name for c in self.charges}
        where = (named("source", *sorted(sources)), named("model", *sorted(models)))
        by = ("source", "model", "day", "book", "category")
        planned = {(charge.source, charge.name, day) for charge in self.charges for day, _ in charge.plan}
        found: dict[tuple[str, str, date], list[tuple[dict[str, str], int]]] = {}
        for row in spend(self._store, span, by, where=where):
            called = dict(zip(by, row.names, strict=True))
            key = called["source"], called["model"], date.fromisoformat(called["day"])
            if key in planned:  # the same vendor's other bills are no part of the charge
                found.setdefault(key, []).append((called, row.amount))
        return found

    def dues(self, first: date, last: date, where: Where = ()) -> list[Due]:
        """Return what of the charges is still to be booked from `first` to `last`, both included, the next first."""
        first = max(first, self.today - LOOK_BACK)
        found = [
            self._due(charge, day, amount)
            for charge in self.charges
            if self._kept(charge, where)
            for day, amount in charge.plan
            if first <= day <= last and amount and not self._is_booked(charge, day)
        ]
        return sorted(found, key=lambda due: (due.day, due.charge.name))

    def _is_booked(self, charge: Charge, day: date) -> bool:
        return (charge.source, charge.name, day) in self._booked

    def _kept(self, charge: Charge, where: Where) -> bool:
        book = charge.book or self._store.rules.book_of(charge.source)
        facts = {"book": book, "category": charge.category, "source": charge.source, "kind": COST}
        return all(name_fits(term, facts[term.kind]) for term in where)

    def _due(self, charge: Charge, day: date, amount: int) -> Due:
        late = day <= self.today
        if charge.currency == "USD":
            return Due(charge, day, amount, True, late)
        rate = self._store.rules.rate(charge.currency, self._store.calendar.day_start(day))
        if rate is None:
            return Due(charge, day, 0, False, late)
        return Due(charge, day, convert(amount, rate), True, late)

    def next_of(self, charge: Charge) -> Due | None:
        """Return the next thing that a charge books, today's included; None where it has ended."""
        for day, amount in charge.plan:
            if amount and day >= self.today and not self._is_booked(charge, day):
                return self._due(charge, day, amount)
        return None

    def days(self, where: Where, *, costs: bool) -> tuple[date, list[int], list[int]]:
        """Return the first of the whole days that a mean is taken over, their sums, and those without the charges.

        They are at most WINDOW days up to yesterday, from the first entry on that `where` keeps. Micro-dollars: costs
        positive where `costs`, else nets.
        """
        calendar = self._store.calendar
        begun = first_day(self._store, where) or self.today
        first = min(max(begun, self.today - timedelta(days=WINDOW)), self.today)
        span = Period(calendar.day_start(first), calendar.day_start(self.today), "range")
        rows = queries.sums(self._store, span, level="day", where=where) if span.start < span.end else []
        nets = {calendar.date_of(row.bucket): row.measures.net for row in rows}
        known = self._known(where)
        days = [first + timedelta(days=n) for n in range((self.today - first).days)]
        sign = -1 if costs else 1
        whole = [sign * nets.get(day, 0) for day in days]
        return first, whole, [amount + sign * known.get(day, 0) for day, amount in zip(days, whole, strict=True)]

    def _known(self, where: Where) -> dict[date, int]:
        """Return what was booked of the charges by day, as far as `where` keeps it, micro-dollars, costs positive."""
        found: dict[date, int] = {}
        for (_, _, day), rows in self._booked.items():
            for called, amount in rows:
                facts = called | {"kind": COST}
                if all(name_fits(term, facts[term.kind]) for term in where):
                    found[day] = found.get(day, 0) + amount
        return found
