"""The cells of a mail's bet to exact values: money, odds, edge, confidence, tickers, times. Raises `BetError`."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, localcontext
from typing import NamedTuple

from northstar_tui.errors import shown
from northstar_tui.money import MICRO, MoneyError, number, scaled
from northstar_tui.sources import bets_columns, odds, times
from northstar_tui.sources.bets_money import BetError
from northstar_tui.sources.mail.sheets import Row
from northstar_tui.sources.numbers import plain, settled_sign

NOTHING = frozenset(("", "-", "—", "–", "n/a", "na", "none", "null", "nan", "tbd"))
_UNITS = re.compile(r"(.*\d)\s?(?:u|units?)\.?", re.I)
_SIGN = re.compile(r"([^\d\s.,()+\u2212-]{1,3})?[\s(+\u2212-]*[\d.,\s]*\d[\d.,]*[\s)]*([^\d\s.,()+\u2212-]{1,3})?[)-]?")
_PRICE = re.compile(r"\$?\s?(0?\.\d{1,6})", re.ASCII)
_SHARE = re.compile(r"([^/]{1,20})/\s*(10|100)", re.ASCII)
_TICKER = re.compile(
    r"(?<![\w-])(KX[A-Z0-9]{1,40}(?:-[A-Z0-9.]{1,60}){1,6}|[A-Z][A-Z0-9]{1,40}-\d{2}[A-Z]{3}\d{0,6}[A-Z0-9]{0,20}(?:-[A-Z0-9.]{1,60}){0,6})"
    r"(?![\w-])"
)
_WHOLE = re.compile(r"[A-Z0-9]{2,40}(?:-[A-Z0-9.]{1,60}){1,6}", re.ASCII)
_CLOCK = re.compile(r"\d:\d\d")
CELL_MAX = 500
"""Longest market, pick or id, characters."""


class Money(NamedTuple):
    """An amount in micros of its currency; the currency is None where the cell states none."""

    micros: int
    currency: str | None


def money(row: Row, role: str, unit: Decimal | None) -> Money | None:
    """Return the amount that a cell states, None for none; `unit` is the config's dollars in one betting unit."""
    text = row.cell(role)
    if text.lower() in NOTHING:
        return None
    code = None
    in_units = _UNITS.fullmatch(text)
    try:
        if in_units:
            text = in_units[1]
        match = _SIGN.fullmatch(text)
        for sign in match.groups() if match else ():
            found = bets_columns.currency(sign) if sign else None
            if sign and found:
                code, text = found, text.replace(sign, "")
        value = number(settled_sign(text, row.hints.signs.get(role, ".")))
        if in_units or (row.hints.units and code is None):
            if unit is None:
                raise BetError(
                    role, f'{shown(row.cell(role))!r} is in units; state what one is: unit = "25" in the config'
                )
            with localcontext() as context:
                context.prec = 60
                value *= unit
        return Money(scaled(value, MICRO), code or row.hints.currency)
    except MoneyError as error:
        raise BetError(role, str(error)) from None


def quantity(row: Row) -> Decimal | None:
    """Return the number of contracts that a row states."""
    text = row.cell("quantity")
    if text.lower() in NOTHING:
        return None
    try:
        value = number(settled_sign(text, row.hints.signs.get("quantity", ".")))
        plain(value)
    except MoneyError as error:
        raise BetError("quantity", str(error)) from None
    if value <= 0:
        raise BetError("quantity", f"{shown(text)!r} is no number of contracts")
    return value


def price(text: str) -> Decimal | None:
    """Return the dollars that a price like ``52¢`` or ``$0.52`` states; None where `text` is no such price."""
    text = text.strip().removeprefix("@").strip()
    match = _PRICE.fullmatch(text)
    if match:
        value = Decimal(match[1])
        return value if value > 0 else None
    match = re.fullmatch(r"(\d{1,2}(?:\.\d{1,6})?)\s*[¢c]", text, re.ASCII | re.I)
    value = Decimal(match[1]) / 100 if match else Decimal(0)
    return value if value > 0 else None


