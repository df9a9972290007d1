"""One position as every face shows it: what is held, at what cost, at which mark, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from northstar_tui.calendar import Calendar
from northstar_tui.figures.exact import MICRO, UNIT, micros, text
from northstar_tui.figures.positions import Fifo, fold
from northstar_tui.ledger import held
from northstar_tui.ledger.held import Holding
from northstar_tui.ledger.positions import Key
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.money import convert
from northstar_tui.views.marks import STALE, Market, mark, market

WHEN = ("overdue", "today", "this week", "later", "unknown")
"""When locked money comes back, in order."""
NOTHING = "nothing"
"""What a venue reports of a position where it reports others and not this one."""
LATE = 6 * 3600 * 1_000_000
"""How long after its end a market may take to settle before somebody should look, microseconds."""


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One open position. Money is micro-dollars; None is unknown, and `why` says why. Prices are decimal texts."""

    source: str
    subaccount: int
    instrument: str
    title: str
    book: str
    category: str
    side: str
    """``yes`` or ``no``, ``long`` or ``short``; of a bet its pick."""
    quantity: str
    """Decimal, without a sign; of a bet empty."""
    average: str | None
    """What one contract of the held side cost."""
    cost: int | None
    """What all of them cost; of a short one that is no NO, what it brought."""
    mark: str | None
    """What one contract of the held side is worth: NO at one less the ask."""
    marked_at: int | None
    """Until when the mark is known to hold."""
    why: str
    """Why there is no mark, or no cost; empty where there is both."""
    unrealised: int | None
    locked: int | None
    """Money that comes back, or is lost, when it settles."""
    expected_at: int | None
    when: str
    """One of WHEN."""
    opened_at: int
    realised: int | None
    """In this cycle so far, before fees."""
    fees: int | None
    fills: int
    booked: bool
    """Whether what was realised is in P&L at once; else it is when the market settles."""
    reported: str | None = None
    """Signed quantity as the venue reports it, where that is another; NOTHING where it reports others, not this."""
    overdue: str = ""
    """Why somebody should look: its market is over, and it is still open."""
    event: int | None = None
    """The event of its last fill."""
    quoted: int | None = None
    """The event that quoted its mark."""
    quoted_price: str | None = None
    """The bid or the ask that it is, as it was quoted: of YES where there is NO."""
    entry: int | None = None
    """Of a bet, its entry."""
    odds: str = ""
    """Of a bet, as stated."""
    cycle: int = 0
    group: str = ""
    exclusive: bool | None = None
    holding: Key = (0, 0, 0)
    """What `position` asks for it by; of a bet nothing."""

    @property
    def account(self) -> str:
        """As `account_name` says it."""
        return account_name(self.source, self.subaccount)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other row, whatever comes or goes."""
        return self.source, self.subaccount, self.instrument, self.entry


def account_name(source: str, subaccount: int) -> str:
    """Return the source, and the subaccount where it is not the main one: ``kalshi``, ``kalshi/3``."""
    return f"{source}/{subaccount}" if subaccount else source


def position_row(store: Store, holding: Holding, at: int, read: int) -> tuple[PositionRow, Market]:
    """Return an open position at instant `at`, with what is known of its market; `read` as `marks.mark` takes it."""
    state = holding.state
    quote = held.quote(store, holding.key, at)
    priced = mark(holding, quote, at, read)
    about = market(quote, holding.instrument, fresh=priced.why != STALE)
    usd = in_dollars(store, holding.currency, at)
    pays, no = holding.pays, holding.pays and state.quantity < 0
    sides = ("yes", "no") if pays else ("long", "short")
    overdue = _overdue(about, at)
    report = disagreement(store, holding, at)
    row = PositionRow(
        source=holding.source,
        subaccount=holding.subaccount,
        instrument=holding.instrument,
        title=about.title,
        book=holding.book,
        category=holding.category,
        side=sides[state.quantity < 0],
        quantity=text(abs(state.quantity)),
        average=_price(state.average, no),
        cost=usd(state.locked(UNIT) if pays else state.cost),
        mark=_price(priced.price, no),
        marked_at=priced.at,
        why=state.broken or priced.why or ("" if usd(0) is not None else f"no rate for {holding.currency}"),
        unrealised=None if priced.price is None else usd(state.unrealised(priced.price)),
        locked=usd(state.locked(UNIT)) if pays else None,
        expected_at=about.expected_at,
        when="overdue" if overdue else _when(store.calendar, about.expected_at, at),
        opened_at=state.opened_at,
        realised=usd(state.gross),
        fees=usd(state.fees * MICRO),
        fills=state.fills,
        booked=state.booked,
        reported=None if report is None else NOTHING if report.quantity is None else text(report.quantity),
        overdue=overdue,
        event=holding.event,
        quoted=priced.event,
        quoted_price=_price(priced.price, no=False),
        cycle=state.cycle,
        group=about.event if pays else "",
        exclusive=about.exclusive,
        holding=holding.key,
    )
    return row, about


class Disagreement(NamedTuple):
    """What a venue reports, where it is not what the fills make."""

    quantity: int | None
    """In 10⁻¹⁸; None where it reports others and not this one."""
    at: int | None
    event: int | None


def disagreement(store: Store, holding: Holding, at: int) -> Disagreement | None:
    """Return what the venue reports at instant `at` instead of what a holding's fills make; None where they agree.

    A report says what was held when it last changed. Fills after that are known before the next report: it agrees where
    it did then.
    """
    report = held.report(store, holding.key, at)
    if report is None:
        return Disagreement(None, None, None) if held.reports_at_all(store, holding.key[0], at) else None
    if report.quantity == holding.state.quantity:
        return None
    if holding.since > report.at and held.state_at(store, holding.key, report.at).quantity == report.quantity:
        return None
    return Disagreement(report.quantity, report.at, report.event)


def by_fifo(store: Store, holding: Holding, at: int) -> Holding:
    """Return a holding with the cost that first in, first out leaves it; a closed cycle is the same either way."""
    if holding.state.flat:
        return holding
    opened = holding.state.opened_at
    before = held.state_at(store, holding.key, opened - 1)
    versions = list(fold(held.fills(store, holding.key, opened, at), None, before, Fifo))
    return replace(holding, state=versions[-1].state) if versions else holding


def in_dollars(store: Store, currency: str | None, at: int) -> Callable[[int | None], int | None]:
    """Return what turns an amount of 10⁻³⁶ in `currency` into micro-dollars at instant `at`; None without a rate."""
    rate = None if currency is None else store.rules.rate(currency, at)

    def usd(amount: int | None) -> int | None:
        if amount is None or (currency is not None and rate is None):
            return None
        return micros(amount) if rate is None else convert(micros(amount), rate)

    return usd


def bet_row(bet: Entry) -> PositionRow:
    """Return an open entry: a stake that is locked until somebody says how it ended."""
    title, side, odds = (bet.body.get(name) for name in ("title", "side", "odds"))
    return PositionRow(
        source=bet.source, subaccount=0, instrument=bet.instrument, title=title if isinstance(title, str) else "",
        book=bet.book, category=bet.category, side=side if isinstance(side, str) else "",
        quantity="", odds=odds if isinstance(odds, str) else "", average=None, cost=bet.stake, mark=None,
        marked_at=None, why="a bet has no mark", unrealised=None, locked=bet.stake, expected_at=None, when="unknown",
        opened_at=bet.opened_at, realised=0, fees=0, fills=0, booked=True, event=None, entry=bet.id,
    )  # fmt: skip


def _price(price: int | None, no: bool) -> str | None:
    """Return a price of the held side: NO's is one less YES's."""
    return None if price is None else text(UNIT - price if no else price)


def _when(calendar: Calendar, expected: int | None, now: int) -> str:
    if expected is None:
        return "unknown"
    if expected < calendar.end("day", calendar.bucket("day", now)):
        return "today"
    return "this week" if expected < calendar.end("week", calendar.bucket("week", now)) else "later"


def _overdue(about: Market, now: int) -> str:
    """Return why somebody should look at a position: its market was over LATE ago, and it is still open."""
    due = about.expected_at if about.expected_at is not None or about.trading else about.quoted_at
    if due is None or due + LATE >= now:
        return ""
    return "it was expected to be settled" if about.trading else "its market does not trade any more"


def order(row: PositionRow) -> tuple[object, ...]:
    """Return what sorts rows: the overdue first, then by when they settle, what ties up most first."""
    far = row.expected_at if row.expected_at is not None else 1 << 62
    return not row.overdue, WHEN.index(row.when), far, -(row.locked or 0), row.instrument, row.key[1], row.entry or 0
