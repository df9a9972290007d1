"""Every screen that shows the store: how its snapshot is asked for, how its page is made, what its crumb says. One row
adds a screen."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from northstar_tui.calendar import Calendar, Period
from northstar_tui.ledger.store import Store
from northstar_tui.tui.actions import ENTRY, EVENT, LEDGER, OVERVIEW, WHY
from northstar_tui.tui.navigation import Cursor, Navigation
from northstar_tui.tui.screens import entry, ledger, overview, why
from northstar_tui.tui.screens.page import Page
from northstar_tui.views.why import FIGURES


@dataclass(frozen=True, slots=True)
class Screen:
    """One row of the registry."""

    question: Callable[[Navigation, int, int], Callable[[Store], Any]]
    """(where, first row in sight, now) to what the worker reads."""
    page: Callable[[Any, Cursor, Calendar], Page]
    crumb: Callable[[Hashable, Calendar], str]


def _period(subject: Hashable, calendar: Calendar) -> str:
    return calendar.label(subject) if isinstance(subject, Period) else ""


def _why(subject: Hashable, calendar: Calendar) -> str:
    figure, period = subject[:2]  # type: ignore[index]
    return f"why {FIGURES[figure].title.lower()}, {calendar.label(period)}"


SCREENS: dict[str, Screen] = {
    OVERVIEW: Screen(overview.question, overview.OverviewPage, lambda *_: "Overview"),
    LEDGER: Screen(ledger.question, ledger.LedgerPage, _period),
    ENTRY: Screen(entry.question, entry.EntryPage, lambda *_: "entry"),
    EVENT: Screen(entry.event_question, entry.EventPage, lambda *_: "event"),
    WHY: Screen(why.question, why.WhyPage, _why),
}
