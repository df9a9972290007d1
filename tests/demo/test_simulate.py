"""The simulated company: the same every time, exact at every level, and never mixed with real money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from northstar_tui.calendar import ALL, DRILL, Period
from northstar_tui.demo.simulate import SEED, batches, build, events, rules
from northstar_tui.figures.exact import micros
from northstar_tui.ledger import held, queries
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.ledger.terms import DIMENSIONS, members, named
from northstar_tui.ledger.verify import verify

END = 1_780_000_000_000_000
"""2026-05-28, in microseconds UTC."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("demo") / "demo.db"
    build(found, SEED, END)
    return found


def test_the_same_seed_and_end_tell_the_same_story() -> None:
    assert events(3, END) == events(3, END)
    assert list(batches(3, END)) == list(batches(3, END))


def test_another_seed_tells_another_story() -> None:
    assert events(3, END) != events(4, END)


def test_nothing_is_known_before_it_happened_or_after_the_end() -> None:
    told = events(SEED, END)
    assert all(event.occurred_at <= (event.recorded_at or 0) <= END for event in told)
    assert [event.recorded_at for event in told] == sorted(event.recorded_at or 0 for event in told)


def test_it_has_the_size_and_the_turns_of_a_real_record(path: Path) -> None:
    with Store.open(path) as store:
        whole = queries.total(store, ALL)
        assert 8_000 <= whole.entries <= 14_000
        assert whole.incomplete == 0
        assert whole.scratches > 10
        assert queries.total(store, ALL, basis="opened").open > 0
        assert members(store, "book") == ["john", "operations", "scalper"]
        categories = set(members(store, "category"))
        assert categories >= {"weather", "crypto", "sports", "api", "infrastructure", "incentive", "contracting"}
        months = queries.sums(store, ALL, level="month", where=(named("book", "scalper"),))
        assert 3 <= sum(row.measures.net < 0 for row in months) <= 18
        count = store.connection.execute
        assert count("SELECT count(*) FROM event WHERE revision > 1").fetchone()[0] > 100
        assert count("SELECT count(*) FROM entry WHERE currency = 'EUR' AND rate IS NOT NULL").fetchone()[0] >= 20
        kinds = {row[0] for row in count("SELECT name FROM dimension WHERE axis = 'event_kind'")}
        assert kinds >= {"job.quoted", "job.completed", "job.paid", "job.refunded", "bet.placed", "credit.received"}


def test_something_is_held_of_every_kind(path: Path) -> None:
    with Store.open(path) as store:
        found = held.holdings(store, END)
        held_now = [each for each in found if not each.state.flat]
        assert {each.source for each in held_now} == {"kalshi", "hyperliquid"}
        assert {(each.pays, each.state.quantity > 0) for each in held_now} >= {(True, True), (True, False)}
        assert any(each.state.flat for each in found), "closed early, not settled yet"
        assert not any(each.state.broken for each in found)
        assert held.open_bets(store)
        count = store.connection.execute
        assert count("SELECT count(*) FROM position WHERE cycle > 1 AND pays").fetchone()[0], "turned round"
        quotes = [held.quote(store, each.key, END) for each in held_now]
        assert all(quote is not None and END - quote.at < 3600 * 10**6 for quote in quotes)


def test_what_its_markets_earned_is_what_their_fills_make(path: Path) -> None:
    with Store.open(path) as store:
        entries = queries.entries(store, ALL, where=(named("source", "kalshi"),))
        assert len(entries) > 30
        for entry in entries:
            (key,) = held.find(store, entry.instrument)
            cycles = held.cycles(store, key)
            assert sum(micros(c.state.gross or 0) - c.state.fees for c in cycles) == entry.net, entry.instrument
        assert queries.total(store, ALL, where=(named("source", "kalshi", "hyperliquid"),)).unreconciled == 0
        (eth,) = held.find(store, "ETH")
        booked = queries.total(store, ALL, where=(named("source", "hyperliquid"),)).net
        cycles = held.cycles(store, eth)
        assert abs(sum(micros(c.state.gross or 0) - c.state.fees for c in cycles) - booked) <= 40 * len(cycles)


def test_identical_twins_are_both_there(path: Path) -> None:
    with Store.open(path) as store:
        twins = store.connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM event GROUP BY raw HAVING count(DISTINCT subject_id) > 1)"
        ).fetchone()[0]
    assert twins > 100


def test_the_ledger_proves_it(path: Path) -> None:
    with Store.open(path, write=True) as store:
        proof = verify(store)
    assert proof.ok, proof.differences


@pytest.mark.parametrize("basis", ["closed", "opened"])
def test_children_add_up_at_every_level(path: Path, basis: str) -> None:
    with Store.open(path) as store:
        node = Period(*_span(store, basis), "range")
        whole = queries.total(store, ALL, basis=basis)
        assert queries.total(store, node, basis=basis) == whole
        for level in DRILL.values():
            rows = queries.sums(store, node, basis=basis, level=level)
            assert sum((row.measures for row in rows), Measures()) == whole
        for dimension in DIMENSIONS:
            rows = queries.sums(store, ALL, basis=basis, by=(dimension,))
            assert sum((row.measures for row in rows), Measures()) == whole


def _span(store: Store, basis: str) -> tuple[int, int]:
    found = queries.span(store, basis)
    assert found is not None
    return found.start, found.end


def test_telling_it_again_changes_nothing(path: Path) -> None:
    with Store.open(path, write=True) as store:
        before = queries.total(store, ALL), store.connection.execute("SELECT count(*) FROM event").fetchone()
        for batch in batches(SEED, END):
            if batch.origin is not None:
                counts = store.append(replace(batch, replay=True))
                assert (counts.new, counts.revised) == (0, 0)
        assert (queries.total(store, ALL), store.connection.execute("SELECT count(*) FROM event").fetchone()) == before


def test_a_demo_is_refused_in_a_real_store_and_the_other_way_round(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.db"
    Store.create(real, Rules()).close()
    with pytest.raises(StoreError, match="real store"):
        build(real, SEED, END)
    with pytest.raises(StoreError, match="demo store"):
        Store.create(path, Rules())
    with Store.open(real) as store:
        assert queries.total(store, ALL) == Measures()


def test_its_rules_travel_with_it(path: Path) -> None:
    with Store.open(path) as store:
        assert store.kind == "demo"
        assert store.rules.text() == rules(END).text()
