"""Bet logs as CSV: Pikkit's export, other books' and hand-kept ones, by their columns' names or the config's mapping.

Two passes: the first decides, column by column, how dates, odds and decimals are written; the second reads the bets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, BinaryIO

from northstar_tui.errors import FileError, shown
from northstar_tui.events import Event, Reject
from northstar_tui.money import MICRO, MoneyError, number, scaled
from northstar_tui.sources import bets_columns, odds, times
from northstar_tui.sources.base import Item, Reading, source_name
from northstar_tui.sources.bets_money import DECIDED, PENDING, BetError, Stated, is_pending, net_of, result_of
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.numbers import DecimalEvidence, fixed, plain, settled_sign
from northstar_tui.sources.table import Head, Record, normal, records

NAME = "bets-csv"
_TIMES = ("time", "settled", "start")
_AMOUNTS = ("stake", "payout", "profit", "fees")
_NOTHING = frozenset(("", "-", "—", "n/a", "na", "none", "null", "nan"))
_CURRENCY = re.compile(r"^([^\d\s.,()+\u2212-]{1,3})?[\s(+\u2212-]*[\d.,]+[\s)]*([^\d\s.,()+\u2212-]{1,3})?[)-]?$")
_EVIDENCE_OF_BETS = ("odds", "selection", "sportsbook", "result")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read this file: where the columns stand, and what the first pass decided for each of them."""

    where: dict[str, int]
    orders: dict[str, str | None]
    """Role of a time to its column's date order."""
    style: str | None
    signs: dict[str, str]
    """Role of a number to its column's decimal sign."""
    currency: str | None
    """That of the header, None where it names none."""
    source: str
    reading: Reading

    def cell(self, cells: list[str], role: str) -> str:
        """Return the cell that plays `role`, trimmed; empty where there is none."""
        index = self.where.get(role)
        return cells[index].strip() if index is not None else ""


class BetsCsv:
    """The generic bet log."""

    name = NAME
    title = "bets (Pikkit and alike)"
    passes = 2

    def claims(self, head: Head) -> Head | None:
        """Claim a header that has all a bet needs and a column that only bets have."""
        for index, (_, cells) in enumerate(head.rows):
            try:
                found = bets_columns.find(cells, {})
            except FileError:
                continue
            if bets_columns.lacking(found) is None and any(role in found for role in _EVIDENCE_OF_BETS):
                return head.at(index)
        return None

    def check(self, head: Head, reading: Reading) -> None:
        """Raise FileError where the header lacks what a bet needs, or a column that the mapping names."""
        _header(head, reading)

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield one event a bet or change of it. Raises FileError where the header lacks what a bet needs."""
        head, where = _header(head, reading)
        plan = _plan(file, head, where, reading)
        twins, names = Twins(), head.names
        for record in records(file, head):
            if record.fault is not None:
                yield record.reject()
            elif normal(record.cells[0]) != names[0] or tuple(map(normal, record.cells)) != names:
                try:
                    yield _event(record, plan, twins)
                except BetError as error:
                    column = _column_name(head, where, error.field)
                    yield Reject(record.line, column, str(error), record.raw)


def shortfall(head: Head) -> str | None:
    """Return what a header that looks like a log of bets lacks, in words; None where it does not look like one."""
    try:
        found = bets_columns.find(head.cells, {})
    except FileError as error:
        return error.message
    lack = bets_columns.lacking(found)
    looks = sum(role in found for role in ("odds", "selection", "stake", "result", "profit")) >= 3
    return f"as a log of bets it lacks {lack}" if looks and lack else None


def _header(head: Head, reading: Reading) -> tuple[Head, dict[str, int]]:
    """Return `head` with its header placed, and its roles: the first row that will do. Raises FileError for none."""
    said = reading.settings.columns if reading.settings else {}
    problem: FileError | None = None
    for index, (_, cells) in enumerate(head.rows):
        try:
            where = bets_columns.find(cells, said)
        except FileError as error:
            problem = problem or error
            continue
        lack = bets_columns.lacking(where)
        if lack is None:
            return head.at(index), where
        problem = problem or FileError(
            f"as a log of bets it lacks {lack}",
            "name the column under [formats.NAME] columns in the config, and import with --as NAME",
        )
    raise problem or FileError("this is no table", "a log of bets is a CSV with a header")


def _column_name(head: Head, where: dict[str, int], role: str) -> str:
    return head.cells[where[role]].strip() if role in where else role


def _plan(file: BinaryIO, head: Head, where: dict[str, int], reading: Reading) -> Plan:
    """Make the first pass."""
    orders = {role: times.OrderEvidence() for role in _TIMES if role in where}
    signs = {role: DecimalEvidence(head.delimiter) for role in (*_AMOUNTS, "odds") if role in where}
    style = odds.StyleEvidence()
    for record in records(file, head):
        if record.fault is None:
            for role, order in orders.items():
                order.add(record.cells[where[role]].strip())
            for role, sign in signs.items():
                sign.add(record.cells[where[role]])
            if "odds" in where:
                style.add(record.cells[where["odds"]])
    settings = reading.settings
    pikkit = {"time placed", "bet info"} <= set(head.names)
    default = "mdy" if pikkit else None
    return Plan(
        where=where,
        orders={role: (settings and settings.dates) or each.order or default for role, each in orders.items()},
        style=(settings and settings.odds) or _style_of(head, where) or style.style,
        signs={role: each.sign for role, each in signs.items()},
        currency=_header_currency(head, where),
        source=source_name(NAME, reading.owner),
        reading=reading,
    )


def _style_of(head: Head, where: dict[str, int]) -> str | None:
    """Return the odds style that the column's own name states."""
    name = normal(head.cells[where["odds"]]) if "odds" in where else ""
    return next((style for style in ("american", "decimal", "fractional", "cents") if style in name), None)


