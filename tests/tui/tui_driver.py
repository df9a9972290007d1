"""Goldens, and a terminal small enough to check that what is sent adds up to what is meant."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rich.cells import get_character_cell_size

GOLDENS = Path(__file__).parent.parent / "snapshots" / "tui"
_TOKEN = re.compile(
    r"\x1b\[([0-9;?<>=]*)(\$?[A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()=>].?|([^\x1b])", re.DOTALL
)


def golden(name: str, text: str) -> None:
    """Compare `text` with the golden `name`; ``NORTHSTAR_GOLDENS=write`` writes it instead."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("NORTHSTAR_GOLDENS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{name} has no golden yet: NORTHSTAR_GOLDENS=write, then look at it"
    assert text == path.read_text(encoding="utf-8"), f"{name} changed; look at it, then NORTHSTAR_GOLDENS=write"


class Terminal:
    """Understands cursor moves, SGR and text, as any terminal does; keeps each cell's character and pen."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[(" ", "")] * columns for _ in range(rows)]
        self.x = self.y = 0
        self.pen: dict[str, str] = {}
        self.seen: set[str] = set()

    def feed(self, data: str) -> None:
        """Take what a program sent."""
        for match in _TOKEN.finditer(data):
            if match[3] is not None:
                self._put(match[3])
            elif match[2] == "H":
                row, _, column = match[1].partition(";")
                self.y, self.x = int(row or 1) - 1, int(column or 1) - 1
            elif match[2] == "m":
                self._pen(match[1])
            elif match[2] == "J":
                self.cells = [[(" ", "")] * self.columns for _ in range(self.rows)]

    def _pen(self, codes: str) -> None:
        parts = codes.split(";")
        self.seen.update(parts)
        while parts:
            code = parts.pop(0)
            if code in ("", "0"):
                self.pen = {}
            elif code in ("38", "48"):
                count = 4 if parts[0] == "2" else 2
                self.pen[code] = ";".join([code, *parts[:count]])
                del parts[:count]
            elif code in ("39", "49"):
                self.pen.pop(f"{code[0]}8", None)
            else:
                number = int(code)
                ink, ground = number // 10 in (3, 9), number // 10 in (4, 10)
                self.pen["38" if ink else "48" if ground else code] = code

    def _put(self, char: str) -> None:
        if char == "\n":
            self.y += 1
            return
        if char == "\r":
            self.x = 0
            return
        size = get_character_cell_size(char)
        if size == 0:
            if self.x and self.y < self.rows:
                old, pen = self.cells[self.y][self.x - 1]
                self.cells[self.y][self.x - 1] = (old + char, pen)
            return
        if self.y < self.rows and self.x < self.columns:
            pen = " ".join(sorted(self.pen.values()))
            self.cells[self.y][self.x] = (char, pen)
            if size == 2 and self.x + 1 < self.columns:
                self.cells[self.y][self.x + 1] = ("", pen)
        self.x += size

    @property
    def text(self) -> str:
        """The screen's text."""
        return "\n".join("".join(char for char, _ in row).rstrip() for row in self.cells) + "\n"
