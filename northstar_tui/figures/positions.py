"""Positions from fills: what an account holds of an instrument, what it cost, what closing parts of it brought.

A position is a signed quantity: above zero long (YES), below zero short (NO: to buy NO at p is to sell YES at 1 − p).
A *cycle* goes from flat to flat; a fill that turns the position round ends one and begins the next, its price and its
fee split by size. Closing q at price x against the average cost b realises (x − b)·q, of a short (b − x)·q, before
fees.
The definitions are those of METRICS section 6.

Arithmetic is exact (`exact` has the units; fees are micro-dollars). The one division there is, what part of a cost a
partial close releases, is rounded half-even to 10⁻³⁶ and the rest stays in the cost: parts add up to their whole.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

from northstar_tui.figures.exact import share

COVERAGE = "opened before coverage"
GAP = "fills missing"


# -- what moves a position ---------------------------------------------------------------------------------------------


class Fill(NamedTuple):
    """One fill. It is idempotent by its trade id: a fill that comes twice is the caller's to drop."""

    at: int
    """Microseconds UTC."""
    quantity: int
    """What it adds to the position: below zero where it sold."""
    price: int
    fees: int = 0
    """Micro-dollars, positive = paid."""
    start: int | None = None
    """The position before it, where the venue says: the check sum that shows missing fills."""
    booked: bool = False
    """Whether the fill itself bears an entry, so that its money is in P&L."""
    event: int = 0
    """The event that stated it."""


class Settlement(NamedTuple):
    """How a market ended: a closing fill of whatever is held, at `value`."""

    at: int
    value: int | None
    """Price that each contract was paid; None where it is not known."""
    void: bool = False
    """Returned at cost: a scratch."""
    event: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """A position, and the cycle it is in; after a cycle has closed, that cycle with a quantity of nothing."""

    cycle: int = 0
    """Number of the cycle, from 1; 0 before the first."""
    quantity: int = 0
    cost: int | None = 0
    """Paid for what is held, received for what is short; None where fills are missing."""
    gross: int | None = 0
    """Realised in this cycle, before fees; None where fills are missing."""
    fees: int = 0
    fills: int = 0
    opened_at: int = 0
    broken: str = ""
    """Why cost and gross are unknown; empty where they are known."""
    booked: bool = False
    """Whether fills of the cycle bear entries: then what was realised is in P&L already."""

    @property
    def flat(self) -> bool:
        """Whether nothing is held."""
        return self.quantity == 0

    @property
    def average(self) -> int | None:
        """Average cost of one contract, in 10⁻¹⁸; None where nothing is held or the cost is unknown."""
        if self.cost is None or not self.quantity:
            return None
        return share(self.cost, 1, abs(self.quantity))

    def unrealised(self, mark: int) -> int | None:
        """Return what closing at price `mark` would bring beyond the cost, in 10⁻³⁶; None where it is unknown."""
        if self.cost is None:
            return None
        worth = self.quantity * mark
        return worth - self.cost if self.quantity > 0 else worth + self.cost

    def locked(self, most: int) -> int | None:
        """Return the money tied up where a contract pays between nothing and `most`, in 10⁻³⁶.

        A long one its cost; a short one what it can still cost at worst, less what it brought.
        """
        if self.cost is None:
            return None
        return self.cost if self.quantity >= 0 else -self.quantity * most - self.cost


class Version(NamedTuple):
    """A position from instant `at` on, until the next one; `event` stated the last fill in it."""

    at: int
    event: int
    state: State


# -- two ways to say which cost is released ----------------------------------------------------------------------------


class Pool(Protocol):
    """The cost of what is held."""

    def add(self, quantity: int, amount: int) -> None:
        """Take in `quantity` that cost `amount`."""

    def take(self, quantity: int) -> int:
        """Give up `quantity`, at most what is held; return what it cost."""

    def left(self) -> int:
        """Return the cost of what is still held."""


