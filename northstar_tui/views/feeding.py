"""One source, one run, one record in quarantine: what the operations screen opens, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from northstar_tui.ledger import health
from northstar_tui.ledger.health import Quarantined, RunRow
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import Head, head
from northstar_tui.views.operations import Planned, SourceLine, source_lines
from northstar_tui.views.words import counted


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source, what it did and what of it could not be read."""

    head: Head
    now: int
    line: SourceLine
    runs: tuple[RunRow, ...]
    """Newest first."""
    quarantine: tuple[Quarantined, ...]
    """Newest first."""
    settled: tuple[Quarantined, ...]
    """Settled last first."""


@dataclass(frozen=True, slots=True)
class RunView:
    """One run."""

    head: Head
    now: int
    run: RunRow


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record in quarantine, and how to try it again."""

    head: Head
    now: int
    record: Quarantined
    configured: bool
    """Whether the config describes its source, so that a sync reads it again."""


def source_view(
    store: Store, now: int, planned: Sequence[Planned], name: str, *, runs: int = 100, rejects: int = 100
) -> SourceView | None:
    """Return the source called `name`, or None where neither config nor store knows it."""
    line = next((line for line in source_lines(store, now, planned) if line.name == name), None)
    if line is None:
        return None
    said, refused = health.runs(store, runs, name), health.quarantine(store, rejects, name)
    settled = health.quarantine(store, rejects, name, settled=True)
    return SourceView(head(store), now, line, tuple(said), tuple(refused), tuple(settled))


def run_view(store: Store, now: int, number: int) -> RunView | None:
    """Return the run of id `number`, or None where there is none."""
    found = health.run(store, number)
    return RunView(head(store), now, found) if found is not None else None


def record_view(store: Store, now: int, planned: Sequence[Planned], number: int) -> RecordView | None:
    """Return the record of id `number` in quarantine, or None where there is none."""
    found = health.quarantined(store, number)
    if found is None:
        return None
    return RecordView(head(store), now, found, any(plan.name == found.source for plan in planned))


def run_words(run: RunRow) -> str:
    """Return how a run ended: ``3 new, 1 quarantined``, ``nothing new``, ``failed``."""
    if run.outcome not in ("done", "partial"):
        return {"running": "reading"}.get(run.outcome, run.outcome)
    parts = [f"{run.new:,} new"] if run.new else []
    parts += [f"{run.revised:,} revised"] if run.revised else []
    parts += [f"{run.quarantined:,} quarantined"] if run.quarantined else []
    return ", ".join(parts) or "nothing new"


def result_words(name: str, run: RunRow | None, problem: str) -> str:
    """Return how a source's run that somebody asked for ended: ``kalshi: 3 new``; its failure with what to do."""
    error = problem or (run.error or "" if run is not None and run.outcome not in ("done", "partial") else "")
    if error:
        return f"{name} failed: {error.removeprefix(f'{name}: ')}"
    return f"{name}: {run_words(run) if run is not None else 'another process is reading it'}"


def retry_words(record: Quarantined, by: str, *, configured: bool) -> str:
    """Return what to do about a record in quarantine, in a sentence; `by` is the key or the command that does it."""
    where = f"line {record.line:,} of {record.file}" if record.file and record.line else record.file
    mend = f"Mend {where}" if where else "Mend it where it comes from"
    how = f"{by} then reads {record.source} again" if configured else f"{by} then imports it again"
    if not configured and record.file is None:
        how = "northstar import FILE then brings it"
    return f"{mend}; {how}. What is known already counts once."


def retry_args(record: Quarantined, *, configured: bool) -> list[str]:
    """Return the verb and arguments that try a record again once it is mended."""
    return ["sync", record.source] if configured else Again.of(record).command()


@dataclass(frozen=True, slots=True)
class Again:
    """What it takes to read a source again: its name; a file's name, where that lay, and what its import was told."""

    source: str
    file: str | None = None
    path: str | None = None
    told: tuple[str, ...] = ()
    """Options of `northstar import`."""

    @classmethod
    def of(cls, row: Quarantined | RunRow) -> Again:
        """Return what reads a record's or a run's source again."""
        # A store of before imports were remembered knows the book by the source's name alone.
        book = row.book or (owner_of(row.source) if row.path is None and row.format is None else None)
        told = (*(("--as", row.format) if row.format else ()), *(("--book", book) if book else ()))
        return cls(row.source, row.file, row.path, told)

    def command(self) -> list[str]:
        """Return the verb and arguments that import the file again."""
        return ["import", *self.told, self.path or self.file or "FILE"]


def owner_of(source: str) -> str | None:
    """Return the book that an import's source was given by name: ``john`` of ``kalshi-csv:john``."""
    return source.partition(":")[2] or None


def quarantine_title(count: int) -> str:
    """Return the heading of the quarantine."""
    return f"Quarantine, {counted(count, 'record', 'records')}" if count else "Quarantine"
