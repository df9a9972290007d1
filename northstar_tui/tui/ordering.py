"""What the actions of the lists of entries do: another order, other columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from northstar_tui.tui.actions import COLUMNS
from northstar_tui.tui.navigation import Cursor

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit


def sort(cockpit: Cockpit) -> None:
    """Put the list in the order of the next column."""
    from northstar_tui.tui.screens.listing import following

    names = cockpit.page.sorts()
    if names:
        order(cockpit, following(names, cockpit.nav.sort))
    else:
        cockpit.say("Periods come by time; the entries of a day can be sorted")


def reverse(cockpit: Cockpit) -> None:
    """Turn the order round."""
    from northstar_tui.tui.screens.listing import turned_to

    if cockpit.page.sorts():
        order(cockpit, turned_to(cockpit.nav.sort.removeprefix("-"), cockpit.nav.sort))


def order(cockpit: Cockpit, by: str) -> None:
    """Put the list in another order, and begin at its top."""
    cockpit.go(cockpit.left().at(Cursor())._replace(sort=by))


def columns(cockpit: Cockpit) -> None:
    """Show which columns there are, to choose from; or leave that."""
    from northstar_tui.tui.screens.listing import ColumnsPage

    shown = cockpit.page.sorts()
    if not shown:
        cockpit.say("The entries of a day have columns to choose")
    else:
        cockpit.overlay = None if cockpit.front.screen == COLUMNS else ColumnsPage(shown)


def toggle(cockpit: Cockpit) -> None:
    """Show or hide the selected column."""
    from northstar_tui.tui.screens.listing import ColumnsPage

    if isinstance(cockpit.overlay, ColumnsPage):
        cockpit.nav = cockpit.left()._replace(columns=cockpit.overlay.toggled())
        cockpit.ask()
