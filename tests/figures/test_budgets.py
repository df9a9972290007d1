"""How a budget stands: every state, and what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.figures.budgets import AT_RISK, DIRECTIONS, MET, MISSED, OK, OVER, pace, standing
from northstar_tui.figures.spending import Projection

UNKNOWN = Projection(None, None, None, 3, "3 whole days so far, 4 more needed", 4)


def ends(value: int) -> Projection:
    return Projection(value, value - 5, value + 5, 28)


@pytest.mark.parametrize(
    ("direction", "actual", "elapsed", "projection", "state"),
    [
        ("ceiling", 40, 0.5, ends(90), OK),
        ("ceiling", 40, 0.5, ends(100), OK),
        ("ceiling", 40, 0.5, ends(101), AT_RISK),
        ("ceiling", 101, 0.5, ends(101), OVER),
        ("ceiling", 100, 1.0, ends(100), OK),
        ("ceiling", 101, 1.0, UNKNOWN, OVER),
        ("ceiling", 99, 1.0, UNKNOWN, OK),
        ("ceiling", 51, 0.5, UNKNOWN, AT_RISK),
        ("ceiling", 50, 0.5, UNKNOWN, OK),
        ("ceiling", -3, 0.5, UNKNOWN, OK),
        ("target", 40, 0.5, ends(90), AT_RISK),
        ("target", 40, 0.5, ends(100), OK),
        ("target", 100, 0.5, ends(90), MET),
        ("target", 99, 1.0, ends(99), MISSED),
        ("target", 100, 1.0, UNKNOWN, MET),
        ("target", 50, 0.5, UNKNOWN, OK),
        ("target", 49, 0.5, UNKNOWN, AT_RISK),
        ("target", -9, 0.1, UNKNOWN, AT_RISK),
    ],
)
def test_states(direction: str, actual: int, elapsed: float, projection: Projection, state: str) -> None:
    assert standing(direction, 100, actual, elapsed, projection).state == state


amounts = st.integers(1, 10**15)


@given(st.sampled_from(DIRECTIONS), amounts, st.integers(-(10**15), 10**15), st.floats(0, 1), st.none() | amounts)
def test_its_figures_add_up(direction: str, amount: int, actual: int, elapsed: float, end: int | None) -> None:
    found = standing(direction, amount, actual, elapsed, UNKNOWN if end is None else ends(end))
    assert found.actual + found.left == amount
    assert found.used == actual / amount
    assert 0 <= found.even <= amount
    assert found.beyond == (None if end is None else end - amount)
    if direction == "ceiling":
        assert (found.state == OVER) == (actual > amount)
    else:
        assert (found.state == MET) == (actual >= amount)


@given(st.integers(1, 10**12), st.floats(0.01, 366))
def test_what_is_left_a_day_uses_up_what_is_left_and_no_more(left: int, days: float) -> None:
    each = pace(left, days)
    assert each is not None and abs(each * max(1.0, days) - left) <= days / 2 + 1
    assert pace(-left, days) is None and pace(0, days) is None and pace(left, 0.0) is None
