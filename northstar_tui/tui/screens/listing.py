"""The list of entries under a day or another span: its columns, its order, and the list to choose columns from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.queries import Entry, Listed
from northstar_tui.ledger.sorts import BY_TIME, SORTS
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import COLUMNS
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.cells import amount_text, money_column, plain_column
from northstar_tui.tui.screens.page import WHEEL, Page
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.views.node import NodeView
from northstar_tui.views.words import marks_words

FALLING = frozenset({"fees", "stake"})
"""Columns of which one looks for the largest."""
RESULTS = frozenset({"net", "gross"})
"""And of which one looks for the worst."""
RISES, FALLS = "↑", "↓"


def plain_title(entry: Entry | Listed) -> str:
    """Return what an entry is about, as people call it."""
    return safe(entry.title or entry.instrument) + (" (open)" if entry.closed_at is None else "")


def title(entry: Entry | Listed) -> str:
    """Return what an entry is about; a tag, how many more, and a sign of notes stand before it."""
    first, *more = entry.tags or ("",)
    marks = f"#{safe(first)}" + (f"+{len(more)}" if more else "") + " " if first else ""
    return f"{marks}{'✎ ' if entry.notes else ''}{plain_title(entry)}"


def side(entry: Entry | Listed) -> str:
    """Return an entry's side, or its kind where it has none."""
    return safe(entry.side or entry.kind)


def _marks(entry: Listed) -> str:
    return safe(marks_words(entry)) if entry.tags or entry.notes else ""


def _dim(name: str, get: Callable[[Listed], str], rank: int, most: int) -> Column[Listed]:
    return Column(name, get, lambda _, look: look.dim, rank=rank, most=most)


def columns_of(
    view: NodeView, calendar: Calendar, names: Sequence[str], sort: str, apart: Mapping[int, str]
) -> list[Column[Listed]]:
    """Return the columns called `names`; the one that the list is in the order of says so, and stays longest.

    The entries in `apart` say beside their time what tells them from those that else look alike.
    """
    opened = view.basis == "opened"
    form = {"day": "%H:%M:%S", "hour": "%H:%M:%S", "all": "%d %b %Y %H:%M"}.get(view.period.level, "%d %b %H:%M")

    def clock(entry: Listed) -> str:
        at = entry.opened_at if opened or entry.closed_at is None else entry.closed_at
        return f"{calendar.local(at):{form}}" + (f" …{safe(apart[entry.id])}" if entry.id in apart else "")

    known: dict[str, Column[Listed]] = {
        "time": _dim("Opened" if opened else "Closed", clock, 0, 44),
        "what": Column("What", plain_title if "tags" in names else title, flex=True, least=26, most=70),
        "instrument": _dim("Instrument", lambda e: safe(e.instrument), 7, 30),
        "side": _dim("Side", side, 4, 10),
        "net": money_column("Net", lambda e: e.net),
        "gross": plain_column("Gross", lambda e: dollars(e.gross, plus=True), 8),
        "category": _dim("Category", lambda e: safe(e.category), 2, 14),
        "book": _dim("Book", lambda e: safe(e.book), 5, 12),
        "source": _dim("Source", lambda e: safe(e.source), 9, 16),
        "kind": _dim("Kind", lambda e: safe(e.kind), 10, 8),
        "tags": Column("Tags and notes", _marks, lambda _, look: look.accent, most=30),
        "stake": plain_column("Stake", lambda e: amount_text(e.stake), 3),
        "fees": plain_column("Fees", lambda e: amount_text(e.fees), 6),
    }
    by = sort.removeprefix("-")
    arrow = FALLS if sort.startswith("-") else RISES
    known[by] = known[by]._replace(title=f"{known[by].title} {arrow}", rank=min(known[by].rank, 1))
    return [known[name] for name in names]


def following(names: Sequence[str], sort: str) -> str:
    """Return the next order by the columns `names`: by time, results from the worst, amounts from the largest, all else
    from the first."""
    ways = sorted(names, key=lambda name: (name != BY_TIME, name not in FALLING | RESULTS))
    by = sort.removeprefix("-")
    at = ways.index(by) + 1 if by in ways else 0
    return turned_to(ways[at % len(ways)], "")


def turned_to(name: str, sort: str) -> str:
    """Return the order by column `name`; the other way round where `sort` is by it already."""
    if sort.removeprefix("-") == name:
        return name if sort.startswith("-") else f"-{name}"
    return f"-{name}" if name in FALLING else name


_ABOUT = {
    "time": "when it closed; when it was opened, by that basis",
    "what": "its title, else its instrument",
    "instrument": "market, coin, client, model as its source names it",
    "side": "what was taken; its kind where it has no side",
    "net": "gross − fees",
    "gross": "its result before fees",
    "fees": "what was paid; a rebate is negative",
    "stake": "what was put at risk, where stated",
    "category": "by the config's rules",
    "book": "whose money it is",
    "source": "where it came from",
    "kind": "trade, credit, cost or revenue",
    "tags": "what you tagged it with, and how many notes there are",
}


class ColumnsPage(Page):
    """Every column there is, the chosen ones marked."""

    screen = COLUMNS
    opens = "toggle"

    def __init__(self, chosen: Sequence[str]) -> None:
        self._chosen = tuple(chosen)
        names = [*self._chosen, *(name for name in SORTS if name not in self._chosen)]

        def mark(name: str, _: int, look: Look) -> Line:
            return Line().put(f"[{look.glyphs.check if name in self._chosen else ' '}]", look.accent)

        columns: list[Column[str]] = [
            Column("", lambda _: "[x]", draw=mark),
            Column("Column", str.capitalize, lambda _, look: look.strong),
            Column("", lambda name: _ABOUT[name], lambda _, look: look.dim, flex=True, least=10, most=60, rank=1),
        ]
        self._view = RowsView(columns, Pages.of(names))

    def toggled(self) -> tuple[str, ...]:
        """Show or hide the selected column; return those that are shown now. The last one stays."""
        name = self._view.selected or ""
        kept = tuple(each for each in self._chosen if each != name)
        self._chosen = (*self._chosen, name) if name not in self._chosen else kept or self._chosen
        self._view.changed()
        return self._chosen

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the list."""
        return self._view.lines(cells, rows, look)

    def move(self, action: str) -> bool:
        """Move among the columns."""
        return self._view.move(action)

    def wheel(self, steps: int) -> None:
        """Scroll the list."""
        self._view.wheel(steps * WHEEL)

    def click(self, y: int) -> bool:
        """Select the column at line `y`."""
        return self._view.click(y)

    def note(self) -> str:
        """Return how many are shown."""
        return f"{len(self._chosen)} shown"
