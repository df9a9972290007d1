"""The plain-text twin of the positions screen, and of one position's."""

from __future__ import annotations

from collections.abc import Sequence

from northstar_tui.calendar import Calendar
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.views.holdings import PositionRow
from northstar_tui.views.plain import moment, severity, sign, signed, table
from northstar_tui.views.position import PositionView
from northstar_tui.views.position_words import (
    after_words,
    doubts_words,
    excluded_words,
    exclusive_words,
    formula_words,
    held_quantity,
    held_words,
    locked_words,
    mark_words,
    nothing_words,
    price_paid,
    reported_words,
    waiting_words,
)
from northstar_tui.views.positions import PositionsView
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
    parts += ["", *_totals(view)]
    if view.locked:
        parts += [
            "",
            "Locked, by when it settles: " + ", ".join(f"{each.when} {locked_words(each)}" for each in view.locked),
        ]
    if view.groups:
        rows = [
            (g.name, f"{g.markets}", exclusive_words(g.exclusive), dollars(g.worst, plus=True),
             NONE if g.expected is None else dollars(g.expected, plus=True), dollars(g.best, plus=True))
            for g in view.groups
        ]  # fmt: skip
        parts += ["", table(("EVENT", "MARKETS", "CAN END YES", "WORST", "EXPECTED", "BEST"), rows, "<><>>>")]
    if view.waiting:
        rows = [
            (w.instrument, moment(calendar, w.closed_at), dollars(w.gross, plus=True), dollars(w.fees), signed(w.net),
             w.account)
            for w in view.waiting
        ]  # fmt: skip
        parts += ["", table(("NOT SETTLED", "CLOSED", "REALISED", "FEES", "NET", "ACCOUNT"), rows, "<<>>><")]
    parts += [f"{severity(severe=doubt.severe)} {doubt.text}" for doubt in doubts_words(view, calendar)]
    return "\n".join(parts)


def _row(row: PositionRow, view: PositionsView, calendar: Calendar) -> tuple[str, ...]:
    moment_ = view.now if view.at is None else view.at
    bet = row.entry is not None
    return (
        (row.title or row.instrument) if bet else row.instrument,
        row.side,
        held_quantity(row),
        price_paid(row),
        price_words(row.mark) if row.mark is not None or bet else f"{NONE} {row.why}",
        NONE if row.marked_at is None else ago(moment_, row.marked_at),
        NONE if row.unrealised is None else signed(row.unrealised),
        NONE if row.locked is None else dollars(row.locked),
        row.overdue or (NONE if row.expected_at is None else f"{calendar.local(row.expected_at):%Y-%m-%d %H:%M}"),
        row.book,
        row.category,
        row.account,
    )


def _fees(paid: int | None) -> str:
    return NONE if paid is None else dollars(paid)


def _totals(view: PositionsView) -> list[str]:
    """Return the sums, a line each. None of them is in net P&L, and they say so."""
    totals = view.totals
    unrealised = signed(totals.unrealised) if totals.positions > totals.excluded else NONE
    excluded = f" {excluded_words(view)}" if totals.excluded else ""
    unlocked = f" excl. {counted(totals.unlocked, 'position', 'positions')}" if totals.unlocked else ""
    lines = [f"{held_words(totals)}: unrealised {unrealised}{excluded}; locked {dollars(totals.locked)}{unlocked}"]
    if totals.markets:
        realised = f"realised so far in {waiting_words(totals)}, after fees: {signed(totals.waiting)}"
        lines.append(f"{realised}; not in P&L yet")
    return lines


# -- one position ------------------------------------------------------------------------------------------------------


def position_text(view: PositionView, calendar: Calendar) -> str:
    """Return a position's arithmetic, its cycles and its fills."""
    parts = [" · ".join(safe(part) for part in (view.instrument, view.title, view.account) if part)]
    parts += [f"  {line}" for line in why_text(view, calendar)]
    cycles = [
        (f"{c.number}", c.side, moment(calendar, c.opened_at), moment(calendar, c.closed_at), f"{c.fills:,}",
         NONE if c.gross is None else dollars(c.gross, plus=True), _fees(c.fees),
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
            _fees(step.fees), NONE if step.realised is None else signed(step.realised),
            after_words(step.after, step.side), price_words(step.average) if step.average is not None else "",
            f"{step.cycle}", f"{step.event}",
        )
        for step in view.steps
    ]  # fmt: skip


def why_text(view: PositionView, calendar: Calendar) -> list[str]:
    """Return why the unrealised gain is what it is: the formula, its numbers, and whether the fills make them."""
    row = view.row
    if row is None:
        return ["flat: nothing is held" + (" now" if view.at is None else " then")]
    cost = NONE if row.cost is None else dollars(row.cost)
    lines = [
        f"held {quantity_words(row.quantity)} {row.side}, average cost {price_words(row.average)}, cost {cost}, "
        f"fees so far {_fees(row.fees)}",
    ]
    formula = formula_words(row)
    if formula is None or row.unrealised is None:
        lines.append(f"unrealised {NONE}: {row.why}")
    else:
        lines += [f"unrealised {signed(row.unrealised)} = {formula[0]}", f"= {formula[1]}; before fees, not in P&L"]
    mark = mark_words(row, view.now if view.at is None else view.at)
    lines += [f"mark {mark}"] if mark else []
    if row.expected_at is not None:
        lines.append(f"expected to settle {moment(calendar, row.expected_at)}")
    if row.overdue:
        lines.append(f"{sign('overdue')} {row.overdue}, and it is still open")
    if row.reported is not None:
        lines.append(f"{sign('differs')} {reported_words(row)}")
    proof = "✓ the fills add up to it, exactly" if view.proved else "✗ the fills do NOT make it: run northstar verify"
    return [*lines, proof]