def _header_currency(head: Head, where: dict[str, int]) -> str | None:
    found = {bets_columns.currency_of(head.cells[where[role]]) for role in _AMOUNTS if role in where} - {None}
    return found.pop() if len(found) == 1 else None


class Twins:
    """Tells apart bets of one file: ordinals of identical placements, and ids that name two different bets."""

    def __init__(self) -> None:
        self._placed: dict[bool, Tally] = {True: Tally(), False: Tally()}
        self._ids = Tally()

    def key(self, facts: bytes, pending: bool) -> str:
        """Return the key of a bet without an id. Its pending and its decided record share the key."""
        return row_key(facts, self._placed[pending])

    def check(self, name: str, opened: int, stake: int | None) -> None:
        """Raise BetError where the id `name` was given to a bet placed at another time or with another stake."""
        key, facts = digest((name,)), int.from_bytes(digest((opened, stake))[:8], "little") or 1
        before = self._ids.get(key)
        if before and before != facts:
            raise BetError("id", f"the id {shown(name)!r} names another bet of this file, with another time or stake")
        self._ids.put(key, facts)


def _event(record: Record, plan: Plan, twins: Twins) -> Event:
    cells = record.cells
    opened, settled, start = _opened(cells, plan), _time(cells, plan, "settled"), _time(cells, plan, "start")
    if opened is None:
        opened = start if start is not None else settled
    if opened is None:
        raise BetError("time", "the time is empty")
    stated = _stated(cells, plan)
    pending = is_pending(stated, "result" in plan.where)
    body = _described(cells, plan)
    body["opened_at"] = opened
    if stated.stake is not None:
        body["stake"] = stated.stake
    if stated.odds is not None:
        body["odds"] = plain(stated.odds)
    facts = digest(("bet", opened, stated.stake, *(body.get(name) for name in _PLACEMENT)))
    kind, at = "bet.placed", opened
    if not pending:
        net = net_of(stated)
        kind, at = "bet.settled", settled or start or opened
        body |= {"gross": net + stated.fees, "fees": stated.fees, "net": net, "closed_at": at}
        if stated.result not in (None, PENDING, DECIDED):
            body["result"] = stated.result
    key = plan.cell(cells, "id")
    if key:
        sportsbook = body.get("sportsbook", "").lower()
        key = f"{sportsbook}:{key}" if sportsbook else key
        twins.check(key, opened, stated.stake)
    else:
        key = twins.key(facts, pending)
    return Event(plan.source, key, kind, at, body, record.raw, record.line, plan.reading.owner)


_PLACEMENT = ("sportsbook", "event", "side", "market", "odds", "currency")
"""With time and stake, what is known of a bet before its outcome: its identity where it has no id."""


