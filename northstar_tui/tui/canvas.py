"""The one Textual widget: it holds the finished lines of the whole terminal.

With one widget there is no layout to compute, nothing to focus and nothing to style: a screen is a function from what
it shows and a size to lines, and a repaint hands over only the lines that changed.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from northstar_tui.tui.paint import blank
from northstar_tui.tui.theme import Look

Painter = Callable[[int, int], list[Strip]]
"""Width and height to exactly that many lines of exactly that many cells."""


class Canvas(Widget):
    """Shows what `painter` paints."""

    DEFAULT_CSS = "Canvas { width: 100%; height: 100%; }"
    ALLOW_SELECT = False
    can_focus = False

    def __init__(self, painter: Painter, look: Look) -> None:
        super().__init__()
        self._painter = painter
        self.look = look
        self._lines: list[Strip] = []
        self._lines_size = (0, 0)

    def repaint(self) -> None:
        """Paint again; only lines that differ reach the compositor."""
        cells, rows = self.size
        if not cells or not rows:
            return
        old, fits = self._lines, self._lines_size == (cells, rows)
        self._lines, self._lines_size = self._painter(cells, rows), (cells, rows)
        if not fits:
            self.refresh()
            return
        for y, line in enumerate(self._lines):
            if line is not old[y] and line != old[y]:
                self.refresh(Region(0, y, cells, 1))

    def restyle(self, look: Look) -> None:
        """Paint again in another look."""
        self.look = look
        self.repaint()

    def render_line(self, y: int) -> Strip:
        """Return line `y`; a size that has changed is painted first."""
        if self._lines_size != tuple(self.size):
            self._lines, self._lines_size = self._painter(*self.size), (self.size.width, self.size.height)
        return self._lines[y] if y < len(self._lines) else blank(self.size.width, self.look.text)
