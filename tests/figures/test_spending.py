"""Burn rate and projection against plain formulas, scipy and their own promise."""

from __future__ import annotations

from fractions import Fraction
from math import isclose, sqrt
from random import Random
from statistics import mean, stdev

import pytest
import scipy.stats as oracle
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.figures.spending import LEAST, burn_rate, project, student

amounts = st.integers(-(10**9), 10**11)
samples = st.lists(amounts, min_size=LEAST, max_size=60)
costs = st.lists(st.integers(0, 10**11), min_size=LEAST, max_size=60)
spans = st.floats(0, 366, allow_nan=False)


@given(st.integers(1, 400), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_student_is_scipys(freedom: int, confidence: float) -> None:
    assert isclose(student(freedom, confidence), oracle.t.ppf((1 + confidence) / 2, freedom), rel_tol=1e-9)


@given(st.lists(amounts, max_size=60))
def test_burn_is_the_mean_of_all_days_the_empty_ones_too(days: list[int]) -> None:
    found = burn_rate(days)
    assert found.n == len(days)
    assert found.value == (float(Fraction(sum(days), len(days))) if days else None)
    assert bool(found.reason) == (not days)


@given(samples, st.integers(0, 366), amounts, st.integers(0, 10**10))
def test_projection_is_its_plain_formula(days: list[int], left: int, so_far: int, certain: int) -> None:
    found = project(days, left, so_far, certain)
    n = len(days)
    half = oracle.t.ppf(0.975, n - 1) * stdev(days) * sqrt(left + left**2 / n)
    assert found.value is not None and found.low is not None and found.high is not None
    assert found.n == n and not found.reason and not found.missing
    assert abs(found.value - (so_far + certain + Fraction(sum(days) * left, n))) <= Fraction(1, 2)
    assert isclose(found.high - found.value, half, rel_tol=1e-9, abs_tol=1)
    if min(days) < 0:
        assert isclose(found.value - found.low, half, rel_tol=1e-9, abs_tol=1)


def test_one_day_more_is_the_textbooks_interval_for_the_next_observation() -> None:
    days = [51, 49, 50, 52, 48, 53, 47, 50]
    found = project([day * 10**6 for day in days], 1, 0)
    half = oracle.t.ppf(0.975, 7) * stdev(days) * sqrt(1 + 1 / 8)
    assert found.value == round(mean(days) * 10**6)
    assert found.high == pytest.approx((mean(days) + half) * 1e6, abs=1)


@given(costs, spans, st.integers(0, 10**12), st.integers(0, 10**10))
def test_what_is_spent_and_what_is_certain_is_never_projected_away(
    days: list[int], left: float, so_far: int, certain: int
) -> None:
    found = project(days, left, so_far, certain)
    assert found.low is not None and found.value is not None and found.high is not None
    assert so_far + certain <= found.low <= found.value <= found.high
    nothing_left = project(days, 0, so_far, certain)
    assert (nothing_left.low, nothing_left.value, nothing_left.high) == (so_far + certain,) * 3


@given(samples, spans, amounts, st.integers(0, 10**10))
def test_certain_charges_move_it_and_do_not_widen_it(days: list[int], left: float, so_far: int, certain: int) -> None:
    without, found = project(days, left, so_far), project(days, left, so_far, certain)
    assert found.value == (without.value or 0) + certain
    assert (found.high or 0) - found.value == (without.high or 0) - (without.value or 0)


@given(st.lists(amounts, max_size=LEAST - 1), spans)
def test_too_few_days_say_how_many_more(days: list[int], left: float) -> None:
    found = project(days, left, 5)
    assert (found.value, found.low, found.high, found.n) == (None, None, None, len(days))
    assert found.missing == LEAST - len(days) and f"{found.missing} more needed" in found.reason


def test_equal_days_leave_no_doubt() -> None:
    found = project([3_000_001] * 20, 10.5, 7)
    assert found.low == found.value == found.high == 7 + round(Fraction(3_000_001 * 21, 2))


def test_the_interval_holds_as_often_as_it_promises() -> None:
    random = Random(4)
    held = 0
    for _ in range(3000):
        days = [round(random.gauss(10e6, 3e6)) for _ in range(12)]
        found = project(days, 9, 0)
        truth = sum(random.gauss(10e6, 3e6) for _ in range(9))
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert 0.94 <= held / 3000 <= 0.96
