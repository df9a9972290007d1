"""What the keys do on the costs screen: its months, of which the one that runs goes with time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from northstar_tui.tui.actions import COSTS, RECKONING, SPENDING

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

SCREENS = frozenset({COSTS, SPENDING, RECKONING})
"""The costs, and what is below them."""


def costs(cockpit: Cockpit) -> None:
    """Go to the costs of the month that runs."""
    cockpit.go(cockpit.left().go(((COSTS, None),)))


def beside(cockpit: Cockpit, step: int) -> None:
    """Go to the costs of the month before (`step` −1) or after (+1), the cursor on the same row."""
    calendar, subject = cockpit.calendar, cockpit.nav.here.subject
    if calendar is None:
        return
    shown = calendar.period("month", subject if isinstance(subject, int) else cockpit.clock())
    start = calendar.bucket("month", shown.end if step > 0 else shown.start - 1)
    left = cockpit.left()
    nav = left.go(((COSTS, None if start == calendar.bucket("month", cockpit.clock()) else start),))
    cockpit.go(nav if nav.path == left.path else nav.at(left.here.cursor))
