"""Which column of a bet log plays which role: Pikkit's names, and what other books and people call the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from northstar_tui.errors import FileError, shown
from northstar_tui.sources.table import normal

ROLES: dict[str, tuple[str, ...]] = {
    "id": (
        "bet id", "betid", "bet slip id", "betslip id", "slip id", "ticket id", "ticket", "ticket number",
        "wager id", "external bet id", "bet ref", "bet reference", "bet receipt", "receipt", "reference",
        "bet number", "id",
    ),
    "time": (
        "time placed iso", "time placed", "placed at", "placed on", "placed", "date placed", "placed date",
        "bet placed", "bet date time", "bet date", "bet time", "date of bet", "wager date", "accepted",
        "accepted at", "posted at", "date/time", "date time", "datetime", "timestamp", "date", "day", "created at",
        "created", "event time", "time",
    ),
    "clock": ("time",),
    "settled": (
        "time settled iso", "time settled", "settled at", "settled on", "settled date", "date settled",
        "settled time", "settlement date", "settled", "graded at", "date graded", "result date", "closed at",
    ),
    "start": (
        "event start", "start time", "event date", "event time", "game date", "kick off", "kickoff", "match date",
    ),
    "event": (
        "bet info", "event", "event name", "match", "game", "fixture", "matchup", "match up", "teams", "horse",
        "description", "details", "market name",
    ),
    "selection": (
        "selection", "bet selection", "pick", "bet", "wager", "play", "runner", "your pick", "outcome name",
    ),
    "market": ("market", "market type", "bet type", "type", "wager type"),
    "sport": ("sports", "sport", "sport / league", "sport/league", "category"),
    "league": ("leagues", "league", "league name", "competition", "tournament"),
    "stake": (
        "stake", "amount", "bet amount", "wager amount", "amount wagered", "amount bet", "risk", "risk amount",
        "risked", "at risk", "staked", "total stake", "stake amount", "bet size", "stake units", "units",
        "units risked",
    ),
    "odds": (
        "odds decimal", "decimal odds", "odds", "price", "odds american", "american odds", "bet american odds",
        "bet odds", "coeff", "coefficient", "odds taken", "total odds",
    ),
    "result": ("bet result", "result", "outcome", "status", "bet status", "w/l", "win/loss", "won/lost", "won"),
    "payout": (
        "payout", "returns", "return", "total return", "total returns", "returned", "paid", "amount returned",
        "paid out", "total payout", "collected",
    ),
    "profit": (
        "profit", "net profit", "profit/loss", "profit / loss", "profit & loss", "profit and loss", "p/l", "p&l",
        "pnl", "pl", "net", "net result", "net win", "winnings net", "amount won/lost", "won/lost amount",
        "gain/loss", "win/loss amount",
    ),
    "fees": ("commission", "fees", "fee", "commission paid"),
    "sportsbook": ("sportsbook", "sports book", "bookmaker", "bookie", "book", "site", "operator", "bookmaker name"),
    "currency": ("currency", "ccy", "currency code"),
}  # fmt: skip
"""Role to the names it goes by, in normal form, the more telling first. Money stays in three roles: stake, payout,
profit."""

_MARKED = re.compile(r"\s*[(\[](.*?)[)\]]\s*$")
_SIGNS = {"£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR", "r$": "BRL", "a$": "AUD", "c$": "CAD", "$": "USD",
          "us$": "USD", "au$": "AUD", "ca$": "CAD", "nz$": "NZD", "kr": "SEK", "zł": "PLN", "₴": "UAH"}  # fmt: skip


def bare(name: str) -> str:
    """Return a column's name in normal form without what it puts in brackets: ``stake (£)`` is ``stake``."""
    return _MARKED.sub("", normal(name)).strip()


def currency_of(name: str) -> str | None:
    """Return the ISO code of the currency that a column's name puts in brackets, None where it names none."""
    match = _MARKED.search(normal(name))
    return currency(match[1]) if match else None


def currency(text: str) -> str | None:
    """Return the ISO code that a sign or a code stands for, None where it stands for none. ``$`` is USD."""
    word = text.strip().lower()
    if word in _SIGNS:
        return _SIGNS[word]
    return word.upper() if re.fullmatch(r"[a-z]{3}", word) and word not in _UNITS else None


_UNITS = frozenset({"iso", "utc", "gmt", "est", "net", "dec", "usa", "avg", "pct", "inc", "fee"})
"""Three letters that stand in brackets behind a column's name and are no currency."""


def find(names: Sequence[str], said: Mapping[str, str]) -> dict[str, int]:
    """Return where each role's column stands in a header; `said` is the operator's own choice of names.

    Raises FileError where a name that the operator gave is not in the header, or a chosen name stands there twice.
    """
    plain, full = _places(map(bare, names)), _places(map(normal, names))
    found: dict[str, int] = {}
    for role, name in said.items():
        places = full.get(normal(name)) or plain.get(normal(name)) or []
        if not places:
            raise FileError(
                f"the mapping says that {role} is the column {shown(name)!r}, which the header does not have",
                f"its columns are {', '.join(shown(each.strip(), 40) for each in names)}",
            )
        found[role] = _only(places, name)
    taken = set(found.values())
    for role, synonyms in ROLES.items():
        if role in found:
            continue
        for synonym in synonyms:
            places = [place for place in plain.get(synonym, ()) if place not in taken]
            if places:
                found[role] = _only(places, synonym)
                taken.add(found[role])
                break
    return found


def _places(names: Iterable[str]) -> dict[str, list[int]]:
    """Return where each name stands in a header."""
    places: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        places.setdefault(name, []).append(index)
    return places


def _only(places: list[int], name: str) -> int:
    if len(places) > 1:
        raise FileError(f"the column {shown(name)!r} stands {len(places)} times in the header", "rename all but one")
    return places[0]


def lacking(found: Mapping[str, int]) -> str | None:
    """Return what a header with these roles lacks to be a bet log, None where it lacks nothing.

    It needs a date, and either the profit or what it follows from: the stake, the result, and the odds or the payout.
    """
    if "time" not in found and "settled" not in found and "start" not in found:
        return "a date (when the bet was placed)"
    if "profit" in found:
        return None if "stake" in found or "odds" in found else "a stake or odds beside the profit"
    missing = [role for role in ("stake", "result") if role not in found]
    if "stake" in found and "payout" in found:
        missing = []
    elif "odds" not in found:
        missing.append("odds, or a payout or profit")
    return ", ".join(missing) or None
