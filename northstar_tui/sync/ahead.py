"""The recurring charges of the config, as plain data for whoever looks ahead: what is due on which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from northstar_tui.config import Settings

FAR = timedelta(days=366)
"""How far before and after today charges are laid out: a yearly one is due once within it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One recurring charge of an enabled source."""

    source: str
    """Source of the events that book it."""
    name: str
    """Instrument of the entries that book it."""
    book: str | None
    """Whose it is; None leaves that to the store's rules."""
    category: str
    currency: str
    every: str
    """``month`` or ``year``."""
    spread: bool
    """Whether it is booked evenly over the days of its period."""
    plan: tuple[tuple[date, int], ...]
    """What is booked on which day, micro-units of `currency`, from FAR before today to FAR after it; days in order."""


def charges(settings: Settings, today: date) -> tuple[Charge, ...]:
    """Return the recurring charges of all enabled sources, in the config's order. Raises ConfigError."""
    found: list[Charge] = []
    for source in settings.sources:
        if source.kind == "costs" and source.enabled:
            from northstar_tui.sources.costs import Own, planned
            from northstar_tui.sources.source import decoded

            for charge in decoded(source.own, Own, source.name.rpartition(":")[2]).recurring:
                days = sorted((date.fromisoformat(day), amount) for day, amount in planned(charge, today + FAR).items())
                found.append(
                    Charge(
                        source.name, charge.name, charge.book or source.book, charge.category, charge.currency,
                        charge.every, charge.spread, _near(days, today),
                    )
                )  # fmt: skip
    return tuple(found)


def _near(days: Sequence[tuple[date, int]], today: date) -> tuple[tuple[date, int], ...]:
    return tuple((day, amount) for day, amount in days if day >= today - FAR)
