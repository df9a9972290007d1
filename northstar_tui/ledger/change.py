"""What has changed since an event of the log: every entry whose money is not what it was then, and by how much.

The log is append-only, so the past is there: entries that were first said later are new, and the few older ones that
were restated, or that another door bears now, are projected once more from what the log held then. What all of them
changed by is what the total changed by, exactly.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from northstar_tui.ledger.doors import Member, Money, flags, rank
from northstar_tui.ledger.store import Store

if TYPE_CHECKING:
    from northstar_tui.ledger.project import Row

CLASSES = ("closes", "settlements", "costs", "revenue", "credits")
"""What an entry's money is: a trade sold before its end, one that its result settled, and the other kinds."""
_CLASS = (
    "CASE k.name WHEN 'cost' THEN 'costs' WHEN 'revenue' THEN 'revenue' WHEN 'trade' THEN "
    "CASE WHEN t.name = 'bet.settled' OR json_extract(e.body, '$.market_result') IS NOT NULL "
    "OR json_extract(e.body, '$.result') IS NOT NULL THEN 'settlements' ELSE 'closes' END ELSE 'credits' END"
)
_SAID = "JOIN event e ON e.id = n.event_id JOIN dimension k ON k.id = n.kind_id JOIN dimension t ON t.id = e.kind_id"
# In this order: the log from there on, and of each entry only that event which first said it.
_FRESH = "FROM event f NOT INDEXED CROSS JOIN entry n ON n.id = f.subject_id"
_SINCE = "f.id > :since AND f.revision = 1"
_BOOKED = "n.closed_at IS NOT NULL AND n.mirror = 0"
"""Counts by the closed basis, as the rollup `booked` has it."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What some entries brought: how many, how many of them paid fees, and micro-dollars before fees and of fees."""

    entries: int = 0
    charged: int = 0
    gross: int = 0
    fees: int = 0

    def __add__(self, other: Sum) -> Sum:
        charged, gross, fees = self.charged + other.charged, self.gross + other.gross, self.fees + other.fees
        return Sum(self.entries + other.entries, charged, gross, fees)


class Restated(NamedTuple):
    """An older entry whose booked money is not what it was; `before` is None where it was not booked then."""

    id: int
    what: str
    """One of CLASSES."""
    before: tuple[int, int] | None
    """(gross, fees) in micro-dollars."""
    after: tuple[int, int] | None
    """(gross, fees); None where it is not booked any more."""

    @property
    def net(self) -> int:
        """By how much it changed the total, micro-dollars."""
        (gross, fees), (was, paid) = self.after or (0, 0), self.before or (0, 0)
        return gross - fees - (was - paid)


class Change(NamedTuple):
    """Everything that changed after event `since`."""

    since: int
    """Event id; what was said later is new."""
    fresh: dict[str, Sum]
    """What entries brought that were first said later, by class."""
    older: tuple[Restated, ...]
    """Entries known before that changed, by id."""


def newest_event(store: Store) -> int:
    """Return the id of the newest event of the log, 0 for an empty one."""
    return int(store.connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])


def event_at(store: Store, instant: int) -> int:
    """Return the id of the last event that the log held at `instant`, microseconds UTC; 0 where it held none."""
    low, high = 0, newest_event(store)
    while low < high:  # `append` records in order: some thirty looks, whatever the log's length
        middle = (low + high + 1) // 2
        found = store.connection.execute(
            "SELECT recorded_at FROM event WHERE id <= ? ORDER BY id DESC LIMIT 1", (middle,)
        ).fetchone()
        if found is None or found[0] <= instant:
            low = middle
        else:
            high = middle - 1
    return low


def change(store: Store, since: int) -> Change:
    """Return what changed after event `since`, by the closed basis."""
    connection = store.connection
    rows = connection.execute(
        f"SELECT {_CLASS}, count(*), sum(n.fees <> 0), sum(n.gross), sum(n.fees) {_FRESH} {_SAID} "
        f"WHERE {_SINCE} AND {_BOOKED} GROUP BY 1",
        {"since": since},
    )
    fresh = {row[0]: Sum(*row[1:]) for row in rows}
    return Change(since, fresh, tuple(_older(store, since)))


def fresh_entries(store: Store, found: Change, what: str, limit: int, *, charged: bool = False) -> list[int]:
    """Return the ids of the entries of class `what` that are new in `found`, newest first; of those `charged` fees."""
    paid = " AND n.fees <> 0" if charged else ""
    rows = store.connection.execute(
        f"SELECT n.id {_FRESH} {_SAID} WHERE {_SINCE} AND {_BOOKED} AND {_CLASS} = :what{paid} "
        "ORDER BY f.id DESC LIMIT :limit",
        {"since": found.since, "what": what, "limit": limit},
    )
    return [row[0] for row in rows]


