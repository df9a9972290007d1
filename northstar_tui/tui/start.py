"""From a terminal that can show it to a running screen and back: guards, worker, first snapshot, app."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from textual.constants import COLOR_SYSTEM

from northstar_tui.config import Settings
from northstar_tui.ledger.store import now
from northstar_tui.tui import FIRST, terminal, theme
from northstar_tui.tui.app import CockpitApp
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.feed import LateSchedule
from northstar_tui.tui.live import PACE, STEP
from northstar_tui.tui.palettes import FEW, TRUE, WIDE
from northstar_tui.tui.reader import StoreReader


def show(store: Path, settings: Settings, start: Sequence[tuple[str, Any]], *, fetches: bool = True) -> int:
    """Show the cockpit; return the exit code."""
    feed = LateSchedule(settings, store, fetches=fetches)
    bridge: Bridge[StoreReader] = Bridge(lambda: StoreReader(store, settings.epochs), store.exists)
    pace = PACE if settings.screen.reduced_motion or terminal.no_motion() else STEP
    screen = settings.screen
    cockpit = Cockpit(
        bridge, store, _look(settings), now, start, feed, pace, screen.export_dir, screen.columns, hasty=True
    )
    first = bridge.first(FIRST)
    if first is not None:
        cockpit.news(first)
    app = CockpitApp(cockpit, asks=_asks(settings))
    terminal.guard(app.ground.taken)
    gc.freeze()  # what was imported stays: no collection need look through it again
    gc.enable()
    try:
        with terminal.restored():
            app.run(mouse=settings.screen.mouse)
    finally:
        cockpit.noting.close()
        feed.stop()
        bridge.close()
        cockpit.seen.leave(store)
    return app.return_code or 0


def _asks(settings: Settings) -> bool:
    """Return whether the terminal is to say what its ground is. The Linux console would print the question."""
    return settings.screen.theme is None and not terminal.no_color() and os.environ.get("TERM") != "linux"


def _look(settings: Settings) -> theme.Look:
    """Return the look that the operator wants: none of colour, the config's, or what the terminal says of itself."""
    name, plain = settings.screen.theme, settings.screen.ascii
    if terminal.no_color():
        name = "mono"
    elif name is None:
        name = "light" if os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15") else "dark"
    system = Console(force_terminal=True, color_system=COLOR_SYSTEM).color_system  # type: ignore[arg-type]
    return theme.look(
        name,
        ascii_only=terminal.ascii_only() if plain is None else plain,
        colors={"truecolor": TRUE, "256": WIDE}.get(system or "", FEW),
    )
