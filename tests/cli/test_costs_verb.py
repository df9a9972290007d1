"""`northstar costs`: its JSON is a contract, its text the screen's twin, and its sums those of `report`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, now

HOUR = 3_600_000_000
DAY = 24 * HOUR
EAST = 12 - now() // HOUR % 24
"""Hours east of Greenwich where it is about noon now: no midnight comes while the tests run."""
ZONE = f"Etc/GMT{-EAST:+d}"
CONFIG = f"""
timezone = "{ZONE}"
store = "s.db"

[[budgets]]
name = "api"
amount = "50"
where = {{ category = "api" }}

[sources.bills]
kind = "costs"

[[sources.bills.recurring]]
name = "server"
amount = "20.50"
from = 2020-01-01
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Ten days of bills up to yesterday, one today, a job that is invoiced, and the config beside them."""
    at = (now() + EAST * HOUR) // DAY * DAY + DAY // 2 - EAST * HOUR
    events = [
        Event(
            "anthropic", f"{back}", "cost.incurred", at - back * DAY,
            {"amount": 1_500_000 + back, "instrument": "opus", "category": "api", "workspace_id": "lab"},
        )
        for back in range(1, 11)
    ]  # fmt: skip
    used = {"instrument": "opus", "input_tokens": 1_234_567, "output_tokens": 9_876}
    events.append(
        Event("anthropic", f"usage/{datetime.fromtimestamp(at // 10**6, UTC).date()}/1", "usage.reported", at, used)
    )
    events.append(
        Event("bills", "x", "cost.incurred", at - 2 * DAY, {"amount": 3, "instrument": "x\x1b[2J", "category": "it"})
    )
    early = {
        "amount": 2,
        "instrument": "y",
        "category": "it",
    }  # on the first of a month, too, something was spent in it
    events.append(Event("bills", "y", "cost.incurred", at - DAY // 2, early))
    job = {"instrument": "Ana", "title": "Site", "status": "invoiced", "expected": 90_000_000, "opened_at": at}
    events.append(Event("jobs", "J1", "job.quoted", at - 3 * DAY, job))
    (tmp_path / "config.toml").write_text(CONFIG)
    with Store.create(tmp_path / "s.db", Rules(ZONE)) as made:
        for event in events:
            made.append(Batch(event.source, [event]))
    return tmp_path / "s.db"


def run(store: Path, *arguments: str, code: int = 0, verb: str = "costs") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR_")}
    done = subprocess.run(
        [sys.executable, "-m", "northstar_tui", "--config", str(store.with_name("config.toml")), verb, *arguments],
        capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def data(store: Path, *arguments: str, verb: str = "costs") -> Any:
    return json.loads(run(store, *arguments, "--json", verb=verb).stdout)


def test_json_is_the_contract(store: Path) -> None:
    found = data(store)
    assert list(found) == [
        "period", "spent", "entries", "incomplete", "before", "burn", "projection", "budgets", "by", "keys", "charges",
        "jobs", "books", "net",
    ]  # fmt: skip
    assert list(found["burn"]) == ["per_day", "days", "from", "to"]
    assert found["burn"]["days"] == 10 and Decimal(found["burn"]["per_day"]) == pytest.approx(Decimal("1.5000058"))
    assert list(found["projection"]) == [
        "value", "low", "high", "days", "reason", "more_days_needed", "so_far", "due", "days_left",
    ]  # fmt: skip
    end = found["projection"]
    assert Decimal(end["low"]) <= Decimal(end["value"]) <= Decimal(end["high"]) and end["days"] == 10
    (budget,) = found["budgets"]
    assert list(budget) == [
        "name", "direction", "period", "where", "amount", "actual", "left", "used", "elapsed", "even_pace",
        "projection", "beyond", "state", "words",
    ]  # fmt: skip
    assert (budget["where"], budget["amount"], budget["direction"]) == ({"category": ["api"]}, "50.00", "ceiling")
    assert Decimal(budget["actual"]) + Decimal(budget["left"]) == 50
    assert list(found["by"]) == ["model", "key", "source"]
    (row,) = data(store, "all")["by"]["model"]
    assert list(row) == ["name", "spent", "before", "entries", "rest", "tokens_in", "tokens_out"]
    assert (row["name"], row["tokens_in"], row["tokens_out"]) == ("opus", 1_234_567, 9_876)
    assert "tokens_in" not in data(store, "all")["by"]["key"][0]
    (charge,) = found["charges"]
    assert (charge["name"], charge["source"], charge["every"], charge["spread"]) == (
        "server", "costs:bills", "month", False,
    )  # fmt: skip
    assert charge["next"]["amount"] == "20.50"
    (job,) = found["jobs"]
    assert (job["key"], job["stage"], job["amount"], job["booked"]) == ("J1", "invoiced", "90.00", False)
    assert list(found["books"][0]) == ["book", "trading", "revenue", "costs", "net", "entries"]


def test_its_sums_are_those_of_the_report(store: Path) -> None:
    for period in ("all", "mtd", "ytd"):
        found, report = data(store, period), data(store, period, "--where", "kind=cost", verb="report")
        assert Decimal(found["spent"]) == -Decimal(report["totals"]["net"])
        assert found["entries"] == report["totals"]["entries"]
        for by in (["model"], ["key", "day"], ["source", "category", "book"]):
            rows = data(store, period, *(part for name in by for part in ("--by", name)))
            assert rows["by"] == by and rows["spent"] == found["spent"]
            assert sum(Decimal(row["spent"]) for row in rows["rows"]) == Decimal(found["spent"])
            assert sum(row["entries"] for row in rows["rows"]) == found["entries"]
            assert all(list(row) == [*by, "spent", "entries"] for row in rows["rows"])


def test_by_day_comes_in_order_and_a_key_that_is_not_stated_is_null(store: Path) -> None:
    rows = data(store, "all", "--by", "day", "--by", "key")["rows"]
    days = [row["day"] for row in rows]
    assert days == sorted(days) and len(set(days)) == 11
    assert {row["key"] for row in rows} == {"lab", None}


def test_text_says_what_the_screen_says(store: Path) -> None:
    text = run(store).stdout
    for said in ("Spent", "the mean of 10 whole days", "budget api: ", "of $50.00", "server", "Site", "not in P&L"):
        assert said in text
    assert "Net after all costs per book" in text
    assert "\x1b" not in run(store, "all", "--by", "model").stdout
    assert "TOTAL" in run(store, "all", "--by", "model").stdout
    assert "TOKENS IN" in run(store, "all").stdout and "1.23M  9,876" in run(store, "all").stdout
    assert "1,234,567 tokens in, 9,876 out" in run(store, "spending", "model", "opus", "all", verb="show").stdout


def test_wrong_usage_and_a_wrong_charge_are_named(store: Path) -> None:
    assert "is not a period" in run(store, "soon", code=2).stderr
    assert "--by" in run(store, "--by", "colour", code=2).stderr
    config = store.with_name("config.toml")
    config.write_text(CONFIG.replace('"20.50"', "20"))
    assert "! sources.bills: Expected `str`, got `int`" in run(store).stdout
    config.write_text(CONFIG.replace('"50"', '"-50"'))
    assert "config.toml:7: budgets.amount '-50' is not an amount above zero" in run(store, code=1).stderr
