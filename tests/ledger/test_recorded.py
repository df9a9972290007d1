"""When the log learned of what: its times never fall, also where other logs are imported into it, and all agree."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_model import batched, histories, rules_of
from test_histories import cuts, new_store

from northstar_tui.calendar import ALL
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.change import event_at
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, now
from northstar_tui.ledger.verify import as_of
from northstar_tui.sync.export import write_jsonl
from northstar_tui.sync.files import Request, import_file
from northstar_tui.views.since import since

LONG_AGO = 1_700_000_000_000_000
recorded = st.lists(st.integers(0, 10), min_size=1, max_size=40)


def log(store: Store) -> list[tuple[int, int]]:
    return store.connection.execute("SELECT id, recorded_at FROM event ORDER BY id").fetchall()


def exported(folder: Path, name: str, events: Sequence[Event], at: Sequence[int], rules: Rules) -> Path:
    """Return a log of `events`, said one by one at the rising instants `at`."""
    path = folder / name
    with Store.scratch(rules) as store:
        for place, event in enumerate(events):
            said = replace(event, recorded_at=LONG_AGO + sorted(at * len(events))[place])
            store.append(Batch(event.source, [said]))
        with path.open("wb") as out:
            write_jsonl(store, out)
    return path


@settings(max_examples=60)
@given(histories, cuts, st.lists(st.tuples(histories, recorded), min_size=1, max_size=3), rules_of())
def test_logs_imported_into_a_log_are_learned_of_then(
    events: list[Event], ends: list[int], others: list[tuple[list[Event], list[int]]], rules: Rules
) -> None:
    with new_store(rules) as store, tempfile.TemporaryDirectory() as folder:
        known = []

        def remember() -> None:
            known.append((now(), queries.total(store, ALL)))
            while now() <= known[-1][0]:
                pass

        for batch in batched(events, ends):
            store.append(batch)
        remember()
        for number, (more, at) in enumerate(others):
            import_file(store, exported(Path(folder), f"{number}.jsonl", more, at, rules), Request())
            remember()
        times = [at for _, at in log(store)]
        assert times == sorted(times)
        for moment in {LONG_AGO - 1, *times, *(at for at, _ in known)}:
            assert event_at(store, moment) == max((event for event, at in log(store) if at <= moment), default=0)
            with as_of(store, moment) as past:
                net = queries.total(past, ALL).net
                held = past.connection.execute("SELECT id FROM subject ORDER BY id").fetchall()
                assert held == past.connection.execute("SELECT DISTINCT subject_id FROM event ORDER BY 1").fetchall()
            bridge = since(store, now(), at=moment)
            assert bridge.before == net
            assert bridge.before + sum(part.amount for part in bridge.parts) == bridge.total
        for moment, total in known:
            with as_of(store, moment) as past:
                assert queries.total(past, ALL) == total


@settings(max_examples=30)
@given(histories, recorded, rules_of())
def test_a_restored_log_keeps_its_times(events: list[Event], at: list[int], rules: Rules) -> None:
    with new_store(rules) as store, tempfile.TemporaryDirectory() as folder:
        path = exported(Path(folder), "log.jsonl", events, at, rules)
        import_file(store, path, Request())
        again = Path(folder) / "again.jsonl"
        with again.open("wb") as out:
            write_jsonl(store, out)
        assert again.read_bytes() == path.read_bytes()


def test_a_restored_log_says_again_what_it_said_again() -> None:
    costs = [Event("alpha", "a", "cost.incurred", LONG_AGO, {"amount": amount}) for amount in (1, 2, 1, 3)]
    with new_store(Rules("UTC")) as store, tempfile.TemporaryDirectory() as folder:
        import_file(store, exported(Path(folder), "log.jsonl", costs, [0], store.rules), Request())
        assert len(log(store)) == len(costs)


def said(at: int | None) -> Event:
    return Event("alpha", f"{at}", "cost.incurred", LONG_AGO, {"amount": 1}, recorded_at=at)


def test_a_time_to_come_is_now() -> None:
    with new_store(Rules("UTC")) as store:
        begun = now()
        store.append(Batch("alpha", [said(LONG_AGO), said(begun * 2), said(LONG_AGO + 1), said(None)]))
        first, *rest = (at for _, at in log(store))
        assert first == LONG_AGO
        assert all(begun <= at <= now() for at in rest)


def test_a_clock_that_is_put_back_does_not_put_back_the_log() -> None:
    with new_store(Rules("UTC")) as store:
        store.append(Batch("alpha", [said(None)]))
        store.connection.execute("DROP TRIGGER event_no_update")
        store.connection.execute("UPDATE event SET recorded_at = recorded_at + 3600000000")  # as an hour later said
        store.append(Batch("alpha", [said(1)]))
        (_, first), (_, second) = log(store)
        assert first == second
