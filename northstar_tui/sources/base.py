"""What a file format is, and which formats NorthStar knows.

A format says whether a file's beginning is its own (`claims`), and reads the file into items. It knows neither the
store nor the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from northstar_tui.errors import FileError, guess, shown
from northstar_tui.events import Event, Origin, Reject
from northstar_tui.sources.table import Head, look

OddsStyle = Literal["american", "decimal", "fractional", "cents"]
DateOrder = Literal["dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as a log recorded it (JSONL only): which revision of its key it was, and the file it was first read
    from."""

    event: Event
    revision: int
    origin: Origin | None


Item: TypeAlias = Event | Reject | Logged
"""What a format yields."""


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """One ``[formats.NAME]`` of the config: how to read a CSV whose columns NorthStar does not know by name."""

    kind: Literal["bets"] = "bets"
    columns: dict[str, str] = field(default_factory=dict)
    """Role (see `bets_columns.ROLES`) to the header's column name; roles not named here are found by synonym."""
    unit: Decimal = Decimal(1)
    """Dollars in one unit of the file's stakes and profits: 1, 0.01 for cents, 25 for betting units of $25."""
    odds: OddsStyle | None = None
    """How odds are written; None decides for the column as a whole."""
    dates: DateOrder | None = None
    """Whether 03/04/2026 is 3 April (``dmy``) or March 4 (``mdy``); None decides for the column as a whole."""
    category: str | None = None
    book: str | None = None
    """Book of these bets where ``--book`` names none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read one file: the zone of times that state none, whose money it is, and the config's mapping."""

    zone: ZoneInfo
    book: str | None = None
    settings: FormatSettings | None = None

    @property
    def owner(self) -> str | None:
        """The book the operator named for this file, by option or in the mapping."""
        return self.book or (self.settings.book if self.settings else None)


class Format(Protocol):
    """A file format. `name` is its registered name, also that of its events' source."""

    @property
    def name(self) -> str:
        """Registered name: ``kalshi-csv``."""

    @property
    def title(self) -> str:
        """What a person calls it."""

    @property
    def passes(self) -> int:
        """How often `read` goes through the file's bytes, for progress."""

    def claims(self, head: Head) -> Head | None:
        """Return `head`, with its header found, where a file that begins so is of this format; else None."""

    def check(self, head: Head, reading: Reading) -> None:
        """Raise FileError where a file that begins like `head` cannot be taken at all."""

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield what the file says, in its order. Raises FileError as `check` does."""


def source_name(name: str, book: str | None) -> str:
    """Return the source of a format's events: the book is the account, so equal rows of two accounts never meet."""
    return f"{name}:{book}" if book else name


def formats() -> tuple[Format, ...]:
    """Return the built-in formats, the more particular ones first."""
    from northstar_tui.sources.betfair_csv import BetfairCsv
    from northstar_tui.sources.bets_csv import BetsCsv
    from northstar_tui.sources.hyperliquid_csv import HyperliquidCsv
    from northstar_tui.sources.jsonl import Jsonl
    from northstar_tui.sources.kalshi_activity import KalshiActivity
    from northstar_tui.sources.kalshi_csv import KalshiCsv
    from northstar_tui.sources.mail.file_format import MailFile
    from northstar_tui.sources.openrouter_csv import OpenRouterCsv

    venues = (KalshiCsv(), KalshiActivity(), BetfairCsv(), OpenRouterCsv(), HyperliquidCsv())
    return (Jsonl(), MailFile(), *venues, BetsCsv())


def settings_of(name: str, table: Mapping[str, Any]) -> FormatSettings:
    """Return ``[formats.NAME]`` of the config, typed. Raises FileError naming the key that is wrong."""
    from northstar_tui.sources.bets_columns import ROLES

    remedy = "config.example.toml shows a mapping"
    known = {each.name for each in fields(FormatSettings)}
    for key in table:
        if key not in known:
            raise FileError(
                f"[formats.{shown(name)}]: {shown(key)} is not a key of a format", guess(key, known) + remedy
            )
    try:
        found = msgspec.convert(dict(table), FormatSettings)
    except msgspec.ValidationError as error:
        raise FileError(f"[formats.{shown(name)}]: {error}", remedy) from None
    for role in found.columns:
        if role not in ROLES:
            raise FileError(f"[formats.{shown(name)}]: columns.{shown(role)} is no role", f"use {', '.join(ROLES)}")
    if not (found.unit.is_finite() and found.unit > 0):
        raise FileError(f"[formats.{shown(name)}]: unit must be above zero", remedy)
    return found


def choose(name: str, configured: Mapping[str, Mapping[str, Any]]) -> tuple[Format, FormatSettings | None]:
    """Return the format that the operator named: a built-in one, or a mapping of the config. Raises FileError."""
    known = {each.name: each for each in formats()}
    if name in known:
        if name in configured:
            raise FileError(f"[formats.{name}] has the name of a built-in format", "give it another one in the config")
        return known[name], None
    if name in configured:
        return known["bets-csv"], settings_of(name, configured[name])
    raise FileError(f"there is no format {shown(name)!r}", f"use one of {', '.join([*known, *configured])}")


def recognise(file: BinaryIO) -> tuple[Format, Head]:
    """Return the format of a file, told by its content alone, and its beginning. Raises FileError."""
    head = look(file)
    for each in formats():
        claimed = each.claims(head)
        if claimed is not None:
            return each, claimed
    start = head.text.lstrip()[:1]
    if start in ("{", "[", "<"):
        what = "a web page or XML" if start == "<" else "JSON of another program"
        raise FileError(f"this is {what}", "download the CSV export, or import NorthStar's own JSONL")
    if head.cells:
        from northstar_tui.sources.bets_csv import shortfall

        lack = shortfall(head)
        names = ", ".join(shown(cell.strip(), 40) for cell in head.cells[:12]) + (", …" if head.cells[12:] else "")
        raise FileError(
            f"this is no file that NorthStar knows ({lack or f'its columns are {names}'})",
            "if these are bets, describe the columns under [formats.NAME] in the config and use --as NAME",
        )
    raise FileError("this is no file that NorthStar knows", "it must be a CSV export, or NorthStar's own JSONL")
