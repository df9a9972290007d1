"""The bets a source's mails announced, so that a later mail's ``Lakers ML: won`` finds its bet, stake and odds.

Kept in the cursor, so it is stored in the transaction of the mails it comes from. Reading a mail again changes nothing:
a bet remembers which mail settled it, and that mail finds it again.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

KEPT = 2_000
"""Bets remembered. Beyond them the settled ones that nothing was said of for longest go first, then open ones."""


class Bet(msgspec.Struct, array_like=True):
    """One announced bet. Money in micros of its currency, times in microseconds UTC."""

    key: str
    match: str
    """Digest of its market and pick."""
    day: str
    """ISO date it was announced on, or is stated for."""
    at: int
    stake: int | None = None
    odds: str | None = None
    currency: str | None = None
    by: str = ""
    """Identity of the mail that settled it; empty while open."""
    closed: int = 0
    net: int = 0


class Memory:
    """The announced bets of one source, the longest unmentioned first."""

    def __init__(self, bets: Iterable[Bet] = ()) -> None:
        self._bets: dict[str, Bet] = {bet.key: bet for bet in bets}

    def bets(self) -> list[Bet]:
        """Return what the cursor keeps."""
        surplus = len(self._bets) - KEPT
        for settled in (True, False):
            if surplus > 0:
                gone = [key for key, bet in self._bets.items() if bool(bet.by) == settled][:surplus]
                for key in gone:
                    del self._bets[key]
                surplus -= len(gone)
        return list(self._bets.values())

    def get(self, key: str) -> Bet | None:
        """Return the bet of `key`."""
        return self._bets.get(key)

    def put(self, bet: Bet) -> None:
        """Remember `bet`, as the one mentioned last."""
        self._bets.pop(bet.key, None)
        self._bets[bet.key] = bet

    def like(self, match: str, until: int) -> list[Bet]:
        """Return the bets in a market and pick that were announced until an instant."""
        return [bet for bet in self._bets.values() if bet.match == match and bet.at <= until]
