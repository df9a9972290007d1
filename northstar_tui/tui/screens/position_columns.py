"""The columns of the positions' tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from northstar_tui.calendar import Calendar
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.screens.cells import age, amount_text, money_column, plain_column, pointed
from northstar_tui.tui.screens.states import severity
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column
from northstar_tui.views.holdings import NOTHING, PositionRow
from northstar_tui.views.position_words import exclusive_words, held_quantity, price_paid, sided_words
from northstar_tui.views.positions import Difference, Group, PositionsView, Waiting
from northstar_tui.views.words import NONE, is_severe, price_words

TITLE, AGE = "What", "Age"
"""The columns that say what a market is about, and how old its mark is or why there is none."""
_DAY = 86_400_000_000


def position_columns(view: PositionsView, calendar: Calendar) -> list[Column[PositionRow]]:
    """Return the columns of what is held."""
    then = view.now if view.at is None else view.at

    # A bet's side is a name: it takes what is left over, up to what the longest one needs.
    side = min(24, max((width(row.side) for row in view.rows), default=0))
    side = max(side, width("Side"))

    def named(row: PositionRow) -> str:
        return safe(row.title or row.instrument) if row.entry is not None else safe(row.instrument)

    def about(row: PositionRow) -> str:
        return safe(row.instrument if row.entry is not None else row.title)

    def settles(row: PositionRow) -> str:
        if row.overdue:
            return "overdue"
        return NONE if row.expected_at is None else ahead(row.expected_at, then, calendar)

    def late(row: PositionRow, look: Look) -> Style:
        return look.warn if row.overdue else look.dim

    return [
        Column("", lambda _: "x", draw=_flag),
        Column("Market", named, lambda _, look: look.strong, least=12, most=30),
        Column(TITLE, about, lambda _, look: look.dim, flex=True, least=24, most=44, rank=5),
        Column("Side", lambda row: safe(row.side), lambda _, look: look.text, flex=True, least=min(7, side), most=side),
        Column("Qty", pointed(held_quantity, view.rows), lambda _, look: look.text, right=True, rank=1),
        Column("FIFO cost" if view.fifo else "Avg cost", pointed(price_paid, view.rows), lambda _, look: look.dim,
               right=True, rank=6),
        Column("Mark", pointed(lambda row: price_words(row.mark), view.rows), _marked, right=True, rank=2),
        Column(AGE, lambda row: _age(row, then), lambda _, look: look.dim, right=True, rank=8, most=13),
        money_column("Unrealised", lambda row: row.unrealised),
        plain_column("Locked", lambda row: amount_text(row.locked), 7),
        Column("Settles", settles, late, rank=3),
        Column("Category", lambda row: safe(row.category), lambda _, look: look.dim, rank=9, most=14),
        Column("Book", lambda row: safe(row.book), lambda _, look: look.dim, rank=10, most=12),
        Column("Account", lambda row: safe(row.account), lambda _, look: look.dim, rank=11, most=16),
    ]  # fmt: skip


def ahead(at: int, then: int, calendar: Calendar) -> str:
    """Return a time to come as short as its distance allows: ``22:00``, ``Sun 07:00``, ``07 Dec``."""
    local = calendar.local(at)
    if calendar.date_of(at) == calendar.date_of(then):
        return f"{local:%H:%M}"
    if abs(at - then) < 6 * _DAY:
        return f"{local:%a %H:%M}"
    return f"{local:%d %b}" if local.year == calendar.local(then).year else f"{local:%b %Y}"


def _flag(row: PositionRow, cells: int, look: Look) -> Line:
    """Return the mark of a row that somebody should look at."""
    if row.reported is None and not row.overdue:
        return Line().put(" " * cells, look.text)
    glyph, style = severity(look, severe=is_severe("differs" if row.reported is not None else "overdue"))
    return Line().put(fit(glyph, cells), style)


def titled(columns: Sequence[Column[PositionRow]], *, last: bool = True) -> list[Column[PositionRow]]:
    """Return `columns` of which the title is given up after cost and what is locked, or before them."""
    return [column._replace(rank=5 if last else 8) if column.title == TITLE else column for column in columns]


def label(title: str, text: str) -> str:
    """Return what stands before `text` of column `title` where it has no column: nothing, where it says itself."""
    plain = title in (TITLE, "Category") or (title == AGE and not (text[0].isdigit() or text == "now"))
    return "" if plain else f"{title.lower()} "


def _marked(row: PositionRow, look: Look) -> Style:
    return look.dim if row.mark is None else look.text


def _age(row: PositionRow, then: int) -> str:
    """Return how old the mark is, or why there is none."""
    if row.entry is not None or row.mark is None:
        return NONE if row.entry is not None else row.why
    return NONE if row.marked_at is None else age(then, row.marked_at)


def group_columns() -> list[Column[Group]]:
    """Return the columns of events of which several markets are held."""
    return [
        Column("Event", lambda g: safe(g.name), lambda _, look: look.strong, least=12, most=40),
        plain_column("Markets", lambda g: f"{g.markets}", 3),
        Column("Can end YES", lambda g: exclusive_words(g.exclusive), lambda _, look: look.dim, rank=4),
        money_column("Worst", lambda g: g.worst),
        money_column("Expected", lambda g: g.expected, 1),
        money_column("Best", lambda g: g.best),
    ]


def waiting_columns(calendar: Calendar) -> list[Column[Waiting]]:
    """Return the columns of what P&L gets when its market settles."""

    def closed(row: Waiting) -> str:
        return "open" if row.closed_at is None else f"{calendar.local(row.closed_at):%d %b %Y %H:%M}"

    return [
        Column("Market", lambda w: safe(w.instrument), lambda _, look: look.strong, least=12, most=30),
        Column("Closed", closed, lambda _, look: look.dim, rank=1),
        plain_column("Realised", lambda w: dollars(w.gross, plus=True), 2),
        plain_column("Fees", lambda w: dollars(w.fees), 3),
        money_column("Net then", lambda w: w.net),
        Column("Account", lambda w: safe(w.account), lambda _, look: look.dim, rank=4, most=16),
    ]


def difference_columns(calendar: Calendar) -> list[Column[Difference]]:
    """Return the columns of what venues report otherwise."""

    def said(row: Difference) -> str:
        return NOTHING if row.reported is None else sided_words(row.reported, pays=row.pays)

    return [
        Column("Market", lambda d: safe(d.instrument), lambda _, look: look.strong, least=12, most=40),
        Column("The fills make", lambda d: sided_words(d.held, pays=d.pays), right=True),
        Column("The venue says", said, lambda _, look: look.warn, right=True),
        Column("Since", lambda d: NONE if d.at is None else f"{calendar.local(d.at):%d %b %Y %H:%M}",
               lambda _, look: look.dim, rank=1),
        Column("Account", lambda d: safe(d.account), lambda _, look: look.dim, rank=2, most=16),
    ]  # fmt: skip
