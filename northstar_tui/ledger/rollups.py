"""The rollup engine: sums of facts per time bucket and dimensions, kept current by deltas.

A rollup is declared, not coded. From `Rollup(name, facts, time, dimensions, measures, levels)` the engine generates the
table, the fold, the retraction, the rebuild, the proof and the queries. Additive measures are folded as deltas, once
per change: retract what the touched facts contributed, change them, add what they contribute now. They are integers, so
folding in any order gives the same bits. Measures that depend on order (first, last, min, max) are computed again for
the touched buckets alone.

Only some levels are stored; `cover` tiles any span with the coarsest stored buckets, so every other level and every
custom range is a sum of few rows, and children add up to their parent because they are sums of the same rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from northstar_tui.calendar import MAX_TIME, MIN_TIME, SECOND, Calendar, Period

COUNT = "entries"
"""Every rollup's first measure: how many facts lie in the bucket. A bucket without facts has no row."""
_SLOT = 900 * SECOND
_SLOTS_KEPT = 50_000


class Measure(NamedTuple):
    """One column. `how` is sum, first, last, min or max, of the SQL expression `of` over the facts' columns."""

    name: str
    of: str
    how: str = "sum"
    about: str = ""
    """Unit and meaning, for the data dictionary."""


class Rollup(NamedTuple):
    """A declaration. `facts` is a table with an integer `id`; `time` its column in microseconds UTC."""

    name: str
    facts: str
    time: str
    dimensions: tuple[str, ...]
    measures: tuple[Measure, ...]
    levels: tuple[str, ...] = ("hour", "day", "month", "year")
    """Stored levels from fine to coarse; each bucket lies within one of the next level."""
    where: str = "1"
    """SQL condition on the facts' columns: which of them count."""

    @property
    def table(self) -> str:
        """Name of the rollup's table."""
        return f"rollup_{self.name}"

    @property
    def sums(self) -> tuple[Measure, ...]:
        """The additive measures, the count first."""
        return (Measure(COUNT, "1"), *(m for m in self.measures if m.how == "sum"))

    @property
    def ordered(self) -> tuple[Measure, ...]:
        """The measures that depend on order."""
        return tuple(m for m in self.measures if m.how != "sum")

    @property
    def columns(self) -> tuple[str, ...]:
        """All measures' names, additive ones first."""
        return tuple(m.name for m in (*self.sums, *self.ordered))


def create_sql(rollup: Rollup) -> str:
    """Return the CREATE TABLE of `rollup`, comments included."""
    lines = [
        "level TEXT NOT NULL, -- of the bucket: " + ", ".join(rollup.levels),
        "bucket INTEGER NOT NULL, -- its local start, microseconds UTC",
        *(f"{d} INTEGER NOT NULL, -- dimension" for d in rollup.dimensions),
        *(f"{m.name} INTEGER NOT NULL, -- {m.about or m.of}" for m in rollup.sums),
        *(f"{m.name} INTEGER, -- {m.about or f'{m.how} of {m.of} by time'}" for m in rollup.ordered),
    ]
    key = ", ".join(("level", "bucket", *rollup.dimensions))
    body = "\n    ".join(lines)
    return (
        f"CREATE TABLE {rollup.table} "
        f"( -- {rollup.facts} by {rollup.time}, summed per bucket and dimensions; rebuildable\n"
        f"    {body}\n    PRIMARY KEY ({key})\n) WITHOUT ROWID"
    )


def _kept(where: Mapping[str, Iterable[int]] | None) -> str:
    """Return the condition that keeps rows whose dimension is one of the given ids."""
    return "".join(f" AND {d} IN ({', '.join(str(int(i)) for i in ids) or 'NULL'})" for d, ids in (where or {}).items())


def _onto(rollup: Rollup) -> str:
    """Return how a delta that meets a row of its bucket and dimensions is put on top of it."""
    bump = ", ".join(f"{m.name} = {m.name} + excluded.{m.name}" for m in rollup.sums)
    return f"ON CONFLICT ({', '.join(('level', 'bucket', *rollup.dimensions))}) DO UPDATE SET {bump}"


