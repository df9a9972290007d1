"""Statistics of closed trades, one function per figure.

The unit of observation is the closed trade, net of all fees. What is undefined is None with the reason, never 0 or
infinity; every rate has its denominator and a 95 % interval. Definitions follow METRICS section 2 of the user guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed number. `value` None means undefined, and `reason` says why; `n` is its denominator's count."""

    value: float | None
    n: int
    reason: str = ""
    low: float | None = None
    high: float | None = None
    """Bounds of the 95 % interval, where the figure has one."""


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion, within [0, 1]. `n` above zero."""
    rate, spread = successes / n, z * z / n
    centre = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    # Exact where the interval ends in 0 or 1: float noise there would put the rate outside of it.
    return (centre - half if successes else 0.0), (centre + half if successes < n else 1.0)


def win_rate(wins: int, losses: int) -> Figure:
    """Return wins / (wins + losses); scratches stand apart. Wilson 95 % interval."""
    n = wins + losses
    if n == 0:
        return Figure(None, 0, "no trade was won or lost")
    low, high = wilson(wins, n)
    return Figure(wins / n, n, "", low, high)


def profit_factor(won: int, lost: int, trades: int) -> Figure:
    """Return Σ winning nets / |Σ losing nets|; `won` and `lost` (zero or less) in micro-dollars."""
    if trades == 0:
        return Figure(None, 0, "no closed trades")
    if lost == 0:
        return Figure(None, trades, "no losses" if won else "no wins and no losses")
    return Figure(won / -lost, trades)


def expectancy(trade_net: int, trades: int) -> Figure:
    """Return the mean net per closed trade, scratches included, in micro-dollars."""
    if trades == 0:
        return Figure(None, 0, "no closed trades")
    return Figure(trade_net / trades, trades)


def average_win(won: int, wins: int) -> Figure:
    """Return the mean net of the winning trades, micro-dollars."""
    return Figure(won / wins, wins) if wins else Figure(None, 0, "no wins")


def average_loss(lost: int, losses: int) -> Figure:
    """Return the mean net of the losing trades, micro-dollars, zero or less."""
    return Figure(lost / losses, losses) if losses else Figure(None, 0, "no losses")


def roi(trade_net: int, stake: int, trades: int, still_open: int = 0) -> Figure:
    """Return Σ net / Σ stake of closed trades: the yield on what was put at risk.

    Undefined while `still_open` trades have their stake in the sum and no result yet.
    """
    if still_open:
        return Figure(None, trades, f"{still_open:,} still open, their stake is in the sum")
    if stake <= 0:
        return Figure(None, trades, "no stake is stated")
    return Figure(trade_net / stake, trades)
