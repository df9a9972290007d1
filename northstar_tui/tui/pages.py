"""Rows that are read page by page: which pages are here, which to ask for, and from where to read them. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from northstar_tui.ledger.lists import Seek

SIZE = 64
"""Rows in one page."""
KEPT = 8
"""Pages held; the ones not seen for longest go first."""

Row = TypeVar("Row")
Anchor = tuple[int, int]
"""The store's place of one row: a read can begin just after it, or go back from just before it."""


class Pages(Generic[Row]):
    """`count` rows, of which only the pages seen lately are here.

    Reading on from a known row costs nothing, passing over rows costs their number: so the ends of every page ever read
    stay known, and a page far away is read from the nearest of them, or from the nearer end of all rows.
    """

    def __init__(self, count: int, *, size: int = SIZE, kept: int = KEPT) -> None:
        self.count = count
        self.size = size
        self._kept = kept
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._asked: set[int] = set()
        self._anchors: dict[int, tuple[Anchor, Anchor]] = {}
        self.end: Anchor | None = None
        """Just behind the last row, where that is known."""

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Pages[Row]:
        """Return rows that are all here already."""
        pages = cls(len(rows), size=max(1, len(rows)))
        pages._pages[0] = rows
        return pages

    def get(self, index: int) -> Row | None:
        """Return the row at `index`, or None where it is not here yet."""
        page, at = divmod(index, self.size)
        rows = self._pages.get(page)
        return rows[at] if rows is not None and at < len(rows) else None

    def here(self) -> Iterator[tuple[int, Row]]:
        """Yield every row that is here with its index, in order."""
        for page in sorted(self._pages):
            yield from enumerate(self._pages[page], page * self.size)

    def loaded(self) -> list[Row]:
        """Return every row that is here, in order."""
        return [row for page in sorted(self._pages) for row in self._pages[page]]

    def need(self, first: int, last: int) -> list[int]:
        """Return the pages to be asked for so that rows `first` to `last` are here; they count as asked from now on."""
        wanted = range(max(0, first) // self.size, min(max(last, 0), max(0, self.count - 1)) // self.size + 1)
        for page in wanted:
            if page in self._pages:
                self._pages.move_to_end(page)
        missing = [p for p in wanted if p not in self._pages and p not in self._asked and p * self.size < self.count]
        self._asked.update(missing)
        return missing

    def rows_of(self, page: int) -> int:
        """Return how many rows `page` has."""
        return max(0, min(self.size, self.count - page * self.size))

    def source(self, page: int) -> Seek:
        """Return from where to read `page`."""
        below = max((p for p in self._anchors if p < page), default=None)
        above = min((p for p in self._anchors if p > page), default=None)
        ways = [Seek(skip=page * self.size)]
        if self.end is not None:
            ways.append(Seek(self.end, back=True, skip=self.count - page * self.size - self.rows_of(page)))
        if below is not None:
            ways.append(Seek(self._anchors[below][1], skip=(page - below - 1) * self.size))
        if above is not None:
            ways.append(Seek(self._anchors[above][0], back=True, skip=(above - page - 1) * self.size))
        return min(ways, key=lambda way: (way.skip, way.back))

    def put(self, page: int, rows: Sequence[Row], ends: tuple[Anchor, Anchor] | None) -> None:
        """Take the rows of `page` and the places of its first and last one."""
        self._asked.discard(page)
        self._pages[page] = rows
        self._pages.move_to_end(page)
        if ends is not None and len(rows) == self.size:
            self._anchors[page] = ends
        while len(self._pages) > self._kept:
            self._pages.popitem(last=False)

    def failed(self, page: int) -> None:
        """Take back that `page` was asked for: it will be asked for again."""
        self._asked.discard(page)