class Average:
    """Every contract costs the same: their average."""

    def __init__(self, quantity: int = 0, amount: int = 0) -> None:
        self._quantity, self._amount = quantity, amount

    def add(self, quantity: int, amount: int) -> None:
        """As `Pool` says."""
        self._quantity += quantity
        self._amount += amount

    def take(self, quantity: int) -> int:
        """As `Pool` says."""
        released = share(self._amount, quantity, self._quantity)
        self._quantity -= quantity
        self._amount -= released
        return released

    def left(self) -> int:
        """As `Pool` says."""
        return self._amount


class Fifo:
    """First in, first out. Contracts of one instant are one lot: no order among them is known."""

    def __init__(self) -> None:
        self._lots: deque[tuple[int, int]] = deque()

    def add(self, quantity: int, amount: int) -> None:
        """As `Pool` says."""
        self._lots.append((quantity, amount))

    def take(self, quantity: int) -> int:
        """As `Pool` says."""
        released = 0
        while quantity:
            held, amount = self._lots.popleft()
            part = min(held, quantity)
            cost = share(amount, part, held)
            if part < held:
                self._lots.appendleft((held - part, amount - cost))
            released += cost
            quantity -= part
        return released

    def left(self) -> int:
        """As `Pool` says."""
        return sum(amount for _, amount in self._lots)


# -- the fold ----------------------------------------------------------------------------------------------------------


def fold(
    fills: Iterable[Fill],
    settled: Settlement | None = None,
    state: State | None = None,
    pool: Callable[[], Pool] = Average,
) -> Iterator[Version]:
    """Yield the versions of one account's position in one instrument, from its fills in order of time.

    `state` goes on from where earlier fills led (by average cost only). Fills of one instant have no order unless the
    venue states the position before each: what enlarges the position counts before what reduces it, so that any order
    gives the same, and a cycle ends only where the instant leaves it. A settlement closes what is held, after all
    fills, whatever its own time says. At an instant that ends one cycle and begins another, both have a version.
    """
    run = _Run(state or State(), pool)
    last, versions = run.state.opened_at, list[Version]()
    for last, group in groupby(fills, key=attrgetter("at")):
        yield from versions
        versions = run.instant(last, list(group))
    if settled is not None and run.state.quantity:
        ended = run.settle(max(settled.at, last), settled)
        replaced = {(version.at, version.state.cycle) for version in ended}
        versions = [version for version in versions if (version.at, version.state.cycle) not in replaced] + ended
    yield from versions


