"""What the operator decided about projecting events: zone, books, categories, currency rates.

The rules a store's entries and rollups were derived under are kept in the store itself, so that the same log always
gives the same figures; other rules mean a rebuild, never a silent mixture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

OTHER = "other"
"""Category of what no rule names; shown and counted, never hidden."""

DOORS = (
    "kalshi", "kalshi-csv", "hyperliquid", "hyperliquid-csv", "openrouter", "openrouter-csv", "anthropic", "bets-csv",
    "betfair-csv", "mail",
)  # fmt: skip
"""Kinds of sources, the one that bears a money stated by several first: venues before their exports, exports before
lists kept by hand, those before what was announced. Others come last, by name."""

EXPORTS = ("kalshi-csv", "hyperliquid-csv")
"""Kinds of sources that state closed trades and only some of the fills behind them: no position follows from those."""

CONTRACTS = ("kalshi",)
"""Kinds of sources whose contracts pay a dollar or nothing: what is sold of them is NO."""

TOLERANCE = 10_000
"""A cent in micros, for each entry of the mirror: by so much two statements of one money may differ and still agree,
since either may have been rounded to the cent."""


class Rate(NamedTuple):
    """USD per unit of `currency`, valid from instant `start` (microseconds UTC) until the next one of that currency."""

    currency: str
    start: int
    usd: Decimal


@dataclass(frozen=True)
class Rules:
    """Immutable projection rules. `zone` is an IANA name; `categories` maps an instrument's prefix to a category."""

    zone: str = "UTC"
    book: str = "main"
    """Book of events for which neither the operator nor `books` names one."""
    books: Mapping[str, str] = field(default_factory=dict)
    """Source name (with or without its account) to book."""
    categories: Mapping[str, str] = field(default_factory=dict)
    """Instrument prefix to category; the longest matching prefix wins."""
    rates: tuple[Rate, ...] = ()

    def text(self) -> str:
        """Return these rules as canonical JSON: equal rules give equal texts."""
        return json.dumps(
            {
                "zone": self.zone,
                "book": self.book,
                "books": dict(self.books),
                "categories": dict(self.categories),
                "rates": sorted((r.currency, r.start, str(r.usd)) for r in self.rates),
            },
            sort_keys=True,
        )

    @staticmethod
    def read(text: str) -> Rules:
        """Return the rules that `text` gave."""
        data = json.loads(text)
        rates = tuple(Rate(currency, start, Decimal(usd)) for currency, start, usd in data["rates"])
        return Rules(data["zone"], data["book"], data["books"], data["categories"], rates)

    def book_of(self, source: str) -> str:
        """Return the book of a source's events that name none."""
        return self.books.get(source) or self.books.get(source.partition(":")[0]) or self.book

    def rate(self, currency: str, at: int) -> Decimal | None:
        """Return USD per unit of `currency` at instant `at`, or None where no rate covers it."""
        best = None
        for rate in self.rates:
            if rate.currency == currency and rate.start <= at and (best is None or rate.start > best.start):
                best = rate
        return best.usd if best else None
