"""What the tests of sources share: bytes in, items out."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

from northstar_tui.events import Event, Reject
from northstar_tui.sources.base import FormatSettings, Item, Reading, choose, recognise
from northstar_tui.sources.table import look

ZONE = ZoneInfo("America/New_York")


def read(data: bytes | str, *, book: str | None = None, settings: FormatSettings | None = None) -> list[Item]:
    """Return what NorthStar makes of a file with these bytes; with `settings`, as the bets they describe."""
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    if settings is None:
        chosen, head = recognise(file)
    else:
        chosen, _ = choose("bets-csv", {})
        head = look(file)
    return list(chosen.read(file, head, Reading(ZONE, book, settings)))


def events(items: list[Item]) -> list[Event]:
    """Return the events, having checked that there is nothing else."""
    assert not rejects(items), rejects(items)
    return [item for item in items if isinstance(item, Event)]


def rejects(items: list[Item]) -> list[Reject]:
    """Return the rejects."""
    return [item for item in items if isinstance(item, Reject)]
