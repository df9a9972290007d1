"""The rollup engine is an engine: shapes it never heard of are declarations, and come out right."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import HOUR, SECOND, ZONES, bucket_name, utc, wall

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.rollups import Engine, Measure, Rollup, create_sql

PERFORMANCE = Rollup(
    "performance",
    "closed",
    "closed_at",
    ("strategy_id", "model_id", "league_id", "market_id"),
    (
        Measure("wins", "net > 0"),
        Measure("losses", "net < 0"),
        Measure("stake", "coalesce(stake, 0)"),
        Measure("net", "net"),
        Measure("won", "max(net, 0)"),
        Measure("edge", "edge", about="sum of claimed edges, millionths"),
    ),
    where="closed_at IS NOT NULL",
)
_FLOW = (
    Measure("volume", "volume"),
    Measure("realised", "realised"),
    Measure("fees", "fees"),
    Measure("makers", "maker"),
    Measure("bought", "CASE WHEN side > 0 THEN volume ELSE 0 END"),
    Measure("sold", "CASE WHEN side < 0 THEN volume ELSE 0 END"),
)
TRADER_DAILY = Rollup("trader_daily", "fill", "at", ("trader_id",), _FLOW, levels=("day",))
COIN_DAILY = Rollup("coin_daily", "fill", "at", ("coin_id",), _FLOW, levels=("day", "month"))
CANDLES = Rollup(
    "candles",
    "price",
    "at",
    ("instrument_id",),
    (
        Measure("open", "price", "first"),
        Measure("high", "price", "max"),
        Measure("low", "price", "min"),
        Measure("close", "price", "last"),
        Measure("volume", "size"),
    ),
    levels=("5min", "hour", "day"),
)
TABLES = {
    "closed": ("strategy_id", "model_id", "league_id", "market_id", "closed_at", "stake", "net", "edge"),
    "fill": ("trader_id", "coin_id", "at", "volume", "realised", "fees", "maker", "side"),
    "price": ("instrument_id", "at", "price", "size"),
}
ROLLUPS = (PERFORMANCE, TRADER_DAILY, COIN_DAILY, CANDLES)


@contextmanager
def engine_in(zone: str) -> Iterator[Engine]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {', '.join(columns)})")
    engine = Engine(connection, Calendar(zone), ROLLUPS)
    engine.create_tables()
    try:
        yield engine
    finally:
        connection.close()


Fact = dict[str, Any]


def plain(rollup: Rollup, facts: Sequence[Fact], zone: str, level: str) -> dict[tuple[object, ...], tuple[Any, ...]]:
    """What the rollup's rows are, by its words alone."""
    groups: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        t = fact[rollup.time]
        if t is not None:
            groups[(five_minutes(zone, level, t), *(fact[d] for d in rollup.dimensions))].append(fact)
    found = {}
    for key, group in groups.items():
        group.sort(key=lambda fact: (fact[rollup.time], fact["id"]))
        if rollup is PERFORMANCE:
            nets = [fact["net"] for fact in group]
            values: tuple[Any, ...] = (
                sum(net > 0 for net in nets),
                sum(net < 0 for net in nets),
                sum(fact["stake"] or 0 for fact in group),
                sum(nets),
                sum(net for net in nets if net > 0),
                sum(fact["edge"] for fact in group),
            )
        elif rollup is CANDLES:
            prices = [fact["price"] for fact in group]
            values = (sum(fact["size"] for fact in group), prices[0], max(prices), min(prices), prices[-1])
        else:
            values = (
                *(sum(fact[name] for fact in group) for name in ("volume", "realised", "fees", "maker")),
                sum(fact["volume"] for fact in group if fact["side"] > 0),
                sum(fact["volume"] for fact in group if fact["side"] < 0),
            )
        found[key] = (len(group), *values)
    return found


def five_minutes(zone: str, level: str, t: int) -> object:
    if level != "5min":
        return bucket_name(zone, level, t)
    local = wall(zone, t)
    return local.date(), local.hour, local.minute // 5, local.utcoffset()


DAY = utc(2025, 11, 2)
small = st.integers(-1000, 1000)
names = st.integers(1, 2)
times = st.one_of(
    st.integers(DAY, DAY + 3 * HOUR),
    st.sampled_from([DAY + n * 300 * SECOND for n in range(40)]),
    st.integers(utc(2024, 12, 1), utc(2025, 4, 30)),
)


