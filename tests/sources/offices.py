"""Running one source against a fake under a clock that a test sets: a real store, the real runner, and the proof."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from northstar_tui.calendar import ALL
from northstar_tui.ledger import queries
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify
from northstar_tui.sources.http import Http, client
from northstar_tui.sources.source import Check, Make, Outside
from northstar_tui.sync.files import Request, import_file
from northstar_tui.sync.runner import Enabled, Outcome, run_all

PASSING = ("429", "429-after", "500", "drip", "half", "down")
"""Faults that a retry gets over."""
HARMLESS = ("content-type", "clock", "duplicated", "reordered")
"""Faults after which everything is stored all the same."""
REFUSED = {
    "401": "refused us (401)",
    "html": "answered no JSON but",
    "renamed": "missing required field",
    "missing": "missing required field",
    "retyped": "Expected `str`, got `object`",
}
"""Faults that stop a run, and what its error says."""


@dataclass
class Desk:
    """A store, one source of it, and a clock (microseconds UTC) that `at` stops."""

    folder: Path
    make: Make
    name: str
    own: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)
    zone: str = "America/New_York"
    at: int | None = None

    def now(self) -> int:
        return int(time.time() * 1_000_000) if self.at is None else self.at

    def outside(self, http: Http, since: int | None = None) -> Outside:
        secret = lambda reference: self.secrets[reference.removeprefix("env:")]  # noqa: E731
        return Outside(self.name, http, secret, ZoneInfo(self.zone), self.now, self.folder, since)

    def sync(self, since: int | None = None) -> Outcome:
        """Run the source once; the store is proved after it."""
        return asyncio.run(self._sync(since))

    async def _sync(self, since: int | None) -> Outcome:
        async with client() as shared:
            http = Http(self.name, shared)
            source = self.make(self.own, self.outside(http, since))
            with self.store() as store:
                (outcome,) = await run_all(store, [Enabled(self.name, source, http.meter, forced=True)])
                assert verify(store).ok
                return outcome

    def checks(self) -> list[Check]:
        """Return what doctor says."""

        async def told() -> list[Check]:
            async with client() as shared:
                source = self.make(self.own, self.outside(Http(self.name, shared)))
                return [check async for check in source.check()]

        return asyncio.run(told())

    def store(self) -> Store:
        return Store.create(self.folder / "s.db", Rules(self.zone))

    def load(self, name: str, text: str) -> None:
        """Import a file; the store is proved after it."""
        path = self.folder / name
        path.write_text(text)
        with self.store() as store:
            import_file(store, path, Request())
            assert verify(store).ok

    def entries(self) -> list[Entry]:
        with self.store() as store:
            return list(queries.entries(store, ALL))

    def net(self) -> Decimal:
        """Return the net of all time, dollars."""
        with self.store() as store:
            return Decimal(queries.total(store, ALL).net) / 1_000_000

    def events(self, kind: str | None = None) -> list[tuple[str, int, str, str]]:
        """Return (key, revision, kind, body) of the log, in its order."""
        query = (
            "SELECT s.key, e.revision, d.name, e.body FROM event e JOIN subject s ON s.id = e.subject_id "
            "JOIN dimension d ON d.id = e.kind_id WHERE ?1 IS NULL OR d.name = ?1 ORDER BY e.id"
        )
        with self.store() as store:
            return list(store.connection.execute(query, (kind,)))

    def rejects(self) -> list[str]:
        """Return the reasons in quarantine."""
        with self.store() as store:
            return [row[0] for row in store.connection.execute("SELECT reason FROM quarantine ORDER BY id")]
