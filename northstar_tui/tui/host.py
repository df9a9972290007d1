"""What the cockpit needs of what is around it: the program (the app is one, a test may be another), and the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from northstar_tui.tui.defects import Defect
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.theme import Look
from northstar_tui.views.base import Head
from northstar_tui.views.operations import SourceLine


class Host(Protocol):
    """What the cockpit needs of the program around it."""

    def repaint(self) -> None:
        """Show what `paint` returns now."""

    def redraw(self) -> None:
        """Show all of it again, whatever the terminal shows now."""

    def restyle(self, look: Look) -> None:
        """Take another look."""

    def send_clipboard(self, text: str) -> None:
        """Send `text` to the terminal's clipboard."""

    def suspend_program(self) -> None:
        """Stop until the shell brings the program back."""

    def leave(self) -> None:
        """End the program."""

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call `call` once, in `seconds`."""


class Read(NamedTuple):
    """A snapshot with what surrounds it, all of one moment."""

    head: Head
    snapshot: Any
    sources: tuple[SourceLine, ...] | None
    """How each source is; None where that is known from before."""
    cursor: Cursor
    """The row that it was asked for."""
    unread: Mapping[str, Defect]
    """What of the snapshot could not be read."""
