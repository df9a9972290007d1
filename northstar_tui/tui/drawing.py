"""One screen without a terminal: the cockpit is led to a place and painted once, for a picture of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from textual.strip import Strip

from northstar_tui.config import Settings
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.feed import LateSchedule
from northstar_tui.tui.navigation import Place
from northstar_tui.tui.reader import StoreReader
from northstar_tui.tui.theme import Look

_WAIT = 0.02


def settled(cockpit: Cockpit, size: tuple[int, int]) -> list[Strip]:
    """Take all of the worker's news, nobody else listening to it; return what is painted then."""
    while True:
        lines = cockpit.paint(*size)
        idle = cockpit.bridge.idle
        news = cockpit.bridge.first(0 if idle else _WAIT)
        if news is not None:
            cockpit.news(news)
        elif idle:
            return lines


def draw(
    store: Path,
    settings: Settings,
    places: Sequence[Place],
    size: tuple[int, int],
    look: Look,
    clock: Callable[[], int],
    kept: str = "",
) -> list[Strip]:
    """Return the screen at the end of the path `places` under the filter `kept`, columns by lines of `size`."""
    bridge: Bridge[StoreReader] = Bridge(lambda: StoreReader(store, settings.epochs))
    feed = LateSchedule(settings, store)
    try:
        columns = settings.screen.columns
        return settled(Cockpit(bridge, store, look, clock, places, feed, columns=columns, kept=kept), size)
    finally:
        feed.stop()
        bridge.close()
