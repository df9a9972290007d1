"""Questions about how the store is fed and how it is: runs, breakers, quarantine, size."""

from __future__ import annotations

from typing import NamedTuple

from northstar_tui.calendar import ALL
from northstar_tui.ledger import queries
from northstar_tui.ledger.store import Store


class RunRow(NamedTuple):
    """One execution of a source or an import."""

    id: int
    source: str
    started_at: int
    """Microseconds UTC."""
    finished_at: int | None
    """None while it runs, or where it was killed."""
    outcome: str
    """``running``, ``done``, ``partial`` (some records in quarantine), ``failed`` or ``stopped``."""
    read: int
    new: int
    unchanged: int
    revised: int
    quarantined: int
    pages: int
    bytes: int
    error: str | None
    """In a sentence, with what to do."""
    file: str | None
    """What an import read."""
    path: str | None
    """Where that lay; None for what was piped."""
    format: str | None
    """The format that an import was told."""
    book: str | None
    """The book that an import was told."""


_RUN = (
    "SELECT r.id, d.name, r.started_at, r.finished_at, r.outcome, r.read, r.new, r.unchanged, r.revised, "
    "r.quarantined, r.pages, r.bytes, r.error, o.name, r.path, r.format, r.book "
    "FROM run r JOIN dimension d ON d.id = r.source_id LEFT JOIN origin o ON o.id = r.origin_id"
)


def runs(store: Store, limit: int, source: str | None = None) -> list[RunRow]:
    """Return the last runs, of one source or of all, newest first."""
    rows = store.connection.execute(
        f"{_RUN} WHERE ?1 IS NULL OR d.name = ?1 ORDER BY r.id DESC LIMIT ?2", (source, limit)
    )
    return [RunRow(*row) for row in rows]


def run(store: Store, number: int) -> RunRow | None:
    """Return the run of id `number`, or None where there is none."""
    row = store.connection.execute(f"{_RUN} WHERE r.id = ?", (number,)).fetchone()
    return RunRow(*row) if row else None


def last_runs(store: Store, *, judged: bool = False) -> dict[str, RunRow]:
    """Return the newest run of each source; where `judged`, the newest that says how the source is: one that ended."""
    newest = _newest("AND n.outcome IN ('done', 'partial', 'failed')" if judged else "")
    rows = store.connection.execute(f"{_RUN} WHERE r.id IN (SELECT {newest} FROM dimension s WHERE s.axis = 'source')")
    return {row[1]: RunRow(*row) for row in rows}


def read_at(store: Store) -> dict[str, int]:
    """Return when each source was last read to its end, microseconds UTC."""
    ended = _newest("AND n.outcome IN ('done', 'partial')")
    rows = store.connection.execute(
        "SELECT d.name, r.finished_at FROM run r JOIN dimension d ON d.id = r.source_id "
        f"WHERE r.id IN (SELECT {ended} FROM dimension s WHERE s.axis = 'source')"
    )
    return dict(rows.fetchall())


def _newest(condition: str = "") -> str:
    """Return the SQL of the newest run of source `s`: one step in an index, however many runs there were."""
    return (
        f"(SELECT n.id FROM run n WHERE n.source_id = s.id {condition} "
        "ORDER BY coalesce(n.finished_at, n.started_at) DESC, n.id DESC LIMIT 1)"
    )


def breakers(store: Store) -> dict[str, tuple[int, int]]:
    """Return (failed runs in a row, until when it is left alone; 0: not) of each source with a breaker."""
    rows = store.connection.execute(
        "SELECT d.name, b.failures, b.until FROM breaker b JOIN dimension d ON d.id = b.source_id"
    )
    return {name: (failures, until) for name, failures, until in rows}


class Quarantined(NamedTuple):
    """One record that could not be read."""

    id: int
    source: str
    file: str | None
    line: int | None
    field: str
    reason: str
    raw: str
    recorded_at: int
    """Since when it is there, microseconds UTC."""
    settled_at: int | None
    """When it was mended or dismissed, microseconds UTC; None while it is to be seen to."""
    settled_by: str | None
    """How; ``re-opened`` where the operator took that back."""
    path: str | None
    """Where its file lay when it was last imported; None where it was not."""
    format: str | None
    """The format that this import was told."""
    book: str | None
    """The book that this import was told."""


