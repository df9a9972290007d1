"""Since you last looked: the bridge from the total as it was to the total as it is, part by part, adding up exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from northstar_tui.ledger import queries
from northstar_tui.ledger.change import CLASSES, Change, Sum, change, event_at, fresh_entries
from northstar_tui.ledger.look import Look, last_look
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import Head, head

if TYPE_CHECKING:
    from northstar_tui.views.positions import PositionsView

HELD = "Open positions"
"""The part of a view that tells what is held."""
MARKS = "marks"
PARTS = (*CLASSES[:2], MARKS, "fees", *CLASSES[2:], "restatements", "rules")
"""Parts of the bridge in their order: trades before their fees, and then the fees."""
SHOWN = 500
"""Entries listed under one part; the rest are counted."""


class Part(NamedTuple):
    """One part of the bridge: micro-dollars, and of how many entries."""

    name: str
    """One of PARTS. ``marks`` is what open positions gained or lost beyond what is booked; ``restatements`` changed
    what was booked before; ``rules`` is what the config's rules did."""
    amount: int
    entries: int


class SinceView(NamedTuple):
    """What changed since a moment. `before` and the parts add up to `total`, to the micro-dollar."""

    head: Head
    now: int
    at: int
    """The moment, microseconds UTC."""
    event: int
    """The newest event at that moment."""
    because: str
    """Why from there: the operator's ``look``; the ``day``'s begin, before anybody looked; or it was ``asked``."""
    before: int
    """Net P&L of all time then, and what open positions were worth beyond it."""
    total: int
    """The same now."""
    held: int | None
    """What of `total` is in open positions, not in net P&L; None where there are none, or nobody asked for them."""
    parts: tuple[Part, ...]
    """Those that are not nothing, in the order of PARTS."""
    events: int
    """Events that came since."""
    told: bool = True
    """False where so many came that the parts would take long: there are none then, and `before` may be `net`."""

    @classmethod
    def untold(cls, top: Head, now: int) -> SinceView:
        """Return one that tells of no change."""
        return cls(top, now, now, top.event, "asked", top.net, top.net, None, (), 0, told=False)


class Moved(NamedTuple):
    """An entry, and by how much it changed the total since, micro-dollars."""

    id: int
    entry: Entry | None
    """None where the log makes none of it any more."""
    amount: int


def since(
    store: Store,
    now: int,
    look: Look | None = None,
    *,
    at: int | None = None,
    most: int | None = None,
    held: PositionsView | None = None,
    top: Head | None = None,
) -> SinceView:
    """Return what changed since the moment `at`, else since `look`, else since the operator looked last.

    Where nobody has looked yet it is the begin of the local day. Where more than `most` events came, it tells no parts.
    Open positions are told of where `held` is what is held now; `top` is the head of the screen, where it is known.
    """
    look = None if at is not None else look or last_look(store)
    because = "asked" if at is not None else "look" if look is not None else "day"
    if at is None:
        at = look.at if look is not None else store.calendar.bucket("day", now)
    top = top or head(store)
    newest, net = top.event, top.net
    event = event_at(store, at) if look is None else min(look.event, newest)
    events = newest - event
    if most is not None and events > most:
        before = look.net if look is not None else net
        return SinceView(top, now, at, event, because, before, net, None, (), events, told=False)
    found = change(store, event)
    parts = _parts(found)
    before = look.net if look is not None else net - sum(part.amount for part in parts)
    rules = net - before - sum(part.amount for part in parts)
    parts.append(Part("rules", rules, 0))
    was = worth = None
    if held is not None:
        was, worth = beyond(positions_at(store, now, at)), beyond(held)
        parts.insert(PARTS.index(MARKS), Part(MARKS, worth - was, held.totals.positions if worth != was else 0))
    shown = tuple(part for part in parts if part.amount or part.entries)
    return SinceView(
        head(store), now, at, event, because, before + (was or 0), net + (worth or 0), worth, shown, events
    )


def positions_at(store: Store, now: int, at: int | None = None) -> PositionsView | None:
    """Return what is held now, or was at `at`; None where nothing ever was. Loads what that takes only then."""
    if store.connection.execute("SELECT 1 FROM position LIMIT 1").fetchone() is None:
        return None
    from northstar_tui.views.positions import positions

    return positions(store, now, at)


def beyond(held: PositionsView | None) -> int:
    """Return what open positions are worth beyond what is booked: unrealised, and realised where nothing settled."""
    return held.totals.unrealised + held.totals.waiting if held is not None else 0


def _parts(found: Change) -> list[Part]:
    sums = {what: found.fresh.get(what, Sum()) for what in CLASSES}
    restated = Sum()
    for each in found.older:
        if each.before is None:
            gross, fees = each.after or (0, 0)
            sums[each.what] += Sum(1, int(fees != 0), gross, fees)
        else:
            restated += Sum(1, gross=each.net)
    trades = [sums[what] for what in CLASSES[:2]]
    paid = Part("fees", -sum(part.fees for part in trades), sum(part.charged for part in trades))
    return [
        *(Part(what, sums[what].gross, sums[what].entries) for what in CLASSES[:2]),
        paid,
        *(Part(what, sums[what].gross - sums[what].fees, sums[what].entries) for what in CLASSES[2:]),
        Part("restatements", restated.gross, restated.entries),
    ]


def moved(store: Store, event: int, part: str) -> tuple[Moved, ...]:
    """Return the entries under one part of the bridge since `event`, those said last first, at most SHOWN."""
    found = change(store, event)
    older = {each.id: each for each in found.older}
    if part == "restatements":
        ids = [each.id for each in found.older if each.before is not None]
    else:
        classes = CLASSES[:2] if part == "fees" else (part,) if part in CLASSES else ()
        ids = [each.id for each in found.older if each.what in classes and each.before is None]
        for what in classes:
            ids += fresh_entries(store, found, what, SHOWN, charged=part == "fees")
    rows = []
    for number in sorted(ids, reverse=True)[:SHOWN]:
        entry = queries.entry(store, number)
        amount = older[number].net if part == "restatements" else _amount(entry, part)
        if amount or part != "fees":
            rows.append(Moved(number, entry, amount))
    return tuple(rows)


def _amount(entry: Entry | None, part: str) -> int:
    if entry is None:
        return 0
    return -entry.fees if part == "fees" else entry.gross if part in CLASSES[:2] else entry.net
