"""One mail to what it says of bets: which of its parts hold them, and which are said twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

from northstar_tui.events import Event, Reject
from northstar_tui.sources.mail import html, sheets
from northstar_tui.sources.mail.bets import Bets, Own
from northstar_tui.sources.mail.html import Line, Table
from northstar_tui.sources.mail.lines import Reader as Lines
from northstar_tui.sources.mail.memory import Memory
from northstar_tui.sources.mail.message import SEND, MailError, Message, Part, Problem, read
from northstar_tui.sources.mail.patterns import Patterns
from northstar_tui.sources.mail.sheets import Found, Row

_LAYOUT_CELL = 400
"""A row whose one filled cell is longer is a page laid out as a table."""


@dataclass(slots=True)
class Said:
    """What one mail said. Both empty: a mail without bets."""

    identity: str
    events: list[Event] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class MailReader:
    """Reads the mails of one source, in their order."""

    def __init__(self, own: Own, memory: Memory, patterns: Sequence[str] = ()) -> None:
        self._bets = Bets(own, memory)
        self._patterns = Patterns(patterns)

    def __enter__(self) -> MailReader:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End what the patterns need."""
        self._patterns.close()

    def read(self, message: Message) -> Said:
        """Return what `message` says."""
        found = self._found(message)
        rows = [each for each in found if isinstance(each, Row)]
        problems = [*message.problems, *(each for each in found if isinstance(each, Problem))]
        events, rejects = self._bets.take(message, rows)
        parts = [Reject(p.line, p.field, p.reason, message.raw(p.field, p.raw)) for p in problems]
        return Said(message.identity, events, parts + rejects)

    def read_bytes(self, data: bytes) -> Said:
        """Return what the mail `data` says; one that cannot be read at all is one reject."""
        try:
            return self.read(read(data))
        except MailError as error:
            return Said("", [], [broken(data, error)])

    def _found(self, message: Message) -> list[Found]:
        """Return the rows of all parts. Of a text and its HTML twin, HTML with a table of bets counts, else text."""
        found: list[Found] = []
        for part in message.parts:
            if part.kind == "csv":
                found += sheets.attachment(part)
        pages = [self._page(part) for part in message.parts if part.kind == "html"]
        texts = [part for part in message.parts if part.kind == "text" and part.text.strip()]
        tabled = [rows for rows, has_table in pages if has_table]
        if tabled or not texts:
            for rows, _ in pages:
                found += rows
            return found
        for part in texts:
            lines = [Line(number, text) for number, text in enumerate(part.text.splitlines(), 1)]
            found += self._lines("text", lines)
        return found

    def _page(self, part: Part) -> tuple[list[Found], bool]:
        """Return what an HTML part says, and whether a table of bets stands in it."""
        try:
            blocks = html.blocks(part.text)
        except ValueError as error:
            return [Problem(None, part.name, f"{error}; {SEND}", part.text[:1000])], False
        found: list[Found] = []
        lines: list[Line] = []
        has_table = False
        for block in blocks:
            if isinstance(block, Line):
                lines.append(block)
                continue
            rows = _rows(block)
            taken = sheets.sheet(part.name, rows)
            if taken is None:
                lines += _unfolded(block)
            else:
                has_table = True
                found += taken
            lines.append(Line(block.rows[-1][0], ""))
        return found + self._lines(part.name, lines), has_table

    def _lines(self, part: str, lines: list[Line]) -> list[Found]:
        rows, rest = self._patterns.take(part, lines)
        return rows + Lines(part).read(rest)


def broken(data: bytes, error: MailError) -> Reject:
    """Return the reject of a mail that cannot be read at all: its beginning, so that it can be found."""
    return Reject(None, "mail", str(error), data[:1000].decode("utf-8", "replace"))


def _rows(table: Table) -> list[tuple[int, list[str], str]]:
    return [(line, cells, " | ".join(" ".join(cell.split()) for cell in cells)) for line, cells in table.rows]


def _unfolded(table: Table) -> list[Line]:
    """Return the text of a table that is none of bets, as lines: pages are laid out in tables."""
    lines: list[Line] = []
    for number, cells in table.rows:
        told = [cell for cell in cells if cell.strip()]
        if len(told) == 1 or any(len(cell) > _LAYOUT_CELL for cell in told):
            for cell in told:
                lines += [Line(number, " ".join(text.split())) for text in cell.splitlines()]
        else:
            lines.append(Line(number, "\t".join(" ".join(cell.split()) for cell in cells)))
    return lines
