"""OpenRouter: what each model cost on each UTC day, today's cost so far, and the credits left.

``/activity`` has the last 30 completed UTC days; a day's costs are booked at noon UTC of it. Today is missing there, so
today's cost so far (the sum over all API keys) is booked as one provisional line, which becomes 0 in the very
transaction that brings the day's activity. What a provider bills on the operator's own key (BYOK) is named and never
counted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event, Reject
from northstar_tui.sources import payload, utcdays
from northstar_tui.sources.http import Params
from northstar_tui.sources.payload import Name
from northstar_tui.sources.source import Check, Nonsense, Outside, Refused, SourceError, decoded
from northstar_tui.sources.utcdays import ONE

DAYS = 30
"""Completed UTC days that the API gives."""
DAYS_KEPT = 40
"""How long a provisional cost waits for its day's activity before it stays for good."""
MIDNIGHT = 600_000_000
"""Around midnight UTC, microseconds: two clocks may then mean two days by "today", so none is booked."""
PAGES_MOST = 1_000


class Own(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of ``[sources.openrouter]``."""

    management_key: str
    """Reference to a management key; an ordinary one is refused."""
    url: str = "https://openrouter.ai/api/v1"


class Cursor(msgspec.Struct):
    """What the next sync has to know."""

    day: date | None = None
    """The UTC day of the newest activity read: every day before it was complete then."""
    provisional: list[date] = []
    """Days whose provisional cost is not replaced yet."""


class Answer(msgspec.Struct):
    """A list of records, each as it came."""

    data: list[msgspec.Raw]


class One(msgspec.Struct):
    """One record, as it came."""

    data: msgspec.Raw


class Activity(msgspec.Struct):
    """A model's use at one endpoint on one UTC day."""

    date: str
    model: Name
    model_permaslug: Name
    endpoint_id: Name
    provider_name: Name
    usage: msgspec.Raw
    byok_usage_inference: msgspec.Raw
    requests: int
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    workspace_id: Name | None = None


class Credits(msgspec.Struct):
    """Credits bought and used, dollars."""

    total_credits: msgspec.Raw
    total_usage: msgspec.Raw


class KeyUse(msgspec.Struct):
    """What one API key used, dollars."""

    label: Name
    usage: msgspec.Raw
    usage_daily: msgspec.Raw
    usage_weekly: msgspec.Raw
    usage_monthly: msgspec.Raw
    byok_usage_daily: msgspec.Raw
    hash: Name = ""
    name: Name = ""


_USES = ("usage", "usage_daily", "usage_weekly", "usage_monthly", "byok_usage_daily")


def same(day: date, model: str) -> str:
    """Return what names one model's cost of one UTC day at whatever door it comes in."""
    return f"openrouter:{day}:{model}"


def make(settings: Mapping[str, Any], outside: Outside) -> OpenRouter:
    """Return the source that `settings` describe. Raises ConfigError."""
    return OpenRouter(decoded(settings, Own, outside.name), outside)


class OpenRouter:
    """One account."""

    def __init__(self, own: Own, outside: Outside) -> None:
        self._own = own
        self._outside = outside
        self._name = outside.name
        outside.http.limit(1, 10)

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the activity of all days there are, then what the account and its keys say of today."""
        state = payload.cursor(cursor, Cursor, self._name)
        headers = self._headers()
        now = self._outside.now()
        today = utcdays.day_of(now)
        rows = (await self._ask(Answer, "activity", headers)).data
        days: set[date] = set()
        events = [event for index, raw in enumerate(rows) for event in self._activity(raw, index, days)]
        events += [self._provisional(day, 0) for day in state.provisional if day in days]
        gone = self._gone(state, today)
        state.day = max([today, *([state.day] if state.day else [])])
        waiting = [day for day in state.provisional if day not in days and day > today - ONE * DAYS_KEPT]
        state.provisional = waiting
        yield Batch(self._name, events, gone, cursor=_encoded(state))
        events = [await self._credits(headers, today), await self._own_key(headers, today)]
        keys = [each async for each in self._keys(headers, today)]
        events += [event for event, _ in keys]
        spent = sum((amount for _, amount in keys), Decimal(0))
        alone = utcdays.day_of(now - MIDNIGHT) == utcdays.day_of(self._outside.now() + MIDNIGHT)
        if alone and today not in days and (spent or today in state.provisional):
            events.append(self._provisional(today, payload.micros(spent, self._name, "keys usage_daily")))
            state.provisional = sorted({*state.provisional, today})
        yield Batch(self._name, events, cursor=_encoded(state))

    def _headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._outside.secret(self._own.management_key)}"}

    async def _ask(self, shape: type[Any], path: str, headers: Mapping[str, str], params: Params = ()) -> Any:
        url = f"{self._own.url}/{path}"
        return await self._outside.http.json(shape, url, params=params, headers=lambda: headers)

    def _activity(self, raw: msgspec.Raw, index: int, days: set[date]) -> Iterator[Event]:
        where = f"activity data[{index}]"
        row = payload.record(raw, Activity, self._name, where)
        try:
            day = utcdays.parse(row.date[:10])
            if row.date[10:] not in ("", " 00:00:00", "T00:00:00Z", "T00:00:00.000Z"):
                raise ValueError(f"{row.date!r} is no day")
        except ValueError as error:
            raise payload.nonsense(self._name, f"{where}.date", str(error)) from None
        days.add(day)
        usage = payload.digits(row.usage, self._name, f"{where}.usage")
        elsewhere = payload.digits(row.byok_usage_inference, self._name, f"{where}.byok_usage_inference")
        key = "/".join((str(day), row.endpoint_id, row.model_permaslug, *filter(None, [row.workspace_id])))
        facts = {"category": "api", "instrument": row.model_permaslug, "title": row.model, "day": str(day)}
        facts |= {"provider": row.provider_name, "endpoint": row.endpoint_id}
        body = facts | {
            "amount": payload.micros(usage, self._name, f"{where}.usage"),
            "same": same(day, row.model_permaslug),
            "usage": payload.written(usage, self._name, f"{where}.usage"),
            "byok_usage_inference": payload.written(elsewhere, self._name, f"{where}.byok_usage_inference"),
            "requests": row.requests,
            "prompt_tokens": row.prompt_tokens,
            "completion_tokens": row.completion_tokens,
            "reasoning_tokens": row.reasoning_tokens,
        }
        if row.workspace_id:
            body["workspace"] = row.workspace_id
        yield Event(self._name, f"activity/{key}", "cost.incurred", utcdays.noon(day), body, payload.text(raw))
        if elsewhere:
            mirrored = facts | {"billed_elsewhere": body["byok_usage_inference"]}
            yield Event(self._name, f"byok/{key}", "cost.mirrored", utcdays.noon(day), mirrored, payload.text(raw))

    def _gone(self, state: Cursor, today: date) -> list[Reject]:
        """Say which days nobody read while the API still had them."""
        oldest = today - ONE * DAYS
        if state.day is None or state.day >= oldest:
            return []
        span = f"{state.day}..{oldest - ONE}"
        why = f"the activity of {span} is no longer given: import the CSV export of openrouter.ai/activity"
        return [Reject(None, "date", why, span)]

    def _provisional(self, day: date, amount: int) -> Event:
        body = {
            "amount": amount,
            "category": "api",
            "instrument": "today so far" if amount else "replaced by its activity",
            "title": "OpenRouter, day not completed",
            "day": str(day),
            "provisional": True,
        }
        return Event(self._name, f"today/{day}", "cost.incurred", utcdays.noon(day), body)

    async def _credits(self, headers: Mapping[str, str], today: date) -> Event:
        raw = (await self._ask(One, "credits", headers)).data
        found = payload.record(raw, Credits, self._name, "credits data")
        bought = payload.digits(found.total_credits, self._name, "credits data.total_credits")
        used = payload.digits(found.total_usage, self._name, "credits data.total_usage")
        body = {"total_credits": bought, "total_usage": used, "remaining": bought - used}
        texts = {name: payload.written(value, self._name, f"credits data.{name}") for name, value in body.items()}
        at = utcdays.start(today)
        return Event(self._name, f"credits/{today}", "credits.reported", at, texts, payload.text(raw))

    async def _own_key(self, headers: Mapping[str, str], today: date) -> Event:
        raw = (await self._ask(One, "key", headers)).data
        return self._use(raw, f"key/{today}", today, "key data")[0]

    async def _keys(self, headers: Mapping[str, str], today: date) -> AsyncIterator[tuple[Event, Decimal]]:
        """Yield what every API key says of itself, with its dollars of today; disabled keys too."""
        seen: set[str] = set()
        offset = 0
        for _ in range(PAGES_MOST):
            params = [("include_disabled", "true"), ("offset", str(offset))]
            rows = (await self._ask(Answer, "keys", headers, params)).data
            fresh = 0
            for index, raw in enumerate(rows):
                where = f"keys data[{offset + index}]"
                found = payload.record(raw, KeyUse, self._name, where)
                if not found.hash:
                    raise payload.nonsense(self._name, f"{where}.hash", "it is missing")
                if found.hash not in seen:
                    seen.add(found.hash)
                    fresh += 1
                    yield self._use(raw, f"keys/{today}/{found.hash}", today, where)
            if not fresh:
                return
            offset += len(rows)
        raise Nonsense(f"{self._name}: the list of keys has no end", "report it")

    def _use(self, raw: msgspec.Raw, key: str, today: date, where: str) -> tuple[Event, Decimal]:
        found = payload.record(raw, KeyUse, self._name, where)
        amounts = {name: payload.digits(getattr(found, name), self._name, f"{where}.{name}") for name in _USES}
        body: dict[str, Any] = {"label": found.label, "name": found.name, "day": str(today)}
        for name, value in amounts.items():
            body[name] = payload.written(value, self._name, f"{where}.{name}")
        event = Event(self._name, key, "usage.reported", utcdays.start(today), body, payload.text(raw))
        return event, amounts["usage_daily"]

    async def check(self) -> AsyncIterator[Check]:
        """Yield whether the key may read the activity, and what credits are left."""
        try:
            headers = self._headers()
        except NorthStarError as error:
            yield Check("failed", f"management_key: {error.message}", error.remedy)
            return
        try:
            await self._ask(Answer, "activity", headers)
            yield Check("ok", "the activity answers; it holds 30 days, so sync at least weekly")
            today = utcdays.day_of(self._outside.now())
            left = Decimal((await self._credits(headers, today)).body["remaining"])
            remedy = "" if left > 0 else "buy credits at openrouter.ai/settings/credits"
            yield Check("ok" if left > 0 else "warning", f"credits left: ${left:.2f}", remedy)
        except SourceError as error:
            made = "make a management key at openrouter.ai/settings/management-keys"
            yield Check("failed", error.message, made if isinstance(error, Refused) else error.remedy)


def _encoded(state: Cursor) -> str:
    return msgspec.json.encode(state).decode()
