"""The plain-text twin of the positions screen, and of one position's."""

from __future__ import annotations

from collections.abc import Sequence

from northstar_tui.calendar import Calendar
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.views.holdings import NOTHING, PositionRow
from northstar_tui.views.plain import moment, signed, table
from northstar_tui.views.position import PositionView
from northstar_tui.views.positions import PositionsView, Totals
from northstar_tui.views.words import NONE, ago, counted, price_words, quantity_words

_HEADERS = (
    "INSTRUMENT", "SIDE", "QTY", "AVG COST", "MARK", "MARK AGE", "UNREALISED", "LOCKED", "SETTLES", "BOOK", "CATEGORY",
    "ACCOUNT",
)  # fmt: skip


def positions_text(view: PositionsView, calendar: Calendar) -> str:
    """Return what is held, when its money comes back, how events can end, and what is doubtful."""
    if not view.rows and not view.differences and not view.totals.markets:
        return nothing_words(view)
    headers = tuple("FIFO COST" if name == "AVG COST" and view.fifo else name for name in _HEADERS)
    parts = []
    if view.rows:
        shown = [_row(row, view, calendar) for row in view.rows]
        parts.append(table(headers, shown, "<<>>>>>><<<<"))
    parts += ["", *totals_words(view.totals)]
    if view.locked:
        parts += ["", "Locked, by when it settles: " + ", ".join(locked_words(view))]
    if view.groups:
        rows = [
            (g.name, f"{g.markets}", exclusive_words(g.exclusive), dollars(g.worst, plus=True),
             NONE if g.expected is None else dollars(g.expected, plus=True), dollars(g.best, plus=True))
            for g in view.groups
        ]  # fmt: skip
        parts += ["", table(("EVENT", "MARKETS", "ENDING YES", "WORST", "EXPECTED", "BEST"), rows, "<><>>>")]
    return "\n".join([*parts, *doubts_words(view, calendar)])


def _row(row: PositionRow, view: PositionsView, calendar: Calendar) -> tuple[str, ...]:
    moment_ = view.now if view.at is None else view.at
    bet = row.entry is not None
    return (
        (row.title or row.instrument) if bet else row.instrument,
        row.side,
        row.odds or NONE if bet else quantity_words(row.quantity),
        price_words(row.average),
        price_words(row.mark) if row.mark is not None or bet else f"{NONE} {row.why}",
        NONE if row.marked_at is None else ago(moment_, row.marked_at),
        NONE if row.unrealised is None else signed(row.unrealised),
        NONE if row.locked is None else dollars(row.locked),
        row.overdue or (NONE if row.expected_at is None else f"{calendar.local(row.expected_at):%Y-%m-%d %H:%M}"),
        row.book,
        row.category,
        row.account,
    )


def totals_words(totals: Totals) -> list[str]:
    """Return the sums in words, a line each. None of them is in net P&L, and they say so."""
    excluded = f" excl. {counted(totals.excluded, 'position', 'positions')}" if totals.excluded else ""
    known = totals.positions - totals.excluded
    unrealised = signed(totals.unrealised) if known else NONE
    unlocked = f" excl. {counted(totals.unlocked, 'position', 'positions')}" if totals.unlocked else ""
    held = [counted(totals.positions, "position", "positions")] if totals.positions or not totals.bets else []
    held += [counted(totals.bets, "open bet", "open bets")] if totals.bets else []
    lines = [f"{' and '.join(held)}: unrealised {unrealised}{excluded}, locked {dollars(totals.locked)}{unlocked}"]
    if totals.markets:
        markets = counted(totals.markets, "market", "markets")
        lines.append(f"realised so far in {markets} not settled, fees off: {signed(totals.waiting)}; not in P&L yet")
    return lines


def locked_words(view: PositionsView) -> list[str]:
    """Return what is locked by when it settles: ``today $62.10 (3)``."""
    found = []
    for each in view.locked:
        amount = dollars(each.amount) if each.positions > each.unknown else NONE
        found.append(f"{each.when} {amount} ({each.positions})")
    return found


def exclusive_words(exclusive: bool | None) -> str:
    """Return whether markets of an event exclude each other."""
    return {True: "at most one", False: "any", None: "any, not known"}[exclusive]


def doubts_words(view: PositionsView, calendar: Calendar) -> list[str]:
    """Return what is doubtful, a line each; nothing where nothing is."""
    found = []
    for each in view.differences:
        said = NOTHING if each.reported is None else quantity_words(each.reported)
        when = "" if each.at is None else f" ({moment(calendar, each.at)})"
        found.append(
            f"! {safe(each.instrument)}: the fills make {quantity_words(each.held)}, {safe(each.account)} reports "
            f"{said}{when}"
        )
    overdue = [row for row in view.rows if row.overdue]
    found += [f"! {safe(row.instrument)}: {row.overdue}, and it is still open" for row in overdue]
    if view.totals.broken:
        what = counted(view.totals.broken, "position has", "positions have")
        found.append(f"! {what} no known cost: fills are missing; import or sync what came before")
    if view.unreadable:
        found.append(
            f"! {counted(view.unreadable, 'fill', 'fills')} cannot be read, and move nothing: northstar events"
        )
    if not view.bets_told:
        found.append("! too many bets have closed since then to tell which were open")
    return found


