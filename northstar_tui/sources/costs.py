"""Costs that nobody bills in a form we could read: recurring charges from the config, one-off expenses from CSV.

A recurring charge is booked on its day each month or year, or spread over its period, to the micro-dollar. The
cursor remembers which days were booked, so a charge that is taken out of the config, or ends earlier than it did, is
withdrawn where it was booked already: as a revision of zero, with its history.
"""

from __future__ import annotations

import calendar as months
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Literal

import msgspec

from northstar_tui.calendar import instant
from northstar_tui.errors import ConfigError, NorthStarError, shown
from northstar_tui.events import Batch, Event
from northstar_tui.money import MoneyError, micros
from northstar_tui.sources.batches import BATCH, MEND, check_roles, file_batches, has_roles, roles, told
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.mapping import FieldError, FieldMapping, worded
from northstar_tui.sources.rows import Held, Row, csv_rows
from northstar_tui.sources.source import Check, Outside, Source, SourceError, decoded

SYNONYMS: dict[str, tuple[str, ...]] = {
    "key": ("id", "expense id", "transaction id", "receipt", "reference"),
    "time": ("date", "day", "time", "paid at", "paid on", "charged at", "transaction date", "created"),
    "amount": ("amount", "cost", "price", "total", "charge", "value", "debit", "expense"),
    "instrument": ("vendor", "payee", "merchant", "supplier", "company", "to", "name"),
    "title": ("description", "note", "notes", "memo", "what", "item", "details"),
    "category": ("category", "kind", "type"),
    "currency": ("currency", "ccy"),
}  # fmt: skip


class Recurring(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, rename={"start": "from"}):
    """One recurring charge. `start` (``from`` in the config) is its first day, `to` its last one, both included."""

    name: str
    amount: str
    start: date
    every: Literal["month", "year"] = "month"
    to: date | None = None
    spread: bool = False
    """True books it evenly over the days of its month or year, False on its day alone."""
    currency: str = "USD"
    category: str = "infrastructure"
    book: str | None = None


