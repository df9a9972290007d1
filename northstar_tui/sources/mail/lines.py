"""Bets in lines of text: tables with a header, lines of the template, blocks of ``name: value``.

The template's line is ``market | pick | odds | stake | edge | confidence | thesis``; a result's is
``market | pick | result | profit``. A line that looks like a bet and is none of these is a Problem, not a guess.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from northstar_tui.errors import FileError
from northstar_tui.sources.bets_columns import ROLES, bare
from northstar_tui.sources.bets_money import RESULTS
from northstar_tui.sources.mail import sheets
from northstar_tui.sources.mail.html import Line
from northstar_tui.sources.mail.message import Problem
from northstar_tui.sources.mail.sheets import ROW_MAX, Found, Row

BET = ("market", "pick", "odds", "stake", "edge", "confidence", "thesis")
RESULT = ("market", "pick", "result", "profit")
TEMPLATE = "write market | pick | odds | stake, or name the columns in a first line (docs/mail-template.md)"
_ROLE = {"pick": "selection"}
_QUOTED = re.compile(r"\s*>|\s*-{2,}\s*(?:Original Message|Forwarded message)|\s*_{10,}\s*$", re.I)
_ENDS = re.compile(r"\s*(?:-{2,}\s*(?:Original Message|Forwarded message)|_{10,}\s*$|-- ?$)", re.I)
_RULE = re.compile(r"[\s|:+=-]*")
_KEYED = re.compile(r"(?:[-*•]\s*)?([A-Za-z][A-Za-z /&%()]{0,30}?)\s*[:=]\s*(\S.*)")
_ODDS = re.compile(r"(?<![\w.,])(?:[+\u2212-]\d{3,5}(?![\d-])|@\s?\d{1,3}[.,]\d{1,3}\b|\d{1,2}\s?[¢c](?!\w))")
_MONEY = re.compile(r"(?<![\w.,])[$€£]\s?\d|\b\d+(?:\.\d+)?\s?(?:u|units?|USD|EUR|GBP|contracts)\b", re.I)
_HEADER_MAX = 400
LINES_MAX = 50_000
"""Most lines of one text that are read."""
_LOOKS_MAX = 160
"""A line longer than this is prose, and so is one that ends as a sentence does."""
_SENTENCE = re.compile(r"[.!?:,][\"')]?\s*$")


class Reader:
    """Takes the lines of one text and gives the rows that they are."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._found: list[Found] = []
        self._free: list[tuple[Line, dict[str, str]]] = []

    def read(self, lines: Sequence[Line]) -> list[Found]:
        """Return the rows and problems of `lines`."""
        if len(lines) > LINES_MAX:
            reason = f"the text has more than {LINES_MAX:,} lines; what follows is not read"
            self._found.append(Problem(lines[LINES_MAX].number, "line", reason, lines[LINES_MAX].text[:1000]))
            lines = lines[:LINES_MAX]
        at = 0
        while at < len(lines):
            line = lines[at]
            if _ENDS.match(line.text):
                break
            if not line.text.strip() or _QUOTED.match(line.text):
                at += 1
                continue
            at += self._table(lines, at) or self._block(lines, at) or self._single(line)
        told = sheets.hints([cells for _, cells in self._free])
        rows = [Row(line.number, self._part, line.text, cells, told) for line, cells in self._free]
        return [*self._found, *rows]

    def _table(self, lines: Sequence[Line], at: int) -> int:
        """Take a table whose header is the line at `at`; return how many lines it is."""
        for split in _SPLITTERS:
            cells = split(lines[at].text)
            try:
                header = len(cells) > 2 and len(lines[at].text) < _HEADER_MAX and sheets.placed(cells) is not None
            except FileError:
                header = True
            if header:
                break
        else:
            return 0
        rows = [(lines[at].number, cells, lines[at].text)]
        end = at + 1
        while end < len(lines):
            text = lines[end].text
            if not text.strip() or _QUOTED.match(text):
                break
            given = split(text)
            if len(given) < 2 and not _RULE.fullmatch(text):
                break
            if not _RULE.fullmatch(text):
                rows.append((lines[end].number, given, text))
            end += 1
        self._found += sheets.sheet(self._part, rows, ragged=True) or []
        return end - at

    def _block(self, lines: Sequence[Line], at: int) -> int:
        """Take a block of ``name: value`` lines that begins at `at`; return how many lines it is."""
        names: list[str] = []
        values: list[str] = []
        end = at
        while end < len(lines) and len(lines[end].text) <= ROW_MAX:
            match = _KEYED.fullmatch(lines[end].text.strip())
            if not match or not _known(match[1]) or bare(match[1]) in map(bare, names):
                break
            names.append(match[1])
            values.append(match[2])
            end += 1
        if end - at < 2 or not _bets(names):
            return 0
        raw = "\n".join(line.text for line in lines[at:end])
        number = lines[at].number
        self._found += sheets.sheet(self._part, [(number, names, raw), (number, values, raw)]) or []
        return end - at

    def _single(self, line: Line) -> int:
        """Take one line by itself; return 1."""
        text = line.text
        if len(text) > ROW_MAX:
            if "|" in text[:ROW_MAX]:
                reason = f"the line is longer than {ROW_MAX:,} characters"
                self._found.append(Problem(line.number, "line", reason, text[:1000]))
            return 1
        cells = _pipes(text)
        if len(cells) >= 3 and not _RULE.fullmatch(text):
            roles = _template(cells)
            if roles is not None:
                self._free.append((line, roles))
                return 1
        if _looks(text):
            reason = f"it looks like a bet, but is not written as one; {TEMPLATE}"
            self._found.append(Problem(line.number, "line", reason, text))
        elif len(cells) >= 4 and (_ODDS.search(text) or _MONEY.search(text)):
            self._found.append(Problem(line.number, "line", f"its odds or result cannot be told; {TEMPLATE}", text))
        return 1


