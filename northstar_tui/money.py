"""Exact money: integer micro-dollars (1 USD = 1,000,000), rounded half-even once, at the edge.

Nothing here is a float. A text from outside becomes an integer with `micros`; an integer becomes a text
again with `decimal_text` (exact, for machines) or `dollars` (two decimals, for people).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext

MICRO = 1_000_000
"""Micro-dollars in one dollar."""

MAX_MICROS = 2**53 - 1
"""Largest amount one record may state, about nine billion dollars: a sum of a thousand million such
records still fits SQLite's 64-bit integers only because real ones are smaller, so larger is refused."""

_SIMPLE = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_SYMBOLS = re.compile(r"[$£€¥₹]|\b(?:USD|usd)\b")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_GROUPED_COMMA_DECIMAL = re.compile(r"\d{1,3}(?:\.\d{3})+,\d*", re.ASCII)
_PLAIN = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"\d*,\d+", re.ASCII)


class MoneyError(ValueError):
    """A text that does not state an amount of money; its message says why."""


def micros(text: str, *, unit: int = MICRO) -> int:
    """Return the amount stated by `text` in micro-dollars.

    `unit` is the number of micros in one of the text's units: 1,000,000 for dollars, 10,000 for cents.
    Accepts signs before or after the symbol, ``($1.23)`` and ``1.23-`` for negatives, thousands separators
    and a decimal comma. Raises MoneyError for anything else; never guesses at an empty text.
    """
    if unit == MICRO and _SIMPLE.fullmatch(text):
        whole, _, fraction = text.partition(".")
        size = abs(int(whole)) * MICRO + (int(fraction.ljust(6, "0")) if fraction else 0)
        return -size if whole[0] == "-" else size
    return scaled(number(text), unit)


def scaled(value: Decimal, unit: int = MICRO) -> int:
    """Return `value` × `unit` as an integer, rounded half-even. Raises MoneyError beyond MAX_MICROS."""
    with localcontext() as context:
        context.prec = 60
        result = (value * unit).to_integral_value(ROUND_HALF_EVEN)
    if abs(result) > MAX_MICROS:
        raise MoneyError(f"{value} is beyond what one record may state")
    return int(result)


def number(text: str) -> Decimal:
    """Return the exact decimal number that a person's or a program's `text` states. Raises MoneyError."""
    body = _SYMBOLS.sub("", text.replace("\u2212", "-")).strip().replace("\u00a0", "").replace(" ", "")
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1]
    if body[:1] in ("+", "-"):
        negative, body = negative != (body[0] == "-"), body[1:]
    elif body.endswith("-"):
        negative, body = not negative, body[:-1]
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    elif _GROUPED_COMMA_DECIMAL.fullmatch(body):
        body = body.replace(".", "").replace(",", ".")
    elif _COMMA_DECIMAL.fullmatch(body):
        body = body.replace(",", ".")
    elif not _PLAIN.fullmatch(body):
        raise MoneyError(f"{text!r} is not a number" if text.strip() else "the amount is empty")
    try:
        value = Decimal(body)
    except InvalidOperation:
        raise MoneyError(f"{text!r} is not a number") from None
    return -value if negative else value


def decimal_text(amount: int) -> str:
    """Return `amount` micro-dollars as an exact decimal text, two to six places: ``412.07``, ``-0.000001``."""
    sign = "-" if amount < 0 else ""
    whole, fraction = divmod(abs(amount), MICRO)
    places = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{places}"


def dollars(amount: int, *, plus: bool = False) -> str:
    """Return `amount` micro-dollars for people, to the cent, half-even: ``-$1,234.50``; `plus` shows ``+``.

    An amount that is not zero but rounds to it keeps its exact places, so that no gain or loss reads as nothing.
    """
    cents, rest = divmod(abs(amount), 10_000)
    cents += rest > 5_000 or (rest == 5_000 and cents % 2 == 1)
    sign = "-" if amount < 0 else ("+" if plus and amount > 0 else "")
    if cents == 0 and amount:
        return f"{sign}${decimal_text(abs(amount))}"
    return f"{sign}${cents // 100:,}.{cents % 100:02d}"


def convert(amount: int, rate: Decimal) -> int:
    """Return `amount` micro-units of a foreign currency in micro-dollars, half-even, at `rate` USD per unit."""
    return scaled(Decimal(amount) * rate, 1)
