"""The command palette: the registry's actions that match what is being typed, in the body, without a layout change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from textual.strip import Strip

from northstar_tui.tui.actions import COMMANDS, Action, key_text, keys_of, search
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.page import WHEEL, Opening, Page, finish
from northstar_tui.tui.theme import ASCII, Look
from northstar_tui.tui.widgets.rows import Column, RowsView


def _keys(action: Action) -> str:
    return " ".join(key_text(key) for key in keys_of(action))


_COLUMNS: tuple[Column[Action], ...] = (
    Column("Command", lambda a: a.label, lambda _, look: look.strong),
    Column("", lambda a: a.help, flex=True, least=10, most=90, rank=1),
    Column("Keys", _keys, lambda _, look: look.accent, right=True, rank=2),
)


class CommandsPage(Page):
    """The matches, best first."""

    screen = COMMANDS

    def __init__(self, query: str, below: str, leads: Mapping[Action, Opening] = MappingProxyType({})) -> None:
        """`leads` are commands beside the registry's: each opens what it says."""
        words = query.lower().split()
        self._leads = leads
        named = [lead for lead in leads if all(word in f"{lead.label} {lead.help}".lower() for word in words)]
        self.matches = [*search(query, below), *named]
        self._query = query
        self._view = RowsView(_COLUMNS, Pages.of(self.matches))

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the list, or what to do where nothing matches."""
        if not self.matches:
            note = Line().put("Nothing is called that. ", look.strong).put("Delete a letter, or Esc.", look.dim)
            return finish([Line(), note], cells, rows, look)
        columns = [c for c in _COLUMNS if look.glyphs is not ASCII or c.title != "Keys"]
        self._view.columns = columns
        return self._view.lines(cells, rows, look)

    def move(self, action: str) -> bool:
        """Move among the matches."""
        return self._view.move(action)

    def wheel(self, steps: int) -> None:
        """Scroll the rows."""
        self._view.wheel(steps * WHEEL)

    def click(self, y: int) -> bool:
        """Select the match at line `y`."""
        return self._view.click(y)

    def opening(self) -> Opening | None:
        """Return the selected command."""
        chosen = self._view.selected
        if chosen is None:
            return None
        return self._leads.get(chosen) or Opening((), action=chosen.id)
