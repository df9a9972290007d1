"""The overview: how are we doing, by period, book and category, and what was said last. Every line opens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from rich.style import Style
from textual.strip import Strip

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.queries import LoggedEvent, Measures
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import EVENT, OVERVIEW, WHY
from northstar_tui.tui.navigation import Cursor, Navigation, Place
from northstar_tui.tui.paint import Line, fit, rule, width
from northstar_tui.tui.periods import places
from northstar_tui.tui.screens.cells import age, amount_text, money_column, plain_column, signed
from northstar_tui.tui.screens.page import Opening, Page, finish
from northstar_tui.tui.screens.panels import slice_bars
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bars import bars
from northstar_tui.tui.widgets.chart import curve, running, sparkline
from northstar_tui.tui.widgets.rows import Column, fit_columns, natural, row_line
from northstar_tui.views.base import Slice
from northstar_tui.views.overview import OverviewView, Panel, Tile, overview
from northstar_tui.views.words import record

WIDE = 104
EVENTS = 20
"""Newest events read."""
_NAMES = {"today": "Today", "week": "This week", "month": "This month", "year": "This year", "all": "All time"}


def question(nav: Navigation, top: int, now: int) -> Callable[[Store], OverviewView]:  # noqa: ARG001
    """Return the overview's question."""
    return lambda store: overview(store, now, dimension=nav.dimension, events=EVENTS)


@dataclass(frozen=True, slots=True)
class _Block:
    """One selectable thing and its lines; a heading is a block that selects nothing."""

    lines: tuple[Line, ...]
    target: Tile | Panel | Slice | LoggedEvent | None = None


class OverviewPage(Page):
    """Periods, books, attribution and the newest events as one list of selectable lines."""

    screen = OVERVIEW

    def __init__(self, view: OverviewView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        shown = [s for s in view.slices if not s.rest]
        self._targets: list[Tile | Panel | Slice | LoggedEvent] = [*view.tiles, *view.panels, *shown, *view.events]
        self._index = max(0, min(cursor.index, len(self._targets) - 1))
        self._top = cursor.top
        self._at: dict[int, list[int]] = {}
        self._height = 1

    # -- painting ----------------------------------------------------------------------------------------------------

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the part of the sections that holds the cursor."""
        room = cells - 2
        blocks = self._periods(room, look)
        tall = 4 if rows >= 45 else 3 if rows >= 34 else 2
        if cells >= WIDE:
            half = (room - 4) // 2
            left, right = self._books(half, look, tall), self._slices(half, look)
            painted = _stack([self._blank(), *blocks]) + _pair(left, right, half, look)
        else:
            painted = _stack([*blocks, self._blank(), *self._books(room, look, 2 if rows >= 24 else 1), self._blank()])
            painted += _stack(self._slices(room, look))
        spare = rows - len(painted) - 2
        painted += _stack([self._blank(), *self._events(room, look, max(3, spare))])
        return self._window(painted, cells, rows, look)

    def _window(self, painted: list[_Painted], cells: int, rows: int, look: Look) -> list[Strip]:
        chosen = self._targets[self._index] if self._targets else None
        mine = [y for y, (_, targets) in enumerate(painted) if any(t is chosen for t in targets)] or [0]
        self._top = max(min(self._top, mine[0]), mine[-1] - rows + 1)
        if self._index == 0:
            self._top = 0
        self._top = max(0, min(self._top, len(painted) - rows))
        self._height = rows
        self._at = {}
        for y, (_, targets) in enumerate(painted[self._top : self._top + rows]):
            self._at[y] = [i for i, t in enumerate(self._targets) if any(t is target for target in targets)]
        return finish([line for line, _ in painted[self._top :]], cells, rows, look)

    def _blank(self) -> _Block:
        return _Block((Line(),))

    def _chosen(self, target: object) -> bool:
        return bool(self._targets) and self._targets[self._index] is target

    def _select(self, line: Line, target: object, cells: int, look: Look) -> Line:
        """Return `line` with the cursor's mark in front, and its ground where it is selected."""
        if not self._chosen(target):
            return Line().put("  ", look.text).join(line)
        marked = Line().put(look.glyphs.cursor + " ", look.accent).join(line).to(cells, look.text)
        return marked.restyled(look.on_cursor)

    def _periods(self, cells: int, look: Look) -> list[_Block]:
        columns = _PERIODS
        sizes = fit_columns(columns, natural(columns, self.view.tiles), cells - 2)
        blocks = [_Block((Line().put("  ", look.head).join(row_line(None, columns, sizes, look)),))]
        for tile in self.view.tiles:
            line = row_line(tile, columns, sizes, look)
            blocks.append(_Block((self._select(line, tile, cells, look),), tile))
        return blocks

    def _books(self, cells: int, look: Look, tall: int) -> list[_Block]:
        what = "running net" if tall > 1 else "net by day"
        blocks = [self._title(f"Books, {what}, {self.view.panels_label}", cells, look)]
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
            blocks.append(_Block(tuple(self._select(line, panel, cells, look) for line in full), panel))
        return blocks

    def _slices(self, cells: int, look: Look) -> list[_Block]:
        view = self.view
        blocks = [self._title(f"By {view.dimension}, {view.focus_label}", cells, look)]
        drawn = bars(slice_bars(view.slices), cells - 2, len(view.slices), look)
        for part, line in zip(view.slices, drawn, strict=True):
            if part.rest:
                blocks.append(_Block((Line().put("  ", look.text).join(line),)))
            else:
                blocks.append(_Block((self._select(line, part, cells, look),), part))
        return blocks

    def _events(self, cells: int, look: Look, most: int) -> list[_Block]:
        blocks = [self._title("Last events", cells, look)]
        for event in self.view.events[:most]:
            line = self._event(event, cells - 2, look)
            blocks.append(_Block((self._select(line, event, cells, look),), event))
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

    def _title(self, text: str, cells: int, look: Look) -> _Block:
        return _Block((rule(cells, text, look.faint, look.strong, look.glyphs.rule),))

    # -- the cursor --------------------------------------------------------------------------------------------------

    def move(self, action: str) -> bool:
        """Move among everything that can be opened."""
        last = len(self._targets) - 1
        steps = {"down": 1, "up": -1, "page_down": 8, "page_up": -8, "first": -last, "last": last}
        self._index = max(0, min(self._index + steps.get(action, 0), last))
        return action in steps

    def click(self, y: int) -> bool:
        """Select what line `y` shows."""
        found = self._at.get(y, [])
        if not found:
            return False
        same, self._index = self._index in found, found[0]
        return same

    def cursor(self) -> Cursor:
        """Return the selected thing's place."""
        return Cursor(self._index, self._top)

    @property
    def target(self) -> Tile | Panel | Slice | LoggedEvent | None:
        """The selected thing."""
        return self._targets[self._index] if self._targets else None

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


_Painted = tuple[Line, tuple[object, ...]]


def _stack(blocks: list[_Block]) -> list[_Painted]:
    return [(line, (block.target,) if block.target is not None else ()) for block in blocks for line in block.lines]


def _pair(left: list[_Block], right: list[_Block], cells: int, look: Look) -> list[_Painted]:
    """Return two sections side by side."""
    one, two = _stack(left), _stack(right)
    found: list[_Painted] = [(Line(), ())]
    for y in range(max(len(one), len(two))):
        line, targets = one[y] if y < len(one) else (Line(), ())
        line = Line().join(line)
        if y < len(two):
            line.to(cells + 4, look.text).join(two[y][0])
            targets = (*targets, *two[y][1])
        found.append((line, targets))
    return found


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
