"""The panels around the ledger's rows: totals, attribution, curve, statistics."""

from __future__ import annotations

from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.screens.cells import amount_text, signed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bars import bars, slice_bars
from northstar_tui.tui.widgets.tiles import Tile
from northstar_tui.views.node import NodeView
from northstar_tui.views.why import figure_text
from northstar_tui.views.words import record


def totals(view: NodeView, look: Look) -> list[Tile]:
    """Return a node's totals, the most important first."""
    m = view.totals
    rate, _ = figure_text(view.statistics.win_rate, "%")
    net = signed(m.net, look) + (f" ({m.incomplete:,} incomplete)" if m.incomplete else "")
    found = [Tile("Net", net, look.money(m.net))]
    if view.previous is not None:
        change = m.net - view.previous.net
        found.append(Tile(f"vs {view.previous_label}", signed(change, look), look.money(change)))
    found += [
        Tile("W–L", record(m), look.text),
        Tile("Win rate", rate, look.text),
        Tile("Entries", f"{m.entries:,}" + (f", {m.open:,} open" if m.open else ""), look.text),
        Tile("Stake", amount_text(m.stake), look.text),
        Tile("Gross", dollars(m.gross, plus=True), look.text),
        Tile("Fees", amount_text(m.fees), look.text),
    ]
    return found


def attribution(view: NodeView, cells: int, rows: int, look: Look) -> list[Line]:
    """Return what each member of the dimension contributes, signed, with its n."""
    found = bars(slice_bars(view.slices), cells, rows, look, rest=any(part.rest for part in view.slices))
    return found or [Line().put("nothing to attribute", look.dim)]


def statistics(view: NodeView, cells: int, look: Look) -> list[Line]:
    """Return the figures of the node's closed trades, each with its n or what it lacks."""
    s = view.statistics
    found = []
    for name, figure, unit in (
        ("Win rate", s.win_rate, "%"),
        ("Profit factor", s.profit_factor, "x"),
        ("Expectancy", s.expectancy, "$"),
        ("ROI on stake", s.roi, "%"),
        ("Average win", s.average_win, "$"),
        ("Average loss", s.average_loss, "$"),
    ):
        value, note = figure_text(figure, unit)
        if figure.low is not None and figure.high is not None:
            note = f"{100 * figure.low:.1f}–{100 * figure.high:.1f}  n = {figure.n:,}"
        line = Line().put(fit(name, 13), look.dim).put(fit(value, 10, right=True) + "  ", look.text)
        room = max(0, cells - line.cells)
        found.append(line.put(fit(safe(note), min(width(note), room), ellipsis=look.glyphs.ellipsis), look.dim))
    return found
