"""A contractor's own job list over HTTP, as the source `jobs` reads it: ``GET /jobs``, the next page by its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.server import Fake, Layout, Request, Response

KEY = "jobs-token-9876543210"


class JobsFake(Fake):
    """`count` jobs of all stages, `size` on a page."""

    name = "jobs"

    def __init__(self, count: int = 7, size: int = 3) -> None:
        super().__init__()
        self.size = size
        self.jobs: list[dict[str, Any]] = [
            {
                "id": f"J-{nth}",
                "client": f"Client {nth % 3}",
                "title": "Garden",
                "status": ("quoted", "in progress", "completed", "paid")[nth % 4],
                "amount": f"{100 * nth}.50",
                "created": f"2026-02-{nth:02d}",
                "completed": f"2026-03-{nth:02d}" if nth % 4 > 1 else "",
                "paid": f"2026-04-{nth:02d}" if nth % 4 > 2 else "",
            }
            for nth in range(1, count + 1)
        ]

    def config(self) -> str:
        """Return the source's table."""
        return (
            f'[sources.jobs]\nurl = "{self.url}/jobs"\nitems = "jobs"\nnext = "links.next"\n'
            'headers = { "x-token" = "env:JOBS_TOKEN" }\n'
            'columns = { amount = "amount", key = "id", lead_at = "created" }\n'
        )

    def secrets(self) -> Mapping[str, str]:
        """Return the token."""
        return {"JOBS_TOKEN": KEY}

    def answer(self, request: Request) -> Response:
        """Answer a page."""
        if request.headers.get("x-token") != KEY:
            return Response.json({"error": "no such token"}, 401)
        if request.path != "/jobs":
            return Response.json({"error": "no such thing"}, 404)
        start = int(request.param("from", "0"))
        end = start + self.size
        following = f"/jobs?from={end}" if end < len(self.jobs) else None
        return Response.json({"jobs": self.jobs[start:end], "links": {"next": following}})

    def layout(self, request: Request) -> Layout | None:
        """Jobs are the records."""
        return Layout(("jobs",), ("amount",), _dearer, ("links", "next"), "from")


def _dearer(job: dict[str, Any]) -> None:
    job["amount"] = "999.99"
