"""One position: how it stands, its cycles from flat to flat, its fills; and why its unrealised gain is what it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import EVENT, POSITION, UNREALISED, key_of
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, fit, rule, width
from northstar_tui.tui.screens.cells import amount_text, money_column, plain_column, pointed, signed
from northstar_tui.tui.screens.page import Asking, Opening, RowsPage, finish
from northstar_tui.tui.screens.position_columns import ahead
from northstar_tui.tui.screens.positions import Held, moment_args, moment_words, section_of
from northstar_tui.tui.screens.states import severity
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.tui.widgets.tiles import Tile, lines_of
from northstar_tui.views.position import Cycle, PositionView, Step, position
from northstar_tui.views.position_words import after_words, formula_words, mark_words, reported_words
from northstar_tui.views.words import NONE, counted, is_severe, price_words, quantity_words

SECTIONS = ("fills", "cycles")


def question(asking: Asking) -> Callable[[Store], PositionView]:
    """Return the question of the holding where we are."""
    asks: Held = asking.nav.here.subject  # type: ignore[assignment]
    return lambda store: position(store, asking.now, asks.key, asks.at, fifo=asks.fifo)


class HoldingPage(RowsPage[Any]):
    """What the two pages of a holding share: lines about it, and rows under them."""

    def __init__(self, view: PositionView, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        self._then = view.now if view.at is None else view.at

    def head(self, cells: int, rows: int, look: Look) -> list[Line]:
        """Return what stands above the rows; each part of it breaks for itself."""
        raise NotImplementedError

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return what stands above the rows, and the rows; those keep a third of the lines."""
        room = cells - 2
        found = [Line()] if rows >= 24 else []
        found += self.head(room, rows, look)
        found = found[: max(1, rows - max(3, min(rows // 3, self._rows.pages.count + 1)))]
        self._rows_at = len(found)
        top = finish(found, cells, min(len(found), rows), look)
        left = rows - len(top)
        return top + self.rows_panel("Rows", self._rows, cells, left, look)

    def title(self, cells: int, look: Look) -> Line:
        """Return the instrument, what it is about, and when it is shown."""
        view = self.view
        line = Line().put(fit(safe(view.instrument), min(width(safe(view.instrument)), cells)), look.strong)
        then = moment_words(view.at, self._calendar)
        for text in (safe(view.title), safe(view.account), f"on {then}" if then else ""):
            if text and line.cells + width(text) + 2 <= cells:
                line.put("  " + text, look.dim)
        return line

    def doubts(self, cells: int, look: Look) -> list[Line]:
        """Return what is doubtful about the position."""
        return self.panel("Doubts", cells, look, lambda: self._doubts(cells, look))

    def _doubts(self, cells: int, look: Look) -> list[Line]:
        row = self.view.row
        found = []
        if row is not None and row.overdue:
            found.append(("overdue", f"{row.overdue}, and it is still open"))
        if row is not None and row.reported is not None:
            found.append(("differs", reported_words(row)))
        if not self.view.proved:
            found.append(("broken", "the fills do not make what is stored: run northstar verify"))
        marked = [(*severity(look, severe=is_severe(kind)), text) for kind, text in found]
        return [clip(f"{glyph} {text}", cells, look, style) for glyph, style, text in marked]

    def command(self) -> list[str]:
        """Return the verb that prints this."""
        view = self.view
        fifo = ["--fifo"] if view.fifo else []
        return ["positions", view.instrument, "--account", view.account, *moment_args(view.at, self._calendar), *fifo]

    def value(self) -> str:
        """Return what is unrealised, exact; the quantity where that is not known."""
        row = self.view.row
        if row is None:
            return "0"
        return row.quantity if row.unrealised is None else decimal_text(row.unrealised)

    def note(self) -> str:
        """Return the selected row's place among all."""
        count = self._rows.pages.count
        return f"{self._rows.index + 1:,} of {count:,}" if count else ""


class PositionPage(HoldingPage):
    """Everything there ever was of a holding."""

    screen = POSITION

    def __init__(self, view: PositionView, cursor: Cursor, calendar: Calendar) -> None:
        super().__init__(view, calendar)
        self._tables: dict[str, RowsView[Any]] = {
            "fills": _table("fills", step_columns(view, calendar), view.steps, cursor, lambda step: step.event),
            "cycles": _table("cycles", _cycle_columns(calendar), view.cycles, cursor, lambda cycle: cycle.number),
        }
        self._section = section_of(cursor) or SECTIONS[0]
        self._rows = self._tables[self._section]

    def head(self, cells: int, rows: int, look: Look) -> list[Line]:
        """Return the position in figures, and which rows follow."""
        roomy = rows >= 18
        found = self.panel("The title", cells, look, lambda: [self.title(cells, look)])
        found += self.panel("Totals", cells, look, lambda: self._totals(cells, look, roomy=roomy))
        found += self.doubts(cells, look)
        if roomy:
            found.append(Line())
        return found + self.panel("The heading", cells, look, lambda: [self._heading(cells, look)])

    def _totals(self, cells: int, look: Look, *, roomy: bool) -> list[Line]:
        items = _tiles(self.view, self._then, self._calendar, look)
        found = [*([Line()] if roomy else []), *lines_of(items, cells, look, roomy=roomy)]
        row = self.view.row
        if row is not None and row.unrealised is None:
            found.append(clip(f"unrealised {NONE}: {row.why}", cells, look, look.warn))
        return found

    def _heading(self, cells: int, look: Look) -> Line:
        """Return which rows follow, and which others there are."""
        cycles = counted(len(self.view.cycles), "cycle from flat to flat", "cycles from flat to flat")
        named = {"fills": counted(self.view.fills, "fill", "fills"), "cycles": cycles}
        other = SECTIONS[1 - SECTIONS.index(self._section)]
        text = f"{named[self._section].capitalize()}   {key_of('section')} {named[other]}"
        return rule(cells, text, look.faint, look.strong, look.glyphs.rule)

    def move(self, action: str) -> bool:
        """Move among the rows, or show the other ones."""
        if action != "section":
            return super().move(action)
        self._section = SECTIONS[1 - SECTIONS.index(self._section)]
        self._rows = self._tables[self._section]
        return True

    def opening(self) -> Opening | None:
        """Return the selected fill's event; of a cycle the first of its fills, in the table of those."""
        row = self._rows.selected
        if isinstance(row, Step):
            return Opening(((EVENT, row.event),))
        if isinstance(row, Cycle):
            last = next((step for step in self.view.steps if step.cycle == row.number), None)
            return Opening(((EVENT, last.event),)) if last else None
        return None

    def why(self) -> Place | None:
        """Return why the unrealised gain is what it is."""
        if self.view.row is None:
            return None
        return UNREALISED, Held(self.view.key, safe(self.view.instrument), self.view.at, self.view.fifo)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that the unrealised gain follows from: the quote of its mark, or a fill of the open cycle."""

    at: int | None
    what: str
    quantity: str
    price: str | None
    event: int
    step: Step | None


class UnrealisedPage(HoldingPage):
    """The unrealised gain, explained: formula, numbers, mark, and the fills that make the cost."""

    screen = UNREALISED

    def __init__(self, view: PositionView, cursor: Cursor, calendar: Calendar) -> None:
        super().__init__(view, calendar)
        row = view.row
        found: list[Evidence] = []
        if row is not None and row.quoted is not None:
            found.append(Evidence(row.marked_at, "mark", "", row.quoted_price, row.quoted, None))
        if row is not None:
            mine = (step for step in view.steps if step.cycle == row.cycle or step.at == row.opened_at)
            found += (Evidence(s.at, s.what, s.quantity, s.price, s.event, s) for s in mine)
        columns = _evidence_columns(view, calendar, found)
        self._rows = RowsView(columns, Pages.of(found), cursor, lambda each: each.event)

    def head(self, cells: int, rows: int, look: Look) -> list[Line]:
        """Return the explanation."""
        found = self.panel("Explanation", cells, look, lambda: self._explained(cells, look))
        found += self.doubts(cells, look) if self.view.proved and self.view.row is not None else []
        if rows >= 18:
            found = [Line(), *found, Line()]
        return [*found, rule(cells, "What it follows from", look.faint, look.strong, look.glyphs.rule)]

    def _explained(self, cells: int, look: Look) -> list[Line]:
        view, row = self.view, self.view.row
        if row is None:
            return [self.title(cells, look), Line().put("Nothing is held: nothing is unrealised.", look.dim)]
        value = NONE if row.unrealised is None else signed(row.unrealised, look)
        first = Line().put("Unrealised  ", look.strong).put(value, look.money(row.unrealised))
        formula = formula_words(row)
        if formula is None:
            found = [first.put(f"  {row.why}", look.warn)]
        else:
            found = [first.put("  before fees, not in net P&L", look.dim)]
            found += [clip(f"= {formula[0]}", cells, look, look.dim), clip(f"= {formula[1]}", cells, look, look.text)]
        cost = NONE if row.cost is None else dollars(row.cost)
        kept = "first in, first out" if view.fifo else "average"
        facts = [
            ("held", f"{quantity_words(row.quantity)} {row.side}, {safe(view.instrument)}"),
            ("cost", f"{cost}, {kept} {price_words(row.average)} each"),
            ("mark", mark_words(row, self._then) or f"{NONE} {row.why}"),
            ("fees", f"{amount_text(row.fees)} in this cycle so far"),
        ]
        found += [
            Line().put(fit(name, 6), look.dim).join(clip(text, cells - 6, look, look.text)) for name, text in facts
        ]
        return [*found, self._proof(cells, look)]

    def _proof(self, cells: int, look: Look) -> Line:
        row = self.view.row
        assert row is not None
        many = counted(row.fills, "fill", "fills")
        if row.average is None:
            return clip(f"{look.glyphs.failing} {row.why}: {many} do not make a cost", cells, look, look.warn)
        if self.view.proved:
            text = f"{look.glyphs.check} read one by one, the fills give this very cost, to the last digit: {many}"
            return clip(text, cells, look, look.gain)
        return clip(f"{look.glyphs.failing} the fills do not make it: run northstar verify", cells, look, look.loss)

    def opening(self) -> Opening | None:
        """Return the event of the selected fill, or of the quote."""
        row = self._rows.selected
        return Opening(((EVENT, row.event),)) if row else None


# -- the parts ---------------------------------------------------------------------------------------------------------


def clip(text: str, cells: int, look: Look, style: Any) -> Line:
    """Return `text` on a line, cut where it is longer."""
    return Line().put(fit(text, min(width(text), max(0, cells)), ellipsis=look.glyphs.ellipsis), style)


def _table(
    name: str, columns: Sequence[Column[Any]], rows: Sequence[Any], cursor: Cursor, key: Callable[[Any], Hashable]
) -> RowsView[Any]:
    mine = cursor if section_of(cursor) == name else Cursor()
    return RowsView(columns, Pages.of(rows), mine, lambda row: (name, key(row)))


def _tiles(view: PositionView, then: int, calendar: Calendar, look: Look) -> list[Tile]:
    row = view.row
    if row is None:
        realised = [cycle.net for cycle in view.cycles if cycle.net is not None]
        total = sum(realised)
        return [
            Tile("Held", "flat", look.strong),
            Tile("Realised, after fees", signed(total, look) if realised else NONE, look.money(total)),
        ]
    found = [
        Tile("Held", f"{quantity_words(row.quantity)} {row.side}", look.strong),
        Tile(
            "Unrealised", NONE if row.unrealised is None else signed(row.unrealised, look), look.money(row.unrealised)
        ),
        Tile(
            "FIFO cost" if view.fifo else "Avg cost",
            "?" if row.average is None else price_words(row.average),
            look.text,
        ),
        Tile("Mark", price_words(row.mark), look.text),
        Tile("Locked", amount_text(row.locked), look.text),
        Tile(
            "Realised, before fees",
            NONE if row.realised is None else signed(row.realised, look),
            look.money(row.realised),
        ),
        Tile("Fees", amount_text(row.fees), look.dim),
    ]
    if row.expected_at is not None:
        found.insert(
            4, Tile("Settles", ahead(row.expected_at, then, calendar), look.warn if row.overdue else look.text)
        )
    return found


def step_columns(view: PositionView, calendar: Calendar) -> list[Column[Step]]:
    """Return the columns of fills."""
    return [
        Column("When", lambda s: f"{calendar.local(s.at):%d %b %H:%M:%S}", lambda _, look: look.dim),
        Column("", lambda s: s.what, lambda _, look: look.accent),
        Column("Qty", pointed(lambda s: quantity_words(s.quantity), view.steps), lambda _, look: look.text, right=True),
        Column("YES price" if view.pays else "Price", pointed(lambda s: price_words(s.price), view.steps), right=True),
        money_column("Realised", lambda s: s.realised),
        Column("Then held", lambda s: after_words(s.after, s.side), lambda _, look: look.text, right=True, rank=1),
        Column("Avg cost", pointed(lambda s: price_words(s.average) if s.average else "", view.steps),
               lambda _, look: look.dim, right=True, rank=3),
        plain_column("Fees", lambda s: amount_text(s.fees), 2),
        plain_column("Cycle", lambda s: f"{s.cycle}", 4),
    ]  # fmt: skip


def _cycle_columns(calendar: Calendar) -> list[Column[Cycle]]:
    def moment(at: int | None) -> str:
        return "open" if at is None else f"{calendar.local(at):%d %b %Y %H:%M}"

    return [
        Column("#", lambda c: f"{c.number}", lambda _, look: look.dim, right=True),
        Column("Side", lambda c: c.side or NONE),
        Column("Opened", lambda c: moment(c.opened_at), lambda _, look: look.dim),
        Column("Closed", lambda c: moment(c.closed_at), lambda _, look: look.dim, rank=1),
        money_column("Net", lambda c: c.net),
        plain_column("Realised", lambda c: NONE if c.gross is None else dollars(c.gross, plus=True), 3),
        plain_column("Fees", lambda c: amount_text(c.fees), 2),
        plain_column("Fills", lambda c: f"{c.fills:,}", 4),
        Column("", lambda c: c.broken, lambda _, look: look.warn, rank=5, most=30),
    ]


def _evidence_columns(
    view: PositionView, calendar: Calendar, rows: Sequence[Evidence]
) -> list[Column[Evidence]]:  # fmt: skip
    def of(get: Callable[[Step], str]) -> Callable[[Evidence], str]:
        return lambda e: "" if e.step is None else get(e.step)

    return [
        Column("When", lambda e: NONE if e.at is None else f"{calendar.local(e.at):%d %b %H:%M:%S}",
               lambda _, look: look.dim),
        Column("", lambda e: e.what, lambda _, look: look.accent),
        Column("Qty", pointed(lambda e: quantity_words(e.quantity) if e.quantity else "", rows), right=True),
        Column("YES price" if view.pays else "Price", pointed(lambda e: price_words(e.price), rows), right=True),
        Column("Then held", of(lambda s: after_words(s.after, s.side)), right=True, rank=1),
        Column("Avg cost", pointed(of(lambda s: price_words(s.average) if s.average else ""), rows),
               lambda _, look: look.dim, right=True, rank=2),
        plain_column("Fees", of(lambda s: amount_text(s.fees)), 3),
    ]  # fmt: skip
