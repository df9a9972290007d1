"""Rows of mails to events. What a bet's key is made of, and how a result finds its bet, is told in docs/sources.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from northstar_tui.errors import shown
from northstar_tui.events import Event, Reject
from northstar_tui.money import MICRO, MoneyError, scaled
from northstar_tui.sources.bets_money import DECIDED, PENDING, BetError, Stated, is_pending, net_of, result_of
from northstar_tui.sources.keys import digest
from northstar_tui.sources.mail import values
from northstar_tui.sources.mail.memory import Bet, Memory
from northstar_tui.sources.mail.message import Message
from northstar_tui.sources.mail.sheets import Row
from northstar_tui.sources.numbers import plain

_LATEST = 2**62


@dataclass(frozen=True, slots=True)
class Own:
    """What the operator says about a source's bets."""

    source: str
    zone: ZoneInfo
    unit: Decimal | None = None
    """Dollars in one betting unit."""
    category: str = "sports"
    """Of bets that are no Kalshi market; those have the config's rules."""
    book: str | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one row states."""

    row: Row
    id: str
    market: str
    pick: str
    ticker: str
    odds: Decimal | None
    stake: int | None
    currency: str | None
    placed: values.Moment | None
    settled: values.Moment | None
    stated: Stated
    open: bool

    @property
    def match(self) -> str:
        """Digest of the market and pick, by which a result finds its bet."""
        return digest((values.alike(self.ticker or self.market), values.alike(self.pick))).hex()


class Bets:
    """Turns the rows of mails, one mail after the other, into events; `memory` goes with it."""

    def __init__(self, own: Own, memory: Memory) -> None:
        self._own = own
        self._memory = memory

    def take(self, message: Message, rows: Sequence[Row]) -> tuple[list[Event], list[Reject]]:
        """Return the events and rejects of one mail's rows: its bets first, for its results may be about them."""
        events: list[Event] = []
        rejects: list[Reject] = []
        read: list[_Facts] = []
        for row in rows:
            try:
                read.append(self._facts(row))
            except BetError as error:
                rejects.append(_reject(message, row, error))
        said = _Said()
        for facts in sorted(read, key=lambda each: not each.open):
            try:
                event = self._placed(message, facts, said) if facts.open else self._settled(message, facts, said)
            except BetError as error:
                rejects.append(_reject(message, facts.row, error))
                continue
            if event is not None:
                events.append(event)
        return events, rejects

    def _facts(self, row: Row) -> _Facts:
        for role in row.cells:
            if role != "thesis" and ("\ufffd" in row.cells[role] or "\0" in row.cells[role]):
                raise BetError(role, "it holds letters that cannot be read; send the mail as UTF-8")
        own, ticker = self._own, values.ticker(row)
        event, kind = values.name(row, "event"), values.name(row, "market")
        market = " · ".join(dict.fromkeys(text for text in (event, kind) if text))
        pick, key = values.name(row, "selection"), values.name(row, "id")
        if not (market or pick or ticker or key):
            raise BetError("market", "it names neither a market nor a pick")
        amounts = {role: values.money(row, role, own.unit) for role in ("stake", "payout", "profit", "fees")}
        codes = {money.currency for money in amounts.values() if money and money.currency}
        if len(codes) > 1:
            raise BetError("stake", f"it is in {' and '.join(sorted(codes))} at once")
        stake, payout, profit, fees = (money.micros if money else None for money in amounts.values())
        odds = values.decimal_odds(row, ticker)
        if stake is None:
            stake = _cost(row)
        if stake is not None and stake < 0:
            raise BetError("stake", f"{shown(row.cell('stake'))!r} is below zero; a stake is not")
        result = row.cell("result")
        stated = Stated(
            result_of("" if result.lower() in values.NOTHING else result), stake, payout, profit, fees or 0, odds
        )
        placed, settled = values.moment(row, "time", own.zone), values.moment(row, "settled", own.zone)
        code = codes.pop() if codes else None
        pending = is_pending(stated, "result" in row.cells)
        return _Facts(row, key, market, pick, ticker, odds, stake, code, placed, settled, stated, pending)

    # -- a bet ---------------------------------------------------------------------------------------------------

    def _placed(self, message: Message, facts: _Facts, said: _Said) -> Event | None:
        if facts.stake is None:
            raise BetError("stake", "the stake is empty")
        if facts.odds is None and not facts.row.cell("odds"):
            raise BetError("odds", "the odds are empty")
        day = _day(message, facts)
        key = said.key(facts, day)
        if key is None:
            return None
        known = self._memory.get(key)
        at = self._placed_at(message, facts, known)
        odds = None if facts.odds is None else plain(facts.odds)
        told = known or Bet(key, facts.match, day, at)
        self._memory.put(_bet(told, at, facts, odds))
        body = self._described(facts) | {"opened_at": at, "stake": facts.stake}
        return self._event(message, facts, key, "bet.placed", at, body)

    def _placed_at(self, message: Message, facts: _Facts, known: Bet | None) -> int:
        """Return when a bet was placed: the stated time, else when the mail that first announced it was sent."""
        placed = facts.placed
        if placed and (placed.clock or message.day is None or placed.day != message.day.isoformat()):
            return placed.at
        if known is not None:
            return known.at
        if message.at is None:
            raise BetError("time", "neither the bet nor the mail states a date that can be read")
        return message.at

    def _described(self, facts: _Facts) -> dict[str, Any]:
        """Return who, what and why of a bet."""
        row = facts.row
        body: dict[str, Any] = {"instrument": facts.ticker or facts.market or facts.pick or facts.id}
        title = " · ".join(dict.fromkeys(text for text in (facts.market, facts.pick) if text)) or facts.id
        body["title"] = title
        if facts.ticker:
            body["same"] = f"kalshi:{facts.ticker}"
        else:
            body["category"] = self._own.category
        if facts.pick:
            side = facts.pick.lower()
            body["side"] = side if side in ("yes", "no") else facts.pick
        if facts.odds is not None:
            body["odds"] = plain(facts.odds)
        if facts.currency not in (None, "USD"):
            body["currency"] = facts.currency
        contracts = values.quantity(row)
        if contracts is not None:
            body["quantity"] = plain(contracts)
        for role in ("edge", "confidence"):
            value, words = values.share(row, role)
            if value is not None:
                body[role] = value
            elif words is not None:
                body[f"{role}_said"] = words
        for role in ("thesis", "sport", "league", "sportsbook"):
            text = row.cells.get(role, "").strip()
            if text.lower() not in values.NOTHING:
                body[role] = text
        return body

    # -- a result ------------------------------------------------------------------------------------------------

    def _settled(self, message: Message, facts: _Facts, said: _Said) -> Event | None:
        bet, key = self._of(message, facts, said)
        stated = facts.stated
        if bet is not None:
            odds = Decimal(bet.odds) if bet.odds and stated.odds is None else stated.odds
            stated = replace(stated, stake=bet.stake if stated.stake is None else stated.stake, odds=odds)
            if facts.currency and bet.currency and facts.currency != bet.currency:
                raise BetError("stake", f"it is in {facts.currency}, but the bet was announced in {bet.currency}")
        net = net_of(stated)
        repeated = bet is not None and bet.by not in ("", message.identity)
        at = facts.settled.at if facts.settled else bet.closed if bet and repeated else message.at
        if at is None:
            raise BetError("settled", "neither the result nor the mail states a date that can be read")
        if said.settled(key, net, facts.row):
            return None
        body: dict[str, Any] = {"gross": net + stated.fees, "fees": stated.fees, "net": net, "closed_at": at}
        if stated.result not in (None, PENDING, DECIDED):
            body["result"] = stated.result
        if bet is None:
            body |= self._described(facts)
            if facts.stake is not None:
                body["stake"] = facts.stake
        else:
            body["opened_at"] = bet.at
            if facts.currency and not bet.currency and facts.currency != "USD":
                body["currency"] = facts.currency
            by = bet.by if repeated else message.identity
            self._memory.put(_copy(bet, by=by, closed=at, net=net))
        return self._event(message, facts, key, "bet.settled", at, body)

    def _of(self, message: Message, facts: _Facts, said: _Said) -> tuple[Bet | None, str]:
        """Return the announced bet that a result is about, and the key. Raises BetError rather than to guess."""
        if facts.id:
            key = _id(facts.id)
            return self._memory.get(key), key
        until = _LATEST if message.at is None else message.at
        like = self._memory.like(facts.match, until)
        if facts.placed is not None:
            dated = [bet for bet in like if bet.day == facts.placed.day]
            if not dated and not any(bet.by in ("", message.identity) for bet in like):
                return None, said.next(facts.row.part, _content(facts.match, facts.placed.day))
            like = dated
        open_ = _narrowed([bet for bet in like if bet.by in ("", message.identity)], facts)
        if open_ and len({(bet.day, bet.stake, bet.odds, bet.currency) for bet in open_}) == 1:
            bet = said.one_of(facts.row.part, open_)
            return bet, bet.key
        if not open_:
            again = _narrowed(like, facts) if facts.placed else [bet for bet in like if _same(bet, facts)]
            if len(again) == 1:
                return again[0], again[0].key
        many = "several open bets are" if open_ else "no open bet is"
        raise BetError("market", f"{many} known in this market and pick; state the bet's date or id with its result")

    def _event(self, message: Message, facts: _Facts, key: str, kind: str, at: int, body: dict[str, Any]) -> Event:
        if message.notes:
            body["note"] = "; ".join(message.notes)
        row = facts.row
        raw = message.raw(row.part, row.raw)
        return Event(self._own.source, key, kind, at, body, raw, row.line, self._own.book)


