"""What a settled market earned, said twice: by the settlement (formula A) and by the fills (formula B).

A: ``min(yes, no) × $1 + revenue − yes cost − no cost − fees``. Closing early is booked by Kalshi as buying the other
side; such pairs are paid a dollar each outside `revenue`, which can be nothing on a winner.
B: ``Σ ± count × (value − yes price) − Σ fees``, plus where the fills bought, minus where they sold. The venue pays
whole cents; what it cut off a fractional payout is taken as it was paid, so that B differs from A by missing or wrong
fills and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from northstar_tui.money import scaled
from northstar_tui.sources.kalshi.payload import Fill, Market, Settlement

SIGNS = {"bid": 1, "ask": -1}
"""Direction of a fill in YES contracts, by its book side."""
_CENT = Decimal("0.01")
_RESULTS = {"yes": Decimal(1), "no": Decimal(0)}
PRECISION = 60
"""Digits that sums of hostile numbers may need; nothing is rounded before the last step."""


@dataclass(slots=True)
class Tally:
    """What one subaccount's fills in one market add up to."""

    yes: Decimal = Decimal(0)
    """Contracts bought, at the YES price."""
    no: Decimal = Decimal(0)
    """Contracts sold at the YES price: bought of NO."""
    paid: Decimal = Decimal(0)
    """Σ ± count × YES price, dollars."""
    fees: Decimal = Decimal(0)
    opened_at: int | None = None
    side: str = ""
    """Side of the first fill: ``yes`` or ``no``."""
    seen: set[str] = field(default_factory=set)

    def add(self, fill: Fill) -> None:
        """Count `fill` once. One of unknown direction is not counted: the counts then do not reconcile."""
        sign = SIGNS.get(fill.book_side)
        if sign is None or fill.fill_id in self.seen:
            return
        self.seen.add(fill.fill_id)
        with localcontext(prec=PRECISION):
            if sign > 0:
                self.yes += fill.count_fp
            else:
                self.no += fill.count_fp
            self.paid += sign * fill.count_fp * fill.yes_price_dollars
            self.fees += fill.fee_cost
        if self.opened_at is None or fill.created_time < self.opened_at:
            self.opened_at, self.side = int(fill.created_time), "yes" if sign > 0 else "no"

    def complete(self, settlement: Settlement) -> bool:
        """Return whether these are all the fills that `settlement` settles: both counts agree."""
        return (self.yes, self.no) == (settlement.yes_count_fp, settlement.no_count_fp)


def net(settlement: Settlement) -> int:
    """Return what a settled market earned in micros, by formula A."""
    with localcontext(prec=PRECISION):
        pairs = min(settlement.yes_count_fp, settlement.no_count_fp)
        paid = settlement.yes_total_cost_dollars + settlement.no_total_cost_dollars + settlement.fee_cost
        return scaled(pairs + settlement.revenue * _CENT - paid)


def value(settlement: Settlement, market: Market | None) -> Decimal | None:
    """Return the dollars paid per YES, None where neither the settlement nor the market states it.

    A market states a scalar value more finely than whole cents.
    """
    said = None if settlement.value is None else settlement.value * _CENT
    finer = market.settlement_value_dollars if market else None
    if said is None:
        return finer if finer is not None else _RESULTS.get(settlement.market_result)
    return finer if finer is not None and abs(finer - said) < _CENT else said


def payout(settlement: Settlement, value: Decimal) -> Decimal:
    """Return what the net position was worth at `value` dollars per YES, in dollars."""
    with localcontext(prec=PRECISION):
        held = settlement.yes_count_fp - settlement.no_count_fp
        return abs(held) * (value if held > 0 else 1 - value)


def pays(settlement: Settlement, value: Decimal) -> bool:
    """Return whether `revenue` is what the net position was worth, to the cent that the venue pays in.

    A value in whole cents may itself have been rounded, but for the two ends.
    """
    with localcontext(prec=PRECISION):
        held = abs(settlement.yes_count_fp - settlement.no_count_fp)
        rounded = value not in (0, 1) and value == value.quantize(_CENT)
        most = _CENT * (1 + held) if rounded else _CENT
        return abs(settlement.revenue * _CENT - payout(settlement, value)) < most


def check_net(settlement: Settlement, value: Decimal, tally: Tally) -> int:
    """Return what the market earned in micros by formula B. Raises MoneyError beyond what one record may state."""
    with localcontext(prec=PRECISION):
        held = (tally.yes - tally.no) * value
        cut = settlement.revenue * _CENT - payout(settlement, value)
        return scaled(held - tally.paid - tally.fees + cut)
