"""`append`: one transaction from a batch of events to current rollups.

Set-based: one statement per table and batch. A batch whose keys are all new needs no look-up at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import msgspec

from northstar_tui.calendar import MIN_TIME
from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Counts, Event, Origin
from northstar_tui.ledger.doors import Money, settle
from northstar_tui.ledger.moves import says
from northstar_tui.ledger.notes import keep
from northstar_tui.ledger.positions import Keeper
from northstar_tui.ledger.project import COLUMNS, Row, check, merged
from northstar_tui.ledger.quarantine import Where, hold
from northstar_tui.ledger.schema import TOUCHED_KEPT
from northstar_tui.notes import OPERATOR

if TYPE_CHECKING:
    import sqlite3

    from northstar_tui.ledger.store import Store

_encode = msgspec.json.Encoder(order="deterministic").encode
INSERT_ENTRY = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_EVENT = (
    "INSERT INTO event "
    "(id, subject_id, revision, kind_id, occurred_at, recorded_at, book_id, origin_id, line, body, raw)"
)
_AT_ONCE = 25
"""Rows in one statement: each then costs a quarter less than in a statement of its own."""


class EventError(NorthStarError):
    """An event that breaks the vocabulary: a defect of its source. Nothing of the batch was stored."""


class _Known:
    """What the log already holds about one subject, as this batch goes on."""

    __slots__ = ("book", "newest", "revision", "said", "stored")

    def __init__(self, stored: bool) -> None:
        self.revision = 0
        self.book: int | None = None
        self.newest: dict[str, tuple[str, int]] = {}
        self.said: set[tuple[str, str, int]] = set()
        self.stored = stored

    def learn(self, kind: str, body: str, at: int, book: int | None) -> None:
        self.revision += 1
        self.newest[kind] = body, at
        self.said.add((kind, body, at))
        if book is not None:
            self.book = book

    def unchanged(self, kind: str, body: str, at: int, book: int | None, replay: bool) -> bool:
        if book is not None and book != self.book:
            return False
        return (kind, body, at) in self.said if replay else self.newest.get(kind) == (body, at)


class _Log:
    """The rows that a batch adds to the log, after event `last`, recorded at `newest`.

    A log that is restored keeps the times it states. What states one before the log's end, or after the present, this
    store learns of now: so the times never fall, and what the log held at an instant is its events up to one of them.
    """

    __slots__ = ("newest", "next_id", "now", "origin", "rows")

    def __init__(self, last: int, newest: int, now: int, origin: int | None) -> None:
        self.next_id = last + 1
        self.newest = newest
        self.now = max(now, newest)
        self.origin = origin
        self.rows: list[Row] = []

    def add(self, event: Event, subject: int, revision: int, kind: int, book: int | None, body: str) -> None:
        recorded = event.recorded_at
        if recorded is None or not self.newest <= recorded <= self.now:
            recorded = self.now
        self.newest = recorded
        at, line, raw = event.occurred_at, event.line, event.raw
        self.rows.append((self.next_id, subject, revision, kind, at, recorded, book, self.origin, line, body, raw))
        self.next_id += 1


class Appender:
    """Appends one batch to `store`, within its open transaction."""

    def __init__(self, store: Store, batch: Batch) -> None:
        from northstar_tui.ledger.store import now

        self._connection = store.connection
        self._engine = store.engine
        self._batch = batch
        self._now = now()
        self._projector = store.projector()
        self._sources, self._books, self._kinds = map(self._projector.interner.axis, ("source", "book", "event_kind"))
        self._keeper = Keeper(self._connection, self._projector)
        self._counts = Counts()
        self._origins: dict[str, int] = {}
        self._noted: dict[str, set[int]] = {}

    def run(self) -> Counts:
        """Do it; return the counts. Raises EventError."""
        counts = self._counts
        batch = self._batch
        source_id = self._sources[batch.source]
        if batch.events:
            self._events(batch.events)
        if batch.rejects:
            self._quarantine(source_id)
        if batch.cursor is not None:
            self._connection.execute(
                "INSERT INTO cursor VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, "
                "updated_at = excluded.updated_at WHERE value IS NOT excluded.value",
                (source_id, batch.cursor, self._now),
            )
        touched = self._engine.flush()
        for rollup, days in self._noted.items():
            touched[rollup] = sorted(days.union(touched.get(rollup, ())))
        if counts.new or counts.revised or self._fresh_rejects:
            self._record(source_id, touched)
        counts.buckets = {day for days in touched.values() for day in days}
        return counts

    _fresh_rejects = 0

    # -- events --------------------------------------------------------------------------------------------------

    def _events(self, events: Sequence[Event]) -> None:
        top = int(self._connection.execute("SELECT coalesce(max(id), 0) FROM subject").fetchone()[0])
        subjects = self._subjects(events, top)
        fresh = subjects[-1] == top + len(events)
        last, newest = self._end()
        log = _Log(last, newest, self._now, self._origin(self._batch.origin))
        stored: list[int] = []
        moneys: set[Money] = set()
        if fresh and len(set(subjects)) == len(subjects):
            entries = self._first_said(events, subjects, log)
        else:
            known = {} if fresh else self._recall(subjects, top)
            entries, stored = self._said_before(events, subjects, known, log, moneys)
        self._connection.executemany(INSERT_ENTRY, entries)
        moneys.update([(row[_SAME], row[_BOOK]) for row in entries if row[_SAME] is not None])
        if moneys:
            settle(self._connection, self._engine, moneys, {row[0] for row in entries})
        if entries:
            self._engine.add("entry", "id > ?", (top,))
            if stored:
                self._engine.add("entry", _LISTED, (_listed(stored),))
        self._keeper.flush()
        if OPERATOR in self._sources:
            said = {subject for event, subject in zip(events, subjects, strict=True) if event.source == OPERATOR}
            if said:
                self._noted = keep(self._connection, self._engine.calendar, said)

    def _first_said(self, events: Sequence[Event], subjects: Sequence[int], log: _Log) -> list[Row]:
        """Log events about new subjects, each about its own; return their entries. The way of nearly every batch."""
        entries = []
        books, kinds, sources, project, add = self._books, self._kinds, self._sources, self._projector.row, log.add
        take = self._keeper.take
        for event, subject in zip(events, subjects, strict=True):
            kind, facts, source = event.kind, event.body, event.source
            book = None if event.book is None else books[event.book]
            try:
                check(event)
                body = _encode(facts).decode()
                entry = project(subject, log.next_id, source, sources[source], book, kind, facts, event.occurred_at)
            except (ValueError, KeyError, TypeError) as error:
                raise self._defect(event, error) from error
            if entry is not None:
                entries.append(entry)
            if says(kind, facts) is not None:
                take(subject, log.next_id, source, sources[source], book, kind, facts, event.occurred_at)
            add(event, subject, 1, kinds[kind], book, body)
        self._counts.new += len(events)
        _insert(self._connection, _EVENT, log.rows)
        return entries

    def _said_before(
        self,
        events: Sequence[Event],
        subjects: Sequence[int],
        known: dict[int, _Known],
        log: _Log,
        moneys: set[Money],
    ) -> tuple[list[Row], list[int]]:
        """Log what is news among events about `known` or repeated subjects; return entries, and which were stored.

        `moneys` takes in what the entries stated that are replaced.

        A statement that a later one of this very batch replaces is news only where it was never said: else a batch that
        says A and then B about one subject would say A anew whenever it is read again. What a restored log says twice
        was news twice.
        """
        changed: dict[int, tuple[Event, int]] = {}
        last = {(subject, event.kind): at for at, (event, subject) in enumerate(zip(events, subjects, strict=True))}
        for at, (event, subject) in enumerate(zip(events, subjects, strict=True)):
            body = self._body(event)
            book = None if event.book is None else self._books[event.book]
            state = known.get(subject)
            if state is None:
                state = known[subject] = _Known(stored=False)
            replay = self._batch.replay or (event.recorded_at is None and last[subject, event.kind] != at)
            if state.revision and state.unchanged(event.kind, body, event.occurred_at, book, replay):
                self._counts.unchanged += 1
                continue
            state.learn(event.kind, body, event.occurred_at, book)
            changed[subject] = (event, log.next_id)
            if says(event.kind, event.body) is not None:
                source_id = self._sources[event.source]
                self._keeper.take(
                    subject, log.next_id, event.source, source_id, state.book, event.kind, event.body, event.occurred_at
                )
            if state.revision == 1:
                self._counts.new += 1
            else:
                self._counts.revised += 1
            log.add(event, subject, state.revision, self._kinds[event.kind], book, body)
        _insert(self._connection, _EVENT, log.rows)
        entries: list[Row] = []
        return entries, self._restate(changed, known, entries, moneys)

    def _restate(
        self,
        changed: Mapping[int, tuple[Event, int]],
        known: Mapping[int, _Known],
        entries: list[Row],
        moneys: set[Money],
    ) -> list[int]:
        """Retract the entries of `changed` subjects stored before and project them anew; return those subjects."""
        if not changed:
            return []
        stored = [subject for subject in changed if known[subject].stored]
        if stored:
            self._engine.retract("entry", _LISTED, (_listed(stored),))
            gone = self._connection.execute(f"DELETE FROM entry WHERE {_LISTED} {_STATED}", (_listed(stored),))
            moneys.update(money for money in gone if money[0] is not None)
        for subject, (event, event_id) in changed.items():
            state = known[subject]
            kind, facts, at = merged({kind: (json.loads(body), at) for kind, (body, at) in state.newest.items()})
            entry = self._entry(subject, event_id, event, state.book, kind, facts, at)
            if entry is not None:
                entries.append(entry)
        return stored

    def _entry(
        self, subject: int, event_id: int, event: Event, book: int | None, kind: str, facts: Mapping[str, Any], at: int
    ) -> Row | None:
        source_id = self._sources[event.source]
        try:
            return self._projector.row(subject, event_id, event.source, source_id, book, kind, facts, at)
        except (ValueError, KeyError, TypeError) as error:
            raise self._defect(event, error) from error

    def _body(self, event: Event) -> str:
        try:
            check(event)
            return _encode(event.body).decode()
        except (ValueError, TypeError) as error:
            raise self._defect(event, error) from error

    def _defect(self, event: Event, error: Exception) -> EventError:
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        where = f"{event.source} {event.key!r}" + (f" line {event.line}" if event.line else "")
        return EventError(f"{where}: {reason}", "nothing of this batch was stored")

    def _end(self) -> tuple[int, int]:
        """Return the log's last event and when it was recorded."""
        row = self._connection.execute("SELECT id, recorded_at FROM event ORDER BY id DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, MIN_TIME)

    def _subjects(self, events: Sequence[Event], top: int) -> list[int]:
        """Return the subject id of each event, making the new ones; consecutive after `top` where all are new."""
        keys = [(self._sources[e.source], e.key) for e in events]
        made = _insert(self._connection, "INSERT INTO subject (source_id, key)", keys, "ON CONFLICT DO NOTHING")
        if made == len(keys):
            return list(range(top + 1, top + 1 + len(keys)))
        found: dict[tuple[int, str], int] = {}
        for source_id, group in groupby(sorted(set(keys)), key=lambda pair: pair[0]):
            rows = self._connection.execute(
                "SELECT s.key, s.id FROM json_each(?) j CROSS JOIN subject s ON s.source_id = ? AND s.key = j.value",
                (json.dumps([key for _, key in group]), source_id),
            )
            found.update(((source_id, key), subject) for key, subject in rows)
        return [found[key] for key in keys]

    def _recall(self, subjects: Sequence[int], top: int) -> dict[int, _Known]:
        """Return what the log holds about those of `subjects` that it knew before this batch."""
        old = sorted({subject for subject in subjects if subject <= top})
        known = {subject: _Known(stored=True) for subject in old}
        rows = self._connection.execute(
            "SELECT e.subject_id, d.name, e.body, e.occurred_at, e.book_id FROM json_each(?) j "
            "CROSS JOIN event e ON e.subject_id = j.value "
            "JOIN dimension d ON d.id = e.kind_id ORDER BY e.subject_id, e.revision",
            (_listed(old),),
        )
        for subject, kind, body, at, book in rows:
            known[subject].learn(kind, body, at, book)
        return known

    # -- the rest ------------------------------------------------------------------------------------------------

    def _origin(self, origin: Origin | None) -> int | None:
        if origin is None:
            return None
        found = self._origins.get(origin.sha256)
        if found is None:
            self._connection.execute(
                "INSERT INTO origin (name, sha256, size) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (origin.name, origin.sha256, origin.size),
            )
            row = self._connection.execute("SELECT id FROM origin WHERE sha256 = ?", (origin.sha256,)).fetchone()
            found = self._origins[origin.sha256] = int(row[0])
        return found

    def _quarantine(self, source_id: int) -> None:
        rejects, origin = self._batch.rejects, self._batch.origin
        where = Where(source_id, self._origin(origin), origin.written_at if origin else None)
        self._fresh_rejects, dismissed = hold(self._connection, where, rejects, self._now)
        self._counts.quarantined += len(rejects) - dismissed
        self._counts.unchanged += dismissed

    def _record(self, source_id: int, touched: Mapping[str, Sequence[int]]) -> None:
        counts = self._counts
        batch_id = self._connection.execute(
            "INSERT INTO batch (source_id, recorded_at, new, revised, quarantined) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (source_id, self._now, counts.new, counts.revised, self._fresh_rejects),
        ).fetchone()[0]
        self._connection.executemany(
            "INSERT INTO touched VALUES (?, ?, ?)",
            [(batch_id, rollup, day) for rollup, days in touched.items() for day in days],
        )
        self._connection.execute("DELETE FROM touched WHERE batch_id <= ?", (batch_id - TOUCHED_KEPT,))


_SAME, _BOOK = COLUMNS.index("same_id"), COLUMNS.index("book_id")
_STATED = "RETURNING same_id, book_id"
_LISTED = "id IN (SELECT value FROM json_each(?))"


def _listed(ids: Sequence[int]) -> str:
    return json.dumps(list(ids))


def _insert(connection: sqlite3.Connection, head: str, rows: Sequence[Sequence[object]], tail: str = "") -> int:
    """Insert `rows` in order by the statement `head` VALUES … `tail`, many at once; return how many were inserted."""
    if not rows:
        return 0
    one = f"({', '.join('?' * len(rows[0]))})"
    whole = len(rows) // _AT_ONCE * _AT_ONCE
    many = (tuple(chain.from_iterable(rows[at : at + _AT_ONCE])) for at in range(0, whole, _AT_ONCE))
    made = connection.executemany(f"{head} VALUES {', '.join([one] * _AT_ONCE)} {tail}", many).rowcount
    return made + connection.executemany(f"{head} VALUES {one} {tail}", rows[whole:]).rowcount
