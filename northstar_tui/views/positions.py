"""Positions: what is held at a moment, what it cost, what it is worth, when its money comes back, and what is doubtful.

Nothing of it is in P&L: what is unrealised, and what was realised in markets that have not settled, stand apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from northstar_tui.figures.exact import MICRO, micros, text
from northstar_tui.figures.outcomes import Held, outcomes
from northstar_tui.ledger import held
from northstar_tui.ledger.held import Holding, Report
from northstar_tui.ledger.intern import names
from northstar_tui.ledger.moves import pays
from northstar_tui.ledger.positions import Key
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import DIMENSIONS, TEXT, Where, dimension_ids
from northstar_tui.views.base import Head, Part, ViewError, head, strict
from northstar_tui.views.holdings import (
    WHEN,
    PositionRow,
    account_name,
    bet_row,
    by_fifo,
    disagreement,
    in_dollars,
    order,
    position_row,
)
from northstar_tui.views.marks import Market, market
from northstar_tui.views.unknown import unknown

GROUPS, WAITING, DIFFERENCES = "How events can end", "What has not settled", "What venues report"
"""Parts that can be missing."""


@dataclass(frozen=True, slots=True)
class Group:
    """Markets of one event that are held together: how they can end, micro-dollars beyond their cost."""

    name: str
    markets: int
    exclusive: bool | None
    """Whether at most one of them ends YES; None where that is not known, and each may end either way."""
    worst: int
    best: int
    expected: int | None
    """By the middle of bid and ask; None where one of them is not quoted."""


@dataclass(frozen=True, slots=True)
class Locked:
    """What comes back, or is lost, within one stretch of time."""

    when: str
    amount: int
    positions: int
    unknown: int
    """Positions among them whose amount is not known: it is not in the sum."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A position of which the venue reports another quantity than its fills make. Quantities are signed decimals."""

    account: str
    instrument: str
    pays: bool
    """Whether a negative quantity is NO."""
    held: str
    reported: str | None
    """None where the venue, which reports others, reports none."""
    at: int | None
    event: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cycle whose result is in P&L when its market settles. Money is micro-dollars."""

    account: str
    instrument: str
    closed_at: int | None
    """When it was closed early; None while it is open."""
    gross: int
    """Realised so far, before fees."""
    fees: int
    net: int
    cycle: int
    holding: Key
    """What `position` asks for it by."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the rows shown, micro-dollars. None of them is in net P&L."""

    positions: int = 0
    bets: int = 0
    unrealised: int = 0
    excluded: int = 0
    """Positions, no bets, that are not in `unrealised`: no mark, or no cost."""
    locked: int = 0
    unlocked: int = 0
    """Positions that are not in `locked`: what they tie up is not known."""
    waiting: int = 0
    """Sum of what is `Waiting`: realised less fees so far, in markets that have not settled."""
    markets: int = 0
    """Markets in it."""
    cycles: int = 0
    """Cycles in it, open and closed ones: a market that was left and entered again has several."""
    broken: int = 0
    """Positions whose cost is not known, because fills are missing."""


@dataclass(frozen=True, slots=True)
class PositionsView:
    """What was held at a moment."""

    head: Head
    now: int
    at: int | None
    """The past moment that is shown; None for now."""
    fifo: bool
    """Whether costs are first in, first out; else they are averages."""
    where: Where
    search: str
    rows: tuple[PositionRow, ...]
    """What is overdue first, then by when it settles, what ties up most first."""
    groups: tuple[Group, ...]
    locked: tuple[Locked, ...]
    totals: Totals
    waiting: tuple[Waiting, ...]
    """What P&L gets when its market settles, the largest first."""
    differences: tuple[Difference, ...]
    unreadable: int
    """Fills that cannot be read: they move nothing."""
    unknown: str
    """Where nothing is shown: which names of the filter the store does not know."""
    bets_told: bool
    """False where too many bets have closed since the past moment to say which were open then."""