class _Run:
    """A fold under way."""

    def __init__(self, state: State, pool: Callable[[], Pool]) -> None:
        self.state = state
        self._new = pool
        self._pool: Pool | None = None
        if state.quantity and state.cost is not None:
            self._pool = pool()
            self._pool.add(abs(state.quantity), state.cost)
        self._versions: dict[int, Version] = {}
        self._at = 0

    def instant(self, at: int, fills: Sequence[Fill]) -> list[Version]:
        """Take the fills of one instant; return the versions that it makes, one a cycle."""
        self._at, self._versions = at, {}
        if any(fill.start is None for fill in fills):
            self._together(fills)
        else:
            for fill in _chained(fills, self.state.quantity):
                self._check(fill)
                self._together((fill,))
        return list(self._versions.values())

    def settle(self, at: int, settled: Settlement) -> list[Version]:
        """Close what is held; return the version, or none where it is not known at which value."""
        self._at, self._versions = at, {}
        held = abs(self.state.quantity)
        if settled.void:
            amount = self._pool.left() if self._pool is not None else 0
        elif settled.value is not None:
            amount = held * settled.value
        else:
            return []
        self._reduce(held, amount, 0, settled.event, 0)
        return list(self._versions.values())

    def _together(self, fills: Sequence[Fill]) -> None:
        bought = [fill for fill in fills if fill.quantity > 0]
        sold = [fill for fill in fills if fill.quantity < 0]
        now = self.state.quantity or sum(fill.quantity for fill in fills)
        grow, shrink = (bought, sold) if now >= 0 else (sold, bought)
        if grow:
            quantity = sum(fill.quantity for fill in grow)
            self._enlarge(quantity, _amount(grow), sum(fill.fees for fill in grow), grow)
        if shrink:
            self._close_and_turn(shrink)

    def _enlarge(self, quantity: int, amount: int, fees: int, fills: Sequence[Fill]) -> None:
        if not self.state.quantity:
            self._open()
        if self._pool is not None:
            self._pool.add(abs(quantity), amount)
        self._become(quantity, 0, fees, fills[-1].event, len(fills), any(fill.booked for fill in fills))

    def _close_and_turn(self, fills: Sequence[Fill]) -> None:
        """Reduce the position by fills of the other side; what goes beyond it opens the next cycle."""
        whole, amount = abs(sum(fill.quantity for fill in fills)), _amount(fills)
        part = min(whole, abs(self.state.quantity))
        turn = 1 if fills[-1].quantity > 0 else -1
        closing = share(amount, part, whole)
        fees = sum(share(fill.fees, part, whole) for fill in fills)
        booked = any(fill.booked for fill in fills)
        self._reduce(part, closing, fees, fills[-1].event, len(fills), booked)
        if part < whole:
            rest = sum(fill.fees for fill in fills) - fees
            self._open()
            assert self._pool is not None
            self._pool.add(whole - part, amount - closing)
            self._become(turn * (whole - part), 0, rest, fills[-1].event, len(fills), booked)

    def _reduce(self, part: int, amount: int, fees: int, event: int, fills: int, booked: bool = False) -> None:
        """Close `part` of the position for `amount`."""
        side = 1 if self.state.quantity > 0 else -1
        gain = 0 if self._pool is None else side * (amount - self._pool.take(part))
        self._become(-side * part, gain, fees, event, fills, booked)

    def _open(self) -> None:
        self._pool = self._new()
        self.state = State(cycle=self.state.cycle + 1, opened_at=self._at)

    def _become(self, change: int, gain: int, fees: int, event: int, fills: int, booked: bool) -> None:
        was = self.state
        known = not was.broken and self._pool is not None and was.gross is not None
        self.state = State(
            was.cycle,
            was.quantity + change,
            self._pool.left() if known and self._pool is not None else None,
            was.gross + gain if known and was.gross is not None else None,
            was.fees + fees,
            was.fills + fills,
            was.opened_at,
            was.broken,
            was.booked or booked,
        )
        self._versions[was.cycle] = Version(self._at, event, self.state)

    def _check(self, fill: Fill) -> None:
        """Believe the venue where it says that the position before a fill was another: fills are missing."""
        start, was = fill.start, self.state
        if start is None or start == was.quantity:
            return
        why = COVERAGE if was.cycle == 0 else GAP
        if was.quantity and (start > 0) == (was.quantity > 0) and start:
            self.state = replace(was, quantity=start, cost=None, gross=None, broken=why)
            self._pool = None
            return
        if was.quantity:  # it was closed by fills that are not here
            self.state = replace(was, quantity=0, cost=None, gross=None, broken=why)
            self._versions[was.cycle] = Version(self._at, fill.event, self.state)
        if start:
            self._open()
            self._pool = None
            self.state = replace(self.state, quantity=start, cost=None, gross=None, broken=why)


def _amount(fills: Sequence[Fill]) -> int:
    return sum(abs(fill.quantity) * fill.price for fill in fills)


def _chained(fills: Sequence[Fill], quantity: int) -> Iterator[Fill]:
    """Yield fills of one instant in the order in which each starts where the one before ended.

    Where none starts at `quantity`, the chain begins with one that no other leads to.
    """
    if len(fills) == 1:
        yield fills[0]
        return
    waiting: dict[int, deque[Fill]] = defaultdict(deque)
    ends: dict[int, int] = defaultdict(int)
    for fill in fills:
        assert fill.start is not None
        waiting[fill.start].append(fill)
        ends[fill.start + fill.quantity] += 1
    for _ in fills:
        if not waiting.get(quantity):
            heads = [start for start, found in waiting.items() if found and not ends[start]]
            quantity = heads[0] if heads else next(start for start, found in waiting.items() if found)
        fill = waiting[quantity].popleft()
        quantity += fill.quantity
        ends[quantity] -= 1
        yield fill
