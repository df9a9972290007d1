"""The overview: how are we doing, what needs somebody, what changed since the last look, and why. Every line opens."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from rich.style import Style

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import named
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import (
    EVENT,
    NEEDS,
    OPERATIONS,
    OVERVIEW,
    SINCE,
    WHY,
)
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.periods import places
from northstar_tui.tui.screens.blocks import Block, BlockPage, Painted, blank, heading, pair, stack
from northstar_tui.tui.screens.cells import age, amount_text, money_column, plain_column, signed, signed_cell
from northstar_tui.tui.screens.needing import known_as, leads_to, need_line, none_line, title
from northstar_tui.tui.screens.page import Asking, Opening
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bars import bars, slice_bars
from northstar_tui.tui.widgets.bridge import bridge_lines, bridge_since, bridge_title, bridge_words
from northstar_tui.tui.widgets.chart import curve, running
from northstar_tui.tui.widgets.rows import Column, fit_columns, natural
from northstar_tui.views.base import Slice, where_text
from northstar_tui.views.needs import BUDGETS, Need
from northstar_tui.views.overview import OverviewView, Panel, Tile, overview
from northstar_tui.views.since import HELD, Part, SinceView
from northstar_tui.views.words import percent, pipeline_words, record, subject_words

WIDE = 104
FEW = 8
"""Lines kept for the newest events, and what stands around them."""
EVENTS = 20
"""Newest events read."""
_NAMES = {"today": "Today", "week": "This week", "month": "This month", "year": "This year", "all": "All time"}


def question(asking: Asking) -> Callable[[Store], OverviewView]:
    """Return the overview's question."""
    now, dimension, held = asking.now, asking.nav.dimension, not asking.hasty
    return lambda store: overview(
        store,
        now,
        asking.plans,
        dimension=dimension,
        events=EVENTS,
        look=asking.look,
        held=held,
        known=asking.known if held else None,
        part=asking.part,
    )


class Share(NamedTuple):
    """What a member of a dimension contributes to the focus."""

    dimension: str
    slice: Slice


MORE = "more needs"
"""The line that leads to all that needs the operator."""
Selectable = Tile | Need | str | SinceView | Part | Panel | Share | LoggedEvent


