"""A contractor's jobs: quoted → in progress → completed → invoiced → paid, from CSV, JSONL or an HTTP JSON API.

Each row states one job as it stands. Every stage it has reached is an event about that job, so a changed amount or a
refund is a correction with its history. Revenue is booked on completion, or on payment (``revenue = "payment"``); a job
that has not come so far is pipeline: what it is expected to bring is stated, and is in no P&L.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from northstar_tui.errors import ConfigError, shown
from northstar_tui.events import Batch, Event
from northstar_tui.sources import rows as reading
from northstar_tui.sources.batches import MEND, Table, batches, check_roles, file_batches, has_roles, looked, roles
from northstar_tui.sources.mapping import FieldError, FieldMapping, worded
from northstar_tui.sources.rows import Held, Row
from northstar_tui.sources.source import Check, Outside, Source, decoded
from northstar_tui.sources.table import normal

STAGES = ("quoted", "started", "completed", "invoiced", "paid")
"""A job's stages in order; ``lead`` comes before them, ``cancelled`` ends it."""
SYNONYMS: dict[str, tuple[str, ...]] = {
    "key": ("id", "job id", "job", "job number", "number", "invoice", "invoice number", "ref", "reference"),
    "instrument": ("client", "customer", "client name", "company", "account"),
    "title": ("title", "description", "job title", "project", "name", "work"),
    "status": ("status", "state", "stage"),
    "amount": ("amount", "price", "total", "value", "quote", "fee", "job amount"),
    "refunded": ("refunded", "refund", "amount refunded", "credit"),
    "currency": ("currency", "ccy"),
    "lead_at": ("lead at", "created at", "created", "date", "opened at"),
    "quoted_at": ("quoted at", "quoted", "quote date", "date quoted"),
    "started_at": ("started at", "started", "start date", "in progress at"),
    "completed_at": ("completed at", "completed", "finished", "completion date", "date completed", "done at"),
    "invoiced_at": ("invoiced at", "invoiced", "invoice date"),
    "paid_at": ("paid at", "paid", "payment date", "date paid"),
}  # fmt: skip
_STATUS = {
    "lead": 0, "new": 0, "enquiry": 0, "inquiry": 0, "quoted": 1, "quote": 1, "sent": 1, "estimate": 1, "accepted": 2,
    "started": 2, "in progress": 2, "active": 2, "open": 2, "completed": 3, "complete": 3, "done": 3, "finished": 3,
    "invoiced": 4, "billed": 4, "paid": 5, "closed": 5, "settled": 5, "refunded": 5,
}  # fmt: skip
_DATED = ("lead", *STAGES)
_DEAD = frozenset({"cancelled", "canceled", "lost", "declined", "rejected", "void"})


