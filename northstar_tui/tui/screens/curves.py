"""The curve below the ledger's rows: equity, equity with its drawdown below it, or the net of each period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from northstar_tui.money import dollars
from northstar_tui.tui.paint import Line, fit, rule, width
from northstar_tui.tui.screens.cells import signed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.chart import blocks, curve, depths
from northstar_tui.views.falls import below_now, drawdown_words, fall_moments
from northstar_tui.views.series import Bar, SeriesView

CURVES = {"equity": "equity", "drawdown": "equity and drawdown", "net": "net per period"}
"""What the panel can show, in the order of its key, and what it is called."""
_WORDY = 8
"""Lines from which the figures stand above the curve, and the dates below it."""
_BOTH = 12
"""Lines from which equity stands above its drawdown; below that the drawdown stands alone."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A curve's lines, of which `left` cells are labels, and the figures to stand above it."""

    title: str
    figures: Line
    lines: list[Line]
    left: int


def curve_panel(view: SeriesView, shown: str, cells: int, rows: int, look: Look) -> list[Line]:
    """Return the curve called `shown` in exactly `rows` lines."""
    wordy = rows >= _WORDY
    room = rows - 3 if wordy else rows - 1
    draw = {"drawdown": _drawdown, "net": _net}.get(shown, _equity)
    drawn = draw(view, cells, room, look)
    found = [rule(cells, drawn.title, look.faint, look.strong, look.glyphs.rule)]
    if wordy:
        found.append(_within(drawn.figures, cells, look))
    found += drawn.lines
    if wordy:
        found.append(_dates(view, drawn, look))
    return found


def _equity(view: SeriesView, cells: int, rows: int, look: Look) -> _Drawn:
    room = _room(view.running)
    stands = view.running[-1] if view.running else 0
    value, _ = drawdown_words(view)
    figures = Line().put("equity ", look.dim).put(signed(stands, look), look.money(stands))
    figures.put("   max drawdown ", look.dim).put(value, look.loss if view.worst else look.text)
    figures.put("   now ", look.dim).put(below_now(view), look.text)
    return _Drawn(f"Equity by {view.level}", figures, _standing(view, cells, rows, room, look), room + 1)


def _drawdown(view: SeriesView, cells: int, rows: int, look: Look) -> _Drawn:
    """Return equity, and below it on the same axis how far it was below its highest."""
    room = max(_room(view.running), _room(view.underwater))
    below = max(3, rows // 3) if rows >= _BOTH - 3 else rows
    deepest = min((0, *view.underwater))
    hanging = depths(_points(view, view.underwater), max(1, cells - room - 1), below, look)
    under = _labelled(hanging, {0: dollars(0), below - 1: dollars(deepest)}, room, look)
    above = _standing(view, cells, rows - below, room, look) if below < rows else []
    value, note = drawdown_words(view)
    figures = Line().put("max drawdown ", look.dim).put(value, look.loss if view.worst else look.text)
    arrow = f" {look.glyphs.right} "
    when = note if view.worst is None else arrow.join(fall_moments(view.worst))
    figures.put(f"   {when}", look.text).put("   now ", look.dim).put(below_now(view), look.text)
    return _Drawn(f"Drawdown by {view.level}", figures, above + under, room + 1)


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
    return _Drawn(f"Net by {level}", figures, _labelled(drawn, labels, room, look), room + 1)


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


def _within(line: Line, cells: int, look: Look) -> Line:
    """Return `line` cut to `cells`, with an ellipsis where something is lost."""
    if line.cells <= cells:
        return line
    cut = Line()
    for text, style, _ in line.strip(cells - 1, look.text):
        cut.put(text, style or look.text)
    return cut.put(look.glyphs.ellipsis, look.dim)


def _dates(view: SeriesView, drawn: _Drawn, look: Look) -> Line:
    """Return the dates of the curve's ends."""
    cells = max((line.cells for line in drawn.lines), default=0)
    first, last = view.dates[0], view.dates[-1]
    form = "%-d %b" if first.year == last.year else "%-d %b %Y"
    left, right = ("00:00", "24:00") if first == last else (f"{first:{form}}", f"{last:{form}}")
    line = Line().to(drawn.left, look.dim).put(left, look.dim)
    return line.to(cells - width(right), look.dim).put(right, look.dim) if cells - width(right) > line.cells else line
