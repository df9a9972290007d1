"""What costs come to: the burn rate, and the end of a period with its interval.

Amounts are integer micro-dollars by whole local days, days without any included: leaving those out would overstate
every mean. A charge that is known beforehand is certain; it is added, never extrapolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, sin, sqrt, tan

from northstar_tui.figures.trades import Figure

WINDOW = 28
"""Whole days before today that a mean is taken over: four weeks, in which every weekday weighs the same."""
LEAST = 7
"""Whole days from which on anything is extrapolated: a week has seen every weekday once."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a period will end, micro-dollars. `value` None: nothing can be said, and `reason` says why."""

    value: int | None
    low: int | None
    high: int | None
    """Bounds of the 95 % prediction interval."""
    n: int
    """Whole days that the mean and the spread are taken over."""
    reason: str = ""
    missing: int = 0
    """Whole days of evidence that are still needed; 0 where it is not for lack of them."""


def burn_rate(days: Sequence[int]) -> Figure:
    """Return the mean cost of a local day, micro-dollars; `days` are whole ones, those without a cost included."""
    if not days:
        return Figure(None, 0, "no whole day has passed since the first cost")
    return Figure(sum(days) / len(days), len(days))


def project(days: Sequence[int], left: float, so_far: int, certain: int = 0) -> Projection:
    """Return where a period will end: `so_far` + `certain` + what the `left` days (a part of today first) will bring.

    Each of those is taken to bring the mean of `days`, give or take Student's interval for the sum of future
    observations: t(0.975, n − 1) · s · √(left + left²/n), where s is the sample's deviation (Hahn and Meeker,
    Statistical Intervals, 1991, section 4.7). Days are taken to be independent of each other. Where no day ever
    brought less than nothing the interval begins no lower than what is certain already.
    """
    n = len(days)
    if n < LEAST:
        more = LEAST - n
        reason = f"{n} whole {'day' if n == 1 else 'days'} so far, {more} more needed"
        return Projection(None, None, None, n, reason, more)
    total = sum(days)
    known = so_far + certain
    value = known + round(Fraction(left) * total / n)
    half = round(student(n - 1) * _deviation(days) * sqrt(left + left * left / n))
    low = value - half
    if min(days) >= 0:
        low = max(low, known)
    return Projection(value, low, value + half, n)


def _deviation(days: Sequence[int]) -> float:
    """Return the sample's deviation, from exact sums: nothing cancels, and equal days have none at all."""
    n, total = len(days), sum(days)
    return sqrt((n * sum(day * day for day in days) - total * total) / (n * (n - 1)))


def student(freedom: int, confidence: float = 0.95) -> float:
    """Return t such that Student's |T| with `freedom` (1 or more) degrees of freedom is below it with `confidence`.

    Abramowitz and Stegun 26.7.3 and 26.7.4 give that probability as a finite sum; it grows with t, so halving finds t.
    """
    low, high = 0.0, pi / 2
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return tan((low + high) / 2) * sqrt(freedom)


def _within(angle: float, freedom: int) -> float:
    """Return the probability that |T| is below tan(`angle`) · √`freedom`."""
    odd = freedom % 2
    squared = cos(angle) ** 2
    term = cos(angle) if odd else 1.0
    found = 0.0
    for power in range(odd, freedom - 1, 2):  # cos θ + 2/3 cos³ θ + …, or 1 + 1/2 cos² θ + …
        found += term
        term *= squared * (power + 1) / (power + 2)
    found *= sin(angle)
    return 2 * (angle + found) / pi if odd else found
