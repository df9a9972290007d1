"""The worker's own connection to the store: what it reads with, and how it notices other processes' commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger import state
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store


class StoreReader:
    """One read-only connection. Use it in one thread. Raises StoreError where there is no store."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(path)
        self._version = self.store.data_version()
        self._batch = self._newest()

    def _newest(self) -> int:
        batch = state.last_batch(self.store)
        return batch[0] if batch else 0

    def changed(self) -> Period | None:
        """Return a span that holds every day that other connections' commits have changed, or None for no commit."""
        version = self.store.data_version()
        if version == self._version:
            return None
        self._version = version
        rules = self.store.connection.execute("SELECT value FROM meta WHERE name = 'rules'").fetchone()[0]
        if rules != self.store.rules.text():  # rebuilt under other rules: other buckets, maybe another zone
            self.store.adopt(Rules.read(rules))
            self._batch = self._newest()
            return ALL
        newest = self._newest()
        if newest == self._batch:  # no append: a run, or a rebuild, which may have mended any day
            return ALL
        spans = [state.touched_since(self.store, self._batch, basis) for basis in ("closed", "opened")]
        self._batch = newest
        found = [span for span in spans if span is not None]
        if not found:
            return Period(0, 0, "range")
        return Period(min(span.start for span in found), max(span.end for span in found), "range")

    @contextmanager
    def moment(self) -> Iterator[Store]:
        """Give the store as it is at one moment; a question that failed leaves no transaction behind."""
        try:
            with self.store.reading():
                yield self.store
        finally:
            if self.store.connection.in_transaction:
                self.store.connection.execute("ROLLBACK")

    def interrupt(self) -> None:
        """End the query that runs; may be called from another thread."""
        self.store.connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self.store.close()
