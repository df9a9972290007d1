"""The overview: how are we doing, by period, book and category, and what was said last. Every line opens."""

from __future__ import annotations

import json
from collections.abc import Callable

from rich.style import Style
from textual.strip import Strip

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import EVENT, OVERVIEW, WHY
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.periods import places
from northstar_tui.tui.screens.blocks import Block, BlockPage, blank, heading, pair, stack
from northstar_tui.tui.screens.cells import age, amount_text, money_column, plain_column, signed
from northstar_tui.tui.screens.page import Asking, Opening
from northstar_tui.tui.screens.panels import slice_bars
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bars import bars
from northstar_tui.tui.widgets.chart import curve, running, sparkline
from northstar_tui.tui.widgets.rows import Column, fit_columns, natural, row_line
from northstar_tui.views.base import Slice
from northstar_tui.views.overview import OverviewView, Panel, Tile, overview
from northstar_tui.views.words import pipeline_words, record

WIDE = 104
EVENTS = 20
"""Newest events read."""
_NAMES = {"today": "Today", "week": "This week", "month": "This month", "year": "This year", "all": "All time"}


def question(asking: Asking) -> Callable[[Store], OverviewView]:
    """Return the overview's question."""
    return lambda store: overview(store, asking.now, dimension=asking.nav.dimension, events=EVENTS)


Selectable = Tile | Panel | Slice | LoggedEvent


