"""What every table of faults shares: a source that is disturbed, a good neighbour, and stores to sync both into."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tiny import TinyFake, dump, table

from northstar_tui import config
from northstar_tui.config import Settings
from northstar_tui.ledger.health import last_runs
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify
from northstar_tui.sync import engine
from northstar_tui.sync.engine import Wanted
from northstar_tui.sync.runner import Outcome


class FaultWorld:
    """The source `name`, configured by `text`, beside a neighbour that nothing must touch."""

    def __init__(self, folder: Path, name: str, text: str, neighbour: TinyFake) -> None:
        self.folder = folder
        self.name = name
        self.settings = self._settings(f"{text}\n{table(neighbour, 'neighbour')}")

    def heal(self) -> None:
        """End what disturbs the source."""
        raise NotImplementedError

    def _settings(self, text: str) -> Settings:
        path = self.folder / "config.toml"
        path.write_text(text)
        assert tomllib.loads(path.read_text())
        return config.read(path)

    def sync(self, name: str = "disturbed", **wanted: Any) -> Outcome:
        """Sync both into the store `name`; return the source's outcome. The neighbour and the store are always
        whole."""
        with Store.create(self.folder / f"{name}.db", Rules("America/New_York")) as store:
            done = engine.sync(
                store, self.settings, self.settings.sources, Wanted(forced=True, **wanted), lambda _: None
            )
            mine, other = done.outcomes
            assert (other.name, other.state) == ("tiny:neighbour", "done"), other.error
            assert verify(store).ok
            run = last_runs(store)[mine.name]
            assert run.outcome == mine.state
            assert run.new == mine.counts.new
        return mine

    def dump(self, name: str = "disturbed") -> list[Any]:
        with Store.open(self.folder / f"{name}.db") as store:
            return dump(store)

    def fails(self, *words: str) -> Outcome:
        """Sync, and prove that it fails by name, in these words, with something to do about it."""
        outcome = self.sync()
        assert outcome.state == "failed"
        assert outcome.error.startswith(f"{self.name}: ") or self.folder.name in outcome.error
        assert "defect" not in outcome.error
        for word in words:
            assert word in outcome.error
        assert outcome.remedy
        return outcome

    def recovers(self) -> None:
        """Prove that once it is over everything is there exactly once, as if nothing had been."""
        self.heal()
        outcome = self.sync()
        assert outcome.state == "done", outcome.error
        assert self.sync().counts.new == 0
        assert self.sync("calm").state == "done"
        assert self.dump() == self.dump("calm")
