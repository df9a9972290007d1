"""Tables as text: which delimiter, where the header is, and every record with its line and its own verbatim text.

Streams in constant memory. Nothing is dropped: what is not a record of the header's width comes out with a `fault`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from northstar_tui.errors import FileError, shown
from northstar_tui.events import Reject
from northstar_tui.sources.text import decoded, encoding_of, storable, undecodable

RECORD_MAX = 10_000_000
"""Longest record, in characters."""
_LINES_MAX = 200
"""Most lines one record may span; beyond them a quote was opened that nobody closed."""
_HEAD_SIZE = 65_536
_HEAD_ROWS = 10
"""The header is looked for in this many records: exports made by hand begin with a title."""
_DELIMITERS = ",;\t|"
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")

# The csv module's own limit is 128 KiB a field and global; ours is the record's.
csv.field_size_limit(RECORD_MAX + 1)


@dataclass(frozen=True, slots=True)
class Head:
    """A file's beginning: its encoding, and where it is a table its delimiter, header cells and header's line."""

    encoding: str
    text: str
    """The first 64 Ki characters."""
    delimiter: str = ","
    line: int = 1
    cells: tuple[str, ...] = ()
    """The header's cells, verbatim; empty where nothing looks like a table."""
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The first records with two cells or more, each with its line: the header is one of them."""

    @property
    def names(self) -> tuple[str, ...]:
        """The header's names in normal form."""
        return tuple(normal(cell) for cell in self.cells)

    def at(self, row: int) -> Head:
        """Return this beginning with `rows[row]` as its header."""
        line, cells = self.rows[row]
        return Head(self.encoding, self.text, self.delimiter, line, cells, self.rows)


class Record(NamedTuple):
    """One record: its first line (1-based), verbatim text, cells, and what is wrong with its shape."""

    line: int
    raw: str
    cells: list[str]
    fault: str | None

    def reject(self) -> Reject:
        """Return the reject of a record that has a fault."""
        return Reject(self.line, "record", self.fault or "", storable(self.raw))


def normal(name: str) -> str:
    """Return a column's name in normal form: lower case, single spaces for ``_`` and padding, no BOM, no quotes.

    ``Profit/Loss (£)`` stays ``profit/loss (£)``: what stands in brackets is the caller's to read.
    """
    return " ".join(name.replace("\ufeff", "").replace("_", " ").strip(" \t\"'*").lower().split())


def look(file: BinaryIO) -> Head:
    """Return the beginning of `file`. Raises FileError where it is empty or no text."""
    encoding = encoding_of(file)
    wrapper = decoded(file, encoding)
    try:
        text = wrapper.read(_HEAD_SIZE)
    finally:
        wrapper.detach()
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise FileError("the file is empty", "download it again")
    if len(_CONTROLS.findall(text)) > 20 + len(text) // 20:
        raise FileError("this is no text file", "it must be a CSV export, or NorthStar's own JSONL")
    delimiter, rows = _first_rows(text)
    if not rows:
        return Head(encoding, text)
    return Head(encoding, text, delimiter, rows[0][0], rows[0][1], rows)


def _first_rows(text: str) -> tuple[str, tuple[tuple[int, tuple[str, ...]], ...]]:
    """Return the delimiter and the first rows. It is the one that splits the first row that any splits into most cells.

    Excel's own ``sep=;`` line decides without more.
    """
    first = text.split("\n", 1)[0].rstrip("\r").lower()
    said = first[4:5] if first.startswith("sep=") else ""
    best: tuple[str, tuple[tuple[int, tuple[str, ...]], ...]] = (",", ())
    score = (0, 0)
    for delimiter in said or _DELIMITERS:
        rows = []
        for record in split(io.StringIO(text, newline=""), delimiter):
            if said and record.line == 1:
                continue
            if len(record.cells) > 1 and any(cell.strip() for cell in record.cells):
                rows.append((record.line, tuple(record.cells)))
                if len(rows) == _HEAD_ROWS:
                    break
        if rows and (-rows[0][0], len(rows[0][1])) > (score if score != (0, 0) else (-(10**9), 0)):
            best, score = (delimiter, tuple(rows)), (-rows[0][0], len(rows[0][1]))
    return best


def records(file: BinaryIO, head: Head) -> Iterator[Record]:
    """Yield the records under the header, blank ones left out; one whose shape is wrong carries a `fault`."""
    wrapper = decoded(file, head.encoding)
    try:
        yield from split(wrapper, head.delimiter, len(head.cells), head.line)
    finally:
        if not file.closed:
            wrapper.detach()


