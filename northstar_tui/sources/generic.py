"""Sources by config alone: ``csv``, ``jsonl``, ``http_json`` and ``sqlite``, with a field mapping. No code is needed.

``[sources.NAME]`` says where the rows are, which kind of event each one is, and in ``fields`` which field states which
fact.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec

from northstar_tui.errors import ConfigError, NorthStarError, shown
from northstar_tui.events import Batch, Event, Origin, Reject
from northstar_tui.money import MICRO
from northstar_tui.sources import rows as reading
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.mapping import FieldError, FieldMapping
from northstar_tui.sources.rows import Api, Row, need
from northstar_tui.sources.source import Check, Outside, Source, decoded
from northstar_tui.sources.vocabulary import unfit

BATCH = 2_000
"""Rows in one batch."""
OVERLAP = 86_400_000_000
"""An API asked for what is new since the last time is asked for this much before it too, microseconds."""
Kind = Literal["trade.closed", "bet.placed", "bet.settled", "credit.received", "cost.incurred", "job.completed"]


class Own(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a generic source's table, beside those that every source has."""

    event: Kind
    fields: dict[str, str]
    """Fact (see `events`, and ``key``, ``time``) to the field that states it."""
    constants: dict[str, str] = {}
    """Facts that every row has: ``category = "api"``."""
    unit: str = "1"
    """Dollars in one unit of its money: ``0.01`` for cents."""
    dates: Literal["dmy", "mdy"] | None = None
    path: str = ""
    query: str = ""
    """``sqlite`` only: a SELECT; ``:since`` in it is the greatest value of the column `since` so far."""
    since: str = ""
    url: str = ""
    items: str = ""
    next: str = ""
    next_param: str = ""
    since_param: str = ""
    params: dict[str, str] = {}
    headers: dict[str, str] = {}


class Generic:
    """One generic source of kind `kind`."""

    def __init__(self, kind: str, own: Own, outside: Outside) -> None:
        self._kind = kind
        self._own = own
        self._outside = outside
        self._mapping = FieldMapping(own.fields, own.constants, outside.zone, unit_of(own.unit, outside), own.dates)
        self._path = outside.folder / own.path if own.path else None

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the rows as events; a file only where its bytes changed since `cursor`."""
        if self._outside.since is not None:
            cursor = None
        tally = Tally()
        if self._kind == "http_json":
            async for batch in self._asked(cursor, tally):
                yield batch
            return
        assert self._path is not None
        if self._kind == "sqlite":
            for batch in self._queried(cursor, tally):
                yield batch
            return
        origin = reading.origin_of(self._path)
        if cursor == origin.sha256:
            return
        found = reading.csv_rows(self._path) if self._kind == "csv" else reading.jsonl_rows(self._path)
        for batch in self._batches(found, tally, origin):
            yield batch
        yield Batch(self._outside.name, cursor=origin.sha256, origin=origin)

    def _batches(self, found: Iterator[Row], tally: Tally, origin: Origin | None) -> Iterator[Batch]:
        held: list[Row] = []
        for row in found:
            held.append(row)
            if len(held) == BATCH:
                yield self._batch(held, tally, None, origin)
                held = []
        if held:
            yield self._batch(held, tally, None, origin)

    def _queried(self, cursor: str | None, tally: Tally) -> Iterator[Batch]:
        assert self._path is not None
        greatest = json.loads(cursor) if cursor else None
        found = list(reading.sqlite_rows(self._path, self._own.query, greatest))
        yield from self._batches(iter(found), tally, None)
        values = [row.facts[self._own.since] for row in found if row.facts.get(self._own.since) is not None]
        if values:
            greatest = max(values) if greatest is None else max(greatest, *values)
            yield Batch(self._outside.name, cursor=json.dumps(greatest, default=float))

    async def _asked(self, cursor: str | None, tally: Tally) -> AsyncIterator[Batch]:
        began = self._outside.now()
        since = self._outside.since if cursor is None else int(cursor) - OVERLAP
        text = None if since is None else datetime.fromtimestamp(since // 1_000_000, UTC).isoformat()
        async for page in reading.api_rows(self._api(), self._outside, text):
            yield self._batch(page, tally, None, None)
        yield Batch(self._outside.name, cursor=str(began))

    def _api(self) -> Api:
        o = self._own
        return Api(o.url, o.items, o.next, o.next_param, o.since_param, o.params, o.headers)

    def _batch(self, found: list[Row], tally: Tally, cursor: str | None, origin: Origin | None) -> Batch:
        events: list[Event] = []
        rejects: list[Reject] = []
        for row in found:
            if row.fault is not None:
                rejects.append(row.reject("record", row.fault))
                continue
            try:
                events.append(self._event(row, tally))
            except FieldError as error:
                rejects.append(row.reject(error.field, str(error)))
        return Batch(self._outside.name, events, rejects, cursor, origin)

    def _event(self, row: Row, tally: Tally) -> Event:
        mapped = self._mapping.read(row)
        body = completed(self._own.event, mapped.body, mapped.time)
        key = mapped.key or row_key(digest((self._own.event, mapped.time, *sorted(map(str, body.items())))), tally)
        event = Event(self._outside.name, key, self._own.event, mapped.time, body, row.raw, row.line)
        wrong = unfit(event)
        if wrong is not None:
            field = self._own.fields.get(wrong[0].removeprefix("body."), wrong[0])
            raise FieldError(field, wrong[1])
        return event

    async def check(self) -> AsyncIterator[Check]:
        """Read the first rows, and say what the mapping makes of them."""
        try:
            read, bad, why = 0, 0, ""
            async for batch in self._first():
                read += len(batch.events) + len(batch.rejects)
                bad += len(batch.rejects)
                why = why or next((f"line {r.line}, {r.field}: {r.reason}" for r in batch.rejects), "")
            if bad:
                yield Check("warning", f"{bad} of the first {read} rows cannot be read: {shown(why)}", "mend fields")
            else:
                yield Check("ok", f"its first {read} rows can be read")
        except NorthStarError as error:
            yield Check("failed", error.message, error.remedy)

    async def _first(self) -> AsyncIterator[Batch]:
        async for batch in self.fetch(None):
            yield batch
            return


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


def unit_of(text: str, outside: Outside) -> int:
    """Return micro-units in a unit of `text` dollars. Raises ConfigError."""
    try:
        value = Decimal(text) * MICRO
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0 or value != value.to_integral_value():
        raise ConfigError(f"sources.{outside.name}: unit {shown(text)!r} is no amount", 'write unit = "0.01" for cents')
    return int(value)


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
