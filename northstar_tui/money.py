"""Exact money: integer micro-dollars (1 USD = 1,000,000), rounded half-even once, at the edge.

Nothing here is a float. A text from outside becomes an integer with `micros`; an integer becomes a text
again with `decimal_text` (exact, for machines) or `dollars` (two decimals, for people).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

MICRO = 1_000_000
"""Micro-dollars in one dollar."""

MAX_MICROS = 2**53 - 1
"""Largest amount one record may state, about nine billion dollars: hundreds of them still sum up within SQLite's 64-bit
integers, and real ones by the thousand million."""

_SIMPLE = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_SYMBOL = r"(?:[$£€¥₹]|USD|usd)"
_SHAPE = re.compile(
    rf"(?:{_SYMBOL}\ ?)? (?P<open>\()?\ ? (?P<sign>[+-])?\ ? (?:{_SYMBOL}\ ?)? (?P<inner>[+-])?"
    rf"(?P<digits>[\d.,](?:[\d.,\ ]*[\d.,])?(?:[eE][+-]?\d{{1,3}})?)"
    rf"\ ?(?:{_SYMBOL})?\ ? (?P<trail>-)?\ ? (?P<close>\))?\ ?(?:{_SYMBOL})?",
    re.ASCII | re.VERBOSE,
)
"""Sign, brackets and symbols around the digits; none of them may stand between two digits."""
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_GROUPED_COMMA_DECIMAL = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+,\d*", re.ASCII)
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)
_PLAIN = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"\d*,\d+", re.ASCII)
_RUN = re.compile(" {2,}")
_SPACES = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " "})


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
        context.prec = max(60, len(value.as_tuple().digits) + 30)  # so that the one rounding is the last line's
        result = (value * unit).to_integral_value(ROUND_HALF_EVEN)
    if abs(result) > MAX_MICROS:
        raise MoneyError(f"{value:.6e} is beyond what one record may state")
    return int(result)


def number(text: str) -> Decimal:
    """Return the exact decimal number that a person's or a program's `text` states. Raises MoneyError.

    One sign at most: ``(-5)`` could mean either, so it is refused.
    """
    shape = _SHAPE.fullmatch(_RUN.sub(" ", text.translate(_SPACES).strip()))
    if shape is None:
        raise _refused(text)
    signs = [sign for sign in shape.group("open", "sign", "inner", "trail") if sign]
    if len(signs) > 1 or (shape["open"] is None) != (shape["close"] is None):
        raise _refused(text)
    body = shape["digits"]
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    elif _GROUPED_COMMA_DECIMAL.fullmatch(body):
        body = body.replace(".", "").replace(",", ".")
    elif _SPACED.fullmatch(body):
        body = body.replace(" ", "").replace(",", ".")
    elif _COMMA_DECIMAL.fullmatch(body):
        body = body.replace(",", ".")
    elif not _PLAIN.fullmatch(body):
        raise _refused(text)
    value = Decimal(body)
    return value.copy_negate() if signs and signs[0] != "+" else value


def _refused(text: str) -> MoneyError:
    shown = text if len(text) <= 60 else text[:59] + "…"
    return MoneyError(f"{shown!r} is not a number" if text.strip() else "the amount is empty")


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


def exact_dollars(amount: int) -> str:
    """Return `amount` micro-dollars for people with all its places: ``-$1,234.5067``; two where it is whole cents."""
    whole, _, places = decimal_text(abs(amount)).partition(".")
    return f"{'-' if amount < 0 else ''}${int(whole):,}.{places}"


def convert(amount: int, rate: Decimal) -> int:
    """Return `amount` micro-units of a foreign currency in micro-dollars, half-even, at `rate` USD per unit."""
    return scaled(rate, amount)
