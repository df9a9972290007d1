"""What share of the store its rollups take, at fifty and more entries an hour."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.result import Row
from northstar_tui.ledger.store import Store

DENSE = 50
"""Entries per hour-bucket from which on the promise holds."""


def measure(path: Path) -> list[Row]:
    """Return the row of the rollups' size in the store at `path`."""
    with Store.open(path) as store:
        try:
            sizes: dict[str, int] = dict(
                store.connection.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE").fetchall()
            )
        except sqlite3.OperationalError:
            return [Row("rollups' size", "≤ 5 % of the store", "this SQLite has no dbstat", "—", None)]
        entries, hours = store.connection.execute(
            "SELECT sum(entries), count(DISTINCT bucket) FROM rollup_booked WHERE level = 'hour'"
        ).fetchone()
        pages, width = (
            store.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
    rollups = sum(size for name, size in sizes.items() if "rollup_" in name)
    whole = pages * width  # not the sum of dbstat's sizes: some SQLites count them in 32 bits
    share = rollups / whole
    density = entries / hours
    return [
        Row(
            f"rollups' size, {density:,.0f} entries per hour-bucket",
            f"≤ 5 % of the store at ≥ {DENSE}",
            f"{rollups / 1e6:,.1f} of {whole / 1e6:,.1f} MB",
            f"{share:.2%}",
            share <= 0.05 if density >= DENSE else None,
            {"rollups_bytes": rollups, "store_bytes": whole},
        )
    ]