def _described(cells: list[str], plan: Plan) -> dict[str, Any]:
    """Return who, what and where of a bet: the texts of its body."""
    settings = plan.reading.settings
    body: dict[str, Any] = {"category": (settings and settings.category) or "sports"}
    for role in ("event", "market", "sport", "league", "sportsbook"):
        text = plan.cell(cells, role)
        if text:
            body[role] = text
    selection = plan.cell(cells, "selection")
    if selection:
        body["side"] = selection
    instrument = body.get("event") or selection or body.get("league")
    if instrument:
        body["instrument"] = instrument
    title = " · ".join(dict.fromkeys(text for text in (body.get("event"), selection, body.get("market")) if text))
    if title:
        body["title"] = title
    code = _currency(cells, plan)
    if code not in (None, "USD"):
        body["currency"] = code
    return body


def _currency(cells: list[str], plan: Plan) -> str | None:
    """Return the currency: that of its column, else of the header, else of the amounts' own signs. Raises BetError."""
    text = plan.cell(cells, "currency")
    stated = bets_columns.currency(text) if text else plan.currency
    if text and stated is None:
        raise BetError("currency", f"{shown(text)!r} is not a currency; write its ISO code, like USD")
    for role in _AMOUNTS:
        if plan.cell(cells, role).replace(".", "").isdecimal():
            continue
        match = _CURRENCY.fullmatch(plan.cell(cells, role))
        sign = match and (match[1] or match[2])
        code = bets_columns.currency(sign) if sign else None
        if code and stated is None:
            stated = code
        elif code and code != stated and sign != "$":
            raise BetError(role, f"it is in {code} where the record is in {stated}")
    return stated


def _stated(cells: list[str], plan: Plan) -> Stated:
    result = result_of(plan.cell(cells, "result"))
    amounts = {role: _amount(cells, plan, role) for role in _AMOUNTS}
    stake = amounts["stake"]
    if stake is not None and stake < 0:
        raise BetError("stake", f"{shown(plan.cell(cells, 'stake'))!r} is below zero; a stake is not")
    return Stated(result, stake, amounts["payout"], amounts["profit"], amounts["fees"] or 0, _odds(cells, plan))


def _amount(cells: list[str], plan: Plan, role: str) -> int | None:
    """Return an amount in micros of its currency, None where the cell states none. Raises BetError."""
    text = plan.cell(cells, role)
    if text.lower() in _NOTHING:
        return None
    try:
        if plan.reading.settings is None and plan.signs[role] == "." and text.replace(".", "").isdecimal():
            return fixed(text).micros(MICRO)
        match = _CURRENCY.fullmatch(text)
        for sign in match.groups() if match else ():
            if sign and bets_columns.currency(sign):
                text = text.replace(sign, "")
        value = number(settled_sign(text, plan.signs[role]))
        with localcontext() as context:
            context.prec = 60
            value *= plan.reading.settings.unit if plan.reading.settings else Decimal(1)
        return scaled(value)
    except MoneyError as error:
        raise BetError(role, str(error)) from None


def _odds(cells: list[str], plan: Plan) -> Decimal | None:
    text = plan.cell(cells, "odds")
    if not text:
        return None
    try:
        return odds.parse(settled_sign(text, plan.signs["odds"]), plan.style)
    except (odds.OddsError, MoneyError) as error:
        raise BetError("odds", str(error)) from None


def _time(cells: list[str], plan: Plan, role: str) -> int | None:
    text = plan.cell(cells, role)
    if text.lower() in _NOTHING:
        return None
    try:
        return times.parse(text, plan.reading.zone, plan.orders[role])
    except times.TimeError as error:
        raise BetError(role, str(error)) from None


def _opened(cells: list[str], plan: Plan) -> int | None:
    """Return when the bet was placed; a date and a time of day in two columns are put together."""
    text, clock = plan.cell(cells, "time"), plan.cell(cells, "clock")
    if text.lower() in _NOTHING or not clock:
        return _time(cells, plan, "time")
    # A bet on several races names the time of each: it stood open from the first.
    first = re.split(r"\s*[/,&+]\s*", clock)[0]
    if not times.is_clock(first):
        raise BetError("clock", f"{shown(clock)!r} is not a time of day; write it like 14:25")
    joined = f"{text} {first}" if ":" not in text else text
    try:
        return times.parse(joined, plan.reading.zone, plan.orders["time"])
    except times.TimeError as error:
        raise BetError("time", str(error)) from None
