"""The ledger: one node of the drill-down, its children with their P&L bars, its curve, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.lists import beyond, nearer, position, walked
from northstar_tui.ledger.queries import Listed
from northstar_tui.ledger.sorts import BY_TIME, COLUMNS
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text
from northstar_tui.text import safe
from northstar_tui.tui.actions import ENTRIES, ENTRY, LEDGER, WHY, key_of
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.pages import SIZE, Pages
from northstar_tui.tui.paint import Line, rule, wrap
from northstar_tui.tui.screens.cells import amount_text, money_column, plain_column, question_args
from northstar_tui.tui.screens.curves import curve_panel
from northstar_tui.tui.screens.listing import FALLS, RISES, columns_of, turned_to
from northstar_tui.tui.screens.page import WHEEL, Asking, Opening, Page, finish
from northstar_tui.tui.screens.panels import attribution, statistics, totals
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bars import signed_bar
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.tui.widgets.tiles import one_line, tiles
from northstar_tui.views.base import where_text
from northstar_tui.views.filter import parse
from northstar_tui.views.node import EntriesPage, NodeView, Row, entries_page, node
from northstar_tui.views.series import SeriesView, series
from northstar_tui.views.unknown import unknown
from northstar_tui.views.words import record

WIDE = 108
"""Columns from which the attribution stands beside the rows."""
PANEL = 46
CURVE = 5
MOST = 1_000
"""Entries that the list of a longer period than a day shows in another order than time, the first ones."""
"""Lines below which a curve says nothing."""


@dataclass(frozen=True, slots=True)
class LedgerSnapshot:
    """Everything one ledger page shows, read at one moment."""

    view: NodeView
    curve: SeriesView | None
    """None where it could not be read."""
    shown: str
    """Which curve the panel shows."""
    page: EntriesPage | None
    """Under a day: the entries in sight."""
    end: tuple[int, int] | None = None
    """Under a day: the key just behind its last entry."""
    sort: str = BY_TIME
    columns: tuple[str, ...] = COLUMNS
    """Of the list of entries."""
    unknown: str = ""
    """Where nothing matches the filter: which names of it the store does not know."""
    most: int | None = None
    """How many entries the list has at most; None: all of them."""

    @property
    def many(self) -> int:
        """How many entries the list has."""
        return min(self.view.totals.entries, self.most or self.view.totals.entries)


def question(asking: Asking) -> Callable[[Store], LedgerSnapshot]:
    """Return the question of the node where we are."""
    nav, cursor, now = asking.nav, asking.cursor, asking.now
    basis, dimension = nav.basis, nav.dimension
    subject: Any = nav.here.subject
    listed = nav.here.screen == ENTRIES
    period, sort = subject if listed else (subject, nav.sort)

    def ask(store: Store) -> LedgerSnapshot:
        where = parse(nav.filter).where
        view = node(
            store, period, basis=basis, dimension=dimension, where=where, now=now, listed=listed, part=asking.part
        )
        curve = asking.part("The curve", lambda: series(store, period, basis=basis, where=where, now=now), None)
        page = end = None
        most = MOST if listed and not walked(where, sort) else None
        if view.child_level == "trade":
            page = _first_page(store, view, cursor, sort, most)
            end = beyond(store, period, basis=basis, sort=sort) if walked(where, sort) else None
        strange = unknown(store, where) if where and not view.totals.entries else ""
        return LedgerSnapshot(view, curve, nav.curve, page, end, sort, nav.columns or COLUMNS, strange, most)

    return ask


def _first_page(store: Store, view: NodeView, cursor: Cursor, sort: str, most: int | None) -> EntriesPage:
    """Return the page of the list that holds the row of `cursor`, wherever it is by now; else of its index."""
    period, basis, where = view.period, view.basis, view.where
    many = min(view.totals.entries, most or view.totals.entries)
    at = None
    if isinstance(cursor.key, int):
        at = position(store, period, cursor.key, basis=basis, where=where, sort=sort, most=most)
    first = max(0, min(cursor.top if at is None else at, many - 1)) // SIZE * SIZE
    count = min(SIZE, many - first)
    seek = nearer(first, count, many)
    return entries_page(store, period, first, count, basis=basis, where=where, sort=sort, most=most, seek=seek)


class LedgerPage(Page):
    """One node."""

    screen = LEDGER

    def __init__(self, snapshot: LedgerSnapshot, cursor: Cursor, calendar: Calendar) -> None:
        self.snapshot = snapshot
        self._calendar = calendar
        self._rows_at = 0
        self._drawn: tuple[tuple[int, int, Look], list[Line]] | None = None
        view = snapshot.view
        self._rows: RowsView[Row] | None = None
        self._entries: RowsView[Listed] | None = None
        self._apart: dict[int, str] = {}
        """By its id, what tells an entry from those that else look alike."""
        self.pages: Pages[Listed] = Pages(snapshot.many)
        self.pages.end = snapshot.end
        if snapshot.page is None:
            self._rows = RowsView(
                _node_columns(view), Pages.of(view.rows), _begun(cursor, view), lambda row: row.period
            )
        else:
            self.put(snapshot.page.first // SIZE, snapshot.page)
            columns = columns_of(view, calendar, snapshot.columns, snapshot.sort, self._apart)
            self._entries = RowsView(columns, self.pages, cursor, lambda entry: entry.id)

    @property
    def _view(self) -> RowsView[Row] | RowsView[Listed]:
        view = self._rows if self._rows is not None else self._entries
        assert view is not None
        return view

    def put(self, number: int, page: EntriesPage | None) -> None:
        """Take a page of entries; None where it could not be read."""
        if page is None:
            self.pages.failed(number)
            return
        ends = (self._place(page.entries[0]), self._place(page.entries[-1])) if page.entries else None
        self.pages.put(number, page.entries, ends)
        self._apart.update(page.apart)
        if self._entries is not None:
            self._entries.changed()

    def _place(self, entry: Listed) -> tuple[int, int]:
        at = entry.opened_at if self.snapshot.view.basis == "opened" else entry.closed_at
        assert at is not None, "the closed basis lists what is closed"
        return at, entry.id

    def page_question(self, number: int) -> Callable[[Store], EntriesPage]:
        """Return the question of one more page of the node's entries."""
        view, seek, rows = self.snapshot.view, self.pages.source(number), self.pages.rows_of(number)
        return lambda store: entries_page(
            store, view.period, number * SIZE, rows,
            basis=view.basis, where=view.where, sort=self.snapshot.sort, most=self.snapshot.most, seek=seek,
            renewed=False,
        )  # fmt: skip

    def need(self) -> list[int]:
        """Return the pages that what is in sight, and a page around it, still needs."""
        view = self._entries
        if view is None or not self.pages.count:
            return []
        return self.pages.need(view.top - SIZE // 4, view.top + view.height + SIZE // 4)

    # -- painting ----------------------------------------------------------------------------------------------------

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the totals, then rows, curve and attribution as the size allows."""
        view = self.snapshot.view
        head = self.panel("Totals", cells - 2, look, lambda: _totals(view, cells - 2, rows, look))
        top = finish(head, cells, len(head), look)
        self._rows_at = len(head)
        body = rows - len(head)
        if body < 3:
            return finish(head, cells, rows, look)
        if cells >= WIDE:
            left, right = cells - PANEL - 3, PANEL
            side = [
                Line().put(look.glyphs.wall + " ", look.faint).join(line).strip(right + 3, look.text)
                for line in self._side(right, body, look)
            ]
            return top + [Strip.join([a, b]) for a, b in zip(self._main(left, body, look), side, strict=True)]
        below = self._below(cells - 2, body, look)
        room = body - len(below)
        if room - self._view.pages.count - 1 < CURVE + 1:
            room = min(room, max(3, self._view.pages.count + 1))
        return top + self._main(cells, room, look) + finish(below, cells, body - room, look)

    def _main(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the table, and below it the curve where there is room."""
        count = self._view.pages.count
        if not count or (self.snapshot.view.where and not self.snapshot.view.totals.entries):
            return finish(_nothing(self.snapshot.view, self.snapshot.unknown, cells, look), cells, rows, look)
        table = min(rows, count + 1)
        curve = self.snapshot.curve
        if rows - table < CURVE + 1 or not self.snapshot.view.totals.entries:
            return self.rows_panel("Rows", self._view, cells, rows, look)
        high = min(rows - table - 1, 24)
        chart = self.panel("The curve", cells - 2, look, lambda: self._chart(curve, cells - 2, high, look))
        view = self.rows_panel("Rows", self._view, cells, table, look)
        return view + finish([Line(), *chart], cells, rows - table, look)

    def _chart(self, curve: SeriesView | None, cells: int, rows: int, look: Look) -> list[Line]:
        """Return the curve, drawn once for a size: moving the cursor changes nothing of it."""
        assert curve is not None, "a panel whose part could not be read is not drawn"
        if self._drawn is None or self._drawn[0] != (cells, rows, look):
            drawn = curve_panel(curve, self.snapshot.shown, cells, rows, look, self._calendar.epochs)
            self._drawn = (cells, rows, look), drawn
        return self._drawn[1]

    def _side(self, cells: int, rows: int, look: Look) -> list[Line]:
        view = self.snapshot.view
        figures = self.panel("Figures", cells, look, lambda: statistics(view, cells, look))
        room = rows - len(figures) - 3
        if room < 4:
            figures, room = [], rows - 1
        found = [rule(cells, f"By {view.dimension}", look.faint, look.strong, look.glyphs.rule)]
        found += self.panel("Attribution", cells, look, lambda: attribution(view, cells, max(1, room), look))
        if figures:
            found += [Line(), rule(cells, "Closed trades", look.faint, look.strong, look.glyphs.rule), *figures]
        return (found + [Line()] * rows)[:rows]

    def _below(self, cells: int, rows: int, look: Look) -> list[Line]:
        """Return the attribution for a narrow terminal: what the rows leave over, at most a third under entries."""
        view = self.snapshot.view
        spare = max(rows - self._view.pages.count - 1, rows // 3 if rows >= 12 else 0)
        room = min(spare - 2, len(view.slices))
        if room < 1:
            return []
        title = rule(cells, f"By {view.dimension}", look.faint, look.strong, look.glyphs.rule)
        return [
            Line(), title, *self.panel("Attribution", cells, look, lambda: attribution(view, cells, room, look))[:room]
        ]  # fmt: skip

    # -- the cursor --------------------------------------------------------------------------------------------------

    def move(self, action: str) -> bool:
        """Move among the rows."""
        return self._view.move(action)

    def wheel(self, steps: int) -> None:
        """Scroll the rows."""
        self._view.wheel(steps * WHEEL)

    def click(self, y: int) -> bool:
        """Select the row at line `y`; the rows begin below the totals."""
        return self._view.click(y - self._rows_at)

    def sorts(self) -> tuple[str, ...]:
        """Return the columns of the list of entries; rows of periods come by time."""
        return self.snapshot.columns if self._entries is not None else ()

    def hit(self, x: int, y: int) -> Opening | None:
        """Return the order that a click on a heading leads to."""
        at = self._entries.heading_at(x) if self._entries is not None and y == self._rows_at else None
        return None if at is None else Opening((), sort=turned_to(self.snapshot.columns[at], self.snapshot.sort))

    def cursor(self) -> Cursor:
        """Return the selected row."""
        return self._view.cursor()

    def opening(self) -> Opening | None:
        """Return the selected period, or entry."""
        if self._rows is not None:
            row = self._rows.selected
            return Opening(((LEDGER, row.period),)) if row else None
        entry = self._entries.selected if self._entries is not None else None
        return Opening(((ENTRY, entry.id),)) if entry else None

    def about(self) -> Listed | None:
        """Return the selected entry."""
        return self._entries.selected if self._entries is not None else None

    def why(self) -> Place | None:
        """Return why the selected period's net is what it is; an entry explains itself."""
        view = self.snapshot.view
        if self._rows is None:
            entry = self._entries.selected if self._entries is not None else None
            return (ENTRY, entry.id) if entry else None
        row = self._rows.selected
        return WHY, ("net", row.period if row else view.period, where_text(view.where))

    def command(self) -> list[str]:
        """Return the report, or the trades, of this node."""
        view = self.snapshot.view
        period = self._calendar.argument(view.period)
        if view.child_level == "trade":
            order = [] if self.snapshot.sort == BY_TIME else ["--sort", self.snapshot.sort]
            least = ["--limit", str(self.snapshot.most)] if self._cut else []
            return ["trades", period, *question_args(view), *order, *least]
        return ["report", period, "--level", view.child_level, *question_args(view)]

    def value(self) -> str:
        """Return the selected row's net, exact."""
        if self._rows is not None:
            row = self._rows.selected
            return decimal_text(row.measures.net) if row else decimal_text(self.snapshot.view.totals.net)
        entry = self._entries.selected if self._entries is not None else None
        return decimal_text(entry.net) if entry else decimal_text(self.snapshot.view.totals.net)

    def note(self) -> str:
        """Return the selected row's place among all."""
        count, sort = self._view.pages.count, self.snapshot.sort
        name = f"{sort.removeprefix('-')} {FALLS if sort.startswith('-') else RISES} · "
        order = name if self._entries is not None and sort != BY_TIME else ""
        among = f"the first {count:,} of {self.snapshot.view.totals.entries:,}" if self._cut else f"{count:,}"
        return f"{order}{self._view.index + 1:,} of {among}" if count else ""

    @property
    def _cut(self) -> bool:
        """Whether the list shows its first entries alone."""
        return self._entries is not None and self.pages.count < self.snapshot.view.totals.entries


def _begun(cursor: Cursor, view: NodeView) -> Cursor:
    """Return where to begin where nobody has been yet: at the newest period in which something was booked."""
    if cursor.key is not None or cursor.line is not None:
        return cursor
    booked = (at for at, row in enumerate(view.rows) if row.measures.entries)
    return replace(cursor, index=max(booked, default=len(view.rows) - 1))


def _totals(view: NodeView, cells: int, rows: int, look: Look) -> list[Line]:
    """Return the totals above the rows."""
    items = totals(view, look)
    return [Line(), *tiles(items, cells, look), Line()] if rows >= 16 else [one_line(items, cells, look)]


def _nothing(view: NodeView, unknown: str, cells: int, look: Look) -> list[Line]:
    what = "matches the filter" if view.where else "was booked"
    when = "" if view.period.level == "all" else f" {_preposition(view.period.level)} {safe(view.label)}"
    lines = [Line(), Line().put(f"  Nothing {what}{when}.", look.strong)]
    strange = wrap(unknown[:1].upper() + unknown[1:], max(8, cells - 4))
    lines += [Line().put(f"  {part}", look.warn) for part in strange if part]
    keys = f"{key_of('previous')} {key_of('next')} other periods   {key_of('back')} back"
    keys += f"   {key_of('filter')} change the filter, {key_of('clear')} clear it" if view.where else ""
    return [*lines, Line().put("  " + keys, look.dim)]


def _preposition(level: str) -> str:
    """Return how people say when: *on* Monday (13:00), *in* May."""
    return "on" if level in ("hour", "day") else "in"


def _node_columns(view: NodeView) -> list[Column[Row]]:
    most = max((row.measures.net for row in view.rows), default=0)
    least = min((row.measures.net for row in view.rows), default=0)

    def bar(row: Row, cells: int, look: Look) -> Line:
        return signed_bar(row.measures.net, max(most, 0), min(least, 0), cells, look)

    return [
        Column(view.child_level.capitalize(), lambda row: row.label),
        money_column("Net", lambda row: row.measures.net),
        Column("", lambda _: "", flex=True, least=6, most=40, rank=1, draw=bar),
        Column("W–L", lambda row: record(row.measures), right=True, rank=2),
        plain_column("Entries", lambda row: f"{row.measures.entries:,}", 3),
        plain_column("Stake", lambda row: amount_text(row.measures.stake), 4),
        plain_column("Fees", lambda row: amount_text(row.measures.fees), 5),
    ]
