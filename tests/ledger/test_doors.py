"""One money, two doors: whatever comes in, in whatever order, counts once, and what differs is listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_filters import filters, only
from ledger_model import CENT, DOOR_ORDER, RATES, Model, batched, replayed, rules_of, twice, utc
from ledger_names import named
from test_histories import assert_children_add_up, assert_equal, bases, cuts, dump, in_one_book, new_store

from northstar_tui.calendar import ALL, Period
from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.doors import rank
from northstar_tui.ledger.overlaps import MOST, Overlaps, Statement, linked, overlaps
from northstar_tui.ledger.rules import DOORS, TOLERANCE, Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, members
from northstar_tui.ledger.verify import as_of, rebuild, verify

T = utc(2026, 5, 4, 18)
HOUR, DAY = 3_600_000_000, 86_400_000_000
RULES = Rules("America/New_York", book="scalper", rates=RATES)
SAME = "kalshi:KXHIGHNY-26MAY04-B70.5"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", RULES) as made:
        yield made
        proof = verify(made)
        assert proof.ok, proof


def trade(source: str, net: int, key: str = "a", at: int = T, same: str | None = SAME, **facts: Any) -> Event:
    body = {"gross": net, "net": net, "closed_at": at, "opened_at": at - DAY, **facts}
    return Event(source, key, "trade.closed", at, body | ({"same": same} if same else {}), f"{source} {key}")


def append(store: Store, *events: Event, **more: Any) -> Any:
    return store.append(Batch(events[0].source, events, **more))


def net(store: Store) -> int:
    return queries.total(store, ALL).net


# -- any history -------------------------------------------------------------------------------------------------------


def expected(model: Model, basis: str) -> tuple[int, int, int, int]:
    """Groups, mirrored entries, their net and how many groups differ, over all time."""
    moneys = [money for money in model.moneys() if basis == "opened" or money.last.closed is not None]
    left_out = [line for line in model.lines() if line.mirror and (basis == "opened" or line.closed is not None)]
    differing = sum(money.difference != 0 for money in moneys)
    return len(moneys), len(left_out), sum(line.net for line in left_out), differing


@given(twice, cuts, rules_of(), bases, filters)
def test_money_through_several_doors_counts_once(
    events: list[Event], ends: list[int], rules: Rules, basis: str, where: Where
) -> None:
    with new_store(rules) as store:
        model = Model(rules)
        for batch in batched(events, ends):
            store.append(batch)
            model.append(batch)
            proof = verify(store)
            assert proof.ok, proof
        assert_equal(store, model, basis, where)
        assert_children_add_up(store, ALL, basis, where)
        found = overlaps(store, ALL, basis=basis)
        assert (found.groups, found.mirrored_entries, found.mirrored_net, found.differing) == expected(model, basis)
        assert len(found.differences) == min(found.differing, MOST)
        assert {(d.same, d.book, d.difference) for d in found.differences} == {
            (money.same, money.book, money.difference)
            for money in model.moneys()
            if money.difference and (basis == "opened" or money.last.closed is not None)
        }
        assert sum(number for _, number in found.linked) == found.mirrored_entries
        for each in found.differences:
            assert each.difference in [each.bears.net - mirror.net for mirror in each.mirrors]
        assert_links(store, model)


def assert_links(store: Store, model: Model) -> None:
    lines = model.lines()
    ids = dict(
        store.connection.execute(
            "SELECT j.id, d.name || '/' || j.key FROM subject j JOIN dimension d ON d.id = j.source_id"
        )
    )
    numbers = {name: number for number, name in ids.items()}
    for line in lines:
        entry = queries.entry(store, numbers["/".join(line.key)])
        assert entry is not None
        assert (entry.same, entry.mirror, entry.unreconciled) == (line.same, line.mirror, line.unreconciled)
        others = {
            o.key for o in lines if line.same and (o.same, o.book) == (line.same, line.book) and o.door != line.door
        }
        assert {(e.source, e.key) for e in linked(store, entry)} == others


@given(twice, rules_of(), st.randoms(use_true_random=False))
def test_the_order_of_the_doors_does_not_matter(events: list[Event], rules: Rules, random: Random) -> None:
    doors: dict[str, list[Event]] = {}
    for event in events:
        doors.setdefault(event.source.partition(":")[0], []).append(event)
    orders = list(permutations(doors.values()))
    results = []
    for order in [orders[0], orders[-1], random.choice(orders)]:
        with new_store(rules) as store:
            for said in order:
                store.append(Batch("any", said))
            results.append((named(store, "id", "event_id"), overlaps(store, ALL)))
    with new_store(rules) as store:  # and all at once, as they came
        store.append(Batch("any", events))
        results.append((named(store, "id", "event_id"), overlaps(store, ALL)))
    assert all(result == results[0] for result in results)


@given(twice, cuts, rules_of(), st.randoms(use_true_random=False))
def test_importing_again_changes_nothing(events: list[Event], ends: list[int], rules: Rules, random: Random) -> None:
    with new_store(rules) as store:
        batches = [in_one_book(batch) for batch in batched(events, ends)]
        for batch in batches:
            store.append(batch)
            before = dump(store.connection)
            assert store.append(batch).buckets == set()
            assert dump(store.connection) == before
        again = [replayed(batch) for batch in batches]
        random.shuffle(again)
        for batch in again:
            counts = store.append(batch)
            assert (counts.new, counts.revised, counts.buckets) == (0, 0, set())
        assert dump(store.connection) == before
        rebuild(store)
        assert dump(store.connection) == before


@given(twice, cuts, rules_of(), rules_of())
def test_other_rules_and_earlier_moments_find_their_own_doors(
    events: list[Event], ends: list[int], rules: Rules, others: Rules
) -> None:
    with new_store(rules) as store:
        model = Model(others)
        for batch in batched(events, ends):
            store.append(batch)
            model.append(batch)
        rebuild(store, others)
        assert_equal(store, model, "closed", {})
        at = store.connection.execute("SELECT max(recorded_at) FROM event").fetchone()[0]
        with as_of(store, at) as past:
            assert named(past) == named(store)
            assert overlaps(past, ALL) == overlaps(store, ALL)
            assert verify(past).ok


@given(twice, rules_of(), bases)
def test_overlaps_of_the_years_are_those_of_all_time(events: list[Event], rules: Rules, basis: str) -> None:
    with new_store(rules) as store:
        store.append(Batch("any", events))
        whole = overlaps(store, ALL, basis=basis)
        span = queries.span(store, basis)
        if span is None:
            assert (whole.groups, whole.differing) == (0, 0)
            return
        first, last = (
            store.calendar.bucket("year", utc(2023, 1, 2)),
            store.calendar.period("year", utc(2026, 12, 30)).end,
        )
        years = [overlaps(store, y, basis=basis) for y in store.calendar.children(Period(first, last, "all"), "year")]
        for name in ("groups", "mirrored_entries", "mirrored_net", "differing"):
            assert sum(getattr(year, name) for year in years) == getattr(whole, name)
        books = [overlaps(store, ALL, basis=basis, where=only(book=b)) for b in members(store, "book")]
        for name in ("groups", "mirrored_entries", "mirrored_net", "differing"):
            assert sum(getattr(book, name) for book in books) == getattr(whole, name)


# -- which door bears --------------------------------------------------------------------------------------------------


def test_the_order_of_doors_is_the_stated_one() -> None:
    assert tuple(door for door in DOORS if door in DOOR_ORDER) == DOOR_ORDER
    assert DOORS == (
        "kalshi", "kalshi-csv", "hyperliquid", "hyperliquid-csv", "openrouter", "openrouter-csv", "anthropic",
        "bets-csv", "betfair-csv", "mail",
    )  # fmt: skip
    assert sorted(["zeta", "mail", "eta:x", "kalshi-csv:b", "kalshi"], key=rank) == [
        "kalshi", "kalshi-csv:b", "mail", "eta:x", "zeta",
    ]  # fmt: skip


@pytest.mark.parametrize("better", range(len(DOORS) + 2))
def test_each_door_bears_before_all_that_follow(store: Store, better: int) -> None:
    doors = [*DOORS, "Kalshi", "a'b; --"]
    events = [replace(trade(f"{door}:x", 1_000_000 * (n + 1)), book="one") for n, door in enumerate(doors)]
    for event in reversed(events[better:]):
        append(store, event)
        assert net(store) == event.body["net"]
    if better == len(doors) - 1:
        return
    found = overlaps(store, ALL)
    assert (found.groups, found.mirrored_entries, found.bearing) == (
        1,
        len(doors) - better - 1,
        (f"{doors[better]}:x",),
    )


def test_two_accounts_of_one_door_both_count_and_say_it_together(store: Store) -> None:
    append(store, replace(trade("kalshi:a", 3_000_000), book="b"), replace(trade("kalshi:b", 4_000_000), book="b"))
    append(store, *(replace(trade("kalshi-csv:a", 5_000_000, key), book="b") for key in "xy"))
    assert net(store) == 7_000_000
    [difference] = overlaps(store, ALL).differences
    assert difference.bears == Statement("kalshi:a, kalshi:b", 7_000_000)
    assert difference.mirrors == (Statement("kalshi-csv:a", 10_000_000),)
    assert difference.difference == -3_000_000
    assert queries.total(store, ALL).unreconciled == 3_000_000


def test_books_are_apart_and_so_is_what_states_nothing(store: Store) -> None:
    append(store, trade("kalshi", 1_000_000), trade("kalshi", 1, "b", same=None), trade("kalshi", 2, "c", same=""))
    append(store, replace(trade("mail", 5_000_000), book="john"), trade("mail", 9, "m", same=None))
    assert net(store) == 6_000_012
    assert overlaps(store, ALL) == Overlaps()
    append(store, replace(trade("mail", 5_000_000), book="scalper"))
    assert net(store) == 1_000_012
    append(store, replace(trade("mail", 5_000_000), book="john"))
    assert net(store) == 6_000_012


# -- corrections and moves ---------------------------------------------------------------------------------------------


def test_a_mirror_touches_no_bucket_and_a_better_door_takes_over(store: Store) -> None:
    append(store, trade("mail", 2_000_000, at=T - 3 * DAY))
    append(store, trade("kalshi-csv", 2_000_000))
    touched = store.connection.execute("SELECT day FROM touched WHERE batch_id = 2 AND rollup = 'booked'").fetchall()
    days = [store.calendar.bucket_text("day", day) for (day,) in touched]
    assert days == ["2026-05-01", "2026-05-04"], "where the money left and where it came"
    assert append(store, trade("bets-csv", 2_000_000, at=T + 40 * DAY)).buckets == set()
    assert append(store, trade("mail", 2_000_000, at=T + 50 * DAY)).buckets == set()
    assert net(store) == 2_000_000


def test_the_better_door_bears_also_while_its_position_is_open(store: Store) -> None:
    append(store, trade("mail", 2_000_000))
    append(store, Event("kalshi", "a", "bet.placed", T - DAY, {"same": SAME, "stake": 5}))
    assert net(store) == 0
    assert queries.total(store, ALL, basis="opened").open == 1
    assert overlaps(store, ALL).mirrored_net == 2_000_000
    assert overlaps(store, ALL, basis="opened").groups == 1
    assert overlaps(store, ALL, basis="opened").differing == 0, "an open position disagrees with nothing yet"
    append(store, Event("kalshi", "a", "bet.settled", T, {"same": SAME, "gross": 2_500_000, "net": 2_500_000}))
    assert net(store) == 2_500_000
    assert queries.total(store, ALL).unreconciled == 500_000


def test_changing_what_money_it_is_settles_both(store: Store) -> None:
    append(store, trade("kalshi", 10), trade("kalshi", 20, "b", same="other"))
    append(store, trade("mail", 1))
    assert net(store) == 30
    append(store, trade("mail", 1, same="third"))
    assert net(store) == 31
    append(store, trade("mail", 1, same="other"))
    assert net(store) == 30
    append(store, trade("kalshi", 20, "b", same="elsewhere"))
    assert net(store) == 31
    append(store, trade("mail", 1, same=None))
    assert net(store) == 31


def test_money_that_is_taken_back_leaves_its_mirrors_to_bear(store: Store) -> None:
    job = {"amount": 7_000_000, "same": "invoice 9"}
    append(store, Event("anthropic", "j", "job.completed", T, job, book="b"))
    append(store, Event("zoho", "j", "job.completed", T, job, book="b"))
    assert net(store) == 7_000_000
    append(store, Event("anthropic", "j", "job.completed", T, job | {"status": "cancelled"}))
    assert [e.source for e in queries.entries(store, ALL)] == ["zoho"]
    assert overlaps(store, ALL) == Overlaps()


def test_many_entries_against_one(store: Store) -> None:
    append(store, trade("kalshi-csv", 1_000_000, "x"), trade("kalshi-csv", -250_000, "y", T + DAY), trade("mail", 5))
    append(store, trade("kalshi", 750_000))
    found = overlaps(store, ALL)
    assert (found.groups, found.mirrored_entries, found.mirrored_net) == (1, 3, 750_005)
    assert found.linked == (("kalshi-csv", 2), ("mail", 1))
    assert [(d.bears, d.mirrors) for d in found.differences] == [
        (Statement("kalshi", 750_000), (Statement("kalshi-csv", 750_000), Statement("mail", 5)))
    ]


# -- differences -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mirrors", "differs"),
    [
        ([5_010_000], 0), ([4_990_000], 0), ([5_010_001], -10_001), ([4_989_999], 10_001),
        ([2_510_000, 2_510_000], 0), ([2_510_000, 2_510_001], -20_001), ([5_000_000, 0, 0], 0),
    ],
)  # fmt: skip
def test_a_cent_for_each_entry_of_the_mirror_is_no_difference(store: Store, mirrors: list[int], differs: int) -> None:
    assert TOLERANCE == CENT
    append(store, trade("kalshi", 5_000_000))
    append(store, *(trade("kalshi-csv", amount, str(n)) for n, amount in enumerate(mirrors)))
    assert [d.difference for d in overlaps(store, ALL).differences] == ([differs] if differs else [])
    assert queries.total(store, ALL).unreconciled == abs(differs)
    assert overlaps(store, ALL).groups == 1


def test_what_is_not_final_or_has_no_rate_is_not_compared(store: Store) -> None:
    append(store, trade("kalshi", 5_000_000))
    append(store, Event("mail", "m", "bet.placed", T - DAY, {"same": SAME}))
    append(store, trade("kalshi-csv", 9_000_000, currency="GBP"))
    assert overlaps(store, ALL).differing == 0
    append(store, Event("mail", "m", "bet.settled", T, {"same": SAME, "gross": 1, "net": 1}))
    assert [d.difference for d in overlaps(store, ALL).differences] == [4_999_999]


def test_two_mirrors_equally_far_off_are_told_by_the_better_one(store: Store) -> None:
    append(store, trade("kalshi", 5_000_000))
    append(store, trade("mail", 4_000_000))
    append(store, trade("bets-csv", 6_000_000))
    assert [d.difference for d in overlaps(store, ALL).differences] == [-1_000_000]


def test_a_difference_lies_where_the_last_bearing_entry_lies(store: Store) -> None:
    append(store, trade("kalshi", 1_000_000, "a", T - 40 * DAY, category="weather"))
    append(store, trade("kalshi", 2_000_000, "b", T, category="crypto"))
    append(store, trade("mail", 9_000_000, at=T + 100 * DAY))
    by = queries.sums(store, ALL, level="month", by=("category",))
    assert [(row.names, row.measures.unreconciled) for row in by] == [(("weather",), 0), (("crypto",), 6_000_000)]
    august = store.calendar.parse("2026-08", 0)
    assert overlaps(store, august).mirrored_net == 9_000_000, "left out of August"
    assert overlaps(store, august).groups == 0


def test_the_worst_differences_are_told_and_all_are_counted(store: Store) -> None:
    many = MOST + 7
    append(store, *(trade("kalshi", 1_000_000 * n, str(n), same=f"k:{n}") for n in range(many)))
    append(store, *(trade("mail", -1_000_000, str(n), same=f"k:{n}") for n in range(many)))
    found = overlaps(store, ALL)
    assert (found.groups, found.differing, len(found.differences)) == (many, many, MOST)
    sizes = [abs(each.difference) for each in found.differences]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == many * 1_000_000


# -- check figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "off"),
    [
        (trade("kalshi", 500, check_net=480), 20),
        (trade("kalshi", -500, check_net=480), -980),
        (trade("kalshi", 500, check_net=500), 0),
        (trade("kalshi", 500, check_net=None), 0),
        (trade("kalshi", 0, check_net=-7), 7),
        (trade("kalshi", 1_000_000, check_net=2_000_000, currency="EUR"), -1_021_500),
        (trade("kalshi", 1_000_000, check_net=2_000_000, currency="GBP"), 0),
        (Event("kalshi", "a", "cost.incurred", T, {"amount": 70, "check_net": -60}), -10),
        (Event("kalshi", "a", "bet.placed", T, {"check_net": 60}), 0),
    ],
)
def test_a_second_statement_of_the_net_shows_what_is_unreconciled(store: Store, event: Event, off: int) -> None:
    append(store, event, trade("kalshi", 3, "other", check_net=1))
    entries = {entry.key: entry for entry in queries.entries(store, ALL, basis="opened")}
    assert entries["a"].unreconciled == off
    assert queries.total(store, ALL, basis="opened").unreconciled == abs(off) + 2
    doubted = queries.entries(store, ALL, basis="opened", unreconciled=True)
    assert sorted(entry.key for entry in doubted) == (["a", "other"] if off else ["other"])


@pytest.mark.parametrize(("field", "value"), [("same", 5), ("same", ["x"]), ("check_net", "1"), ("check_net", 1.0)])
def test_a_wrong_type_is_an_error_that_names_the_field(store: Store, field: str, value: object) -> None:
    with pytest.raises(NorthStarError, match=field):
        append(store, trade("kalshi", 1, **{"same": None, field: value}) if field != "same" else _stating(value))


def _stating(same: object) -> Event:
    event = trade("kalshi", 1)
    return replace(event, body={**event.body, "same": same})


@given(st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=6, unique=True), st.text(max_size=5))
def test_any_text_can_name_a_door_or_a_money(names: Sequence[str], same: str) -> None:
    events = [
        Event(name, "k", "cost.incurred", T, {"amount": n + 1, "same": same}, book="b") for n, name in enumerate(names)
    ]
    doors = {name.partition(":")[0] for name in names}
    best = min(doors, key=lambda door: (DOORS.index(door) if door in DOORS else len(DOORS), door))
    with Store.scratch(Rules()) as store:
        for event in events:
            append(store, event)
        counted = [entry.source for entry in queries.entries(store, ALL)]
        assert sorted(counted) == sorted(name for name in names if not same or name.partition(":")[0] == best)
        assert verify(store).ok


# -- proof -------------------------------------------------------------------------------------------------------------


def test_verify_names_a_flag_that_is_wrong_and_rebuild_mends_it(store: Store) -> None:
    append(store, trade("kalshi", 5), trade("mail", 5_000_000))
    for damage, column in [
        (
            "UPDATE entry SET mirror = 1 - mirror WHERE source_id IN (SELECT id FROM dimension WHERE name = 'mail')",
            "mirror",
        ),
        ("UPDATE entry SET disagreement = 0 WHERE disagreement IS NOT NULL", "disagreement"),
        ("UPDATE entry SET disagreement = NULL", "disagreement"),
        ("UPDATE entry SET same_id = NULL WHERE mirror = 1", "same_id"),
    ]:
        store.connection.execute(damage)
        proof = verify(store)
        assert [d.what.rpartition(" ")[2] for d in proof.differences if d.where == "entry"] == [column]
        rebuild(store)
        assert verify(store).ok
