"""A field mapping from the config: which of a row's fields is which fact of NorthStar's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from northstar_tui.errors import shown
from northstar_tui.money import MICRO, MoneyError, micros
from northstar_tui.sources.rows import Row, reached
from northstar_tui.sources.table import normal
from northstar_tui.sources.times import TimeError, parse

MONEY = frozenset({"stake", "gross", "fees", "net", "amount", "refunded"})
TIMES = frozenset({"opened_at", "closed_at"})
OWN = frozenset({"key", "time"})
"""Facts that name the event and are not in its body."""


class FieldError(ValueError):
    """A row's field that cannot be read: `field` names it, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Mapped:
    """One row in NorthStar's words. `key` None where the row has no id of its own."""

    key: str | None
    time: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Facts to the fields that state them (dotted paths; a CSV's header names in any case), and how to read them."""

    fields: Mapping[str, str]
    constants: Mapping[str, str]
    zone: ZoneInfo
    unit: int = MICRO
    """Micro-units in one of the rows' units of money."""
    dates: str | None = None

    def read(self, row: Row) -> Mapped:
        """Return what `row` says. Raises FieldError."""
        body: dict[str, Any] = dict(self.constants)
        key = None
        time = None
        for fact, field in self.fields.items():
            value = _value(row.facts, field)
            if value is None or value == "":
                continue
            if fact == "key":
                key = worded(value, field)
            elif fact == "time":
                time = self.when(value, field)
            elif fact in TIMES:
                body[fact] = self.when(value, field)
            elif fact in MONEY:
                body[fact] = self.money(value, field)
            else:
                body[fact] = worded(value, field)
        if time is None:
            time = body.get("closed_at", body.get("opened_at"))
        if time is None:
            raise FieldError(self.fields.get("time", "time"), "the row states no time")
        return Mapped(key, time, body)

    def key(self, row: Row) -> str | None:
        """Return the id of a row that may be unreadable for the rest; None where it has none."""
        field = self.fields.get("key")
        value = None if field is None else _value(row.facts, field)
        try:
            return None if value is None or field is None else worded(value, field) or None
        except FieldError:
            return None

    def when(self, value: Any, field: str) -> int:
        """Return the instant that a field states, microseconds UTC. Raises FieldError."""
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            raise FieldError(field, f"{shown(repr(value))} is not a time")
        try:
            return parse(str(value), self.zone, self.dates)
        except TimeError as error:
            raise FieldError(field, str(error)) from None

    def money(self, value: Any, field: str) -> int:
        """Return the amount that a field states, micro-units. Raises FieldError."""
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            raise FieldError(field, f"{shown(repr(value))} is not an amount")
        try:
            return micros(str(value), unit=self.unit)
        except MoneyError as error:
            raise FieldError(field, str(error)) from None


def _value(facts: Mapping[str, Any], field: str) -> Any:
    if field in facts:
        return facts[field]
    found = reached(facts, field)
    return facts.get(normal(field)) if found is None else found


def worded(value: Any, field: str) -> str:
    """Return the text that a field states. Raises FieldError."""
    if isinstance(value, (dict, list, bool, bytes)):
        raise FieldError(field, f"{shown(repr(value))} is not a text")
    return str(value).strip()
