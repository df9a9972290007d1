"""The operations view: how each source is, from what the config plans and what the store knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from northstar_tui.events import Batch, Counts, Event, Reject
from northstar_tui.ledger import health
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.sync import breaker, runs
from northstar_tui.sync.plan import Plan
from northstar_tui.tui import theme
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.reading import Speed
from northstar_tui.tui.screens.operations import OperationsPage, OperationsSnapshot
from northstar_tui.views.base import head
from northstar_tui.views.needs import needs
from northstar_tui.views.operations import failed_runs, operations
from northstar_tui.views.plain_operations import operations_text, runs_text, size

MINUTE = 60_000_000
START = 1_772_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", Rules("America/New_York")) as made:
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    at = [START]
    monkeypatch.setattr(runs, "now", lambda: at[0])
    return at


def ran(store: Store, source: str, outcome: str = "done", error: str = "", **counts: int) -> None:
    with store.transaction():
        run = runs.Run(store, source)
        told = Counts(**counts)
        if outcome == "failed":
            run.failed(error, told)
        elif outcome == "stopped":
            run.stopped(error, told)
        elif outcome != "running":
            run.done(told)


def plan(name: str = "a", **more: Any) -> Plan:
    return Plan(**{"name": name, "kind": "tiny", "enabled": True, "every": 15 * MINUTE, "at": ()} | more)


def state(store: Store, now: int, *plans: Plan) -> list[tuple[str, str]]:
    return [(line.name, line.state) for line in operations(store, now, plans).sources]


def test_a_source_is_late_by_its_own_interval(store: Store, clock: list[int]) -> None:
    assert state(store, START, plan()) == [("a", "never")]
    ran(store, "a")
    assert state(store, START + 19 * MINUTE, plan()) == [("a", "fresh")]
    assert state(store, START + 21 * MINUTE, plan()) == [("a", "late")]
    assert state(store, START + 25 * 60 * MINUTE, plan(every=None)) == [("a", "fresh")]
    assert state(store, START + 27 * 60 * MINUTE, plan(every=None)) == [("a", "late")]
    assert state(store, START + 99 * 60 * MINUTE, plan(enabled=False)) == [("a", "off")]


def test_a_failing_source_is_failing_until_a_run_has_ended_well(store: Store, clock: list[int]) -> None:
    ran(store, "a")
    for outcome in ("failed", "running", "stopped", "running"):
        clock[0] += MINUTE
        ran(store, "a", outcome, "a: no connection")
        (line,) = operations(store, clock[0], [plan()]).sources
        assert (line.state, line.error, line.running) == ("failing", "a: no connection", outcome == "running")
        (other,) = operations(store, clock[0]).sources
        assert (other.state, other.error) == ("failing", "a: no connection"), "also where no config plans it"
    clock[0] += MINUTE
    for outcome in ("done", "stopped", "running"):
        ran(store, "a", outcome)
        assert state(store, clock[0], plan()) == [("a", "fresh")], "being stopped is no failure"


def test_a_failure_says_why_and_its_age_counts_from_the_last_good_run(store: Store, clock: list[int]) -> None:
    ran(store, "a", new=3)
    clock[0] += MINUTE
    ran(store, "a", "failed", "a: refused us: check its key")
    (line,) = operations(store, clock[0] + MINUTE, [plan()]).sources
    assert (line.state, line.read_at, line.error) == ("failing", START, "a: refused us: check its key")
    assert line.last is not None
    assert line.last.outcome == "failed"
    clock[0] += MINUTE
    ran(store, "a", "stopped", "stopped before its end")
    (line,) = operations(store, clock[0], [plan()]).sources
    assert (line.state, line.error) == ("failing", "a: refused us: check its key"), "being stopped heals nothing"


def test_the_breaker_is_shown_with_its_end_and_what_to_do(store: Store, clock: list[int]) -> None:
    ran(store, "a", "failed", "no")
    source = store.connection.execute("SELECT id FROM dimension WHERE name = 'a' AND axis = 'source'").fetchone()[0]
    held = breaker.Breaker()
    seen, told = [], []
    for _ in range(breaker.FAILURES):
        held = held.failed(START)
        with store.transaction():
            breaker.save(store, source, held)
        (line,) = operations(store, START + 1, [plan()]).sources
        seen.append((line.breaker, line.failures, line.until))
        told.append(failed_runs(line, store.calendar))
    assert seen == [("closed", 1, None), ("closed", 2, None), ("open", 3, START + breaker.WAIT)]
    assert line.remedy == "northstar sync a tries it at once"
    (line,) = operations(store, START + breaker.WAIT, [plan()]).sources
    assert (line.breaker, line.until) == ("half-open", None)
    end = f"{store.calendar.local(START + breaker.WAIT):%H:%M}"
    assert told == ["1", "2", f"3, left alone until {end}"], "in an operator's words"
    assert failed_runs(line, store.calendar) == "3, the next one decides"
    assert failed_runs(line._replace(breaker="closed", failures=0), store.calendar) == "—"


def test_a_run_that_was_killed_is_known_as_such_at_the_next(store: Store, clock: list[int]) -> None:
    ran(store, "a", "running")
    ran(store, "b", "running")
    assert operations(store, START, [plan()]).sources[0].running
    ran(store, "a")
    assert [(run.source, run.outcome, run.finished_at) for run in health.runs(store, 9)] == [
        ("a", "done", START), ("b", "running", None), ("a", "stopped", None)
    ]  # fmt: skip


def test_what_a_demo_simulates_was_neither_read_nor_imported(tmp_path: Path) -> None:
    with Store.create(tmp_path / "demo.db", Rules("UTC"), kind="demo") as made:
        made.append(Batch("a", [Event("a", "1", "cost.incurred", START, {"amount": 1})]))
        (line,) = operations(made, START).sources
        page = OperationsPage(OperationsSnapshot(operations(made, START), Speed()), Cursor(), made.calendar)
        assert "a demo has no runs" in operations_text(operations(made, START), made.calendar)
        shown = "\n".join(strip.text for strip in page.lines(100, 30, theme.look("dark")))
    assert line.state == "simulated"
    assert "This is a demo" in shown and "A demo has no runs" in shown and "imported;" not in shown


def test_what_only_files_came_from_stands_last(store: Store, clock: list[int]) -> None:
    ran(store, "a-file", quarantined=2)
    ran(store, "z")
    view = operations(store, START, [plan("z")])
    assert [(line.name, line.state) for line in view.sources] == [("z", "fresh"), ("a-file", "file")]


def test_a_problem_before_any_run_is_a_failure(store: Store, clock: list[int]) -> None:
    (line,) = operations(store, START, [plan(problem="config.toml:4: every is no interval")]).sources
    assert (line.state, line.error) == ("failing", "config.toml:4: every is no interval")


def test_quarantine_and_facts(store: Store, clock: list[int]) -> None:
    events = [Event("a", f"k{n}", "cost.incurred", START, {"amount": n}) for n in range(3)]
    store.append(Batch("a", events, [Reject(7, "odds", "no odds: write some", "raw\x1b[31m")]))
    view = operations(store, START, [plan()])
    assert view.quarantined == 1
    assert (view.quarantine[0].source, view.quarantine[0].line, view.quarantine[0].raw) == ("a", 7, "raw\x1b[31m")
    assert view.sources[0].quarantined == 1
    assert (view.facts.events, view.facts.entries, view.facts.kind) == (3, 3, "real")
    assert view.facts.bytes >= 4096


def test_the_plain_twin_says_all_of_it_and_obeys_nothing(store: Store, clock: list[int]) -> None:
    ran(store, "a\x1b[31m", "failed", "a\x1b[31m: the \u202egate is shut: open it")
    store.append(Batch("b", rejects=[Reject(7, "odds", "no odds", "raw")]))
    view = operations(store, START + MINUTE, [plan("a\x1b[31m"), plan("b", every=None), plan("c", enabled=False)])
    text = operations_text(view, store.calendar)
    assert "\x1b" not in text
    assert "\u202e" not in text
    for words in ("failing", "never", "off", "gate is shut: open it", "1 record in quarantine", "no odds", "schema"):
        assert words in text
    assert runs_text([], store.calendar).startswith("nothing was fetched")


def test_sizes_are_in_their_largest_unit() -> None:
    assert [size(n) for n in (0, 999, 1000, 2_500_000, 10**10)] == ["0 B", "999 B", "1.0 kB", "2.5 MB", "10.0 GB"]


def test_a_network_that_is_away_is_told_once(store: Store, clock: list[int]) -> None:
    away = "no connection for a, b: is this machine online? Each is tried again at its next run"
    for name in ("a", "b"):
        ran(store, name, "failed", f"{name}: /v1: no connection (Name or service not known): tried again")
    ran(store, "c", "failed", "c: refused us: check its key")
    view = operations(store, clock[0], [plan("a"), plan("b"), plan("c")])
    text = operations_text(view, store.calendar)
    assert text.count("no connection") == 1 and f"✗ {away}\n" in text
    assert text.count("refused us") == 1 and "✗ c: refused us" in text
    found = needs(head(store), view.sources, clock[0])
    assert [(need.subject, need.text) for need in found] == [
        (None, "no connection for a, b"), ("c", "c is failing: c: refused us: check its key"),
    ]  # fmt: skip
    assert found[0].remedy == "is this machine online?"
    one = operations(store, clock[0], [plan("a")])
    assert "✗ a: /v1: no connection (Name" in operations_text(one._replace(sources=one.sources[:1]), store.calendar)