class _Said:
    """What one mail says: tells real twins of one table apart from the same bet in two parts of the mail."""

    def __init__(self) -> None:
        self._count: dict[tuple[str, str], int] = defaultdict(int)
        self._placed: dict[str, tuple[str, int | None, Decimal | None]] = {}
        self._nets: dict[str, int] = {}
        self._taken: set[tuple[str, str]] = set()

    def next(self, part: str, base: str) -> str:
        """Return the key of the next bet of a part whose content makes `base`."""
        self._count[part, base] += 1
        return f"{base}#{self._count[part, base] - 1}"

    def key(self, facts: _Facts, day: str) -> str | None:
        """Return the key of a bet, None where the mail said it before. Raises BetError where it said it otherwise."""
        part = facts.row.part
        key = _id(facts.id) if facts.id else self.next(part, _content(facts.match, day))
        before = self._placed.setdefault(key, (part, facts.stake, facts.odds))
        if before[1:] != (facts.stake, facts.odds):
            raise BetError("id" if facts.id else "market", f"the mail states this bet otherwise in its {before[0]}")
        if (part, key) in self._taken or before[0] != part:
            return None
        self._taken.add((part, key))
        return key

    def one_of(self, part: str, twins: list[Bet]) -> Bet:
        """Return the first of bets that differ in nothing which this part has not settled yet."""
        left = [bet for bet in twins if (part, f"={bet.key}") not in self._taken]
        bet = min(left or twins, key=lambda each: (len(each.key), each.key))
        self._taken.add((part, f"={bet.key}"))
        return bet

    def settled(self, key: str, net: int, row: Row) -> bool:
        """Return whether the mail said this result before. Raises BetError where it said another."""
        before = self._nets.get(key)
        self._nets.setdefault(key, net)
        if before not in (None, net):
            raise BetError("result" if "result" in row.cells else "profit", "the mail states two results of this bet")
        return before is not None


