"""What a bet came to: the stated profit if there is one, else payout less stake, else the result and the odds.

Stake, payout and profit are three different things and stay apart. Statements that contradict each other are not
averaged or chosen between: the record is rejected, naming the columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from northstar_tui.errors import shown
from northstar_tui.money import MoneyError, decimal_text, scaled

CENT = 10_000
"""Columns that are rounded to cents each by itself may differ by this much, in micros."""
PENDING = "pending"
DECIDED = "decided"
"""Over, but how is for the money to say."""

_WORDS = {
    "win": ("win", "won", "w", "winner", "winning", "wins", "1", "1.0", "true", "yes", "y", "✅", "✓", "✔"),
    "loss": ("loss", "lost", "lose", "loser", "losing", "l", "0", "0.0", "false", "no", "n", "❌", "✗"),
    "push": ("push", "pushed", "tie", "tied", "stake returned", "returned"),
    "void": ("void", "voided", "cancelled", "canceled", "refund", "refunded", "no action", "abandoned", "postponed",
    "nr"),
    "cashout": ("cashout", "cash out", "cashed out", "cashed", "early cashout"),
    "half-win": ("half win", "half won", "won half", "win half", "halfwin", "1/2 win", "0.5"),
    "half-loss": ("half loss", "half lost", "lost half", "loss half", "lose half", "halfloss", "1/2 loss", "-0.5"),
    PENDING: ("pending", "open", "unsettled", "active", "placed", "live", "in play", "running", "not settled",
    "ungraded",
              "accepted", "upcoming", "unresulted"),
    DECIDED: ("settled", "graded", "closed", "complete", "completed", "resulted", "paid"),
}  # fmt: skip
RESULTS = {word: result for result, words in _WORDS.items() for word in words}
"""What books and people write for a bet's state, in lower case, to ours."""


class BetError(ValueError):
    """A bet whose statements do not make sense: `field` names the column, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Stated:
    """What a record states; amounts in micros of its currency, None where it states none."""

    result: str | None
    stake: int | None
    payout: int | None
    profit: int | None
    fees: int
    odds: Decimal | None


def result_of(text: str) -> str | None:
    """Return the result that `text` states, None for an empty text. Raises BetError for an unknown word."""
    word = " ".join(text.lower().replace("_", " ").replace("-", " ").split()) if len(text) > 4 else text.strip().lower()
    if not word:
        return None
    found = RESULTS.get(word) or RESULTS.get(word.removeprefix("settled ").removeprefix("bet "))
    if found is None:
        raise BetError(
            "result",
            f"{shown(text)!r} is no known result; write win, loss, push, void, cashout, half win, half loss or pending",
        )
    return found


def is_pending(stated: Stated, has_result: bool) -> bool:
    """Return whether the bet is still open. Without a result it is, unless money says otherwise.

    Logs write 0 for the payout and profit of open bets, so a zero beside an empty result says nothing.
    """
    if stated.result is not None:
        return stated.result == PENDING
    if has_result:
        return not stated.profit and not stated.payout
    return stated.profit is None and stated.payout is None


def net_of(stated: Stated) -> int:
    """Return what a decided bet came to after fees, in micros. Raises BetError."""
    if stated.profit is not None:
        _agree(stated, stated.profit)
        return stated.profit
    if stated.payout is not None and stated.stake is not None:
        return _from_payout(stated, stated.payout, stated.stake)
    return _from_odds(stated)


def _agree(stated: Stated, profit: int) -> None:
    """Raise BetError where the stated profit contradicts the payout and stake, or the result."""
    if stated.payout is not None and stated.stake is not None and stated.result not in ("push", "void"):
        expected = stated.payout - stated.stake
        if min(abs(profit - expected), abs(profit - expected + stated.fees)) > CENT:
            raise BetError(
                "profit",
                f"stake {decimal_text(stated.stake)}, payout {decimal_text(stated.payout)} and profit "
                f"{decimal_text(profit)} contradict each other; correct the file, or leave one of the columns out",
            )
    allowed = CENT + abs(stated.fees)
    wrong = (
        (stated.result == "win" and profit < -allowed)
        or (stated.result == "loss" and profit > 0)
        or (stated.result in ("push", "void") and abs(profit) > allowed)
    )
    if wrong:
        raise BetError(
            "profit",
            f"the result says {stated.result} but the profit is {decimal_text(profit)}; "
            "correct the file, or map the column that holds the signed profit",
        )


def _from_payout(stated: Stated, payout: int, stake: int) -> int:
    if stated.result in ("push", "void"):
        if payout and abs(payout - stake) > CENT:
            raise BetError("payout", f"a {stated.result} returns the stake, but the payout is {decimal_text(payout)}")
        return 0
    if stated.result == "loss" and payout - stake > CENT:
        raise BetError("payout", f"the result says loss but the payout is {decimal_text(payout)}; correct the file")
    if stated.result == "win" and _only_winnings(stated, payout, stake):
        raise BetError(
            "payout",
            f"a win pays more than {decimal_text(payout)} on a stake of {decimal_text(stake)}; if the column omits "
            "the stake, name it profit under [formats.NAME] columns in the config (of a bonus bet, state the profit)",
        )
    return payout - stake


def _only_winnings(stated: Stated, payout: int, stake: int) -> bool:
    """Return whether a win's payout is below its stake, or just what the odds win on top of the stake."""
    if payout < stake:
        return True
    if stated.odds is None:
        return False
    return abs(payout - scaled(stake * (stated.odds - 1), 1)) <= CENT < abs(payout - scaled(stake * stated.odds, 1))


def _from_odds(stated: Stated) -> int:
    result, stake = stated.result, stated.stake
    if result in ("push", "void"):
        return 0
    if stake is None:
        raise BetError("stake", "neither a profit nor a stake is stated")
    if result in ("loss", "half-loss"):
        return -(stake if result == "loss" else scaled(Decimal(stake) / 2, 1)) - stated.fees
    if result in ("win", "half-win"):
        if stated.odds is None:
            raise BetError("odds", "a win without a profit, payout or odds: what it won cannot be known")
        try:
            won = scaled(stake * (stated.odds - 1) / (1 if result == "win" else 2), 1)
        except MoneyError as error:
            raise BetError("odds", str(error)) from None
        return won - stated.fees
    raise BetError("payout", f"a bet that is {result or DECIDED} states neither its profit nor its payout")
