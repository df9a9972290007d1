"""A circuit breaker per source, kept in the store so that it survives restarts.

Closed: every run goes out. After FAILURES failed runs in a row it opens: runs are skipped until `until`, each failure
doubling the wait. Then it is half-open: one run goes out; it closes the breaker or opens it again. A server that says
how long to wait (`Retry-After`) opens it at once, for that long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from northstar_tui.ledger.store import Store

FAILURES = 3
WAIT = 60_000_000
"""First wait of an open breaker, microseconds; it doubles with each further failure."""
WAIT_MOST = 3600_000_000
ASKED_MOST = 86_400_000_000
"""Longest that a server can keep us away by its own word."""
State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Breaker:
    """State of one source's breaker: failed runs in a row, and until when (microseconds UTC) it holds runs back."""

    failures: int = 0
    until: int = 0

    def state(self, now: int) -> State:
        """Return its state at instant `now`."""
        if self.failures < FAILURES:
            return "closed"
        return "open" if now < self.until else "half-open"

    def after(self, failed: bool, now: int, asked: int = 0) -> Breaker:
        """Return it after a run."""
        return self.failed(now, asked) if failed else Breaker()

    def failed(self, now: int, asked: int = 0) -> Breaker:
        """Return it after one more failed run, at whose end the server `asked` for so long a wait (microseconds)."""
        failures = max(self.failures + 1, FAILURES if asked else 0)
        if failures < FAILURES:
            return Breaker(failures, 0)
        wait = min(WAIT << min(failures - FAILURES, 20), WAIT_MOST)
        return Breaker(failures, now + max(wait, min(asked, ASKED_MOST)))


def load(store: Store, source_id: int) -> Breaker:
    """Return a source's breaker."""
    row = store.connection.execute("SELECT failures, until FROM breaker WHERE source_id = ?", (source_id,)).fetchone()
    return Breaker(*row) if row else Breaker()


def save(store: Store, source_id: int, breaker: Breaker) -> None:
    """Store a source's breaker, within the caller's transaction."""
    store.connection.execute(
        "INSERT INTO breaker VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET failures = excluded.failures, until = excluded.until",
        (source_id, breaker.failures, breaker.until),
    )
