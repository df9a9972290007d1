"""Some company's own JSON API, as `http_json` reads one by config alone: ``GET /api/costs``, paged by a token."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.server import Fake, Layout, Request, Response

KEY = "http-json-0123456789"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class HttpJsonFake(Fake):
    """`count` costs, `size` on a page."""

    name = "http_json"

    def __init__(self, count: int = 9, size: int = 4) -> None:
        super().__init__()
        self.size = size
        self.costs: list[dict[str, Any]] = [
            {
                "id": f"c-{nth}",
                "when": (START + timedelta(hours=7 * nth)).isoformat(),
                "total": Decimal(f"{nth}.{nth:02d}"),
                "vendor": "Hosting & Sons",
            }
            for nth in range(1, count + 1)
        ]

    def config(self) -> str:
        """Return the source's table."""
        return (
            f'[sources.http_json]\nurl = "{self.url}/api/costs"\nitems = "data.rows"\nnext = "data.next"\n'
            'next_param = "page"\nevent = "cost.incurred"\nheaders = { authorization = "Bearer env:HTTP_JSON_KEY" }\n'
            'fields = { key = "id", time = "when", amount = "total", title = "vendor" }\n'
        )

    def secrets(self) -> Mapping[str, str]:
        """Return the key."""
        return {"HTTP_JSON_KEY": KEY}

    def answer(self, request: Request) -> Response:
        """Answer a page."""
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Response.json({"error": "who are you?"}, 401)
        if request.path != "/api/costs":
            return Response.json({"error": "no such thing"}, 404)
        start = int(base64.b64decode(request.param("page")) or b"0")
        end = start + self.size
        following = base64.b64encode(str(end).encode()).decode() if end < len(self.costs) else None
        return Response.json({"data": {"rows": self.costs[start:end], "next": following}})

    def layout(self, request: Request) -> Layout | None:
        """Costs are the records."""
        return Layout(("data", "rows"), ("total",), _dearer, ("data", "next"), "page")


def _dearer(cost: dict[str, Any]) -> None:
    cost["total"] += 1
