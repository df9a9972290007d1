"""Writing the quarantine: each record that cannot be read is there once, and says what became of it.

A record is known by its text, and by its number among equal ones of one file or answer, as an event without an id is.
Met again it is the same row, which moves to where it stands now; met again after it was settled it is open again,
unless the operator dismissed it. `mending` settles what is mended; here is the operator's own word. No row is deleted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from northstar_tui.errors import NorthStarError
from northstar_tui.events import Reject
from northstar_tui.ledger.store import Store, now
from northstar_tui.text import safe

if TYPE_CHECKING:
    import sqlite3

DISMISSED = "dismissed: "
"""How `settled_by` begins where the operator settled a record."""
REOPENED = "re-opened"
"""What `settled_by` says where the operator took it back: from then on only the operator settles the record."""
_WORDS_MOST = 500

_Row = tuple[int, int | None, int | None, int | None, str, str, str | None, int | None, str | None]
_WHERE = "origin_id, line, written_at, field, reason, key"
_ROW = f"SELECT id, {_WHERE}, settled_at, settled_by FROM quarantine WHERE source_id = ?"


class Where(NamedTuple):
    """Where records were met: the source's id, the file's, None for none, and when it was written, if that is known."""

    source: int
    origin: int | None
    written_at: int | None


class QuarantineError(NorthStarError):
    """The operator named a record that there is not, or gave no reason."""


def hold(connection: sqlite3.Connection, where: Where, rejects: Sequence[Reject], at: int) -> tuple[int, int]:
    """Put `rejects`, met at instant `at`, into quarantine; return how many are new or open again, and dismissed ones.

    For a transaction's use. Doing it again changes nothing.
    """
    fresh = dismissed = 0
    twins: Counter[str] = Counter()
    for reject in rejects:
        row = _known(connection, where.source, where.origin, reject, twins[reject.raw])
        twins[reject.raw] += 1
        newest = max((t for t in (where.written_at, row and row[3]) if t is not None), default=None)
        found = (where.origin, reject.line, newest, reject.field, reject.reason, reject.key)
        if row is None:
            connection.execute(
                f"INSERT INTO quarantine ({_WHERE}, source_id, raw, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*found, where.source, reject.raw, at),
            )
            fresh += 1
            continue
        number, settled_by = row[0], row[-1] or ""
        if row[1:7] != found:
            connection.execute(f"UPDATE quarantine SET ({_WHERE}) = (?, ?, ?, ?, ?, ?) WHERE id = ?", (*found, number))
        if settled_by.startswith(DISMISSED):
            dismissed += 1
        elif row[-2] is not None:
            connection.execute(
                "UPDATE quarantine SET settled_at = NULL, settled_by = NULL, recorded_at = ? WHERE id = ?", (at, number)
            )
            fresh += 1
    return fresh, dismissed


def _known(
    connection: sqlite3.Connection, source_id: int, origin_id: int | None, reject: Reject, nth: int
) -> _Row | None:
    """Return the row of a record, None for a new one; `nth` of its batch say the same, counted from 0."""
    said = (source_id, reject.raw)
    if origin_id is None:
        # Row numbers of an answer change from one to the next; an empty text says nothing, its field must.
        same = "AND raw = ? AND origin_id IS NULL AND (raw <> '' OR field = ?) ORDER BY id LIMIT 1 OFFSET ?"
        return _one(connection, same, (*said, reject.field, nth))
    found = _one(connection, "AND raw = ? AND origin_id = ? AND line IS ?", (*said, origin_id, reject.line))
    for side in "<>" if reject.raw else "":
        # A row that stands in this very file is another one's: an equal record met before in this reading.
        other = f"AND raw = ? AND origin_id {side} ? ORDER BY origin_id, line LIMIT 1"
        found = found or _one(connection, other, (*said, origin_id))
    return found


def _one(connection: sqlite3.Connection, condition: str, values: tuple[object, ...]) -> _Row | None:
    row: _Row | None = connection.execute(f"{_ROW} {condition}", values).fetchone()
    return row


def undismissed(store: Store, source: str, rejects: Sequence[Reject]) -> list[Reject]:
    """Return those of some stored `rejects` that the operator did not dismiss."""
    rows = store.connection.execute(
        "SELECT DISTINCT q.raw FROM json_each(?) j JOIN dimension d ON d.axis = 'source' AND d.name = ? "
        "JOIN quarantine q ON q.source_id = d.id AND q.raw = j.value AND substr(q.settled_by, 1, ?) = ?",
        (json.dumps([reject.raw for reject in rejects]), source, len(DISMISSED), DISMISSED),
    )
    gone = {row[0] for row in rows}
    return [reject for reject in rejects if reject.raw not in gone]


# -- the operator's word -----------------------------------------------------------------------------------------------


def dismiss(store: Store, numbers: Sequence[int], words: str) -> None:
    """Settle the records of ids `numbers` because of `words`; all of them or none. Raises QuarantineError."""
    because = safe(" ".join(words.split()))[:_WORDS_MOST]
    if not because:
        raise QuarantineError("a record is dismissed for a reason", "say why: it stays with the record")
    _settled(store, numbers, now(), DISMISSED + because)


def reopen(store: Store, numbers: Sequence[int]) -> None:
    """Open the settled records of ids `numbers` again; all of them or none. Raises QuarantineError."""
    _settled(store, numbers, None, REOPENED)


def _settled(store: Store, numbers: Sequence[int], at: int | None, how: str) -> None:
    listed = json.dumps(sorted(set(numbers)))
    with store.transaction():
        missing = store.connection.execute(
            "SELECT j.value FROM json_each(?) j LEFT JOIN quarantine q ON q.id = j.value WHERE q.id IS NULL", (listed,)
        ).fetchall()
        if missing:
            named = ", ".join(str(row[0]) for row in missing)
            raise QuarantineError(f"there is no record {named} in quarantine", "northstar quarantine --all lists them")
        store.connection.execute(
            "UPDATE quarantine SET settled_at = ?1, settled_by = ?2 WHERE id IN (SELECT value FROM json_each(?3)) "
            "AND (?1 IS NOT NULL OR settled_at IS NOT NULL)",
            (at, how, listed),
        )
