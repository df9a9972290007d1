"""The calendar: a span's days as a heat map with a cursor on one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from textual.strip import Strip

from northstar_tui.calendar import Calendar, Period
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.tui.actions import CALENDAR, LEDGER, WHY
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.cells import question_args, signed
from northstar_tui.tui.screens.heatmap import Painted, Spot, month, months, weeks
from northstar_tui.tui.screens.page import Asking, Opening, Page, finish
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.tiles import Tile, one_line, tiles
from northstar_tui.views.base import where_text
from northstar_tui.views.filter import parse
from northstar_tui.views.heat import Day, HeatView, heat
from northstar_tui.views.words import record

NARROW = 70
"""Cells below which a year is shown by months."""
_SHORT = 120
"""Days up to which a span's weeks fit the narrowest terminal."""


def question(asking: Asking) -> Callable[[Store], HeatView]:
    """Return the question of the days where we are."""
    nav, now = asking.nav, asking.now
    period: Period = nav.here.subject  # type: ignore[assignment]
    basis = nav.basis
    return lambda store: heat(store, period, basis=basis, where=parse(nav.filter).where, now=now)


class CalendarPage(Page):
    """The days of a month, a year or another span."""

    screen = CALENDAR
    opens, leaves = "open_day", "leave"

    def __init__(self, view: HeatView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        self._spots: list[Spot] = []
        self._head = 0
        self._draw = month if view.period.level == "month" else weeks
        self._index = self._first(cursor)

    def _first(self, cursor: Cursor) -> int:
        """Return the day to begin at: the cursor's, else today, else the last with entries."""
        days = self.view.days
        if cursor.key is None and cursor.index:  # as far into another month as into the one before
            return min(cursor.index, len(days) - 1)
        if isinstance(cursor.key, Period):
            at = cursor.key.start
            return next((i for i, day in enumerate(days) if at in day.period), 0 if at < days[0].period.start else
                        len(days) - 1)  # fmt: skip
        held = [i for i, day in enumerate(days) if day.measures.entries]
        return next((i for i, day in enumerate(days) if day.date == self.view.today), held[-1] if held else 0)

    @property
    def day(self) -> Day:
        """The chosen day."""
        return self.view.days[self._index]

    # -- painting ----------------------------------------------------------------------------------------------------

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the totals, then the days in the form that the span and the terminal ask for."""
        room, roomy = cells - 2, rows >= 20
        head = self.panel("Totals", room, look, lambda: self._totals(room, look, roomy=roomy))
        self._head = len(head)
        if self.view.period.level != "month":
            self._draw = months if cells < NARROW and len(self.view.days) > _SHORT else weeks
        painted = Painted([], [])
        begins = {epoch.first: epoch.name for epoch in self._calendar.epochs}

        def drawn() -> list[Line]:
            nonlocal painted
            painted = self._draw(self.view, self._index, room, rows - len(head), look, begins)
            return painted.lines

        body = self.panel("The days", room, look, drawn)
        self._spots = painted.spots
        return finish([*head, *body], cells, rows, look)

    def _totals(self, cells: int, look: Look, *, roomy: bool) -> list[Line]:
        items = self._tiles(look)
        return [Line(), *tiles(items, cells, look), Line()] if roomy else [one_line(items, cells, look)]

    def _tiles(self, look: Look) -> list[Tile]:
        view, m = self.view, self.view.totals
        held = [day for day in view.days if day.measures.entries]
        best = max(held, key=lambda day: day.measures.net, default=None)
        worst = min(held, key=lambda day: day.measures.net, default=None)
        up, down = (sum(sign * day.measures.net > 0 for day in held) for sign in (1, -1))
        found = [
            Tile("Net", signed(m.net, look), look.money(m.net)),
            Tile("Days up–down", f"{up}–{down} of {len(held)}", look.text),
        ]
        for name, day in (("Best", best), ("Worst", worst)):
            if day is not None:
                net = day.measures.net
                found.append(Tile(f"{name} {day.date:%-d %b}", signed(net, look), look.money(net)))
        found += [
            Tile("W–L", record(m), look.text),
            Tile("Entries", f"{m.entries:,}", look.text),
            Tile("Stake", dollars(m.stake), look.text),
            Tile("Fees", dollars(m.fees), look.text),
        ]
        return found

    # -- the cursor --------------------------------------------------------------------------------------------------

    def move(self, action: str) -> bool:
        """Move by days and weeks, as they lie on the screen; by months where those are shown."""
        if action in ("first", "last"):
            self._index = 0 if action == "first" else len(self.view.days) - 1
            return True
        steps = {"up": (0, -1), "down": (0, 1), "day_left": (-1, 0), "day_right": (1, 0), "page_up": (0, -4),
                 "page_down": (0, 4)}  # fmt: skip
        if action not in steps:
            return False
        across, along = steps[action]
        if self._draw is months:
            self._to(_month_on(self.day.date, across + 3 * (along if abs(along) == 1 else along // 4)))
        elif self._draw is month:
            self._to(self.day.date + timedelta(across + 7 * along))
        else:
            self._to(self.day.date + timedelta(7 * across + (along if abs(along) == 1 else 7 * along)))
        return True

    def _to(self, day: date) -> None:
        """Go to `day`, where the span holds it; beyond its ends stay."""
        self._index = next((i for i, each in enumerate(self.view.days) if each.date == day), self._index)

    def wheel(self, steps: int) -> None:
        """Take the wheel: a week at a time."""
        self._to(self.day.date + timedelta(7 if steps > 0 else -7))

    def click_at(self, x: int, y: int) -> bool:
        """Select the day painted there; True where it was selected already."""
        x, y = x - 1, y - self._head
        found = next((s.day for s in self._spots if s.top <= y < s.bottom and s.left <= x < s.right), None)
        if found is None:
            return False
        same = found == self._index
        if self._draw is months:
            mine, its = self.day.date, self.view.days[found].date
            same = (mine.year, mine.month) == (its.year, its.month)
        self._index = found
        return same

    def cursor(self) -> Cursor:
        """Return the chosen day."""
        return Cursor(self._index, 0, self.day.period)

    def opening(self) -> Opening | None:
        """Return the chosen day; where months are shown, the month's own calendar."""
        if self._draw is months:
            return Opening(((CALENDAR, self._calendar.period("month", self.day.period.start)),))
        return Opening(((LEDGER, self.day.period),))

    def why(self) -> Place | None:
        """Return why the chosen day's net is what it is."""
        return WHY, ("net", self.day.period, where_text(self.view.where))

    def command(self) -> list[str]:
        """Return the report by day."""
        return ["report", self._calendar.argument(self.view.period), "--level", "day", *question_args(self.view)]

    def value(self) -> str:
        """Return the chosen day's net, exact."""
        return decimal_text(self.day.measures.net)

    def note(self) -> str:
        """Return the chosen day's place among all."""
        return f"{self._index + 1:,} of {len(self.view.days):,}"


def _month_on(day: date, steps: int) -> date:
    """Return the first date of the month that lies `steps` months on."""
    months = day.year * 12 + day.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)
