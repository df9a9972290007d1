"""Running sources: all enabled ones at once, each with its own limits, none able to harm another or the store.

The only place where a source meets the ledger. A batch is appended as it comes, its cursor in the same transaction, so
a run that is cancelled, killed or fails half-way keeps what it stored and goes on from there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from northstar_tui import debug
from northstar_tui.errors import ConfigError, NorthStarError, shown
from northstar_tui.events import Batch, Counts
from northstar_tui.ledger.intern import Interner
from northstar_tui.ledger.mending import Mending, in_order
from northstar_tui.ledger.store import Store, StoreError, now
from northstar_tui.sources.http import Meter
from northstar_tui.sources.source import Source, SourceError, Unreachable
from northstar_tui.sync import breaker, watch
from northstar_tui.sync.runs import Run
from northstar_tui.sync.watch import Hung, Watch

RUN_SECONDS = 600.0
"""Longest a source's run may take; what it stored by then stays."""
GRACE_SECONDS = 5.0
"""How long a source may take to stop once it is told to."""
_DEFECT = "report it to whoever wrote the source"


@dataclass(frozen=True, slots=True)
class Enabled:
    """One source, ready to run: `name` is that of its events, `meter` counts what it takes from the network."""

    name: str
    source: Source
    meter: Meter
    forced: bool = False
    """True where the operator named it: an open breaker is tried at once."""
    clean: Callable[[str], str] = str
    """Strikes its secrets out of a text."""


@dataclass(slots=True)
class Outcome:
    """How one source's run ended, or how far it is."""

    name: str
    state: str = "done"
    """``done``, ``partial`` (records in quarantine), ``failed``, ``skipped`` (its breaker is open), ``stopped`` or
    ``busy`` (another process fetches it)."""
    counts: Counts = field(default_factory=Counts)
    mended: int = 0
    """Records that left quarantine."""
    pages: int = 0
    bytes: int = 0
    error: str = ""
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs an operator."""
        return self.state == "done"


Progress = Callable[[Outcome], None]
"""Told of a source's outcome so far, after each batch."""
Ready = Callable[[], Enabled]
"""Makes a source ready to run. Raises ConfigError."""


async def run_all(store: Store, sources: Sequence[Enabled], progress: Progress = lambda _: None) -> list[Outcome]:
    """Run all `sources` at once; return their outcomes in their order. Raises StoreError alone: none goes on."""
    return await Runner(store, progress).run([(each.name, _ready(each)) for each in sources])


def _ready(enabled: Enabled) -> Ready:
    return lambda: enabled


