"""Every screen that shows the store: how its snapshot is asked for, how its page is made, what its crumb says.

One function here adds a screen. Each loads its screen when it is first shown: start-up is a feature.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.store import Store
from northstar_tui.tui.actions import (
    CALENDAR,
    COSTS,
    ENTRIES,
    ENTRY,
    EVENT,
    HELD,
    LEDGER,
    NEEDS,
    OPERATIONS,
    OVERVIEW,
    POSITION,
    POSITIONS,
    QUARANTINE,
    RECKONING,
    RECORD,
    RUN,
    SINCE,
    SOURCE,
    SPENDING,
    UNREALISED,
    WHY,
)
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.screens.page import Asking, Page


class Screen(NamedTuple):
    """What the cockpit needs of a screen."""

    question: Callable[[Asking], Callable[[Store], Any]]
    """All that is not in the store, to what the worker reads."""
    page: Callable[[Any, Cursor, Calendar], Page]


def screen(name: str) -> Screen:
    """Return the screen called `name`. Raises KeyError for another."""
    return _SCREENS[name]()


def crumb(name: str, subject: Hashable, calendar: Calendar) -> str:
    """Return what a place is called on the path."""
    if isinstance(subject, Period):
        return f"calendar {calendar.label(subject)}" if name == CALENDAR else calendar.label(subject)
    if name == ENTRIES:
        return "entries" if subject[0] == ALL else f"entries of {calendar.label(subject[0])}"  # type: ignore[index]
    if name == WHY:
        from northstar_tui.views.why import FIGURES

        figure, period = subject[:2]  # type: ignore[index]
        return f"why {FIGURES[figure].title}, {calendar.label(period)}"
    if name == SINCE:
        from northstar_tui.views.words import BRIDGE

        return "since you last looked" if subject is None else BRIDGE[subject[1]]  # type: ignore[index]
    if name == SOURCE:
        return str(subject)
    if name == QUARANTINE and subject is not None:
        return str(subject)
    if name in HELD:
        from northstar_tui.tui.screens.positions import place_words

        return place_words(name, subject, calendar)
    if name == SPENDING:
        from northstar_tui.views.spending import names_text

        return names_text(subject[1])  # type: ignore[index]
    if name == RECKONING:
        return "how it is reckoned"
    if name == COSTS and isinstance(subject, int):
        return f"Costs {calendar.label(calendar.period('month', subject))}"
    if name == NEEDS:
        return "what needs you"
    return name.capitalize() if name in (OVERVIEW, OPERATIONS, COSTS) else name


def _overview() -> Screen:
    from northstar_tui.tui.screens import overview

    return Screen(overview.question, overview.OverviewPage)


def _ledger() -> Screen:
    from northstar_tui.tui.screens import ledger

    return Screen(ledger.question, ledger.LedgerPage)


def _calendar() -> Screen:
    from northstar_tui.tui.screens import calendar

    return Screen(calendar.question, calendar.CalendarPage)


def _entry() -> Screen:
    from northstar_tui.tui.screens import entry

    return Screen(entry.question, entry.EntryPage)


def _event() -> Screen:
    from northstar_tui.tui.screens import entry

    return Screen(entry.event_question, entry.EventPage)


def _why() -> Screen:
    from northstar_tui.tui.screens import why

    return Screen(why.question, why.WhyPage)


def _since() -> Screen:
    from northstar_tui.tui.screens import since

    return Screen(since.question, since.page)


def _positions() -> Screen:
    from northstar_tui.tui.screens import positions

    return Screen(positions.question, positions.PositionsPage)


def _position() -> Screen:
    from northstar_tui.tui.screens import position

    return Screen(position.question, position.PositionPage)


def _unrealised() -> Screen:
    from northstar_tui.tui.screens import position

    return Screen(position.question, position.UnrealisedPage)


def _costs() -> Screen:
    from northstar_tui.tui.screens import costs

    return Screen(costs.question, costs.CostsPage)


def _spending() -> Screen:
    from northstar_tui.tui.screens import spending

    return Screen(spending.question, spending.SpendingPage)


def _reckoning() -> Screen:
    from northstar_tui.tui.screens import spending

    return Screen(spending.reckoning_question, spending.ReckoningPage)


def _operations() -> Screen:
    from northstar_tui.tui.screens import operations

    return Screen(operations.question, operations.OperationsPage)


def _source() -> Screen:
    from northstar_tui.tui.screens import operations

    return Screen(operations.source_question, operations.SourcePage)


def _needs() -> Screen:
    from northstar_tui.tui.screens import needing

    return Screen(needing.question, needing.NeedsPage)


def _quarantine() -> Screen:
    from northstar_tui.tui.screens import feeding

    return Screen(feeding.quarantine_question, feeding.QuarantinePage)


def _run() -> Screen:
    from northstar_tui.tui.screens import feeding

    return Screen(feeding.run_question, feeding.RunPage)


def _record() -> Screen:
    from northstar_tui.tui.screens import feeding

    return Screen(feeding.record_question, feeding.RecordPage)


_SCREENS = {
    OVERVIEW: _overview, LEDGER: _ledger, ENTRIES: _ledger, CALENDAR: _calendar, ENTRY: _entry, EVENT: _event,
    WHY: _why, OPERATIONS: _operations, NEEDS: _needs, SOURCE: _source, RUN: _run, RECORD: _record,
    QUARANTINE: _quarantine, SINCE: _since, POSITIONS: _positions, POSITION: _position, UNREALISED: _unrealised,
    COSTS: _costs, SPENDING: _spending, RECKONING: _reckoning,
}  # fmt: skip
