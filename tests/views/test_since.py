"""Since you last looked: every part is what it says, and they add up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import batched, rules_of, twice, utc
from test_histories import cuts, histories, new_store

from northstar_tui.calendar import ALL
from northstar_tui.cli import cli
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.change import newest_event
from northstar_tui.ledger.look import Look, last_look, remember
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import rebuild
from northstar_tui.views.plain import since_text
from northstar_tui.views.since import PARTS, moved, positions_at, since

T = utc(2026, 5, 4, 18)
NOW = T + 3_600_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", Rules("America/New_York")) as made:
        yield made


def say(store: Store, kind: str, key: str, **body: Any) -> None:
    store.append(Batch("s", [Event("s", key, kind, T, body, f"{kind} {key} {body}")]))


def look(store: Store, at: int = T) -> Look:
    return Look(at, newest_event(store), queries.total(store, ALL).net)


def amounts(store: Store, seen: Look) -> dict[str, int]:
    return {part.name: part.amount for part in since(store, NOW, seen).parts}


def test_each_part_is_what_it_says(store: Store) -> None:
    say(store, "bet.placed", "b", stake=10)
    say(store, "trade.closed", "old", gross=100, net=90, closed_at=T)
    seen = look(store)
    say(store, "trade.closed", "new", gross=50, net=47, closed_at=T)
    say(store, "trade.closed", "market", gross=-20, net=-21, closed_at=T, market_result="no")
    say(store, "bet.settled", "b", gross=9, net=9)
    say(store, "cost.incurred", "c", amount=5)
    say(store, "credit.received", "r", net=2)
    say(store, "job.paid", "j", amount=40)
    say(store, "trade.closed", "old", gross=100, net=80, closed_at=T)
    view = since(store, NOW, seen)
    assert {part.name: (part.amount, part.entries) for part in view.parts} == {
        "closes": (50, 1), "settlements": (-11, 2), "fees": (-4, 2), "costs": (-5, 1), "revenue": (40, 1),
        "credits": (2, 1), "restatements": (-10, 1),
    }  # fmt: skip
    assert (view.before, view.total) == (90, 90 + 50 - 11 - 4 - 5 + 40 + 2 - 10)
    rows = {name: moved(store, view.event, name) for name in PARTS}
    assert {name: [(row.entry and row.entry.key, row.amount) for row in rows[name]] for name in PARTS} == {
        "closes": [("new", 50)], "settlements": [("market", -20), ("b", 9)], "fees": [("market", -1), ("new", -3)],
        "costs": [("c", -5)], "revenue": [("j", 40)], "credits": [("r", 2)], "restatements": [("old", -10)],
        "rules": [], "marks": [],
    }  # fmt: skip


def test_fees_are_listed_however_many_entries_without_any_came_after(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("northstar_tui.views.since.SHOWN", 3)
    seen = look(store)
    say(store, "trade.closed", "charged", gross=50, net=47, closed_at=T)
    for number in range(4):
        say(store, "trade.closed", f"free {number}", gross=1, net=1, closed_at=T)
    view = since(store, NOW, seen)
    assert [(part.amount, part.entries) for part in view.parts if part.name == "fees"] == [(-3, 1)]
    assert [row.amount for row in moved(store, view.event, "fees")] == [-3]


def test_what_the_rules_did_is_a_part_of_its_own(store: Store) -> None:
    say(store, "trade.closed", "t", gross=100, net=100, closed_at=T, currency="EUR")
    seen = look(store)
    rebuild(store, replace(store.rules, rates=rules_with_a_euro()))
    assert amounts(store, seen) == {"rules": queries.total(store, ALL).net}
    assert queries.total(store, ALL).net == 110


def rules_with_a_euro() -> Any:
    from decimal import Decimal

    from northstar_tui.ledger.rules import Rate

    return (Rate("EUR", 0, Decimal("1.1")),)


@given(st.one_of(twice, histories), cuts, rules_of())
def test_the_rows_of_every_part_add_up_to_it(events: list[Event], ends: list[int], rules: Rules) -> None:
    with new_store(rules) as store:
        looks = [look(store)]
        for batch in batched(events, ends):
            store.append(batch)
            looks.append(look(store))
        for seen in looks:
            view = since(store, NOW, seen)
            assert view.before + sum(part.amount for part in view.parts) == view.total == queries.total(store, ALL).net
            for part in view.parts:
                assert part.name != "rules"
                rows = moved(store, view.event, part.name)
                assert (sum(row.amount for row in rows), len(rows)) == (part.amount, part.entries)
            assert len(since_text(view, store.calendar).splitlines()) <= 12


def test_open_positions_move_the_total_by_their_marks(store: Store) -> None:
    def quote(at: int, bid: str) -> Event:
        body = {"instrument": "KXA-1", "bid": bid, "ask": "0.90", "status": "active"}
        return Event("kalshi", "quote:KXA-1", "market.quoted", at, body, f"{at}")

    bought = {"instrument": "KXA-1", "side": "buy", "quantity": "10", "price": "0.40", "fees": 100_000, "order": "o"}
    fill = Event("kalshi", "fill:1", "fill.executed", T - 10, {**bought, "is_taker": True, "subaccount": 0}, "f")
    store.append(Batch("kalshi", [fill, quote(T - 5, "0.50")]))
    seen = look(store)
    store.append(Batch("kalshi", [quote(NOW - 5, "0.62")]))
    view = since(store, NOW, seen, held=positions_at(store, NOW))
    assert [(part.name, part.amount, part.entries) for part in view.parts] == [("marks", 1_200_000, 1)]
    assert view.before + 1_200_000 == view.total
    assert view.held == view.total, "nothing is booked yet"
    assert since(store, NOW, seen).parts == ()
    assert "in open positions" in since_text(view, store.calendar)


def test_a_look_is_remembered_unless_a_later_one_is(store: Store) -> None:
    assert last_look(store) is None
    assert since(store, NOW).because == "day"
    remember(store, Look(T, 0, 7))
    remember(store, Look(T - 1, 0, 3))
    assert last_look(store) == Look(T, 0, 7)
    assert since(store, NOW).because == "look"
    assert since(store, NOW).before == 7


def test_the_verb_says_what_the_view_says(store: Store) -> None:
    remember(store, look(store))
    say(store, "trade.closed", "t", gross=5_000_000, net=4_000_000, closed_at=T)
    told = CliRunner().invoke(cli, ["--store", str(store.path), "since"])
    assert told.exit_code == 0
    assert "closes" in told.output
    assert "▲ +$5.00" in " ".join(told.output.split())
    said = json.loads(CliRunner().invoke(cli, ["--store", str(store.path), "since", "--json"]).output)
    assert (said["before"], said["total"], said["change"], said["held"]) == ("0.00", "4.00", "4.00", None)
    assert said["parts"] == [
        {"part": "closes", "amount": "5.00", "entries": 1},
        {"part": "fees", "amount": "-1.00", "entries": 1},
    ]
    wrong = CliRunner().invoke(cli, ["--store", str(store.path), "since", "yesterdya"])
    assert (wrong.exit_code, "is not a moment" in wrong.output) == (2, True)


def test_the_rows_behind_a_part_add_up_to_it_in_every_form(store: Store) -> None:
    say(store, "trade.closed", "before", gross=1_000_000, net=1_000_000, closed_at=T)
    remember(store, look(store))
    for number in (1, 2, 3):
        say(store, "trade.closed", f"t{number}", gross=number * 1_000_000, net=number * 1_000_000 - 5, closed_at=T)
    say(store, "trade.closed", "before", gross=7_000_000, net=7_000_000, closed_at=T)

    def told(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["--store", str(store.path), "since", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    parts = {each["part"]: each for each in json.loads(told("--json"))["parts"]}
    assert list(parts) == ["closes", "fees", "restatements"]
    for name, part in parts.items():
        rows = json.loads(told("--part", name, "--json"))
        assert len(rows) == part["entries"]
        assert sum(Decimal(row["changed_by"]) for row in rows) == Decimal(part["amount"]), name
        assert told("--part", name, "--csv").count("\n") == len(rows) + 1
        assert told("--part", name).count("\n") == len(rows) + 1
    assert "▲ +$6.00" in told("--part", "restatements")
    assert told("--csv").splitlines()[1] == "closes,6.00,3"
    assert told("all", "--part", "closes").count("\n") == 5 and told("--part", "costs").startswith("nothing of that")