@st.composite
def fact_of(draw: st.DrawFn, table: str) -> Fact:
    fact = {
        name: draw(names if name.endswith("_id") else times if name.endswith("at") else small) for name in TABLES[table]
    }
    if table == "closed":
        fact["closed_at"] = draw(st.one_of(st.none(), times))
        fact["stake"] = draw(st.one_of(st.none(), small))
    if table == "fill":
        fact["maker"], fact["side"] = draw(st.integers(0, 1)), draw(st.sampled_from([-1, 1]))
    return fact


@dataclass(frozen=True)
class Step:
    """One batch: facts to insert, to replace and to delete; the numbers pick among those there are."""

    table: str
    inserts: list[Fact]
    updates: list[tuple[int, Fact]]
    deletes: list[int]


@st.composite
def steps_of(draw: st.DrawFn) -> Step:
    table = draw(st.sampled_from(sorted(TABLES)))
    some = st.lists(st.integers(0, 30), max_size=3)
    updates = st.lists(st.tuples(st.integers(0, 30), fact_of(table)), max_size=3)
    return Step(table, draw(st.lists(fact_of(table), max_size=6)), draw(updates), draw(some))


def carry_out(engine: Engine, step: Step, facts: dict[int, Fact]) -> dict[str, list[int]]:
    """Do `step` as any writer of facts does: retract, change, add, flush."""
    table = step.table
    known = sorted(facts)
    updates = {known[n % len(known)]: fact for n, fact in step.updates} if known else {}
    deletes = {known[n % len(known)] for n in step.deletes} if known else set()
    changed = ", ".join(map(str, {*updates, *deletes})) or "NULL"
    connection = engine.connection
    connection.execute("BEGIN")
    engine.retract(table, f"id IN ({changed})")
    connection.execute(f"DELETE FROM {table} WHERE id IN ({changed})")
    for each in deletes | set(updates):
        facts.pop(each)
    top = max(known, default=0)
    rows = {key: fact for key, fact in updates.items() if key not in deletes}
    rows |= {top + 1 + n: fact for n, fact in enumerate(step.inserts)}
    for key, fact in rows.items():
        facts[key] = fact | {"id": key}
        marks = ", ".join("?" * (1 + len(fact)))
        connection.execute(f"INSERT INTO {table} (id, {', '.join(fact)}) VALUES ({marks})", (key, *fact.values()))
    engine.add(table, f"id IN ({', '.join(map(str, rows)) or 'NULL'})")
    touched = engine.flush()
    connection.execute("COMMIT")
    return touched


def stored(engine: Engine, rollup: Rollup, level: str) -> dict[tuple[object, ...], tuple[Any, ...]]:
    width = 1 + len(rollup.dimensions)
    columns = ", ".join(("bucket", *rollup.dimensions, *rollup.columns))
    rows = engine.connection.execute(f"SELECT {columns} FROM {rollup.table} WHERE level = ?", (level,)).fetchall()
    zone = engine.calendar.zone
    found = {(five_minutes(zone, level, row[0]), *row[1:width]): tuple(row[width:]) for row in rows}
    assert len(found) == len(rows)
    return found


@given(st.sampled_from(ZONES), st.lists(steps_of(), min_size=1, max_size=8))
def test_declared_rollups_follow_inserts_updates_and_deletes(zone: str, steps: list[Step]) -> None:
    with engine_in(zone) as engine:
        facts: dict[str, dict[int, Fact]] = {table: {} for table in TABLES}
        for step in steps:
            before = {rollup.name: stored(engine, rollup, "day") for rollup in ROLLUPS}
            touched = carry_out(engine, step, facts[step.table])
            for rollup in ROLLUPS:
                for level in rollup.levels:
                    expected = plain(rollup, list(facts[rollup.facts].values()), zone, level)
                    assert stored(engine, rollup, level) == expected, (rollup.name, level)
                days = {bucket_name(zone, "day", day) for day in touched.get(rollup.name, [])}
                after = stored(engine, rollup, "day")
                differ = {
                    key[0] for key in {*before[rollup.name], *after} if before[rollup.name].get(key) != after.get(key)
                }
                assert differ <= days, "readers are told of every day that changed"
        for rollup in ROLLUPS:
            every = list(facts[rollup.facts].values())
            for level in rollup.levels:
                straight = engine.connection.execute(engine.derived_sql(rollup, level, rollup.facts)).fetchall()
                columns = ", ".join(("bucket", *rollup.dimensions, *rollup.columns))
                rows = engine.connection.execute(f"SELECT {columns} FROM {rollup.table} WHERE level = ?", (level,))
                assert sorted(straight) == sorted(rows), "the proof takes another road to the same rows"
            assert_sums(engine, rollup, every)
        before_all = {(r.name, level): stored(engine, r, level) for r in ROLLUPS for level in r.levels}
        engine.rebuild()
        assert {(r.name, level): stored(engine, r, level) for r in ROLLUPS for level in r.levels} == before_all


