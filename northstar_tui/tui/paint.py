"""Lines of cells: the one way in which every screen and widget here puts text on the terminal.

Text is measured in cells, never in characters; no markup exists at this level, so none can be injected.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def width(text: str) -> int:
    """Return the number of cells that `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int, *, right: bool = False, ellipsis: str = "…") -> str:
    """Return `text` in exactly `cells` cells: padded, or cut with an ellipsis where something is lost."""
    if cells <= 0:
        return ""
    space = cells - width(text)
    if space >= 0:
        return " " * space + text if right else text + " " * space
    if text.isascii():
        return text[: cells - 1] + ellipsis
    cut = set_cell_size(text, cells - 1) + ellipsis
    return cut + " " * (cells - width(cut))


class Line:
    """One screen line under construction, from left to right."""

    __slots__ = ("_segments", "cells", "hits")

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self.cells = 0
        self.hits: list[tuple[int, int, object]] = []
        """First cell, the cell after the last, and what a click between them means."""

    def put(self, text: str, style: Style, hit: object = None) -> Line:
        """Append `text`; `hit` is what a click on it means."""
        if text:
            start = self.cells
            self._segments.append(Segment(text, style))
            self.cells += width(text)
            if hit is not None:
                self.hits.append((start, self.cells, hit))
        return self

    def at(self, cell: int) -> object:
        """Return what a click on `cell` means; None where it means nothing."""
        return next((hit for start, end, hit in self.hits if start <= cell < end), None)

    def to(self, column: int, style: Style) -> Line:
        """Append blanks up to `column`; nothing where the line has passed it."""
        if column > self.cells:
            self.put(" " * (column - self.cells), style)
        return self

    def fill(self, columns: int, glyph: str, style: Style) -> Line:
        """Append `glyph` up to column `columns`."""
        if columns > self.cells:
            self.put(glyph * (columns - self.cells), style)
        return self

    def join(self, other: Line) -> Line:
        """Append another line's runs."""
        self._segments += other._segments
        self.hits += [(start + self.cells, end + self.cells, hit) for start, end, hit in other.hits]
        self.cells += other.cells
        return self

    def restyled(self, style: Callable[[Style], Style]) -> Line:
        """Return the line with every run's style changed by `style`."""
        line = Line()
        line.cells, line.hits = self.cells, self.hits
        line._segments = [Segment(s.text, style(s.style or Style())) for s in self._segments]
        return line

    def within(self, cells: int, ellipsis: str, style: Style) -> Line:
        """Return the line cut to `cells`, with an ellipsis of `style` where something is lost."""
        if self.cells <= cells:
            return self
        cut = Line()
        for text, own, _ in self.strip(cells - 1, style):
            cut.put(text, own or style)
        return cut.put(ellipsis, style)

    def strip(self, columns: int, ground: Style) -> Strip:
        """Return the line as a strip of exactly `columns` cells, padded with `ground`."""
        strip = Strip(self._segments, self.cells)
        if self.cells == columns:
            return strip
        return strip.adjust_cell_length(columns, ground)


_ASCII = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "−": "-",
        "…": ".",
        "·": ".",
        "×": "x",
        "÷": "/",
        "✓": "=",
        "⏎": ">",
        "✎": '"',
        "↑": "^",
        "↓": "v",
    }
)


def ascii_strip(strip: Strip) -> Strip:
    """Return `strip` in ASCII, cell for cell: what has no likeness is a question mark."""
    segments = []
    for text, style, _ in strip:
        shown = text.translate(_ASCII)
        if not shown.isascii():
            shown = "".join(char if char.isascii() else "?" * cell_len(char) for char in shown)
        segments.append(Segment(shown, style))
    return Strip(segments, strip.cell_length)


def blank(columns: int, ground: Style) -> Strip:
    """Return an empty line."""
    return Strip([Segment(" " * columns, ground)], columns)


def thumb(height: int, top: int, count: int) -> range:
    """Return on which of `height` lines in sight the scroll thumb stands, `top` of `count` being the first.

    It is empty where all are in sight.
    """
    if count <= height or height < 3:
        return range(0)
    size = max(1, height * height // count)
    start = round((height - size) * top / max(1, count - height))
    return range(start, start + size)


def rule(columns: int, title: str, style: Style, title_style: Style, glyph: str) -> Line:
    """Return a heading: the title, then a thin rule to the right edge."""
    line = Line()
    if title:
        line.put(fit(title, min(width(title), max(1, columns - 2))), title_style).put(" ", style)
    return line.fill(columns, glyph, style)


def beside(left: list[Line], right: list[Line], left_cells: int, gap: int, ground: Style) -> list[Line]:
    """Return two columns of lines side by side, `left` padded to `left_cells` and then `gap` cells."""
    rows = []
    for index in range(max(len(left), len(right))):
        line = Line()
        if index < len(left):
            line.join(left[index])
        if index < len(right):
            line.to(left_cells + gap, ground).join(right[index])
        rows.append(line)
    return rows


def wrap(text: str, cells: int) -> list[str]:
    """Return `text` in lines of at most `cells` characters, broken at spaces where there are some."""
    lines: list[str] = []
    for word in text.split(" "):
        while len(word) > cells > 0:
            lines.append(word[:cells])
            word = word[cells:]
        if lines and len(lines[-1]) + 1 + len(word) <= cells and lines[-1]:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
