"""Every screen that shows the store: how its snapshot is asked for, how its page is made, what its crumb says.

One function here adds a screen. Each loads its screen when it is first shown: start-up is a feature.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from northstar_tui.calendar import Calendar, Period
from northstar_tui.ledger.store import Store
from northstar_tui.tui.actions import ENTRY, EVENT, LEDGER, OVERVIEW, WHY
from northstar_tui.tui.navigation import Cursor, Navigation
from northstar_tui.tui.screens.page import Page


class Screen(NamedTuple):
    """What the cockpit needs of a screen."""

    question: Callable[[Navigation, int, int], Callable[[Store], Any]]
    """(where, first row in sight, now) to what the worker reads."""
    page: Callable[[Any, Cursor, Calendar], Page]


def screen(name: str) -> Screen:
    """Return the screen called `name`. Raises KeyError for another."""
    return _SCREENS[name]()


def crumb(name: str, subject: Hashable, calendar: Calendar) -> str:
    """Return what a place is called on the path."""
    if isinstance(subject, Period):
        return calendar.label(subject)
    if name == WHY:
        from northstar_tui.views.why import FIGURES

        figure, period = subject[:2]  # type: ignore[index]
        return f"why {FIGURES[figure].title}, {calendar.label(period)}"
    return name.capitalize() if name == OVERVIEW else name


def _overview() -> Screen:
    from northstar_tui.tui.screens import overview

    return Screen(overview.question, overview.OverviewPage)


def _ledger() -> Screen:
    from northstar_tui.tui.screens import ledger

    return Screen(ledger.question, ledger.LedgerPage)


def _entry() -> Screen:
    from northstar_tui.tui.screens import entry

    return Screen(entry.question, entry.EntryPage)


def _event() -> Screen:
    from northstar_tui.tui.screens import entry

    return Screen(entry.event_question, entry.EventPage)


def _why() -> Screen:
    from northstar_tui.tui.screens import why

    return Screen(why.question, why.WhyPage)


_SCREENS = {OVERVIEW: _overview, LEDGER: _ledger, ENTRY: _entry, EVENT: _event, WHY: _why}
