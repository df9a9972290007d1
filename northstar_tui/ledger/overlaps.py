"""Reading what several doors state: which moneys, how much of it is left out of the sums, and where they differ.

What is left out lies where its own entries lie in time; a money stated twice lies where the last entry lies that bears
it. So the overlaps of two periods, or of two categories, add up to those of both.
"""

from __future__ import annotations

from dataclasses import dataclass

from northstar_tui.calendar import Period
from northstar_tui.ledger.declarations import BASES
from northstar_tui.ledger.doors import rank
from northstar_tui.ledger.queries import ENTRY, UNRECONCILED, Entry, entry_of
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Clause, Where, condition

MOST = 50
"""Differences described one by one, the largest first; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one door says of a money: its sources, joined by commas, and their net in micro-dollars."""

    source: str
    net: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A money that two doors state differently, each in full."""

    same: str
    book: str
    bears: Statement
    mirrors: tuple[Statement, ...]
    """Those that say it in full, the better doors first."""
    difference: int
    """Micro-dollars: the net borne less that of the mirror which differs most."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The overlaps that the sums of a span were freed of."""

    groups: int = 0
    """Moneys that several doors state."""
    mirrored_entries: int = 0
    """Entries left out of the sums, since a better door bears their money."""
    mirrored_net: int = 0
    """Their net, micro-dollars."""
    bearing: tuple[str, ...] = ()
    """Sources that bear the moneys, the one with most first."""
    linked: tuple[tuple[str, int], ...] = ()
    """(source, entries left out), most first."""
    differing: int = 0
    """Moneys whose statements differ."""
    differences: tuple[Difference, ...] = ()
    """At most MOST of them, the largest first."""


def overlaps(store: Store, span: Period, *, basis: str = "closed", where: Where = ()) -> Overlaps:
    """Return what several doors state in `span`; its cost grows with that alone, not with the store."""
    column, kept = BASES[basis].time, condition(where)

    def by_source(index: str, flagged: str, of: str) -> list[tuple[str, int, int]]:
        """Return (source, entries, sum of `of`) of the flagged ones, most first; other indexes would walk the store."""
        rows = store.connection.execute(
            f"SELECT d.name, n.many, n.summed FROM (SELECT source_id, count(*) AS many, sum({of}) AS summed FROM entry "
            f"INDEXED BY {index} WHERE {flagged} AND {column} >= :start AND {column} < :end{kept.sql} "
            "GROUP BY source_id) n JOIN dimension d ON d.id = n.source_id ORDER BY 2 DESC, 1",
            {"start": span.start, "end": span.end, **kept.values},
        )
        return rows.fetchall()

    linked = by_source("entry_mirror", "mirror = 1", "net")
    bearing = by_source("entry_twice", "disagreement IS NOT NULL", "disagreement <> 0")
    differing = sum(row[2] for row in bearing)
    return Overlaps(
        groups=sum(row[1] for row in bearing),
        mirrored_entries=sum(row[1] for row in linked),
        mirrored_net=sum(row[2] for row in linked),
        bearing=tuple(row[0] for row in bearing),
        linked=tuple((row[0], row[1]) for row in linked),
        differing=differing,
        differences=_differences(store, span, column, kept) if differing else (),
    )


def _differences(store: Store, span: Period, column: str, kept: Clause) -> tuple[Difference, ...]:
    rows = store.connection.execute(
        "SELECT n.same_id, n.book_id, m.name, b.name, n.disagreement FROM "
        "(SELECT id, same_id, book_id, disagreement FROM entry INDEXED BY entry_twice "
        "WHERE disagreement IS NOT NULL AND disagreement <> 0 "
        f"AND {column} >= :start AND {column} < :end{kept.sql} ORDER BY abs(disagreement) DESC, id LIMIT :most) n "
        "JOIN dimension m ON m.id = n.same_id JOIN dimension b ON b.id = n.book_id "
        "ORDER BY abs(n.disagreement) DESC, n.id",
        {"start": span.start, "end": span.end, "most": MOST, **kept.values},
    ).fetchall()
    found = []
    for same_id, book_id, same, book, difference in rows:
        bears, *mirrors = _statements(store, same_id, book_id)
        found.append(Difference(same, book, bears, tuple(mirrors), difference))
    return tuple(found)


def _statements(store: Store, same: int, book: int) -> list[Statement]:
    """Return what each door says of a money in full, the one that bears it first; an open position says nothing yet."""
    rows = store.connection.execute(
        "SELECT d.name, sum(n.net), max(n.closed_at IS NULL OR n.incomplete) FROM entry n "
        "JOIN dimension d ON d.id = n.source_id WHERE n.same_id = ? AND n.book_id = ? GROUP BY 1 ORDER BY 1",
        (same, book),
    )
    doors: dict[tuple[int, str], list[tuple[str, int, int]]] = {}
    for row in rows:
        doors.setdefault(rank(row[0]), []).append(row)
    return [
        Statement(", ".join(row[0] for row in said), sum(row[1] for row in said))
        for _, said in sorted(doors.items())
        if not any(row[2] for row in said)
    ]


_DOOR = "substr(s.name, 1, instr(s.name || ':', ':') - 1)"


def linked(store: Store, entry: Entry, limit: int = 50) -> list[Entry]:
    """Return the entries of other doors that state the same money as `entry`, those that bear it first."""
    rows = store.connection.execute(
        f"{ENTRY} WHERE n.id IN (SELECT o.id FROM entry n JOIN entry o ON o.same_id = n.same_id "
        f"AND o.book_id = n.book_id WHERE n.id = ?) AND {_DOOR} <> ? ORDER BY n.mirror, s.name, n.id LIMIT ?",
        (entry.id, entry.source.partition(":")[0], limit),
    )
    return [entry_of(row) for row in rows]


def count_unreconciled(store: Store, span: Period, *, basis: str = "closed", where: Where = ()) -> int:
    """Return how many entries in `span` bear money that two statements disagree about."""
    column, kept = BASES[basis].time, condition(where)
    row = store.connection.execute(
        f"SELECT count(*) FROM entry INDEXED BY entry_unreconciled WHERE {BASES[basis].where} AND ({UNRECONCILED}) "
        f"AND {column} >= :start AND {column} < :end{kept.sql}",
        {"start": span.start, "end": span.end, **kept.values},
    ).fetchone()
    return int(row[0])
