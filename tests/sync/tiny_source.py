"""A third-party source in few lines, and every way in which one can be bad. `tiny.py` registers it as a package."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from northstar_tui.events import Batch, Event
from northstar_tui.sources.source import Check, Outside, decoded


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    mode: str = "good"
    key: str = ""
    loop: bool = False


class Item(msgspec.Struct):
    id: int
    at: int
    amount: int


class Page(msgspec.Struct):
    items: list[Item]
    next: str | None


class Tiny:
    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        self.key = outside.secret(settings.key) if settings.key else ""
        outside.http.limit(1000, 1000)
        if settings.mode == "unmade":
            raise RuntimeError(f"no good with {self.key}")
        if settings.mode == "exits-when-made":
            sys.exit(3)

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        name, after = self.outside.name, cursor or "0"
        mode = self.settings.mode
        while True:
            page = await self.outside.http.json(
                Page,
                f"{self.settings.url}/items",
                params=[("after", after)],
                headers=lambda: {"authorization": f"Bearer {self.key}"} if self.key else {},
            )
            events = [
                Event(name, f"item:{item.id}", "cost.incurred", item.at, {"amount": item.amount, "instrument": "tiny"})
                for item in page.items
            ]
            if mode == "stranger":
                events = [Event("somebody", each.key, each.kind, each.occurred_at, each.body) for each in events]
            if mode == "nonsense":
                events = [Event(name, "x", "cost.incurred", 10**30, {"amount": "lots"})]
            after = str(page.items[-1].id) if page.items else after
            yield Batch(name, events, cursor=after)
            await self.misbehave(mode)
            if page.next is None:
                return
            if page.next == after and self.settings.loop:
                return

    async def misbehave(self, mode: str) -> None:
        if mode == "hang":
            await asyncio.sleep(3600)
        elif mode == "block":
            time.sleep(3600)
        elif mode == "spin":
            while True:
                pass
        elif mode == "exit":
            sys.exit(7)
        elif mode == "raise":
            raise RuntimeError(f"\x1b[31mthe key {self.key} is bad")
        elif mode == "cancel":
            raise asyncio.CancelledError
        elif mode == "timeout":
            raise TimeoutError("of its own")
        elif mode == "stubborn":
            with suppress(asyncio.CancelledError):
                await self.outside.http.get(f"{self.settings.url}/stuck")
            while True:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    continue

    async def check(self) -> AsyncIterator[Check]:
        if self.settings.mode == "raise":
            raise RuntimeError(f"the key {self.key} is bad")
        if self.settings.mode == "hang":
            await asyncio.sleep(3600)
        await self.outside.http.get(f"{self.settings.url}/items", params=[("after", "0")])
        yield Check("ok", f"{self.settings.url} answers")


def make(settings: Mapping[str, Any], outside: Outside) -> Tiny:
    return Tiny(decoded(settings, Settings, outside.name), outside)
