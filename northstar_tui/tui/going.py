"""Where the actions lead: screens, deeper and back, other periods, why. One function per action."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.tui import held, months, ordering, periods
from northstar_tui.tui.actions import (
    CALENDAR,
    COSTS,
    ENTRIES,
    FILTERED,
    LEDGER,
    NEEDS,
    OPERATIONS,
    OVERVIEW,
    POSITIONS,
    QUARANTINE,
    SINCE,
    WHY,
    key_of,
)
from northstar_tui.tui.navigation import Cursor, Navigation
from northstar_tui.views.base import BASES
from northstar_tui.views.stretch import beside

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit
    from northstar_tui.tui.screens.page import Opening


def overview(cockpit: Cockpit) -> None:
    """Go to the overview."""
    cockpit.go(cockpit.left().go(((OVERVIEW, None),)))


def ledger(cockpit: Cockpit) -> None:
    """Go to the ledger of all time, of everything: a filter that led elsewhere is no part of it."""
    cockpit.go(cockpit.left()._replace(filter="").go(((LEDGER, ALL),)))


def operations(cockpit: Cockpit) -> None:
    """Go to the operations."""
    cockpit.go(cockpit.left().go(((OPERATIONS, None),)))


def since(cockpit: Cockpit) -> None:
    """Go to what changed since the last look."""
    cockpit.go(cockpit.left().jump(((OVERVIEW, None), (SINCE, None))))


def quarantine(cockpit: Cockpit) -> None:
    """Go to what could not be read."""
    cockpit.go(cockpit.left().jump(((OPERATIONS, None), (QUARANTINE, None))))


def needs(cockpit: Cockpit) -> None:
    """Go to all that needs the operator."""
    cockpit.go(cockpit.left().jump(((OPERATIONS, None), (NEEDS, None))))


def open_selected(cockpit: Cockpit) -> None:
    """Go where the selection leads."""
    opening = cockpit.front.opening()
    if opening is None:
        cockpit.say("There is nothing here to open")
    else:
        open_it(cockpit, opening)


def open_it(cockpit: Cockpit, opening: Opening) -> None:
    """Go where `opening` leads, or do what it means."""
    if opening.action:
        cockpit.overlay = cockpit.prompt = None
        cockpit.do(opening.action)
        return
    if opening.sort:
        ordering.order(cockpit, opening.sort)
        return
    nav = _as_shown(cockpit)
    if opening.whole:
        nav = nav.jump(opening.places, opening.filter)
    else:
        nav = nav if opening.filter is None else nav._replace(filter=opening.filter)
        for place in opening.places:
            nav = nav.enter(*place)
    cockpit.go(nav if opening.key is None else nav.at(Cursor(key=opening.key)))


def back(cockpit: Cockpit) -> None:
    """Go back on the path; an overlay goes first."""
    if cockpit.overlay is not None:
        cockpit.overlay = cockpit.prompt = None
        return
    others = f"{key_of('history_back')} goes where you were, {key_of('quit')} quits"
    _along(cockpit, cockpit.left().up(), f"This is where it begins; {others}")


def clear(cockpit: Cockpit) -> None:
    """Clear the filter of what is shown; where there is none, go back."""
    screen = cockpit.nav.here.screen
    if cockpit.overlay is None and screen in FILTERED and cockpit.nav.filter:
        cockpit.go(cockpit.left()._replace(filter=""))
    elif cockpit.overlay is None and screen == POSITIONS and held.searched(cockpit):
        held.search(cockpit, "")
    else:
        back(cockpit)


def history_back(cockpit: Cockpit) -> None:
    """Go to where one was before."""
    _along(cockpit, cockpit.left().back(), "There is nowhere further back")


def history_forward(cockpit: Cockpit) -> None:
    """Undo going back."""
    _along(cockpit, cockpit.left().forward(), "There is nothing to go forward to")


def _along(cockpit: Cockpit, nav: Navigation, end: str) -> None:
    if nav.path == cockpit.left().path:
        cockpit.say(end)
    else:
        cockpit.go(nav)


def _beside(cockpit: Cockpit, step: int) -> None:
    if cockpit.nav.here.screen == COSTS:
        months.beside(cockpit, step)
    elif cockpit.calendar is not None:
        subject: Any = cockpit.nav.here.subject
        period = {WHY: lambda: subject[1], ENTRIES: lambda: subject[0]}.get(cockpit.nav.here.screen, lambda: subject)()
        _go_period(cockpit, beside(cockpit.calendar, period, step), cockpit.calendar)


def _go_period(cockpit: Cockpit, period: Period, calendar: Calendar) -> None:
    """Go to the same place in another period, the cursor on the same row."""
    places = periods.places(calendar, period)
    if cockpit.nav.here.screen == WHY:
        subject: Any = cockpit.nav.here.subject
        above = cockpit.nav.path[-2:][0].subject
        within = above == subject[1]  # asked of the node itself, or of a row in it
        places = (*(places if within else places[:-1]), (WHY, (subject[0], period, subject[2])))
    if cockpit.nav.here.screen == CALENDAR:
        places = (*places, (CALENDAR, period))
    if cockpit.nav.here.screen == ENTRIES:
        listed: Any = cockpit.nav.here.subject
        places = (*places, (ENTRIES, (period, listed[1])))
    left = cockpit.left()
    nav = left.go(places)
    cockpit.go(nav if nav.path == left.path else nav.at(replace(left.here.cursor, key=None)))


def previous(cockpit: Cockpit) -> None:
    """Go to the period before."""
    _beside(cockpit, -1)


def following(cockpit: Cockpit) -> None:
    """Go to the period after."""
    _beside(cockpit, 1)


def today(cockpit: Cockpit) -> None:
    """Go to today."""
    if cockpit.nav.here.screen in months.SCREENS:
        months.costs(cockpit)
        return
    if cockpit.calendar is None:
        return
    subject = cockpit.nav.here.subject
    level = subject.level if isinstance(subject, Period) else "day"
    today = periods.today(cockpit.calendar, level, cockpit.clock())
    places = periods.places(cockpit.calendar, today)
    if cockpit.nav.here.screen == CALENDAR:
        from northstar_tui.views.heat import days_of

        day = cockpit.calendar.period("day", cockpit.clock())
        cockpit.go(cockpit.left().go((*places, (CALENDAR, days_of(cockpit.calendar, today)))).at(Cursor(key=day)))
        return
    cockpit.go(cockpit.left().go(places))


def why(cockpit: Cockpit) -> None:
    """Explain the selected number."""
    place = cockpit.page.why()
    if place is None:
        cockpit.say("There is no number here to explain")
    else:
        cockpit.go(_as_shown(cockpit).enter(*place))


def _as_shown(cockpit: Cockpit) -> Navigation:
    """Return the state to go deeper from: these screens' numbers are by closing, so what explains them is too."""
    nav = cockpit.left()
    return nav._replace(basis=BASES[0]) if nav.here.screen in (OVERVIEW, COSTS) else nav


def figure(cockpit: Cockpit) -> None:
    """Explain the next figure."""
    from northstar_tui.tui.screens.why import next_figure

    subject: Any = cockpit.nav.here.subject
    places = [level.place for level in cockpit.nav.path[:-1]]
    cockpit.go(cockpit.left().go([*places, (WHY, next_figure(subject))]))
