"""Runs: what was executed when, and how it ended, kept in the store beside what it brought."""

from __future__ import annotations

from dataclasses import dataclass

from northstar_tui.events import Counts, Origin
from northstar_tui.ledger.intern import Interner
from northstar_tui.ledger.store import Store, now


@dataclass(frozen=True, slots=True)
class Asked:
    """What an import was told: where its file lies, and the format and book that the operator named."""

    path: str | None
    format: str | None = None
    book: str | None = None


class Run:
    """One run of a source, recorded as running until it says otherwise. Every method needs an open transaction.

    Runs of a source come one after the other: one that is still recorded as running when the next begins was killed.
    """

    def __init__(self, store: Store, source: str, origin: Origin | None = None, asked: Asked | None = None) -> None:
        self._connection = store.connection
        self._origin = origin
        source_id = Interner(self._connection).id("source", source)
        self._connection.execute(
            "UPDATE run SET outcome = 'stopped', error = 'killed before its end' "
            "WHERE source_id = ? AND outcome = 'running'",
            (source_id,),
        )
        self._id: int = self._connection.execute(
            "INSERT INTO run (source_id, started_at, outcome, path, format, book) VALUES (?, ?, 'running', ?, ?, ?) "
            "RETURNING id",
            (source_id, now(), *((asked.path, asked.format, asked.book) if asked else (None, None, None))),
        ).fetchone()[0]

    def done(self, counts: Counts) -> None:
        """Record the end: the file it read, if any, was read in full."""
        if self._origin is not None:
            self._connection.execute("UPDATE origin SET complete = 1 WHERE sha256 = ?", (self._origin.sha256,))
        self._end("partial" if counts.quarantined else "done", counts, None)

    def network(self, pages: int, size: int) -> None:
        """Record how many answers, and bytes of them, the run took from the network."""
        self._connection.execute("UPDATE run SET pages = ?, bytes = ? WHERE id = ?", (pages, size, self._id))

    def failed(self, error: str, counts: Counts) -> None:
        """Record that it failed, and why."""
        self._end("failed", counts, error)

    def stopped(self, error: str, counts: Counts) -> None:
        """Record that somebody stopped it."""
        self._end("stopped", counts, error)

    def _end(self, outcome: str, counts: Counts, error: str | None) -> None:
        sha256 = self._origin.sha256 if self._origin else None
        self._connection.execute(
            "UPDATE run SET finished_at = ?, outcome = ?, read = ?, new = ?, unchanged = ?, revised = ?, "
            "quarantined = ?, error = ?, origin_id = (SELECT id FROM origin WHERE sha256 = ?) WHERE id = ?",
            (
                now(),
                outcome,
                counts.new + counts.unchanged + counts.revised + counts.quarantined,
                counts.new,
                counts.unchanged,
                counts.revised,
                counts.quarantined,
                error,
                sha256,
                self._id,
            ),
        )
