"""A fake Kalshi with an office that reads it: what the tests of the source share."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from live import Office

from northstar_tui.sync.runner import Outcome
from tests.fakes.kalshi import BASE, KalshiFake

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "kalshi"
LASTING = ("fill:", "order:", "settlement:", "market:", "deposit:", "withdrawal:", "position:")
"""Beginnings of the keys whose last statement does not depend on when it was asked for."""


class Venue:
    """The fake, and a store that it is synced into."""

    def __init__(self, folder: Path, fake: KalshiFake, name: str = "store") -> None:
        self.fake = fake
        (folder / name).mkdir()
        self.office = Office(folder / name)
        self.key = folder / name / "kalshi.pem"

    def own(self, **changes: str) -> Mapping[str, Any]:
        """Return the source's own settings; the key stands in a file of its owner's alone."""
        self.key.touch(0o600)
        self.key.write_text(self.fake.account.pem())
        os.environ["NS_TEST_KALSHI_ID"] = self.fake.key_id
        found = {
            "base_url": self.fake.url + BASE,
            "key_id": "env:NS_TEST_KALSHI_ID",
            "private_key": "file:kalshi.pem",
        } | changes
        return {name: value for name, value in found.items() if value}

    def sync(self, *, since: int | None = None, **changes: str) -> Outcome:
        """Run the source once; the store is verified."""
        return self.office.sync("kalshi", self.own(**changes), since=since)

    def done(self, *, since: int | None = None) -> Outcome:
        """Run the source once, which must go well."""
        outcome = self.sync(since=since)
        assert outcome.state == "done", (outcome.state, outcome.error, self.office.rejects())
        return outcome

    def said(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return kind and body of the newest statement about each lasting key."""
        with self.office.store() as store:
            rows = store.connection.execute(
                "SELECT s.key, d.name, e.body FROM event e JOIN subject s ON s.id = e.subject_id "
                "JOIN dimension d ON d.id = e.kind_id ORDER BY e.id"
            ).fetchall()
        return {key: (kind, json.loads(body)) for key, kind, body in rows if key.startswith(LASTING)}

    def trades(self) -> dict[str, dict[str, Any]]:
        """Return the bodies of the settled trades by ``subaccount:ticker``."""
        return {key.partition(":")[2]: body for key, (kind, body) in self.said().items() if kind == "trade.closed"}

    def news(self, key: str) -> list[dict[str, Any]]:
        """Return every body that was ever said about `key`, oldest first."""
        with self.office.store() as store:
            rows = store.connection.execute(
                "SELECT e.body FROM event e JOIN subject s ON s.id = e.subject_id WHERE s.key = ? ORDER BY e.id", (key,)
            ).fetchall()
        return [json.loads(body) for (body,) in rows]
