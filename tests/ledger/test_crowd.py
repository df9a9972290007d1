"""Two writers and a reader at once, in processes of their own: every look is consistent, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import appender
from ledger_names import named

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import DIMENSIONS
from northstar_tui.ledger.verify import verify

BATCHES = 120


def total(rows: list[queries.SumRow]) -> Measures:
    found = Measures()
    for row in rows:
        found += row.measures
    return found


def look(store: Store, basis: str) -> int:
    """Read everything a screen reads, at one moment; return the entries there were."""
    with store.reading():
        whole = queries.total(store, ALL, basis=basis)
        for level in ("year", "month", "week", "day", "hour"):
            assert total(queries.sums(store, ALL, basis=basis, level=level)) == whole
        for dimension in DIMENSIONS:
            assert total(queries.sums(store, ALL, basis=basis, by=(dimension,))) == whole
        assert queries.summed_entries(store, ALL, basis=basis) == whole
        span = queries.span(store, basis)
        if span:
            odd = Period(store.calendar.bucket("hour", span.start + 10**11), span.end, "range")
            before = Period(span.start, odd.start, "range")
            assert queries.total(store, odd, basis=basis) + queries.total(store, before, basis=basis) == whole
        return whole.entries


def test_two_writers_and_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    Store.create(path, appender.RULES).close()
    command = [sys.executable, appender.__file__, str(path)]
    writers = [
        subprocess.Popen([*command, name, "0", str(BATCHES)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    seen: list[int] = []
    versions = set()
    with Store.open(path) as reader:
        while any(writer.poll() is None for writer in writers):
            seen.append(look(reader, "closed" if len(seen) % 2 else "opened"))
            versions.add(reader.data_version())
        for writer in writers:
            out, err = writer.communicate()
            assert (writer.returncode, err) == (0, "")
            assert out.split() == ["ready", *map(str, range(BATCHES))], "every append was acknowledged"
        look(reader, "closed")
        assert verify(reader).ok
        assert len(set(seen)) > 3, "it saw the store grow"
        assert len(versions) > 3
        with Store.create(tmp_path / "alone.db", appender.RULES) as alone:
            for number in range(BATCHES):
                alone.append(appender.batch("one", number))
                alone.append(appender.batch("two", number))
            ids = {
                name: {row[1:] for row in without_ids(named(store))} for name, store in (("a", alone), ("b", reader))
            }
            assert ids["a"] == ids["b"]


def without_ids(rows: dict[str, list[tuple[object, ...]]]) -> list[tuple[object, ...]]:
    """Rows of the rollups, and entries without the ids that depend on who came first."""
    rollups = [(table, table, *row) for table in ("rollup_booked", "rollup_placed") for row in rows[table]]
    return rollups + [("entry", "entry", *row[2:]) for row in rows["entry"]]


def test_a_writer_that_waits_too_long_says_who_it_waits_for(tmp_path: Path) -> None:
    from northstar_tui.ledger.store import StoreError

    with (
        Store.create(tmp_path / "s.db", appender.RULES) as holder,
        Store.open(tmp_path / "s.db", write=True) as waiter,
        Store.open(tmp_path / "s.db") as reader,
    ):
        waiter.connection.execute("PRAGMA busy_timeout = 50")
        with holder.transaction():
            holder.append_within(appender.batch("one", 0))
            try:
                waiter.append(appender.batch("two", 0))
            except StoreError as error:
                assert "locked by another process" in str(error)
                assert error.remedy
            else:
                raise AssertionError("both wrote at once")
            assert look(reader, "closed") == 0, "a reader never waits, and sees nothing by half"
        assert waiter.append(appender.batch("two", 0)).new > 0
        assert verify(waiter).ok
