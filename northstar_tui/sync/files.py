"""Importing a file: recognise, read, and append in batches, so that an import killed at any point can be run again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Counts, Event, Origin, Reject
from northstar_tui.ledger.mending import Mending
from northstar_tui.ledger.quarantine import undismissed
from northstar_tui.ledger.store import Store
from northstar_tui.sources.base import Format, Item, Logged, Reading, choose, recognise, source_name
from northstar_tui.sources.opened import Opened
from northstar_tui.sources.table import Head, look
from northstar_tui.sources.text import storable
from northstar_tui.sync.known import Known
from northstar_tui.sync.overlap import Overlap
from northstar_tui.sync.runs import Asked, Run

BATCH = 4_000
"""Records in one transaction: enough to be set-based, few enough that a waiting reader or writer never notices."""
SHOWN = 20
"""Rejects that a result carries to be told; all of them are in quarantine."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told (bytes read, bytes to read in all), the latter an estimate over all passes."""


@dataclass(slots=True)
class ImportResult:
    """What one import did. `read` counts records: new, unchanged and revised events and those in quarantine."""

    path: str
    format: str
    source: str
    counts: Counts = field(default_factory=Counts)
    rejects: list[Reject] = field(default_factory=list)
    """The first few that went to quarantine."""
    mended: int = 0
    """Records that left quarantine."""
    dry_run: bool = False

    @property
    def read(self) -> int:
        """Records read."""
        counts = self.counts
        return counts.new + counts.unchanged + counts.revised + counts.quarantined


@dataclass(frozen=True, slots=True)
class Request:
    """How to import: the operator's options and the config's formats."""

    format: str | None = None
    book: str | None = None
    dry_run: bool = False
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class _RollbackError(Exception):
    """Ends the transaction of a dry run."""


def import_file(store: Store, path: Path, request: Request, progress: Progress | None = None) -> ImportResult:
    """Import one file into `store`; return what was new. Raises FileError (nothing stored, unless it says otherwise).

    A dry run does all of it in one transaction, and takes it back: its counts are the real ones.
    """
    importer = _Importer(store, path, request, progress)
    if not request.dry_run:
        return importer.run()
    result: list[ImportResult] = []
    try:
        with store.transaction():
            result.append(importer.run())
            raise _RollbackError
    except _RollbackError:
        return result[0]


def inspect(path: Path, request: Request, zone: str) -> None:
    """Raise FileError where `path` cannot be read, or cannot be taken by its beginning; look no further."""
    with Opened(path) as opened:
        _recognised(opened, request, zone)


def _recognised(opened: Opened, request: Request, zone: str) -> tuple[Format, Head, Reading]:
    settings = None
    if request.format is None:
        chosen, head = recognise(opened.bytes)
    else:
        chosen, settings = choose(request.format, request.formats)
        head = look(opened.bytes)
        head = chosen.claims(head) or head
    reading = Reading(ZoneInfo(zone), request.book, settings)
    chosen.check(head, reading)
    return chosen, head, reading