def nothing_words(view: PositionsView) -> str:
    """Return why there is nothing to show."""
    if view.where or view.search:
        return "no position matches the filter"
    then = "now" if view.at is None else "then"
    return f"nothing is held {then}: positions come from fills (northstar sync kalshi, hyperliquid) and open bets"


# -- one position ------------------------------------------------------------------------------------------------------


def position_text(view: PositionView, calendar: Calendar) -> str:
    """Return a position's arithmetic, its cycles and its fills."""
    parts = [" · ".join(safe(part) for part in (view.instrument, view.title, view.account) if part)]
    parts += [f"  {line}" for line in why_words(view, calendar)]
    cycles = [
        (f"{c.number}", c.side, moment(calendar, c.opened_at), moment(calendar, c.closed_at), f"{c.fills:,}",
         NONE if c.gross is None else dollars(c.gross, plus=True), dollars(c.fees),
         c.broken or (NONE if c.net is None else signed(c.net)))
        for c in view.cycles
    ]  # fmt: skip
    parts += ["", table(("CYCLE", "SIDE", "OPENED", "CLOSED", "FILLS", "REALISED", "FEES", "NET"), cycles, "><<<>>>>")]
    price = "YES PRICE" if view.pays else "PRICE"
    headers = ("TIME", "", "QTY", price, "FEES", "REALISED", "THEN HELD", "AVG COST", "CYCLE", "EVENT")
    parts += ["", table(headers, steps_rows(view, calendar), "<<>>>>>>>>")]
    if view.fills > len([step for step in view.steps if step.what in ("buy", "sell")]):
        parts.append(f"… of {view.fills:,} fills")
    return "\n".join(parts)


def steps_rows(view: PositionView, calendar: Calendar) -> Sequence[tuple[str, ...]]:
    """Return a position's fills as cells."""
    return [
        (
            moment(calendar, step.at), step.what, quantity_words(step.quantity), price_words(step.price),
            dollars(step.fees), NONE if step.realised is None else signed(step.realised),
            after_words(step.after, step.side), price_words(step.average) if step.average is not None else "",
            f"{step.cycle}", f"{step.event}",
        )
        for step in view.steps
    ]  # fmt: skip


def after_words(quantity: str, side: str) -> str:
    """Return what is held after a fill: ``6 yes``, ``flat``; empty where a later fill of the instant says it."""
    if not quantity:
        return ""
    return f"{quantity_words(quantity)} {side}" if side else "flat"


def why_words(view: PositionView, calendar: Calendar) -> list[str]:
    """Return why the unrealised gain is what it is: the formula, its numbers, and whether the fills make them."""
    row = view.row
    if row is None:
        return ["flat: nothing is held" + (" now" if view.at is None else " then")]
    moment_ = view.now if view.at is None else view.at
    held = f"{quantity_words(row.quantity)} {row.side}"
    cost = NONE if row.cost is None else dollars(row.cost)
    lines = [f"held {held}, average cost {price_words(row.average)}, cost {cost}, fees so far {dollars(row.fees)}"]
    if row.mark is None or row.average is None or row.unrealised is None:
        lines.append(f"unrealised {NONE}: {row.why or 'the mark is not known'}")
    else:
        first, second = ("average cost", "mark") if row.side == "short" else ("mark", "average cost")
        one, two = (row.average, row.mark) if row.side == "short" else (row.mark, row.average)
        lines += [
            f"unrealised {signed(row.unrealised)} = ({first} − {second}) × quantity",
            f"= ({price_words(one)} − {price_words(two)}) × {quantity_words(row.quantity)}; before fees, not in P&L",
        ]
    if row.mark is not None and row.marked_at is not None:
        policy = "what selling it now gets" if row.side != "short" else "what buying it back now costs"
        lines.append(f"mark {price_words(row.mark)}: {policy}, known to hold {ago(moment_, row.marked_at)} ago")
    if row.expected_at is not None:
        lines.append(f"expected to settle {moment(calendar, row.expected_at)}")
    if row.overdue:
        lines.append(f"! {row.overdue}, and it is still open")
    if row.reported is not None:
        lines.append(f"! the venue reports {row.reported}")
    mark = "✓ the fills add up to it, exactly" if view.proved else "✗ the fills do NOT make it: run northstar verify"
    return [*lines, mark]
