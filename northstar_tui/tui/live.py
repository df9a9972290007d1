"""When to read again what others committed: at once, but not in the way of somebody who types.

A sync commits many times a second, and each commit read and painted is some milliseconds in which a key waits. So
while keys come the page is read again when they pause, and at least every MOST seconds; how the sources are, when they
pause.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from northstar_tui.calendar import ALL

PAUSE = 0.15
"""Seconds without a key after which nobody types."""
MOST = 1.0
"""Longest that a commit waits to be shown while somebody types, seconds."""
STEP = 0.2
"""Seconds between two reads while commits come: a stream of them costs the same however fast it is, and each is
painted within 250 ms, because a read shows all that came before it."""
PACE = 5.0
"""The same for somebody who asked for little motion."""
CALM = 0.5
"""Seconds between two looks at the sources' states while commits come."""


class Live:
    """What was committed and is not read yet."""

    def __init__(
        self,
        read: Callable[[object], None],
        sources: Callable[[], None],
        later: Callable[[float, Callable[[], None]], None],
        pace: float = 0.0,
    ) -> None:
        """`read` reads again what a commit touched, `sources` how the sources are; `later` calls in some seconds.

        Two reads are at least `pace` seconds apart.
        """
        self._read, self._sources, self._later, self._pace = read, sources, later, pace
        self._last = float("-inf")
        self._typed = self._begun = float("-inf")
        self._touched: object | None = None
        self._asking = False
        self.paused = False
        """Whether nothing is read again until it goes on."""

    def key(self) -> None:
        """Somebody types."""
        self._typed = monotonic()

    @property
    def typing(self) -> bool:
        """Whether somebody types: what can wait does."""
        return monotonic() - self._typed < PAUSE

    def committed(self, what: object) -> None:
        """Take a commit that touched `what`."""
        if self.paused:
            return
        if not self._asking:
            self._asking = True
            self._later(max(CALM, self._pace), self._look)
        if self._touched is not None:
            self._touched = what if what == self._touched else ALL
            return
        self._touched, self._begun = what, monotonic()
        self._flush()

    def _flush(self) -> None:
        if self.typing and monotonic() - self._begun < MOST:
            self._later(PAUSE, self._flush)
            return
        rest = self._last + self._pace - monotonic()
        if rest > 0:
            self._later(rest, self._flush)
            return
        self._last = monotonic()
        if self.paused:
            self._touched = None
            return
        what, self._touched = self._touched, None
        self._read(what)

    def _look(self) -> None:
        if self.typing:
            self._later(PAUSE, self._look)
            return
        self._asking = False
        self._sources()