class OverviewPage(BlockPage[Selectable]):
    """Periods, needs, bridge, books, attribution and the newest events as one list of selectable lines."""

    screen = OVERVIEW

    def __init__(self, view: OverviewView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        self._shares = [
            (name, [Share(name, part) for part in parts]) for name, parts in ((view.dimension, view.slices), *view.also)
        ]
        shares = [share for _, parts in self._shares for share in parts if not share.slice.rest]
        super().__init__(
            [*view.tiles, *view.needs, MORE, *view.since.parts, view.since, *view.panels, *shares, *view.events], cursor
        )
        self._wide = False
        """Whether needs and attribution stand beside bridge and books, as composed last."""

    def key(self, target: Selectable) -> Hashable:
        """Return what a line is known by when others come before it."""
        if isinstance(target, Share):
            return "share", target.dimension, target.slice.name
        if isinstance(target, SinceView):
            return "since"
        if isinstance(target, Need):
            return known_as(target)
        if isinstance(target, str):
            return target
        if isinstance(target, LoggedEvent):
            return "event", target.id
        return type(target).__name__, target.book if isinstance(target, Panel) else target.name

    def kind_of(self, target: Selectable) -> Hashable:
        """Return which section a line belongs to."""
        if isinstance(target, Share):
            return target.dimension
        kind = {str: Need, Part: SinceView}.get(type(target), type(target))
        return kind.__name__

    def turn(self, target: Selectable) -> int:
        """Return 1 for what comes after the left column: the needs beside it, and what stands below them."""
        return int(self._wide and isinstance(target, (Need, str, Share, LoggedEvent)))

    # -- painting ----------------------------------------------------------------------------------------------------

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return all sections that the size has room for."""
        room = cells - 2
        tall = 4 if rows >= 45 else 3 if rows >= 34 else 2
        periods = self.section("Periods", room, look, lambda: self._periods(room, look))
        self._wide = cells >= WIDE
        if self._wide:
            half = (room - 4) // 2
            bridge = self.section("The bridge", half, look, lambda: self._bridge(half, look))
            left = [*bridge, blank(), *self.section("Books", half, look, lambda: self._books(half, look, tall))]
            right = [
                *self.section("Needs", half, look, lambda: self._needs(half, look, rows // 5)), blank(),
                *self._attribution(half, look, 0),
            ]  # fmt: skip
            spare = rows - len(periods) - max(len(stack(left)), len(stack(right))) - FEW
            for place in (1, 2):
                more = [blank(), *self._attribution(half, look, place)]
                if len(right) + len(more) <= len(stack(left)) + max(0, spare):
                    right += more
            painted = stack([blank(), *periods]) + pair(left, right, half, look)
        else:
            short = 2 if rows >= 24 else 1
            needs = self.section("Needs", room, look, lambda: self._needs(room, look, 3))
            painted = stack([*periods, blank(), *needs])
            bridge = self.section("The bridge", room, look, lambda: [self._bridge_line(room, look)])
            painted += stack([blank(), *bridge])
            books = self.section("Books", room, look, lambda: self._books(room, look, short))
            painted += stack([blank(), *books, blank(), *self._attribution(room, look, 0)])
        if self.view.pipeline or "Pipeline" in self.unread:
            painted += stack([blank(), *self.section("Pipeline", room, look, lambda: [self._pipeline(room, look)])])
        most = max(3, rows - len(painted) - 2)
        events = self.section("Events", room, look, lambda: self._events(room, look, most))
        return painted + stack([blank(), *events])

    def _attribution(self, cells: int, look: Look, place: int) -> list[Block]:
        return self.section("Attribution", cells, look, lambda: self._shares_of(cells, look, place))

    def _periods(self, cells: int, look: Look) -> list[Block]:
        """Return the periods; where names in full leave what matters no room, they are short; targets go below."""
        tiles = self.view.tiles
        targets = [tile for tile in tiles if tile.budget is not None]
        shown = [*_PERIODS, _BUDGET] if targets else _PERIODS
        named, short = (_fitting([names, *shown], tiles, cells) for names in (_NAME, _SHORT_NAME))
        columns = short if len(named) < min(len(short), _MATTERING) else named
        blocks = self.table(columns, tiles, cells, look)
        if not targets or _BUDGET in columns:
            return blocks
        told = [f"{tile.name} {_budget(tile)}" for tile in targets]
        together = "Targets: " + ", ".join(told)
        lines = [together] if width(together) <= cells - 2 else [f"Target: {each}" for each in told]
        return [*blocks, Block(tuple(Line().put("  " + fit(line, cells - 2), look.dim) for line in lines))]

    def _books(self, cells: int, look: Look, tall: int) -> list[Block]:
        blocks = [heading(f"Books, running net, {self.view.panels_label}", cells, look)]
        name = min(max((width(safe(p.book)) for p in self.view.panels), default=4), max(8, cells // 5))
        money = max((width(signed(p.net, look)) for p in self.view.panels), default=1)
        below = [width(_all_time(panel)) for panel in self.view.panels] if tall > 1 else []
        head = max([name + money + 2, *below])
        for panel in self.view.panels:
            drawn = curve(running(panel.series), max(4, cells - 2 - head - 2), tall, look)
            lines = [Line().put(fit(safe(panel.book), name, ellipsis=look.glyphs.ellipsis) + "  ", look.strong)]
            lines[0].join(signed_cell(panel.net, money, look))
            if tall > 1:
                lines.append(Line().put(fit(_all_time(panel), head, right=True), look.dim))
            lines += [Line() for _ in range(tall - len(lines))]
            full = [line.to(head + 2, look.text).join(part) for line, part in zip(lines, drawn, strict=True)]
            blocks.append(Block(tuple(self.select(line, panel, cells, look) for line in full), panel))
        return blocks

    def _needs(self, cells: int, look: Look, most: int) -> list[Block]:
        needs, told = self.view.needs, self.parts_unread([HELD, BUDGETS, "Sources"], cells, look)
        if told:
            most -= 1
        if not needs and told:
            return [heading("Needs you", cells, look), Block(tuple(told))]
        if not needs and not self.view.whole:
            line = Line().put("Looking at positions and budgets", look.dim)
            return [heading("Needs you", cells, look), Block((Line().put("  ", look.text).join(line),))]
        if not needs:
            line = Line().put("  ", look.text).join(none_line(look))
            return [heading(title(needs), cells, look), Block((line,))]
        blocks = [heading(title(needs), cells, look)]
        for need in needs[: most if len(needs) <= most else most - 1]:
            blocks.append(Block((self.select(need_line(need, cells - 2, look), need, cells, look),), need))
        if len(needs) > most:
            more = Line().put(f"and {len(needs) - most + 1:,} more", look.accent)
            blocks.append(Block((self.select(more, MORE, cells, look),), MORE))
        return [*blocks, Block(tuple(told))] if told else blocks

    def _bridge(self, cells: int, look: Look) -> list[Block]:
        view = self.view.since
        title = bridge_title(view, self._calendar)
        if not view.parts:
            words = bridge_words(view, look, cells - 2)
            return [heading(title, cells, look), Block((self.select(words, view, cells, look),), view)]
        blocks = [heading(title, cells, look)]
        first, *rest = bridge_lines(view, cells - 2, look)
        blocks.append(Block((Line().put("  ", look.text).join(first[0]),)))
        for line, part in rest:
            target = part or view
            blocks.append(Block((self.select(line, target, cells, look),), target))
        return blocks

    def _bridge_line(self, cells: int, look: Look) -> Block:
        view = self.view.since
        title = f"{bridge_since(view, self._calendar)}: "
        line = Line().put(title, look.strong).join(bridge_words(view, look, cells - 2 - width(title)))
        return Block((self.select(line, view, cells, look),), view)

    def _shares_of(self, cells: int, look: Look, place: int) -> list[Block]:
        """Return the attribution by the dimension at `place`."""
        dimension, shares = self._shares[place]
        blocks = [heading(f"By {dimension}, {self.view.focus_label}", cells, look)]
        drawn = bars(slice_bars([share.slice for share in shares]), cells - 2, len(shares), look)
        for share, line in zip(shares, drawn, strict=True):
            if share.slice.rest:
                blocks.append(Block((Line().put("  ", look.text).join(line),)))
            else:
                blocks.append(Block((self.select(line, share, cells, look),), share))
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
        blocks = [heading("Last events, without quotes", cells, look)]
        selected = [at for at, event in enumerate(self.view.events, 1) if event is self.target]
        for event in self.view.events[: max([most, *selected])]:  # newer ones do not push it out of sight
            line = self._event(event, cells - 2, look)
            blocks.append(Block((self.select(line, event, cells, look),), event))
        return blocks

    def _event(self, event: LoggedEvent, cells: int, look: Look) -> Line:
        what, amount, tone = said(event, look)
        when = f"{self._calendar.local(event.occurred_at):%d %b %H:%M}"
        line = Line().put(when + "  ", look.dim)
        line.put(fit(safe(event.kind), 14, ellipsis=look.glyphs.ellipsis) + "  ", look.accent)
        tail = fit(safe(event.source), 12, ellipsis=look.glyphs.ellipsis) + fit(
            age(self.view.now, event.occurred_at), 5, right=True
        )
        room = cells - line.cells - width(tail) - 16
        if room < 14:
            tail, room = "", cells - line.cells - 14
        line.put(fit(safe(what), max(1, room), ellipsis=look.glyphs.ellipsis), look.text)
        mark = amount[:1] if amount[1:2] == " " else ""
        line.put(fit(mark, 2), tone).put(fit(amount.removeprefix(mark).lstrip(), 12, right=True), tone)
        return line.put("  " + tail, look.dim) if tail else line

    # -- the cursor --------------------------------------------------------------------------------------------------

    def opening(self) -> Opening | None:
        """Return what the selected line is about: a period, a book's or a member's ledger, a need, a part, an event."""
        asked, target = self._asked(), self.target
        if asked is not None:
            return Opening(places(self._calendar, asked[0]), whole=True, filter=asked[1])
        if isinstance(target, Need):
            return leads_to(target)
        if target == MORE:
            return Opening(((OPERATIONS, None), (NEEDS, None)), whole=True)
        if isinstance(target, SinceView):
            return Opening(((SINCE, None),))
        if isinstance(target, Part):
            event = self.view.since.event
            return Opening(((SINCE, (event, target.name)) if target.entries else (SINCE, None),))
        return Opening(((EVENT, target.id),)) if isinstance(target, LoggedEvent) else None

    def measures(self) -> Measures | None:
        """Return the selected sums; None where the line is no sum of entries."""
        target = self.target
        if isinstance(target, Panel):
            return target.total
        if isinstance(target, Share):
            return target.slice.measures
        return target.measures if isinstance(target, Tile) else None

    def _asked(self) -> tuple[Period, str] | None:
        """Return the period and the filter of the selected sums; None where the line is none."""
        target = self.target
        if isinstance(target, Tile):
            return target.period, ""
        if isinstance(target, Panel):
            return ALL, where_text((named("book", target.book),))
        if isinstance(target, Share):
            return self.view.focus, where_text((named(target.dimension, target.slice.name),))
        return None

    def why(self) -> Place | None:
        """Return why the selected net is what it is."""
        asked = self._asked()
        return (WHY, ("net", *asked)) if asked else None

    def command(self) -> list[str]:
        """Return the verb that prints what the selected line says."""
        asked, target = self._asked(), self.target
        if isinstance(target, (SinceView, Part)):
            return ["since", f"{self._calendar.local(self.view.since.at):%Y-%m-%dT%H:%M:%S}"]
        if isinstance(target, (Need, str)):
            return ["show", "needs"]
        if asked is None:
            return ["events"]
        period, where = asked
        return ["report", self._calendar.argument(period), *(["--where", where] if where else [])]

    def value(self) -> str:
        """Return the selected amount, exact; of a need its text, of an event its key."""
        measures, target = self.measures(), self.target
        if measures is not None:
            return decimal_text(measures.net)
        if isinstance(target, SinceView):
            return decimal_text(target.total - target.before)
        if isinstance(target, Part):
            return decimal_text(target.amount)
        if isinstance(target, Need):
            return target.text
        return target.key if isinstance(target, LoggedEvent) else ""


def said(event: LoggedEvent, look: Look) -> tuple[str, str, Style]:
    """Return what an event is about, and the money in it where it states some."""
    body = json.loads(event.body)
    what = subject_words(event, body)
    net, amount = body.get("net"), body.get("amount")
    if body.get("currency") not in (None, "USD"):
        return what, safe(str(body["currency"])), look.dim
    if isinstance(net, int):
        return what, signed(net, look), look.money(net)
    return what, dollars(amount) if isinstance(amount, int) else "", look.dim


def _all_time(panel: Panel) -> str:
    return f"{dollars(panel.total.net, plus=True)} all time"


def _budget(tile: Tile) -> str:
    """Return how far a period's target is reached; empty where the config sets none."""
    line = tile.budget
    return "" if line is None else f"{percent(line.standing.used)} of {dollars(line.budget.amount)}"


def _change(tile: Tile) -> int | None:
    return None if tile.before is None else tile.measures.net - tile.before.net


def _fitting(columns: list[Column[Tile]], tiles: Sequence[Tile], cells: int) -> list[Column[Tile]]:
    """Return those of `columns` that a table of `cells` shows."""
    return [columns[at] for at, _ in fit_columns(columns, natural(columns, tiles), cells - 2)]


_NAME: Column[Tile] = Column("", lambda tile: _NAMES.get(tile.name, tile.name), lambda _, look: look.strong)
_SHORT_NAME = _NAME._replace(text=lambda tile: tile.name.capitalize())
_MATTERING = 5
"""Columns up to what a change is against, and to wins and losses."""
_PERIODS: list[Column[Tile]] = [
    money_column("Net", lambda tile: tile.measures.net),
    money_column("Change", _change, 1),
    Column("Against", lambda tile: tile.before_label, lambda _, look: look.dim, rank=2, most=17),
    Column("W–L", lambda tile: record(tile.measures), right=True, rank=3),
    plain_column("Entries", lambda tile: f"{tile.measures.entries:,}", 7),
    plain_column("Stake", lambda tile: amount_text(tile.measures.stake), 5),
    plain_column("Fees", lambda tile: amount_text(tile.measures.fees), 6),
]
_BUDGET: Column[Tile] = Column("Target", _budget, lambda _, look: look.dim, right=True, rank=4)
