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


def one_line(items: Sequence[Tile], cells: int, look: Look, *, bare: bool = True) -> Line:
    """Return the tiles on one line, values first, for terminals short of lines; the first is `bare` of its name."""
    line = Line()
    for position, tile in enumerate(items):
        label = "" if bare and not position else f" {tile.label}"
        text = tile.value + label
        if position and line.cells + GAP + width(text) > cells:
            break
        gap = " " * GAP if position else ""
        line.put(gap, look.text).put(fit(tile.value, min(cells, width(tile.value))), tile.style).put(label, look.dim)
    return line


def lines_of(items: Sequence[Tile], cells: int, look: Look, *, roomy: bool) -> list[Line]:
    """Return all tiles, none left out, in as many lines as they take: as tiles where it is `roomy`."""
    groups: list[list[Tile]] = []
    used = cells
    for tile in items:
        size = GAP + (max(width(tile.label), width(tile.value)) if roomy else width(tile.label) + width(tile.value) + 1)
        if used + size > cells + GAP or not groups:
            groups.append([])
            used = 0
        groups[-1].append(tile)
        used += size
    if roomy:
        return [line for group in groups for line in tiles(group, cells, look)]
    return [one_line(group, cells, look, bare=not place) for place, group in enumerate(groups)]
