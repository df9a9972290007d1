"""Records of a JSON answer, one by one: each with its own verbatim text, and errors that name the record and the field.

Money in an answer is a number's digits or a text of digits, and never a float: `digits` takes the one, `decimal` the
other, and neither takes what is documented as the other.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec

from northstar_tui.errors import shown
from northstar_tui.money import MICRO, MoneyError, scaled
from northstar_tui.sources.numbers import plain
from northstar_tui.sources.source import Nonsense, SourceError

T = TypeVar("T")
Name = Annotated[str, msgspec.Meta(max_length=2_000)]
"""A model, a coin, an id: text from outside that names something. Longer ones are no names."""
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


def nonsense(source: str, where: str, what: str) -> Nonsense:
    """Return the error of a record that is not as documented; `where` names the record and the field."""
    return Nonsense(
        f"{source}: {shown(where)} is not as documented: {shown(what, 300)}",
        "nothing of this answer was stored; upgrade northstar, or report it",
    )


def record(raw: msgspec.Raw, shape: type[T], source: str, where: str) -> T:
    """Return one record of an answer as `shape`. Raises Nonsense naming the record, and the field in it."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError as error:
        raise nonsense(source, where, str(error)) from None


def text(raw: msgspec.Raw) -> str:
    """Return a record's own text."""
    return bytes(raw).decode("utf-8", "replace")


def digits(raw: msgspec.Raw, source: str, where: str) -> Decimal:
    """Return a JSON number, exactly. Raises Nonsense for anything else, a text of digits too."""
    found = text(raw).strip()
    if not _NUMBER.fullmatch(found):
        raise nonsense(source, where, f"{found!r} is not a number")
    return Decimal(found)


def decimal(found: str, source: str, where: str) -> Decimal:
    """Return the number that a text states, exactly, written as programs do. Raises Nonsense for anything else."""
    if not _NUMBER.fullmatch(found):
        raise nonsense(source, where, f"{found!r} is not a number")
    return Decimal(found)


def micros(value: Decimal, source: str, where: str, unit: int = MICRO) -> int:
    """Return `value` × `unit` in micros, rounded half-even once. Raises Nonsense beyond what one record may state."""
    try:
        return scaled(value, unit)
    except MoneyError as error:
        raise nonsense(source, where, str(error)) from None


def written(value: Decimal, source: str, where: str) -> str:
    """Return `value` as plain decimal text, without exponent or needless zeros. Raises Nonsense where it has none."""
    try:
        return plain(value)
    except MoneyError as error:
        raise nonsense(source, where, str(error)) from None


def cursor(found: str | None, shape: type[T], source: str) -> T:
    """Return a stored cursor as `shape`, its default where there is none. Raises SourceError for another shape."""
    try:
        return msgspec.json.decode(found or "{}", type=shape)
    except msgspec.DecodeError:
        raise SourceError(
            f"{source}: how far it was read cannot be understood: {shown(found or '')}",
            "another version of northstar wrote it: use that one, or a new --store",
        ) from None
