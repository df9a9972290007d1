"""Running sources: all enabled ones at once, each with its own limits, none able to harm another or the store.

The only place where a source meets the ledger. A batch is appended as it comes, its cursor in the same transaction, so
a run that is cancelled, killed or fails half-way keeps what it stored and goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from northstar_tui.errors import NorthStarError, shown
from northstar_tui.events import Batch, Counts
from northstar_tui.ledger.intern import Interner
from northstar_tui.ledger.store import Store, StoreError, now
from northstar_tui.sources.http import Meter
from northstar_tui.sources.source import Source, SourceError
from northstar_tui.sync import breaker
from northstar_tui.sync.runs import Run

RUN_SECONDS = 600.0
"""Longest a source's run may take; what it stored by then stays."""


@dataclass(frozen=True, slots=True)
class Enabled:
    """One source, ready to run: `name` is that of its events, `meter` counts what it takes from the network."""

    name: str
    source: Source
    meter: Meter
    forced: bool = False
    """True where the operator named it: an open breaker is tried at once."""


@dataclass(slots=True)
class Outcome:
    """How one source's run ended."""

    name: str
    state: str = "done"
    """``done``, ``partial`` (records in quarantine), ``failed``, ``skipped`` (its breaker is open) or ``stopped``."""
    counts: Counts = field(default_factory=Counts)
    pages: int = 0
    bytes: int = 0
    error: str = ""
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs an operator."""
        return self.state in ("done", "skipped")


Progress = Callable[[Outcome], None]
"""Told of a source's outcome so far, after each batch."""


async def run_all(store: Store, sources: Sequence[Enabled], progress: Progress = lambda _: None) -> list[Outcome]:
    """Run all `sources` at once; return their outcomes in their order. Raises StoreError alone: none goes on."""
    tasks = [asyncio.create_task(_guarded(store, each, progress), name=each.name) for each in sources]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _guarded(store: Store, enabled: Enabled, progress: Progress) -> Outcome:
    outcome = Outcome(enabled.name)
    source_id, state = _begin(store, enabled)
    if state == "open" and not enabled.forced:
        outcome.state = "skipped"
        return outcome
    with store.transaction():
        run = Run(store, enabled.name)
    try:
        async with asyncio.timeout(RUN_SECONDS):
            await _drain(store, enabled, source_id, outcome, progress)
        outcome.state = "partial" if outcome.counts.quarantined else "done"
    except TimeoutError:
        _fail(outcome, SourceError(f"{enabled.name}: no end after {RUN_SECONDS:.0f} s", "it goes on at the next sync"))
    except asyncio.CancelledError:
        outcome.state, outcome.error = "stopped", "stopped before its end"
        raise
    except StoreError:
        raise
    except NorthStarError as error:
        _fail(outcome, error)
    except Exception as error:  # a defect of one source is that source's failure, named, and no other's
        _fail(outcome, SourceError(f"{enabled.name}: defect: {type(error).__name__}: {shown(str(error))}", "report it"))
    finally:
        outcome.pages, outcome.bytes = enabled.meter.pages, enabled.meter.bytes
        _end(store, run, source_id, outcome)
    return outcome


def _begin(store: Store, enabled: Enabled) -> tuple[int, breaker.State]:
    with store.transaction():
        source_id = Interner(store.connection).id("source", enabled.name)
    return source_id, breaker.load(store, source_id).state(now())


async def _drain(store: Store, enabled: Enabled, source_id: int, outcome: Outcome, progress: Progress) -> None:
    row = store.connection.execute("SELECT value FROM cursor WHERE source_id = ?", (source_id,)).fetchone()
    batches: AsyncIterator[Batch] = enabled.source.fetch(row[0] if row else None)
    async with aclosing(batches) as stream:  # type: ignore[type-var]
        async for batch in stream:
            outcome.counts.add(store.append(batch))
            progress(outcome)
            await asyncio.sleep(0)


def _fail(outcome: Outcome, error: NorthStarError) -> None:
    outcome.state, outcome.error, outcome.remedy = "failed", error.message, error.remedy


def _end(store: Store, run: Run, source_id: int, outcome: Outcome) -> None:
    at = now()
    with store.transaction():
        run.network(outcome.pages, outcome.bytes)
        if outcome.state == "failed":
            run.failed(outcome.error if not outcome.remedy else f"{outcome.error}: {outcome.remedy}", outcome.counts)
            breaker.save(store, source_id, breaker.load(store, source_id).failed(at))
        elif outcome.state == "stopped":
            run.failed(outcome.error, outcome.counts)
        else:
            run.done(outcome.counts)
            breaker.save(store, source_id, breaker.Breaker())
