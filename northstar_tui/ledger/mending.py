"""What one reading of a source proves about the records in quarantine, and where those that it could not read stand.

A record leaves quarantine by itself only where one of these is certain, and only at the end of a reading that ended
well, so that what failed half-way settles nothing:

- its very text now reads (the mapping, or the program, was mended);
- what it is about, by the source's own key, was stated later in a record that reads;
- in a file written later a record that reads stands in its place, between the same two records, and shares at least
  half of its text: the file was mended. A record whose text was changed and still cannot be read hands over to the
  new text in the same way. The first later file that holds a neighbour decides; after it the place proves nothing.

Whatever was met again in the same reading stays, and so does what the operator re-opened. docs/decisions.md says why.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from northstar_tui.events import Batch, Event, Origin, Reject
from northstar_tui.ledger.places import Found, Place, Walk, alike
from northstar_tui.ledger.store import Store, now

WATCHED_MOST = 20_000
"""Records whose places are looked for in one file, the newest; older ones wait for the other proofs."""
_OPEN = "settled_at IS NULL AND settled_by IS NULL"


def in_order(batch: Batch) -> list[Event | Reject]:
    """Return what a batch says, in the order of its file where it is of one."""
    items: list[Event | Reject] = [*batch.events, *batch.rejects]
    if batch.origin is None or any(item.line is None for item in items):
        return items
    return sorted(items, key=lambda item: item.line or 0)


class Mending:
    """One reading of the source `source`, from its first record to its end. Each method needs an open transaction."""

    def __init__(self, store: Store, source: str) -> None:
        self._connection = store.connection
        self._source = source
        self._id: int = self._ask(
            "SELECT coalesce(max(id), 0) FROM dimension WHERE axis = 'source' AND name = ?", source
        )
        self._top: int = self._ask("SELECT coalesce(max(id), 0) FROM quarantine")
        some = f"SELECT EXISTS(SELECT 1 FROM quarantine WHERE source_id = ? AND {_OPEN})"
        self._open = bool(self._ask(some, self._id))
        self._origin: Origin | None = None
        self._origin_id: int | None = None
        self._walk: Walk | None = None
        self._mended: set[int] = set()
        self._met: set[int] = set()
        self._handed: dict[int, int] = {}
        """Records whose text was changed and still cannot be read, to the record with the new text."""
        self._missed: set[int] = set()
        """Records whose neighbours were met, and nothing in their place that proves anything."""

    def saw(self, items: Sequence[Event | Reject], origin: Origin | None) -> None:
        """Take in what was just appended: `items` in their order, of the file `origin` or of none."""
        if not items:
            return
        if origin != self._origin:
            self._end_of_file()
            self._begin_file(origin)
        if origin is not None and self._origin_id is None:  # what holds nothing new has no row yet
            self._origin_id = self._ask("SELECT max(id) FROM origin WHERE sha256 = ?", origin.sha256)
        refused = [item for item in items if isinstance(item, Reject)]
        if self._walk is not None:
            self._walked(self._walk, items, bool(refused))
        elif self._open:
            self._met.update(number for reject in refused for number in self._rows(reject))
        if self._open:
            events = [item for item in items if isinstance(item, Event) and item.source == self._source]
            self._same_text(events)
            self._same_key(events)

    def ended(self, how: str) -> int:
        """Settle what this reading, which ended well, has proved; return how many. `how` says what it was."""
        self._end_of_file()
        settled = self._mended - self._met
        handed = {old: new for old, new in self._handed.items() if old not in self._met and old not in settled}
        at = now()
        rows = [(at, how, number) for number in settled]
        rows += [(at, f"{how}: its text is now that of record {new}", old) for old, new in handed.items()]
        made = self._connection.executemany(
            f"UPDATE quarantine SET settled_at = ?, settled_by = ? WHERE id = ? AND {_OPEN}", rows
        ).rowcount
        self._connection.executemany(
            "UPDATE quarantine SET place = (SELECT place FROM quarantine WHERE id = ?) WHERE id = ? AND place IS NULL",
            list(handed.items()),
        )
        gone = self._missed - self._met - settled - set(handed)
        self._connection.executemany(
            f"UPDATE quarantine SET place = NULL WHERE id = ? AND {_OPEN}", [(number,) for number in gone]
        )
        return max(0, made)

    # -- files -----------------------------------------------------------------------------------------------------

    def _begin_file(self, origin: Origin | None) -> None:
        self._origin, self._origin_id, self._walk = origin, None, None
        if origin is None:
            return
        wanted: list[tuple[int, Place]] = []
        if self._open and origin.written_at is not None:
            rows = self._connection.execute(
                f"SELECT id, place FROM quarantine WHERE source_id = ? AND {_OPEN} AND place IS NOT NULL "
                "AND written_at < ? ORDER BY id DESC LIMIT ?",
                (self._id, origin.written_at, WATCHED_MOST),
            )
            wanted = [(number, Place.read(text)) for number, text in rows]
        self._walk = Walk(wanted)

    def _walked(self, walk: Walk, items: Sequence[Event | Reject], refuses: bool) -> None:
        if not refuses and walk.idle:
            at = len(items) - 1
            while at and items[at - 1].line == items[-1].line:
                at -= 1
            item = items[at]
            if isinstance(item, Event):
                walk.skip(item.line, item.key)
            return
        for item in items:
            if isinstance(item, Event):
                walk.reads(item.line, item.key, item.raw)
            else:
                for number in self._rows(item):
                    walk.refuses(item.line, number, item.raw)
                    if self._open:
                        self._met.add(number)
        self._take(walk)

    def _end_of_file(self) -> None:
        if self._walk is not None:
            self._missed.update(self._walk.end())
            self._take(self._walk)
        self._origin, self._walk = None, None

    def _take(self, walk: Walk) -> None:
        for number, place in walk.places:
            self._stands(number, place)
        for found in walk.found:
            self._judge(found)
        walk.places, walk.found = [], []

    def _stands(self, number: int, place: Place) -> None:
        """Remember where a record stands. One that is met where nothing beside it is known stands in several files:
        mended in one of them it is not mended in the others, so its place is forgotten for good."""
        if number <= self._top:
            text = self._ask("SELECT place FROM quarantine WHERE id = ?", number)
            if text is None or text == place.text():
                return
            if not Place.read(text).agrees(place):
                self._connection.execute("UPDATE quarantine SET place = NULL WHERE id = ?", (number,))
                return
        self._connection.execute("UPDATE quarantine SET place = ? WHERE id = ?", (place.text(), number))

    def _judge(self, found: Found) -> None:
        raw = self._ask("SELECT raw FROM quarantine WHERE id = ?", found.number)
        seen = found.seen
        if found.cut:
            if seen.refused is None and raw and seen.raw.startswith(raw):
                self._mended.add(found.number)
        elif alike(raw, seen.raw):
            if seen.refused is None:
                self._mended.add(found.number)
            elif seen.refused != found.number:
                self._handed[found.number] = seen.refused

    # -- texts and keys --------------------------------------------------------------------------------------------

    def _rows(self, reject: Reject) -> list[int]:
        """Return the ids of a record that was just put into quarantine."""
        where = "origin_id = ? AND line IS ?" if self._origin is not None else "origin_id IS NULL"
        values = (self._origin_id, reject.line) if self._origin is not None else ()
        rows = self._connection.execute(
            f"SELECT id FROM quarantine WHERE source_id = ? AND raw = ? AND {where}", (self._id, reject.raw, *values)
        )
        return [row[0] for row in rows]

    def _same_text(self, events: Sequence[Event]) -> None:
        """Take note of records whose very text reads now: as many of equal ones as there are in one batch."""
        lines: dict[str, set[int | None]] = {}
        for event in events:
            if event.raw:
                lines.setdefault(event.raw, set()).add(event.line)
        rows = self._connection.execute(
            "SELECT id FROM (SELECT q.id, q.settled_at, q.settled_by, json_extract(j.value, '$[1]') AS many, "
            "row_number() OVER (PARTITION BY q.raw ORDER BY q.id) AS nth FROM json_each(?) j "
            "CROSS JOIN quarantine q ON q.source_id = ? AND q.raw = json_extract(j.value, '$[0]')) "
            f"WHERE nth <= many AND {_OPEN}",
            (json.dumps([(raw, len(found)) for raw, found in lines.items()]), self._id),
        )
        self._mended.update(row[0] for row in rows)

    def _same_key(self, events: Sequence[Event]) -> None:
        """Take note of records whose source has said later what they are about: a file's, if it was written later."""
        file = self._origin
        rows = self._connection.execute(
            "SELECT q.id FROM json_each(?) j CROSS JOIN quarantine q ON q.source_id = ? AND q.key = j.value "
            f"WHERE {_OPEN} AND CASE WHEN ? THEN q.origin_id IS NULL ELSE q.written_at < ? END",
            (json.dumps(sorted({event.key for event in events})), self._id, file is None, file and file.written_at),
        )
        self._mended.update(row[0] for row in rows)

    def _ask(self, query: str, *values: object) -> Any:
        """Return the one value that `query` gives."""
        return self._connection.execute(query, values).fetchone()[0]
