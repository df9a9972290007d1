"""OpenRouter's activity export: one generation a row, 24 columns in either order seen.

``cost_total`` is the net cost in dollars (a discount in ``cost_cache`` is inside it); ``created_at`` is UTC though it
states no zone. The same money comes by the API in sums per day and model, which then bear it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, BinaryIO

from northstar_tui.errors import FileError
from northstar_tui.events import Event, Reject
from northstar_tui.money import MoneyError
from northstar_tui.sources.base import Item, Reading, source_name
from northstar_tui.sources.numbers import fixed
from northstar_tui.sources.openrouter import same
from northstar_tui.sources.table import Head, Record, column, normal, records
from northstar_tui.sources.times import TimeError, parse
from northstar_tui.sources.utcdays import day_of

NAME = "openrouter-csv"
_OWN = ("generation id", "created at", "cost total", "byok usage inference", "model permaslug", "provider name")
"""Columns that make it this export; money and keys come of them."""
_TOLD = (
    "cost web search", "cost cache", "cost file processing", "tokens prompt", "tokens completion", "tokens reasoning",
    "tokens cached", "variant", "app name", "api key name", "finish reason normalized", "user",
)  # fmt: skip
"""Columns that a body repeats where they are there and not empty."""


class OpenRouterCsv:
    """The activity export."""

    name = NAME
    title = "OpenRouter activity export"
    passes = 1

    def claims(self, head: Head) -> Head | None:
        """Claim a header that names what every such export has."""
        for index, (_, cells) in enumerate(head.rows):
            if {"generation id", "cost total", "model permaslug"} <= {normal(cell) for cell in cells}:
                return head.at(index)
        return None

    def check(self, head: Head, reading: Reading) -> None:  # noqa: ARG002 - the formats' signature
        """Raise FileError where a column that bears the money is missing."""
        if self.claims(head) is None:
            raise FileError("the header is not that of OpenRouter's activity export", "import it without --as")
        for name in _OWN:
            column(head.names, name)

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield one cost a generation. Raises FileError for another header."""
        self.check(head, reading)
        own = {name: column(head.names, name) for name in _OWN}
        told = {name: head.names.index(name) for name in _TOLD if name in head.names}
        source = source_name(NAME, reading.owner)
        for record in records(file, head):
            if record.fault is not None:
                yield record.reject()
            elif tuple(map(normal, record.cells)) != head.names:  # joined exports repeat the header
                yield from _events(record, own, told, source, reading.owner)


def _events(
    record: Record, own: Mapping[str, int], told: Mapping[str, int], source: str, book: str | None
) -> Iterator[Item]:
    cells = {name: record.cells[index].strip() for name, index in own.items()}
    for name in ("generation id", "model permaslug"):
        if not cells[name]:
            yield Reject(record.line, name.replace(" ", "_"), "it is empty; download the export again", record.raw)
            return
    field = "created_at"
    try:
        at = parse(cells["created at"], UTC)
        field = "cost_total"
        amount = fixed(cells["cost total"]).micros(1_000_000)
        field = "byok_usage_inference"
        elsewhere = fixed(cells["byok usage inference"] or "0").text()
    except (TimeError, MoneyError) as error:
        yield Reject(record.line, field, f"{error}; download the export again", record.raw)
        return
    model, day = cells["model permaslug"], day_of(at)
    facts: dict[str, Any] = {"category": "api", "instrument": model, "provider": cells["provider name"]}
    body = facts | {"amount": amount, "same": same(day, model), "byok_usage_inference": elsewhere}
    for name, index in told.items():
        if record.cells[index].strip():
            body[name.replace(" ", "_")] = record.cells[index].strip()
    key = cells["generation id"]
    yield Event(source, key, "cost.incurred", at, body, record.raw, record.line, book)
    if elsewhere != "0":
        mirrored = facts | {"billed_elsewhere": elsewhere}
        yield Event(source, f"byok/{key}", "cost.mirrored", at, mirrored, record.raw, record.line, book)