def _bet(told: Bet, at: int, facts: _Facts, odds: str | None) -> Bet:
    return _copy(told, at=at, stake=facts.stake, odds=odds, currency=facts.currency)


def _copy(bet: Bet, **changes: Any) -> Bet:
    values_ = {name: getattr(bet, name) for name in bet.__struct_fields__} | changes
    return Bet(**values_)


def _day(message: Message, facts: _Facts) -> str:
    if facts.placed is not None:
        return facts.placed.day
    if message.day is None:
        if facts.id:
            return ""
        raise BetError("time", "neither the bet nor the mail states a date that can be read")
    return message.day.isoformat()


def _id(text: str) -> str:
    return f"id:{values.alike(text)}"


def _content(match: str, day: str) -> str:
    return digest(("mail", match, day)).hex()


def _narrowed(bets: list[Bet], facts: _Facts) -> list[Bet]:
    """Return those of `bets` with the stake and odds that a result states, where that leaves any."""
    odds = None if facts.odds is None else plain(facts.odds)
    for name, stated in (("stake", facts.stake), ("odds", odds)):
        if stated is not None and len(bets) > 1:
            bets = [bet for bet in bets if getattr(bet, name) == stated] or bets
    return bets


def _same(bet: Bet, facts: _Facts) -> bool:
    """Return whether a result says again what settled `bet`."""
    stated = facts.stated
    stake = bet.stake if stated.stake is None else stated.stake
    odds = Decimal(bet.odds) if bet.odds and stated.odds is None else stated.odds
    try:
        return net_of(replace(stated, stake=stake, odds=odds)) == bet.net
    except BetError:
        return False


def _cost(row: Row) -> int | None:
    """Return the stake that a number of contracts and their price make."""
    contracts, each = values.quantity(row), values.price(row.cell("odds"))
    if contracts is None or each is None:
        return None
    try:
        with localcontext() as context:
            context.prec = 60
            return scaled(contracts * each, MICRO)
    except MoneyError as error:
        raise BetError("quantity", str(error)) from None


def _reject(message: Message, row: Row, error: BetError) -> Reject:
    name = row.names.get(error.field, error.field)
    return Reject(row.line, name, str(error), message.raw(row.part, row.raw))
