"""Hyperliquid's marks: which perpetuals an account holds, and what is bid and offered for each.

The venue's own mark price is an index of other venues, no price that anybody pays; its book says what closing would
get, which is what every position here is valued at (`views.marks`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from northstar_tui.events import Event
from northstar_tui.sources import payload
from northstar_tui.sources.hyperliquid_fills import CATEGORY, instant
from northstar_tui.sources.payload import Name


class Held(msgspec.Struct):
    """A position, signed."""

    coin: Name
    szi: str


class Asset(msgspec.Struct):
    """A position and its margin mode."""

    position: Held


class Account(msgspec.Struct):
    """What ``clearinghouseState`` says of an address."""

    assetPositions: list[Asset]  # noqa: N815 - the venue's name


class Level(msgspec.Struct):
    """All orders at one price."""

    px: str


class Book(msgspec.Struct):
    """The orders of one coin: bids from the highest, offers from the lowest."""

    coin: Name
    time: int
    levels: tuple[list[msgspec.Raw], list[msgspec.Raw]]


def coins(account: Account, source: str) -> list[str]:
    """Return the coins that are held, by name. Raises Nonsense for a quantity that is no number."""
    held = ((each.position.coin, each.position.szi) for each in account.assetPositions)
    return sorted({coin for coin, size in held if payload.decimal(size, source, f"assetPositions {coin} szi")})


def quote(source: str, book: Book) -> Event:
    """Return the best bid and offer of a book, without a price for a side on which nobody stands.

    The raw text is the answer without the levels behind the best. Raises Nonsense naming the field.
    """
    where = f"l2Book {book.coin}"
    body: dict[str, Any] = {"instrument": book.coin, "category": CATEGORY}
    best = [level[:1] for level in book.levels]
    for name, levels in zip(("bid", "ask"), best, strict=True):
        for raw in levels:
            price = payload.decimal(payload.record(raw, Level, source, f"{where} {name}").px, source, f"{where} px")
            body[name] = payload.written(price, source, f"{where} px")
    said = msgspec.json.encode({"coin": book.coin, "time": book.time, "levels": best}).decode()
    return Event(source, f"quote:{book.coin}", "market.quoted", instant(book.time, source, where), body, said)