class _Importer:
    """One import, from the file's first byte to the run's outcome."""

    def __init__(self, store: Store, path: Path, request: Request, progress: Progress | None) -> None:
        self._store = store
        self._path = path
        self._request = request
        self._progress = progress
        self._known = Known(store)
        self._total = 0

    def run(self) -> ImportResult:
        with Opened(self._path, self._tick) as opened:
            self._total = opened.size * 3
            origin = Origin(storable(self._path.name), opened.sha256(), opened.size, opened.written_at)
            chosen, head, reading = _recognised(opened, self._request, self._store.rules.zone)
            self._total = opened.size * (2 + chosen.passes)
            source = source_name(chosen.name, reading.owner)
            result = ImportResult(storable(str(self._path)), chosen.name, source, dry_run=self._request.dry_run)
            overlap = self._surveyed(opened, chosen, head, reading, source, origin)
            with self._run(result, origin, opened) as run:
                mending = Mending(self._store, source)
                with closing(_items(chosen, opened, head, reading)) as items:
                    self._load(items, result, origin, overlap, mending)
                opened.check()
                with self._transaction():
                    result.mended = mending.ended(f"import of {origin.name}")
                    run.done(result.counts)
            return result

    def _surveyed(
        self, opened: Opened, chosen: Format, head: Head, reading: Reading, source: str, origin: Origin
    ) -> Overlap | None:
        """Compare the whole file with the store before anything is stored, where there is anything to compare with."""
        overlap = Overlap(self._known, source)
        again = self._known.complete(origin.sha256) and not overlap.others
        if chosen.name == "jsonl" or again or not overlap.needed:
            return None
        self._total += opened.size * chosen.passes
        with closing(_items(chosen, opened, head, reading)) as items:
            overlap.survey(item for item in items if isinstance(item, Event))
        return overlap

    def _load(
        self, items: Iterator[Item], result: ImportResult, origin: Origin, overlap: Overlap | None, mending: Mending
    ) -> None:
        replay = self._known.complete(origin.sha256)
        for group in iter(lambda: list(islice(items, BATCH)), []):
            with self._transaction():
                for batch in self._batches(group, result, origin, overlap, replay):
                    counts = self._store.append_within(batch)
                    result.counts.add(counts)
                    if counts.quarantined and len(result.rejects) < SHOWN:
                        result.rejects += undismissed(self._store, batch.source, batch.rejects)[
                            : SHOWN - len(result.rejects)
                        ]
                # Lines of a log are those of the files that it was made of: they say nothing of places in this one.
                if result.format != "jsonl":
                    mending.saw([item for item in group if not isinstance(item, Logged)], origin)

    def _batches(
        self, group: list[Item], result: ImportResult, origin: Origin, overlap: Overlap | None, replay: bool
    ) -> Iterator[Batch]:
        rejects = [item for item in group if isinstance(item, Reject)]
        events = [item for item in group if isinstance(item, Event)]
        if overlap is not None:
            events, stale = overlap.settle(events)
            result.counts.unchanged += stale
        if events or rejects:
            yield Batch(result.source, events, rejects, origin=origin, replay=replay)
        yield from self._restored([item for item in group if isinstance(item, Logged)], result)

    def _restored(self, logged: list[Logged], result: ImportResult) -> Iterator[Batch]:
        """Yield the events of a log that this store does not know yet, each with the origin it had.

        A revision that the store's log has reached for that key is known; what comes after it is said anew.
        """
        newest = self._known.said([item.event for item in logged])
        held: list[Event] = []
        origin: Origin | None = None
        for item in logged:
            key = (item.event.source, item.event.key)
            if item.revision <= newest.get(key, 0):
                result.counts.unchanged += 1
                continue
            newest[key] = item.revision
            if held and item.origin != origin:
                yield Batch(held[0].source, held, origin=origin)
                held = []
            origin = item.origin
            held.append(item.event)
        if held:
            yield Batch(held[0].source, held, origin=origin)

    def _transaction(self) -> AbstractContextManager[None]:
        return nullcontext() if self._request.dry_run else self._store.transaction()

    @contextmanager
    def _run(self, result: ImportResult, origin: Origin, opened: Opened) -> Iterator[Run]:
        """Record the run, its failure too; a dry run is taken back with everything else."""
        with self._transaction():
            path = None if opened.written_at is None else storable(str(self._path.absolute()))
            asked = Asked(path, self._request.format, self._request.book)
            run = Run(self._store, result.source, origin, asked)
        try:
            yield run
        except (NorthStarError, KeyboardInterrupt) as error:
            if not self._request.dry_run:
                with self._transaction():
                    run.failed(str(error) or "interrupted", result.counts)
            raise

    def _tick(self, done: int) -> None:
        if self._progress is not None:
            self._progress(min(done, self._total), self._total)


def _items(chosen: Format, opened: Opened, head: Head, reading: Reading) -> Generator[Item, None, None]:
    yield from chosen.read(opened.bytes, head, reading)
