"""Reading positions: what was held at a moment, at which quotes, what the venue reported, and the fills behind it.

Every function reads; none computes a figure. A holding is named by source, instrument and subaccount.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from northstar_tui.calendar import MAX_TIME
from northstar_tui.figures.exact import units
from northstar_tui.figures.positions import Fill, Settlement, State
from northstar_tui.ledger import queries
from northstar_tui.ledger.positions import Key, ended, state_of
from northstar_tui.ledger.queries import ENTRY, Entry
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, condition, dimension_ids, name_fits

_KEY = "source_id = ? AND instrument_id = ? AND subaccount = ?"


@dataclass(frozen=True, slots=True)
class Holding:
    """One cycle of a position as it stood at a moment."""

    key: Key
    source: str
    subaccount: int
    instrument: str
    book: str
    category: str
    currency: str | None
    """None for USD."""
    pays: bool
    """Whether a contract pays a dollar or nothing: a negative quantity is NO."""
    closed_at: int | None
    since: int
    """When its last fill was, microseconds UTC."""
    event: int
    """Event that stated that fill."""
    state: State


_HOLDING = (
    "SELECT p.source_id, p.instrument_id, p.subaccount, s.name, i.name, b.name, c.name, p.currency, p.pays, "
    "p.closed_at, v.valid_from, v.event_id, v.cycle, v.quantity, v.cost, v.gross, v.fees, v.fills, v.booked, "
    "p.opened_at, p.broken FROM position p JOIN position_version v USING (source_id, instrument_id, subaccount, cycle) "
    "JOIN dimension s ON s.id = p.source_id JOIN dimension i ON i.id = p.instrument_id "
    "JOIN dimension b ON b.id = p.book_id JOIN dimension c ON c.id = p.category_id"
)
_STOOD = (
    "v.valid_from = (SELECT valid_from FROM position_version WHERE source_id = p.source_id "
    "AND instrument_id = p.instrument_id AND subaccount = p.subaccount AND cycle = p.cycle "
    "AND valid_from <= min(?1, ifnull(p.closed_at, ?1)) ORDER BY valid_from DESC LIMIT 1)"
)


def _holding(row: Sequence[Any]) -> Holding:
    key = row[0], row[1], row[2]
    return Holding(
        key, row[3], row[2], row[4], row[5], row[6], row[7], bool(row[8]), row[9], row[10], row[11], state_of(row[12:])
    )


def holdings(store: Store, at: int = MAX_TIME - 1, where: Where = ()) -> list[Holding]:
    """Return what was held at instant `at`, and closed cycles whose result was not in P&L then; by name."""
    if not all(name_fits(term, "trade") for term in where if term.kind == "kind"):
        return []
    ids_kept = dimension_ids(store, tuple(term for term in where if term.kind != "kind"))
    kept = "".join(f" AND p.{column} IN ({', '.join(map(str, ids)) or 'NULL'})" for column, ids in ids_kept.items())
    # Two questions of one index each: an OR of them would read every cycle there was.
    found: dict[tuple[Key, int], Holding] = {}
    for over in ("p.over_at IS NULL", "p.over_at > ?1"):
        rows = store.connection.execute(f"{_HOLDING} WHERE {over} AND p.opened_at <= ?1 AND {_STOOD}{kept}", (at,))
        found |= {(holding.key, holding.state.cycle): holding for holding in map(_holding, rows)}
    return sorted(found.values(), key=lambda h: (h.source, h.subaccount, h.instrument, h.state.cycle))


def find(store: Store, instrument: str) -> list[Key]:
    """Return the holdings there ever were of an instrument, else of one that differs by case alone; by source."""
    for same in ("", " COLLATE NOCASE"):
        rows = store.connection.execute(
            "SELECT DISTINCT p.source_id, p.instrument_id, p.subaccount FROM dimension i "
            "JOIN dimension s ON s.axis = 'source' "
            "CROSS JOIN position p ON p.source_id = s.id AND p.instrument_id = i.id "
            f"WHERE i.axis = 'instrument' AND i.name = ?{same} ORDER BY s.name, i.name, p.subaccount",
            (instrument,),
        )
        found = [(row[0], row[1], row[2]) for row in rows]
        if found:
            return found
    return []


def cycles(store: Store, key: Key) -> list[Holding]:
    """Return every cycle of a holding as it ended, or stands now; the newest first."""
    rows = store.connection.execute(f"{_HOLDING} WHERE {_STOOD} AND {_KEY} ORDER BY p.cycle DESC", (MAX_TIME - 1, *key))
    return [_holding(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Version:
    """A position from one instant to the next."""

    valid_from: int
    valid_to: int | None
    """None for the newest."""
    event: int
    state: State


def versions(store: Store, key: Key) -> list[Version]:
    """Return every version of a holding, oldest first."""
    rows = store.connection.execute(
        "SELECT v.valid_from, v.valid_to, v.event_id, v.cycle, v.quantity, v.cost, v.gross, v.fees, v.fills, v.booked, "
        "p.opened_at, p.broken FROM position_version v "
        "JOIN position p USING (source_id, instrument_id, subaccount, cycle) "
        f"WHERE {_KEY} ORDER BY v.valid_from, v.cycle",
        key,
    )
    return [Version(row[0], row[1], row[2], state_of(row[3:])) for row in rows]


def state_at(store: Store, key: Key, at: int) -> State:
    """Return how a holding stood at instant `at`."""
    row = store.connection.execute(
        "SELECT v.cycle, v.quantity, v.cost, v.gross, v.fees, v.fills, v.booked, p.opened_at, p.broken "
        "FROM position_version v JOIN position p USING (source_id, instrument_id, subaccount, cycle) "
        f"WHERE {_KEY} AND v.valid_from <= ? ORDER BY v.valid_from DESC, v.cycle DESC LIMIT 1",
        (*key, at),
    ).fetchone()
    return state_of(row) if row else State()


_FILL = "SELECT at, quantity, price, fees, start, booked, event_id FROM fill"


def _fill(row: Sequence[Any]) -> Fill:
    at, quantity, price, fees, start, booked, event = row
    before = None if start is None else units(start)
    return Fill(at, units(quantity), units(price), fees, before, bool(booked), event)


def fills(store: Store, key: Key, since: int, until: int) -> list[Fill]:
    """Return a holding's fills from instant `since` to `until`, both in it, in order of time."""
    rows = store.connection.execute(
        f"{_FILL} WHERE {_KEY} AND at BETWEEN ? AND ? AND problem IS NULL ORDER BY at, id", (*key, since, until)
    )
    return [_fill(row) for row in rows]


