"""The log as NorthStar's own JSONL, which `import` reads back."""

from __future__ import annotations

import json
from typing import BinaryIO

from northstar_tui.calendar import Period
from northstar_tui.events import Event, Origin
from northstar_tui.ledger.log import LoggedEvent, events, events_about
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where
from northstar_tui.sources.jsonl import line_of

_BUFFERED = 2_000


def write_jsonl(store: Store, out: BinaryIO, where: Where = (), span: Period | None = None) -> int:
    """Write the log to `out`, in order of recording; return how many events. Constant memory.

    Under a filter, or with a `span` in which they closed, it is what was said about those entries alone.
    """
    count = 0
    lines: list[bytes] = []
    for logged in events_about(store, where, span) if where or span is not None else events(store):
        lines.append(_line(logged))
        if len(lines) >= _BUFFERED:
            out.write(b"".join(lines))
            count += len(lines)
            lines.clear()
    out.write(b"".join(lines))
    return count + len(lines)


def _line(logged: LoggedEvent) -> bytes:
    event = Event(
        logged.source,
        logged.key,
        logged.kind,
        logged.occurred_at,
        json.loads(logged.body),
        logged.raw,
        logged.line,
        logged.book,
        logged.recorded_at,
    )
    origin = None
    if logged.sha256 is not None:
        origin = Origin(logged.origin or "", logged.sha256, logged.size or 0)
    return line_of(event, logged.revision, origin)
