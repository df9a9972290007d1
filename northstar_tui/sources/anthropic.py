"""Anthropic: what the organisation's API use cost, and the tokens behind it, from the Admin API.

A cost is one line of the cost report: what one workspace used of one thing (model, kind of token, tier …) on one UTC
day, booked at noon UTC of it. Amounts are cents with fractions: ``"123.78912"`` is $1.2378912, in micro-dollars
1,237,891, rounded half-even once. Buckets of the last days still grow, so they are read again each time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event
from northstar_tui.sources import payload, utcdays
from northstar_tui.sources.http import Answered, Params
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.payload import Name
from northstar_tui.sources.source import Check, Outside, SourceError, decoded
from northstar_tui.sources.utcdays import ONE

CENT = 10_000
"""Micro-dollars in a cent."""
FIRST_DAYS = 365
"""How far back the first sync reads; ``--since`` reads further."""
OVERLAP_DAYS = 3
"""Days before the newest one that are read again each time."""
PAGE_DAYS = 31
"""Buckets of a page; without a limit the API gives 7."""
RESTARTS = 3
"""How often a reading begins anew because its page token expired."""
MINUTE = 60_000_000
BURST = 10
"""Syncs that may follow each other at once; lasting polling is kept to one a minute, as the API asks."""


class Own(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of ``[sources.anthropic]``."""

    admin_key: str
    """Reference to an Admin API key, ``sk-ant-admin…``."""
    url: str = "https://api.anthropic.com"


class Cursor(msgspec.Struct):
    """How far both reports are read: the first UTC day that is not."""

    cost: date | None = None
    usage: date | None = None
    due: int = 0
    """When one sync a minute would be due next, microseconds UTC."""
    lines: dict[str, list[str]] = {}
    """Keys of the costs that were said of each day that is read again: one that is said no more is withdrawn."""
    uses: dict[str, list[str]] = {}
    """The same of the uses."""


class Bucket(msgspec.Struct):
    """A UTC day of a report."""

    starting_at: str
    ending_at: str
    results: list[msgspec.Raw]


class Page(msgspec.Struct):
    """An answer of either report."""

    data: list[Bucket]
    has_more: bool
    next_page: Name | None


class Cost(msgspec.Struct):
    """A line of the cost report."""

    amount: str
    currency: str
    description: Name | None
    workspace_id: Name | None
    cost_type: Name | None = None
    model: Name | None = None
    token_type: Name | None = None
    service_tier: Name | None = None
    context_window: Name | None = None
    inference_geo: Name | None = None


class CacheCreation(msgspec.Struct):
    """Tokens written to the cache."""

    ephemeral_1h_input_tokens: int
    ephemeral_5m_input_tokens: int


class ServerTools(msgspec.Struct):
    """Requests of the server's tools."""

    web_search_requests: int = 0


class Usage(msgspec.Struct):
    """A line of the usage report."""

    uncached_input_tokens: int
    cache_creation: CacheCreation
    cache_read_input_tokens: int
    output_tokens: int
    model: Name | None
    workspace_id: Name | None
    service_tier: Name | None
    server_tool_use: ServerTools | None = None
    account_id: Name | None = None
    api_key_id: Name | None = None
    context_window: Name | None = None
    inference_geo: Name | None = None
    service_account_id: Name | None = None
    speed: Name | None = None


class Report(NamedTuple):
    """One of the two reports: its fields of the cursor, path, grouping, and what makes an event of a line."""

    name: str
    path: str
    groups: tuple[str, ...]
    event: Callable[[str, msgspec.Raw, date, Tally, str], Event]
    said: str
    kind: str
    nothing: dict[str, int]
    """What a line says that is withdrawn."""


def make(settings: Mapping[str, Any], outside: Outside) -> Anthropic:
    """Return the source that `settings` describe. Raises ConfigError."""
    return Anthropic(decoded(settings, Own, outside.name), outside)


