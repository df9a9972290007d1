"""The plain-text twin of the operations screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from northstar_tui.calendar import Calendar
from northstar_tui.errors import no_connection
from northstar_tui.ledger.health import RunRow, entries_words
from northstar_tui.text import safe
from northstar_tui.views.operations import OperationsView, SourceLine, failed_runs
from northstar_tui.views.plain import moment, sign, table, where_from
from northstar_tui.views.words import NONE, ago, counted


def runs_text(
    runs: Sequence[RunRow], calendar: Calendar, told: Collection[str] = (), *, simulated: bool = False
) -> str:
    """Return runs as a table, and under it the errors of those that have one, but those `told` before."""
    if not runs and simulated:
        return "a demo has no runs: its events are simulated"
    if not runs:
        return "nothing was fetched or imported yet: northstar sync, or northstar import FILE"
    rows = [
        (
            moment(calendar, run.started_at), run.source, run.outcome, took(run), f"{run.read:,}", f"{run.new:,}",
            f"{run.unchanged:,}", f"{run.revised:,}", f"{run.quarantined:,}", f"{run.pages:,}", size(run.bytes),
            run.file or NONE,
        )
        for run in runs
    ]  # fmt: skip
    headers = (
        "STARTED", "SOURCE", "OUTCOME", "TOOK", "READ", "NEW", "UNCHANGED", "REVISED", "QUARANTINED", "PAGES", "TAKEN",
        "FILE",
    )  # fmt: skip
    errors = [
        f"{sign('failing')} {moment(calendar, run.started_at)} {safe(run.source)}: {_plain(run.error, run.source)}"
        for run in runs
        if run.error and run.error not in told
    ]
    return "\n".join([table(headers, rows, "<<<>>>>>>>><"), *errors])


def took(run: RunRow) -> str:
    """Return how long a run took."""
    if run.finished_at is None:
        return NONE
    seconds = (run.finished_at - run.started_at) / 1_000_000
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def size(count: int) -> str:
    """Return bytes in their largest decimal unit: ``1.3 MB``."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} B"


def operations_text(view: OperationsView, calendar: Calendar) -> str:
    """Return the operations screen for reading from top to bottom."""
    parts = [table(*source_rows(view.sources, view.now, calendar), "<<>><>")]
    errors = {line.name: line.error for line in view.sources}
    cut_off, away = no_connection(errors)
    parts += [f"{sign('failing')} {away}"] if away else []
    for line in view.sources:
        said = line.remedy if line.name in cut_off else line.error, line.remedy
        told = [_plain(text, line.name) for text in dict.fromkeys(said) if text]
        if told:
            parts.append(f"{sign(line.state)} {safe(line.name)}: {'; '.join(told)}")
    parts += ["", runs_text(view.runs, calendar, set(errors.values()), simulated=view.head.kind == "demo")]
    if view.quarantined:
        what = counted(view.quarantined, "record", "records")
        parts += ["", f"{sign('quarantine')} {what} in quarantine: northstar quarantine"]
        parts += [
            f"  {safe(each.source)} {safe(where_from(each.file, each.line))}, {safe(each.field)}: {safe(each.reason)}"
            for each in view.quarantine[:5]
        ]
    if view.settled:
        parts.append(f"  {counted(view.settled, 'record', 'records')} settled: northstar quarantine --all")
    facts = view.facts
    parts += [
        "",
        f"store: {size(facts.bytes)}, {counted(facts.events, 'event', 'events')}, "
        f"{entries_words(facts.entries, facts.open)}, schema {facts.schema}, {facts.zone}",
    ]
    return "\n".join(parts)


def _plain(error: str, source: str) -> str:
    """Return an error to stand behind its source's name."""
    return safe(error.removeprefix(f"{source}: "))


def source_rows(
    lines: Sequence[SourceLine], now: int, calendar: Calendar
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the headings and the rows of sources."""
    return _SOURCES, [_source(line, now, calendar) for line in lines]


_SOURCES = ("SOURCE", "STATE", "AGE", "NEXT RUN", "FAILED RUNS", "QUARANTINED")


def _source(line: SourceLine, now: int, calendar: Calendar) -> tuple[str, ...]:
    return (
        line.name,
        line.state + (", running" if line.running else ""),
        NONE if line.read_at is None else ago(now, line.read_at),
        NONE if line.next_run is None else moment(calendar, line.next_run),
        failed_runs(line, calendar),
        f"{line.quarantined:,}",
    )
