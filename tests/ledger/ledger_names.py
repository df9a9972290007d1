"""A store's derived rows with names for ids: equal where two stores interned in another order."""

from __future__ import annotations

from northstar_tui.ledger.store import Store

DERIVED = ("entry", "rollup_booked", "rollup_placed")


def named(store: Store, *but: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the entries and rollups, sorted, without the columns `but`."""
    ids: dict[int, str] = dict(store.connection.execute("SELECT id, axis || ':' || name FROM dimension"))
    found = {}
    for table in DERIVED:
        cursor = store.connection.execute(f"SELECT * FROM {table}")
        columns = [column[0] for column in cursor.description]
        found[table] = sorted(
            tuple(
                ids[v] if c.endswith("_id") and c != "event_id" and v is not None else v
                for c, v in zip(columns, row, strict=True)
                if c not in but
            )
            for row in cursor
        )
    return found