class Own(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a costs table, beside those that every source has."""

    recurring: list[Recurring] = []
    files: list[str] = []
    """CSVs of one-off expenses."""
    columns: dict[str, str] = {}
    """Role (see SYNONYMS) to the column's name; roles not named are found by synonym."""
    category: str = "expenses"
    """Category of expenses whose row states none."""
    dates: Literal["dmy", "mdy"] | None = None


Plan = dict[str, int]
"""Micro-units booked by day (ISO 8601)."""


def planned(charge: Recurring, today: date) -> Plan:
    """Return what `charge` books on each day up to `today`. A period not reached whole by `to` is booked for its days.

    Spread amounts differ by one micro at most, the larger ones first, and sum up to the charge.
    """
    amount = micros(charge.amount)
    last = min(charge.to or today, today)
    found: Plan = {}
    number = 0
    while (begins := _nth(charge, number)) <= last:
        if charge.spread:
            days = (_nth(charge, number + 1) - begins).days
            share, rest = divmod(amount, days)
            for n in range(days):
                day = begins + timedelta(days=n)
                if day <= last:
                    found[day.isoformat()] = share + (n < rest)
        else:
            found[begins.isoformat()] = amount
        number += 1
    return found


def _nth(charge: Recurring, number: int) -> date:
    """Return the first day of a charge's period `number`: its day of the month, or the last one of a shorter month."""
    step = number * (12 if charge.every == "year" else 1) + charge.start.month - 1
    year, month = charge.start.year + step // 12, step % 12 + 1
    return date(year, month, min(charge.start.day, months.monthrange(year, month)[1]))


class Costs:
    """A company's own record of its costs."""

    def __init__(self, own: Own, outside: Outside) -> None:
        self._own = own
        self._outside = outside
        self._mapping = FieldMapping({}, {}, outside.zone, dates=own.dates)

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the recurring charges due by now, and the expenses of files whose bytes changed."""
        known = json.loads(cursor) if cursor else {"booked": {}, "files": {}}
        events, booked = self._recurring(known["booked"])
        files: dict[str, str] = dict(known["files"])
        for start in range(0, len(events), BATCH):
            yield Batch(self._outside.name, events[start : start + BATCH])
        yield Batch(self._outside.name, cursor=json.dumps({"booked": booked, "files": files}, sort_keys=True))
        refused: SourceError | None = None
        for name in self._own.files:
            try:
                with Held(self._outside.folder / name) as held:
                    if files.get(name) == held.origin.sha256 and self._outside.since is None:
                        continue
                    now = {**files, name: held.origin.sha256}
                    text = json.dumps({"booked": booked, "files": now}, sort_keys=True)
                    for batch in self._expenses(held, text):
                        yield batch
                    files = now
            except SourceError as error:  # this file's, the others are read
                refused = refused or error
        if refused is not None:
            raise refused

    def _recurring(self, before: Mapping[str, Any]) -> tuple[list[Event], dict[str, Any]]:
        """Return the events of all charges, and what they booked: name to its first day, last day and shape."""
        today = datetime.fromtimestamp(self._outside.now() // 1_000_000, self._outside.zone).date()
        events: list[Event] = []
        booked: dict[str, list[str]] = {}
        for charge in self._own.recurring:
            plan = planned(charge, today)
            withdrawn = [day for day in before.get(charge.name, ()) if day not in plan]
            events += [self._charge(charge, day, plan.get(day, 0)) for day in sorted([*plan, *withdrawn])]
            booked[charge.name] = sorted({*plan, *withdrawn})
        for name, days in before.items():
            if name not in booked:
                gone = Recurring(name=name, amount="0", start=date.min)
                events += [self._charge(gone, day, 0) for day in days]
                booked[name] = days
        return events, booked

    def _charge(self, charge: Recurring, day: str, amount: int) -> Event:
        at = instant(datetime.combine(date.fromisoformat(day), datetime.min.time(), self._outside.zone))
        body: dict[str, Any] = {"amount": amount, "instrument": charge.name, "category": charge.category}
        if charge.currency != "USD":
            body["currency"] = charge.currency
        return Event(self._outside.name, f"recurring:{charge.name}:{day}", "cost.incurred", at, body, book=charge.book)

    def _expenses(self, held: Held, cursor: str) -> Iterator[Batch]:
        fit = partial(has_roles, columns=self._own.columns, synonyms=SYNONYMS, required=("time", "amount"))
        read = partial(self._expense, Tally())
        return file_batches(held, csv_rows(held, fit), read, self._outside.name, cursor)

    def _expense(self, tally: Tally, row: Row) -> list[Event]:
        names = roles(row.facts, self._own.columns, SYNONYMS)
        values = {role: row.facts[name] for role, name in names.items() if row.facts[name] != ""}
        for role in ("time", "amount"):
            if role not in values:
                raise FieldError(names.get(role, role), f"an expense must state its {role}")
        at = self._mapping.when(values["time"], names["time"])
        body: dict[str, Any] = {
            "amount": self._mapping.money(values["amount"], names["amount"]),
            "category": self._own.category,
        }
        for role in ("instrument", "title", "category", "currency"):
            if role in values:
                body[role] = worded(values[role], names[role])
        facts = digest((at, *(f"{role}={body[role]}" for role in sorted(body))))
        key = f"expense:{values['key']}" if "key" in values else row_key(facts, tally)
        return [Event(self._outside.name, key, "cost.incurred", at, body, row.raw, row.line)]

    async def check(self) -> AsyncIterator[Check]:
        """Say which charges are due, and whether the files can be read."""
        yield Check("ok", f"{len(self._own.recurring)} recurring charges")
        for name in self._own.files:
            try:
                with Held(self._outside.folder / name) as held:
                    yield told(self._expenses(held, ""), f"expenses of {shown(name)}", MEND)
            except NorthStarError as error:
                yield Check("failed", error.message, error.remedy)


def make(settings: Mapping[str, Any], outside: Outside) -> Source:
    """Make the costs of its table. Raises ConfigError naming the charge."""
    own = decoded(settings, Own, outside.name)
    names = [charge.name for charge in own.recurring]
    for charge in own.recurring:
        where = f"sources.{outside.name}: recurring charge {shown(charge.name)!r}"
        try:
            micros(charge.amount)
        except MoneyError as error:
            raise ConfigError(f"{where}: {error}", 'write amount = "49.90"') from None
        if names.count(charge.name) > 1:
            raise ConfigError(f"{where} stands twice", "give each price its own name, with from and to")
        if charge.to is not None and charge.to < charge.start:
            raise ConfigError(f"{where} ends before it begins", "mend from or to")
    check_roles(own.columns, SYNONYMS, outside.name)
    return Costs(own, outside)
