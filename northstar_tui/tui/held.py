"""What the actions of the positions' screens do: another moment, another cost, a filter. All of it is of the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from northstar_tui.tui.actions import HELD, POSITIONS

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit


def positions(cockpit: Cockpit) -> None:
    """Go to what is held now."""
    cockpit.go(cockpit.left().go(((POSITIONS, None),)))


def earlier(cockpit: Cockpit) -> None:
    """Go to the evening before."""
    calendar, clock = cockpit.calendar, cockpit.clock
    if calendar is not None:
        _move(cockpit, lambda at: calendar.bucket("day", clock() if at is None else at) - 1)


def later(cockpit: Cockpit) -> None:
    """Go to the evening after; from yesterday to now."""
    calendar, clock = cockpit.calendar, cockpit.clock

    def evening_after(at: int | None) -> int | None:
        if calendar is None or at is None:
            return None
        evening = calendar.end("day", calendar.bucket("day", at + 1)) - 1
        return evening if evening < clock() else None

    if _at(cockpit) is None:
        cockpit.say("This is now; there is nothing later")
    else:
        _move(cockpit, evening_after)


def now(cockpit: Cockpit) -> None:
    """Go to now."""
    if _at(cockpit) is None:
        cockpit.say("This is now")
    else:
        _move(cockpit, lambda _: None)


def fifo(cockpit: Cockpit) -> None:
    """Value what is held the other way: by average cost, or first in, first out."""
    chosen = not getattr(cockpit.nav.here.subject, "fifo", False)
    _show(cockpit, fifo=chosen)
    cockpit.message = f"Cost: {'first in, first out' if chosen else 'average'}"


def searched(cockpit: Cockpit) -> str:
    """Return the filter as it was typed."""
    return str(getattr(cockpit.nav.here.subject, "search", ""))


def search(cockpit: Cockpit, text: str) -> None:
    """Show what matches `text` alone. Raises ViewError for what is no filter."""
    from northstar_tui.views.positions import asked

    asked(text)
    _show(cockpit, search=text.strip())
    cockpit.prompt = None


def _at(cockpit: Cockpit) -> int | None:
    found: int | None = getattr(cockpit.nav.here.subject, "at", None)
    return found


def _move(cockpit: Cockpit, to: Callable[[int | None], int | None]) -> None:
    """Show what was held at another moment: the list, and the position of it where we are."""
    _show(cockpit, at=to(_at(cockpit)))


def _show(cockpit: Cockpit, **changes: Any) -> None:
    """Go to the same places among the positions, shown otherwise; the cursor stays on its row."""
    from northstar_tui.tui.screens.positions import shown

    left = cockpit.left()
    places = []
    for level in left.path:
        subject: Any = shown(level.subject) if level.screen == POSITIONS else level.subject
        known = {name: value for name, value in changes.items() if level.screen in HELD and hasattr(subject, name)}
        places.append((level.screen, subject._replace(**known) if known else level.subject))
    nav = left.go(places)
    cockpit.go(nav if nav.path == left.path else nav.at(left.here.cursor))
