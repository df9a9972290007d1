"""One position: every cycle of it from flat to flat, every fill with what it did, and why its unrealised gain is so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from northstar_tui.figures.exact import MICRO, UNIT, text
from northstar_tui.figures.positions import Fifo, Fill, Settlement, State, fold
from northstar_tui.ledger import held
from northstar_tui.ledger.held import Holding, Version
from northstar_tui.ledger.positions import Key
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import Head, ViewError, head
from northstar_tui.views.holdings import PositionRow, account_name, in_dollars, position_row

Usd = Callable[[int | None], int | None]
MOST = 5_000
"""Fills that are shown, the newest; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A position from flat to flat. Money is micro-dollars; None where fills are missing, or there is no rate."""

    number: int
    side: str
    """``yes`` or ``no``, ``long`` or ``short``."""
    opened_at: int
    closed_at: int | None
    """None while it is open."""
    gross: int | None
    fees: int | None
    net: int | None
    fills: int
    broken: str
    booked: bool
    """Whether its fills bear entries; else P&L has its result when the market settles."""


@dataclass(frozen=True, slots=True)
class Step:
    """One fill, or the settlement, and the position after the instant it was at. Prices are decimal texts."""

    at: int
    what: str
    """``buy``, ``sell``, ``settled`` or ``void``."""
    quantity: str
    """Decimal, without a sign."""
    price: str | None
    """Of one contract; of YES where there is NO. None where it was returned at cost."""
    fees: int | None
    event: int
    cycle: int
    side: str
    """Of the position after it; empty where it is flat, or where a later fill of the instant shows it."""
    after: str
    """Quantity held after the instant, without a sign; empty where a later fill of the instant shows it."""
    average: str | None
    """Average cost of the held side after the instant."""
    realised: int | None
    """By the whole instant, before fees, micro-dollars; None where it realised nothing or it is not known."""


@dataclass(frozen=True, slots=True)
class PositionView:
    """One account's holding of one instrument."""

    head: Head
    now: int
    at: int | None
    """The past moment it is shown at; None for now."""
    fifo: bool
    """Whether the open position's cost is first in, first out."""
    key: Key
    source: str
    subaccount: int
    instrument: str
    title: str
    pays: bool
    row: PositionRow | None
    """The open position; None where it is flat."""
    proved: bool
    """Whether the fills read one by one make what is stored of the open cycle by average cost, to the last digit."""
    cycles: tuple[Cycle, ...]
    """Newest first."""
    steps: tuple[Step, ...]
    """Newest first, at most MOST."""
    fills: int
    """How many there are in all."""

    @property
    def account(self) -> str:
        """As `account_name` says it."""
        return account_name(self.source, self.subaccount)


def position(store: Store, now: int, key: Key, at: int | None = None, *, fifo: bool = False) -> PositionView:
    """Return what there ever was of a holding, and how it stood at the past moment `at`. Raises ViewError for none."""
    ended = held.cycles(store, key)
    if not ended:
        raise ViewError("the log no longer makes a position here", "northstar positions lists what is held")
    moment = now if at is None else at
    kept = [version for version in held.versions(store, key) if version.valid_from <= moment]
    versions = _by_fifo(store, key, moment) if fifo else kept
    newest = next((each for each in ended if each.state.opened_at <= moment), ended[-1])
    state = versions[-1].state if versions else State()
    row, title = None, ""
    if not state.flat:
        holding = _as_it_was(newest, versions[-1])
        row, about = position_row(store, holding, moment, held.read_until(store, key[0], moment))
        title = about.title
    elif (quote := held.quote(store, key, moment)) is not None:
        title = str(quote.body.get("title", ""))
    fills = held.newest_fills(store, key, moment, MOST)
    by_cycle: dict[int, list[Version]] = defaultdict(list)
    for version in versions:
        by_cycle[version.state.cycle].append(version)
    return PositionView(
        head=head(store),
        now=now,
        at=at,
        fifo=fifo,
        key=key,
        source=newest.source,
        subaccount=newest.subaccount,
        instrument=newest.instrument,
        title=title,
        pays=newest.pays,
        row=row,
        proved=_proved(store, key, kept[-1].state if kept else State(), moment),
        cycles=tuple(
            _cycle(store, each, by_cycle[each.state.cycle]) for each in ended if each.state.opened_at <= moment
        ),
        steps=tuple(_steps(fills, held.settlement(store, key), versions, newest, store)),
        fills=held.count_fills(store, key, moment),
    )


