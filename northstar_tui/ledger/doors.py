"""One money, two doors: which entry bears a money that several sources state, and by how much they disagree.

A body's `same` says what money it states. Entries of one book with the same `same` state one money. A *door* is the
part of a source's name before the colon: ``kalshi`` of ``kalshi:john``. Where entries of several doors state one
money, those of the best door bear it and the others mirror it: they stay, linked, and are in no sum. Which door is best
is a constant order and nobody's clock, so whichever door opens first, the end is the same.

`settle` keeps this current for the moneys a batch touched, `derive` computes it again for all entries of a table by
another road; `verify` compares the two.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from northstar_tui.ledger.rollups import Engine
from northstar_tui.ledger.rules import DOORS, TOLERANCE

Money = tuple[int, int]
"""(same_id, book_id): one money, in one book."""
FLAGS = ("mirror", "disagreement")
"""Columns of `entry` that other entries decide."""
Flags = tuple[int, int | None]
"""An entry's `mirror` and `disagreement`."""
_BEARS: Flags = (0, None)


class Member(NamedTuple):
    """What decides about one entry of a money that is stated by several."""

    id: int
    door: tuple[int, str]
    closed_at: int | None
    net: int
    incomplete: int


def rank(source: str) -> tuple[int, str]:
    """Return the place of a source's door: the least bears. Doors that DOORS does not name come last, by name."""
    door = source.partition(":")[0]
    return (DOORS.index(door), "") if door in DOORS else (len(DOORS), door)


def flags(members: Sequence[Member]) -> dict[int, Flags]:
    """Return the flags of all the entries that state one money, by id."""
    doors: dict[tuple[int, str], list[Member]] = defaultdict(list)
    for member in members:
        doors[member.door].append(member)
    if len(doors) == 1:
        return {member.id: _BEARS for member in members}
    best = min(doors)
    found: dict[int, Flags] = {member.id: (int(member.door != best), None) for member in members}
    bearing = doors.pop(best)
    last = max(bearing, key=lambda member: (member.closed_at is None, member.closed_at or 0, member.id))
    found[last.id] = 0, _disagreement(bearing, [doors[door] for door in sorted(doors)])
    return found


def _disagreement(bearing: Sequence[Member], others: Iterable[Sequence[Member]]) -> int:
    """Return what is borne less what the mirror says that differs most; 0 where all agree or are not final yet.

    A door that rounds every entry to the cent may be off by TOLERANCE for each of them.
    """
    worst = 0
    for mirrors in others:
        if any(member.closed_at is None or member.incomplete for member in (*bearing, *mirrors)):
            continue
        difference = sum(member.net for member in bearing) - sum(member.net for member in mirrors)
        if abs(difference) > max(abs(worst), TOLERANCE * len(mirrors)):
            worst = difference
    return worst


def settle(connection: sqlite3.Connection, engine: Engine, moneys: Collection[Money], written: Collection[int]) -> None:
    """Set the flags of the entries that state one of `moneys`; retract and add those stored before that change.

    `written` are the ids of entries that are not in the rollups yet: adding them is the caller's.
    """
    changed = _changed(connection, moneys)
    if not changed:
        return
    older = json.dumps([entry for _, _, entry in changed if entry not in written])
    listed = "id IN (SELECT value FROM json_each(?))"
    if older != "[]":
        engine.retract("entry", listed, (older,))
    connection.executemany("UPDATE entry SET mirror = ?, disagreement = ? WHERE id = ?", changed)
    if older != "[]":
        engine.add("entry", listed, (older,))


def _changed(connection: sqlite3.Connection, moneys: Collection[Money]) -> list[tuple[int, int | None, int]]:
    """Return (mirror, disagreement, id) of the entries whose flags are not what they should be."""
    rows = connection.execute(
        "SELECT n.same_id, n.book_id, n.mirror, n.disagreement, n.id, n.source_id, n.closed_at, n.net, n.incomplete "
        "FROM json_each(?) j CROSS JOIN entry n "
        "ON n.same_id = json_extract(j.value, '$[0]') AND n.book_id = json_extract(j.value, '$[1]')",
        (json.dumps(sorted(moneys)),),
    )
    members: dict[Money, list[Member]] = defaultdict(list)
    stored: dict[int, Flags] = {}
    doors: dict[int, tuple[int, str]] = {}
    for same, book, mirror, disagreement, entry, source, closed_at, net, incomplete in rows:
        if source not in doors:
            doors[source] = rank(_name(connection, source))
        members[same, book].append(Member(entry, doors[source], closed_at, net, incomplete))
        stored[entry] = mirror, disagreement
    return [
        (*should, entry)
        for group in members.values()
        for entry, should in flags(group).items()
        if should != stored[entry]
    ]


def _name(connection: sqlite3.Connection, source: int) -> str:
    return str(connection.execute("SELECT name FROM dimension WHERE id = ?", (source,)).fetchone()[0])


# -- the other road ----------------------------------------------------------------------------------------------------


def _door_sql() -> str:
    """Return a SELECT of (source_id, door), the doors as texts that sort as `rank` does."""
    name = "substr(name, 1, instr(name || ':', ':') - 1)"
    known = " ".join(f"WHEN '{door}' THEN '{place:03}'" for place, door in enumerate(DOORS))
    door = f"CASE {name} {known} ELSE '999' || {name} END"
    return f"SELECT id AS source_id, {door} AS door FROM dimension WHERE axis = 'source'"


def derive(connection: sqlite3.Connection, table: str) -> None:
    """Set `mirror` and `disagreement` of all entries in `table`, where none is flagged yet, by grouping all of them."""
    doors = _door_sql()
    said = f"{table} JOIN door USING (source_id) WHERE same_id IS NOT NULL"
    connection.execute(
        f"WITH door AS ({doors}), twice AS (SELECT same_id, book_id, min(door) AS best FROM {said} GROUP BY 1, 2 "
        "HAVING min(door) < max(door)) "
        f"UPDATE {table} SET mirror = 1 FROM twice, door WHERE twice.same_id = {table}.same_id "
        f"AND twice.book_id = {table}.book_id AND door.source_id = {table}.source_id AND door.door > twice.best"
    )
    connection.execute(
        f"WITH door AS ({doors}), "
        "stated AS (SELECT same_id, book_id, mirror, door, sum(net) AS net, count(*) AS n, "
        f"max(closed_at IS NULL OR incomplete = 1) AS pending FROM {said} GROUP BY 1, 2, 3, 4), "
        "compared AS (SELECT same_id, book_id, row_number() OVER "
        "(PARTITION BY b.same_id, b.book_id ORDER BY abs(b.net - m.net) DESC, m.door) AS place, b.net - m.net AS off "
        "FROM stated b JOIN stated m USING (same_id, book_id) WHERE b.mirror = 0 AND m.mirror = 1 "
        f"AND NOT b.pending AND NOT m.pending AND abs(b.net - m.net) > {TOLERANCE} * m.n), "
        "bearing AS (SELECT id, same_id, book_id, row_number() OVER "
        "(PARTITION BY same_id, book_id ORDER BY closed_at IS NULL DESC, closed_at DESC, id DESC) AS place "
        f"FROM {table} WHERE mirror = 0 AND (same_id, book_id) IN "
        f"(SELECT same_id, book_id FROM {table} WHERE mirror = 1)) "
        f"UPDATE {table} SET disagreement = coalesce((SELECT off FROM compared c WHERE c.same_id = {table}.same_id "
        f"AND c.book_id = {table}.book_id AND c.place = 1), 0) "
        "WHERE id IN (SELECT id FROM bearing WHERE place = 1)"
    )
