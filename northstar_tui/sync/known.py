"""What the store already knows about the records of a file: the look-ups an import needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from northstar_tui.events import Event
from northstar_tui.ledger.store import Store


@dataclass(frozen=True, slots=True)
class Trade:
    """A stored closed trade: its subject's id and key, net in micro-dollars, side, and whether it states whole
    cents."""

    subject: int
    key: str
    net: int
    side: str | None
    coarse: bool


class Known:
    """Read-only look-ups on one store."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection

    def source_id(self, name: str) -> int | None:
        """Return the id of a source, None where the store never heard of it."""
        return self._id("source", name)

    def _id(self, axis: str, name: str) -> int | None:
        row = self._connection.execute("SELECT id FROM dimension WHERE axis = ? AND name = ?", (axis, name)).fetchone()
        return int(row[0]) if row else None

    def complete(self, sha256: str) -> bool:
        """Return whether a file with these bytes was read to its end before."""
        row = self._connection.execute("SELECT complete FROM origin WHERE sha256 = ?", (sha256,)).fetchone()
        return bool(row and row[0])

    def has_events(self, source: int) -> bool:
        """Return whether anything of a source is stored."""
        query = "SELECT EXISTS(SELECT 1 FROM subject WHERE source_id = ?)"
        return bool(self._connection.execute(query, (source,)).fetchone()[0])

    def accounts(self, source: str) -> dict[int, str]:
        """Return the other sources of the same format that hold events: id to name."""
        family = source.partition(":")[0]
        rows = self._connection.execute("SELECT id, name FROM dimension WHERE axis = 'source'").fetchall()
        return {
            row: name
            for row, name in rows
            if name != source and name.partition(":")[0] == family and self.has_events(row)
        }

    def count_keys(self, source: int, keys: Sequence[str]) -> int:
        """Return how many of `keys` a source holds."""
        query = "SELECT count(*) FROM json_each(?) j JOIN subject s ON s.source_id = ? AND s.key = j.value"
        return int(self._connection.execute(query, (json.dumps(list(keys)), source)).fetchone()[0])

    def trades(self, source: int, keys: Iterable[str]) -> dict[str, Trade]:
        """Return the stored trades of a source with these keys, by key."""
        rows = self._connection.execute(
            f"{_TRADE} FROM json_each(?) j CROSS JOIN subject s ON s.source_id = ? AND s.key = j.value "
            "JOIN entry n ON n.id = s.id JOIN event e ON e.id = n.event_id",
            (json.dumps(list(keys)), source),
        )
        return {trade.key: trade for trade in map(_trade, rows)}

    def opened(self, source: int, keys: Iterable[str]) -> dict[str, int]:
        """Return when the stored entries of a source with these keys were opened, by key."""
        rows = self._connection.execute(
            "SELECT s.key, n.opened_at FROM json_each(?) j CROSS JOIN subject s ON s.source_id = ? AND s.key = j.value "
            "JOIN entry n ON n.id = s.id",
            (json.dumps(list(keys)), source),
        )
        return dict(rows.fetchall())

    def like(self, source: int, event: Event) -> list[Trade]:
        """Return the stored trades of a source in the same instrument, opened and closed at the same instants."""
        body = event.body
        instrument = self._id("instrument", body["instrument"])
        rows = self._connection.execute(
            f"{_TRADE} FROM entry n JOIN subject s ON s.id = n.id JOIN event e ON e.id = n.event_id "
            "WHERE n.closed_at = ? AND n.opened_at = ? AND n.source_id = ? AND n.instrument_id = ? ORDER BY n.id",
            (body["closed_at"], body["opened_at"], source, instrument),
        )
        return [_trade(row) for row in rows]

    def said(self, events: Sequence[Event]) -> dict[tuple[str, str], int]:
        """Return (source, key) to the newest stored revision, for those of `events` that the log knows."""
        found: dict[tuple[str, str], int] = {}
        for source in {event.source for event in events}:
            number = self.source_id(source)
            if number is None:
                continue
            keys = json.dumps(sorted({event.key for event in events if event.source == source}))
            rows = self._connection.execute(
                "SELECT s.key, (SELECT max(revision) FROM event WHERE subject_id = s.id) FROM json_each(?) j "
                "CROSS JOIN subject s ON s.source_id = ? AND s.key = j.value",
                (keys, number),
            )
            found.update({(source, key): int(revision or 0) for key, revision in rows})
        return found


_TRADE = (
    "SELECT s.id, s.key, n.net, json_extract(e.body, '$.side'), "
    "ifnull(json_extract(e.body, '$.precision'), '') = 'cents'"
)


def _trade(row: tuple[int, str, int, str | None, int]) -> Trade:
    return Trade(row[0], row[1], row[2], row[3], bool(row[4]))
