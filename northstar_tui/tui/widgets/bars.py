"""Signed bars: losses to the left of the axis, gains to the right, each with its amount and its n.

A bar is a share of the largest amount beside it, in eighths of a cell; what is not zero is never invisible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.theme import Look

if TYPE_CHECKING:
    from northstar_tui.views.base import Slice


def signed_bar(amount: int, most: int, least: int, cells: int, look: Look) -> Line:
    """Return the bar of `amount` in exactly `cells` cells, among amounts between `least` and `most`."""
    line = Line()
    left = _left_cells(most, least, cells)
    right = cells - left
    largest = max(most / right if right and most > 0 else 0, -least / left if left and least < 0 else 0)
    eighths = 0 if not amount or not largest else max(1, round(abs(amount) / largest * 8))
    if amount < 0:
        full, part = divmod(min(eighths, left * 8), 8)
        line.put(" " * (left - full - (part > 0)), look.text)
        if part:
            _put_left_part(line, part, look)
        return line.put(_full(look, gain=False) * full, look.loss_bar).to(cells, look.text)
    line.put(" " * left, look.text)
    full, part = divmod(min(eighths, right * 8), 8)
    line.put(_full(look, gain=True) * full + (_widths(look)[part] if part else ""), look.gain_bar)
    return line.to(cells, look.text)


def _left_cells(most: int, least: int, cells: int) -> int:
    """Return how many cells lie left of the axis: the losses' share, and room on either side that has
    anything."""
    if least >= 0:
        return 0
    if most <= 0:
        return cells
    return min(cells - 1, max(1, round(cells * -least / (most - least)))) if cells > 1 else 0


def _ascii(look: Look) -> bool:
    return look.glyphs.widths[8] != "█"


def _full(look: Look, *, gain: bool) -> str:
    return ("+" if gain else "-") if _ascii(look) else "█"


def _widths(look: Look) -> str:
    return " ...+++++" if _ascii(look) else look.glyphs.widths


def _put_left_part(line: Line, eighths: int, look: Look) -> None:
    """Append a cell that is filled from its right."""
    if _ascii(look):
        line.put("-" if eighths >= 4 else ".", look.loss_bar)
    else:
        line.put(look.glyphs.widths[8 - eighths], look.hollow(look.loss_bar))


class Bar(NamedTuple):
    """One bar: whose it is, its signed amount in micro-dollars, and how many entries are in it."""

    label: str
    amount: int
    n: int


def bars(items: Sequence[Bar], cells: int, rows: int, look: Look, *, rest: bool = False) -> list[Line]:
    """Return at most `rows` lines of `cells` cells, one for each bar.

    Where the bars are more than the rows, the last line is the visible sum of the others and how many they are; `rest`
    says that the last bar is such a sum already.
    """
    shown = list(items[:rows])
    if len(items) > rows > 0:
        others = items[rows - 1 :]
        name = "other" if rest else f"other ({len(others)})"
        shown = [*items[: rows - 1], Bar(name, sum(bar.amount for bar in others), sum(bar.n for bar in others))]
    if not shown:
        return []
    amounts = [dollars(bar.amount, plus=True) for bar in shown]
    counts = [f"n={bar.n:,}" for bar in shown]
    money, count = max(map(width, amounts)), max(map(width, counts))
    spare = cells - money - count - 6
    label = min(max(width(safe(bar.label)) for bar in shown), max(4, spare - 8, spare // 2))
    middle = spare - label
    most, least = max(bar.amount for bar in shown), min(bar.amount for bar in shown)
    lines = []
    for bar, amount, n in zip(shown, amounts, counts, strict=True):
        style = look.money(bar.amount)
        line = Line().put(fit(safe(bar.label), label, ellipsis=look.glyphs.ellipsis) + " ", look.text)
        if middle >= 3:
            line.join(signed_bar(bar.amount, most, least, middle, look)).put(" ", look.text)
        line.put(f"{look.mark(bar.amount)} {fit(amount, money, right=True)} ", style)
        line.put(fit(n, count, right=True), look.dim)
        lines.append(line)
    return lines


def slice_bars(slices: Sequence[Slice]) -> list[Bar]:
    """Return slices as bars; the sum of those not shown is called other."""
    return [Bar(f"other ({s.name})" if s.rest else s.name, s.measures.net, s.measures.entries) for s in slices]
