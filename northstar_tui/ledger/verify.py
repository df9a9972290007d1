"""Deriving again: `rebuild` replaces entries and rollups from the log, `verify` proves beside them that they are equal,
`as_of` shows them as they were known at an earlier moment. All three project with the very function that `append` uses,
and sum by another road: straight from the entries, level by level, without deltas.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

from northstar_tui.errors import NorthStarError
from northstar_tui.ledger import notes
from northstar_tui.ledger.append import INSERT_ENTRY
from northstar_tui.ledger.change import event_at
from northstar_tui.ledger.doors import FLAGS, derive
from northstar_tui.ledger.intern import Interner
from northstar_tui.ledger.notes import derive_notes
from northstar_tui.ledger.positions import TABLES, Deriver
from northstar_tui.ledger.project import COLUMNS, Projector, Row, merged
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, now

_CHUNK = 10_000
SHOWN = 20
"""Differences described one by one; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what the log says. `stored` or `derived` is None where the row exists on one side only."""

    where: str
    """``entry`` or ``rollup NAME LEVEL``."""
    what: str
    """Which row: source and key, or bucket and dimensions; and which columns."""
    stored: str | None
    derived: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What `verify` found. `differences` holds at most SHOWN of `count`."""

    events: int
    entries: int
    open: int
    """Of the entries: not closed, so in no figure by the closed basis."""
    buckets: int
    count: int
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether everything stored equals what the log says."""
        return self.count == 0


class LogError(NorthStarError):
    """The log holds what no entry can be made of under these rules: damage, or a rate that is no rate."""


class ReadOnlyInterner(Interner):
    """Gives unknown names ids of its own below zero, so that a proof writes nothing."""

    def _find(self, axis: str, name: str) -> int:
        row = self._connection.execute("SELECT id FROM dimension WHERE axis = ? AND name = ?", (axis, name)).fetchone()
        return int(row[0]) if row else -1 - sum(map(len, self._axes.values()))


def derived(
    connection: sqlite3.Connection,
    projector: Projector,
    which: str = "",
    parameters: Sequence[object] = (),
    *,
    positions: Deriver | None = None,
) -> Iterator[Row]:
    """Yield the entries that the log makes, in order of subject; let `positions` look at all of it.

    `which` is an SQL condition on its events ``e``.
    """
    kept = f"WHERE {which} " if which else ""
    rows = connection.execute(
        "SELECT e.subject_id, e.id, j.source_id, s.name, k.name, e.book_id, e.occurred_at, e.body FROM event e "
        "JOIN subject j ON j.id = e.subject_id JOIN dimension s ON s.id = j.source_id "
        f"JOIN dimension k ON k.id = e.kind_id {kept}ORDER BY e.subject_id, e.revision",
        parameters,
    )
    try:
        for subject, group in groupby(rows, key=itemgetter(0)):
            said = list(group)
            _, event, source_id, source, *_ = said[-1]
            newest = {kind: (body, at) for *_, kind, _, at, body in said}
            book = next((named for *_, named, _, _ in reversed(said) if named is not None), None)
            try:
                kind, facts, at = merged({kind: (json.loads(body), at) for kind, (body, at) in newest.items()})
                row = projector.row(subject, event, source, source_id, book, kind, facts, at)
                if positions is not None:
                    positions.look(subject, source_id, source, [(e[1], e[4], *e[5:]) for e in said])
            except (ValueError, KeyError, TypeError) as error:
                raise LogError(
                    f"event {event} of {source} cannot be projected: {error}",
                    "check the config's rates; else restore a backup",
                ) from error
            if row is not None:
                yield row
    finally:
        rows.close()  # an open statement would hold on to the calendar's functions


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def rebuild(store: Store, rules: Rules | None = None) -> int:
    """Derive every entry and rollup again, under `rules` if given; return the number of entries. One transaction."""
    with store.transaction():
        return rebuild_within(store, rules)


def rebuild_within(store: Store, rules: Rules | None = None) -> int:
    """As `rebuild`, within the caller's `transaction`."""
    connection = store.connection
    if rules is not None:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'rules'", (rules.text(),))
        store.adopt(rules)
    for table in ("entry", *TABLES):
        connection.execute(f"DELETE FROM {table}")
    count = 0
    projector = Projector(store.rules, Interner(connection))
    positions = Deriver(connection, projector)
    for chunk in _chunks(derived(connection, projector, positions=positions)):
        connection.executemany(INSERT_ENTRY, chunk)
        count += len(chunk)
    positions.finish()
    derive(connection, "entry")
    derive_notes(connection)
    store.engine.rebuild()
    connection.execute("REPLACE INTO meta VALUES ('derived_at', ?)", (str(now()),))  # what readers kept is void
    return count


def verify(store: Store, progress: Callable[[str], None] = lambda _: None) -> Proof:
    """Derive everything again beside the store and compare every entry and every bucket. Changes nothing stored."""
    connection = store.connection
    guarded = connection.execute("PRAGMA query_only").fetchone()[0]
    connection.execute("PRAGMA query_only = OFF")  # SQLite counts temporary tables among what it guards
    try:
        made = _make_beside(connection)
        with store.reading():
            proof = _proof(store, progress)
        for table in made:
            connection.execute(f"DROP TABLE temp.{table}")
        return proof
    finally:
        connection.execute(f"PRAGMA query_only = {guarded}")


