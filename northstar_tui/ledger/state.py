"""Reading the store's state: how fresh each source is, what changed since when, what lies in quarantine."""

from __future__ import annotations

from typing import NamedTuple

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger.declarations import BASES
from northstar_tui.ledger.schema import TOUCHED_KEPT
from northstar_tui.ledger.store import Store
from northstar_tui.notes import OPERATOR


class SourceState(NamedTuple):
    """How fresh a source is: when it was last read, when its newest entry closed, and what lies in quarantine."""

    name: str
    recorded_at: int
    """Start of its last run or append, microseconds UTC."""
    outcome: str
    quarantined: int


def source_states(store: Store) -> list[SourceState]:
    """Return the state of every source that was ever read, the freshest first; the operator is none."""
    # One look per source into an index: a store of many years has hundreds of thousands of appends and runs.
    newest = "FROM run WHERE source_id = d.id ORDER BY coalesce(finished_at, started_at) DESC LIMIT 1"
    rows = store.connection.execute(
        "SELECT name, max(coalesce(ran, told), coalesce(told, ran)), "
        "CASE WHEN ran IS NULL OR told > ran THEN 'done' ELSE outcome END, "
        "(SELECT count(*) FROM quarantine q WHERE q.source_id = s.id AND q.settled_at IS NULL) FROM "
        f"(SELECT id, name, (SELECT coalesce(finished_at, started_at) {newest}) AS ran, "
        f"(SELECT outcome {newest}) AS outcome, (SELECT max(recorded_at) FROM batch WHERE source_id = d.id) AS told "
        f"FROM dimension d WHERE axis = 'source' AND name <> '{OPERATOR}') s "
        "WHERE ran IS NOT NULL OR told IS NOT NULL ORDER BY 2 DESC"
    )
    return [SourceState(*row) for row in rows]


def last_batch(store: Store) -> tuple[int, int] | None:
    """Return (id, recorded_at) of the newest append that changed something."""
    row = store.connection.execute("SELECT id, recorded_at FROM batch ORDER BY id DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else None


def touched_since(store: Store, batch_id: int, basis: str = "closed") -> Period | None:
    """Return a span that holds every day changed after append `batch_id`: all time where that is no longer known."""
    newest = last_batch(store)
    if newest is None or newest[0] <= batch_id:
        return None
    if newest[0] - batch_id > TOUCHED_KEPT:
        return ALL
    first, last = store.connection.execute(
        "SELECT min(day), max(day) FROM touched WHERE batch_id > ? AND rollup = ?", (batch_id, BASES[basis].name)
    ).fetchone()
    return Period(first, store.calendar.end("day", last), "range") if first is not None else None


def quarantined(store: Store) -> int:
    """Return how many records lie in quarantine, those left out that are settled."""
    return int(store.connection.execute("SELECT count(*) FROM quarantine WHERE settled_at IS NULL").fetchone()[0])
