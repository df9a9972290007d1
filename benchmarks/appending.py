"""`append` with every rollup current, against bare INSERTs of the same events and entries, same keys, same indexes.

Both sides run on a file with the store's own schema, triggers and settings, commit once a batch, and take turns batch
by batch, so that a busy machine slows both. What the bare side inserts is read back from what the other side stored:
its rows are ready tuples and it looks nothing up, encodes nothing and checks nothing but what the schema does.

How many rollup rows a batch touches depends on how many hours it covers, so it is measured at the density of a store of
ten million entries in two years, of one million, and with every event at a random moment of the two years.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.material import batches, rules
from benchmarks.result import Row, median
from northstar_tui.events import Batch
from northstar_tui.ledger.store import Store

TABLES = ("subject", "event", "entry")


def measure(folder: Path, *, count: int, size: int = 1000, runs: int = 3) -> list[Row]:
    """Return the rows of `append`'s promise, each over `count` events."""
    shapes = (
        ("in order, 570 an hour", 10_000_000, False),
        ("in order, 57 an hour", 1_000_000, False),
        ("scattered over two years", 1_000_000, True),
    )
    return [
        _row(
            name,
            size,
            [_race(folder, batches(count, size, total=total, scattered=scattered)) for _ in range(runs)],
            count,
        )
        for name, total, scattered in shapes
    ]


def _row(name: str, size: int, found: Sequence[tuple[float, float]], count: int) -> Row:
    ratios = [bare / full for full, bare in found]
    full = median([full for full, _ in found])
    return Row(
        f"append, batches of {size:,}, {name}",
        "≥ 0.7 of bare INSERTs",
        f"{count / full:,.0f} events/s",
        f"{median(ratios):.2f}",
        median(ratios) >= 0.7,
        {"events": count, "runs": len(found), "ratio_min": min(ratios), "ratio_max": max(ratios)},
    )


def _race(folder: Path, work: Iterable[Batch]) -> tuple[float, float]:
    """Return the seconds that `append` and the bare side took for `work`, which is made batch by batch, untimed."""
    paths = [folder / "append.db", folder / "bare.db"]
    try:
        with Store.create(paths[0], rules()) as store, Store.create(paths[1], rules()) as bare:
            spent, marks = [0.0, 0.0], dict.fromkeys(TABLES, 0)
            for batch in work:
                begun = time.perf_counter()
                store.append(batch)
                spent[0] += time.perf_counter() - begun
                ready, marks = _read(store.connection, marks)
                _dimensions(store.connection, bare.connection)
                begun = time.perf_counter()
                _insert(bare.connection, ready)
                spent[1] += time.perf_counter() - begun
            _same(store.connection, bare.connection)
        return spent[0], spent[1]
    finally:
        for path in paths:
            for each in path.parent.glob(path.name + "*"):
                each.unlink()


def _read(
    connection: sqlite3.Connection, marks: dict[str, int]
) -> tuple[dict[str, list[tuple[object, ...]]], dict[str, int]]:
    ready, tops = {}, {}
    for table in TABLES:
        ready[table] = connection.execute(f"SELECT * FROM {table} WHERE id > ? ORDER BY id", (marks[table],)).fetchall()
        tops[table] = max((int(row[0]) for row in ready[table]), default=marks[table])
    return ready, tops


def _dimensions(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Names are few; give the bare side the ones it lacks, untimed, so that its foreign keys hold."""
    top = target.execute("SELECT coalesce(max(id), 0) FROM dimension").fetchone()[0]
    target.executemany(
        "INSERT INTO dimension VALUES (?, ?, ?)",
        source.execute("SELECT * FROM dimension WHERE id > ?", (top,)).fetchall(),
    )


def _insert(connection: sqlite3.Connection, ready: dict[str, list[tuple[object, ...]]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for table, rows in ready.items():
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.execute("COMMIT")


def _same(one: sqlite3.Connection, other: sqlite3.Connection) -> None:
    for table in TABLES:
        left, right = (c.execute(f"SELECT count(*), sum(id) FROM {table}").fetchone() for c in (one, other))
        if left != right:
            raise AssertionError(f"{table}: {left} against {right}")
