"""The leading figures of the costs in words, for every face."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from northstar_tui.ledger.spend import Tokens
from northstar_tui.money import dollars
from northstar_tui.views.costs import CostsView
from northstar_tui.views.words import NONE, counted

TOTAL, BURN, DUE, END = "total", "burn", "due", "end"
"""The leading figures."""


def figure_words(view: CostsView) -> list[tuple[str, str, str, str]]:
    """Return the leading figures: (what it is, its name, its value, what belongs to it in words)."""
    found = [(TOTAL, "Spent", dollars(view.spent), _against(view))]
    burn = view.burn
    value = NONE if burn.value is None else dollars(round(burn.value))
    forecast, each = view.forecast, None if view.forecast.mean.value is None else round(view.forecast.mean.value)
    what = burn.reason or f"a day, the mean of {counted(burn.n, 'whole day', 'whole days')}, {_span(view)}"
    if forecast.left and burn.value is not None and each is not None and each != round(burn.value):
        days = counted(burn.n, "whole day", "whole days")
        what = f"a day, {dollars(each)} without recurring charges; {days}, {_span(view)}"
    found.append((BURN, "Burn", value, what))
    if forecast.left:
        then = f"{forecast.last:%-d %b}" if forecast.last is not None else "then"
        told = f"no recurring charge until {then}"
        if forecast.dues:
            many = len({(due.charge.source, due.charge.name) for due in forecast.dues})
            told = f"{counted(many, 'recurring charge', 'recurring charges')} until {then}, certain"
            unrated = len({due.charge.name for due in forecast.dues if not due.rated})
            told += f", {unrated} of them without a rate" if unrated else ""
        found.append((DUE, "Due", dollars(forecast.certain), told))
        end = forecast.projection
        value = NONE if end.value is None else dollars(end.value)
        told = end.reason
        if end.low is not None and end.high is not None:
            sum_ = f"spent + due + {forecast.left:.2f} days × {NONE if each is None else dollars(each)}"
            told = f"{sum_}; 95%: {dollars(end.low)} to {dollars(end.high)}"
        found.append((END, "Ends at", value, told))
    return found


def _against(view: CostsView) -> str:
    parts = []
    if view.before is not None:
        parts.append(f"{dollars(view.spent - view.before, plus=True)} against {view.before_label}")
    parts.append(counted(view.total.entries, "entry", "entries"))
    if view.total.incomplete:
        parts.append(f"{view.total.incomplete:,} without a rate")
    return ", ".join(parts)


def _span(view: CostsView) -> str:
    first, last = (date.fromisoformat(day) for day in view.burn_span)
    return f"{first:%-d %b}–{last:%-d %b}" if first != last else f"{first:%-d %b}"


def days_title(view: CostsView) -> str:
    """Return what the days are called, and how high the highest is."""
    most = max((day for day in (*view.daily, *view.daily_before) if day is not None), default=0)
    return f"By day, up to {dollars(most)}"


def token_words(found: Tokens | None) -> tuple[str, str]:
    """Return tokens in and tokens out, large ones in three figures: ``1.25M``; a dash where none are stated."""
    return (NONE, NONE) if found is None else (_large(found.input), _large(found.output))


def _large(count: int) -> str:
    for unit, size in (("B", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= max(size, 10_000):
            value = Decimal(count) / size
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}{unit}"
    return f"{count:,}"
