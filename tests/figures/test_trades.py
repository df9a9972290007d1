"""Figures against plain formulas and a table reckoned apart."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.figures import trades
from northstar_tui.figures.trades import Figure, wilson


@pytest.mark.parametrize(
    ("wins", "n", "low", "high"),
    [  # Wilson score, 95 %, z = 1.959964, from its quadratic in 40-digit decimals
        (0, 1, 0.0, 0.793451),
        (1, 1, 0.206549, 1.0),
        (0, 10, 0.0, 0.277533),
        (1, 10, 0.017876, 0.404150),
        (5, 10, 0.236593, 0.763407),
        (10, 10, 0.722467, 1.0),
        (71, 77, 0.840244, 0.963799),
        (500, 1000, 0.469070, 0.530930),
    ],
)
def test_wilson_by_table(wins: int, n: int, low: float, high: float) -> None:
    assert wilson(wins, n) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


@given(st.integers(1, 10**6), st.data())
def test_wilson_solves_its_equation(n: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(0, n))
    low, high = wilson(wins, n)
    rate = wins / n
    assert 0 <= low <= rate <= high <= 1
    for bound in (low, high):  # (p̂ − p)² = z² p(1 − p)/n
        assert math.isclose((rate - bound) ** 2, trades.Z95**2 * bound * (1 - bound) / n, rel_tol=1e-6, abs_tol=1e-12)
    mirrored = wilson(n - wins, n)
    assert mirrored == (pytest.approx(1 - high, abs=1e-12), pytest.approx(1 - low, abs=1e-12))


nets = st.lists(st.integers(-(10**9), 10**9), max_size=40)


@given(nets, st.integers(-(10**9), 10**10))
def test_figures_of_trades_are_their_plain_formulas(results: list[int], stake: int) -> None:
    wins, losses = [p for p in results if p > 0], [p for p in results if p < 0]
    won, lost, n = sum(wins), sum(losses), len(results)
    expected = {
        "win_rate": (Fraction(len(wins), len(wins) + len(losses)) if wins or losses else None, len(wins) + len(losses)),
        "profit_factor": (Fraction(won, -lost) if lost else None, n),
        "expectancy": (Fraction(sum(results), n) if n else None, n),
        "average_win": (Fraction(won, len(wins)) if wins else None, len(wins)),
        "average_loss": (Fraction(lost, len(losses)) if losses else None, len(losses)),
        "roi": (Fraction(sum(results), stake) if stake > 0 else None, n),
    }
    found = {
        "win_rate": trades.win_rate(len(wins), len(losses)),
        "profit_factor": trades.profit_factor(won, lost, n),
        "expectancy": trades.expectancy(won + lost, n),
        "average_win": trades.average_win(won, len(wins)),
        "average_loss": trades.average_loss(lost, len(losses)),
        "roi": trades.roi(won + lost, stake, n),
    }
    for name, (value, count) in expected.items():
        figure = found[name]
        assert figure.n == count
        if value is None:
            assert figure.value is None
            assert figure.reason
        else:
            assert figure.value == pytest.approx(float(value), rel=1e-12)
            assert figure.reason == ""
    if n and wins and losses:  # METRICS section 2: expectancy = WR·avgW − LR·avgL over one denominator
        rates = len(wins) / n * float(found["average_win"].value or 0) + len(losses) / n * float(
            found["average_loss"].value or 0
        )
        assert found["expectancy"].value == pytest.approx(rates, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (trades.win_rate(0, 0), "no trade was won or lost"),
        (trades.profit_factor(0, 0, 0), "no closed trades"),
        (trades.profit_factor(5, 0, 1), "no losses"),
        (trades.profit_factor(0, 0, 3), "no wins and no losses"),
        (trades.expectancy(0, 0), "no closed trades"),
        (trades.average_win(0, 0), "no wins"),
        (trades.average_loss(0, 0), "no losses"),
        (trades.roi(5, 0, 1), "no stake is stated"),
        (trades.roi(5, -3, 1), "no stake is stated"),
        (trades.roi(5, 3, 1, 2), "2 still open, their stake is in the sum"),
    ],
)
def test_the_undefined_is_none_with_a_reason(figure: Figure, reason: str) -> None:
    assert figure.value is None
    assert figure.reason == reason
    assert figure.low is figure.high is None


def test_no_wins_is_a_profit_factor_of_nought_and_scratches_enter_no_rate() -> None:
    assert trades.profit_factor(0, -5, 1).value == 0
    assert trades.win_rate(3, 1).value == 0.75
    assert trades.expectancy(8, 4).value == 2, "scratches are trades"
