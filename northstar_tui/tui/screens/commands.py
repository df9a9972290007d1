"""The command palette: what may be meant by what is being typed, in the body, without a layout change."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from northstar_tui.text import safe
from northstar_tui.tui.actions import COMMANDS
from northstar_tui.tui.choices import Choice
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.page import Opening, RowsPage, finish
from northstar_tui.tui.theme import ASCII, Look
from northstar_tui.tui.widgets.rows import Column, RowsView


def _strong(choice: Choice, look: Look) -> Style:
    return look.strong if choice.here else look.dim


def _plain(choice: Choice, look: Look) -> Style:
    return look.text if choice.here else look.dim


_COLUMNS: tuple[Column[Choice], ...] = (
    Column("Command", lambda choice: safe(choice.label), _strong),
    Column("", lambda choice: choice.about, _plain, flex=True, least=10, most=90, rank=1),
    Column("Keys", lambda choice: choice.key_text, lambda _, look: look.accent, right=True, rank=2),
)


class CommandsPage(RowsPage[Choice]):
    """The matches, best first."""

    screen = COMMANDS

    def __init__(self, matches: Sequence[Choice]) -> None:
        self.matches = matches
        self._rows = RowsView(_COLUMNS, Pages.of(matches))

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the list, or what to do where nothing matches."""
        if not self.matches:
            note = Line().put("Nothing is called that. ", look.strong).put("Delete a letter, or Esc.", look.dim)
            more = Line().put("Actions, periods (2026-02), books, categories and sources are found here.", look.dim)
            return finish([Line(), note, more], cells, rows, look)
        self._rows.columns = [c for c in _COLUMNS if look.glyphs is not ASCII or c.title != "Keys"]
        return self._rows.lines(cells, rows, look)

    def opening(self) -> Opening | None:
        """Return what the selected line leads to."""
        chosen = self._rows.selected
        return chosen.opening if chosen else None
