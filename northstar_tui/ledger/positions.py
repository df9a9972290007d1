"""Positions kept current: `Keeper` folds what a batch says into them, `derive` makes all of them again.

Both use the one fold of `figures.positions`. A batch folds on from the last version before the first instant that it
touches, so a late fill, or one that is restated, costs what came after it; a market that has settled is folded whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from northstar_tui.calendar import MIN_TIME
from northstar_tui.figures.exact import PLACES, text, units
from northstar_tui.figures.positions import Fill, Settlement, State, Version, fold
from northstar_tui.ledger.moves import COLUMNS, FILL, QUOTE, REPORT, SETTLEMENT, Body, Reading, Row, exported, says
from northstar_tui.ledger.project import Projector

Key = tuple[int, int, int]
"""Source, instrument and subaccount: one account's holding of one instrument."""

POSITION = (
    "source_id", "subaccount", "instrument_id", "cycle", "opened_at", "closed_at", "over_at", "booked", "pays",
    "broken", "currency", "book_id", "category_id",
)  # fmt: skip
VERSION = (
    "source_id", "subaccount", "instrument_id", "valid_from", "cycle", "valid_to", "event_id", "quantity", "cost",
    "gross", "fees", "fills", "booked",
)  # fmt: skip
TABLES = {
    FILL: (COLUMNS[FILL], 1), SETTLEMENT: (COLUMNS[SETTLEMENT], 1), "position": (POSITION, 4),
    "position_version": (VERSION, 5), QUOTE: (COLUMNS[QUOTE], 3), REPORT: ((*COLUMNS[REPORT], "until"), 4),
}  # fmt: skip
"""Tables that are derived here: their columns, and how many of these tell rows apart."""

_KEY = "source_id = ? AND instrument_id = ? AND subaccount = ?"
_MOVE = (
    "source_id, instrument_id, subaccount, event_id, at, quantity, price, fees, start, booked, pays, currency, "
    "book_id, category_id"
)
_COST = 2 * PLACES


class Move(NamedTuple):
    """A fill as it is stored, with what its cycle takes from it."""

    fill: Fill
    pays: int
    currency: str | None
    book_id: int
    category_id: int

    @staticmethod
    def of(row: Sequence[Any]) -> Move:
        """Return what a row of _MOVE states."""
        event, at, quantity, price, fees, start, booked, *rest = row[3:]
        before = None if start is None else units(start)
        return Move(Fill(at, units(quantity), units(price), fees, before, bool(booked), event), *rest)


class Found(NamedTuple):
    """The rows that a fold makes of one holding."""

    positions: list[Row]
    versions: list[Row]


class Opened(NamedTuple):
    """What a cycle has from its first fill."""

    pays: int
    currency: str | None
    book_id: int
    category_id: int


def _fold(
    key: Key, moves: Sequence[Move], settled: Settlement | None, state: State, known: Mapping[int, Opened]
) -> Found:
    """Return the rows of the cycle that `state` is in and of those after it.

    `known` has what an earlier first fill gave a cycle.
    """
    versions = list(fold([move.fill for move in moves], settled, state))
    first: dict[int, Move] = {}
    for move in moves:
        first.setdefault(move.fill.at, move)
    last = {} if state.flat else {state.cycle: Version(0, 0, state)}
    closed: dict[int, int] = {}
    for version in versions:
        last[version.state.cycle] = version
        if version.state.flat:
            closed[version.state.cycle] = version.at
    source, instrument, subaccount = key
    positions = []
    for cycle, version in last.items():
        now = version.state
        opened = known.get(cycle) or Opened(*first[now.opened_at][1:])
        end = closed.get(cycle)
        over = end if end is None or now.booked or not opened.pays else _later(end, settled)
        positions.append((
            source, subaccount, instrument, cycle, now.opened_at, end, over, int(now.booked), opened.pays, now.broken,
            opened.currency, opened.book_id, opened.category_id,
        ))  # fmt: skip
    return Found(positions, list(_version_rows(key, versions)))


def _later(end: int, settled: Settlement | None) -> int | None:
    return None if settled is None else max(end, settled.at)


def _version_rows(key: Key, versions: Sequence[Version]) -> Iterator[Row]:
    source, instrument, subaccount = key
    for version, following in pairwise((*versions, None)):
        assert version is not None
        now = version.state
        yield (
            source, subaccount, instrument, version.at, now.cycle, None if following is None else following.at,
            version.event, text(now.quantity), None if now.cost is None else text(now.cost, _COST),
            None if now.gross is None else text(now.gross, _COST), now.fees, now.fills, int(now.booked),
        )  # fmt: skip


def state_of(row: Sequence[Any]) -> State:
    """Return the state of (cycle, quantity, cost, gross, fees, fills, booked, opened_at, broken)."""
    cycle, quantity, cost, gross, fees, fills, booked, opened_at, broken = row
    known = cost is not None
    return State(
        cycle,
        units(quantity),
        amount(cost),
        amount(gross),
        fees,
        fills,
        opened_at,
        "" if known else broken,
        bool(booked),
    )


