"""What was spent: by anything, it adds up to the costs that the rollups and the entries themselves know."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import RATES, ZONES, utc

from northstar_tui.calendar import ALL, Period
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries, spend
from northstar_tui.ledger.queries import QueryError
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.spend import BY, ONLY_COSTS, Spent, cost_entries, first_day
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import named

DAY = 86_400_000_000
START = utc(2026, 3, 1, 12)
KEYS = ("api_key_name", "workspace", "workspace_id")


@contextmanager
def store_of(events: list[Event], zone: str = "UTC") -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        rules = Rules(zone, books={"router": "lab"}, rates=RATES[:2])
        with Store.create(Path(folder) / "s.db", rules) as store:
            for event in events:
                store.append(Batch(event.source, [event]))
            yield store


@st.composite
def lines(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(["cost.incurred"] * 5 + ["trade.closed", "credit.received"]))
    at = START + draw(st.integers(0, 70)) * DAY + draw(st.integers(0, DAY - 1))
    body: dict[str, object] = {
        "instrument": draw(st.sampled_from(["opus", "haiku", "Hetzner", ""])),
        "category": draw(st.sampled_from(["api", "infrastructure"])),
    }
    if draw(st.booleans()):
        body["currency"] = draw(st.sampled_from(["GBP", "XXX", "USD"]))
    if draw(st.booleans()):
        body[draw(st.sampled_from(KEYS))] = draw(st.sampled_from(["k1", "k2", ""]))
    if draw(st.booleans()):
        body["same"] = draw(st.sampled_from(["m1", "m2"]))
    amount = draw(st.integers(-(10**9), 10**9))
    if kind == "cost.incurred":
        body["amount"] = amount
    else:
        body |= {"gross": amount, "net": amount, "closed_at": at}
    return Event(
        draw(st.sampled_from(["anthropic", "router", "bills"])),
        draw(st.text("ab", min_size=1, max_size=3)),
        kind,
        at,
        body,
    )


histories = st.lists(lines(), max_size=40)
groupings = st.lists(st.sampled_from(BY), unique=True, max_size=3)


@given(histories, groupings, st.sampled_from(ZONES), st.integers(0, 70), st.integers(0, 40))
def test_rows_add_up_whatever_they_are_told_apart_by(
    events: list[Event], by: list[str], zone: str, first: int, count: int
) -> None:
    with store_of(events, zone) as store:
        start = store.calendar.bucket("day", START + first * DAY)
        span = Period(start, store.calendar.bucket("day", start + count * DAY), "range")
        whole = queries.total(store, span, where=(ONLY_COSTS,))
        rows = spend.spend(store, span, by)
        assert sum(row.amount for row in rows) == -whole.net
        assert sum(row.n for row in rows) == whole.entries
        assert len({row.names for row in rows}) == len(rows)
        for row in rows:
            where = tuple(named(name, value) for name, value in zip(by, row.names, strict=True) if name != "day")
            kept = [
                e
                for e in cost_entries(store, span, where, 1000)
                if "day" not in by or _day(store, e.closed_at) in row.names
            ]
            assert (-sum(e.net for e in kept), len(kept)) == (row.amount, row.n)


def _day(store: Store, at: int | None) -> str:
    assert at is not None
    return store.calendar.date_of(at).isoformat()


@given(histories, st.lists(st.sampled_from(["source", "category", "book", "day"]), unique=True), st.booleans())
def test_rollups_and_entries_say_the_same(events: list[Event], by: list[str], kept: bool) -> None:
    with store_of(events, "America/New_York") as store:
        where = (named("category", "api"),) if kept else ()
        assert spend.spend(store, ALL, by, where=where) == _sorted(by, spend._read(store, ALL, by, where))


def _sorted(by: list[str], rows: list[Spent]) -> list[Spent]:
    day = by.index("day") if "day" in by else None
    return sorted(rows, key=lambda s: (s.names[day] if day is not None else "", -s.amount, s.names))


@given(histories)
def test_the_first_day_is_that_of_the_first_entry(events: list[Event]) -> None:
    with store_of(events, "Asia/Kathmandu") as store:
        entries = [e for e in queries.entries(store, ALL, where=(named("category", "api"),)) if e.closed_at is not None]
        assert first_day(store, (named("category", "api"),)) == (
            store.calendar.date_of(entries[0].closed_at or 0) if entries else None
        )


def test_days_come_in_order_and_on_each_the_dearest_first() -> None:
    def cost(key: str, day: int, amount: int, model: str) -> Event:
        return Event("a", key, "cost.incurred", START + day * DAY, {"amount": amount, "instrument": model})

    with store_of([cost("1", 1, 5, "x"), cost("2", 0, 3, "y"), cost("3", 1, 9, "y"), cost("4", 1, 1, "y")]) as store:
        assert spend.spend(store, ALL, ("model", "day")) == [
            Spent(("y", "2026-03-01"), 3, 1), Spent(("y", "2026-03-02"), 10, 2), Spent(("x", "2026-03-02"), 5, 1),
        ]  # fmt: skip
        assert [e.key for e in cost_entries(store, ALL, (named("model", "y"),), 2)] == ["4", "3"]


def test_what_costs_do_not_have_is_refused_by_name() -> None:
    with store_of([]) as store:
        assert spend.spend(store, ALL) == spend.spend(store, ALL, ("model", "key")) == []
        with pytest.raises(QueryError, match="costs have no 'league'") as caught:
            spend.spend(store, ALL, ("league",))
        assert "model, key, source" in caught.value.remedy
        assert first_day(store) is None


def test_costs_are_read_without_looking_at_a_trade() -> None:
    with store_of([]) as store:
        costs, parameters = spend._chosen(ALL, (named("model", "x"),), keyed=True)
        plan = store.connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {costs}", parameters).fetchall()
        steps = [row[3] for row in plan if "entry" in row[3] or " n " in f"{row[3]} "]
        assert steps and all("COVERING INDEX entry_untraded" in step for step in steps), plan


def test_what_keys_say_of_themselves_is_summed_by_the_newest_word_of_each_day() -> None:
    def use(day: str, key: str, used: str, source: str = "openrouter:a", name: str = "") -> Event:
        body = {"name": name, "label": f"sk-{key}", "usage_daily": used, "day": day}
        return Event(source, f"keys/{day}/{key}", "usage.reported", START, body)

    said = [
        use("2026-02-28", "h1", "9"), use("2026-03-01", "h1", "0.5"), use("2026-03-01", "h1", "0.750001"),
        use("2026-03-31", "h1", "2"), use("2026-04-01", "h1", "9"), use("2026-03-02", "h2", "5", name="big"),
        use("2026-03-02", "h3", "0"), use("2026-03-02", "h1", "9", "anthropic"),
        Event("openrouter:a", "key/2026-03-02", "usage.reported", START, {"usage_daily": "9", "label": "own"}),
    ]  # fmt: skip
    with store_of(said) as store:
        found = spend.key_uses(store, date(2026, 3, 1), date(2026, 3, 31))
        newest = store.connection.execute("SELECT max(id) FROM event WHERE body LIKE '%2026-03-31%'").fetchone()[0]
    assert [(use.name, use.source, use.amount, use.days) for use in found] == [
        ("big", "openrouter:a", 5_000_000, 1), ("sk-h1", "openrouter:a", 2_750_001, 2),
    ]  # fmt: skip
    assert found[1].event == newest


def bill(source: str, key: str, at: int, model: str, **said: object) -> Event:
    return Event(source, key, "cost.incurred", at, {"instrument": model, "category": "api", "amount": 10, **said})


def used(day: str, model: str, sent: int, got: int, source: str = "anthropic:org", line: str = "a") -> Event:
    at = utc(*map(int, day.split("-")), 12)
    body = {"instrument": model, "day": day, "input_tokens": sent, "output_tokens": got}
    return Event(source, f"usage/{day}/{line}", "usage.reported", at, body)


def test_tokens_are_those_that_bills_and_usage_reports_state() -> None:
    march = Period(utc(2026, 3, 1), utc(2026, 4, 1), "month")
    said = [
        bill("openrouter", "1", START, "flash", prompt_tokens=3_000_000_000, completion_tokens=20, reasoning_tokens=9),
        bill("openrouter", "2", START + DAY, "flash", prompt_tokens=1, completion_tokens=0),
        bill("openrouter", "3", START - DAY, "flash", prompt_tokens=7, completion_tokens=7),
        bill("openrouter-csv", "4", START, "sonar", tokens_prompt="120", tokens_completion="34"),
        bill("openrouter-csv", "5", START, "sonar", tokens_prompt="1,200", tokens_completion="?"),
        bill("anthropic:org", "6", START, "opus"),
        used("2026-03-01", "opus", 5, 50), used("2026-03-01", "opus", 6, 60),
        used("2026-03-01", "opus", 1, 1, line="b"),
        used("2026-03-31", "opus", 10, 0), used("2026-02-28", "opus", 90, 90), used("2026-04-01", "opus", 90, 90),
        used("2026-03-02", "opus", 90, 90, source="elsewhere"),
        bill("bills", "7", START, "hosting"),
    ]  # fmt: skip
    with store_of(said) as store:
        assert spend.tokens(store, march) == {"flash": (3_000_000_001, 20), "sonar": (120, 34), "opus": (17, 61)}
        assert spend.tokens(store, march, (named("model", "sonar"),)).keys() == {"sonar", "opus"}
        assert spend.tokens(store, ALL)["opus"] == (17 + 180, 61 + 180)


@given(zone=st.sampled_from(ZONES), days=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=8))
def test_tokens_of_days_add_up_to_those_of_their_months(zone: str, days: list[tuple[int, int]]) -> None:
    said = []
    for nth, (day, count) in enumerate(days):
        at = date(2026, 1, 15) + timedelta(days=day)
        said.append(used(f"{at}", "opus", count, 1, line=f"{nth}"))
        told = {"prompt_tokens": count, "completion_tokens": 2}
        said.append(bill("openrouter", f"{nth}", START + day * DAY, "flash", **told))
    with store_of(said, zone) as store:
        for month in store.calendar.children(Period(utc(2026, 1, 1), utc(2026, 9, 1), "range"), "month"):
            parts = [spend.tokens(store, each) for each in store.calendar.children(month, "day")]
            for model in ("opus", "flash"):
                whole = spend.tokens(store, month).get(model, (0, 0))
                assert tuple(sum(part.get(model, (0, 0))[at] for part in parts) for at in (0, 1)) == whole
        whole = spend.tokens(store, ALL)
        assert whole.get("opus", (0, 0)) == (sum(count for _, count in days), len(days))


def test_what_waits_for_its_days_activity_is_no_token_and_a_mirror_counts_once() -> None:
    door = {"same": "openrouter:2026-03-01:flash"}
    said = [
        bill("openrouter", "activity/1", START, "flash", prompt_tokens=9, completion_tokens=8, **door),
        bill("openrouter-csv", "gen-1", START, "flash", tokens_prompt="4", tokens_completion="4", **door),
        bill("openrouter-csv", "gen-2", START, "flash", tokens_prompt="5", tokens_completion="4", **door),
        bill("openrouter", "today/2026-03-02", START + DAY, "today so far", provisional=True),
    ]
    with store_of(said) as store:
        assert spend.tokens(store, ALL) == {"flash": (9, 8)}