def positions(
    store: Store,
    now: int,
    at: int | None = None,
    *,
    where: Where = (),
    search: str = "",
    fifo: bool = False,
    part: Part = strict,
) -> PositionsView:
    """Return what is held now, or was at the past moment `at`; `search` keeps rows in which all its words occur."""
    moment = now if at is None else at
    found = held.holdings(store, moment, where)
    if fifo:
        found = [by_fifo(store, holding, moment) for holding in found]
    reads = {source: held.read_until(store, source, moment) for source in {each.key[0] for each in found}}
    made = [
        (*position_row(store, holding, moment, reads[holding.key[0]]), holding)
        for holding in found
        if not holding.state.flat
    ]
    made = [each for each in made if matches(each[0], search)]
    bets = held.open_bets(store, where) if at is None else held.bets_open_at(store, moment, now, where)
    staked = [row for row in map(bet_row, bets or ()) if matches(row, search)]
    rows = [row for row, *_ in made] + staked
    shown = {holding.key for *_, holding in made}
    mine = [each for each in found if each.key in shown or (each.state.flat and _finds(store, search, each, moment))]
    waiting = part(WAITING, lambda: _waiting(store, mine, moment), ())
    differences = part(DIFFERENCES, lambda: _differences(store, mine, moment, where, search), ())
    return PositionsView(
        head=head(store),
        now=now,
        at=at,
        fifo=fifo,
        where=where,
        search=search,
        rows=tuple(sorted(rows, key=order)),
        groups=part(GROUPS, lambda: _groups(made), ()),
        locked=_locked(rows),
        totals=_totals(rows, waiting),
        waiting=waiting,
        differences=tuple(differences),
        unreadable=sum(count for _, count in held.unreadable(store)),
        unknown=unknown(store, where) if where and not rows else "",
        bets_told=bets is not None,
    )


# -- filters -----------------------------------------------------------------------------------------------------------


def asked(said: str) -> tuple[Where, str]:
    """Return the filter and the words to search for that ``category:weather miami`` states. Raises ViewError."""
    from northstar_tui.views.filter import parse

    found = parse(said)
    words = [term for term in found.where if term.kind == TEXT and not term.negated and len(term.values) == 1]
    where = tuple(term for term in found.where if term not in words)
    wrong = [*(term.kind for term in where if term.kind not in DIMENSIONS), *found.periods]
    if wrong:
        raise ViewError(f"positions are not told apart by {wrong[0]}", f"use {', '.join(DIMENSIONS)}, or words")
    return where, " ".join(str(term.values[0]) for term in words)


def matches(row: PositionRow, search: str) -> bool:
    """Return whether every word of `search` occurs in a row."""
    return _words_in(search, row.instrument, row.title, row.book, row.category, row.account, row.side, row.group)


def _finds(store: Store, search: str, named: Holding | Report, at: int) -> bool:
    """Return whether every word of `search` occurs in what is known of a holding that has no row."""
    if not search:
        return True
    about = market(held.quote(store, named.key, at), named.instrument, fresh=False)
    told = (named.book, named.category) if isinstance(named, Holding) else ()
    account = account_name(named.source, named.key[2])
    return _words_in(search, named.instrument, about.title, about.event, account, *told)


def _words_in(search: str, *texts: str) -> bool:
    among = "\n".join(texts).casefold()
    return all(word in among for word in search.casefold().split())


# -- sums --------------------------------------------------------------------------------------------------------------


def _waiting(store: Store, found: Sequence[Holding], at: int) -> tuple[Waiting, ...]:
    rows = []
    for holding in found:
        state = holding.state
        usd = in_dollars(store, holding.currency, at)
        gross, fees = usd(state.gross), usd(state.fees * MICRO)
        if holding.pays and not state.booked and gross is not None and fees is not None and (gross or fees):
            closed = holding.since if state.flat else None
            account = account_name(holding.source, holding.subaccount)
            net = gross - fees
            rows.append(Waiting(account, holding.instrument, closed, gross, fees, net, state.cycle, holding.key))
    return tuple(sorted(rows, key=lambda row: (-abs(row.net), row.instrument, row.cycle)))


