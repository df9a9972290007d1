"""How far an account has been read: the source's cursor, a JSON text that nothing else understands."""

from __future__ import annotations

import zlib

import msgspec

VERSION = 1
HOUR = 3_600_000_000
DAY = 24 * HOUR
OVERLAP = HOUR
"""Fills can lag their order by seconds; the last hour is read again every time."""
SETTLED_OVERLAP = 7 * DAY
"""Settlements of a week are read again, for a market can be settled anew; an unchanged one is passed over."""


class Marks(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """High-water marks, microseconds UTC; 0 where nothing was read yet."""

    version: int
    fills: int = 0
    orders: int = 0
    resting: int = 0
    """When the oldest order that was resting was created; 0 without one. All since then are read again."""
    settlements: dict[str, int] = {}
    """By subaccount."""
    settled: dict[str, str] = {}
    """What settlements within the overlap said, as sums by ``subaccount:ticker``; only those with all their fills."""
    subaccounts: list[int] = []
    """Every one that was ever seen."""
    held: dict[str, list[str]] = {}
    """Tickers whose position was last reported as not nothing, by subaccount."""
    said: dict[str, str] = {}
    """Last balances and quotes by key: only a change is news."""
    exclusive: dict[str, bool | None] = {}
    """Of the events of which something is held: whether at most one of their markets ends YES."""
    archived: int = 0
    """When the last run began that read everything: what is older is stored, whatever moves to the archive since."""

    def text(self) -> str:
        """Return these marks as a cursor."""
        return msgspec.json.encode(self, order="deterministic").decode()

    @staticmethod
    def read(cursor: str | None) -> Marks:
        """Return the marks of `cursor`; of none, or of another version's, those that read everything again."""
        try:
            marks = msgspec.json.decode(cursor or "", type=Marks)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Marks(VERSION)
        return marks if marks.version == VERSION else Marks(VERSION)

    def start(self, mark: int, since: int | None, overlap: int = OVERLAP) -> int:
        """Return from where a stream read up to `mark` is to be read; never later, so that no gap is left."""
        again = max(0, mark - overlap)
        if since is None:
            return again
        return min(since, again) if mark else since


def checksum(raw: str) -> str:
    """Return what tells one statement of a settlement from another."""
    return f"{zlib.crc32(raw.encode()):08x}"