class _Lines:
    """The lines of a text, one by one, with those of the record in hand kept and lines that can be put back."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._readline: Callable[[int], str] = text.readline
        self._back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []
        self.size = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _LINES_MAX or self.size > RECORD_MAX:
            raise _RunawayError
        line = self._back.popleft() if self._back else self._readline(RECORD_MAX)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self.size += len(line)
        return line

    def begin(self) -> str:
        """Start a record and return its first line, empty at the end of the text."""
        self.taken, self.size, self.ended = [], 0, False
        return next(self, "")

    def give_back(self) -> None:
        """Put back every line of the record in hand but its first."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        self.taken = self.taken[:1]

    def skip_line(self) -> None:
        """Drop the rest of a line that is too long to be held."""
        while (piece := self._readline(RECORD_MAX)) and not piece.endswith(("\n", "\r")):
            pass


class _RunawayError(Exception):
    """A record that does not end."""


def split(text: io.TextIOBase, delimiter: str, width: int = 0, after: int = 0) -> Iterator[Record]:
    """Yield the records of `text` that begin below line `after`; `width` 0 takes any number of cells.

    A quoted cell may span lines. Where that gives a record that is not `width` cells wide, or no end, the quote was
    stray: its line alone is at fault, and reading goes on with the next one.
    """
    lines = _Lines(text)
    while line := lines.begin():
        number = lines.number
        if len(line) >= RECORD_MAX and not line.endswith(("\n", "\r")):
            lines.skip_line()
            yield Record(number, line[:1000], [], f"it is longer than {RECORD_MAX:,} characters; its beginning is kept")
            continue
        if '"' in line:
            cells, fault = _quoted(line, lines, delimiter)
        else:
            cells, fault = line.rstrip("\r\n").split(delimiter), None
        if fault is None and width and len(cells) != width:
            cells, fault = _fitted(cells, width, lines)
        if fault is not None and len(lines.taken) > 1:
            lines.give_back()
            fault = "a quoted cell is opened here and not closed; mend the quotes"
        if number <= after:
            continue
        raw = "".join(lines.taken) if len(lines.taken) > 1 else line
        raw = raw.rstrip("\r\n")
        if number == 1:
            raw = raw.removeprefix("\ufeff")
        if fault is None:
            fault = _unreadable(raw)
        if (any(cells) and any(cell.strip() for cell in cells)) or fault:
            yield Record(number, raw, cells, fault)


def _quoted(line: str, lines: _Lines, delimiter: str) -> tuple[list[str], str | None]:
    """Return the cells of a record whose first line, just read, holds a quote."""
    reader = csv.reader(_chain(line, lines), delimiter=delimiter, skipinitialspace=True)
    try:
        cells = next(reader)
    except (_RunawayError, csv.Error):
        return [], "a quoted cell is opened here and not closed; mend the quotes"
    if lines.ended:
        return cells, "the file ends inside a quoted cell; download it again"
    if len(lines.taken) > 1:
        # A stray quote pairs with a later one: then text stands outside the quotes, which only the strict reader minds.
        try:
            next(csv.reader(lines.taken, delimiter=delimiter, skipinitialspace=True, strict=True))
        except csv.Error:
            return cells, "a quoted cell is opened here and not closed; mend the quotes"
    return cells, None


def _chain(first: str, rest: _Lines) -> Iterator[str]:
    yield first
    yield from rest


def _fitted(cells: list[str], width: int, lines: _Lines) -> tuple[list[str], str | None]:
    """Return cells that are not `width` many with the fault that makes, if it is one."""
    count = len(cells)
    if count > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width], None
    if not any(cell.strip() for cell in cells):
        return cells, None
    if count < width and not lines.taken[-1].endswith(("\n", "\r")):
        return cells, f"the file ends in the middle of this record (cell {count} of {width}); download it again"
    hint = "a delimiter in a cell that is not quoted?" if count > width else "a cell is missing"
    return cells, f"it has {count} cells where the header names {width}: {hint}"


def _unreadable(raw: str) -> str | None:
    if "\0" in raw:
        return "it holds a NUL character; save the file as plain text again"
    if undecodable(raw):
        return "it holds bytes that are not text in the file's encoding; save the file as UTF-8"
    return None


def column(names: Sequence[str], name: str) -> int:
    """Return where the column `name` (normal form) stands. Raises FileError where it is missing or stands twice."""
    found = [index for index, each in enumerate(names) if each == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise FileError(f"the column {shown(name)!r} stands {len(found)} times in the header", "rename all but one")
    raise FileError(f"the column {shown(name)!r} is missing from the header", "download the export again")