def _totals(rows: Sequence[PositionRow], waiting: Sequence[Waiting]) -> Totals:
    real = [row for row in rows if row.entry is None]
    return Totals(
        positions=len(real), bets=len(rows) - len(real),
        unrealised=sum(row.unrealised or 0 for row in real), excluded=sum(row.unrealised is None for row in real),
        locked=sum(row.locked or 0 for row in rows), unlocked=sum(row.locked is None for row in rows),
        waiting=sum(row.net for row in waiting), markets=len({row.holding for row in waiting}), cycles=len(waiting),
        broken=sum(row.average is None for row in real),
    )  # fmt: skip


def _locked(rows: Sequence[PositionRow]) -> tuple[Locked, ...]:
    found = []
    for when in WHEN:
        mine = [row for row in rows if row.when == when]
        if mine:
            known = [row.locked for row in mine if row.locked is not None]
            found.append(Locked(when, sum(known), len(mine), len(mine) - len(known)))
    return tuple(found)


def _groups(made: Sequence[tuple[PositionRow, Market, Holding]]) -> tuple[Group, ...]:
    """Return the events of which several markets are held, those that can lose most first."""
    events: dict[tuple[str, str], list[tuple[Market, Holding]]] = {}
    for row, about, holding in made:
        if row.group and holding.state.cost is not None and holding.currency is None:
            events.setdefault((row.account, row.group), []).append((about, holding))
    found = []
    for (_, name), members in events.items():
        if len(members) < 2:
            continue
        said = {about.exclusive for about, _ in members}
        exclusive = said.pop() if len(said) == 1 else None
        parts = [Held(each.state.quantity, each.state.cost or 0, about.chance) for about, each in members]
        ends = outcomes(parts, exclusive=bool(exclusive))
        expected = None if ends.expected is None else micros(ends.expected)
        found.append(Group(name, len(members), exclusive, micros(ends.worst), micros(ends.best), expected))
    return tuple(sorted(found, key=lambda group: (group.worst, group.name)))


# -- doubts ------------------------------------------------------------------------------------------------------------


def _differences(store: Store, found: Sequence[Holding], at: int, where: Where, search: str) -> list[Difference]:
    """Return where venues report other quantities than their fills make, of what is held and of what is not.

    `found` is what `where` and `search` keep. What no fill is known of has no book and no category: a filter of those
    leaves it out.
    """
    differences = []
    open_ = [holding for holding in found if not holding.state.flat]
    for holding in open_:
        said = disagreement(store, holding, at)
        if said is not None:
            account = account_name(holding.source, holding.subaccount)
            quantity = None if said.quantity is None else text(said.quantity)
            differences.append(
                Difference(
                    account,
                    holding.instrument,
                    holding.pays,
                    text(holding.state.quantity),
                    quantity,
                    said.at,
                    said.event,
                )
            )
    known = {holding.key for holding in (held.holdings(store, at) if where or search else open_)}
    kept = dimension_ids(store, tuple(term for term in where if term.kind != "kind"))
    for report in held.reported(store, at):
        ids = dict(zip(("source_id", "instrument_id"), report.key, strict=False))
        fits = all(ids.get(column) in among for column, among in kept.items()) and _finds(store, search, report, at)
        unheld = report.key not in known
        if fits and unheld and held.state_at(store, report.key, report.at).quantity != report.quantity:
            account = account_name(report.source, report.key[2])
            differences.append(
                Difference(
                    account, report.instrument, pays(report.source), "0", text(report.quantity), report.at, report.event
                )
            )
    return differences


def find_one(store: Store, instrument: str, account: str = "") -> Key:
    """Return the holding of that name, in `account` where that is named. Raises ViewError for none, and for several."""
    found = held.find(store, instrument)
    sources = names(store.connection, {key[0] for key in found})
    accounts = {key: account_name(sources[key[0]], key[2]) for key in found}
    kept = [key for key in found if account in ("", accounts[key])]
    if not kept:
        where = f" in {account}" if account else ""
        raise ViewError(f"{instrument} was never held{where}", "northstar positions lists what is held")
    if len(kept) > 1:
        told = ", ".join(accounts[key] for key in kept)
        raise ViewError(
            f"{instrument} was held in {len(kept)} accounts",
            f"northstar positions {quote(instrument)} --account NAME shows one: {told}",
        )
    return kept[0]
