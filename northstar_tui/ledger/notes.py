"""Notes and tags in the store: the tables `note` and `tag`, derived from what the operator said.

They are made by the same two statements wherever they are: for the entries that a batch speaks of, for all of them, or
beside the store as a proof.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.declarations import BASES
from northstar_tui.notes import NOTED, OPERATOR, TAGGED, UNTAGGED

_SAID = (  # in this order: the operator's own subjects and their events, never the whole log
    "FROM dimension d CROSS JOIN subject o ON o.source_id = d.id CROSS JOIN event e ON e.subject_id = o.id "
    "JOIN dimension k ON k.id = e.kind_id "
    "JOIN dimension s ON s.axis = 'source' AND s.name = json_extract(o.key, '$[0]') "
    "JOIN subject j ON j.source_id = s.id AND j.key = json_extract(o.key, '$[1]') "
    f"WHERE d.axis = 'source' AND d.name = '{OPERATOR}'"
)
_THESE = " AND o.id IN (SELECT value FROM json_each(?))"
_NAMED = (
    "SELECT json_extract(key, '$[0]') AS source, json_extract(key, '$[1]') AS key FROM subject "
    "WHERE id IN (SELECT value FROM json_each(?))"
)


def _notes(which: str = "") -> str:
    """Return a SELECT of the notes by the log; `which` is a condition on the operator's subjects ``o``."""
    return f"SELECT e.id, j.id, json_extract(e.body, '$.text') {_SAID} AND k.name = '{NOTED}'{which}"


def _tags(which: str = "") -> str:
    """Return a SELECT of the tags by the log: those whose newest word is that they were added."""
    tag = "json_extract(e.body, '$.tag')"
    return (
        "SELECT subject_id, name, event_id FROM ("
        f"SELECT j.id AS subject_id, {tag} AS name, e.id AS event_id, k.name AS kind, "
        f"row_number() OVER (PARTITION BY j.id, {tag} ORDER BY e.id DESC) AS place "
        f"{_SAID} AND k.name IN ('{TAGGED}', '{UNTAGGED}'){which}) WHERE place = 1 AND kind = '{TAGGED}'"
    )


TABLES: Mapping[str, tuple[tuple[str, ...], int, Callable[..., str]]] = {
    "note": (("event_id", "subject_id", "text"), 1, _notes),
    "tag": (("subject_id", "name", "event_id"), 2, _tags),
}
"""Tables that are derived here: their columns, how many of these tell rows apart, and the rows by the log."""


def keep(connection: sqlite3.Connection, calendar: Calendar, subjects: Collection[int]) -> dict[str, set[int]]:
    """Bring the tables up to what was said under the operator's `subjects`; return the local days of those entries.

    An entry that is not here yet gets its subject, so that what was said of it waits for it. Days come by rollup name.
    """
    listed = json.dumps(sorted(subjects))
    connection.execute(
        f"INSERT OR IGNORE INTO dimension (axis, name) SELECT 'source', source FROM ({_NAMED})", (listed,)
    )
    connection.execute(
        "INSERT OR IGNORE INTO subject (source_id, key) "
        f"SELECT s.id, n.key FROM ({_NAMED}) n JOIN dimension s ON s.axis = 'source' AND s.name = n.source",
        (listed,),
    )
    spoken_of = (
        f"SELECT j.id FROM ({_NAMED}) n JOIN dimension s ON s.axis = 'source' AND s.name = n.source "
        "JOIN subject j ON j.source_id = s.id AND j.key = n.key"
    )
    for table, (columns, _, rows) in TABLES.items():
        connection.execute(f"DELETE FROM {table} WHERE subject_id IN ({spoken_of})", (listed,))
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) {rows(_THESE)}", (listed,))
    days: dict[str, set[int]] = {}
    for rollup in BASES.values():
        found = connection.execute(
            f"SELECT {rollup.time} FROM entry WHERE {rollup.time} IS NOT NULL AND id IN ({spoken_of})", (listed,)
        )
        days[rollup.name] = {calendar.bucket("day", at) for (at,) in found}
    return {name: touched for name, touched in days.items() if touched}


def derive_notes(connection: sqlite3.Connection) -> None:
    """Derive both tables again from the log."""
    for table, (columns, _, rows) in TABLES.items():
        connection.execute(f"DELETE FROM {table}")
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) {rows()}")
