"""Running a source for real: its settings as the config has them, a real store, the runner, and the proof."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from northstar_tui.calendar import ALL
from northstar_tui.config import SourceSettings
from northstar_tui.ledger import health, queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify
from northstar_tui.money import decimal_text
from northstar_tui.sources.http import client
from northstar_tui.sync.prepare import prepare
from northstar_tui.sync.runner import Outcome, run_all


@dataclass
class Office:
    """A store and a folder of files, with sources to sync into it."""

    folder: Path
    zone: str = "America/New_York"
    rules: Mapping[str, Any] = field(default_factory=dict)

    def sync(self, kind: str, own: Mapping[str, Any], *, name: str | None = None, since: int | None = None) -> Outcome:
        """Run one source once."""
        return asyncio.run(self._sync(SourceSettings(name or kind, kind, own=own), since))

    async def _sync(self, settings: SourceSettings, since: int | None) -> Outcome:
        async with client() as shared:
            ready = prepare(settings, shared, zone=self.zone, folder=self.folder, since=since, forced=True)
            with self.store() as store:
                (outcome,) = await run_all(store, [ready])
                assert verify(store).ok
                return outcome

    def store(self) -> Store:
        """Open the store."""
        return Store.create(self.folder / "s.db", Rules(self.zone, **self.rules))

    def entries(self) -> list[tuple[str, str, str, str, str]]:
        """Return (local date, kind, category, instrument, net in dollars) of the entries, by time."""
        with self.store() as store:
            return [
                (
                    "open" if e.closed_at is None else store.calendar.date_of(e.closed_at).isoformat(),
                    e.kind, e.category, e.instrument, decimal_text(e.net),
                )
                for e in queries.entries(store, ALL)
            ]  # fmt: skip

    def rejects(self) -> list[tuple[int | None, str, str]]:
        """Return (line, field, reason) of the quarantine, oldest first."""
        with self.store() as store:
            return [(r.line, r.field, r.reason) for r in reversed(health.quarantine(store, 100))]
