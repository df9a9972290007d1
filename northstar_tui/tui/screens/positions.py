"""Positions: what is held, at which marks, when its money comes back, how events can end, and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from rich.style import Style
from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.positions import Key
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import TEXT, Term
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import ENTRY, EVENT, POSITION, POSITIONS, UNREALISED, key_of
from northstar_tui.tui.defects import Defect
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, fit, rule, width, wrap
from northstar_tui.tui.screens.cells import signed
from northstar_tui.tui.screens.page import Asking, Opening, RowsPage, finish
from northstar_tui.tui.screens.position_columns import (
    TITLE,
    difference_columns,
    group_columns,
    label,
    position_columns,
    titled,
    waiting_columns,
)
from northstar_tui.tui.screens.states import severity
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, RowsView, fit_columns, natural, row_line
from northstar_tui.tui.widgets.tiles import Tile, one_line, tiles
from northstar_tui.views.base import where_text
from northstar_tui.views.holdings import PositionRow
from northstar_tui.views.position_words import (
    Doubt,
    doubts_summary,
    doubts_words,
    excluded_words,
    held_words,
    locked_words,
    waiting_words,
)
from northstar_tui.views.positions import (
    DIFFERENCES,
    WAITING,
    Difference,
    Group,
    PositionsView,
    Waiting,
    asked,
    positions,
)
from northstar_tui.views.words import NONE

SECTIONS = ("positions", "events", "not settled", "differences")
"""What the table shows, one after the other."""
SHORT = 72
"""Columns below which a total's label is but its name."""
FEW = 5
"""Lines up to which the table has all of them."""
ROOMY, TWO_LINES = 30, 18
"""Lines from which on there is air between the parts, and from which on totals have labels above them."""


class Shown(NamedTuple):
    """What of the positions a place shows."""

    at: int | None = None
    """A past moment, microseconds UTC; None for now."""
    search: str = ""
    """The filter, as it was typed."""
    fifo: bool = False


class Held(NamedTuple):
    """One holding, as a place shows it."""

    key: Key
    name: str
    at: int | None = None
    fifo: bool = False


def shown(subject: object) -> Shown:
    """Return what a place of the positions shows."""
    return subject if isinstance(subject, Shown) else Shown()


def place_words(screen: str, subject: object, calendar: Calendar) -> str:
    """Return what a place among the positions is called on the path."""
    if isinstance(subject, Held):
        return "why unrealised" if screen == UNREALISED else subject.name
    then = moment_words(shown(subject).at, calendar)
    return f"Positions on {then}" if then else "Positions"


def file_words(subject: object, calendar: Calendar) -> list[str]:
    """Return what names a file of a place among the positions: what is shown, and the day where that is past."""
    at, what = (subject.at, subject.name) if isinstance(subject, Held) else (shown(subject).at, shown(subject).search)
    return [word for word in (what, "" if at is None else f"{calendar.date_of(at)}") if word]


def moment_words(at: int | None, calendar: Calendar) -> str:
    """Return the moment that is shown, in words: ``18 Mar 2026``, the evening of a day; empty for now."""
    if at is None:
        return ""
    evening = calendar.bucket("day", at) != calendar.bucket("day", at + 1)
    return f"{calendar.local(at):{'%d %b %Y' if evening else '%d %b %Y %H:%M'}}"


def moment_args(at: int | None, calendar: Calendar) -> list[str]:
    """Return the moment as the command line takes it."""
    if at is None:
        return []
    evening = calendar.bucket("day", at) != calendar.bucket("day", at + 1)
    return ["--at", f"{calendar.local(at):%Y-%m-%d}" if evening else calendar.local(at).isoformat()]


def question(asking: Asking) -> Callable[[Store], PositionsView]:
    """Return the question of what is held, or was."""
    asks = shown(asking.nav.here.subject)

    def ask(store: Store) -> PositionsView:
        where, search = asked(asks.search)
        return positions(store, asking.now, asks.at, where=where, search=search, fifo=asks.fifo, part=asking.part)

    return ask


