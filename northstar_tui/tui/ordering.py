"""What the actions of the lists of entries do: another order, other columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from northstar_tui.tui.actions import COLUMNS, ENTRIES, key_of
from northstar_tui.tui.navigation import Cursor

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit


def sort(cockpit: Cockpit) -> None:
    """Put the list in the order of the next column; of a period, list its entries, the worst first."""
    from northstar_tui.tui.screens.listing import following

    names = cockpit.page.sorts()
    if names:
        order(cockpit, following(names, _order(cockpit)))
    else:
        _listed(cockpit, "net")


def reverse(cockpit: Cockpit) -> None:
    """Turn the order round; of a period, list its entries, the best first."""
    from northstar_tui.tui.screens.listing import turned_to

    if cockpit.page.sorts():
        order(cockpit, turned_to(_order(cockpit).removeprefix("-"), _order(cockpit)))
    else:
        _listed(cockpit, "-net")


def _order(cockpit: Cockpit) -> str:
    """Return the order that the list is in: the entries of a period have one of their own."""
    subject: Any = cockpit.nav.here.subject
    return subject[1] if cockpit.nav.here.screen == ENTRIES else cockpit.nav.sort


def _listed(cockpit: Cockpit, by: str) -> None:
    """Go to the entries of the period shown."""
    left = cockpit.left()
    cockpit.go(left.enter(ENTRIES, (left.here.subject, by)))


def order(cockpit: Cockpit, by: str) -> None:
    """Put the list in another order, and begin at its top."""
    left = cockpit.left()
    subject: Any = left.here.subject
    if left.here.screen == ENTRIES:
        cockpit.go(left.go([*(level.place for level in left.path[:-1]), (ENTRIES, (subject[0], by))]))
    else:
        cockpit.go(left.at(Cursor())._replace(sort=by))


def columns(cockpit: Cockpit) -> None:
    """Show which columns there are, to choose from; or leave that."""
    from northstar_tui.tui.screens.listing import ColumnsPage

    shown = cockpit.page.sorts()
    if not shown:
        cockpit.say(f"Entries have columns to choose: those of a day, or of any period by {key_of('sort')}")
    else:
        cockpit.overlay = None if cockpit.front.screen == COLUMNS else ColumnsPage(shown)


def toggle(cockpit: Cockpit) -> None:
    """Show or hide the selected column."""
    from northstar_tui.tui.screens.listing import ColumnsPage

    if isinstance(cockpit.overlay, ColumnsPage):
        cockpit.nav = cockpit.left()._replace(columns=cockpit.overlay.toggled())
        cockpit.ask()