def amount(said: str | None) -> int | None:
    """Return a cost or gain as it is stored, in 10⁻³⁶."""
    if said is None:
        return None
    whole, _, fraction = said.lstrip("-").partition(".")
    size = int(whole + fraction.ljust(_COST, "0"))
    return -size if said[0] == "-" else size


def _settled(rows: Iterable[Sequence[Any]], subaccount: int) -> Settlement | None:
    """Return how a subaccount's market ended: by rows of (subaccount, at, value, void, rank, event_id)."""
    mine = [row for row in rows if row[0] in (None, subaccount)]
    if not mine:
        return None
    _, at, value, void, _, event = min(mine, key=lambda row: (row[2] is None and not row[3], row[4], -row[5]))
    return Settlement(at, None if value is None else units(value), bool(void), event)


_ENDED = "subaccount, at, value, void, rank, event_id"


def ended(connection: sqlite3.Connection, key: Key) -> Settlement | None:
    """Return how the market of a holding ended, None while nothing is said of it."""
    rows = connection.execute(f"SELECT {_ENDED} FROM settlement WHERE source_id = ? AND instrument_id = ?", key[:2])
    return _settled(rows, key[2])


# -- in a batch --------------------------------------------------------------------------------------------------------


class Keeper:
    """Takes what one batch says about positions, and brings them up to it. Within the store's open transaction."""

    def __init__(self, connection: sqlite3.Connection, projector: Projector) -> None:
        self._connection = connection
        self._reading = Reading(projector)
        self._rows: dict[str, dict[int, Row]] = {table: {} for table in COLUMNS}
        self._since: dict[Key, int] = {}
        self._ended: set[tuple[int, int]] = set()

    def take(
        self, subject: int, event: int, source: str, source_id: int, book_id: int | None, kind: str, body: Body, at: int
    ) -> None:
        """Take an event that `says` something of positions; a later one about the same subject replaces it."""
        table = says(kind, body)
        if table is None or (table == FILL and exported(source)):
            return
        row = self._reading.row(table, subject, event, source, source_id, book_id, kind, body, at)
        self._rows[table][event if table in (QUOTE, REPORT) else subject] = row

    def flush(self) -> None:
        """Store what was taken, and fold every holding that it changes."""
        for table in (QUOTE, REPORT):
            _upsert(self._connection, table, self._rows[table].values())
        _mend_until(self._connection, self._rows[REPORT].values())
        for table in (FILL, SETTLEMENT):
            found = self._rows[table]
            if found:
                self._touch(table, found)
                marks = ", ".join("?" * len(COLUMNS[table]))
                self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", found.values())
        for market in self._ended:
            self._end(market)
        for key, since in self._since.items():
            self._refold(key, since)

    def _touch(self, table: str, found: Mapping[int, Row]) -> None:
        """Note from when on each holding changes: by what is said now, and by what was said of the same before."""
        stored = self._connection.execute(
            f"SELECT {', '.join(COLUMNS[table])} FROM {table} WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(found)),),
        )
        for _, _, source, subaccount, instrument, at, *_ in (*found.values(), *stored):
            if table == SETTLEMENT:
                self._ended.add((source, instrument))
            else:
                key = source, instrument, subaccount
                self._since[key] = min(at, self._since.get(key, at))

    def _end(self, market: tuple[int, int]) -> None:
        """Note that every holding of a market that ended is folded whole."""
        rows = self._connection.execute(
            "SELECT DISTINCT subaccount FROM fill WHERE source_id = ? AND instrument_id = ?", market
        )
        self._since |= {(*market, subaccount): MIN_TIME for (subaccount,) in rows}

    def _refold(self, key: Key, since: int) -> None:
        """Fold a holding anew from instant `since` on."""
        connection = self._connection
        settled = ended(connection, key)
        if settled is not None:
            since = MIN_TIME
        state, known = self._before(key, since)
        for table, column in (("position_version", "valid_from"), ("position", "opened_at")):
            connection.execute(f"DELETE FROM {table} WHERE {_KEY} AND {column} >= ?", (*key, since))
        rows = connection.execute(
            f"SELECT {_MOVE} FROM fill WHERE {_KEY} AND at >= ? AND problem IS NULL ORDER BY at, id", (*key, since)
        )
        found = _fold(key, [Move.of(row) for row in rows], settled, state, known)
        if state.cycle:
            following = found.versions[0][3] if found.versions else None
            connection.execute(
                f"UPDATE position_version SET valid_to = ? WHERE {_KEY} AND (valid_from, cycle) = "
                f"(SELECT valid_from, cycle FROM position_version WHERE {_KEY} AND valid_from < ? "
                "ORDER BY valid_from DESC, cycle DESC LIMIT 1)",
                (following, *key, *key, since),
            )
        _store(connection, found)

    def _before(self, key: Key, since: int) -> tuple[State, dict[int, Opened]]:
        """Return how a holding stood before instant `since`, and what is known of the cycle it was in."""
        row = self._connection.execute(
            "SELECT v.cycle, v.quantity, v.cost, v.gross, v.fees, v.fills, v.booked, p.opened_at, p.broken, p.pays, "
            "p.currency, p.book_id, p.category_id "
            "FROM position_version v JOIN position p USING (source_id, instrument_id, subaccount, cycle) "
            f"WHERE {_KEY} AND v.valid_from < ? ORDER BY v.valid_from DESC, v.cycle DESC LIMIT 1",
            (*key, since),
        ).fetchone()
        if row is None:
            return State(), {}
        return state_of(row[:9]), {row[0]: Opened(*row[9:])}