def _as_it_was(cycle: Holding, version: Version) -> Holding:
    """Return a cycle as it stood in one of its versions."""
    return Holding(
        cycle.key, cycle.source, cycle.subaccount, cycle.instrument, cycle.book, cycle.category, cycle.currency,
        cycle.pays, cycle.closed_at, version.valid_from, version.event, version.state,
    )  # fmt: skip


def _by_fifo(store: Store, key: Key, at: int) -> list[Version]:
    """Fold a holding from its first fill on, first in, first out: one table never has costs of both kinds."""
    found = [
        each for each in fold(held.fills(store, key, 0, at), held.settlement(store, key), None, Fifo) if each.at <= at
    ]
    ends = [each.at for each in found[1:]]
    return [Version(each.at, end, each.event, each.state) for each, end in zip(found, [*ends, None], strict=True)]


def _proved(store: Store, key: Key, state: State, at: int) -> bool:
    """Fold the open cycle again from its fills; return whether it is what is stored."""
    if state.flat:
        return True
    before = held.state_at(store, key, state.opened_at - 1)
    found = list(fold(held.fills(store, key, state.opened_at, at), None, before))
    return bool(found) and found[-1].state == state


def _side(quantity: int, *, pays: bool) -> str:
    if not quantity:
        return ""
    return (("yes", "no") if pays else ("long", "short"))[quantity < 0]


def _cycle(store: Store, cycle: Holding, mine: Sequence[Version]) -> Cycle:
    """Return a cycle by the versions of it that there were until the moment shown."""
    first = next((version.state.quantity for version in mine if version.state.quantity), 0)
    state = mine[-1].state if mine else cycle.state
    usd = in_dollars(store, cycle.currency, cycle.since)
    gross, fees = usd(state.gross), usd(state.fees * MICRO)
    return Cycle(
        state.cycle, _side(first, pays=cycle.pays), state.opened_at, mine[-1].valid_from if state.flat else None,
        gross, fees, None if gross is None or fees is None else gross - fees, state.fills,
        state.broken or cycle.state.broken, state.booked,
    )  # fmt: skip


def _steps(
    fills: Sequence[Fill], ended: Settlement | None, versions: Sequence[Version], about: Holding, store: Store
) -> list[Step]:
    """Return the fills, newest first, each instant's last one with the position that it left."""
    left: dict[int, Version] = {}
    gains: dict[int, int | None] = {}
    before: dict[int, int | None] = {}
    for version in versions:
        cycle, gross = version.state.cycle, version.state.gross
        was = before.get(cycle, 0)
        gain = None if gross is None or was is None else gross - was
        at = version.valid_from
        gains[at] = None if gain is None or gains.get(at, 0) is None else (gains.get(at) or 0) + gain
        before[cycle], left[at] = gross, version
    usd = in_dollars(store, about.currency, about.since)
    steps, shown = list[Step](), set[int]()
    if ended is not None and versions and versions[-1].state.flat and ended.event == versions[-1].event:
        steps.append(_settled(ended, versions, gains, usd))
        shown.add(versions[-1].valid_from)
    for fill in reversed(fills):
        at = fill.at
        what = "buy" if fill.quantity > 0 else "sell"
        facts = (at, what, text(abs(fill.quantity)), text(fill.price), usd(fill.fees * MICRO), fill.event)
        state = left[at].state
        if at in shown:
            steps.append(Step(*facts, state.cycle, "", "", None, None))
            continue
        shown.add(at)
        no = about.pays and state.quantity < 0
        average = None if state.average is None else text(UNIT - state.average if no else state.average)
        steps.append(
            Step(*facts, state.cycle, _side(state.quantity, pays=about.pays), text(abs(state.quantity)), average,
                 usd(gains[at]) if gains[at] else None)
        )  # fmt: skip
    return steps


def _settled(ended: Settlement, versions: Sequence[Version], gains: dict[int, int | None], usd: Usd) -> Step:
    last = versions[-1]
    before = versions[-2].state.quantity if len(versions) > 1 else 0
    gain = gains[last.valid_from]
    return Step(
        last.valid_from, "void" if ended.void else "settled", text(abs(before)),
        None if ended.value is None else text(ended.value), 0, ended.event, last.state.cycle, "", "0", None,
        usd(gain),
    )  # fmt: skip
