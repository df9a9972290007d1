"""How markets of one event can end: the worst, the best and the expected outcome of what is held of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from northstar_tui.figures.exact import UNIT


class Held(NamedTuple):
    """A position in one market that pays a dollar or nothing."""

    quantity: int
    cost: int
    chance: int | None
    """Probability of YES in 10⁻¹⁸; None where nobody quotes it."""


class Outcomes(NamedTuple):
    """What markets bring when they settle, in 10⁻³⁶ beyond their cost."""

    worst: int
    best: int
    expected: int | None
    """None where a chance is not known."""


def outcomes(held: Sequence[Held], *, exclusive: bool) -> Outcomes:
    """Return worst, best and expected outcome of markets that settle together.

    With `exclusive` at most one of them ends YES, and it can be that none does; else each may end either way, which
    bounds every other case.
    """
    no = [-each.cost if each.quantity > 0 else each.cost for each in held]
    yes = [lost + each.quantity * UNIT for lost, each in zip(no, held, strict=True)]
    if exclusive:
        ends = [sum(no), *(sum(no) - lost + won for lost, won in zip(no, yes, strict=True))]
        worst, best = min(ends), max(ends)
    else:
        worst, best = sum(map(min, no, yes)), sum(map(max, no, yes))
    expected: int | None = 0
    for lost, each in zip(no, held, strict=True):
        expected = None if expected is None or each.chance is None else expected + lost + each.quantity * each.chance
    return Outcomes(worst, best, expected)
