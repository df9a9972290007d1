"""Totals as tiles: a name above its value, as many as the width holds, the first ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.theme import Look

GAP = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """One total."""

    label: str
    value: str
    style: Style


def tiles(items: Sequence[Tile], cells: int, look: Look) -> list[Line]:
    """Return two lines with the tiles that fit, labels over values; the first tile is always there."""
    labels, values = Line(), Line()
    for position, tile in enumerate(items):
        size = max(width(tile.label), width(tile.value))
        start = labels.cells + (GAP if position else 0)
        if position and start + size > cells:
            break
        size = min(size, cells - start)
        labels.to(start, look.dim).put(fit(tile.label, size), look.dim)
        values.to(start, look.text).put(fit(tile.value, size), tile.style)
    return [labels, values]


def one_line(items: Sequence[Tile], cells: int, look: Look) -> Line:
    """Return the tiles on one line, values first, for terminals that are short of lines."""
    line = Line()
    for position, tile in enumerate(items):
        text = f"{tile.value} {tile.label}" if position else tile.value
        if position and line.cells + GAP + width(text) > cells:
            break
        if position:
            line.put(" " * GAP, look.text).put(tile.value, tile.style).put(" " + tile.label, look.dim)
        else:
            line.put(fit(tile.value, min(cells, width(tile.value))), tile.style)
    return line
