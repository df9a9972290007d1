"""Rows that are read page by page: which pages are here, which to ask for, and from where to read them. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

SIZE = 64
"""Rows in one page."""
KEPT = 8
"""Pages held; the ones not seen for longest go first."""

Row = TypeVar("Row")
Anchor = tuple[int, int]
"""The store's place of one row: a read can begin just after it."""


class Pages(Generic[Row]):
    """`count` rows, of which only the pages seen lately are here.

    Reading on from a known row costs nothing, passing over rows costs their number: so the last row of every page ever
    read stays known, and a page far away is read from the nearest one before it.
    """

    def __init__(self, count: int, *, size: int = SIZE, kept: int = KEPT) -> None:
        self.count = count
        self.size = size
        self._kept = kept
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._asked: set[int] = set()
        self._anchors: dict[int, Anchor] = {}

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

    def source(self, page: int) -> tuple[Anchor | None, int]:
        """Return from where to read `page`: the row to read on after (None: the first), and how many to pass over."""
        known = max((p for p in self._anchors if p < page), default=-1)
        return self._anchors.get(known), (page - known - 1) * self.size

    def put(self, page: int, rows: Sequence[Row], last: Anchor | None) -> None:
        """Take the rows of `page` and the place of its last one."""
        self._asked.discard(page)
        self._pages[page] = rows
        self._pages.move_to_end(page)
        if last is not None and len(rows) == self.size:
            self._anchors[page] = last
        while len(self._pages) > self._kept:
            self._pages.popitem(last=False)

    def failed(self, page: int) -> None:
        """Take back that `page` was asked for: it will be asked for again."""
        self._asked.discard(page)