def assert_sums(engine: Engine, rollup: Rollup, facts: list[Fact]) -> None:
    zone = engine.calendar.zone
    additive = len(rollup.sums)
    for level in ("all", "year", "quarter", "month", "week", "day"):
        for by in ((), rollup.dimensions[:1], rollup.dimensions):
            rows = engine.sums(rollup, ALL, level=level, by=by)
            expected: dict[tuple[object, ...], tuple[int, ...]] = {}
            for key, values in plain(rollup, facts, zone, level).items():
                short = key[: 1 + len(by)]
                known = expected.get(short, (0,) * additive)
                expected[short] = tuple(a + b for a, b in zip(known, values[:additive], strict=True))
            assert {(bucket_name(zone, level, key[0]), *key[1:]): values for key, values in rows.items()} == expected


@given(st.sampled_from(ZONES), st.lists(fact_of("price"), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_candles_of_late_facts_are_those_of_punctual_ones(zone: str, facts: list[Fact], random: Any) -> None:
    with engine_in(zone) as punctual, engine_in(zone) as late:
        numbered = list(enumerate(sorted(facts, key=lambda fact: fact["at"]), 1))
        for engine in (punctual, late):
            for number, fact in numbered:
                marks = (number, *fact.values())
                engine.connection.execute(f"INSERT INTO price (id, {', '.join(fact)}) VALUES (?, ?, ?, ?, ?)", marks)
                engine.add("price", "id = ?", (number,))
                engine.flush()
            random.shuffle(numbered)
        for level in CANDLES.levels:
            assert stored(punctual, CANDLES, level) == stored(late, CANDLES, level)


@given(st.sampled_from(ZONES), st.lists(fact_of("price"), max_size=20), st.data())
def test_any_span_of_whole_buckets_is_covered_once(zone: str, facts: list[Fact], data: st.DataObject) -> None:
    with engine_in(zone) as engine:
        for number, fact in enumerate(facts, 1):
            engine.connection.execute(
                f"INSERT INTO price (id, {', '.join(fact)}) VALUES (?, ?, ?, ?, ?)", (number, *fact.values())
            )
        engine.rebuild()
        calendar = engine.calendar
        a, b = (calendar.bucket("5min", data.draw(times)) for _ in range(2))
        span = Period(min(a, b), max(a, b), "range")
        pieces = list(engine.cover(CANDLES, span, "day"))
        assert [piece[1] for piece in pieces[1:]] == [piece[2] for piece in pieces[:-1]]
        assert not pieces or (pieces[0][1], pieces[-1][2]) == (span.start, span.end)
        within = [fact for fact in facts if span.start <= fact["at"] < span.end]
        rows = engine.sums(CANDLES, span)
        assert sum(values[0] for values in rows.values()) == len(within)
        assert sum(values[1] for values in rows.values()) == sum(fact["size"] for fact in within)
        kept = engine.sums(CANDLES, span, where={"instrument_id": [1]})
        assert sum(values[0] for values in kept.values()) == sum(fact["instrument_id"] == 1 for fact in within)
        assert engine.sums(CANDLES, span, where={"instrument_id": []}) == {}


def test_a_rolled_back_fold_leaves_nothing_pending() -> None:
    with engine_in("UTC") as engine:
        connection = engine.connection
        row = "INSERT INTO price VALUES (?, 1, ?, 5, 7)"
        engine.flush()
        connection.execute("BEGIN")
        connection.execute(row, (1, DAY))
        engine.add("price", "1")
        connection.execute("ROLLBACK")
        connection.execute(row, (2, DAY + HOUR))
        engine.add("price", "1")
        engine.flush()
        assert [values[0] for values in stored(engine, CANDLES, "day").values()] == [1]


def test_a_level_finer_than_any_stored_is_refused_by_name() -> None:
    with engine_in("UTC") as engine, pytest.raises(ValueError, match=r"trader_daily.*hour"):
        engine.sums(TRADER_DAILY, ALL, level="hour")


def test_the_table_is_generated_with_its_dictionary() -> None:
    sql = create_sql(PERFORMANCE)
    assert "edge INTEGER NOT NULL, -- sum of claimed edges, millionths" in sql
    assert "PRIMARY KEY (level, bucket, strategy_id, model_id, league_id, market_id)" in sql
    assert "-- of the bucket: 5min, hour, day" in create_sql(CANDLES)