class Own(Table, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a jobs table, beside those that every source has; `path` is a ``.csv`` or ``.jsonl`` file."""

    columns: dict[str, str] = msgspec.field(default_factory=dict)
    """Role (see SYNONYMS) to the column's or field's name; roles not named are found by synonym."""
    revenue: Literal["completion", "payment"] = "completion"
    category: str = "contracting"


class Jobs:
    """One contractor's jobs."""

    def __init__(self, own: Own, outside: Outside) -> None:
        self._own = own
        self._outside = outside
        self._mapping = FieldMapping({}, {}, outside.zone, own.micros(outside.name), own.dates)

    async def fetch(self, cursor: str | None) -> AsyncGenerator[Batch, None]:
        """Yield every job's stages; a file only where its bytes changed since `cursor`."""
        if self._own.url:
            async for page in reading.api_rows(self._own, self._outside, None):
                for batch in batches(page, self._events, self._outside.name, key=self._key):
                    yield batch
            return
        with Held(self._outside.folder / self._own.path) as held:
            now = held.origin.sha256 + self._own.mark()
            if cursor == now and self._outside.since is None:
                return
            jsonl = held.path.suffix.lower() in (".jsonl", ".ndjson")
            rows = reading.jsonl_rows(held) if jsonl else reading.csv_rows(held, self._fit)
            for batch in file_batches(held, rows, self._events, self._outside.name, now, self._key):
                yield batch

    def _fit(self, names: Sequence[str]) -> None:
        has_roles(names, self._own.columns, SYNONYMS, ("key", "amount"))

    def _events(self, row: Row) -> list[Event]:
        job = _Job(row, self._own, self._mapping)
        return [
            Event(self._outside.name, job.key, kind, at, body, row.raw, row.line) for kind, at, body in job.stages()
        ]

    def _key(self, row: Row) -> str | None:
        """Return the job's id where only the rest of its row cannot be read."""
        name = roles(row.facts, self._own.columns, SYNONYMS).get("key", "")
        return FieldMapping({"key": name}, {}, self._outside.zone).key(row)

    def check(self) -> AsyncIterator[Check]:
        """Read the first jobs."""
        return looked(self.fetch(None), "jobs", MEND)


class _Job:
    """One row as a job."""

    def __init__(self, row: Row, own: Own, mapping: FieldMapping) -> None:
        self._own = own
        self._facts = row.facts
        self._names = roles(row.facts, own.columns, SYNONYMS)
        self._mapping = mapping
        self._at = {stage: at for stage in _DATED if (at := self._time(f"{stage}_at")) is not None}
        if not self._at:
            raise FieldError("date", "the job states no date at all")
        self.key = self._text("key")
        if not self.key:
            raise FieldError(self._names.get("key", "id"), "a job must have an id")
        self._status, self._reached = self._stage()

    def _value(self, role: str) -> Any:
        value = self._facts.get(self._names.get(role, ""))
        return None if value == "" else value

    def _text(self, role: str) -> str:
        value = self._value(role)
        return "" if value is None else worded(value, self._names[role])

    def _time(self, role: str) -> int | None:
        value = self._value(role)
        return None if value is None else self._mapping.when(value, self._names[role])

    def _money(self, role: str) -> int | None:
        value = self._value(role)
        return None if value is None else self._mapping.money(value, self._names[role])

    def _stage(self) -> tuple[str, int]:
        """Return the job's status, and how far it has come: an index into STAGES + 1, 0 for a lead."""
        dated = max((n for n, stage in enumerate(STAGES, 1) if stage in self._at), default=0)
        word = normal(self._text("status"))
        if word in _DEAD:
            return "cancelled", 0
        if word and word not in _STATUS:
            raise FieldError(
                self._names["status"], f"{shown(word)!r} is not a stage; use lead, {', '.join(STAGES)} or cancelled"
            )
        reached = max(dated, _STATUS.get(word, 0))
        return ("lead", *STAGES)[reached], reached

    def stages(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Yield (kind, instant, body) for each stage that the job has reached.

        The first states where the job stands now: that alone decides whether its money counts, so a stage taken back is
        no longer revenue.
        """
        amount, refunded = self._money("amount"), self._money("refunded")
        if amount is None and self._reached:
            raise FieldError(self._names.get("amount", "amount"), "the job states no amount")
        at = min(self._at.values())
        common: dict[str, Any] = {"category": self._own.category, "opened_at": at}
        common |= {role: text for role in ("instrument", "title", "currency") if (text := self._text(role))}
        expected = {} if amount is None else {"expected": amount}
        yield "job.quoted", self._at.get("quoted", at), {**common, "status": self._status, **expected}
        booking = STAGES.index("paid" if self._own.revenue == "payment" else "completed") + 1
        booked_at = at
        for number, stage in enumerate(STAGES[1 : self._reached], 2):
            at = self._at.get(stage, at)
            booked_at = at if number <= booking else booked_at
            money = {"amount": amount, "closed_at": booked_at, "refunded": refunded or 0} if number >= booking else {}
            yield f"job.{stage}", at, common | money


def make(settings: Mapping[str, Any], outside: Outside) -> Source:
    """Make a contractor's jobs from its table. Raises ConfigError."""
    own = decoded(settings, Own, outside.name)
    if bool(own.path) == bool(own.url):
        raise ConfigError(f"sources.{outside.name}: name a path or a url", "docs/sources.md lists its keys")
    check_roles(own.columns, SYNONYMS, outside.name)
    return Jobs(own, outside)
