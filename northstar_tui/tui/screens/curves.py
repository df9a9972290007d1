"""The curve below the ledger's rows: equity, equity with its drawdown below it, or the net of each period."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.style import Style

from northstar_tui.calendar import Epoch
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line, fit, rule, width
from northstar_tui.tui.screens.cells import signed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.chart import blocks, curve, depths
from northstar_tui.views.falls import at_end, below_peak, drawdown_words, fall_moments
from northstar_tui.views.series import Bar, SeriesView

CURVES = {"equity": "equity", "drawdown": "equity and drawdown", "net": "net per period"}
"""What the panel can show, in the order of its key, and what it is called."""
_WORDY = 8
"""Lines from which the figures stand above the curve, and the dates below it."""
_MARKED = 6
"""Lines from which marks stand below a curve that is too low for words."""
_BOTH = 12
"""Lines from which equity stands above its drawdown; below that the drawdown stands alone."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A curve's lines, of which `left` cells are labels, and the figures to stand above it."""

    title: str
    figures: Line
    lines: list[Line]
    left: int
    at: Callable[[int], int]
    """Where a slot of the series begins: its cell, the labels' cells not counted."""


def curve_panel(
    view: SeriesView, shown: str, cells: int, rows: int, look: Look, epochs: Sequence[Epoch] = ()
) -> list[Line]:
    """Return the curve called `shown` in exactly `rows` lines; a tick below it marks where an epoch begins."""
    wordy = rows >= _WORDY
    within = [epoch for epoch in epochs if view.dates and view.dates[0] <= epoch.first <= view.dates[-1]]
    marks = [(bisect_left(view.dates, epoch.first), epoch.name) for epoch in within]
    dated = wordy or (bool(marks) and rows >= _MARKED)
    draw = {"drawdown": _drawdown, "net": _net}.get(shown, _equity)
    drawn = draw(view, cells, rows - 1 - wordy - dated, look)
    title = f"{drawn.title}, {look.glyphs.wall} where an epoch begins" if marks and dated else drawn.title
    found = [rule(cells, title, look.faint, look.strong, look.glyphs.rule)]
    if wordy:
        found.append(drawn.figures.within(cells, look.glyphs.ellipsis, look.dim))
    found += drawn.lines
    if dated:
        found.append(_axis(view, drawn, marks, look))
    return found


def _equity(view: SeriesView, cells: int, rows: int, look: Look) -> _Drawn:
    room = _room(view.running)
    stands = view.running[-1] if view.running else 0
    value, _ = drawdown_words(view)
    ends = Line().put(at_end(view) + " ", look.dim).put(below_peak(view), look.text)
    fall = Line().put("max drawdown ", look.dim).put(value, look.loss if view.worst else look.text)
    equity = Line().put("equity ", look.dim).put(signed(stands, look), look.money(stands))
    figures = _fitting([equity, fall, ends], [fall, ends], [ends], cells=cells, look=look)
    drawn = _standing(view, cells, rows, room, look)
    return _Drawn(f"Equity by {view.level}", figures, drawn, room + 1, _along(view, cells - room - 1))


