"""What a terminal would show of the bytes written to it: enough of one to look for a text on the screen.

A frame that changes a few cells writes only those, so a text that is on screen need not be in the last frame's bytes.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from unicodedata import east_asian_width

_TOKEN = re.compile(
    r"\x1b\[(?P<args>[\d;:?<>=]*)[ -/]*(?P<final>[@-~])"  # control sequence
    r"|\x1b[\]P_^].*?(?:\x07|\x1b\\)"  # a string that is not shown
    r"|\x1b[ -/]*[0-~]"  # any other escape
    r"|(?P<text>[^\x00-\x1f\x7f]+)|(?P<control>[\x00-\x1f\x7f])",
    re.DOTALL,
)
_PARTIAL = re.compile(r"\x1b(?:\[[\d;:?<>=]*[ -/]*|[\]P_^][^\x07]*|[ -/]*)?$")


class Glass:
    """A screen of cells."""

    def __init__(self, columns: int, lines: int) -> None:
        self._columns, self._lines = columns, lines
        self._cells = [[" "] * columns for _ in range(lines)]
        self._row = self._column = 0
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._pending = ""

    def feed(self, data: bytes) -> None:
        """Take what was written."""
        text = self._pending + self._decode(data)
        cut = _PARTIAL.search(text)
        self._pending = text[cut.start() :] if cut else ""
        for token in _TOKEN.finditer(text[: cut.start()] if cut else text):
            if token["text"]:
                self._put(token["text"])
            elif token["control"]:
                self._move(token["control"])
            elif token["final"]:
                self._obey(token["final"], token["args"])

    def lines(self) -> list[str]:
        """Return the screen's lines."""
        return ["".join(line) for line in self._cells]

    def shows(self, text: str) -> bool:
        """Return whether `text` stands on one line of the screen."""
        return any(text in line for line in self.lines())

    def _put(self, text: str) -> None:
        for character in text:
            width = 2 if east_asian_width(character) in "WF" else 1
            if self._row < self._lines and self._column + width <= self._columns:
                self._cells[self._row][self._column : self._column + width] = [character, *[""] * (width - 1)]
            self._column += width

    def _move(self, control: str) -> None:
        if control == "\r":
            self._column = 0
        elif control == "\n":
            self._row = min(self._row + 1, self._lines - 1)
        elif control == "\b":
            self._column = max(self._column - 1, 0)

    def _obey(self, final: str, arguments: str) -> None:
        if not re.fullmatch(r"[\d;]*", arguments):
            return
        numbers = [int(number or 0) for number in arguments.split(";")]
        first = numbers[0]
        if final in "Hf":
            second = numbers[1] if len(numbers) > 1 else 1
            self._row, self._column = max(first, 1) - 1, max(second, 1) - 1
        elif final in "ABCD":
            step = max(first, 1) * (-1 if final in "AD" else 1)
            if final in "AB":
                self._row = min(max(self._row + step, 0), self._lines - 1)
            else:
                self._column = min(max(self._column + step, 0), self._columns - 1)
        elif final == "J" and first == 2:
            self._cells = [[" "] * self._columns for _ in range(self._lines)]
        elif final == "K" and first == 0 and self._row < self._lines:
            self._cells[self._row][self._column :] = [" "] * max(0, self._columns - self._column)
