"""The calendar heat map drawn: a month as a calendar, a longer span as weeks by weekdays, a year as months.

A day says by its glyph whether it gained (blocks) or lost (bars) and in which shade; colour repeats the sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from rich.style import Style

from northstar_tui.ledger.queries import Measures
from northstar_tui.money import MICRO, dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line, fit, rule, width
from northstar_tui.tui.screens.cells import short, signed
from northstar_tui.tui.theme import ASCII, Look
from northstar_tui.tui.widgets.bars import Bar, bars
from northstar_tui.views.heat import Day, HeatView, scale
from northstar_tui.views.words import counted, record

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_GAINS, _LOSSES = "░▒▓█", "╌─━▬"
_ASCII_GAINS, _ASCII_LOSSES = "+*%#", "-~=_"
_MOST_CELL = 20
"""Cells of a day beyond which a month does not grow."""


Begins = Mapping[date, str]
"""First date of an epoch to its name."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a day is on the painting: lines `top` … `bottom` − 1, cells `left` … `right` − 1."""

    top: int
    bottom: int
    left: int
    right: int
    day: int


@dataclass(frozen=True, slots=True)
class Painted:
    """The lines of a heat map and where its days are."""

    lines: list[Line]
    spots: list[Spot]


def glyph(view: HeatView, day: Day, look: Look) -> tuple[str, Style]:
    """Return the sign and shade of a day."""
    if not day.begun:
        return " ", look.text
    if not day.measures.entries:
        return look.glyphs.dot, look.faint
    return shade_glyph(view.shade(day.measures.net), look)


def shade_glyph(shade: int, look: Look) -> tuple[str, Style]:
    """Return the glyph of a shade, −4 … 4."""
    gains, losses = (_ASCII_GAINS, _ASCII_LOSSES) if look.glyphs is ASCII else (_GAINS, _LOSSES)
    if not shade:
        return look.glyphs.off, look.dim
    return (gains[shade - 1] if shade > 0 else losses[-shade - 1]), look.shade(shade)


SHADED = 2
"""Micro-dollars below which the scale's last threshold says that no day moved."""


def legend(thresholds: tuple[int, int, int], cells: int, look: Look) -> Line:
    """Return what the shades mean, in money."""
    line = Line()
    if thresholds[-1] < SHADED:
        return line.put("Nothing here has a shade: no day was won or lost.", look.dim)
    for step, words in enumerate(("less", *(f"from {_round(amount)}" for amount in thresholds)), 1):
        if step > 1 and thresholds[step - 2] == (0, *thresholds)[step - 2]:
            continue  # where a cent is the most there is, two steps can be one
        for sign in (step, -step):
            line.put(*shade_glyph(sign, look))
        line.put(f" {words}  ", look.dim)
    for text in (f"{look.glyphs.off} even  ", "blocks gained, bars lost"):
        if line.cells + width(text) <= cells:
            line.put(text, look.dim)
    return line


def _round(amount: int) -> str:
    return dollars(amount).removesuffix(".00")


def detail(view: HeatView, chosen: int, cells: int, look: Look, begins: Begins) -> Line:
    """Return the chosen day in words."""
    day = view.days[chosen]
    name = f"{day.date:%a %-d %b %Y}"
    if day.date in begins:
        name += f"  {look.glyphs.wall}{safe(begins[day.date])} begins"
    if not day.measures.entries:
        return Line().put(f"{name}  ", look.strong).put("nothing booked" if day.begun else "not begun", look.dim)
    return _told(name, day.measures, cells, look)


def _told(name: str, m: Measures, cells: int, look: Look) -> Line:
    line = Line().put(f"{name}  ", look.strong).put(signed(m.net, look), look.money(m.net))
    for text in (
        counted(m.entries, "entry", "entries"), f"W–L {record(m)}", f"stake {dollars(m.stake)}",
        f"fees {dollars(m.fees)}",
    ):  # fmt: skip
        if line.cells + 3 + width(text) <= cells:
            line.put(f"   {text}", look.text)
    return line


def _net(days: Sequence[Day]) -> int:
    return sum(day.measures.net for day in days)


def _week_of(day: date) -> date:
    return day - timedelta(day.weekday())


# -- a month -----------------------------------------------------------------------------------------------------------


