"""What a filter keeps, worked out once in SQL and kept beside the store, in temporary tables, while it holds.

The rollups cannot answer what only an entry knows (an amount, an instrument, a text). So the entries of a span are read
once and summed by day (by hour where the span is short) and by the rollups' own dimensions, with the rollups' own
measures: a small rollup that the engine then answers every sum of the screen from, and of the screens below it. A list
in another order than time, or under a filter, is the entries' ids in that order: any page of it is then at hand.

What other processes commit is followed: the days that appends touched are summed anew, the rest stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from northstar_tui.calendar import MAX_TIME, MIN_TIME, SECOND, Period
from northstar_tui.ledger.declarations import BASES
from northstar_tui.ledger.rollups import Rollup, create_sql
from northstar_tui.ledger.schema import TOUCHED_KEPT
from northstar_tui.ledger.terms import Where, condition

if TYPE_CHECKING:
    from northstar_tui.ledger.store import Store

SHORT = 400 * 3600 * SECOND
"""Longest span that is summed by the hour without being asked to."""
_KEPT = 6
"""Tables kept; the one not used for longest goes first."""
_DAYS = 50
"""Touched days above which all of a span is summed anew."""
_Stamp = tuple[int, str]
"""Newest append, and when entries were last derived again: what a table was worked out from."""


@dataclass(frozen=True, slots=True)
class _Sums:
    basis: str
    span: Period
    where: Where
    rollup: Rollup

    @property
    def table(self) -> str:
        return self.rollup.table


@dataclass(frozen=True, slots=True)
class _Order:
    basis: str
    span: Period
    where: Where
    by: str
    most: int | None
    table: str


class Sieve:
    """The temporary tables of one connection."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection = store.connection
        self._made = 0
        self._kept: list[_Sums | _Order] = []

    def sums(self, basis: str, span: Period, where: Where, level: str) -> Rollup:
        """Return a rollup of the entries that `where` keeps, which can be asked for any part of `span` by `level`."""
        whole = self._whole_days(span)
        hours = level == "hour" or span.end - span.start <= SHORT or not whole
        stamp, stamps = self._stamp(), self._stamps()
        for kept in reversed(self._kept):
            if (
                isinstance(kept, _Sums)
                and (kept.basis, kept.where) == (basis, where)
                and kept.span.start <= span.start
                and span.end <= kept.span.end
                and ("hour" in kept.rollup.levels or not hours)
                and kept.table in stamps
            ):
                self._follow(kept, stamps[kept.table], stamp)
                self._used(kept)
                return kept.rollup
        self._made += 1
        levels = *(["hour"] if hours else []), *(["day"] if whole else [])
        rollup = BASES[basis]._replace(name=f"kept_{self._made}", levels=levels)
        made = _Sums(basis, span, where, rollup)
        with self._writable():
            self._connection.execute(create_sql(rollup).replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
            self._sum(made, span)
            self._keep(made, stamp)
        return rollup

    def order(
        self, basis: str, span: Period, where: Where, by: str, *, most: int | None = None, renewed: bool = True
    ) -> str:
        """Return the table of the ids that `where` keeps of `span`, in the order `by` (SQL); its rowids count from 1.

        With `most` it holds no more than the first so many: all are read, but few put in order. Unless `renewed` it may
        be that of an earlier moment, where it is still kept: the list in sight stays itself.
        """
        stamp, stamps = self._stamp(), self._stamps()
        asked = (basis, span, where, by, most)
        for kept in list(self._kept):
            if isinstance(kept, _Order) and (kept.basis, kept.span, kept.where, kept.by, kept.most) == asked:
                if kept.table in stamps and (not renewed or self._brought(kept, stamps[kept.table], stamp)):
                    self._used(kept)
                    return kept.table
                self._drop(kept)
        self._made += 1
        made = _Order(*asked, f"order_{self._made}")
        rollup, kept_by = BASES[basis], condition(where)
        with self._writable():
            self._connection.execute(f"CREATE TEMP TABLE {made.table} (id INTEGER NOT NULL)")
            self._connection.execute(
                f"INSERT INTO temp.{made.table} SELECT id FROM entry WHERE {rollup.where} "
                f"AND {rollup.time} >= :start AND {rollup.time} < :end{kept_by.sql} ORDER BY {by} LIMIT :most",
                {"start": span.start, "end": span.end, "most": -1 if most is None else most, **kept_by.values},
            )
            self._keep(made, stamp)
        return made.table

    # -- filling -----------------------------------------------------------------------------------------------------

    def _sum(self, kept: _Sums, part: Period) -> None:
        """Sum the entries of a part of the span. Their bucket is the rollup's own: no call into Python for each."""
        rollup, known, (sql, values) = kept.rollup, BASES[kept.basis], condition(kept.where)
        dimensions = "".join(f", {d}" for d in rollup.dimensions)
        bounds = {"start": part.start, "end": part.end}
        finest, *coarser = rollup.levels

        def bucket(level: str, at: str) -> str:
            return (
                f"(SELECT k.bucket FROM {known.table} k WHERE k.level = '{level}' AND k.bucket <= {at} "
                "ORDER BY k.bucket DESC LIMIT 1)"
            )

        self._connection.execute(
            f"INSERT INTO temp.{rollup.table} SELECT '{finest}', {bucket(finest, rollup.time)} AS b{dimensions}, "
            f"{', '.join(f'SUM({m.of})' for m in rollup.sums)} FROM entry "
            f"WHERE {rollup.where} AND {rollup.time} >= :start AND {rollup.time} < :end{sql} GROUP BY b{dimensions}",
            bounds | values,
        )
        for level in coarser:
            self._connection.execute(
                f"INSERT INTO temp.{rollup.table} SELECT '{level}', {bucket(level, 'f.bucket')} AS b{dimensions}, "
                f"{', '.join(f'SUM({m.name})' for m in rollup.sums)} FROM temp.{rollup.table} f "
                f"WHERE level = '{finest}' AND f.bucket >= :start AND f.bucket < :end GROUP BY b{dimensions}",
                bounds,
            )

    def _follow(self, kept: _Sums, was: _Stamp, now: _Stamp) -> None:
        """Bring sums that were worked out at `was` up to `now`."""
        if was == now:
            return
        days = self._touched(kept.basis, was, now)
        span = kept.span
        parts = [span] if days is None else [
            Period(max(day.start, span.start), min(day.end, span.end), "range") for day in days if _meet(day, span)
        ]  # fmt: skip
        with self._writable():
            for part in parts:
                self._connection.execute(
                    f"DELETE FROM temp.{kept.table} WHERE bucket >= ? AND bucket < ?", (part.start, part.end)
                )
                self._sum(kept, part)
            self._connection.execute("UPDATE temp.kept SET batch = ?, derived = ? WHERE name = ?", (*now, kept.table))

    def _brought(self, kept: _Order, was: _Stamp, now: _Stamp) -> bool:
        """Bring an order that was worked out at `was` up to `now`, if that is less than to work it out again."""
        days = self._touched(kept.basis, was, now)
        if days is None:
            return False
        days = [day for day in days if _meet(day, kept.span)]
        ids = self._merged(kept, days) if days else None
        if days and ids is None:
            return False
        with self._writable():
            if ids is not None:
                self._connection.execute(f"DELETE FROM temp.{kept.table}")
                self._connection.executemany(f"INSERT INTO temp.{kept.table} VALUES (?)", [(number,) for number in ids])
            self._connection.execute("UPDATE temp.kept SET batch = ?, derived = ? WHERE name = ?", (*now, kept.table))
        return True

    def _merged(self, kept: _Order, days: Sequence[Period]) -> list[int] | None:
        """Return the first of an order, of which only `days` are read again; None where that cannot tell all of them.

        What lies in other days stands as it stood, and what of it was not listed comes after all of it that was.
        """
        if kept.most is None:
            return None
        rollup, kept_by = BASES[kept.basis], condition(kept.where)
        at, span = rollup.time, kept.span
        parts = [Period(max(day.start, span.start), min(day.end, span.end), "range") for day in days]
        anew = " OR ".join(f"{at} >= {part.start} AND {at} < {part.end}" for part in parts)
        table = f"temp.{kept.table} p"
        listed = self._ids(f"SELECT id FROM {table}")
        standing = self._ids(
            f"SELECT p.id FROM {table} JOIN entry n ON n.id = p.id WHERE {at} >= :start AND {at} < :end "
            f"AND NOT ({anew}) ORDER BY p.rowid",
            {"start": span.start, "end": span.end},
        )
        found = list(standing)
        for part in parts:
            found += self._ids(
                f"SELECT id FROM entry WHERE {rollup.where} AND {at} >= :start AND {at} < :end{kept_by.sql} "
                f"ORDER BY {kept.by} LIMIT :most",
                {"start": part.start, "end": part.end, "most": kept.most, **kept_by.values},
            )
        ids = self._ids(
            f"SELECT id FROM entry WHERE id IN (SELECT value FROM json_each(:found)) ORDER BY {kept.by} LIMIT :most",
            {"found": json.dumps(found), "most": kept.most},
        )
        if len(listed) < kept.most:
            return ids
        return ids if len(ids) == kept.most and standing and standing[-1] not in ids[:-1] else None

    def _ids(self, statement: str, values: Mapping[str, object] | None = None) -> list[int]:
        return [row[0] for row in self._connection.execute(statement, values or {})]

    # -- what they were worked out from ------------------------------------------------------------------------------

    def _stamp(self) -> _Stamp:
        row = self._connection.execute(
            "SELECT ifnull((SELECT max(id) FROM batch), 0), "
            "ifnull((SELECT value FROM meta WHERE name = 'derived_at'), '')"
        ).fetchone()
        return row[0], row[1]

    def _stamps(self) -> dict[str, _Stamp]:
        """Return what each table was worked out from; one that was rolled back with its transaction is not there."""
        if not self._connection.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = 'kept'").fetchone():
            return {}
        rows = self._connection.execute("SELECT name, batch, derived FROM temp.kept")
        return {name: (batch, derived) for name, batch, derived in rows}

    def _touched(self, basis: str, was: _Stamp, now: _Stamp) -> list[Period] | None:
        """Return the days that appends changed between the two; None where they are many, or not known any more."""
        if was == now:
            return []
        if was[1] != now[1] or not was[0] <= now[0] <= was[0] + TOUCHED_KEPT:
            return None
        rows = self._connection.execute(
            "SELECT DISTINCT day FROM touched WHERE batch_id > ? AND rollup = ? LIMIT ?",
            (was[0], BASES[basis].name, _DAYS + 1),
        ).fetchall()
        return [self._store.calendar.period("day", day) for (day,) in rows] if len(rows) <= _DAYS else None

    def _whole_days(self, span: Period) -> bool:
        day = self._store.calendar.bucket
        return all(at in (MIN_TIME, MAX_TIME) or day("day", at) == at for at in (span.start, span.end))

    # -- keeping -----------------------------------------------------------------------------------------------------

    def _keep(self, made: _Sums | _Order, stamp: _Stamp) -> None:
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, batch, derived)")
        self._connection.execute("INSERT INTO temp.kept VALUES (?, ?, ?)", (made.table, *stamp))
        self._kept.append(made)
        for old in self._kept[:-_KEPT]:
            self._drop(old)

    def _used(self, kept: _Sums | _Order) -> None:
        self._kept.remove(kept)
        self._kept.append(kept)

    def _drop(self, kept: _Sums | _Order) -> None:
        self._kept.remove(kept)
        with self._writable():
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{kept.table}")
            if self._connection.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = 'kept'").fetchone():
                self._connection.execute("DELETE FROM temp.kept WHERE name = ?", (kept.table,))

    def forget(self) -> None:
        """Hold nothing of what was worked out for known any more."""
        self._kept.clear()

    @contextmanager
    def _writable(self) -> Iterator[None]:
        """Allow writing: SQLite counts temporary tables among what it guards on a connection that only reads."""
        guarded = self._connection.execute("PRAGMA query_only").fetchone()[0]
        self._connection.execute("PRAGMA query_only = OFF")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA query_only = {guarded}")


def _meet(a: Period, b: Period) -> bool:
    return a.start < b.end and b.start < a.end
