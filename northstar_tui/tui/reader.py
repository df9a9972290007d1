"""The worker's own connection to the store: what it reads with, and how it notices other processes' commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from northstar_tui.calendar import ALL, Epoch, Period
from northstar_tui.ledger import state
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, StoreError

ROOM = 256 * 1024 * 1024
"""Bytes of the store's write-ahead log up to which a moment is held: meanwhile it cannot be folded into the store."""


class Behind(NamedTuple):
    """How far the held moment is behind the store."""

    commits: int
    """Appends that changed something."""
    full: bool
    """Whether the moment must be let go: the store needs the room."""


STEPS = 500_000
"""Steps of SQLite's machine, some milliseconds of them, between two looks whether the answer is still wanted."""


class StoreReader:
    """One read-only connection. Use it in one thread. Raises StoreError where there is no store."""

    def __init__(self, path: Path, epochs: tuple[Epoch, ...] = ()) -> None:
        """`epochs` are the stretches of time that the config names."""
        self.store = Store.open(path)
        self.store.calendar.epochs = epochs
        self._path = path
        self._file = _identity(path)
        self._stopped = False
        self.store.connection.set_progress_handler(lambda: self._stopped, STEPS)
        self._version = self.store.data_version()
        self._batch = _newest(self.store)
        self._live: Store | None = None

    def changed(self) -> Period | Behind | None:
        """Return a span that holds every day that other connections' commits have changed, or None for no commit.

        While a moment is held, how far it is behind. Raises StoreError where the store is not the file any more that
        was opened: SQLite would go on reading what nobody else sees.
        """
        if _identity(self._path) != self._file:
            raise StoreError(
                f"another file, or none, is where the store was: {self._path}", "it is read when it is back"
            )
        if self._live is not None:
            return self._behind(self._live)
        version = self.store.data_version()
        if version == self._version:
            return None
        self._version = version
        rules = self.store.connection.execute("SELECT value FROM meta WHERE name = 'rules'").fetchone()[0]
        if rules != self.store.rules.text():  # rebuilt under other rules: other buckets, maybe another zone
            self.store.adopt(Rules.read(rules))
            self._batch = _newest(self.store)
            return ALL
        newest = _newest(self.store)
        if newest == self._batch:  # no append: a run, or a rebuild, which may have mended any day
            return ALL
        spans = [state.touched_since(self.store, self._batch, basis) for basis in ("closed", "opened")]
        self._batch = newest
        found = [span for span in spans if span is not None]
        if not found:
            return Period(0, 0, "range")
        return Period(min(span.start for span in found), max(span.end for span in found), "range")

    # -- holding a moment ----------------------------------------------------------------------------------------------

    @property
    def latest(self) -> Store:
        """The store as it is now, also while a moment is held."""
        return self._live or self.store

    def hold(self) -> None:
        """Hold this moment: everything is read as it is now, until `release`."""
        if self._live is None:
            self._live = Store.open(self._path)
            self._seen, self._version = self._live.data_version(), self.store.data_version()
            self.store.connection.execute("BEGIN")
            self._batch = _newest(self.store)  # the first read is what begins the moment

    def release(self) -> Period | None:
        """Let the moment go; return what `changed` since."""
        if self._live is not None:
            self.store.connection.execute("COMMIT")
            self._live.close()
            self._live = None
        found = self.changed()
        assert not isinstance(found, Behind)
        return found

    def _behind(self, live: Store) -> Behind | None:
        version = live.data_version()
        if version == self._seen:
            return None
        self._seen = version
        log = Path(f"{self._path}-wal")
        return Behind(_newest(live) - self._batch, log.exists() and log.stat().st_size > ROOM)

    @contextmanager
    def moment(self) -> Iterator[Store]:
        """Give the store as it is at one moment; a question that failed leaves no transaction behind."""
        if self._live is not None:
            yield self.store
            return
        try:
            with self.store.reading():
                yield self.store
        finally:
            if self.store.connection.in_transaction:
                self.store.connection.execute("ROLLBACK")

    def begin(self) -> None:
        """Take a new question: `interrupt` means that one now."""
        self._stopped = False

    def interrupt(self) -> None:
        """End the question that runs; may be called from another thread.

        SQLite's own interrupt ends a statement and forgets: between two statements of a question it would be lost.
        While a moment is held nothing ends: SQLite would roll the moment back with what it was working out.
        """
        if self._live is None:
            self._stopped = True
            self.store.connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        if self._live is not None:
            self._live.close()
        self.store.close()


def _newest(store: Store) -> int:
    batch = state.last_batch(store)
    return batch[0] if batch else 0


def _identity(path: Path) -> tuple[int, int] | None:
    """Return which file it is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