def month(view: HeatView, chosen: int, cells: int, rows: int, look: Look, begins: Begins) -> Painted:
    """Return the days as a calendar: a line of cells for each week, its sum at the right, the weekdays' below."""
    weeks = [list(group) for _, group in groupby(range(len(view.days)), lambda at: _week_of(view.days[at].date))]
    label, total = (5, 14) if cells >= 100 else (4, 11) if cells >= 72 else (0, 8)
    size = min(_MOST_CELL, (cells - label - total) // 7)
    high = max(1, min(4, (rows - 5) // len(weeks))) if rows >= len(weeks) * 2 + 4 else 2 if rows >= 14 else 1
    beside = [*(_net([view.days[at] for at in week]) for week in weeks), view.totals.net]
    heading = Line().to(label, look.head)
    for name in WEEKDAYS:
        heading.put(fit(f" {name}", size), look.head)
    heading.put(fit("Week", total, right=True), look.head)
    lines, spots = [heading], []
    for week in weeks:
        top = len(lines)
        by_weekday = {view.days[at].date.weekday(): at for at in week}
        for part in range(high):
            line = Line().put(fit(f"W{view.days[week[0]].date:%V}" if label and not part else "", label), look.dim)
            for weekday in range(7):
                at = by_weekday.get(weekday)
                if at is None:
                    line.put(" " * size, look.text)
                else:
                    line.join(_cell(view, at, part, size, look, begins, chosen=at == chosen))
            if part == min(1, high - 1):
                line.join(_sum(_net([view.days[at] for at in week]), total, look, beside))
            lines.append(line)
        spots += [
            Spot(top, top + high, label + size * weekday, label + size * (weekday + 1), at)
            for weekday, at in by_weekday.items()
        ]
    foot = Line().put(fit("Sum", label), look.dim)
    for weekday in range(7):
        foot.join(_sum(_net([day for day in view.days if day.date.weekday() == weekday]), size - 1, look)).put(
            " ", look.text
        )
    lines.append(foot.join(_sum(view.totals.net, total, look, beside)))
    return Painted([*lines, *_feet(view, chosen, cells, rows - len(lines), look, begins)], spots)


def _cell(
    view: HeatView, at: int, part: int, size: int, look: Look, begins: Begins, *, chosen: bool
) -> Line:  # fmt: skip
    """Return one line of a day's cell, a blank at its right. The cursor's ground leaves the shade as it is."""
    day, room, line, shade = view.days[at], size - 1, Line(), Line()
    if part == 0:
        sign, style = glyph(view, day, look)
        line.put(look.glyphs.cursor if chosen else " ", look.accent)
        line.put(f"{day.date.day:>2}", look.strong if day.measures.entries else look.dim)
        sign_of = look.glyphs.on if day.date == view.today else look.glyphs.wall if day.date in begins else " "
        line.put(sign_of, look.accent)
        shade.put(sign * (1 if sign == look.glyphs.dot else max(0, room - 4)), style)
    elif part == 1 and day.measures.entries:
        line.put(fit(short(day.measures.net, room), room, right=True), look.money(day.measures.net))
    elif part == 2 and day.measures.entries:
        m = day.measures
        line.put(fit(record(m) if m.trades else f"n={m.entries:,}", room, right=True), look.dim)
    if part:
        line.to(room, look.text)
    line = (line.restyled(look.on_cursor) if chosen else line).join(shade)
    return line.to(size, look.text)


def _sum(amount: int, cells: int, look: Look, beside: Sequence[int] = ()) -> Line:
    """Return a sum right-aligned in `cells`, its mark in line with those of the sums `beside` it.

    It has no cents where one of them has no room for its own.
    """
    room = cells - 2 if cells >= 11 else cells
    told, widest = short(amount, room), max((len(dollars(each, plus=True)) for each in beside), default=0)
    if widest > room and len(told) - told.find(".") == 3:
        told = f"{told[0]}${(abs(amount) + MICRO // 2) // MICRO:,}"
    mark = f"{look.mark(amount)} " if cells >= 11 else ""
    return Line().put(fit(mark + fit(told, max(len(told), min(widest, room)), right=True), cells, right=True),
                      look.money(amount))  # fmt: skip


def _feet(view: HeatView, chosen: int, cells: int, rows: int, look: Look, begins: Begins) -> list[Line]:
    """Return what stands below the days, as the lines allow: the chosen one, then the scale."""
    feet = [detail(view, chosen, cells, look, begins), legend(view.scale, cells, look)]
    return [Line()] * min(1, max(0, rows - 2)) + feet[: max(0, rows)]


# -- weeks by weekdays ----------------------------------------------------------------------------------------------


def weeks(view: HeatView, chosen: int, cells: int, rows: int, look: Look, begins: Begins) -> Painted:
    """Return the days as weeks (columns) by weekdays (lines): the months above, epochs below, sums at the right."""
    first = _week_of(view.days[0].date)
    columns = (view.days[-1].date - first).days // 7 + 1
    size = max(1, min(5, (cells - 4 - 8) // columns))
    total = min(14, cells - 4 - columns * size)
    total = total if total >= 8 else 0
    months = Line().to(4, look.head)
    for day in view.days:
        at = 4 + (day.date - first).days // 7 * size
        if (day.date.day == 1 or day is view.days[0]) and at >= months.cells:
            months.to(at, look.head).put(f"{day.date:%b} ", look.head)
    if total:
        months.to(4 + columns * size, look.head).put(fit("Weekday", total, right=True), look.head)
    lines, spots = [months], []
    sums = [_net([day for day in view.days if day.date.weekday() == weekday]) for weekday in range(7)]
    beside = [*sums, view.totals.net]
    for weekday, name in enumerate(WEEKDAYS):
        line = Line().put(f"{name} ", look.dim)
        for at, day in enumerate(view.days):
            if day.date.weekday() != weekday:
                continue
            left = 4 + (day.date - first).days // 7 * size
            line.to(left, look.text).join(_small(view, day, size, look, chosen=at == chosen))
            spots.append(Spot(len(lines), len(lines) + 1, left, left + size, at))
        if total:
            line.to(4 + columns * size, look.text).join(_sum(sums[weekday], total, look, beside))
        lines.append(line)
    ticks = Line()
    for day in view.days:
        at = 4 + (day.date - first).days // 7 * size
        if day.date in begins and at >= ticks.cells:
            ticks.to(at, look.text).put(f"{look.glyphs.wall}{safe(begins[day.date])} ", look.accent)
    if total and ticks.cells <= 4 + columns * size:
        ticks.to(4 + columns * size, look.text).join(_sum(view.totals.net, total, look, beside))
    if ticks.cells:
        lines.append(ticks)
    lines += _feet(view, chosen, cells, rows - len(lines), look, begins)
    found = _months([day for day in view.days if day.begun])
    if found and rows - len(lines) >= len(found) + 3:
        lines += [Line(), rule(cells, "By month", look.faint, look.strong, look.glyphs.rule)]
        items = [Bar(f"{start:%b %Y}", total_.net, total_.entries) for start, total_ in found]
        lines += bars(items, cells, len(found), look)
    return Painted(lines, spots)


def _small(view: HeatView, day: Day, size: int, look: Look, *, chosen: bool) -> Line:
    """Return a day's cell of one line; where there is room, the cursor's mark leaves the shade as it is."""
    sign, style = glyph(view, day, look)
    filled = size - 1 if size >= 3 else size
    if not chosen:
        return Line().put(sign * filled, style).to(size, look.text)
    if size == 1:
        return Line().put(sign, style).restyled(look.on_cursor)
    mark = Line().put(look.glyphs.cursor, look.accent).restyled(look.on_cursor)
    return mark.put(sign * (filled - 1), style).to(size, look.text)


def _months(days: Sequence[Day]) -> list[tuple[date, Measures]]:
    """Return the months of `days`, each with its first date in them and its sums."""
    found = []
    for _, group in groupby(days, lambda day: (day.date.year, day.date.month)):
        part = list(group)
        found.append((part[0].date, sum((day.measures for day in part if day.measures.entries), Measures())))
    return found


# -- months ------------------------------------------------------------------------------------------------------------


def months(view: HeatView, chosen: int, cells: int, rows: int, look: Look, begins: Begins) -> Painted:
    """Return the span as its months, three in a line, for a terminal too narrow for its weeks."""
    found = _months(view.days)
    thresholds = scale(max((abs(m.net) for _, m in found), default=0))
    coarse = HeatView(
        view.head, view.period, view.label, view.basis, view.where, view.totals, view.days, view.today, thresholds
    )
    size, high = cells // 3, 3 if rows >= 3 * -(-len(found) // 3) + 2 else 2
    here = view.days[chosen].date
    lines: list[Line] = []
    spots: list[Spot] = []
    for row in range(0, len(found), 3):
        top = len(lines)
        for part in range(high):
            line = Line()
            for place, (start, m) in enumerate(found[row : row + 3]):
                mine = (start.year, start.month) == (here.year, here.month)
                line.to(place * size, look.text).join(_month_cell(coarse, start, m, part, size, look, chosen=mine))
            lines.append(line)
        for place, (start, _) in enumerate(found[row : row + 3]):
            index = next(at for at, day in enumerate(view.days) if day.date == start)
            spots.append(Spot(top, top + high, place * size, (place + 1) * size, index))
    begun = [safe(name) for day, name in begins.items() if (day.year, day.month) == (here.year, here.month)]
    named = f"{here:%b %Y}" + "".join(f"  {look.glyphs.wall}{name} begins" for name in begun)
    told = next(m for start, m in found if (start.year, start.month) == (here.year, here.month))
    feet = [_told(named, told, cells, look), legend(thresholds, cells, look)]
    return Painted([*lines, *feet[: max(0, rows - len(lines))]], spots)


def _month_cell(
    view: HeatView, start: date, m: Measures, part: int, size: int, look: Look, *, chosen: bool
) -> Line:  # fmt: skip
    """Return one line of a month's cell, a blank at its right."""
    room, line, shade = size - 1, Line(), Line()
    if part == 0:
        begun = any(day.begun for day in view.days if (day.date.year, day.date.month) == (start.year, start.month))
        sign, style = (look.glyphs.dot if begun else " ", look.faint)
        if m.entries:
            sign, style = shade_glyph(view.shade(m.net), look)
        line.put(look.glyphs.cursor if chosen else " ", look.accent)
        line.put(f"{start:%b} ", look.strong if m.entries else look.dim)
        shade.put(sign * (1 if sign == look.glyphs.dot else max(0, room - 5)), style)
    elif part == 1:
        line.put("  ", look.text)
        if m.entries:
            net = f"{look.mark(m.net)} {short(m.net, room - 4)}"
            line.put(fit(net, room - 2), look.money(m.net))
        line.to(room, look.text)
    return (line.restyled(look.on_cursor) if chosen else line).join(shade).to(size, look.text)