class OverviewPage(BlockPage[Selectable]):
    """Periods, books, attribution and the newest events as one list of selectable lines."""

    screen = OVERVIEW

    def __init__(self, view: OverviewView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        shown = [s for s in view.slices if not s.rest]
        super().__init__([*view.tiles, *view.panels, *shown, *view.events], cursor)

    # -- painting ----------------------------------------------------------------------------------------------------

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the part of the sections that holds the cursor."""
        room = cells - 2
        blocks = self.section("Periods", room, look, lambda: self._periods(room, look))
        tall = 4 if rows >= 45 else 3 if rows >= 34 else 2
        if cells >= WIDE:
            half = (room - 4) // 2
            left = self.section("Books", half, look, lambda: self._books(half, look, tall))
            right = self.section("Attribution", half, look, lambda: self._slices(half, look))
            painted = stack([blank(), *blocks]) + pair(left, right, half, look)
        else:
            short = 2 if rows >= 24 else 1
            books = self.section("Books", room, look, lambda: self._books(room, look, short))
            painted = stack([*blocks, blank(), *books, blank()])
            painted += stack(self.section("Attribution", room, look, lambda: self._slices(room, look)))
        if self.view.pipeline:
            painted += stack([blank(), *self.section("Pipeline", room, look, lambda: [self._pipeline(room, look)])])
        spare = max(3, rows - len(painted) - 2)
        painted += stack([blank(), *self.section("Events", room, look, lambda: self._events(room, look, spare))])
        return self.window(painted, cells, rows, look)

    def _periods(self, cells: int, look: Look) -> list[Block]:
        columns = _PERIODS
        sizes = fit_columns(columns, natural(columns, self.view.tiles), cells - 2)
        blocks = [Block((Line().put("  ", look.head).join(row_line(None, columns, sizes, look)),))]
        for tile in self.view.tiles:
            line = row_line(tile, columns, sizes, look)
            blocks.append(Block((self.select(line, tile, cells, look),), tile))
        return blocks

    def _books(self, cells: int, look: Look, tall: int) -> list[Block]:
        what = "running net" if tall > 1 else "net by day"
        blocks = [heading(f"Books, {what}, {self.view.panels_label}", cells, look)]
        name = min(max((width(safe(p.book)) for p in self.view.panels), default=4), max(8, cells // 5))
        money = max((width(signed(p.net, look)) for p in self.view.panels), default=1)
        for panel in self.view.panels:
            head = name + money + 2
            drawn = _panel(panel, max(4, cells - 2 - head - 2), tall, look)
            lines = [Line().put(fit(safe(panel.book), name, ellipsis=look.glyphs.ellipsis) + "  ", look.strong)]
            lines[0].put(fit(signed(panel.net, look), money, right=True), look.money(panel.net))
            if tall > 1:
                total = f"{dollars(panel.total.net, plus=True)} all time"
                lines.append(Line().put(fit(total, head, right=True, ellipsis=look.glyphs.ellipsis), look.dim))
            lines += [Line() for _ in range(tall - len(lines))]
            full = [line.to(head + 2, look.text).join(part) for line, part in zip(lines, drawn, strict=True)]
            blocks.append(Block(tuple(self.select(line, panel, cells, look) for line in full), panel))
        return blocks

    def _slices(self, cells: int, look: Look) -> list[Block]:
        view = self.view
        blocks = [heading(f"By {view.dimension}, {view.focus_label}", cells, look)]
        drawn = bars(slice_bars(view.slices), cells - 2, len(view.slices), look)
        for part, line in zip(view.slices, drawn, strict=True):
            if part.rest:
                blocks.append(Block((Line().put("  ", look.text).join(line),)))
            else:
                blocks.append(Block((self.select(line, part, cells, look),), part))
        return blocks

    def _pipeline(self, cells: int, look: Look) -> Block:
        """Return the jobs that nothing is booked for yet, on a line that says so."""
        title, apart = "Pipeline: ", "  not in P&L"
        words = pipeline_words(self.view.pipeline)
        room = max(8, cells - width(title) - width(apart))
        line = Line().put(title, look.strong)
        line.put(fit(words, min(width(words), room), ellipsis=look.glyphs.ellipsis), look.text).put(apart, look.dim)
        return Block((line,))

    def _events(self, cells: int, look: Look, most: int) -> list[Block]:
        blocks = [heading("Last events", cells, look)]
        for event in self.view.events[:most]:
            line = self._event(event, cells - 2, look)
            blocks.append(Block((self.select(line, event, cells, look),), event))
        return blocks

    def _event(self, event: LoggedEvent, cells: int, look: Look) -> Line:
        what, amount, tone = said(event, look)
        when = f"{self._calendar.local(event.occurred_at):%d %b %H:%M}"
        line = Line().put(when + "  ", look.dim)
        line.put(fit(safe(event.kind), 14, ellipsis=look.glyphs.ellipsis) + "  ", look.accent)
        tail = fit(safe(event.source), 12, ellipsis=look.glyphs.ellipsis) + fit(
            age(self.view.now, event.recorded_at), 5, right=True
        )
        room = cells - line.cells - width(tail) - 16
        if room < 14:
            tail, room = "", cells - line.cells - 14
        line.put(fit(safe(what), max(1, room), ellipsis=look.glyphs.ellipsis), look.text)
        line.put(fit(amount, 14, right=True), tone)
        return line.put("  " + tail, look.dim) if tail else line

    # -- the cursor --------------------------------------------------------------------------------------------------

    def opening(self) -> Opening | None:
        """Return the ledger at the selected period, or of the selected book or category; or the event."""
        asked, target = self._asked(), self.target
        if asked is not None:
            return Opening(places(self._calendar, asked[0]), whole=True, filter=asked[1])
        return Opening(((EVENT, target.id),)) if isinstance(target, LoggedEvent) else None

    def measures(self) -> Measures | None:
        """Return the selected sums; None on an event."""
        target = self.target
        if isinstance(target, Panel):
            return target.total
        return None if target is None or isinstance(target, LoggedEvent) else target.measures

    def _asked(self) -> tuple[Period, str] | None:
        """Return the period and the filter of the selected sums; None on an event."""
        target = self.target
        if isinstance(target, Tile):
            return target.period, ""
        if isinstance(target, Panel):
            return ALL, f"book={target.book}"
        if isinstance(target, Slice):
            return self.view.focus, f"{self.view.dimension}={target.name}"
        return None

    def why(self) -> Place | None:
        """Return why the selected net is what it is."""
        asked = self._asked()
        return (WHY, ("net", *asked)) if asked else None

    def command(self) -> list[str]:
        """Return the report of the selected sums."""
        asked = self._asked()
        if asked is None:
            return ["events"]
        period, where = asked
        return ["report", self._calendar.argument(period), *(["--where", where] if where else [])]

    def value(self) -> str:
        """Return the selected net, exact."""
        measures, target = self.measures(), self.target
        if measures is None:
            return target.key if isinstance(target, LoggedEvent) else ""
        return decimal_text(measures.net)


def said(event: LoggedEvent, look: Look) -> tuple[str, str, Style]:
    """Return what an event is about, and the money in it where it states some."""
    body = json.loads(event.body)
    what = next((body[k] for k in ("title", "instrument") if isinstance(body.get(k), str) and body[k]), event.key)
    net, amount = body.get("net"), body.get("amount")
    if body.get("currency") not in (None, "USD"):
        return what, safe(str(body["currency"])), look.dim
    if isinstance(net, int):
        return what, signed(net, look), look.money(net)
    return what, dollars(amount) if isinstance(amount, int) else "", look.dim


def _panel(panel: Panel, cells: int, rows: int, look: Look) -> list[Line]:
    if rows == 1:
        return [sparkline(panel.series, cells, look, summed=True)]
    return curve(running(panel.series), cells, rows, look)


def _change(tile: Tile) -> int | None:
    return None if tile.before is None else tile.measures.net - tile.before.net


_PERIODS: list[Column[Tile]] = [
    Column("", lambda tile: _NAMES.get(tile.name, tile.name), lambda _, look: look.strong),
    money_column("Net", lambda tile: tile.measures.net),
    money_column("Change", _change, 1),
    Column("Against", lambda tile: tile.before_label, lambda _, look: look.dim, rank=3, most=16),
    Column("W–L", lambda tile: record(tile.measures), right=True, rank=2),
    plain_column("Entries", lambda tile: f"{tile.measures.entries:,}", 6),
    plain_column("Stake", lambda tile: amount_text(tile.measures.stake), 4),
    plain_column("Fees", lambda tile: amount_text(tile.measures.fees), 5),
]
