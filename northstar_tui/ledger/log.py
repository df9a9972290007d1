"""Reading the log: what was said, in order, and about whom. Times are microseconds UTC."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from northstar_tui.calendar import Period
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, condition
from northstar_tui.notes import OPERATOR


class LoggedEvent(NamedTuple):
    """One event of the log."""

    id: int
    source: str
    key: str
    revision: int
    kind: str
    occurred_at: int
    recorded_at: int
    book: str | None
    origin: str | None
    sha256: str | None
    size: int | None
    line: int | None
    body: str
    raw: str


_EVENT = (
    "SELECT e.id, s.name, j.key, e.revision, k.name, e.occurred_at, e.recorded_at, b.name, o.name, o.sha256, o.size, "
    "e.line, e.body, e.raw FROM event e JOIN subject j ON j.id = e.subject_id JOIN dimension s ON s.id = j.source_id "
    "JOIN dimension k ON k.id = e.kind_id LEFT JOIN dimension b ON b.id = e.book_id "
    "LEFT JOIN origin o ON o.id = e.origin_id"
)


def events(store: Store, *, after: int = 0, limit: int | None = None) -> Iterable[LoggedEvent]:
    """Yield the log in order of recording, from just after event id `after`."""
    rows = store.connection.execute(
        f"{_EVENT} WHERE e.id > ? ORDER BY e.id LIMIT ?", (after, -1 if limit is None else limit)
    )
    return (LoggedEvent(*row) for row in rows)


_SPEAKS_OF = (
    f"SELECT o.id FROM dimension d JOIN subject o ON d.axis = 'source' AND d.name = '{OPERATOR}' "
    "AND o.source_id = d.id JOIN dimension s ON s.axis = 'source' AND s.name = json_extract(o.key, '$[0]') "
    "JOIN subject j ON j.source_id = s.id AND j.key = json_extract(o.key, '$[1]')"
)
"""The operator's own subjects, and the subjects ``j`` that they are about."""


def events_about(store: Store, where: Where, span: Period | None = None) -> Iterable[LoggedEvent]:
    """Yield what was ever said about the entries that `where` keeps, notes and tags too, in order of recording.

    With a `span` they are those that closed in it. Mirrors of what another door states are among them.
    """
    kept = condition(where)
    closed = " AND closed_at >= :start AND closed_at < :end" if span is not None else ""
    rows = store.connection.execute(
        f"WITH kept AS MATERIALIZED (SELECT id FROM entry WHERE 1{closed}{kept.sql}) {_EVENT} "
        f"WHERE e.subject_id IN kept OR e.subject_id IN ({_SPEAKS_OF} WHERE j.id IN kept) ORDER BY e.id",
        {**({"start": span.start, "end": span.end} if span is not None else {}), **kept.values},
    )
    return (LoggedEvent(*row) for row in rows)


def newest_events(store: Store, limit: int) -> list[LoggedEvent]:
    """Return the events recorded last, newest first."""
    rows = store.connection.execute(f"{_EVENT} ORDER BY e.id DESC LIMIT ?", (limit,))
    return [LoggedEvent(*row) for row in rows]


def newest_but_quotes(store: Store, limit: int) -> list[LoggedEvent]:
    """Return the events recorded last, quotes left out, by when they happened, the newest first.

    It reads the newest of each kind from the index: a burst of quotes costs nothing, however long it is.
    """
    rows = store.connection.execute(
        f"{_EVENT} WHERE e.id IN (SELECT n.id FROM dimension d JOIN event n ON n.id IN "
        "(SELECT id FROM event WHERE kind_id = d.id ORDER BY id DESC LIMIT :limit) "
        "WHERE d.axis = 'event_kind' AND d.name <> 'market.quoted' ORDER BY n.id DESC LIMIT :limit)",
        {"limit": limit},
    )
    found = [LoggedEvent(*row) for row in rows]
    return sorted(found, key=lambda event: (event.occurred_at, event.id), reverse=True)


def events_of(store: Store, subject: int) -> list[LoggedEvent]:
    """Return everything said about one subject (an entry's id), oldest first."""
    rows = store.connection.execute(f"{_EVENT} WHERE e.subject_id = ? ORDER BY e.revision", (subject,))
    return [LoggedEvent(*row) for row in rows]
