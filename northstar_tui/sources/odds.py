"""Odds as the books of the world write them, to decimal odds: what one unit staked pays back when it wins.

How a column writes them is decided for the column as a whole (`StyleEvidence`); a cell whose sign or stroke says it by
itself is read by that also where the column changes its mind.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from functools import lru_cache

from northstar_tui.errors import shown
from northstar_tui.money import MoneyError, number
from northstar_tui.sources.numbers import plain

_EVENS = frozenset({"evs", "evens", "even", "ev", "evn"})
_UNKNOWN = frozenset({"", "sp", "n/a", "na", "-", "—", "none", "null", "nan", "0", "0.0", "0.00"})
"""Nothing stated: SP is the starting price, which the slip does not know; a zero is no odds of anything."""
_FRACTION = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*[/-]\s*(\d{1,5})", re.ASCII)
_CENTS = re.compile(r"\d{1,2}(?:\.\d{1,6})?\s*[¢c]", re.ASCII | re.IGNORECASE)
_PLACES = Decimal("1e-10")
_LARGEST = Decimal(10) ** 9


class OddsError(ValueError):
    """A text that states no odds; its message says why and how to mend it."""


class StyleEvidence:
    """Decides how a column writes odds, over all its cells.

    The rule: a stroke or ``evens`` is fractional, ``¢`` is cents; a sign, or no number at all below 100, is American;
    anything else is decimal. Signed numbers beside numbers between 1 and 100 are mixed.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def add(self, text: str) -> None:
        """Take one cell into account."""
        self._seen.add(_shape(text))

    @property
    def style(self) -> str | None:
        """``american``, ``decimal``, ``fractional``, ``cents``, ``mixed``; None where no cell states odds."""
        seen = self._seen - {"unknown"}
        if seen and seen <= {"signed", "large"}:
            return "american"
        if seen == {"decimal", "large"}:
            return "decimal"
        return next(iter(seen)) if len(seen) == 1 else "mixed" if seen else None


def _shape(text: str) -> str:
    lowered = text.strip().lower()
    if lowered in _UNKNOWN:
        return "unknown"
    text = text.strip()
    if lowered in _EVENS or (_FRACTION.search(text) and "/" in text):
        return "fractional"
    if _CENTS.fullmatch(text):
        return "cents"
    if text[0] in "+-\u2212":
        return "signed"
    try:
        return "large" if number(text) >= 100 else "decimal"
    except MoneyError:
        return "unknown"


@lru_cache(1 << 12)
def parse(text: str, style: str | None) -> Decimal | None:
    """Return the decimal odds that `text` states in a column of `style`, None where it states none. Raises OddsError.

    Not rounded but for recurring fractions, which keep ten places: −110 is 1.9090909091.
    """
    text = text.strip()
    if text.lower() in _UNKNOWN:
        return None
    shape = _shape(text)
    if shape == "fractional" or style == "fractional":
        return _fractional(text)
    if shape == "cents" or style == "cents":
        return _cents(text)
    try:
        value = number(text)
    except MoneyError:
        raise OddsError(f"{shown(text)!r} is not odds; write them like 1.91, -110, 10/11 or 52¢") from None
    if shape == "signed" or style == "american":
        return _american(text, value)
    if shape == "large" and style == "mixed":
        raise OddsError(
            f"{shown(text)!r} can be American or decimal odds (the column holds both); "
            'set odds = "american" or "decimal" under [formats.NAME] in the config and import with --as NAME'
        )
    if value < 1:
        raise OddsError(f"{shown(text)!r} is below 1, which no decimal odds are; if it is a price, write it like 52¢")
    return _rounded(text, value)


def _american(text: str, value: Decimal) -> Decimal:
    if abs(value) < 100:
        raise OddsError(f"{shown(text)!r} is between -100 and +100, which no American odds are")
    with localcontext() as context:
        context.prec = 40
        if abs(value) >= _LARGEST:
            raise OddsError(f"{shown(text)!r} is beyond any odds")
        profit = value / 100 if value > 0 else Decimal(100) / -value
        return _rounded(text, 1 + profit)


def _fractional(text: str) -> Decimal:
    """Multiply what is joined by ``+`` or ``x``: the legs of one bet."""
    total = Decimal(1)
    for leg in re.split(r"\s*[+x×]\s*", text):
        match = _FRACTION.fullmatch(leg.strip())
        if leg.strip().lower() in _EVENS:
            total *= 2
        elif match and int(match[2]):
            with localcontext() as context:
                context.prec = 40
                total *= 1 + Decimal(match[1]) / Decimal(match[2])
        else:
            raise OddsError(f"{shown(text)!r} is not fractional odds; write them like 5/2")
    return _rounded(text, total)


def _cents(text: str) -> Decimal:
    try:
        cents = number(text.rstrip("¢cC "))
    except MoneyError:
        cents = Decimal(0)
    if not 0 < cents < 100:
        raise OddsError(f"{shown(text)!r} is not a price between 0 and 100 cents")
    with localcontext() as context:
        context.prec = 40
        return _rounded(text, 100 / cents)


def _rounded(text: str, value: Decimal) -> Decimal:
    """Return `value` to ten places at most, without needless zeros."""
    if value >= _LARGEST:
        raise OddsError(f"{shown(text)!r} is beyond any odds")
    with localcontext() as context:
        context.prec = 60
        exponent = value.as_tuple().exponent
        short = value.quantize(_PLACES) if isinstance(exponent, int) and exponent < -10 else value
    return Decimal(plain(short))
