"""The terminal face. Nothing outside this package imports Textual, and this module itself does so only in `run`."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from northstar_tui.config import Settings

FIRST = 0.25
"""Seconds to wait for the first snapshot, so that the first frame has data; then it begins with a loading page."""


def run(store_path: Path, settings: Settings, *, start: Sequence[tuple[str, Any]] = (), fetches: bool = True) -> int:
    """Show the cockpit on the store at `store_path` until the operator leaves; return the exit code.

    `start` is the path of (screen, subject) to begin at; the overview by default. Without `fetches` nothing is fetched
    from the sources of `settings`. Raises NorthStarError where there is no terminal that could show it, and ConfigError
    where its keys cannot be bound.
    """
    from northstar_tui import debug
    from northstar_tui.errors import NorthStarError
    from northstar_tui.tui import terminal

    if debug.target == "-":
        raise NorthStarError("the screen and the debug log cannot share a terminal", "name a file: --debug FILE")

    reason = terminal.why_plain()
    if reason is not None:
        raise NorthStarError(f"no screen can be shown: {reason}", "use northstar --plain, or northstar report")
    from northstar_tui.tui.actions import bind
    from northstar_tui.tui.keymap import bound

    bind(bound(settings.keys))
    gc.disable()  # while some three hundred modules load, nothing becomes garbage
    from northstar_tui.tui.start import show

    return show(store_path, settings, start, fetches=fetches)