def _drawdown(view: SeriesView, cells: int, rows: int, look: Look) -> _Drawn:
    """Return equity, and below it on the same axis how far it was below its highest."""
    room = max(_room(view.running), _room(view.underwater))
    below = max(3, rows // 3) if rows >= _BOTH - 3 else rows
    deepest = min((0, *view.underwater))
    hanging = depths(_points(view, view.underwater), max(1, cells - room - 1), below, look)
    under = _labelled(hanging, {0: dollars(0), below - 1: dollars(deepest)}, room, look)
    above = _standing(view, cells, rows - below, room, look) if below < rows else []
    value, note = drawdown_words(view)
    fall = Line().put("max drawdown ", look.dim).put(value, look.loss if view.worst else look.text)
    arrow = f" {look.glyphs.right} "
    when = note if view.worst is None else arrow.join(fall_moments(view.worst))
    ends = Line().put(at_end(view) + " ", look.dim).put(below_peak(view), look.text)
    moments = Line().put(when, look.text)
    figures = _fitting([fall, moments, ends], [fall, moments], [fall, ends], [ends], cells=cells, look=look)
    return _Drawn(f"Drawdown by {view.level}", figures, above + under, room + 1, _along(view, cells - room - 1))


def _fitting(*ways: Sequence[Line], cells: int, look: Look) -> Line:
    """Return the first of `ways` that fits into `cells`, its figures beside one another; the last where none does."""
    for way in ways:
        line = Line()
        for figure in way:
            line.put("   " if line.cells else "", look.text).join(figure)
        if line.cells <= cells:
            break
    return line


def _net(view: SeriesView, cells: int, rows: int, look: Look) -> _Drawn:
    """Return the net of each period of the finest level that fits."""
    room = _room((*view.nets, *view.running))
    level, bars = view.bars(max(1, cells - room - 1))
    begun = [bar for bar in bars if bar.net is not None]
    best = max(begun, key=_amount, default=None)
    worst = min(begun, key=_amount, default=None)
    labels = {rows - 1: dollars(_amount(worst), plus=True)} if worst and _amount(worst) < 0 else {}
    labels |= {0: dollars(_amount(best), plus=True)} if best and _amount(best) > 0 else {}
    figures = Line()
    for name, bar in (("best", best), ("worst", worst)):
        if bar is not None:
            when = f" {bar.first:%-d %b %Y}" if level != "hour" else ""
            figures.put(f"{name}{when} ", look.dim).put(signed(_amount(bar), look), look.money(bar.net))
            figures.put("   ", look.text)
    drawn = blocks([bar.net for bar in bars], max(1, cells - room - 1), rows, look)
    each = drawn[0].cells // max(1, len(bars)) if drawn else 1

    def at(slot: int) -> int:
        return each * (slot if level == "hour" else bisect_right([bar.first for bar in bars], view.dates[slot]) - 1)

    return _Drawn(f"Net by {level}", figures, _labelled(drawn, labels, room, look), room + 1, at)


def _along(view: SeriesView, cells: int) -> Callable[[int], int]:
    """Return where slots begin on a curve of `cells` cells: it goes from E_0 to the end of the last one."""
    return lambda slot: round(slot * (cells - 1) / max(1, view.slots))


def _amount(bar: Bar) -> int:
    return bar.net or 0


def _points(view: SeriesView, values: tuple[int, ...]) -> tuple[int | None, ...]:
    """Return `values` with E_0 before them and a gap for what has not begun."""
    return (0, *values, *[None] * max(0, view.slots - len(values)))


def _standing(view: SeriesView, cells: int, rows: int, room: int, look: Look) -> list[Line]:
    """Return equity with its highest and its lowest."""
    levels = (0, *view.running)
    drawn = curve(_points(view, view.running), max(1, cells - room - 1), rows, look)
    labels = {0: dollars(max(levels), plus=True), rows - 1: dollars(min(levels), plus=True)}
    return _labelled(drawn, labels, room, look)


def _room(amounts: tuple[int, ...]) -> int:
    """Return the cells of the widest label of `amounts`, a margin included."""
    levels = (0, *amounts)
    return 2 + max(width(dollars(amount, plus=True)) for amount in (max(levels), min(levels)))


def _labelled(chart: list[Line], labels: Mapping[int, str], room: int, look: Look) -> list[Line]:
    """Return the chart's lines, each with its label to the left of it."""
    return [
        Line().put(fit(labels.get(y, ""), room, right=True) + " ", look.dim).join(line) for y, line in enumerate(chart)
    ]


def _axis(view: SeriesView, drawn: _Drawn, marks: Sequence[tuple[int, str]], look: Look) -> Line:
    """Return the line below a curve: the dates of its ends, and a tick with its name where an epoch begins."""
    cells = max((line.cells for line in drawn.lines), default=0)
    first, last = view.dates[0], view.dates[-1]
    form = "%-d %b" if first.year == last.year else "%-d %b %Y"
    begin, end = ("00:00", "24:00") if first == last else (f"{first:{form}}", f"{last:{form}}")
    ticks = [(drawn.left + drawn.at(slot), f"{look.glyphs.wall}{safe(name)}", look.accent) for slot, name in marks]
    taken: list[tuple[int, str, Style]] = []
    for at, text, style in (*ticks, (drawn.left, begin, look.dim), (cells - width(end), end, look.dim)):
        for said in (text, text[:1]) if style is look.accent else (text,):  # where its name has no room, a tick has
            if at + width(said) <= cells and all(
                at >= x + width(t) + (style is not look.accent) or at + width(said) + 1 <= x for x, t, _ in taken
            ):
                taken.append((at, said, style))
                break
    line = Line()
    for at, text, style in sorted(taken, key=lambda piece: piece[0]):
        line.to(at, look.dim).put(text, style)
    return line