_QUARANTINED = (
    "SELECT q.id, d.name, o.name, q.line, q.field, q.reason, q.raw, q.recorded_at, q.settled_at, q.settled_by, "
    "r.path, r.format, r.book FROM quarantine q JOIN dimension d ON d.id = q.source_id "
    "LEFT JOIN origin o ON o.id = q.origin_id LEFT JOIN run r ON r.id = "
    "(SELECT max(n.id) FROM run n WHERE n.origin_id = q.origin_id AND n.source_id = q.source_id)"
)


def quarantine(store: Store, limit: int, source: str | None = None, *, settled: bool = False) -> list[Quarantined]:
    """Return what lies in quarantine, or what was settled of it, of one source or of all, newest first."""
    which, order = ("NOT NULL", "q.settled_at DESC, q.id DESC") if settled else ("NULL", "q.id DESC")
    rows = store.connection.execute(
        f"{_QUARANTINED} WHERE (?1 IS NULL OR d.name = ?1) AND q.settled_at IS {which} ORDER BY {order} LIMIT ?2",
        (source, limit),
    )
    return [Quarantined(*row) for row in rows]


def settled_count(store: Store) -> int:
    """Return how many records of the quarantine are settled."""
    return int(store.connection.execute("SELECT count(*) FROM quarantine WHERE settled_at IS NOT NULL").fetchone()[0])


def quarantined(store: Store, number: int) -> Quarantined | None:
    """Return the record of id `number` in quarantine, or None where there is none."""
    row = store.connection.execute(f"{_QUARANTINED} WHERE q.id = ?", (number,)).fetchone()
    return Quarantined(*row) if row else None


def brought(store: Store, source: str, since: int) -> int:
    """Return how many new events `source` has brought since an instant (microseconds UTC), by the last appends."""
    row = store.connection.execute(
        "SELECT coalesce(sum(b.new), 0) FROM batch b JOIN dimension d ON d.id = b.source_id "
        "WHERE b.id > (SELECT max(id) FROM batch) - 2000 AND d.name = ? AND b.recorded_at >= ?",
        (source, since),
    ).fetchone()
    return int(row[0])


def quarantine_counts(store: Store) -> dict[str, int]:
    """Return how many records of each source lie in quarantine, those left out that are settled."""
    rows = store.connection.execute(
        "SELECT d.name, count(*) FROM quarantine q JOIN dimension d ON d.id = q.source_id "
        "WHERE q.settled_at IS NULL GROUP BY q.source_id"
    )
    return dict(rows.fetchall())


def entries_words(entries: int, still_open: int) -> str:
    """Return how many entries there are, and how many of them no figure by the closed basis counts yet."""
    said = f"{entries:,} {'entry' if entries == 1 else 'entries'}"
    return f"{said}, {still_open:,} of them open" if still_open else said


class Facts(NamedTuple):
    """How large the store is."""

    bytes: int
    """Of the file, without its write-ahead log."""
    events: int
    entries: int
    open: int
    """Of the entries: not closed, so in no figure by the closed basis."""
    schema: int
    """Version of its schema."""
    kind: str
    """``real`` or ``demo``."""
    zone: str


def facts(store: Store) -> Facts:
    """Return how large the store is, from what it knows already: nothing is counted through."""
    pragma = {
        name: int(store.connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "page_size", "user_version")
    }
    events = store.connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0]
    placed = queries.total(store, ALL, basis="opened")
    size = pragma["page_count"] * pragma["page_size"]
    return Facts(size, events, placed.entries, placed.open, pragma["user_version"], store.kind, store.calendar.zone)


def quick_check(store: Store) -> list[str]:
    """Return what SQLite's quick check of the file's structure finds wrong; nothing where it is sound."""
    found = [row[0] for row in store.connection.execute("PRAGMA quick_check(10)")]
    return [] if found == ["ok"] else found