class Anthropic:
    """One organisation."""

    def __init__(self, own: Own, outside: Outside) -> None:
        self._own = own
        self._outside = outside
        self._name = outside.name
        outside.http.limit(1 / 60, 60)

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield both reports, a page a batch, from three days before what was read last."""
        state = payload.cursor(cursor, Cursor, self._name)
        now = self._outside.now()
        early = (BURST - 1) * MINUTE < state.due - now <= 2 * BURST * MINUTE  # beyond that the clock was put back
        if early and self._outside.since is None:
            return
        key = self._outside.secret(self._own.admin_key)
        today = utcdays.day_of(now)
        for report in REPORTS:
            async for batch in self._read(report, state, today, key):
                yield batch
        state.due = max(state.due, now) + MINUTE if state.due <= now + 2 * BURST * MINUTE else now + MINUTE
        yield Batch(self._name, cursor=_encoded(state))

    async def _read(self, report: Report, state: Cursor, today: date, key: str) -> AsyncIterator[Batch]:
        through = start = self._start(getattr(state, report.name), today)
        days: set[date] = set()
        asked: set[str] = set()
        page: str | None = None
        restarts = 0
        while True:
            try:
                answer = await self._page(report, start, today + ONE, page, key)
            except Answered as error:
                if error.status != 410 or page is None or restarts == RESTARTS:
                    raise
                # The token of the page has expired: begin anew behind what is stored.
                start, page, restarts = through, None, restarts + 1
                continue
            events = list(self._events(report, answer, days))
            while through in days:
                through += ONE
            setattr(state, report.name, through)
            known: dict[str, list[str]] = getattr(state, report.said)
            events += self._withdrawn(report, known, answer, events)
            again = str(through - ONE * (OVERLAP_DAYS + 1))
            setattr(state, report.said, {day: keys for day, keys in known.items() if day >= again})
            yield Batch(self._name, events, cursor=_encoded(state))
            if not answer.has_more:
                return
            page = answer.next_page
            if page is None or page in asked:
                why = "more is promised without a page" if page is None else "the pages go round in a circle"
                raise payload.nonsense(self._name, f"{report.path} next_page", why)
            asked.add(page)

    def _start(self, through: date | None, today: date) -> date:
        since = self._outside.since
        days = [] if since is None else [utcdays.day_of(since)]
        if through is not None:
            days.append(through - ONE * (OVERLAP_DAYS + 1))
        return min([*days, today]) if days else today - ONE * FIRST_DAYS

    async def _page(self, report: Report, start: date, end: date, page: str | None, key: str) -> Page:
        params: list[tuple[str, str]] = [
            ("starting_at", f"{start}T00:00:00Z"),
            ("ending_at", f"{end}T00:00:00Z"),
            ("bucket_width", "1d"),
            ("limit", str(PAGE_DAYS)),
            *(("group_by[]", group) for group in report.groups),
        ]
        if page is not None:
            params.append(("page", page))
        return await self._ask(report.path, params, key)

    async def _ask(self, path: str, params: Params, key: str) -> Page:
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        return await self._outside.http.json(
            Page, f"{self._own.url}/v1/organizations/{path}", params=params, headers=lambda: headers
        )

    def _events(self, report: Report, answer: Page, days: set[date]) -> Iterator[Event]:
        for index, bucket in enumerate(answer.data):
            where = f"{report.path} data[{index}]"
            try:
                day = utcdays.midnight(bucket.starting_at)
                if utcdays.midnight(bucket.ending_at) != day + ONE:
                    raise ValueError(f"{bucket.ending_at!r} does not end a day")
            except ValueError as error:
                raise payload.nonsense(self._name, f"{where}.starting_at", str(error)) from None
            days.add(day)
            # Lines that differ in nothing we know can come of a dimension that is new: each keeps its place.
            tally = Tally()
            for nth, raw in enumerate(dict.fromkeys(map(payload.text, bucket.results))):
                found = msgspec.Raw(raw.encode())
                yield report.event(self._name, found, day, tally, f"{where} ({day}) results[{nth}]")

    def _withdrawn(
        self, report: Report, known: dict[str, list[str]], answer: Page, events: list[Event]
    ) -> list[Event]:  # fmt: skip
        """Return lines of nothing for those that their day no longer has: renamed by the provider, or taken back.

        `known` are the keys that each day had; it has those of now then.
        """
        said: dict[str, set[str]] = {str(utcdays.midnight(bucket.starting_at)): set() for bucket in answer.data}
        for event in events:
            said[event.body["day"]].add(event.key)
        gone = [(day, key) for day, keys in said.items() for key in known.get(day, ()) if key not in keys]
        known |= {day: sorted(keys) for day, keys in said.items()}
        body = {"category": "api", "instrument": "Anthropic", "title": "no longer in the report", **report.nothing}
        return [
            Event(self._name, key, report.kind, utcdays.noon(utcdays.parse(day)), body | {"day": day})
            for day, key in gone
        ]

    async def check(self) -> AsyncIterator[Check]:
        """Yield whether the key is an admin key, and opens both reports."""
        try:
            key = self._outside.secret(self._own.admin_key)
        except NorthStarError as error:
            yield Check("failed", f"admin_key: {error.message}", error.remedy)
            return
        if key.startswith("sk-ant-api"):
            remedy = "an administrator makes an Admin key (sk-ant-admin…) in the Console; individuals have none"
            yield Check("failed", "admin_key is an ordinary API key, which the reports refuse", remedy)
            return
        day = utcdays.day_of(self._outside.now()) - ONE
        try:
            for report in REPORTS:
                await self._page(report, day, day + ONE, None, key)
                yield Check("ok", f"the {report.path.split('/')[0]} answers")
        except SourceError as error:
            yield Check("failed", error.message, error.remedy or "an Admin API key of an organisation is needed")


def _encoded(state: Cursor) -> str:
    return msgspec.json.encode(state).decode()


_COST_DIMENSIONS = (
    "workspace_id", "description", "cost_type", "model", "token_type", "service_tier", "context_window",
    "inference_geo",
)  # fmt: skip
_USAGE_DIMENSIONS = (
    "workspace_id", "model", "service_tier", "account_id", "api_key_id", "context_window", "inference_geo",
    "service_account_id", "speed",
)  # fmt: skip


def _cost(source: str, raw: msgspec.Raw, day: date, tally: Tally, where: str) -> Event:
    line = payload.record(raw, Cost, source, where)
    cents = payload.decimal(line.amount, source, f"{where}.amount")
    if not (len(line.currency) == 3 and line.currency.isascii() and line.currency.isalpha()):
        raise payload.nonsense(source, f"{where}.currency", f"{line.currency!r} is no code of a currency")
    dimensions = {name: getattr(line, name) for name in _COST_DIMENSIONS}
    body = {
        "amount": payload.micros(cents, source, f"{where}.amount", CENT),
        "category": "api",
        "instrument": line.model or line.description or "Anthropic",
        "title": line.description or line.model or "Anthropic",
        "day": str(day),
        "cents": line.amount,
        **_stated(dimensions),
    }
    currency = line.currency.upper()
    if currency != "USD":
        body["currency"] = currency
    key = row_key(digest((currency, *dimensions.values())), tally)
    return Event(source, f"cost/{day}/{key}", "cost.incurred", utcdays.noon(day), body, payload.text(raw))


def _usage(source: str, raw: msgspec.Raw, day: date, tally: Tally, where: str) -> Event:
    line = payload.record(raw, Usage, source, where)
    dimensions = {name: getattr(line, name) for name in _USAGE_DIMENSIONS}
    written = line.cache_creation
    tokens = {
        "uncached_input_tokens": line.uncached_input_tokens,
        "cache_1h_input_tokens": written.ephemeral_1h_input_tokens,
        "cache_5m_input_tokens": written.ephemeral_5m_input_tokens,
        "cache_read_input_tokens": line.cache_read_input_tokens,
    }
    body = {
        "category": "api",
        "instrument": line.model or "Anthropic",
        "day": str(day),
        **tokens,
        "input_tokens": sum(tokens.values()),
        "output_tokens": line.output_tokens,
        "web_search_requests": line.server_tool_use.web_search_requests if line.server_tool_use else 0,
        **_stated(dimensions),
    }
    key = row_key(digest(dimensions.values()), tally)
    return Event(source, f"usage/{day}/{key}", "usage.reported", utcdays.noon(day), body, payload.text(raw))


def _stated(dimensions: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in dimensions.items() if value is not None}


REPORTS = (
    Report(
        "cost",
        "cost_report",
        ("workspace_id", "description"),
        _cost,
        "lines",
        "cost.incurred",
        {"amount": 0},
    ),
    Report(
        "usage",
        "usage_report/messages",
        ("workspace_id", "model", "service_tier"),
        _usage,
        "uses",
        "usage.reported",
        {"input_tokens": 0, "output_tokens": 0},
    ),
)
