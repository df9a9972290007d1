"""While an answer is on its way: what is typed ahead, and what the page in sight can still do.

Actions wait for the page that they were meant for, as long as it is a matter of moments. After that the page in sight
moves again, and going back gives up what was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from northstar_tui.tui.doing import HANDLERS

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

SLOW = 0.15
"""Seconds after which an answer is late, and the screen says so."""
LONG = 0.6
"""Seconds after which the page in sight moves again."""
READING = "Reading …"
GIVES_UP = "Reading … (back: stay with what is shown)"
AHEAD = 32
"""Actions kept while an answer is on its way: typing ahead acts on what it leads to."""
AT_ONCE = frozenset({"quit", "help", "commands", "filter", "theme", "redraw", "refresh", "suspend"})
"""Actions that need no page."""
_BACK = ("back", "leave", "clear")


class Waiting:
    """Whether an answer is due, for how long, and what waits for it."""

    def __init__(self, cockpit: Cockpit) -> None:
        self._cockpit = cockpit
        self.message = ""
        """What the footer says meanwhile."""
        self._asked = 0
        self._due = False
        self._ahead: list[str] = []

    def begin(self) -> None:
        """A page was asked for."""
        self._hush()
        self._asked += 1
        self._due = True
        host, asked = self._cockpit.host, self._asked
        if host is not None:
            host.later(SLOW, lambda: self._late(asked, READING))
            host.later(LONG, lambda: self._late(asked, GIVES_UP))

    def _late(self, asked: int, message: str) -> None:
        if self._due and asked == self._asked:
            said = self._cockpit.message in ("", self.message)
            self.message = message
            if said:
                self._cockpit.message = message
            self._cockpit.repaint()

    def _hush(self) -> None:
        if self.message and self._cockpit.message == self.message:
            self._cockpit.message = ""
        self.message = ""

    def end(self) -> None:
        """The page has come, or why it cannot."""
        self._due = False
        self._hush()

    def go_on(self) -> None:
        """Do what has waited."""
        ahead, self._ahead = self._ahead, []
        for action in ahead:
            self._cockpit.do(action)

    def holds(self, action: str) -> bool:
        """Return whether `action` waits, or was done to the page in sight or to what is on its way."""
        cockpit = self._cockpit
        if not self._due or cockpit.overlay is not None or action in AT_ONCE:
            return False
        long = self.message == GIVES_UP
        if action in _BACK and (long or not cockpit.on_page):  # what is on its way is not wanted any more
            self._ahead = []
            cockpit.go(cockpit.shown if cockpit.on_page and cockpit.shown is not None else cockpit.nav.up())
        elif long and action not in HANDLERS and not self._ahead:
            cockpit.front.move(action)
        else:
            self._ahead = [*self._ahead, action][-AHEAD:]
        return True