class Runner:
    """Runs sources into one store, once."""

    def __init__(self, store: Store, progress: Progress = lambda _: None) -> None:
        self._store = store
        self._progress = progress
        self._watch = Watch()
        self._tasks: list[asyncio.Task[Outcome]] = []
        self.abandoned: set[asyncio.Task[BaseException | None]] = set()
        """Sources that did not stop when told to; nothing of theirs is stored any more."""

    async def run(self, sources: Sequence[tuple[str, Ready]]) -> list[Outcome]:
        """Run all `sources`, given by name, at once; return their outcomes in their order.

        A source that cannot be made fails alone. Raises StoreError: without a store none goes on.
        """
        if not sources:
            return []
        async with self._watch.over():
            self._tasks = [asyncio.create_task(self._guarded(name, ready), name=name) for name, ready in sources]
            try:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                self.stop()
                await asyncio.gather(*self._tasks, return_exceptions=True)
        return [
            Outcome(name, "stopped", error="stopped before it began") if task.cancelled() else task.result()
            for (name, _), task in zip(sources, self._tasks, strict=True)
        ]

    def stop(self) -> None:
        """Stop every source between two batches; what they stored stays, and their outcomes say so."""
        for task in self._tasks:
            task.cancel()

    # -- one source ----------------------------------------------------------------------------------------------

    async def _guarded(self, name: str, ready: Ready) -> Outcome:
        outcome = Outcome(name)
        with self._storing():
            source_id = Interner(self._store.connection).id("source", name)
        enabled, error = self._made(ready)
        held = breaker.load(self._store, source_id)
        if enabled is not None and not enabled.forced and held.state(now()) == "open":
            return self._skipped(outcome, held)
        began = time.monotonic()
        debug.note("run began", source=name, state=held.state(now()), failures=held.failures)
        with self._storing():
            run, mending = Run(self._store, name), Mending(self._store, name)
        if enabled is not None:
            error = await self._worked(enabled, source_id, outcome, mending)
            outcome.pages, outcome.bytes = enabled.meter.pages, enabled.meter.bytes
            _judge(outcome, error, enabled.clean)
        else:
            _judge(outcome, error, str)
        counts = outcome.state != "stopped" and not isinstance(error, ConfigError)
        after = held.after(outcome.state == "failed", now(), _asked(error)) if counts else held
        self._end(outcome, run, source_id, after, mending)
        debug.note(
            "run ended", source=name, state=outcome.state, new=outcome.counts.new, revised=outcome.counts.revised,
            quarantined=outcome.counts.quarantined, pages=outcome.pages, bytes=outcome.bytes,
            failures=after.failures, ms=(time.monotonic() - began) * 1e3, **({"error": error} if error else {}),
        )  # fmt: skip
        return outcome

    def _made(self, ready: Ready) -> tuple[Enabled | None, BaseException | None]:
        try:
            with self._watch.source():
                return ready(), None
        except StoreError:
            raise
        except (Exception, Hung) as error:
            return None, error

    async def _worked(
        self, enabled: Enabled, source_id: int, outcome: Outcome, mending: Mending
    ) -> BaseException | None:
        """Run the source to its end, its time's end or ours; return what stopped it, None at its own end."""
        worker = asyncio.create_task(self._drained(enabled, source_id, outcome, mending), name=enabled.name)
        stopped: BaseException | None = None
        try:
            await asyncio.wait({worker}, timeout=RUN_SECONDS)
        except asyncio.CancelledError as cancelled:
            stopped = cancelled
        if not worker.done():
            worker.cancel()
            await asyncio.wait({worker}, timeout=GRACE_SECONDS)
            stopped = stopped or _late(enabled.name)
        if not worker.done():
            self.abandoned.add(worker)
            return SourceError(f"{enabled.name}: does not stop when told to", _DEFECT)
        if worker.cancelled():
            return stopped or SourceError(f"{enabled.name}: gave up by cancelling itself", _DEFECT)
        error = worker.result()
        if isinstance(error, StoreError):
            raise error
        return stopped or error

    async def _drained(
        self, enabled: Enabled, source_id: int, outcome: Outcome, mending: Mending
    ) -> BaseException | None:
        """Store what the source yields; return what it raised, whatever that is: one source's defect stays its own."""
        connection = self._store.connection
        row = connection.execute("SELECT value FROM cursor WHERE source_id = ?", (source_id,)).fetchone()
        try:
            with self._watch.source():
                async with _closing(enabled.source.fetch(row[0] if row else None)) as batches:
                    async for batch in batches:
                        self._take(batch, enabled.name, outcome, mending)
                        await asyncio.sleep(0)
        except (Exception, SystemExit, Hung) as error:
            return error
        return None

    def _take(self, batch: Batch, name: str, outcome: Outcome, mending: Mending) -> None:
        if asyncio.current_task() in self.abandoned:
            raise SourceError(f"{name}: its time was over")
        strangers = {batch.source, *(event.source for event in batch.events)} - {name}
        if strangers:
            raise SourceError(f"{name}: speaks for {shown(strangers.pop())}, which is not itself", _DEFECT)
        with self._storing():
            counts = self._store.append_within(batch)
            mending.saw(in_order(batch), batch.origin)
        outcome.counts.add(counts)
        self._progress(outcome)

    def _skipped(self, outcome: Outcome, held: breaker.Breaker) -> Outcome:
        debug.note("run skipped", source=outcome.name, failures=held.failures, until=held.until)
        until = self._store.calendar.local(held.until)
        outcome.state = "skipped"
        outcome.error = f"{outcome.name}: left alone until {until:%Y-%m-%d %H:%M} after {held.failures} failed runs"
        outcome.remedy = f"northstar sync {outcome.name} tries it at once"
        return outcome

    def _end(self, outcome: Outcome, run: Run, source_id: int, held: breaker.Breaker, mending: Mending) -> None:
        with self._storing():
            run.network(outcome.pages, outcome.bytes)
            told = f"{outcome.error}: {outcome.remedy}" if outcome.remedy else outcome.error
            if outcome.state == "failed":
                run.failed(told, outcome.counts)
            elif outcome.state == "stopped":
                run.stopped(told, outcome.counts)
            else:
                outcome.mended = mending.ended(f"sync of {outcome.name}")
                run.done(outcome.counts)
            breaker.save(self._store, source_id, held)

    @contextmanager
    def _storing(self) -> Iterator[None]:
        with self._watch.storing(), self._store.transaction():
            yield


@asynccontextmanager
async def _closing(batches: AsyncIterator[Batch]) -> AsyncIterator[AsyncIterator[Batch]]:
    """Close a source's stream at the end, if it is one that can be closed."""
    try:
        yield batches
    finally:
        close = getattr(batches, "aclose", None)
        if close is not None:
            await close()


def _judge(outcome: Outcome, error: BaseException | None, clean: Callable[[str], str]) -> None:
    """Set an outcome's state, and in words what stopped it."""
    name = outcome.name
    if error is None:
        outcome.state = "partial" if outcome.counts.quarantined else "done"
        return
    outcome.state = "failed"
    if isinstance(error, asyncio.CancelledError):
        outcome.state, outcome.error = "stopped", f"{name}: stopped before its end"
        outcome.remedy = "it goes on at the next sync"
    elif isinstance(error, NorthStarError):
        outcome.error, outcome.remedy = error.message, error.remedy
    elif isinstance(error, Hung):
        outcome.error = f"{name}: kept everything else waiting for {watch.HANG_SECONDS:g} s"
        outcome.remedy = _DEFECT
    else:
        outcome.error = f"{name}: defect: {type(error).__name__}: {shown(str(error), 300)}"
        outcome.remedy = _DEFECT
    outcome.error, outcome.remedy = clean(outcome.error), clean(outcome.remedy)


def _late(name: str) -> SourceError:
    return SourceError(f"{name}: no end after {RUN_SECONDS:g} s", "what it brought is stored; the next sync goes on")


def _asked(error: BaseException | None) -> int:
    """Return for how long a server asked to be left alone, microseconds."""
    wait = error.wait if isinstance(error, Unreachable) else None
    return int(min(wait or 0, 1e6) * 1_000_000)
