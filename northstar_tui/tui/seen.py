"""What the operator has seen: from when on changes are news, and what to remember when they leave.

The bridge "since you last looked" stays put while somebody is there, so that it does not vanish under their eyes. It
begins anew when they come back to the keys after a while away.
"""

from __future__ import annotations

import sys
from pathlib import Path

from northstar_tui.ledger.look import Look, remember
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.views.base import Head

AWAY = 30 * 60 * 1_000_000
"""Microseconds without a key after which the operator was away."""
_PATIENCE = 1000
"""Milliseconds to wait for another process's transaction when leaving."""


class Seen:
    """From which look on the screen tells what changed, and what it shows now."""

    def __init__(self, now: int) -> None:
        self.look: Look | None = None
        """Changes since it are told; None: since the one that the store remembers."""
        self._shown: Look | None = None
        self._typed = now

    def shown(self, head: Head, now: int) -> None:
        """Take that the screen shows `head`."""
        if now - self._typed < AWAY:
            self._shown = Look(now, head.event, head.net)

    def key(self, now: int) -> bool:
        """Take that a key was pressed; return whether somebody has come back, to whom other changes are news."""
        away = now - self._typed >= AWAY
        self._typed = now
        if away:
            self.look = self._shown
        return away

    def leave(self, store: Path) -> None:
        """Remember in the store what was seen last; where that cannot be, say so on stderr."""
        if self._shown is None:
            return
        try:
            with Store.open(store, write=True) as opened:
                opened.connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
                remember(opened, self._shown)
        except StoreError as error:
            sys.stderr.write(f"northstar: what you saw is not remembered: {error}\n")
