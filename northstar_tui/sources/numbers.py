"""Prices, quantities and odds: exact decimal texts at the source's own precision, never floats."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import NamedTuple

from northstar_tui.errors import shown
from northstar_tui.money import MAX_MICROS, MICRO, MoneyError, number

_WIDE = Context(prec=60)
LARGEST = Decimal(10) ** 15
"""No price or quantity is this large; an exponent cannot make a text of a million digits."""


def plain(value: Decimal) -> str:
    """Return `value` as decimal text without exponent or needless zeros: ``0.68``, ``7``. Raises MoneyError."""
    if not -LARGEST < value < LARGEST:
        raise MoneyError(f"{value:.3e} is too large")
    if value.is_zero():
        return "0"
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -30:
        raise MoneyError(f"{value:.3e} has more than 30 decimal places")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_FIXED = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,12}))?", re.ASCII)


class Fixed(NamedTuple):
    """An exact decimal number: `digits` × 10^-`places`."""

    digits: int
    places: int

    def micros(self, unit: int) -> int:
        """Return it in micros, rounded half-even, where one of it is `unit` micros. Raises MoneyError."""
        return _checked(_half_even(self.digits * unit, 10**self.places))

    def times(self, other: Fixed, unit: int) -> int:
        """Return the product in micros, rounded half-even once. Raises MoneyError."""
        return _checked(_half_even(self.digits * other.digits * unit, 10 ** (self.places + other.places)))

    def hundredth(self) -> Fixed:
        """Return a hundredth of it: cents as dollars."""
        return Fixed(self.digits, self.places + 2)

    def text(self) -> str:
        """Return it as `plain` decimal text."""
        whole, rest = divmod(abs(self.digits), 10**self.places)
        sign = "-" if self.digits < 0 else ""
        return f"{sign}{whole}.{rest:0{self.places}d}".rstrip("0") if rest else f"{sign}{whole}"


def fixed(text: str) -> Fixed:
    """Return the number that `text` states, exactly. Raises MoneyError.

    What programs write (``-12.34000000``) takes no `Decimal`: a file of a million rows holds eight million of them.
    """
    match = _FIXED.fullmatch(text)
    if match is not None:
        sign, whole, fraction = match.groups("")
        digits = int(whole + fraction)
        return Fixed(-digits if sign else digits, len(fraction))
    value = Decimal(plain(number(text)))
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return Fixed(int(value.scaleb(-exponent, _WIDE)), -exponent)


def _half_even(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole & 1))


def _checked(amount: int) -> int:
    if abs(amount) > MAX_MICROS:
        raise MoneyError(f"{amount // MICRO} is beyond what one record may state")
    return amount


def plain_text(text: str) -> str:
    """Return the number that `text` states as `plain` decimal text. Raises MoneyError."""
    return plain(number(text))


_COMMA = re.compile(r"\d,\d{1,2}(?!\d)|\.\d{3},\d|^\D*0,\d", re.ASCII)
_POINT = re.compile(r"\d\.\d{1,2}(?!\d)|,\d{3}\.\d|^\D*0\.\d|\.\d{4}", re.ASCII)
_OPEN = re.compile(r"(?<!\d)\d{1,3}[.,]\d{3}(?!\d)", re.ASCII)
"""One comma or point and three digits behind it: a thousand, or three decimal places."""


class DecimalEvidence:
    """Decides which sign a column puts before its decimals, over all its cells.

    The rule: a comma followed by one or two digits, or behind a point that parts thousands, is a decimal comma;
    likewise a point. Where no cell shows it, the sign is a comma in a ``;``-separated file and a point elsewhere.
    """

    def __init__(self, delimiter: str) -> None:
        self._default = "," if delimiter == ";" else "."
        self._comma = self._point = False

    def add(self, text: str) -> None:
        """Take one cell into account."""
        if "," in text and _COMMA.search(text):
            self._comma = True
        if "." in text and _POINT.search(text):
            self._point = True

    @property
    def sign(self) -> str:
        """``,``, ``.``, or ``mixed`` where the column shows both."""
        if self._comma and self._point:
            return "mixed"
        return "," if self._comma else "." if self._point else self._default


def settled_sign(text: str, sign: str) -> str:
    """Return `text` with a decimal point, as a column of `sign` means it. Raises MoneyError where it is open."""
    if not _OPEN.search(text):
        return text
    if sign == "mixed":
        raise MoneyError(
            f"{shown(text)!r} can be thousands or three decimals (the column holds both); write it plainly"
        )
    if sign == ",":
        return text.replace(".", "").replace(",", ".")
    return text
