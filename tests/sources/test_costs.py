"""Recurring charges and one-off expenses: exact to the micro-dollar, never twice, withdrawn with history."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live import Office

from northstar_tui.errors import ConfigError
from northstar_tui.money import micros
from northstar_tui.sources.costs import Recurring, planned

dates = st.dates(date(2020, 1, 1), date(2027, 12, 31))
amounts = st.integers(1, 10**10).map(lambda cents: str(Decimal(cents) / 100))


@given(dates, amounts, st.sampled_from(["month", "year"]), st.integers(0, 1500))
def test_spread_days_sum_up_to_the_charge(start: date, amount: str, every: str, days: int) -> None:
    charge = Recurring(name="x", amount=amount, start=start, every=every, spread=True)  # type: ignore[arg-type]
    found = planned(charge, start + timedelta(days=days))
    assert len(found) == days + 1, "every day from the first to today has its share"
    whole = Recurring(name="x", amount=amount, start=start, every=every)  # type: ignore[arg-type]
    begins = sorted(planned(whole, start + timedelta(days=days)))
    for this, following in pairwise(begins):
        assert sum(value for day, value in found.items() if this <= day < following) == micros(amount)
    assert max(found.values()) - min(found.values()) <= micros(amount) / 28 + 1


@given(dates, st.integers(0, 60))
def test_a_monthly_charge_comes_once_a_month(start: date, count: int) -> None:
    charge = Recurring(name="x", amount="1", start=start)
    found = planned(charge, date(start.year + 6, 1, 1))
    months = defaultdict(int)
    for day in found:
        months[day[:7]] += 1
    assert set(months.values()) == {1}
    assert all(date.fromisoformat(day).day <= start.day for day in found)


def test_charges_are_booked_once_changed_and_withdrawn_with_history(tmp_path: Path) -> None:
    office = Office(tmp_path)
    charge = {"name": "Hetzner", "amount": "49.90", "from": date(2026, 1, 31), "to": date(2026, 4, 30)}
    own = {"recurring": [charge]}
    office.sync("costs", own)
    expected = [(day, "cost", "infrastructure", "Hetzner", "-49.90") for day in
                ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")]  # fmt: skip
    assert office.entries() == expected
    again = office.sync("costs", own)
    assert (again.counts.new, again.counts.revised) == (0, 0)
    office.sync("costs", {"recurring": [charge | {"to": date(2026, 2, 28), "amount": "50"}]})
    assert [entry[4] for entry in office.entries()] == ["-50.00", "-50.00", "0.00", "0.00"]
    office.sync("costs", {"recurring": []})
    assert [entry[4] for entry in office.entries()] == ["0.00"] * 4
    office.sync("costs", own)
    assert office.entries() == expected, "and back again"


def test_expenses_from_csv(tmp_path: Path) -> None:
    office = Office(tmp_path)
    text = "Date;Vendor;Amount;Category\n2026-05-01;Acme;€12,50;tools\n2026-05-01;Acme;€12,50;tools\n2026-05-02;B;x;\n"
    (tmp_path / "e.csv").write_text(text)
    outcome = office.sync("costs", {"files": ["e.csv"]})
    assert (outcome.state, outcome.counts.new, outcome.counts.quarantined) == ("partial", 2, 1)
    assert office.entries() == [("2026-05-01", "cost", "tools", "Acme", "-12.50")] * 2, "twins are real"
    assert office.rejects() == [(4, "amount", "'x' is not a number")]
    (tmp_path / "e.csv").write_text(text + "2026-05-03;C;-3;refund\n")
    office.sync("costs", {"files": ["e.csv"]})
    assert [entry[4] for entry in office.entries()] == ["-12.50", "-12.50", "3.00"]


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"recurring": [{"name": "x", "amount": "lots", "from": date(2026, 1, 1)}]}, "'lots' is not a number"),
        ({"recurring": [{"name": "x", "amount": "1"}]}, "from"),
        ({"recurring": [{"name": "x", "amount": "1", "from": date(2026, 1, 1)}] * 2}, "stands twice"),
        (
            {"recurring": [{"name": "x", "amount": "1", "from": date(2026, 2, 1), "to": date(2026, 1, 1)}]},
            "ends before",
        ),
        ({"columns": {"x": "y"}}, "columns.x is not a role"),
    ],
)
def test_wrong_keys_are_named(tmp_path: Path, own: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        Office(tmp_path).sync("costs", own)