def newest_fills(store: Store, key: Key, until: int, most: int) -> list[Fill]:
    """Return the last fills of a holding until instant `until`, at most so many, in order of time."""
    rows = store.connection.execute(
        f"{_FILL} WHERE {_KEY} AND at <= ? AND problem IS NULL ORDER BY at DESC, id DESC LIMIT ?", (*key, until, most)
    )
    return [_fill(row) for row in rows][::-1]


def count_fills(store: Store, key: Key, until: int) -> int:
    """Return how many fills of a holding there are until instant `until`."""
    row = store.connection.execute(
        f"SELECT count(*) FROM fill WHERE {_KEY} AND at <= ? AND problem IS NULL", (*key, until)
    ).fetchone()
    return int(row[0])


def settlement(store: Store, key: Key) -> Settlement | None:
    """Return how the market of a holding ended, None while nothing is said of it."""
    return ended(store.connection, key)


def unreadable(store: Store) -> list[tuple[str, int]]:
    """Return (source, fills that cannot be read) for every source that has some: they move no position."""
    rows = store.connection.execute(
        "SELECT d.name, count(*) FROM fill f JOIN dimension d ON d.id = f.source_id WHERE f.problem IS NOT NULL "
        "GROUP BY 1 ORDER BY 1"
    )
    return [(row[0], row[1]) for row in rows]


# -- quotes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quote:
    """What a venue quoted, as it said it."""

    at: int
    event: int
    body: dict[str, Any]


def quote(store: Store, key: Key, at: int) -> Quote | None:
    """Return the newest quote of a holding's instrument by its own source, until instant `at`."""
    row = store.connection.execute(
        "SELECT q.at, q.event_id, e.body FROM quote q JOIN event e ON e.id = q.event_id "
        "WHERE q.source_id = ? AND q.instrument_id = ? AND q.at <= ? ORDER BY q.at DESC LIMIT 1",
        (*key[:2], at),
    ).fetchone()
    return Quote(row[0], row[1], json.loads(row[2])) if row else None


