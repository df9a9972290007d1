"""OpenRouter's API for an account: activity, credits and keys, and the CSV export of the same generations."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.server import Fake, Layout, Request, Response

KEY = "sk-or-v1-management-for-tests-only"
ORDINARY = "sk-or-v1-ordinary-for-tests-only"
ONE = timedelta(days=1)
COLUMNS = (
    "generation_id", "created_at", "cost_total", "cost_web_search", "cost_cache", "cost_file_processing",
    "byok_usage_inference", "tokens_prompt", "tokens_completion", "tokens_reasoning", "tokens_cached",
    "model_permaslug", "provider_name", "variant", "cancelled", "streamed", "user", "finish_reason_raw",
    "finish_reason_normalized", "generation_time_ms", "time_to_first_token_ms", "api_key_disabled", "api_key_name",
    "app_name",
)  # fmt: skip


@dataclass
class Generation:
    """One call of a model."""

    id: str
    at: datetime
    usage: Decimal
    model: str = "vendor/model-a"
    provider: str = "Vendor"
    endpoint: str = "00000000-0000-4000-8000-00000000000a"
    byok: Decimal = Decimal(0)
    key: str = "a" * 64

    @property
    def slug(self) -> str:
        """The model's permanent name."""
        return f"{self.model}-20260101"


class OpenRouterFake(Fake):
    """One account. `generations` is all there is; the answers are sums over it."""

    name = "openrouter"

    def __init__(self, days: int = 12, now: datetime | None = None) -> None:
        super().__init__()
        self.clock = now
        self.generations: list[Generation] = []
        self.keys = {"a" * 64: "agent", "b" * 64: "batch", "c" * 64: "idle"}
        self.key_page = 2
        """Keys of a page; the real one has 100."""
        self.late: set[date] = set()
        """Completed days whose activity is not there yet."""
        noon = self.moment().replace(hour=min(12, self.moment().hour), minute=0, second=0, microsecond=0)
        for back in range(days):
            at = noon - ONE * back
            self.add(at, f"0.0{back + 1}5")
            self.add(at, "0.000001", model="vendor/model-b", endpoint="00000000-0000-4000-8000-00000000000b")
            self.add(at, "0.002", key="b" * 64, byok="0.012" if back % 3 == 1 else "0")

    def moment(self) -> datetime:
        """Return the server's clock."""
        return self.clock or datetime.fromtimestamp(self.now(), UTC)

    def add(self, at: datetime, usage: str, byok: str = "0", **more: Any) -> Generation:
        """Add a generation that cost `usage` dollars."""
        name = f"gen-{int(at.timestamp())}-{len(self.generations):06}"
        made = Generation(name, at, Decimal(usage), byok=Decimal(byok), **more)
        self.generations.append(made)
        return made

    def config(self) -> str:
        """Return the source's table."""
        return f'[sources.openrouter]\nurl = "{self.url}/api/v1"\nmanagement_key = "env:OPENROUTER_MANAGEMENT_KEY"\n'

    def secrets(self) -> Mapping[str, str]:
        """Return the key."""
        return {"OPENROUTER_MANAGEMENT_KEY": KEY}

    def layout(self, request: Request) -> Layout | None:
        """The activity's rows and the keys are the records; there is no cursor."""
        if request.path.endswith("/activity"):
            return Layout(("data",), ("usage",), _changed)
        return Layout(("data",), ("usage_daily",)) if request.path.endswith("/keys") else None

    def answer(self, request: Request) -> Response:
        """Answer as documented."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        path = request.path.removeprefix("/api/v1")
        if key not in (KEY, ORDINARY):
            return _error(401, "No auth credentials found")
        if path == "/key":
            return Response.json({"data": self._own(key)})
        if path in ("/activity", "/credits", "/keys"):
            if key != KEY:
                return _error(403, "Only management keys can perform this operation")
            return Response.json({"data": getattr(self, f"_{path[1:]}")(request)})
        return _error(404, "Not Found")

    def _activity(self, request: Request) -> list[dict[str, Any]]:
        today = self.moment().date()
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for each in self.generations:
            day = each.at.date()
            if not today - ONE * 30 <= day < today or day in self.late:
                continue
            row = found.setdefault(
                (day, each.endpoint, each.slug),
                {"date": str(day), "model": each.model, "model_permaslug": each.slug, "endpoint_id": each.endpoint,
                 "provider_name": each.provider, "usage": Decimal(0), "byok_usage_inference": Decimal(0),
                 "requests": 0, "prompt_tokens": 0, "completion_tokens": 0, "reasoning_tokens": 0},
            )  # fmt: skip
            row["usage"] += each.usage
            row["byok_usage_inference"] += each.byok
            row["requests"] += 1
            row["prompt_tokens"] += 50
            row["completion_tokens"] += 125
        return sorted(found.values(), key=lambda row: row["date"], reverse=True)

    def _credits(self, request: Request) -> dict[str, Any]:
        return {"total_credits": Decimal("100.5"), "total_usage": self._spent()}

    def _keys(self, request: Request) -> list[dict[str, Any]]:
        start = int(request.param("offset", "0"))
        rows = [self._use(name) | {"hash": key, "name": name, "disabled": False} for key, name in self.keys.items()]
        return rows[start : start + self.key_page]

    def _own(self, key: str) -> dict[str, Any]:
        return self._use("") | {"is_management_key": key == KEY, "limit": None, "limit_remaining": None}

    def _use(self, name: str) -> dict[str, Any]:
        today = self.moment().date()
        hashes = {key for key, each in self.keys.items() if each == name}
        spans = {"usage": date.min, "usage_daily": today, "usage_weekly": today - ONE * today.weekday()}
        spans["usage_monthly"] = today.replace(day=1)
        found: dict[str, Any] = {"label": f"sk-or-v1-{name[:3]}...000"}
        for field, since in spans.items():
            found[field] = self._spent(since, hashes)
            found[f"byok_{field}"] = sum((g.byok for g in self._of(since, hashes)), Decimal(0))
        return found

    def _of(self, since: date, hashes: set[str]) -> list[Generation]:
        return [each for each in self.generations if each.at.date() >= since and each.key in hashes]

    def _spent(self, since: date = date.min, hashes: set[str] | None = None) -> Decimal:
        return sum((each.usage for each in self._of(since, set(self.keys) if hashes is None else hashes)), Decimal(0))

    def export(self) -> str:
        """Return the CSV that the activity page gives: one generation a row."""
        out = io.StringIO()
        rows = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
        rows.writeheader()
        for each in self.generations:
            rows.writerow(
                {"generation_id": each.id, "created_at": f"{each.at:%Y-%m-%d %H:%M:%S}.000",
                 "cost_total": format(each.usage, "f"), "cost_cache": "-0.000003",
                 "byok_usage_inference": format(each.byok, "f"), "tokens_prompt": 50, "tokens_completion": 125,
                 "tokens_reasoning": 0, "tokens_cached": 0, "model_permaslug": each.slug,
                 "provider_name": each.provider, "variant": "standard", "cancelled": "false", "streamed": "true",
                 "finish_reason_raw": "stop", "finish_reason_normalized": "stop", "app_name": "tests",
                 "api_key_name": self.keys[each.key], "api_key_disabled": "false"}
            )  # fmt: skip
        return out.getvalue()


def _error(status: int, message: str) -> Response:
    return Response.json({"error": {"code": status, "message": message}}, status)


def _changed(row: dict[str, Any]) -> None:
    row["usage"] = Decimal(str(row["usage"])) + 1
