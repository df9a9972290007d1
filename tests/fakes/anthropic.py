"""Anthropic's Admin API: the cost report and the usage report of messages, as its reference describes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.server import Fake, Layout, Request, Response

KEY = "sk-ant-admin01-for-tests-only"
ONE = timedelta(days=1)
COST_LINE = ("description", "cost_type", "model", "token_type", "service_tier", "context_window", "inference_geo")
USAGE_GROUPS = (
    "account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id", "service_tier",
    "speed", "workspace_id",
)  # fmt: skip


def cost(cents: str, model: str = "claude-opus-5", what: str = "Input Tokens", **more: Any) -> dict[str, Any]:
    """Return a line of the cost report in full detail."""
    return {
        "amount": cents,
        "currency": "USD",
        "description": f"{model} Usage - {what}",
        "cost_type": "tokens",
        "model": model,
        "token_type": what.lower().replace(" ", "_"),
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "global",
        "workspace_id": "wrkspc_main",
    } | more


def usage(tokens: int, model: str = "claude-opus-5", **more: Any) -> dict[str, Any]:
    """Return a line of the usage report in full detail: `tokens` uncached, half of them out, tenths by the cache."""
    return {
        "uncached_input_tokens": tokens,
        "cache_creation": {"ephemeral_1h_input_tokens": tokens // 10, "ephemeral_5m_input_tokens": tokens // 20},
        "cache_read_input_tokens": tokens // 10,
        "output_tokens": tokens // 2,
        "server_tool_use": {"web_search_requests": 1},
        "model": model,
        "workspace_id": "wrkspc_main",
        "service_tier": "standard",
    } | more


class AnthropicFake(Fake):
    """One organisation. `costs` and `usages` map UTC days to their lines; days without any are empty buckets."""

    name = "anthropic"

    def __init__(self, days: int = 40, today: date | None = None) -> None:
        super().__init__()
        self.today = today or datetime.now(UTC).date()
        self.costs: dict[date, list[dict[str, Any]]] = {}
        self.usages: dict[date, list[dict[str, Any]]] = {}
        self.expired = 0
        """How many of the next page tokens have expired when they are used."""
        for back in range(days):
            if back % 7 != 5:
                self.fill(self.today - ONE * back, back)

    def fill(self, day: date, nth: int) -> None:
        """Give `day` lines whose amounts follow from `nth`."""
        self.costs[day] = [
            cost(f"{nth * 10 + 3}.78912"),
            cost(f"{nth}.5", what="Output Tokens"),
            cost("12", "claude-sonnet-5", workspace_id=None),
        ]
        self.usages[day] = [usage(1000 + nth), usage(400, "claude-sonnet-5", workspace_id=None, service_tier="batch")]

    def config(self) -> str:
        """Return the source's table."""
        return f'[sources.anthropic]\nurl = "{self.url}"\nadmin_key = "env:ANTHROPIC_ADMIN_KEY"\n'

    def secrets(self) -> Mapping[str, str]:
        """Return the key."""
        return {"ANTHROPIC_ADMIN_KEY": KEY}

    def layout(self, request: Request) -> Layout:
        """Buckets are the records; the next page's token is the cursor. What changes is yesterday's, see `_said`."""
        name = "amount" if request.path.endswith("cost_report") else "uncached_input_tokens"
        return Layout(("data",), ("results", name), lambda _: None, ("next_page",), "page")

    def answer(self, request: Request) -> Response:
        """Answer as documented."""
        key = request.headers.get("x-api-key", "")
        if key != KEY:
            return _error(401, "authentication_error", "invalid x-api-key")
        if request.headers.get("anthropic-version") != "2023-06-01":
            return _error(400, "invalid_request_error", "anthropic-version: header is required")
        if request.path == "/v1/organizations/cost_report":
            return self._report(request, self.costs, ("workspace_id", "description"), _grouped_costs)
        if request.path == "/v1/organizations/usage_report/messages":
            return self._report(request, self.usages, USAGE_GROUPS, _grouped_usage)
        return _error(404, "not_found_error", "Not found")

    def _report(self, request: Request, world: Mapping[date, Any], known: tuple[str, ...], grouped: Any) -> Response:
        try:
            limit = int(request.param("limit", "7"))
            start = _day(request.param("starting_at"))
            end = _day(request.param("ending_at")) if request.param("ending_at") else self.today + ONE
        except ValueError as error:
            return _error(400, "invalid_request_error", str(error))
        groups = request.params("group_by[]")
        if not 1 <= limit <= 31 or request.param("bucket_width", "1d") != "1d" or set(groups) - set(known):
            return _error(400, "invalid_request_error", "limit, bucket_width or group_by[] is not valid")
        page = request.param("page")
        if page:
            if self.expired:
                self.expired -= 1
                return _error(410, "gone", "page token expired")
            start = date.fromisoformat(base64.b64decode(page.removeprefix("page_")).decode())
        end = min(end, self.today + ONE)
        days = [start + ONE * each for each in range(max(0, (end - start).days))]
        data = [
            {
                "starting_at": f"{day}T00:00:00Z",
                "ending_at": f"{day + ONE}T00:00:00Z",
                "results": grouped(self._said(world, day, request), groups),
            }
            for day in days[:limit]
        ]
        more = len(days) > limit
        token = "page_" + base64.b64encode(str(days[limit]).encode()).decode() if more else None
        return Response.json({"data": data, "has_more": more, "next_page": token})

    def _said(self, world: Mapping[date, Any], day: date, request: Request) -> Any:
        """Return the lines of `day`: a correction is of one day's, whichever bucket an answer begins with."""
        lines = world.get(day, [])
        if self._due(request) == "changed" and day == self.today - ONE and lines:
            return [_changed(lines[0]), *lines[1:]]
        return lines


def _day(text: str) -> date:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("starting_at: not RFC 3339")
    return moment.astimezone(UTC).date()


def _error(status: int, kind: str, message: str) -> Response:
    return Response.json({"type": "error", "error": {"type": kind, "message": message}}, status)


def _grouped_costs(lines: list[dict[str, Any]], groups: list[str]) -> list[dict[str, Any]]:
    """Sum `lines` over what is not asked for; all but the money is null unless grouped by description."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        kept = {name: line[name] if "description" in groups else None for name in COST_LINE}
        kept["workspace_id"] = line["workspace_id"] if "workspace_id" in groups else None
        kept |= {name: value for name, value in line.items() if name not in kept and name != "amount"}
        group = json.dumps(kept)
        if group in found:
            found[group]["amount"] = str(Decimal(found[group]["amount"]) + Decimal(line["amount"]))
        else:
            found[group] = kept | {"amount": line["amount"]}
    return list(found.values())


def _grouped_usage(lines: list[dict[str, Any]], groups: list[str]) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        kept = {name: line.get(name) if name in groups else None for name in USAGE_GROUPS}
        row = found.get(tuple(kept.values()))
        counts = {name: value for name, value in line.items() if name not in USAGE_GROUPS}
        found[tuple(kept.values())] = kept | (counts if row is None else _added(row, counts))
    return list(found.values())


def _added(row: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {n: _added(row[n], value) if isinstance(value, dict) else row[n] + value for n, value in more.items()}


def _changed(line: dict[str, Any]) -> dict[str, Any]:
    if "amount" in line:
        return line | {"amount": str(Decimal(line["amount"]) + 100)}
    return line | {"output_tokens": line["output_tokens"] + 1}