class _PlainHours(dict[int, int | None]):
    """Quarter of an hour since 1970 → start of the hour that holds all of it; None where there is no such hour.

    It spares a fact the call into Python that `bucket` is: SQLite calls this dictionary's own look-up.
    """

    def __init__(self, calendar: Calendar) -> None:
        super().__init__()
        self._calendar = calendar

    def __missing__(self, slot: int) -> int | None:
        if len(self) >= _SLOTS_KEPT:
            self.clear()
        found = None
        if 0 < slot < MAX_TIME // _SLOT:  # SQL's division rounds towards 1970, so earlier slots would be skewed
            first, last = slot * _SLOT, (slot + 1) * _SLOT - 1
            hour = self._calendar.bucket("hour", first)
            found = hour if self._calendar.bucket("hour", last) == hour else None
        self[slot] = found
        return found


class Engine:
    """Folds facts into rollups on one connection. Call within a transaction; the caller commits."""

    def __init__(self, connection: sqlite3.Connection, calendar: Calendar, rollups: Sequence[Rollup]) -> None:
        self.connection = connection
        self.calendar = calendar
        self.rollups = tuple(rollups)
        self._delta_ready = False
        self._retracted = False
        connection.create_function("bucket", 2, calendar.bucket, deterministic=True)
        connection.create_function("plain_hour", 1, _PlainHours(calendar).__getitem__, deterministic=True)
        connection.create_function("bucket_end", 2, calendar.end, deterministic=True)

    def create_tables(self) -> None:
        """Create the rollups' tables."""
        for rollup in self.rollups:
            self.connection.execute(create_sql(rollup))

    # -- folding -------------------------------------------------------------------------------------------------

    def retract(self, facts: str, condition: str, parameters: Sequence[object] = ()) -> None:
        """Take out what the facts that meet `condition` contribute; call it before they change."""
        self._retracted = True
        self._fold(facts, condition, parameters, -1)

    def add(self, facts: str, condition: str, parameters: Sequence[object] = ()) -> None:
        """Put in what the facts that meet `condition` contribute; call it after they changed."""
        self._fold(facts, condition, parameters, +1)

    def _fold(self, facts: str, condition: str, parameters: Sequence[object], sign: int) -> None:
        self._prepare()
        for rollup in self.rollups:
            if rollup.facts != facts:
                continue
            finest = rollup.levels[0]
            at = f"bucket('{finest}', {rollup.time})"
            if finest == "hour":
                at = f"coalesce(plain_hour({rollup.time} / {_SLOT}), {at})"
            measured = ", ".join(f"{'-' if sign < 0 else ''}SUM({m.of})" for m in rollup.sums)
            dimensions = "".join(f", {d}" for d in rollup.dimensions)
            self.connection.execute(
                f"INSERT INTO temp.delta_{rollup.name} SELECT '{finest}', {at} AS b{dimensions}, {measured} "
                f"FROM {facts} "
                f"WHERE ({condition}) AND ({rollup.where}) GROUP BY b{dimensions} {_onto(rollup)}",
                parameters,
            )

    def _prepare(self) -> None:
        if self._delta_ready:
            return
        for rollup in self.rollups:
            key = ("level", "bucket", *rollup.dimensions)
            columns = ", ".join((*key, *(m.name for m in rollup.sums)))
            self.connection.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS delta_{rollup.name} ({columns}, PRIMARY KEY ({', '.join(key)})) "
                "WITHOUT ROWID"
            )
        self._delta_ready = True

    def forget(self) -> None:
        """Forget what was pending in a transaction that was rolled back: its temporary tables are gone with it."""
        self._delta_ready = self._retracted = False

    def flush(self) -> dict[str, list[int]]:
        """Apply the pending deltas at every stored level; return the local days they touched, by rollup name."""
        touched: dict[str, list[int]] = {}
        self._prepare()
        for rollup in self.rollups:
            delta = f"temp.delta_{rollup.name}"
            days = self.connection.execute(f"SELECT DISTINCT bucket('day', bucket) FROM {delta}").fetchall()
            if not days:
                continue
            touched[rollup.name] = [day for (day,) in days]
            self._raise(rollup, delta)
            self._apply(rollup, delta)
            self.connection.execute(f"DELETE FROM {delta}")
        self._retracted = False
        return touched

    def _raise(self, rollup: Rollup, delta: str) -> None:
        """Sum the pending deltas up from each stored level to the next: a bucket lies within one of the next level."""
        dimensions = "".join(f", {d}" for d in rollup.dimensions)
        summed = ", ".join(f"SUM({m.name})" for m in rollup.sums)
        for finer, level in pairwise(rollup.levels):
            self.connection.execute(
                f"INSERT INTO {delta} SELECT '{level}', bucket('{level}', bucket) AS b{dimensions}, {summed} "
                f"FROM {delta} WHERE level = '{finer}' GROUP BY b{dimensions}"
            )

    def _apply(self, rollup: Rollup, delta: str) -> None:
        key = ", ".join(("level", "bucket", *rollup.dimensions))
        names = ", ".join(m.name for m in rollup.sums)
        self.connection.execute(
            f"INSERT INTO {rollup.table} ({key}, {names}) SELECT {key}, {names} FROM {delta} WHERE 1 {_onto(rollup)}"
        )
        if self._retracted:
            self.connection.execute(
                f"DELETE FROM {rollup.table} WHERE {COUNT} = 0 AND ({key}) IN (SELECT {key} FROM {delta})"
            )
        if rollup.ordered:
            for level in rollup.levels:
                self._order(rollup, level, f"({key}) IN (SELECT {key} FROM {delta})")

    def _order(self, rollup: Rollup, level: str, which: str) -> None:
        """Compute the order-dependent measures of one level's buckets again, from the facts."""
        table = rollup.table
        within = " AND ".join(
            (
                f"f.{rollup.time} >= {table}.bucket",
                f"f.{rollup.time} < bucket_end('{level}', {table}.bucket)",
                f"({rollup.where})",
                *(f"f.{d} = {table}.{d}" for d in rollup.dimensions),
            )
        )
        parts = []
        for m in rollup.ordered:
            if m.how in ("min", "max"):
                parts.append(f"{m.name} = (SELECT {m.how}({m.of}) FROM {rollup.facts} f WHERE {within})")
            else:
                way = "" if m.how == "first" else " DESC"
                parts.append(
                    f"{m.name} = (SELECT {m.of} FROM {rollup.facts} f WHERE {within} "
                    f"ORDER BY f.{rollup.time}{way}, f.id{way} LIMIT 1)"
                )
        self.connection.execute(f"UPDATE {table} SET {', '.join(parts)} WHERE level = '{level}' AND {which}")

    def rebuild(self) -> None:
        """Derive every rollup again from its facts."""
        for rollup in self.rollups:
            self.connection.execute(f"DELETE FROM {rollup.table}")
        for facts in dict.fromkeys(rollup.facts for rollup in self.rollups):
            self.add(facts, "1")
        self.flush()

    # -- proof ---------------------------------------------------------------------------------------------------

    def derived_sql(self, rollup: Rollup, level: str, facts: str) -> str:
        """Return a SELECT that computes one level's rows straight from table `facts`, without any delta.

        Its columns are the bucket, the dimensions and `rollup.columns`.
        """
        dimensions = "".join(f", {d}" for d in rollup.dimensions)
        at = f"bucket('{level}', {rollup.time}) AS b{dimensions}"
        measured = ", ".join(f"SUM({m.of})" for m in rollup.sums)
        if not rollup.ordered:
            return f"SELECT {at}, {measured} FROM {facts} WHERE {rollup.where} GROUP BY b{dimensions}"
        group = f"PARTITION BY bucket('{level}', {rollup.time}){dimensions}"
        ends = {"first": "", "last": " DESC"}
        single = {
            m.name: f"FIRST_VALUE({m.of}) OVER ({group} ORDER BY {rollup.time}{ends[m.how]}, id{ends[m.how]})"
            for m in rollup.ordered
            if m.how in ends
        }
        chosen = "".join(f", {window} AS one_{name}" for name, window in single.items())
        ordered = ", ".join(f"MAX(one_{m.name})" if m.name in single else f"{m.how}({m.of})" for m in rollup.ordered)
        return (
            f"SELECT b{dimensions}, {measured}, {ordered} FROM "
            f"(SELECT *, bucket('{level}', {rollup.time}) AS b{chosen} FROM {facts} WHERE {rollup.where}) "
            f"GROUP BY b{dimensions}"
        )

    # -- queries -------------------------------------------------------------------------------------------------

    def cover(self, rollup: Rollup, span: Period, coarsest: str) -> Iterator[tuple[str, int, int]]:
        """Yield (stored level, from, to) runs of whole buckets that tile `span`, none coarser than `coarsest`.

        The ends of `span` must be ends of buckets of the finest stored level.
        """
        usable = rollup.levels[: rollup.levels.index(coarsest) + 1]
        yield from self._cover(usable, span.start, span.end)

    def _cover(self, usable: Sequence[str], start: int, end: int) -> Iterator[tuple[str, int, int]]:
        if start >= end:
            return
        level = usable[-1]
        if len(usable) == 1 or (start, end) == (MIN_TIME, MAX_TIME):
            yield level, start, end
            return
        first = self.calendar.bucket(level, start)
        if first < start:
            first = self.calendar.end(level, first)
        last = end if end == MAX_TIME else self.calendar.bucket(level, end)
        if first >= last:
            yield from self._cover(usable[:-1], start, end)
            return
        yield from self._cover(usable[:-1], start, first)
        yield level, first, last
        yield from self._cover(usable[:-1], last, end)

    def sums(
        self,
        rollup: Rollup,
        span: Period,
        *,
        level: str = "all",
        by: Sequence[str] = (),
        where: Mapping[str, Iterable[int]] | None = None,
    ) -> dict[tuple[int, ...], tuple[int, ...]]:
        """Return {(bucket of `level`, *`by` dimension ids): additive measures} over `span`, empty groups absent.

        `bucket` is the start of the part of the `level` period that lies in `span`; `where` keeps rows whose dimension
        is one of the given ids. Keys come in order.
        """
        coarsest = self._stored_within(rollup, level)
        condition = _kept(where)
        dimensions = "".join(f", {d}" for d in by)
        measured = ", ".join(f"SUM({m.name})" for m in rollup.sums)
        width = 1 + len(by)
        found: dict[tuple[int, ...], tuple[int, ...]] = {}
        bucket = "bucket" if level != "all" else "0"
        for stored, start, end in self.cover(rollup, span, coarsest):
            rows = self.connection.execute(
                f"SELECT {bucket} AS b{dimensions}, {measured} FROM {rollup.table} "
                f"WHERE level = ? AND bucket >= ? AND bucket < ?{condition} GROUP BY b{dimensions}",
                (stored, start, end),
            )
            for row in rows:
                if row[width] is None:  # no dimensions and no rows: SQL's one empty group
                    continue
                at = span.start if level == "all" else max(span.start, self.calendar.bucket(level, row[0]))
                key = (at, *row[1:width])
                before = found.get(key)
                values = tuple(row[width:])
                found[key] = values if before is None else tuple(map(sum, zip(before, values, strict=True)))
        return dict(sorted(found.items()))

    def series(
        self,
        rollup: Rollup,
        span: Period,
        level: str,
        measure: str,
        where: Mapping[str, Iterable[int]] | None = None,
    ) -> list[tuple[int, int]]:
        """Return (bucket, sum of `measure`) of the stored `level` over `span`, in order, empty buckets absent.

        One additive measure and one statement: for curves over thousands of buckets. The ends of `span` must be ends of
        buckets of `level`; `where` as in `sums`.
        """
        return self.connection.execute(
            f"SELECT bucket, SUM({measure}) FROM {rollup.table} "
            f"WHERE level = ? AND bucket >= ? AND bucket < ?{_kept(where)} GROUP BY bucket",
            (level, span.start, span.end),
        ).fetchall()

    def _stored_within(self, rollup: Rollup, level: str) -> str:
        """Return the coarsest stored level whose buckets each lie within one period of `level`."""
        fits: str | None = {"week": "day", "quarter": "month", "all": "year"}.get(level, level)
        while fits not in rollup.levels:
            fits = {"year": "month", "month": "day", "day": "hour", "hour": "5min"}.get(fits or "")
            if fits is None:
                raise ValueError(f"{rollup.name} keeps no buckets as fine as {level!r}")
        return fits
