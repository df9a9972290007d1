"""Bars of what is spent: a budget's gauge, a share of the largest, the days of a month..

Each fills exactly the cells that it is given; what is not nothing is never invisible.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from northstar_tui.tui.paint import Line
from northstar_tui.tui.theme import Look


def gauge(used: float, elapsed: float, end: float | None, cells: int, look: Look, style: Style) -> Line:
    """Return a budget as a bar: what is used, what the projection adds to it, and a mark at the period's elapsed share.

    All are shares of the budget's amount (`elapsed` of its period); what goes beyond the right edge fills the bar.
    """
    full, partial = _ink(look)
    filled = _eighths(used, cells)
    whole, rest = divmod(filled, 8)
    glyphs = [full] * whole + ([partial[rest]] if rest else [])
    ahead = max(0, _eighths(end or 0.0, cells) // 8 - len(glyphs))
    track = [(glyph, style) for glyph in glyphs]
    track += [(_ahead(look), style)] * ahead + [(look.glyphs.rule, look.faint)] * (cells - len(glyphs) - ahead)
    mark = min(cells - 1, int(elapsed * cells))
    if 0 < elapsed < 1 and cells > 2:
        track[mark] = look.glyphs.wall, look.strong
    line = Line()
    for glyph, ink in track:
        line.put(glyph, ink)
    return line


def share_bar(amount: int, most: int, cells: int, look: Look) -> Line:
    """Return `amount` as a bar among amounts up to `most`; nothing where it is nothing or less."""
    full, partial = _ink(look)
    eighths = max(1, _eighths(amount / most, cells)) if amount > 0 and most > 0 else 0
    whole, rest = divmod(eighths, 8)
    return Line().put(full * whole + (partial[rest] if rest else ""), look.accent_bar).to(cells, look.text)


def day_bars(days: Sequence[int | None], most: int, cells: int, rows: int, look: Look, style: Style) -> list[Line]:
    """Return days as columns that stand side by side, the first at the left, in `rows` lines of `cells` cells.

    The highest is `most`, so that two months can be compared; a day that is None or has no cells is left out.
    """
    wide = max(1, cells // max(1, len(days)))
    shown = list(days[: cells // wide])
    heights = [None if day is None else _height(day, most, rows) for day in shown]
    lines = []
    for row in range(rows - 1, -1, -1):
        text = "".join(_column(height, row, wide, look) for height in heights)
        lines.append(Line().put(text, style).to(cells, look.text))
    return lines


def _height(day: int, most: int, rows: int) -> int:
    if day <= 0 or most <= 0:
        return 0
    return max(1, min(rows * 8, round(day / most * rows * 8)))


def _column(height: int | None, row: int, wide: int, look: Look) -> str:
    if height is None:
        return " " * wide
    glyph = look.glyphs.heights[max(0, min(8, height - row * 8))]
    if height == 0 and row == 0:
        glyph = look.glyphs.dot
    return glyph * max(1, wide - 1) + " " * (wide > 1)


def _eighths(share: float, cells: int) -> int:
    return max(0, min(cells * 8, round(share * cells * 8)))


def _ink(look: Look) -> tuple[str, str]:
    """Return the glyph of a full cell, and those of one filled from its left by eighths."""
    if look.glyphs.widths[8] == "█":
        return "█", look.glyphs.widths
    return "#", " .....###"


def _ahead(look: Look) -> str:
    return "░" if look.glyphs.widths[8] == "█" else ":"
