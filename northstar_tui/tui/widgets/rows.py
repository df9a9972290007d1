"""The rows view: a table of any length, of which only the lines in sight exist.

Columns say how they read a row, and how dear they are: a narrow terminal loses the least important first. The widths
come from the rows at hand and only grow, so that a page that arrives does not make the table jump.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

from rich.style import Style
from textual.strip import Strip

from northstar_tui.tui.defects import Defect
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, blank, fit, thumb, width
from northstar_tui.tui.theme import Look

Row = TypeVar("Row")
GAP = 2
"""Cells between two columns."""


class Column(NamedTuple, Generic[Row]):
    """One column: what it shows of a row, and how it gives way."""

    title: str
    text: Callable[[Row], str]
    style: Callable[[Row, Look], Style] | None = None
    right: bool = False
    rank: int = 0
    """Columns of the highest rank are dropped first; rank 0 is never dropped."""
    least: int = 1
    """Cells below which it is dropped rather than shrunk."""
    most: int = 44
    flex: bool = False
    """Takes the cells that are left over."""
    draw: Callable[[Row, int, Look], Line] | None = None
    """Paints the cell itself, in the cells given."""


Sizes = list[tuple[int, int]]
"""Which columns are shown, in order, each with its cells."""


def natural(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> list[int]:
    """Return the cells each column would take for `rows`; a flexible one takes none of its own."""
    found = []
    for column in columns:
        widest = 0 if column.flex else max((_wide(column, row) for row in rows), default=0)
        found.append(column.least if column.flex else min(column.most, max(widest, width(column.title))))
    return found


def _wide(column: Column[Row], row: Row) -> int:
    try:
        return width(column.text(row))
    except Exception:  # painting the row meets it again, and says it
        return 0


def fit_columns(columns: Sequence[Column[Row]], wanted: Sequence[int], cells: int) -> Sizes:
    """Return the columns that fit `cells`: the dearest stay, then the widest shrinks, then flexible ones grow."""
    shown = list(range(len(columns)))
    while len(shown) > 1 and sum(wanted[at] for at in shown) + GAP * (len(shown) - 1) > cells:
        dropped = max(shown, key=lambda at: (columns[at].rank, at))
        if not columns[dropped].rank:
            break
        shown.remove(dropped)
    sizes = {at: wanted[at] for at in shown}
    over = sum(sizes.values()) + GAP * (len(shown) - 1) - cells
    while over > 0 and max(sizes.values()) > 1:
        sizes[max(shown, key=lambda at: sizes[at])] -= 1
        over -= 1
    # What needs the least more comes first: what it leaves goes to the others.
    flexible = sorted((at for at in shown if columns[at].flex), key=lambda at: columns[at].most - sizes[at])
    for left, at in zip(range(len(flexible), 0, -1), flexible, strict=True):
        grown = min(columns[at].most, sizes[at] + max(0, -over) // left)
        over += grown - sizes[at]
        sizes[at] = grown
    return [(at, sizes[at]) for at in shown]


def row_line(
    row: Row | None, columns: Sequence[Column[Row]], sizes: Sizes, look: Look, broken: list[Defect]
) -> Line:  # fmt: skip
    """Return one row's cells in their columns; the headings where `row` is None.

    A cell that breaks shows a sign, and is told in `broken`: the rest of its row and the other rows stand.
    """
    line = Line()
    for position, (at, size) in enumerate(sizes):
        column = columns[at]
        if position:
            line.put(" " * GAP, look.text)
        if row is None:
            line.put(fit(column.title, size, right=column.right, ellipsis=look.glyphs.ellipsis), look.head)
            continue
        try:
            if column.draw is not None:
                line.join(column.draw(row, size, look))
            else:
                style = look.text if column.style is None else column.style(row, look)
                line.put(fit(column.text(row), size, right=column.right, ellipsis=look.glyphs.ellipsis), style)
        except Exception as error:
            broken.append(Defect.of(f"The column {column.title}" if column.title else "A column", error))
            line.put(fit(look.glyphs.failing, size, right=column.right), look.loss)
    return line


_FIRST = Cursor()


class RowsView(Generic[Row]):
    """A table with a cursor. `lines` paints it into any size; row 0 of the painting is its heading."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        pages: Pages[Row],
        cursor: Cursor = _FIRST,
        key: Callable[[Row], Hashable] = lambda _: None,
    ) -> None:
        """`key` is what a row is known by when others come before it: the cursor stays on it, and it on its line."""
        self.columns = columns
        self.pages = pages
        self._key = key
        index = next((i for i, row in pages.here() if key(row) == cursor.key is not None), cursor.index)
        self.index = max(0, min(index, pages.count - 1))
        self.top = cursor.top if cursor.line is None else self.index - cursor.line
        self._natural = [0] * len(columns)
        self._measured = 0
        self._height = 1
        self.broken: list[Defect] = []
        """What broke in the cells that were painted last."""
        self._painted: dict[tuple[int, bool], Strip] = {}
        self._painted_for: object = None
        self._sizes: Sizes = []

    # -- the cursor --------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> Row | None:
        """The row under the cursor, or None where there is none or it is not here yet."""
        return self.pages.get(self.index) if self.pages.count else None

    def cursor(self) -> Cursor:
        """Return where the cursor is, to come back to."""
        row = self.selected
        return Cursor(self.index, self.top, None if row is None else self._key(row), self.index - self.top)

    def move(self, action: str) -> bool:
        """Move the cursor by one of the registry's movements; False where it is none."""
        page = max(1, self._height - 1)
        steps = {"down": 1, "up": -1, "page_down": page, "page_up": -page}
        if action == "first":
            self.index = 0
        elif action == "last":
            self.index = self.pages.count - 1
        elif action in steps:
            self.index += steps[action]
        else:
            return False
        self.index = max(0, min(self.index, self.pages.count - 1))
        return True

    @property
    def height(self) -> int:
        """Rows in sight when it was last painted."""
        return self._height

    def click(self, y: int) -> bool:
        """Select the row at line `y` of the painting; True where it was selected already."""
        index = self.top + y - 1
        if y < 1 or not 0 <= index < self.pages.count:
            return False
        same, self.index = index == self.index, index
        return same

    def heading_at(self, x: int) -> int | None:
        """Return which column's heading stands at cell `x`; None where none does."""
        start = 3
        for at, size in self._sizes:
            if start <= x < start + size:
                return at
            start += size + GAP
        return None

    def wheel(self, lines: int) -> None:
        """Scroll by so many lines; the cursor stays on its row while that is in sight."""
        self.top = max(0, min(self.top + lines, self.pages.count - self._height))
        self.index = max(self.top, min(self.index, self.top + self._height - 1, self.pages.count - 1))

    def scroll(self, height: int) -> None:
        """Bring the cursor into `height` lines of rows, moving the view no more than needed."""
        self._height = max(1, height)
        self.top = max(min(self.top, self.index), self.index - self._height + 1)
        self.top = max(0, min(self.top, self.pages.count - self._height))

    # -- painting ----------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Say that rows have arrived."""
        self._painted.clear()

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the table in exactly `rows` strips of `cells` cells."""
        self.broken = []
        if rows < 1:
            return []
        self.scroll(rows - 1)
        sizes = self._sizes = self.sizes(cells)
        if self._painted_for != (cells, look, tuple(sizes)):
            self._painted.clear()
            self._painted_for = (cells, look, tuple(sizes))
        heading = Line().put("   ", look.head).join(row_line(None, self.columns, sizes, look, self.broken))
        painted = [heading.strip(cells, look.head)]
        bar = thumb(rows - 1, self.top, self.pages.count)
        for y in range(rows - 1):
            index = self.top + y
            if index >= self.pages.count:
                painted.append(blank(cells, look.text))
            else:
                painted.append(self._row(index, sizes, cells, look, marked=y in bar))
        return painted

    def crowded(self, cells: int) -> bool:
        """Return whether `cells` are too few for all that the columns say of the rows that are here."""
        sizes = dict(self.sizes(cells))
        flexible = [(at, column) for at, column in enumerate(self.columns) if column.flex and at in sizes]
        return len(sizes) < len(self.columns) or any(
            _wide(column, row) > sizes[at] for at, column in flexible for row in self.pages.loaded()
        )

    def sizes(self, cells: int) -> Sizes:
        """Return the columns that `cells` have room for."""
        self._measure()
        return fit_columns(self.columns, self._natural, cells - 5)

    def unseen(self) -> list[tuple[str, str]]:
        """Return title and text of what the selected row says, and what was painted last had no room for."""
        row, sizes = self.selected, dict(self._sizes)
        if row is None:
            return []
        told = [(at, column, column.text(row).strip()) for at, column in enumerate(self.columns) if column.draw is None]
        return [(column.title, text) for at, column, text in told if width(text) > sizes.get(at, 0)]

    def _measure(self) -> None:
        rows = self.pages.loaded()
        if len(rows) != self._measured or not rows:
            self._natural = [max(a, b) for a, b in zip(self._natural, natural(self.columns, rows), strict=True)]
            self._measured = len(rows)

    def _row(self, index: int, sizes: Sizes, cells: int, look: Look, *, marked: bool) -> Strip:
        chosen = index == self.index
        strip = self._painted.get((index, chosen)) if not marked else None
        if strip is not None:
            return strip
        row, sound = self.pages.get(index), len(self.broken)
        line = Line().put(f" {look.glyphs.cursor} " if chosen else "   ", look.accent)
        if row is None:
            line.put(look.glyphs.dot, look.faint)
        else:
            line.join(row_line(row, self.columns, sizes, look, self.broken))
        if marked:
            line.to(cells - 1, look.text).put(look.glyphs.thumb, look.faint)
        if chosen:
            line = line.to(cells, look.text).restyled(look.on_cursor)
        strip = line.strip(cells, look.text)
        if not marked and row is not None and sound == len(self.broken):
            if len(self._painted) > 400:
                self._painted.clear()
            self._painted[index, chosen] = strip
        return strip
