"""A running screen under test, goldens, and a terminal that checks that what is sent adds up to what is meant."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from rich.cells import get_character_cell_size
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from northstar_tui.tui.app import CockpitApp
from northstar_tui.tui.cockpit import Cockpit

GOLDENS = Path(__file__).parent.parent / "snapshots" / "tui"
_TOKEN = re.compile(
    r"\x1b\[([0-9;?<>=]*)(\$?[A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()=>].?|([^\x1b])", re.DOTALL
)


def screen_text(app: CockpitApp) -> str:
    """Return what the compositor shows, as text: the one place that knows Textual's private way to it."""
    lines = ("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())
    return "\n".join(line.rstrip() for line in lines) + "\n"


@dataclass
class Driver:
    """A running screen: keys in, text out."""

    app: CockpitApp
    pilot: Pilot[None]

    @property
    def cockpit(self) -> Cockpit:
        """The state behind the screen."""
        return self.app.cockpit

    async def press(self, *keys: str) -> str:
        """Press keys, each when the screen has settled after the one before; return the text then."""
        for key in keys:
            name, character = (_character_to_key(key), key) if len(key) == 1 else (key, None)
            self.app.post_message(events.Key(name, character))
            await self.settled()
        return self.text

    async def until(self, *wanted: str | Callable[[str], bool]) -> str:
        """Wait until the screen shows each text, or is as each function says; return it."""
        end = time.monotonic() + 60
        while True:
            await self.settled()
            text = self.text
            if all(each in text if isinstance(each, str) else each(text) for each in wanted):
                return text
            assert time.monotonic() < end, f"{wanted} never came:\n{text}"
            await asyncio.sleep(0.02)

    async def settled(self) -> None:
        """Wait until nothing is asked of the store any more and all of it is on the screen."""
        still = 0
        while still < 3:  # a message just taken from the queue may ask again
            await self.pilot.pause(0.001)
            queue = self.app._message_queue
            still = still + 1 if self.cockpit.bridge.idle and queue is not None and queue.empty() else 0
        await self.pilot.pause(0)

    @property
    def text(self) -> str:
        """The screen."""
        return screen_text(self.app)

    @property
    def crumb(self) -> str:
        """The breadcrumb line."""
        return self.text.splitlines()[1]


Open = Callable[..., AbstractAsyncContextManager[Driver]]


def golden(name: str, text: str) -> None:
    """Compare `text` with the golden `name`; ``NORTHSTAR_GOLDENS=write`` writes it instead."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("NORTHSTAR_GOLDENS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{name} has no golden yet: NORTHSTAR_GOLDENS=write, then look at it"
    assert text == path.read_text(encoding="utf-8"), f"{name} changed; look at it, then NORTHSTAR_GOLDENS=write"


_PART = re.compile(r"\x1b(?:\[[0-9;?<>=]*\$?|\][^\x07\x1b]*\x1b?|[()])?\Z")
"""A sequence of which the rest has not come yet."""


class Terminal:
    """Understands cursor moves, SGR and text, as any terminal does; keeps each cell's character and pen."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[(" ", "")] * columns for _ in range(rows)]
        self.x = self.y = 0
        self.pen: dict[str, str] = {}
        self.seen: set[str] = set()
        self._part = ""

    def feed(self, data: str) -> None:
        """Take what a program sent; a sequence may come in two parts."""
        data = self._part + data
        part = _PART.search(data)
        self._part = part[0] if part else ""
        data = data.removesuffix(self._part)
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
