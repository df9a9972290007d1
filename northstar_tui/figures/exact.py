"""Exact numbers of fills: quantities and prices as integers of 10⁻¹⁸, their products as integers of 10⁻³⁶.

A venue's eight places times eight places are sixteen; a float has no room for them, and a fraction's denominator grows
with every partial close. Money is rounded to micro-dollars once, by `micros`, where it is shown or summed.
"""

from __future__ import annotations

PLACES = 18
"""Decimal places that a quantity or a price may have."""
UNIT = 10**PLACES
"""One contract, or a price of one dollar."""
DOLLAR = UNIT * UNIT
"""One dollar of cost or gain."""
MICRO = DOLLAR // 1_000_000
"""One micro-dollar of them, as fees are counted."""


def units(text: str) -> int:
    """Return the decimal `text`, such as ``-12.50``, in 10⁻¹⁸. Raises ValueError for another text, or more places."""
    whole, point, fraction = text.partition(".")
    sign = whole[:1] == "-"
    digits = whole[1:] if sign else whole
    fraction = fraction.rstrip("0")
    if not (digits.isdigit() and digits.isascii()) or (point and not (fraction + "0").isdigit()):
        raise ValueError(f"{text[:40]!r} is no decimal number")
    if len(digits) > 30 or len(fraction) > PLACES or not fraction.isascii():
        raise ValueError(f"{text[:60]!r} has more digits than can be kept")
    size = int(digits + fraction.ljust(PLACES, "0"))
    return -size if sign else size


def text(value: int, places: int = PLACES) -> str:
    """Return `value` in 10^−`places` as exact decimal text: ``-12.5``."""
    digits = f"{abs(value):0{places + 1}d}"
    whole, fraction = digits[:-places], digits[-places:].rstrip("0")
    return ("-" if value < 0 else "") + whole + (f".{fraction}" if fraction else "")


def share(amount: int, part: int, whole: int) -> int:
    """Return `amount` × `part` / `whole`, rounded half-even; `whole` above zero."""
    quotient, rest = divmod(amount * part, whole)
    return quotient + (2 * rest > whole or (2 * rest == whole and quotient & 1))


def micros(amount: int) -> int:
    """Return a cost or gain in micro-dollars: the one rounding of money there is, half-even."""
    return share(amount, 1, MICRO)


def directed(side: str, quantity: int, price: int) -> tuple[int, int]:
    """Return what a fill adds to the position, and its price of the one contract there is: YES, where there is NO too.

    `side` is ``buy`` or ``sell`` at that price; or ``yes`` or ``no``, the outcome bought at its own price. Raises
    ValueError for another side, and for a quantity that is nothing.
    """
    if quantity <= 0:
        raise ValueError("a fill's quantity is above zero; its side says the direction")
    if side in ("buy", "yes"):
        return quantity, price
    if side == "sell":
        return -quantity, price
    if side == "no":
        return -quantity, UNIT - price
    raise ValueError(f"a fill's side is buy, sell, yes or no, not {side[:40]!r}")
