"""The whole screen as lines: title, path, body, footer. What breaks in one of them leaves the others standing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.style import Style
from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.tui.actions import BY_ID, FILTERED, WHY, key_of
from northstar_tui.tui.defects import Defect
from northstar_tui.tui.header import header
from northstar_tui.tui.paint import Line, ascii_strip, width
from northstar_tui.tui.prompt import FILTER
from northstar_tui.tui.screens.message import SMALLEST, too_small
from northstar_tui.tui.screens.page import finish
from northstar_tui.tui.screens.registry import crumb
from northstar_tui.tui.theme import ASCII, Look
from northstar_tui.tui.widgets.chrome import crumbs, hints, message_line, prompt_hint, prompt_line

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

TITLE, PATH, BODY = 0, 1, 2
"""Lines of the screen: the title, the path, the body's first. The footer is the last."""


class Painter:
    """Paints one cockpit, and knows what a click on its frame means."""

    def __init__(self, cockpit: Cockpit) -> None:
        self._cockpit = cockpit
        self._frame: dict[int, Line] = {}
        self.caret = (0, 0)
        """Column and line of the terminal's own cursor, which braille displays and magnifiers follow."""
        self._broken: list[Defect] = []

    def lines(self, cells: int, rows: int) -> list[Strip]:
        """Return the screen in exactly `rows` strips of `cells` cells."""
        self._frame, self._broken = {}, []
        look, fits = self._cockpit.look, cells >= SMALLEST[0] and rows >= SMALLEST[1]
        lines = self._whole(cells, rows, look) if fits else too_small(cells, rows, look)
        self.caret = self._caret(lines) if fits else (0, 0)
        return lines if look.glyphs is not ASCII else [ascii_strip(line) for line in lines]

    def _whole(self, cells: int, rows: int, look: Look) -> list[Strip]:
        cockpit = self._cockpit
        body = self._body(cells, rows - 3, look)  # first: how much of it is in sight is a note of the path's
        title = self._bar(TITLE, "The title line", cells, look.bar, lambda: self._title(cells))
        path = self._bar(PATH, "The path", cells, look.text, lambda: self._path(cells))
        foot = self._bar(rows - 1, "The footer", cells, look.bar, lambda: self._foot(cells))
        prompt = cockpit.prompt
        if prompt is not None and (prompt.purpose == FILTER or prompt.error) and body:
            body[-1] = self._bar(rows - 2, "The prompt", cells, look.bar, lambda: prompt_hint(prompt, cells, look))
        cockpit.defects.painted([*cockpit.front.defects, *self._broken])
        return [title, path, *body, foot]

    def _caret(self, lines: list[Strip]) -> tuple[int, int]:
        """Return where the terminal's own cursor belongs: where is typed, else at the mark of what is selected."""
        look, typing = self._cockpit.look, self._cockpit.prompt is not None
        marked = (look.hollow(look.bar),) if typing else (look.accent, look.on_cursor(look.accent))
        mark = "" if typing else look.glyphs.cursor
        for y in (len(lines) - 1,) if typing else range(BODY, len(lines) - 1):
            x = 0
            for text, style, _ in lines[y]:
                if mark in text and style in marked:
                    return x + width(text.partition(mark)[0] if mark else ""), y
                x += width(text)
        return 0, 0

    def hit(self, x: int, y: int) -> object:
        """Return what a click on cell `x` of line `y` means in the frame around the body; None where nothing."""
        line = self._frame.get(y)
        return None if line is None else line.at(x)

    def _bar(self, y: int, name: str, cells: int, ground: Style, draw: Callable[[], Line]) -> Strip:
        look = self._cockpit.look
        try:
            line = draw()
        except Exception as error:
            defect = Defect.of(name, error)
            self._broken.append(defect)
            line = Line().put(" ", ground).join(defect.lines(cells - 1, look, reported=False)[0])
        self._frame[y] = line
        return line.strip(cells, ground)

    def _body(self, cells: int, rows: int, look: Look) -> list[Strip]:
        page = self._cockpit.front
        page.defects, page.reported = (), self._cockpit.defects.reported
        try:
            return page.lines(cells, rows, look)
        except Exception as error:
            defect = Defect.of(f"The screen {page.screen}", error)
            return finish([Line(), *page.broken(defect, cells - 2, look)], cells, rows, look)

    def _title(self, cells: int) -> Line:
        cockpit = self._cockpit
        state = cockpit.reading.parts(cockpit.calendar, cockpit.look)
        return header(cockpit.head, cockpit.sources or (), cockpit.clock(), cells, cockpit.look, state)

    def _path(self, cells: int) -> Line:
        cockpit = self._cockpit
        calendar = cockpit.calendar or Calendar("UTC")
        names = [crumb(level.screen, level.subject, calendar) for level in cockpit.path]
        if cockpit.overlay is not None:
            names.append(BY_ID[cockpit.overlay.screen].label)
            notes = [cockpit.overlay.note()]
        else:
            notes = self._notes()
        return crumbs(names, notes, cells, cockpit.look)

    def _notes(self) -> list[str]:
        nav, notes = self._cockpit.nav, []
        subject: Any = nav.here.subject
        screen = nav.here.screen
        kept = subject[2] if screen == WHY else nav.filter if screen in FILTERED else ""
        if kept:
            notes.append(f"/{kept}")
        if screen in FILTERED | {WHY} and nav.basis != "closed":
            notes.append(f"by {nav.basis}")
        clears = (screen in FILTERED and kept) or getattr(subject, "search", "")
        return [*notes, self._cockpit.page.note(), f"{key_of('clear')} clears" if clears else ""]

    def _foot(self, cells: int) -> Line:
        cockpit, look = self._cockpit, self._cockpit.look
        if cockpit.prompt is not None:
            return prompt_line(cockpit.prompt, cells, look)
        if cockpit.message:
            return message_line(cockpit.message, cells, look)
        return hints(cockpit.scope, cells, look, ascii_only=look.glyphs is ASCII)