def _known(subject: str) -> str:
    """Return the SQL condition that `subject` was first said up to then: its id does not tell, notes may come first."""
    return f"EXISTS (SELECT 1 FROM event g WHERE g.subject_id = {subject} AND g.revision = 1 AND g.id <= :since)"


def _older(store: Store, since: int) -> Iterable[Restated]:
    connection = store.connection
    # Not by the index of subjects: that would be read through, however few events came since.
    rows = connection.execute(
        "SELECT f.subject_id FROM event f NOT INDEXED "
        f"WHERE f.id > :since AND f.revision > 1 AND {_known('f.subject_id')}",
        {"since": since},
    )
    said = {row[0] for row in rows}
    then = _then(store, since, said)
    moneys = {each.money for each in then.values() if each.money is not None} | _shared(connection, said, since)
    linked = {
        row[0]
        for row in connection.execute(
            "SELECT n.id FROM json_each(:moneys) j CROSS JOIN entry n ON n.same_id = json_extract(j.value, '$[0]') "
            f"AND n.book_id = json_extract(j.value, '$[1]') WHERE {_known('n.id')}",
            {"moneys": json.dumps(sorted(moneys)), "since": since},
        )
    }
    then |= _then(store, since, linked - said)
    was = _booked_then(then)
    now = _booked_now(connection, said | linked)
    for entry in sorted(said | linked):
        before, (after, what) = was.get(entry), now.get(entry, (None, "closes"))
        if before != after:
            yield Restated(entry, what, before, after)


class _Then(NamedTuple):
    """What the log made of an entry up to the event."""

    money: Money | None
    booked: tuple[int, int] | None
    """(gross, fees) where it was closed."""
    member: Member


def _then(store: Store, since: int, subjects: set[int]) -> dict[int, _Then]:
    """Return the entries that the log made of `subjects` up to event `since`, by id."""
    if not subjects:
        return {}
    # Projecting loads what checks events; mostly nothing older has changed, and the overview shall not wait for it.
    from northstar_tui.ledger.project import COLUMNS, Projector
    from northstar_tui.ledger.verify import ReadOnlyInterner, derived

    def then(row: Row) -> _Then:
        said: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
        closed, same = said["closed_at"], said["same_id"]
        door = rank(sources[said["source_id"]])
        return _Then(
            None if same is None else (same, said["book_id"]),
            None if closed is None else (said["gross"], said["fees"]),
            Member(said["id"], door, closed, said["net"], said["incomplete"]),
        )

    sources = dict(store.connection.execute("SELECT id, name FROM dimension WHERE axis = 'source'").fetchall())
    projector = Projector(store.rules, ReadOnlyInterner(store.connection))
    which = "e.id <= ? AND e.subject_id IN (SELECT value FROM json_each(?))"
    rows = derived(store.connection, projector, which, (since, json.dumps(sorted(subjects))))
    return {row[0]: then(row) for row in rows}


def _shared(connection: sqlite3.Connection, said: set[int], since: int) -> set[Money]:
    """Return the moneys that `said` entries state now, and those that new entries share with older ones."""
    stated = connection.execute(
        "SELECT same_id, book_id FROM entry WHERE same_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(said)),),
    )
    joined = connection.execute(
        f"SELECT DISTINCT n.same_id, n.book_id {_FRESH} WHERE {_SINCE} AND n.same_id IS NOT NULL AND EXISTS (SELECT 1 "
        f"FROM entry o WHERE o.same_id = n.same_id AND o.book_id = n.book_id AND o.id <> n.id AND {_known('o.id')})",
        {"since": since},
    )
    return {(row[0], row[1]) for row in (*stated, *joined)}


def _booked_then(then: dict[int, _Then]) -> dict[int, tuple[int, int]]:
    """Return (gross, fees) of those of the earlier entries `then` that were booked, by id."""
    groups: dict[Money, list[Member]] = defaultdict(list)
    for each in then.values():
        if each.money is not None:
            groups[each.money].append(each.member)
    mirrors = {entry for members in groups.values() for entry, (mirror, _) in flags(members).items() if mirror}
    return {entry: each.booked for entry, each in then.items() if each.booked is not None and entry not in mirrors}


def _booked_now(
    connection: sqlite3.Connection, entries: Iterable[int]
) -> dict[int, tuple[tuple[int, int] | None, str]]:
    """Return (gross, fees), None where not booked, and class of `entries`, by id."""
    rows = connection.execute(
        f"SELECT n.id, {_BOOKED}, n.gross, n.fees, {_CLASS} FROM entry n {_SAID} "
        "WHERE n.id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(entries)),),
    )
    return {row[0]: ((row[2], row[3]) if row[1] else None, row[4]) for row in rows}
