"""The bridge from a total to a later one: what was, a signed bar for each part, what is. In full, or in one line."""

from __future__ import annotations

from northstar_tui.calendar import Calendar
from northstar_tui.money import dollars
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.screens.cells import signed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bars import signed_bar
from northstar_tui.views.since import Part, SinceView
from northstar_tui.views.words import BRIDGE

_BECAUSE = {"look": "Since you last looked", "day": "Since the day began", "asked": "Since"}


def bridge_since(view: SinceView, calendar: Calendar) -> str:
    """Return from when on the bridge tells."""
    when = "" if view.because == "day" else f", {calendar.local(view.at):%a %d %b %H:%M}"
    return _BECAUSE[view.because] + when


def bridge_title(view: SinceView, calendar: Calendar) -> str:
    """Return from when on the bridge tells, and whether its totals hold more than net P&L."""
    return bridge_since(view, calendar) + (", with positions" if view.held else "")


def bridge_words(view: SinceView, look: Look, cells: int) -> Line:
    """Return the bridge in one line: by how much, and the largest parts of it as far as they fit."""
    change = view.total - view.before
    if not view.told:
        return Line().put(f"{view.events:,} events came in", look.text)
    if not view.parts:
        return Line().put("nothing has changed", look.dim)
    line = Line().put(signed(change, look), look.money(change))
    for place, part in enumerate(sorted(view.parts, key=lambda part: -abs(part.amount))):
        text = f"{', ' if place else '  = '}{BRIDGE[part.name]} {dollars(part.amount, plus=True)}"
        if line.cells + width(text) > cells - (0 if place == len(view.parts) - 1 else 2):
            return line.put(f" {look.glyphs.ellipsis}", look.dim)
        line.put(text, look.dim)
    return line


def bridge_lines(view: SinceView, cells: int, look: Look) -> list[tuple[Line, Part | None]]:
    """Return the bridge as lines: what was, a bar for each part, what is; and the part that each line is."""
    money = max(width(dollars(a, plus=True)) for a in (view.before, view.total, *(p.amount for p in view.parts)))
    label = max([12, *(width(BRIDGE[part.name]) for part in view.parts)])
    most = max((part.amount for part in view.parts), default=0)
    least = min((part.amount for part in view.parts), default=0)
    counts = [f"n={part.entries:,}" if part.entries else "" for part in view.parts]
    n = max(map(width, counts), default=0)
    bar = cells - label - money - n - 5

    def line(name: str, amount: int, mark: str, plus: bool) -> Line:
        found = Line().put(fit(name, label) + " ", look.text)
        return found.to(label + 1 + max(0, bar) + 1, look.text).put(
            f"{mark} {fit(dollars(amount, plus=plus), money, right=True)} ", look.strong
        )

    lines: list[tuple[Line, Part | None]] = [(line("was", view.before, " ", plus=False), None)]
    for part, count in zip(view.parts, counts, strict=True):
        row = Line().put(fit(BRIDGE[part.name], label) + " ", look.text)
        if bar >= 3:
            row.join(signed_bar(part.amount, max(most, 0), min(least, 0), bar, look)).put(" ", look.text)
        amount = fit(dollars(part.amount, plus=True), money, right=True)
        row.put(f"{look.mark(part.amount)} {amount} ", look.money(part.amount)).put(fit(count, n, right=True), look.dim)
        lines.append((row, part))
    total = line("is", view.total, " ", plus=False)
    return [*lines, (total.put(fit("", n), look.dim), None)]
