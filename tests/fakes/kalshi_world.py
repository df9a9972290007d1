"""The small world that the fake Kalshi serves by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.kalshi_account import DAY, START

if TYPE_CHECKING:
    from tests.fakes.kalshi import KalshiFake


def small_world(fake: KalshiFake) -> None:
    """Trade a little of everything in the account: history, netting, NO, scalar, two subaccounts, open and resting."""
    fake.deposit(50_000, START - 200 * DAY)
    fake.cutoff = START - 60 * DAY
    fake.trade("KXHIGHNY-OLD-B50", "bid", "10.00", "0.4000", START - 100 * DAY)
    fake.settle("KXHIGHNY-OLD-B50", "1.0000", START - 50 * DAY)
    fake.trade("KXBTC15M-1-15", "bid", "2.00", "0.0060", START + 10, "0.011650")
    fake.trade("KXBTC15M-1-15", "ask", "2.00", "0.2000", START + 20, "0.011650")
    fake.settle("KXBTC15M-1-15", "0.0000", START + 900)
    fake.trade("KXMLBGAME-1-MIA", "ask", "12.50", "0.3300", START + 2 * DAY)
    fake.trade("KXMLBGAME-1-MIA", "bid", "3.25", "0.2900", START + 2 * DAY + 5)
    fake.settle("KXMLBGAME-1-MIA", "0.0000", START + 3 * DAY)
    fake.trade("KXSCALAR-1-X", "bid", "7.30", "0.5500", START + 3 * DAY)
    fake.settle("KXSCALAR-1-X", "0.3750", START + 4 * DAY, cents=37)
    fake.trade("KXHIGHNY-2-B60", "bid", "5.00", "0.6100", START + 4 * DAY, sub=2)
    fake.settle("KXHIGHNY-2-B60", "0.0000", START + 5 * DAY)
    fake.trade("KXNFLGAME-9-DET", "bid", "20.00", "0.4000", START + 5 * DAY)
    fake.trade("KXNFLGAME-9-DET", "ask", "5.00", "0.4400", START + 5 * DAY + 60, sub=2)
    fake.rest("KXNFLGAME-9-DET", "bid", "50.00", "0.3500", START + 5 * DAY)
    fake.deposit(-10_000, START + 6 * DAY)