def _make_beside(connection: sqlite3.Connection) -> list[str]:
    """Make the temporary tables that a proof derives into; return their names."""
    flags = "mirror DEFAULT 0, disagreement"
    made = {
        "derived_entry": f"CREATE TEMP TABLE derived_entry (id INTEGER PRIMARY KEY, {', '.join(COLUMNS[1:])}, {flags})"
    }
    for table in TABLES:
        said = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        beside = said.replace(f"CREATE TABLE {table} ", f"CREATE TEMP TABLE derived_{table} ", 1)
        made[f"derived_{table}"] = re.sub(r" REFERENCES \w+", "", beside)  # what they refer to is not temporary
    for table, statement in made.items():
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        connection.execute(statement)
    return list(made)


def _proof(store: Store, progress: Callable[[str], None]) -> Proof:
    connection = store.connection
    progress("entries")
    count = 0
    insert = INSERT_ENTRY.replace("INTO entry", "INTO temp.derived_entry")
    projector = Projector(store.rules, ReadOnlyInterner(connection))
    positions = Deriver(connection, projector, "temp.derived_")
    for chunk in _chunks(derived(connection, projector, positions=positions)):
        connection.executemany(insert, chunk)
        count += len(chunk)
    derive(connection, "temp.derived_entry")
    compared = (*COLUMNS, *FLAGS)
    columns = ", ".join(compared)
    found = _compare(
        connection, "entry", f"SELECT {columns} FROM entry", f"SELECT {columns} FROM temp.derived_entry", compared, 1
    )
    progress("positions")
    positions.finish()
    for table, (columns_of, key) in TABLES.items():
        columns = ", ".join(columns_of)
        stored, straight = (f"SELECT {columns} FROM {name}" for name in (table, f"temp.derived_{table}"))
        found += _compare(connection, table.replace("_", " "), stored, straight, columns_of, key)
    for table, (columns_of, key, rows) in notes.TABLES.items():
        found += _compare(connection, table, f"SELECT {', '.join(columns_of)} FROM {table}", rows(), columns_of, key)
    buckets = 0
    for rollup in store.engine.rollups:
        names = ("bucket", *rollup.dimensions, *rollup.columns)
        for level in rollup.levels:
            progress(f"{rollup.name} {level}")
            stored = f"SELECT {', '.join(names)} FROM {rollup.table} WHERE level = '{level}'"
            straight = store.engine.derived_sql(rollup, level, "temp.derived_entry")
            where = f"rollup {rollup.name} {level}"
            found += _compare(connection, where, stored, straight, names, 1 + len(rollup.dimensions))
            buckets += connection.execute(f"SELECT count(*) FROM ({stored})").fetchone()[0]
        known = ", ".join(f"'{level}'" for level in rollup.levels)
        strange = connection.execute(f"SELECT count(*) FROM {rollup.table} WHERE level NOT IN ({known})").fetchone()[0]
        if strange:
            found.append(Difference(f"rollup {rollup.name}", "rows of unknown levels", str(strange), None))
    events = connection.execute("SELECT count(*) FROM event").fetchone()[0]
    still_open = connection.execute("SELECT count(*) FROM temp.derived_entry WHERE closed_at IS NULL").fetchone()[0]
    return Proof(events, count, still_open, buckets, len(found), tuple(found[:SHOWN]))


def _compare(
    connection: sqlite3.Connection, where: str, stored: str, straight: str, names: tuple[str, ...], key: int
) -> list[Difference]:
    """Return how the rows of two SELECTs differ, row by row; the first `key` columns tell rows apart."""
    extra = {
        row[:key]: row for row in connection.execute(f"SELECT * FROM ({stored}) EXCEPT SELECT * FROM ({straight})")
    }
    missing = {
        row[:key]: row for row in connection.execute(f"SELECT * FROM ({straight}) EXCEPT SELECT * FROM ({stored})")
    }
    found = []
    for at in sorted({*extra, *missing}, key=lambda at: [(type(value).__name__, value) for value in at]):
        left, right = extra.get(at), missing.get(at)
        row = ", ".join(f"{name} {value}" for name, value in zip(names, at, strict=False))
        if left is None or right is None:
            side = left or right or ()
            text = ", ".join(f"{n} {v}" for n, v in zip(names[key:], side[key:], strict=True) if v)
            found.append(Difference(where, row, text if left else None, text if right else None))
            continue
        for name, a, b in zip(names, left, right, strict=True):
            if a != b:
                found.append(Difference(where, f"{row}: {name}", str(a), str(b)))
    return found


def as_of(store: Store, instant: int) -> Store:
    """Return a scratch store that holds what `store` knew at `instant` (microseconds UTC). Close it after use."""
    last = event_at(store, instant)
    past = Store.scratch(store.rules)
    past.calendar.epochs = store.calendar.epochs
    connection = past.connection
    connection.execute("ATTACH DATABASE ? AS present", (str(store.path),))
    with past.transaction():
        for table in ("dimension", "origin"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM present.{table}")
        connection.execute(
            "INSERT INTO main.subject SELECT s.* FROM present.event e NOT INDEXED "
            "CROSS JOIN present.subject s ON s.id = e.subject_id WHERE e.id <= ? AND e.revision = 1",
            (last,),
        )
        connection.execute("INSERT INTO main.event SELECT * FROM present.event WHERE id <= ?", (last,))
        connection.execute("INSERT INTO main.batch SELECT * FROM present.batch WHERE recorded_at <= ?", (instant,))
        rebuild_within(past)
    connection.execute("DETACH DATABASE present")
    return past
