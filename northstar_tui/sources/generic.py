"""Sources by config alone: ``csv``, ``jsonl``, ``http_json`` and ``sqlite``, with a field mapping. No code is needed.

``[sources.NAME]`` says where the rows are, which kind of event each one is, and in ``fields`` which field states which
fact.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import msgspec

from northstar_tui.errors import shown
from northstar_tui.events import Batch, Event
from northstar_tui.sources import rows as reading
from northstar_tui.sources.batches import Read, Table, batches, file_batches, has_columns, looked
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.mapping import FieldError, FieldMapping
from northstar_tui.sources.rows import Held, Row, need
from northstar_tui.sources.source import Check, Outside, Source, SourceError, decoded
from northstar_tui.sources.table import normal
from northstar_tui.sources.vocabulary import unfit

OVERLAP = 86_400_000_000
"""An API asked for what is new since the last time is asked for this much before it too, microseconds."""
Kind = Literal["trade.closed", "bet.placed", "bet.settled", "credit.received", "cost.incurred", "job.completed"]


class Own(Table, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a generic source's table, beside those that every source has."""

    event: Kind
    fields: dict[str, str]
    """Fact (see `events`, and ``key``, ``time``) to the field that states it."""
    constants: dict[str, str] = msgspec.field(default_factory=dict)
    """Facts that every row has: ``category = "api"``."""
    query: str = ""
    """``sqlite`` only: a SELECT; ``:since`` in it is the greatest value of the column `since` so far."""
    since: str = ""


class Generic:
    """One generic source of kind `kind`."""

    def __init__(self, kind: str, own: Own, outside: Outside) -> None:
        self._kind = kind
        self._own = own
        self._outside = outside
        self._mapping = FieldMapping(own.fields, own.constants, outside.zone, own.micros(outside.name), own.dates)
        self._path = outside.folder / own.path

    async def fetch(self, cursor: str | None) -> AsyncGenerator[Batch, None]:
        """Yield the rows as events; a file only where its bytes changed since `cursor`."""
        if self._outside.since is not None:
            cursor = None
        read = partial(self._event, Tally())
        if self._kind == "http_json":
            async for batch in self._asked(cursor, read):
                yield batch
            return
        if self._kind == "sqlite":
            for batch in await asyncio.to_thread(self._queried, cursor, read):
                yield batch
            return
        with Held(self._path) as held:
            now = held.origin.sha256 + (self._own.mark() if "key" in self._own.fields else "")
            if cursor == now:
                return
            rows = reading.jsonl_rows(held) if self._kind == "jsonl" else reading.csv_rows(held, self._fit)
            for batch in file_batches(held, rows, read, self._outside.name, now, self._mapping.key):
                yield batch

    def _fit(self, names: Sequence[str]) -> None:
        has_columns(names, (*self._own.fields.values(), *filter(None, (self._own.since,))))

    def _queried(self, cursor: str | None, read: Read) -> list[Batch]:
        """Return what a query gives: read in a thread, for another program may keep its database locked for long."""
        name, since = self._outside.name, normal(self._own.since)
        greatest = json.loads(cursor) if cursor else None
        rows = list(reading.sqlite_rows(self._path, self._own.query, greatest, self._fit))
        found = list(batches(rows, read, name, key=self._mapping.key))
        values = [row.facts[since] for row in rows if since and row.facts[since] is not None]
        if values and not any(batch.rejects for batch in found):  # else what was not read would be behind us for good
            try:
                greatest = max(values) if greatest is None else max(greatest, *values)
                found.append(Batch(name, cursor=json.dumps(greatest, default=float)))
            except TypeError:
                what = f"{name}: since = {shown(self._own.since)!r} is of several types"
                raise SourceError(what, "name a column of numbers alone, or of texts alone") from None
        return found

    async def _asked(self, cursor: str | None, read: Read) -> AsyncIterator[Batch]:
        began = self._outside.now()
        since = self._outside.since if cursor is None else int(cursor) - OVERLAP
        text = None if since is None else datetime.fromtimestamp(since // 1_000_000, UTC).isoformat()
        unread = False
        async for page in reading.api_rows(self._own, self._outside, text):
            for batch in batches(page, read, self._outside.name, key=self._mapping.key):
                unread |= bool(batch.rejects)
                yield batch
        if not unread:  # else what was not read would be before the instant asked for, for good
            yield Batch(self._outside.name, cursor=str(began))

    def _event(self, tally: Tally, row: Row) -> list[Event]:
        mapped = self._mapping.read(row)
        body = completed(self._own.event, mapped.body, mapped.time)
        key = mapped.key or row_key(digest((self._own.event, mapped.time, *sorted(map(str, body.items())))), tally)
        event = Event(self._outside.name, key, self._own.event, mapped.time, body, row.raw, row.line)
        wrong = unfit(event)
        if wrong is not None:
            field = self._own.fields.get(wrong[0].removeprefix("body."), wrong[0])
            raise FieldError(field, wrong[1])
        return [event]

    def check(self) -> AsyncIterator[Check]:
        """Read the first rows, and say what the mapping makes of them."""
        return looked(self.fetch(None), "rows", "mend the row, or fields")


def completed(kind: str, body: dict[str, Any], time: int) -> dict[str, Any]:
    """Return the facts of a row with those that follow from the others: gross = net + fees, closing at its time."""
    if kind in ("trade.closed", "bet.settled"):
        fees = body.get("fees", 0)
        if "net" in body and "gross" not in body:
            body["gross"] = body["net"] + fees
        elif "gross" in body and "net" not in body:
            body["net"] = body["gross"] - fees
        if "net" in body and "gross" in body:
            body["fees"] = body["gross"] - body["net"]
    if kind in ("trade.closed", "job.completed"):
        body.setdefault("closed_at", time)
    return body


def _make(kind: str, settings: Mapping[str, Any], outside: Outside) -> Source:
    own = decoded(settings, Own, outside.name)
    need(own.url if kind == "http_json" else own.path, "url" if kind == "http_json" else "path", outside.name)
    if kind == "sqlite":
        need(own.query, "query", outside.name)
    return Generic(kind, own, outside)


def make_csv(settings: Mapping[str, Any], outside: Outside) -> Source:
    """Make a source of a CSV file's rows."""
    return _make("csv", settings, outside)


def make_jsonl(settings: Mapping[str, Any], outside: Outside) -> Source:
    """Make a source of a JSONL file's objects."""
    return _make("jsonl", settings, outside)


def make_http_json(settings: Mapping[str, Any], outside: Outside) -> Source:
    """Make a source of an HTTP JSON API's objects."""
    return _make("http_json", settings, outside)


def make_sqlite(settings: Mapping[str, Any], outside: Outside) -> Source:
    """Make a source of a query's rows on another program's SQLite database."""
    return _make("sqlite", settings, outside)
