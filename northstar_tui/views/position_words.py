"""Words about positions that the screen and its plain-text twin share."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from northstar_tui.calendar import Calendar
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.views.holdings import NOTHING, PositionRow
from northstar_tui.views.positions import Difference, Locked, PositionsView, Totals
from northstar_tui.views.words import NONE, ago, counted, is_severe, price_words, quantity_words


def excluded_words(view: PositionsView) -> str:
    """Return how many positions are not in the unrealised total, and why: ``excl. 2 positions: stale (2)``."""
    whys = Counter(row.why for row in view.rows if row.entry is None and row.unrealised is None)
    if not whys:
        return ""
    reasons = ", ".join(f"{why} ({many})" for why, many in whys.most_common())
    return f"excl. {counted(sum(whys.values()), 'position', 'positions')}: {reasons}"


def held_words(totals: Totals) -> str:
    """Return how much is held: ``12 positions and 2 open bets``."""
    parts = [counted(totals.positions, "position", "positions")] if totals.positions or not totals.bets else []
    parts += [counted(totals.bets, "open bet", "open bets")] if totals.bets else []
    return " and ".join(parts)


def waiting_words(totals: Totals) -> str:
    """Return where something was realised that is not in P&L yet: ``11 markets (12 cycles) not settled``."""
    cycles = f" ({counted(totals.cycles, 'cycle', 'cycles')})" if totals.cycles != totals.markets else ""
    return f"{counted(totals.markets, 'market', 'markets')}{cycles} not settled"


def locked_words(each: Locked) -> str:
    """Return what is locked within one stretch of time: ``$62.10 (3)``."""
    return f"{dollars(each.amount) if each.positions > each.unknown else NONE} ({each.positions})"


def exclusive_words(exclusive: bool | None) -> str:
    """Return how many markets of an event can end YES."""
    return {True: "at most one", False: "any", None: "any, not known"}[exclusive]


class Doubt(NamedTuple):
    """Something doubtful among the positions."""

    text: str
    """Safe to show."""
    severe: bool
    """As `is_severe` says it."""


def doubts_words(view: PositionsView, calendar: Calendar) -> list[Doubt]:
    """Return what is doubtful, a line each; nothing where nothing is."""
    found: list[tuple[str, str]] = []
    for each in view.differences:
        when = "" if each.at is None else f" ({calendar.local(each.at):%d %b %Y %H:%M})"
        found.append(("differs", safe(f"{each.instrument}: {difference_words(each)}") + when))
    for row in view.rows:
        if row.overdue:
            found.append(("overdue", f"{safe(row.instrument)}: {row.overdue}, and it is still open"))
    if view.totals.broken:
        what = counted(view.totals.broken, "position has", "positions have")
        found.append(("broken", f"{what} no known cost: fills are missing; import or sync what came before"))
    if view.unreadable:
        what = counted(view.unreadable, "fill", "fills")
        found.append(("unreadable", f"{what} cannot be read, and move nothing: northstar events"))
    if not view.bets_told:
        found.append(("untold", "too many bets have closed since then to tell which were open"))
    return [Doubt(text, is_severe(kind)) for kind, text in found]


def doubts_summary(view: PositionsView) -> str:
    """Return how many doubts there are, by kind: ``2 differ from the venue, 1 overdue``."""
    differ = len(view.differences)
    counts = (
        (differ, "differs from the venue" if differ == 1 else "differ from the venue"),
        (sum(bool(row.overdue) for row in view.rows), "overdue"),
        (view.totals.broken, "without a cost: fills are missing"),
        (view.unreadable, "fills unreadable"),
        (not view.bets_told, "day with too many bets to tell"),
    )
    return ", ".join(f"{many:,} {what}" for many, what in counts if many)


def nothing_words(view: PositionsView) -> str:
    """Return why there is nothing to show."""
    if view.where or view.search:
        return "no position matches the filter"
    then = "now" if view.at is None else "then"
    return f"nothing is held {then}: positions come from fills (northstar sync kalshi, hyperliquid) and open bets"


def sided_words(quantity: str, *, pays: bool) -> str:
    """Return a signed decimal quantity as people say it: ``22 no``, ``0.5 long``, ``nothing``."""
    if quantity == "0":
        return NOTHING
    short = quantity.startswith("-")
    return f"{quantity_words(quantity.lstrip('-'))} {(('yes', 'no') if pays else ('long', 'short'))[short]}"


def difference_words(each: Difference) -> str:
    """Return what the fills make and what the venue reports instead."""
    said = NOTHING if each.reported is None else sided_words(each.reported, pays=each.pays)
    return f"the fills make {sided_words(each.held, pays=each.pays)}, {each.account} reports {said}"


def reported_words(row: PositionRow) -> str:
    """Return that a position's venue reports another quantity than its fills make."""
    pays = row.side in ("yes", "no")
    said = NOTHING if row.reported in (None, NOTHING) else sided_words(row.reported or "", pays=pays)
    return f"the fills make {quantity_words(row.quantity)} {row.side}, the venue reports {said}"


def after_words(quantity: str, side: str) -> str:
    """Return what is held after a fill: ``6 yes``, ``flat``; empty where a later fill of the instant says it."""
    if not quantity:
        return ""
    return f"{quantity_words(quantity)} {side}" if side else "flat"


def formula_words(row: PositionRow) -> tuple[str, str] | None:
    """Return how what is unrealised is computed, in names and in numbers; None where it is not known."""
    if row.mark is None or row.average is None or row.unrealised is None:
        return None
    names, numbers = ("mark", "average cost"), (row.mark, row.average)
    if row.side == "short":
        names, numbers = names[::-1], numbers[::-1]
    one, two = map(price_words, numbers)
    return f"({names[0]} − {names[1]}) × quantity", f"({one} − {two}) × {quantity_words(row.quantity)}"


def held_quantity(row: PositionRow) -> str:
    """Return how much of it is held; a bet has a stake and no quantity."""
    return NONE if row.entry is not None else quantity_words(row.quantity)


def price_paid(row: PositionRow) -> str:
    """Return what one of it cost, of a bet the odds that it was taken at; ``?`` where fills are missing."""
    if row.entry is not None:
        return f"odds {safe(row.odds)}" if row.odds else NONE
    return "?" if row.average is None else price_words(row.average)


def mark_words(row: PositionRow, now: int) -> str:
    """Return what a position's mark is, and how old: empty without one."""
    if row.mark is None or row.marked_at is None:
        return ""
    policy = "what buying it back costs" if row.side == "short" else "what selling it gets"
    return f"{price_words(row.mark)}, {policy}, {ago(now, row.marked_at)} old"