def _store(connection: sqlite3.Connection, found: Found, prefix: str = "") -> None:
    for table, rows, columns in (
        ("position", found.positions, POSITION), ("position_version", found.versions, VERSION),
    ):  # fmt: skip
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT OR REPLACE INTO {prefix}{table} VALUES ({marks})", rows)


def _upsert(connection: sqlite3.Connection, table: str, rows: Iterable[Row], prefix: str = "") -> None:
    """Store quotes or reports; of two about one instant the one said last stands."""
    columns = COLUMNS[table]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in columns if name in ("event_id", "quantity"))
    keys = ", ".join(name for name in columns if name not in ("event_id", "quantity"))
    connection.executemany(
        f"INSERT INTO {prefix}{table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({keys}) DO UPDATE SET {replaced} WHERE excluded.event_id > event_id",
        list(rows),
    )


def _mend_until(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Set until when the reports in `rows`, and those just before them, hold."""
    for source, subaccount, instrument, at, *_ in rows:
        key = (source, instrument, subaccount)
        connection.execute(
            f"UPDATE position_report SET until = (SELECT min(at) FROM position_report WHERE {_KEY} AND at > ?) "
            f"WHERE {_KEY} AND at = ?",
            (*key, at, *key, at),
        )
        connection.execute(
            f"UPDATE position_report SET until = ? WHERE {_KEY} AND at = "
            f"(SELECT max(at) FROM position_report WHERE {_KEY} AND at < ?)",
            (at, *key, *key, at),
        )


# -- all of it ---------------------------------------------------------------------------------------------------------


class Deriver:
    """Derives every position from the log into tables whose names begin with `prefix`, which are empty."""

    def __init__(self, connection: sqlite3.Connection, projector: Projector, prefix: str = "") -> None:
        self._connection = connection
        self._prefix = prefix
        self._reading = Reading(projector)
        self._rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def look(self, subject: int, source_id: int, source: str, said: Sequence[Sequence[Any]]) -> None:
        """Take what was said about one subject: rows of (event, kind, book_id, at, body), oldest first."""
        newest: dict[str, Row] = {}
        book = None
        for event, kind, named, at, body in said:
            book = book if named is None else named
            table = says(kind, body)
            if table is None or (table == FILL and exported(source)):
                continue
            row = self._reading.row(table, subject, event, source, source_id, book, kind, json.loads(body), at)
            if table in (QUOTE, REPORT):
                self._rows[table].append(row)
            else:
                newest[table] = row
        for table, row in newest.items():
            self._rows[table].append(row)
            if len(self._rows[table]) >= _CHUNK:
                self._spill()

    def _spill(self) -> None:
        for table, rows in self._rows.items():
            if table in (QUOTE, REPORT):
                _upsert(self._connection, table, rows, self._prefix)
            else:
                marks = ", ".join("?" * len(COLUMNS[table]))
                self._connection.executemany(f"INSERT INTO {self._prefix}{table} VALUES ({marks})", rows)
            rows.clear()

    def finish(self) -> None:
        """Fold every holding, when all subjects were looked at."""
        self._spill()
        connection, prefix = self._connection, self._prefix
        connection.execute(
            f"UPDATE {prefix}{REPORT} AS r SET until = (SELECT min(at) FROM {prefix}{REPORT} n WHERE "
            "n.source_id = r.source_id AND n.instrument_id = r.instrument_id AND n.subaccount = r.subaccount "
            "AND n.at > r.at)"
        )
        ends: dict[tuple[int, int], list[Row]] = {}
        for row in connection.execute(f"SELECT source_id, instrument_id, {_ENDED} FROM {prefix}settlement"):
            ends.setdefault((row[0], row[1]), []).append(row[2:])
        rows = connection.execute(
            f"SELECT {_MOVE} FROM {prefix}fill WHERE problem IS NULL "
            "ORDER BY source_id, instrument_id, subaccount, at, id"
        )
        found = Found([], [])
        for key, group in groupby(rows, key=itemgetter(0, 1, 2)):
            settled = _settled(ends.get(key[:2], ()), key[2])
            one = _fold(key, [Move.of(row) for row in group], settled, State(), {})
            found.positions.extend(one.positions)
            found.versions.extend(one.versions)
            if len(found.versions) >= _CHUNK:
                _store(connection, found, prefix)
                found = Found([], [])
        _store(connection, found, prefix)


_CHUNK = 10_000