class PositionsPage(RowsPage[Any]):
    """All that is held."""

    screen = POSITIONS

    def __init__(self, view: PositionsView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        self._rows_at = 0
        self._then = view.now if view.at is None else view.at
        tables: dict[str, tuple[Sequence[Column[Any]], Sequence[Any]]] = {
            "positions": (position_columns(view, calendar), view.rows),
            "events": (group_columns(), view.groups),
            "not settled": (waiting_columns(calendar), view.waiting),
            "differences": (difference_columns(calendar), view.differences),
        }
        self._tables = {
            name: _table(name, columns, rows, cursor)
            for name, (columns, rows) in tables.items()
            if rows or name == SECTIONS[0]
        }
        section = section_of(cursor)
        self._show(section if section in self._tables else SECTIONS[0])

    def _show(self, section: str) -> None:
        self._section, self._rows = section, self._tables[section]

    @property
    def _filter(self) -> str:
        """The filter in the words of the command line."""
        words = (Term(TEXT, (word,)) for word in self.view.search.split())
        return where_text((*self.view.where, *words))

    # -- painting ----------------------------------------------------------------------------------------------------

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return totals, what is locked, what is doubtful, and the table; events below it where there is room."""
        room = cells - 2
        head = self._head(room, rows, look)[: max(1, rows - 3)]
        self._rows_at = len(head)
        top = finish(head, cells, min(len(head), rows), look)
        body = rows - len(top)
        count = self._rows.pages.count
        if not count:
            return top + finish(self._nothing(room, look), cells, body, look)
        below = []
        if self._section == SECTIONS[0]:
            below = self.panel("How events can end", room, look, lambda: self._below(room, look))
        told = int(self._section == SECTIONS[0] and self._fitted(cells) and body > FEW)
        table = min(body - told, count + 1)
        if body - told - table < len(below):
            below, table = [], body - told
        painted = self.rows_panel("Rows", self._rows, cells, table, look)
        unseen = self.panel("The selected row", room, look, lambda: [self._unseen(room, look)]) if told else []
        return top + painted + finish([*unseen, *below], cells, body - table, look)

    def _fitted(self, cells: int) -> bool:
        """Choose the positions' columns for `cells`; return whether they are too few for all that there is to say."""
        rows = self._rows
        rows.columns = titled(rows.columns)
        shown = any(rows.columns[at].title == TITLE for at, _ in rows.sizes(cells))
        if not shown or self.view.fifo:  # there cost is what one looks at
            rows.columns = titled(rows.columns, last=False)
        return rows.crowded(cells)

    def _unseen(self, cells: int, look: Look) -> Line:
        """Return what the selected row says that has no room in its columns: its title first."""
        line = Line().put(" " * 5, look.text)
        for title, text in self._rows.unseen():
            if text not in ("", NONE):
                line.put(label(title, text), look.dim).put(text + "   ", look.text)
        return line.within(cells, look.glyphs.ellipsis, look.dim)

    def _head(self, cells: int, rows: int, look: Look) -> list[Line]:
        """Return what stands above the table; each part of it breaks for itself."""
        view, air = self.view, [Line()] if rows >= ROOMY else []
        many = 2 if rows >= TWO_LINES else 1
        found = self.panel("Totals", cells, look, lambda: self._totals(cells, look, many))
        if view.locked:
            found += [*air, *self.panel("What is locked", cells, look, lambda: _strip(view, cells, look, many))]
        found += self.panel("Doubts", cells, look, lambda: self._doubts(cells, look, 3 if air else 1))
        found += self.parts_unread([WAITING, DIFFERENCES], cells, look)
        found = [*air, *found, *air]
        if len(self._tables) > 1:
            found += self.panel("The heading", cells, look, lambda: [self._heading(cells, look)])
        return found

    def _totals(self, cells: int, look: Look, many: int) -> list[Line]:
        items, excluded = totals(self.view, look, short=cells < SHORT), excluded_words(self.view)
        found = tiles(items, cells, look) if many > 1 else [one_line(items, cells, look, bare=False)]
        return [*found, _clip(excluded, cells, look, look.warn)] if excluded else found

    def _doubts(self, cells: int, look: Look, most: int) -> list[Line]:
        doubts = doubts_words(self.view, self._calendar)
        if len(doubts) > most:
            doubts = [Doubt(doubts_summary(self.view), any(doubt.severe for doubt in doubts))]
        marked = [(*severity(look, severe=doubt.severe), doubt.text) for doubt in doubts]
        return [_clip(f"{glyph} {text}", cells, look, style) for glyph, style, text in marked]

    def _heading(self, cells: int, look: Look) -> Line:
        """Return what the table shows, and what else it can show."""
        title = f"{self._section.capitalize()} {self._rows.pages.count}"
        others = [f"{name} {table.pages.count}" for name, table in self._tables.items() if name != self._section]
        return rule(
            cells, f"{title}   {key_of('section')} {', '.join(others)}", look.faint, look.strong, look.glyphs.rule
        )

    def _below(self, cells: int, look: Look) -> list[Line]:
        """Return the events that are held in several markets."""
        if not self.view.groups:
            return []
        columns = group_columns()
        broken: list[Defect] = []
        sizes = fit_columns(columns, natural(columns, self.view.groups), cells - 2)
        rows = [row_line(row, columns, sizes, look, broken) for row in (None, *self.view.groups)]
        title = rule(cells, "How events can end, beyond their cost", look.faint, look.strong, look.glyphs.rule)
        told = self.cells_broken(broken, cells, look)
        return [Line(), title, *(Line().put("  ", look.text).join(row) for row in rows), *told]

    def _nothing(self, cells: int, look: Look) -> list[Line]:
        view = self.view
        if view.search or view.where:
            lead, keys = "No position matches the filter.", f"{key_of('filter')} changes it"
        elif view.at is not None:
            lead = f"Nothing was held on {moment_words(view.at, self._calendar)}."
            keys = f"{key_of('earlier')} {key_of('later')} other days   {key_of('now')} now"
        else:
            lead, keys = "Nothing is held.", ""
        lines = [Line(), Line().put(f"  {lead}", look.strong)]
        strange = view.unknown[:1].upper() + view.unknown[1:]
        lines += [Line().put(f"  {part}", look.warn) for part in wrap(strange, max(8, cells - 4)) if part]
        if keys:
            return [*lines, Line().put(f"  {keys}", look.dim)]
        about = (
            "Positions come from fills, which Kalshi and Hyperliquid state by their API, and from open bets. An export "
            "states closed trades alone. northstar init shows how a source is set up."
        )
        return [*lines, *(Line().put(f"  {part}", look.dim) for part in wrap(about, max(8, cells - 4)))]

    # -- the cursor --------------------------------------------------------------------------------------------------

    def move(self, action: str) -> bool:
        """Move among the rows, or show the next table."""
        if action != "section":
            return super().move(action)
        names = list(self._tables)
        self._show(names[(names.index(self._section) + 1) % len(names)])
        return True

    def opening(self) -> Opening | None:
        """Return the selected position, a bet's entry, the market of an event, or what the venue reported."""
        row = self._rows.selected
        if isinstance(row, Group):
            words = f"{self._filter} {row.name}".strip()
            return Opening(((POSITIONS, Shown(self.view.at, words, self.view.fifo)),), whole=True)
        if isinstance(row, Difference):
            return Opening(((EVENT, row.event),)) if row.event is not None else None
        if isinstance(row, Waiting):
            return Opening(((POSITION, Held(row.holding, safe(row.instrument), self.view.at, self.view.fifo)),))
        place = self._place(row, POSITION)
        return Opening((place,)) if place else None

    def why(self) -> Place | None:
        """Return why the selected position's unrealised gain is what it is; a bet's entry explains itself."""
        row = self._rows.selected
        return self._place(row, UNREALISED) if isinstance(row, PositionRow) else None

    def _place(self, row: PositionRow | None, screen: str) -> Place | None:
        if row is None:
            return None
        if row.entry is not None:
            return ENTRY, row.entry
        return screen, Held(row.holding, safe(row.instrument), self.view.at, self.view.fifo)

    def value(self) -> str:
        """Return what the selected row is about: unrealised, else locked, exact."""
        row = self._rows.selected
        if isinstance(row, PositionRow):
            amount = row.locked if row.unrealised is None else row.unrealised
            return row.instrument if amount is None else decimal_text(amount)
        if isinstance(row, Group):
            return decimal_text(row.worst)
        if isinstance(row, Waiting):
            return decimal_text(row.net)
        if isinstance(row, Difference):
            return row.instrument
        return decimal_text(self.view.totals.unrealised)

    def command(self) -> list[str]:
        """Return the verb that prints this."""
        view = self.view
        args = ["positions", *moment_args(view.at, self._calendar), *(["--fifo"] if view.fifo else [])]
        return [*args, *(["--where", self._filter] if self._filter else [])]

    def note(self) -> str:
        """Return the filter, and the selected row's place among all."""
        count = self._rows.pages.count
        notes = [f"/{self._filter}" if self._filter else "", "first in, first out" if self.view.fifo else ""]
        return " · ".join([*(n for n in notes if n), f"{self._rows.index + 1:,} of {count:,}" if count else "none"])


def section_of(cursor: Cursor) -> str:
    """Return the table that a cursor is in."""
    return str(cursor.key[0]) if isinstance(cursor.key, tuple) else ""


def _table(name: str, columns: Sequence[Column[Any]], rows: Sequence[Any], cursor: Cursor) -> RowsView[Any]:
    mine = cursor if section_of(cursor) == name else Cursor()
    return RowsView(columns, Pages.of(rows), mine, lambda row: (name, _key(row)))


def _key(row: object) -> Hashable:
    if isinstance(row, PositionRow):
        return row.key
    if isinstance(row, Group):
        return row.name
    if isinstance(row, Waiting):
        return row.holding, row.cycle
    return (row.account, row.instrument) if isinstance(row, Difference) else None


# -- the parts ---------------------------------------------------------------------------------------------------------


def totals(view: PositionsView, look: Look, *, short: bool = False) -> list[Tile]:
    """Return the sums. None of them is in net P&L, which the title line shows; `short` of words where they must be."""
    sums = view.totals
    marked = sums.positions > sums.excluded
    unrealised = signed(sums.unrealised, look) if marked else NONE
    held = Tile("Held", held_words(sums), look.text)
    found = [
        Tile(
            "Unrealised" if short else "Unrealised, not in net",
            unrealised,
            look.money(sums.unrealised) if marked else look.dim,
        ),
        Tile("Locked" + (f", {sums.unlocked} not known" if sums.unlocked else ""), dollars(sums.locked), look.strong),
    ]
    if sums.markets:
        label = f"Realised in {waiting_words(sums)}, after fees"
        found.append(Tile(label, signed(sums.waiting, look), look.money(sums.waiting)))
    return [*found, held]


def _strip(view: PositionsView, cells: int, look: Look, most: int) -> list[Line]:
    """Return what is locked by when it settles, in at most `most` lines; what does not fit is not shown."""
    lines = [Line().put("Comes back  ", look.dim)]
    for place, each in enumerate(view.locked):
        style = look.warn if each.when == "overdue" else look.text
        line = lines[-1]
        size = width(each.when) + 1 + width(locked_words(each)) + (3 if place else 0)
        if line.cells + size > cells:
            if len(lines) == most:
                break
            line = Line().put(" " * 12, look.dim)
            lines.append(line)
        elif place:
            line.put("   ", look.text)
        line.put(each.when + " ", look.dim).put(locked_words(each), style)
    return lines


def _clip(text: str, cells: int, look: Look, style: Style) -> Line:
    return Line().put(fit(text, min(width(text), cells), ellipsis=look.glyphs.ellipsis), style)
