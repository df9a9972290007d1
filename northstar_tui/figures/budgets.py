"""Budgets: how far one is used, how far its period has gone, and where it will end.

A *ceiling* is for costs: less is better. A *target* is for net P&L: more is better. Amounts are micro-dollars.
"""

from __future__ import annotations

from dataclasses import dataclass

from northstar_tui.figures.spending import Projection

PERIODS = ("month", "quarter", "year", "week", "day")
"""How long a budget can run; each is a calendar period of the reporting zone."""
DIRECTIONS = ("ceiling", "target")
OK, AT_RISK, OVER, MET, MISSED = "ok", "at risk", "over", "met", "missed"
"""A budget's states. A ceiling is ok, at risk or over; a target ok, at risk, met or, its period once over, missed."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the operator set."""

    name: str
    amount: int
    """Micro-dollars, above zero."""
    period: str
    """One of PERIODS."""
    direction: str = "ceiling"
    """One of DIRECTIONS."""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Dimensions and the names kept: ``(("category", ("api",)),)``."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands."""

    actual: int
    """Spent so far (a ceiling), or the net so far (a target)."""
    left: int
    """Amount − actual: what may still be spent, or what is still to be earned. Below zero: passed."""
    used: float
    """Actual ÷ amount."""
    elapsed: float
    """The share of the period that has passed, 0 to 1."""
    even: int
    """What an even pace would have come to by now: amount × elapsed."""
    projection: Projection
    beyond: int | None
    """Projected − amount: above zero the ceiling is passed, the target reached. None where nothing is projected."""
    state: str


def pace(left: int, days: float) -> int | None:
    """Return what `left` comes to for each of the `days` left, micro-dollars; None where nothing, or no time, is left.

    A day that has begun counts by what is left of it; less than one counts as one.
    """
    return round(left / max(1.0, days)) if left > 0 and days > 0 else None


def standing(direction: str, amount: int, actual: int, elapsed: float, projection: Projection) -> Standing:
    """Return how a budget of `amount` (above zero) stands, `elapsed` of its period after its start.

    It is at risk where the projection ends on the wrong side of the amount; where nothing can be projected yet, where
    the actual is on the wrong side of an even pace.
    """
    even = round(amount * elapsed)
    beyond = None if projection.value is None else projection.value - amount
    expected = actual - even if beyond is None else beyond
    if direction == "ceiling":
        state = OVER if actual > amount else AT_RISK if expected > 0 and elapsed < 1 else OK
    elif actual >= amount:
        state = MET
    else:
        state = MISSED if elapsed >= 1 else AT_RISK if expected < 0 else OK
    return Standing(actual, amount - actual, actual / amount, elapsed, even, projection, beyond, state)
