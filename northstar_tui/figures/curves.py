"""Equity and drawdown of a series of nets, one function per figure. METRICS section 3 of the user guide.

A series holds the net P&L of consecutive periods, oldest first, in integer micro-dollars. Equity begins at 0 before the
first of them (E_0), so a loss in the first period is a drawdown. Nothing here knows dates: a *point* is the number of
periods that have passed, 0 for E_0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A fall of equity below the highest it had been. Amounts in micro-dollars, times as points of the series."""

    depth: int
    """Equity at the trough less equity at the peak: zero or less."""
    peak: int
    """The last point before the trough at which equity came to its highest; it may stay there for a while."""
    trough: int
    """The first point at which it stood lowest since the peak."""
    recovery: int | None
    """The first point after the trough at which it stood as high as at the peak; None where it has not yet."""
    high: int
    """Equity at the peak."""
    low: int
    """Equity at the trough."""


def equity(nets: Sequence[int]) -> tuple[int, ...]:
    """Return the running sums of `nets`: equity at the end of each period. E_0 = 0 stands before the first."""
    return tuple(accumulate(nets))


def underwater(nets: Sequence[int]) -> tuple[int, ...]:
    """Return, at the end of each period, equity less the highest it had been until then, E_0 = 0 included."""
    found, level, high = [], 0, 0
    for net in nets:
        level += net
        high = max(high, level)
        found.append(level - high)
    return tuple(found)


def max_drawdown(nets: Sequence[int]) -> Drawdown | None:
    """Return the deepest drawdown of `nets`, the earliest of equals; None where equity never fell below its highest.

    Reference: the minimum over t of E_t − max over s ≤ t of E_s, E_0 = 0 included.
    """
    level = high = depth = peak = 0
    worst = None
    for point, net in enumerate(nets, 1):
        level += net
        if level >= high:
            high, peak = level, point if net else peak
        elif level - high < depth:
            depth = level - high
            worst = peak, point, high, level
    if worst is None:
        return None
    return _drawdown(nets, *worst)


def current_drawdown(nets: Sequence[int]) -> Drawdown | None:
    """Return the drawdown in which the series ends, from its last highest point; None where it ends at that."""
    level = high = peak = 0
    low = trough = 0
    for point, net in enumerate(nets, 1):
        level += net
        if level >= high:
            high, low, peak = level, level, point if net else peak
        elif level < low:
            low, trough = level, point
    return None if level == high else Drawdown(low - high, peak, trough, None, high, low)


def _drawdown(nets: Sequence[int], peak: int, trough: int, high: int, low: int) -> Drawdown:
    level, recovery = low, None
    for point in range(trough, len(nets)):
        level += nets[point]
        if level >= high:
            recovery = point + 1
            break
    return Drawdown(low - high, peak, trough, recovery, high, low)
