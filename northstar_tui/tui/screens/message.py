"""States that are not data: the first run, reading, failed, too small. Each says what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from northstar_tui.errors import NorthStarError
from northstar_tui.text import safe
from northstar_tui.tui.actions import MESSAGE, key_of
from northstar_tui.tui.paint import Line, fit, width, wrap
from northstar_tui.tui.screens.page import TextPage, finish
from northstar_tui.tui.theme import Look

SMALLEST = (40, 10)
"""Columns and lines below which nothing true could be shown."""


_KEY = 4
"""Cells of a command that is a key: it stands beside what it does."""


class MessagePage(TextPage):
    """A title, a sentence, and the commands that lead on."""

    def __init__(
        self, screen: str, title: str, text: str, commands: Sequence[tuple[str, str]] = (), *, broken: bool = False
    ) -> None:
        super().__init__(self._told)
        self.screen = screen
        self._title, self._text, self._commands, self._broken = title, text, commands, broken

    def _told(self, cells: int, look: Look) -> list[Line]:
        """Return it at most 76 cells wide, in the middle."""
        room = min(76, cells - 2)
        left = max(0, (cells - room) // 2)
        title = Line().put(f"{look.glyphs.failing} ", look.loss) if self._broken else Line()
        found = [title.put(fit(safe(self._title), min(room - 2, width(safe(self._title)))), look.strong), Line()]
        found += [Line().put(text, look.text) for part in self._text.split("\n") for text in wrap(safe(part), room)]
        if self._commands:
            found += [Line(), *self._offered(room, look)]
        return [Line().put(" " * left, look.text).join(line) for line in found]

    def above(self, lines: int, rows: int) -> int:
        """Return how many lines stand above: it begins a third from the top."""
        return max(0, (rows - lines) // 3)

    def _offered(self, cells: int, look: Look) -> list[Line]:
        """Return what leads on: a key beside what it does, a command above it."""
        found = []
        for command, about in self._commands:
            line = Line().put("  ", look.text)
            line.put(fit(safe(command), min(cells - 2, max(_KEY, width(command)))), look.accent)
            if width(command) <= _KEY:
                first, *rest = wrap(safe(about), max(8, cells - _KEY - 2))
                found += [line.put(first, look.dim), *(Line().put(" " * (_KEY + 2) + part, look.dim) for part in rest)]
            else:
                found.append(line)
                found += [Line().put("    ", look.text).put(text, look.dim) for text in wrap(safe(about), cells - 4)]
        return found

    def value(self) -> str:
        """Return the first command that it offers, else what it says."""
        offered = (command for command, _ in self._commands if command.startswith("northstar "))
        return next(offered, f"{self._title}: {self._text}")


def loading(screen: str) -> MessagePage:
    """Return the page while the first answer is on its way."""
    return MessagePage(screen, "Reading the store …", "It is being read in the background; keys work meanwhile.")


def first_run(store: str, sources: Sequence[str] = ()) -> MessagePage:
    """Return the page of a store that has nothing in it, or is not there yet; `sources` are those of the config."""
    if sources:
        return MessagePage(
            MESSAGE,
            "Welcome to NorthStar",
            f"There is nothing in your store yet. What arrives appears here by itself.\n\nStore: {store}",
            (
                (key_of("refresh"), f"fetch now from {', '.join(sources)}"),
                ("northstar doctor", "check config, secrets and connections, and how to mend each"),
                ("northstar import Kalshi-Transactions-2026.csv", "load an export; formats are recognised by content"),
            ),
        )
    return MessagePage(
        MESSAGE,
        "Welcome to NorthStar",
        f"There is nothing in your store yet. Leave with {key_of('quit')} and begin with one of these; what you "
        "import while this screen is open appears here by itself.\n\n" + f"Store: {store}",
        (
            ("northstar demo", "look around in a simulated company; it has a store of its own"),
            ("northstar import Kalshi-Transactions-2026.csv", "load an export; formats are recognised by content"),
            ("northstar init", "write a commented config: books, categories, time zone"),
        ),
    )


def failed(error: Exception) -> MessagePage:
    """Return the page of a question that could not be answered: the operator's to mend, or a defect."""
    again = (key_of("refresh"), "try again"), (key_of("back"), "back")
    if isinstance(error, NorthStarError):
        remedy = error.remedy or f"Press {key_of('refresh')} to try again."
        return MessagePage(MESSAGE, "This could not be read", f"{error.message}\n\n{remedy}", again, broken=True)
    text = f"{type(error).__name__}: {error}\n\nIf it stays, northstar verify checks the store."
    offered = (*again, (key_of("copy"), "copy a report"))
    return MessagePage(MESSAGE, "This could not be read", text, offered, broken=True)


def too_small(cells: int, rows: int, look: Look) -> list[Strip]:
    """Return the screen of a terminal in which nothing else fits."""
    text = f"{cells}×{rows} is too small: NorthStar needs {SMALLEST[0]}×{SMALLEST[1]}. {key_of('quit')} quits."
    return finish([Line().put(part, look.text) for part in wrap(text, max(1, cells - 1))], cells, rows, look)
