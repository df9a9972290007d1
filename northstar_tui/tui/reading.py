"""How well the store is read: when last, how fast, and whether what is shown is of now, held, or out of date."""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style

from northstar_tui.calendar import Calendar
from northstar_tui.text import safe
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.chrome import Part
from northstar_tui.views.words import counted


class Speed(NamedTuple):
    """How fast the screens' questions were answered."""

    read_at: int | None = None
    """When the last answer came, microseconds UTC."""
    seconds: float = 0.0
    """How long it took."""
    slowest: float = 0.0
    slowest_screen: str = ""

    def after(self, at: int, seconds: float, screen: str) -> Speed:
        """Return it after one more answer."""
        worst = (seconds, screen) if seconds > self.slowest else (self.slowest, self.slowest_screen)
        return Speed(at, seconds, *worst)

    def words(self, calendar: Calendar) -> str:
        """Return it in a sentence; empty before the first answer."""
        if self.read_at is None:
            return ""
        slowest = f", the slowest so far in {self.slowest * 1000:.1f} ms: {self.slowest_screen}"
        return f"read at {calendar.local(self.read_at):%H:%M:%S} in {self.seconds * 1000:.1f} ms" + (
            slowest if self.slowest > self.seconds else ""
        )


class Reading:
    """What is known of it now."""

    def __init__(self) -> None:
        self.speed = Speed()
        self.trouble = ""
        """Why the store cannot be read; empty where it can."""
        self.paused = False
        self.behind = 0
        """Updates of the store, one for each commit, since it was paused."""

    def read(self, at: int, seconds: float, screen: str) -> None:
        """Take an answer."""
        self.speed, self.trouble = self.speed.after(at, seconds, screen), ""

    def parts(self, calendar: Calendar | None, look: Look) -> list[Part]:
        """Return what the title says of it: nothing, where all is well."""
        found = []
        if self.trouble:
            at = self.speed.read_at
            since = f" since {calendar.local(at):%H:%M:%S}" if calendar is not None and at is not None else ""
            found += _badge(f"{look.glyphs.failing} STALE{since}", look.bar_loss, look, "sync")
        if self.paused:
            behind = f", {counted(self.behind, 'update', 'updates')} behind" if self.behind else ""
            found += _badge(f"PAUSED{behind}", look.bar_warn, look, "pause")
        return found

    def lost(self, error: Exception) -> None:
        """Take that the store cannot be read."""
        self.trouble = safe(str(error))
        self.paused, self.behind = False, 0


def _badge(text: str, style: Style, look: Look, action: str) -> list[Part]:
    """Return a state that must not be overlooked: ink and ground exchanged, two cells apart from what follows."""
    return [Part(f" {text} ", look.hollow(style), hit=action), Part("  ", look.bar)]