def decimal_odds(row: Row, ticker: str) -> Decimal | None:
    """Return the decimal odds that a row states, None where it states none."""
    text = row.cell("odds").removeprefix("@").strip()
    cents = price(text)
    try:
        if cents is not None:
            return odds.parse(f"{plain(cents * 100)}¢", "cents")
        if ticker and row.hints.style != "cents" and re.fullmatch(r"[1-9]\d?", text, re.ASCII):
            raise BetError("odds", f"{text!r} on a contract can be cents or odds; write it like {text}¢ or 1.92")
        return odds.parse(settled_sign(text, row.hints.signs.get("odds", ".")), row.hints.style)
    except odds.OddsError as error:
        raise BetError("odds", str(error).partition("; set ")[0]) from None
    except MoneyError as error:
        raise BetError("odds", str(error)) from None


def share(row: Row, role: str) -> tuple[str | None, str | None]:
    """Return (edge or confidence as a decimal text, the words where it is none): ``62%`` is 0.62, ``8/10`` is 0.8."""
    text = row.cell(role)
    if text.lower() in NOTHING:
        return None, None
    if not any(letter.isdigit() for letter in text):
        return None, text[:CELL_MAX]
    over = _SHARE.fullmatch(text)
    percent = text.endswith("%") or role in row.hints.percent
    try:
        cents = price(text) if text[-1] in "¢cC" else None
        value = cents if cents is not None else number((over[1] if over else text).rstrip("% ").strip())
        with localcontext() as context:
            context.prec = 40
            if cents is None and (over or percent):
                value /= Decimal(over[2]) if over else 100
        limit = Decimal(1) if role == "confidence" else Decimal(10 if percent else 1)
        if abs(value) > limit or (role == "confidence" and value < 0):
            raise BetError(role, f"{shown(text)!r} can be a share or a percentage; write it like 62% or 0.62")
        return plain(value), None
    except MoneyError as error:
        raise BetError(role, f"{error}; write it like 4.2% or 0.042") from None


def ticker(row: Row) -> str:
    """Return the Kalshi-style ticker that a row names, empty where it names none."""
    own = row.cell("ticker")
    if _WHOLE.fullmatch(own.upper()) and own:
        return own.upper()
    for role in ("ticker", "market", "event", "selection"):
        match = _TICKER.search(row.cell(role)[:CELL_MAX])
        if match:
            return match[1]
    return ""


class Moment(NamedTuple):
    """A stated time: the instant, the date as it is written, and whether it says more than the date."""

    at: int
    day: str
    clock: bool


def moment(row: Row, role: str, zone: tzinfo) -> Moment | None:
    """Return the time that a cell states, None for none."""
    text = row.cell(role)
    if text.lower() in NOTHING:
        return None
    clock = row.cell("clock") if role == "time" else ""
    if clock and times.is_clock(clock) and not _CLOCK.search(text):
        text = f"{text} {clock}"
    order = row.hints.orders.get(role)
    try:
        at, written = times.parse(text, zone, order), times.parse(text, UTC, order)
    except times.TimeError as error:
        reason, open_, _ = str(error).partition("; set ")
        raise BetError(role, f"{reason}; write it like 2026-02-25" if open_ else reason) from None
    day = datetime.fromtimestamp(written // MICRO, UTC).date().isoformat()
    return Moment(at, day, ":" in text or text.isdigit())


def name(row: Row, role: str) -> str:
    """Return a market, pick or id, fit to be a fact. Raises BetError where it is too long to be one."""
    text = row.cell(role)
    if text.lower() in NOTHING:
        return ""
    if len(text) > CELL_MAX:
        raise BetError(role, f"it is longer than {CELL_MAX} characters")
    return text


def alike(text: str) -> str:
    """Return `text` as it is compared: without case, width, and how it is spaced."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .:;,-")