def read_until(store: Store, source_id: int, at: int) -> int:
    """Return when a source was last read to its end until instant `at`; 0 where it never was.

    A source states a quote where it has changed: what it stated before holds until it was read again.
    """
    row = store.connection.execute(
        "SELECT coalesce(finished_at, started_at) FROM run WHERE source_id = ?1 AND outcome IN ('done', 'partial') "
        "AND coalesce(finished_at, started_at) <= ?2 ORDER BY coalesce(finished_at, started_at) DESC LIMIT 1",
        (source_id, at),
    ).fetchone()
    return int(row[0]) if row else 0


# -- what the venue reports --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """A position as its venue reported it."""

    key: Key
    source: str
    instrument: str
    at: int
    event: int
    quantity: int
    """In 10⁻¹⁸."""


_REPORT = (
    "SELECT r.source_id, r.instrument_id, r.subaccount, s.name, i.name, r.at, r.event_id, r.quantity "
    "FROM position_report r JOIN dimension s ON s.id = r.source_id JOIN dimension i ON i.id = r.instrument_id"
)


def _report(row: Sequence[Any]) -> Report:
    return Report((row[0], row[1], row[2]), row[3], row[4], row[5], row[6], units(row[7]))


def report(store: Store, key: Key, at: int) -> Report | None:
    """Return what the venue last reported of a holding until instant `at`."""
    rows = store.connection.execute(
        f"{_REPORT} WHERE r.source_id = ? AND r.instrument_id = ? AND r.subaccount = ? AND r.at <= ? "
        "ORDER BY r.at DESC LIMIT 1",
        (*key, at),
    )
    return next(map(_report, rows), None)


def reported(store: Store, at: int) -> list[Report]:
    """Return every position that is not nothing as the venues reported it at instant `at`."""
    found: list[Report] = []
    for held in ("r.until IS NULL", "r.until > ?1"):
        rows = store.connection.execute(f"{_REPORT} WHERE r.quantity <> '0' AND {held} AND r.at <= ?1", (at,))
        found += map(_report, rows)
    return sorted(found, key=lambda each: (each.source, each.key[2], each.instrument))


def reports_at_all(store: Store, source_id: int, at: int) -> bool:
    """Return whether a source had reported any position by instant `at`."""
    row = store.connection.execute(
        "SELECT 1 FROM position_report WHERE source_id = ? AND at <= ? LIMIT 1", (source_id, at)
    )
    return row.fetchone() is not None


# -- positions without fills -------------------------------------------------------------------------------------------

SEARCHED = 50_000
"""Entries that are read to find the bets that were open at a past moment; beyond, it is not told."""


def open_bets(store: Store, where: Where = ()) -> list[Entry]:
    """Return the entries that are open now: money staked without fills, as bets are; by time."""
    kept = condition(where)
    rows = store.connection.execute(
        f"{ENTRY} WHERE n.closed_at IS NULL AND n.id IN (SELECT id FROM entry WHERE closed_at IS NULL AND mirror = 0"
        f"{kept.sql}) ORDER BY n.opened_at, n.id",
        kept.values,
    )
    return [queries.entry_of(row) for row in rows]


def bets_open_at(store: Store, at: int, until: int, where: Where = ()) -> list[Entry] | None:
    """Return the bets that were open at instant `at`, by time; None where too much closed until `until` to tell."""
    closed = store.connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM entry WHERE closed_at > ? AND closed_at <= ? LIMIT ?)",
        (at, until, SEARCHED + 1),
    ).fetchone()[0]
    if closed > SEARCHED:
        return None
    kept = condition(where)
    rows = store.connection.execute(
        f"{ENTRY} JOIN dimension x ON x.id = e.kind_id WHERE n.id IN (SELECT id FROM entry WHERE closed_at > :at "
        f"AND opened_at <= :at AND mirror = 0{kept.sql} UNION ALL SELECT id FROM entry "
        f"WHERE closed_at IS NULL AND opened_at <= :at AND mirror = 0{kept.sql}) "
        "AND x.name GLOB 'bet.*' ORDER BY n.opened_at, n.id",
        {"at": at, **kept.values},
    )
    return [queries.entry_of(row) for row in rows]
