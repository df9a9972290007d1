"""HTML of a mail to its lines of text and its tables, in their order. Nothing is loaded, run or obeyed.

The standard library's parser takes minutes over 100 kB of unclosed tags or comments, so the text is first brought into
a form that it reads in linear time: every ``<`` that does not open a whole tag is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

HTML_MAX = 3_000_000
"""Longest HTML that is read, characters."""
_DROPPED = re.compile(r"<!--|<!\[|<(script|style|template|title|textarea|noembed|noframes|iframe|xmp)\b", re.I)
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]{0,4000}|[!?][^<>]*)>|<")
_LINES = frozenset(
    ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "header", "footer",
     "ul", "ol", "dt", "dd", "hr", "center")
)  # fmt: skip
_SPAN_MAX = 50
ROWS_MAX = 20_000
"""Most rows of one table that are read; one more is kept, to tell that there are."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `number` is its line in the HTML source."""

    number: int
    text: str


@dataclass(slots=True)
class Table:
    """One table: its rows of cells, each with its line in the HTML source."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)


Block = Line | Table


def blocks(text: str) -> list[Block]:
    """Return the lines and tables of `text`, quoted mails left out. A nested table stands before what follows it.

    Raises ValueError where `text` is longer than HTML_MAX.
    """
    if len(text) > HTML_MAX:
        raise ValueError(f"the HTML is longer than {HTML_MAX:,} characters")
    reader = _Reader()
    reader.feed(_tamed(text))
    reader.close()
    return reader.finished()


def _tamed(text: str) -> str:
    """Return `text` without comments and scripts, every stray ``<`` escaped; line numbers are kept."""
    kept: list[str] = []
    at = 0
    while match := _DROPPED.search(text, at):
        kept.append(text[at : match.start()])
        opened = match[0].lower()
        if opened == "<!--":
            end = text.find("-->", match.end())
            stop = end + 3 if end >= 0 else len(text)
        elif opened == "<![":
            end = text.find(">", match.end())
            stop = end + 1 if end >= 0 else len(text)
        else:
            close = re.compile(rf"</{match[1]}[^<>]{{0,100}}>", re.I).search(text, match.end())
            stop = close.end() if close else len(text)
        kept.append("\n" * text.count("\n", match.start(), stop))
        at = stop
    kept.append(text[at:])
    return _TAG.sub(_tag, "".join(kept).replace("\0", "\ufffd"))


def _tag(match: re.Match[str]) -> str:
    if match[0] == "<":
        return "&lt;"
    return "\n" * match[0].count("\n") if match[0][1] in "!?" else match[0]


@dataclass(slots=True)
class _Open:
    """A table that is being read."""

    table: Table = field(default_factory=Table)
    row: list[str] | None = None
    number: int = 0
    cell: list[str] | None = None
    span: int = 1
    rowspan: int = 1
    carried: dict[int, tuple[str, int]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[Block] = []
        self._open: list[_Open] = []
        self._text: list[str] = []
        self._number = 1
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quoted += 1
        elif tag == "table":
            self._flush()
            if len(self._open) < _SPAN_MAX:
                self._open.append(_Open())
        elif tag == "tr" and self._open:
            self._end_row()
            self._open[-1].row, self._open[-1].number = [], self.getpos()[0]
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            top = self._open[-1]
            if top.row is None:
                top.row, top.number = [], self.getpos()[0]
            values = dict(attrs)
            top.cell, top.span, top.rowspan = [], _span(values.get("colspan")), _span(values.get("rowspan"))
        elif tag in _LINES:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        elif tag == "table":
            self._end_table()
        elif tag == "tr" and self._open:
            self._end_row()
        elif tag in ("td", "th") and self._open:
            self._end_cell()
        elif tag in _LINES:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._quoted:
            return
        cell = self._open[-1].cell if self._open else None
        if cell is not None:
            cell.append(data)
        elif not self._open or data.strip():
            if not self._text:
                self._number = self.getpos()[0]
            self._text.append(data)

    def finished(self) -> list[Block]:
        """Return all blocks, those of tables that nobody closed too."""
        while self._open:
            self._end_table()
        self._flush()
        return self._done

    def _break(self) -> None:
        if self._open and self._open[-1].cell is not None:
            self._open[-1].cell.append("\n")
        else:
            self._flush()

    def _flush(self) -> None:
        text = " ".join("".join(self._text).split())
        if text:
            self._done.append(Line(self._number, text))
        self._text = []

    def _end_cell(self) -> None:
        top = self._open[-1]
        if top.cell is None or top.row is None:
            return
        text, top.cell = "".join(top.cell), None
        self._carry(top)
        for nth in range(top.span):
            if top.rowspan > 1:
                top.carried[len(top.row)] = ("" if nth else text, top.rowspan - 1)
            top.row.append("" if nth else text)

    def _carry(self, top: _Open) -> None:
        """Put into the row what a cell above reaches down."""
        assert top.row is not None
        while len(top.row) in top.carried:
            text, left = top.carried.pop(len(top.row))
            if left > 1:
                top.carried[len(top.row)] = text, left - 1
                top.row.append(text)
                continue
            top.row.append(text)

    def _end_row(self) -> None:
        self._end_cell()
        top = self._open[-1]
        if top.row is None:
            return
        self._carry(top)
        if any(cell.strip() for cell in top.row) and len(top.table.rows) <= ROWS_MAX:
            top.table.rows.append((top.number, top.row))
        top.row = None

    def _end_table(self) -> None:
        if not self._open:
            return
        self._end_row()
        table = self._open.pop().table
        if table.rows and not self._quoted:
            self._flush()
            self._done.append(table)


def _span(text: str | None) -> int:
    return min(int(text), _SPAN_MAX) if text and re.fullmatch(r"[1-9]\d{0,4}", text.strip(), re.ASCII) else 1
