"""The calendar's key, and the epochs that the palette leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from northstar_tui.calendar import ALL
from northstar_tui.text import safe
from northstar_tui.tui import periods
from northstar_tui.tui.actions import CALENDAR
from northstar_tui.tui.choices import Choice
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.screens.page import Opening

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit


def turn(cockpit: Cockpit) -> None:
    """Show the days of the node, then of the month or year around the chosen one, then the node's rows again."""
    from northstar_tui.views.heat import days_of

    calendar, nav = cockpit.calendar, cockpit.left()
    if calendar is None:
        return
    shown: Any = nav.here.subject
    if nav.here.screen == CALENDAR:
        day: Any = nav.here.cursor.key
        while nav.here.screen == CALENDAR:
            nav = nav.up()
        rows: Any = nav.here.subject
        if (shown.level == "month") == (rows.level in ("month", "week", "day")):  # else both were shown
            nav = nav.enter(CALENDAR, periods.zoomed(calendar, shown, day)).at(Cursor(key=day))
        cockpit.go(nav)
    elif len(nav.path) > 1 and nav.path[-2].screen == CALENDAR:
        cockpit.go(nav.up())  # a day that was opened from there
    else:
        chosen: Any = nav.here.cursor.key if shown.level != "day" else shown
        if shown == ALL and chosen is None:
            cockpit.say("There are no days here yet")
            return
        within = chosen if chosen is not None and chosen.level in ("week", "day") else None
        days = days_of(calendar, chosen if shown == ALL else shown)
        cockpit.go(nav.enter(CALENDAR, days).at(Cursor(key=within)))


def epochs(cockpit: Cockpit) -> tuple[Choice, ...]:
    """Return what the palette offers for each epoch of the config: it leads to the ledger of that time."""
    calendar = cockpit.calendar
    if calendar is None:
        return ()
    found = []
    for epoch in calendar.epochs:
        period = calendar.of_epoch(epoch, cockpit.clock())
        until = epoch.last.isoformat() if epoch.last else "today"
        about = f"From {epoch.first.isoformat()} to {until}."
        where = Opening(periods.places(calendar, period), whole=True)
        found.append(Choice(f"Epoch {safe(epoch.name)}", about, (), where))
    return tuple(found)