def _template(cells: list[str]) -> dict[str, str] | None:
    """Return the cells of a line of the template by role; None where its third cell is neither result nor odds."""
    third = cells[2].strip()
    if third.lower() in RESULTS and not third.isdigit():
        names: tuple[str, ...] = RESULT
    elif len(cells) >= 4 and (_ODDS.fullmatch(third) or _ODDSY.fullmatch(third)):
        names = BET
    else:
        return None
    head, tail = cells[: len(names)], cells[len(names) :]
    if tail and any(cell.strip() for cell in tail):
        if names is RESULT:
            return None
        head[-1] = " | ".join([head[-1], *tail])  # a thesis may hold the separator
    return {_ROLE.get(name, name): cell.strip() for name, cell in zip(names, head, strict=False)}


_ODDSY = re.compile(
    r"@?\s?(?:[+\u2212-]?\d{1,6}(?:[.,]\d{1,6})?|\$?0?\.\d{1,4}|evs|evens?|sp|\d{1,4}/\d{1,4})\s?[¢c]?", re.I
)


def _looks(text: str) -> bool:
    """Return whether a line names odds and a stake, and is no sentence."""
    if len(text) > _LOOKS_MAX or _SENTENCE.search(text):
        return False
    return _ODDS.search(text) is not None and _MONEY.search(text) is not None


def _known(name: str) -> bool:
    plain = bare(name).replace("%", "").strip()
    return any(plain in names for names in (*sheets.OWN.values(), *ROLES.values()))


def _bets(names: Sequence[str]) -> bool:
    try:
        return sheets.placed(names) is not None
    except FileError:
        return True


def _pipes(text: str) -> list[str]:
    if text.count("|") < 2:
        return []
    return [cell.strip() for cell in text.strip().removeprefix("|").removesuffix("|").split("|")]


def _tabs(text: str) -> list[str]:
    return text.strip("\r\n").split("\t")


def _separated(delimiter: str) -> sheets.Splitter:
    def split(text: str) -> list[str]:
        if delimiter not in text:
            return [text]
        try:
            return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))]
        except (csv.Error, StopIteration):
            return text.split(delimiter)

    return split


def _wide(text: str) -> list[str]:
    return re.split(r" {2,}|\t", text.strip())


_SPLITTERS: tuple[sheets.Splitter, ...] = (_pipes, _tabs, _separated(";"), _separated(","), _wide)
